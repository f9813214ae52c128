"""The host's commands to devices: asked by MQTT and on the command line, sent once, answered step by step."""
import datetime
import json
import re
import subprocess
import time

import pytest

import hj212
from live import CEMS, METER, health, said
from logger import Logger, field, heard
from servers import AREA, HJHUB, ROOT, Hub, wait_for
from test_asyncapi import fits

CMD = f"ems/v1/{AREA}/device/cmd/"


@pytest.fixture
def logger(hub, broker):
    """logger(script): the stack's data logger, already heard of."""
    yield from heard(hub, lambda script=None, **options: Logger(broker, script=script, **options))


@pytest.fixture
def hub_of(tmp_path, broker, redis):
    """hub_of(...): a hub of the test's own making, that ends with it however it ends."""
    made = []

    def make(**options):
        made.append(Hub(tmp_path, broker, redis, **options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


class Officer:
    def __init__(self, connect, name="li"):
        self.name = name
        self.client = connect(name, CMD + f"{name}/result")

    def give(self, command, id="c-1", mn=CEMS, **parameters):
        return self.client.publish(CMD + self.name, json.dumps({"id": id, "mn": mn, "command": command, **parameters}))

    def steps(self, id="c-1"):
        mine = f'"id":"{id}"'.encode()
        return [json.loads(m.payload) for m in self.client.topic("/result") if mine in m.payload]

    def states(self, id="c-1"):
        return [step["state"] for step in self.steps(id)]

    def wait(self, state, id="c-1", seconds=30):
        return wait_for(lambda: [step for step in self.steps(id) if step["state"] == state], seconds)[-1]


@pytest.fixture
def officer(connect):
    return Officer(connect)


def test_device__a_command_goes_down_and_its_steps_come_back(logger, officer):
    device = logger()
    officer.give("set-time", SystemTime="20261127093000")
    done = officer.wait("done")
    assert officer.states() == ["requested", "accepted", "done"]
    request, = device.requests
    assert re.fullmatch(rf"QN=\d{{17}};ST=31;CN=1012;PW=123456;MN={CEMS};Flag=5;CP=&&SystemTime=20261127093000&&", request)
    assert {step["qn"] for step in officer.steps()} == {field(request, "QN")}
    assert (done["by"], done["mn"], done["cn"], done["command"], done["ExeRtn"]) == ("li", CEMS, 1012, "set-time", 1)


def run(hub, *words):
    return hub.command("device", "--config", hub.config, *words)


def test_device__on_the_command_line_it_waits_and_prints_each_step(hub, logger, connect):
    everybody = connect("everybody", CMD + "#")
    logger({1011: ["9011=1", "data=SystemTime=20261127093011", "9012=1"], 3011: ["9011=2"], 3012: ["9011=1", "9012=5"]})
    done = run(hub, CEMS, "get-time")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1] for line in done.stdout.splitlines() if not line.startswith(" ")] == [
        "requested", "accepted", "executing", "done"]
    assert '"20261127093011"  SystemTime' in done.stdout
    refused = run(hub, "--json", CEMS, "3011", "PolId=a21026")
    steps = [json.loads(line) for line in refused.stdout.splitlines()]
    assert refused.returncode == 1 and [step["state"] for step in steps] == ["requested", "refused"]
    assert steps[-1]["QnRtn"] == 2 and steps[-1]["message"]["en"] == "refused" and steps[0]["cp"] == "PolId=a21026"
    assert steps[0]["by"].startswith("local:")
    failed = run(hub, "--json", CEMS, "sample", "PolId=a21026")
    assert failed.returncode == 1 and json.loads(failed.stdout.splitlines()[-1])["ExeRtn"] == 5
    assert everybody.got == []  # who asked here reads it here


def test_device__a_new_password_is_read_from_standard_input_and_shown_nowhere(hub, logger):
    device = logger()
    done = subprocess.run([HJHUB, "device", "--config", hub.config, "--json", CEMS, "set-password", "NewPW=-"],
                          input="s3cret\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "s3cret" not in done.stdout and "NewPW=s3cret" in device.requests[0]
    assert all("s3cret" not in json.dumps(step) for step in said(hub, "result"))


def test_device__what_was_given_while_the_hub_was_away_is_not_sent(hub, logger, officer):
    device = logger()
    hub.kill()
    officer.give("calibrate", PolId="a21026")
    hub.start()
    assert officer.wait("not-sent")["reason"] == "away"
    officer.give("calibrate", PolId="a21026")  # the same id, given again: it was not used up
    officer.wait("done")
    assert len(device.requests) == 1


def test_device__bad_input_is_told_what_the_command_takes(hub, logger):
    device = logger()
    for words, complaint in (
            ((CEMS, "burn"), "no command 'burn' that a host may send; 'hjhub device list' shows them"),
            ((CEMS, "set-time", "noon"), "'noon' is no NAME=VALUE; set-time takes\n      2005: "
                                         "[SystemTime=YYYYMMDDhhmmss] [PolId=1..6 characters]")):
        done = run(hub, *words)
        assert (done.returncode, done.stdout) == (2, "") and complaint in done.stderr
    for words, reason, detail in (
            ((CEMS, "1062", "RtdInterval=20"), "bad-parameter",
             "RtdInterval is out of its bounds; set-realtime-interval takes RtdInterval=30..3600"),
            ((CEMS, "set-time", "Time=1"), "bad-parameter", "Time is not known here; set-time takes [SystemTime="),
            ((CEMS, "calibrate"), "bad-parameter", "PolId is missing; calibrate takes PolId=1..6 characters"),
            ((CEMS, "get-hours", "BeginTime=20261102000000", "EndTime=20261101000000"), "bad-parameter", "is before BeginTime"),
            ((CEMS, "3022", "PolId=a21026"), "not-in-edition", ""), (("nobody", "1012"), "no-such-device", ""),
            ((METER, "1012"), "not-hj212", "")):
        done = run(hub, "--json", *words)
        told = json.loads(done.stdout)
        assert (done.returncode, told["state"], told["reason"]) == (1, "not-sent", reason)
        assert detail in told.get("detail", "")
    assert device.requests == []


def test_device__repeats_bear_the_same_qn_until_it_times_out(logger, officer):
    device = logger({1012: []})
    officer.give("1012", overtime_s=1, recount=2)
    officer.wait("timed-out")
    assert officer.states() == ["requested"] * 3 + ["timed-out"]
    assert [step["sent"] for step in officer.steps()[:3]] == [1, 2, 3]
    assert len(device.requests) == 3 and len(set(device.requests)) == 1


def test_device__one_is_open_for_each_mn_and_cn_and_few_for_a_device(logger, officer):
    device = logger({cn: [] for cn in (1011, 1061, 1063, 3018, 3019)})
    for id, command in enumerate(("get-time", "get-realtime-interval", "get-minute-interval")):
        officer.give(command, id=f"a{id}")
    officer.give("get-time", id="again")
    officer.give("3018", id="b", PolId="w01018")
    officer.give("3019", id="c", PolId="w01018")
    assert officer.wait("not-sent", "again")["reason"] == "already-open"
    assert officer.wait("not-sent", "c")["reason"] == "device-busy"
    officer.give("get-time", id="a0")
    assert officer.wait("not-sent", "a0")["reason"] == "repeated"
    wait_for(lambda: len(device.requests) == 4)
    assert {field(request, "CN") for request in device.requests} == {"1011", "1061", "1063", "3018"}


def test_device__a_retained_or_unreadable_command_is_not_obeyed(logger, officer):
    device = logger()
    officer.client.publish(CMD + "li", b"{")
    wait_for(lambda: officer.client.topic("/result"))
    fits("deviceResult", officer.client.topic("/result")[0].payload)
    officer.client.publish(CMD + "li", json.dumps({"id": "2", "command": "1012"}))
    officer.client.publish(CMD + "li", json.dumps({"id": "3", "mn": CEMS, "command": "1012"}), retain=True)
    wait_for(lambda: len(officer.client.topic("/result")) == 3)
    answers = [json.loads(m.payload) for m in officer.client.topic("/result")]
    assert [answer["reason"] for answer in answers[:2]] == ["bad-command"] * 2
    assert answers[2]["state"] in ("requested", "not-sent")  # the broker delivers it live, so it is no retained one yet
    assert len(device.requests) <= 1


def restart(hub):
    hub.kill()
    hub.start()


def test_device__after_a_kill_an_unfinished_one_is_unknown_and_never_sent_again(hub, logger, officer):
    device = logger({3011: ["9011=1"]})
    officer.give("calibrate", PolId="a21026")
    officer.wait("accepted")
    restart(hub)
    officer.wait("unknown")
    officer.give("set-time", id="c-2")  # and the hub goes on
    officer.wait("done", "c-2")
    assert officer.states() == ["requested", "accepted", "unknown"]
    assert [field(request, "CN") for request in device.requests] == ["3011", "1012"]
    hub.kill()
    device.send(9012, "ExeRtn=1", field(device.requests[0], "QN"), st=91)  # the broker keeps it for the hub
    hub.start()
    late = officer.wait("done")  # what became of it, after all
    assert late["late"] is True and officer.states() == ["requested", "accepted", "unknown", "done"]
    fits("deviceResult", json.dumps(late))
    assert hub.command("replay", "--verify", "--json", hub.journal).returncode == 0


def test_device__what_is_not_committed_is_not_sent_and_a_kill_there_leaves_it_unsent(
        tmp_path, broker, hub_of, connect, preload):
    hub = hub_of()
    hub.start(env=preload)
    device = Logger(broker)
    device.speak()
    wait_for(lambda: device.got)
    officer = Officer(connect)
    (tmp_path / "hold").touch()
    officer.give("calibrate", PolId="a21026")
    wait_for(lambda: said(hub, "result"))  # the intent stands in the journal
    probe = connect("probe", "probe/#")
    for i in range(50):
        probe.publish(f"probe/{i}", b"")
    wait_for(lambda: len(probe.got) == 50)
    assert device.requests == []
    hub.kill()
    (tmp_path / "hold").unlink()
    hub.start()
    officer.wait("unknown")
    assert officer.states() == ["requested", "unknown"] and device.requests == []
    device.close()
    assert hub.stop() == 0


def test_device__killed_at_any_moment_it_sends_at_most_once(hub, logger, officer):
    device = logger({1062: []})
    for i in range(8):
        officer.give("1062", id=f"k{i}", RtdInterval=str(60 + i), recount=0)
        time.sleep(i * 0.003)  # somewhere between arrival, intent, commit, publish and silence
        restart(hub)
        wait_for(lambda: officer.states(f"k{i}")[-1:] in (["unknown"], ["not-sent"]))
    sent = [field(request, "RtdInterval") for request in device.requests]
    assert len(sent) == len(set(sent)), sent


@pytest.mark.parametrize("answers", ["as the new user", "as itself"])
def test_device__gets_its_mn_where_it_has_none_yet(broker, hub_of, connect, answers):
    """2025: 1001 on new/<user>, then the host's 1002 there; it answers without its MN, or already with it."""
    hub = hub_of()
    add_editions(hub)
    table = hub.registry / "devices.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([f"{head},sender", *(f"{row},logger-7" for row in rows)]) + "\n", encoding="utf-8")
    hub.start()
    mn, number = DEVICES["9"][0], "6970000000001ABCDEFG1234"
    device = connect("logger-7", f"ems/v1/{AREA}/new/logger-7/down/hj212", f"ems/v1/{AREA}/{mn}/down/hj212")
    new, own = (f"ems/v1/{AREA}/{place}/up/hj212" for place in ("new/logger-7", mn))

    def frame(cn, cp, qn, of=""):
        return hj212.frame(f"QN={qn};ST=91;CN={cn};PW=123456;MN={of};Flag=8;CP=&&{cp}&&")

    for _ in range(2):
        asked = hj212.now().strftime("%Y%m%d%H%M%S%f")[:17]
        device.publish(new, frame(1001, f"i23005-Info={number};i23006-Info=\x1b[2J", asked))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 2)
    told = hub.command("device", "--journal", hub.journal, "--json", "wishes")
    wish, = map(json.loads, told.stdout.splitlines())
    assert (wish["cn"], wish["user"], wish["times"], told.returncode) == (1001, "logger-7", 2, 0)
    assert wish["information"] == {"i23005-Info": number, "i23006-Info": "\x1b[2J"} and wish["first"] <= wish["last"]
    shown = hub.command("device", "--config", hub.config, "wishes").stdout
    assert "1001  new/logger-7" in shown and f'i23005-Info="{number}"' in shown and "\x1b" not in shown
    officer = Officer(connect)
    officer.give("1002", id="early", mn=mn, **{"i23005-Info": number})
    assert officer.wait("not-sent", "early")["reason"] == "not-heard"  # nothing told its ST
    officer.give("set-mn", mn=mn, ST="31", **{"i23005-Info": number})
    request = wait_for(lambda: device.got)[0]
    assert request.topic.endswith("/new/logger-7/down/hj212")
    assert re.search(rf"QN=\d{{17}};ST=31;CN=1002;PW=123456;MN={mn};Flag=9;CP=&&i23005-Info={number}&&",
                     request.payload.decode())
    qn = field(request.payload.decode()[6:], "QN")
    connect("other").publish(f"ems/v1/{AREA}/new/other/up/hj212", frame(9011, "QnRtn=2", qn))
    device.publish(new, frame(9011, "QnRtn=1", qn))
    officer.wait("accepted")
    device.publish(*(new, frame(9012, "ExeRtn=1", qn)) if answers == "as the new user" else
                   (own, frame(9012, "ExeRtn=1", qn, mn)))
    officer.wait("done")
    assert officer.states() == ["requested", "accepted", "done"]
    for message in officer.client.topic("/result"):
        fits("deviceResult", message.payload)
    assert hub.command("replay", "--verify", "--json", hub.journal).returncode == 0
    assert hub.stop() == 0


DEVICES = {"5": ("14058100000001", "2005"), "7": (CEMS, "2017"), "9": ("010000A8900016F000169DC9", "2025")}
FLAGS = {"5": "3", "7": "5", "9": "9"}
PAGE = re.findall(r"^\| (\d{4}) \| ([a-z-]+) \| (\d+) \| [^|]+ \| (?:`([^`]+)`)?(?: with `(ST=44)`)? \|$",
                  (ROOT / "docs/commands.md").read_text(encoding="utf-8"), re.M)


def add_editions(hub):
    """The small registry, with a device of each edition."""
    table = hub.registry / "devices.csv"
    rows = [f"{mn},{edition},,cems,E1,O1,hj212,{edition},10,123456," for mn, edition in DEVICES.values() if mn != CEMS]
    table.write_text(table.read_text(encoding="utf-8") + "\n".join(rows) + "\n", encoding="utf-8")


def test_device__the_page_has_every_command_of_the_table_and_no_other():
    listed = {str(row["cn"]): row for row in map(json.loads, subprocess.run(
        [HJHUB, "device", "list", "--json"], capture_output=True, text=True, check=True).stdout.splitlines())}
    told = {}
    for cn, word, editions, _, _ in PAGE:
        assert listed[cn]["command"] == word
        told[cn] = "".join(sorted(set(told.get(cn, "") + editions)))
    assert told == {cn: "".join({"2005": "5", "2017": "7", "2025": "9"}[year] for year in row["takes"])
                    for cn, row in listed.items()} and len(told) > 35


def test_device__every_command_of_the_page_goes_to_each_edition_as_it_stands_there(broker, hub_of, connect):
    hub = hub_of()
    add_editions(hub)
    hub.start()
    history = {int(cn): ["9011=1", "data=DataTime=20261101120000;a21002-Avg=1,a21002-Flag=N", "9012=1"]
               for cn, *_ in PAGE if cn[0] == "2"}
    history.update({2012: ["9013"], 2022: ["9013"]})
    devices = {letter: Logger(broker, mn, history, flag=8 if letter == "9" else 4)
               for letter, (mn, _) in DEVICES.items()}
    for device in devices.values():
        device.speak()
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 3)
    officer = Officer(connect)
    for number, (cn, word, editions, cp, st) in enumerate(PAGE):
        if word in ("set-key", "set-mn"):
            continue  # a keyring: test_new_key.py; a device without MN: above
        parameters = dict(item.split("=", 1) for item in re.split("[;,]", cp) if item)
        parameters.update({"ST": "44"} if st else {})
        for letter in editions:
            officer.give(word if number % 2 else cn, id=f"{number}-{letter}", mn=DEVICES[letter][0], **parameters)
        for letter in editions:
            done = officer.wait("done", f"{number}-{letter}")
            want = (f"ST={44 if st else 31};CN={cn};PW=123456;MN={DEVICES[letter][0]};Flag={FLAGS[letter]};CP=&&{cp}&&")
            assert devices[letter].requests[-1].partition(";")[2] == want
            assert ("data" in done) == (cn[0] == "2" and cn not in ("2012", "2022"))
            assert all("654321" not in json.dumps(step) for step in officer.steps(f"{number}-{letter}"))
    for message in officer.client.topic("/result"):
        fits("deviceResult", message.payload)
    for device in devices.values():
        device.close()
    assert hub.command("replay", "--verify", "--json", hub.journal).returncode == 0
    assert hub.stop() == 0


def test_device__at_first_contact_it_is_set_and_its_clock_at_its_wish(broker, hub_of):
    hub = hub_of(registry=ROOT / "tests/golden/registry-asking")
    hub.start()
    device = Logger(broker)
    device.speak()
    wait_for(lambda: len(device.requests) == 6)
    assert [field(request, "CN") for request in device.requests] == ["1012", "1000", "1062", "1064", "2011", "2021"]
    wait_for(lambda: hub.metric('hjhub_device_commands_total{state="done"}') == 6)
    device.send(1013, "", flag=5)
    wait_for(lambda: len(device.requests) == 7)
    assert field(device.requests[6], "CN") == "1012"
    clock = field(device.requests[6], "SystemTime")
    assert abs((hj212.now() - datetime.datetime.strptime(clock + "+0800", "%Y%m%d%H%M%S%z")).total_seconds()) < 60
    assert {step["by"] for step in said(hub, "result")} == {"hub:first-contact", "hub:clock"}
    wait_for(lambda: hub.metric('hjhub_device_commands_total{state="done"}') == 7)
    assert hub.metric("hjhub_device_commands_open") == 0
    device.close()
    assert hub.stop() == 0


def test_device__commands_that_nobody_hears_show_in_health(hub, officer, logger):
    device = logger({cn: [] for cn in (1011, 1012, 1061, 1063, 2012)})
    for command in ("1011", "1012", "1061", "1063"):
        officer.give(command, id=command, overtime_s=1, recount=0)
    officer.wait("timed-out", "1063")
    officer.give("2012", id="2012", overtime_s=1, recount=0)
    officer.wait("timed-out", "2012")
    wait_for(lambda: health(hub)["device-commands"]["status"] == "warn")
    del device.script[1012]
    officer.give("1012", id="again")
    wait_for(lambda: health(hub)["device-commands"]["status"] == "ok")
