"""Messages that come in sub-packets: joined by the hub and by `hjhub check`, and again in a replay."""
import datetime
import json
import shutil
import subprocess

import hj212
from live import BYPASS, CEMS, received, said, up
from servers import HJHUB, ROOT, wait_for
from test_asyncapi import fits

LATER = datetime.timedelta(seconds=1)


def part(number, total, items, at, mn=CEMS, cn=2061, flag=7):
    """Part `number` of `total`; each part has a QN of its own."""
    stamp = at.replace(minute=0, second=0).strftime("%Y%m%d%H%M%S")
    qn = (at + number * LATER).strftime("%Y%m%d%H%M%S") + "000"
    return hj212.frame(f"QN={qn};ST=31;CN={cn};PW=123456;MN={mn};Flag={flag};PNUM={total};PNO={number};"
                       f"CP=&&DataTime={stamp};{items}&&")


def lines(messages):
    return [json.loads(line) for m in messages for line in m.payload.decode().splitlines()]


WHOLE = ["a21026-Min=1,a21026-Avg=2,a21026-Max=3,a21026-Flag=N", "a21002-ZsAvg=9,a21002-Flag=N"]
ODD = ["a21026-Min=4,a21026-Avg=2", "a21026-Max=3,a21026-Flag=N"]


def test_parts__are_answered_one_by_one_and_told_as_a_whole(hub, connect):
    device = connect("device")
    watcher = connect("watcher", up(CEMS).replace("/up/hj212", "/down/#"), up(BYPASS).replace("/up/hj212", "/down/#"))
    at = hj212.now() - datetime.timedelta(hours=2)
    for number, items in enumerate(WHOLE, 1):
        device.publish(up(CEMS), part(number, 2, items, at))
        device.publish(up(BYPASS), part(number, 2, items, at, BYPASS))  # its verdicts are asked for
    odd_at = at - datetime.timedelta(hours=1)
    for number in (2, 1):
        device.publish(up(CEMS), part(number, 2, ODD[number - 1], odd_at))
    wait_for(lambda: len(watcher.topic(f"{CEMS}/down/hj212")) == 4)
    wait_for(lambda: sum("joined" in line for line in lines(watcher.topic("/down/verdict"))) == 2)
    told = {line["mn"]: line for line in lines(watcher.topic("/down/verdict")) if "joined" in line}
    assert told[BYPASS]["joined"] == "complete" and told[BYPASS]["rules"] == [] and told[BYPASS]["missing"] == []
    assert [rule["id"] for rule in told[CEMS]["rules"]] == ["min-avg-max"]
    assert received(hub) == 6 == hub.metric('hjhub_verdicts_total{verdict="accepted"}')
    assert hub.metric('hjhub_joined_total{result="complete"}') == 3
    assert hub.metric('hjhub_joined_total{result="incomplete"}') == 0
    journaled = said(hub, "joined")
    assert len(journaled) == 3 and told[CEMS] in journaled
    for line in told.values():
        fits("joined", json.dumps(line))
    device.publish(up(CEMS), part(1, 2, ODD[0], at + datetime.timedelta(hours=1)))
    wait_for(lambda: received(hub) == 7)
    hub.kill()  # what is held is in the journal, and waits on
    hub.start()
    device.publish(up(CEMS), part(2, 2, ODD[1], at + datetime.timedelta(hours=1)))
    wait_for(lambda: len(said(hub, "joined")) == 4)
    assert [rule["id"] for rule in said(hub, "joined")[-1]["rules"]] == ["min-avg-max"]
    hub.kill()  # right behind what it said last: that is not said again
    hub.start()
    assert len(said(hub, "joined")) == 4
    hub.stop()
    done = subprocess.run([HJHUB, "replay", "--verify", hub.journal], capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["verified"], done.stderr


def check(data, *arguments):
    done = subprocess.run([HJHUB, "check", "--json", *map(str, arguments)], input=data, capture_output=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_check__joins_the_parts_of_one_input():
    at = datetime.datetime(2026, 9, 1, 8, tzinfo=hj212.CST)
    whole = b"".join(part(number, 2, items, at) for number, items in enumerate(WHOLE, 1))
    status, (_, _, joined) = check(whole)
    assert status == 0 and joined["joined"] == "complete" and joined["rules"] == []
    status, (_, _, joined) = check(b"".join(part(number, 2, items, at) for number, items in enumerate(ODD, 1)))
    assert [item["field"] for item in joined["items"]] == ["Avg", "Max"] and status == 1
    status, (first, joined) = check(part(2, 3, ODD[1], at))
    assert first["verdict"] == "accepted" and joined["missing"] == [1, 3] and status == 1


def test_check__judges_a_conversion_whose_oxygen_stands_in_another_part(tmp_path):
    shutil.copytree(ROOT / "tests/golden/registry-small", tmp_path / "registry")
    outlets = tmp_path / "registry/outlets.csv"
    outlets.write_text(outlets.read_text().replace("foundry,E1,", "foundry,E1,9"))
    at = datetime.datetime(2026, 9, 1, 8, tzinfo=hj212.CST)
    for converted, wrong in (("26.67", False), ("90", True)):  # 20 * (21 - 9) / (21 - 12)
        items = ["a19001-Avg=12,a19001-Flag=N", f"a21026-Avg=20,a21026-ZsAvg={converted},a21026-Flag=N"]
        data = b"".join(part(number, 2, cp, at) for number, cp in enumerate(items, 1))
        _, lines = check(data, "--registry", tmp_path / "registry")
        assert ("conversion-wrong" in {rule["id"] for rule in lines[-1]["rules"]}) == wrong, lines[-1]
        assert not any(rule["id"] == "conversion-wrong" for line in lines[:-1] for rule in line["rules"])
