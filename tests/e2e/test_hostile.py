"""Hostile input on a live hub: it stays alive and small, judges each as `hjhub check` does, keeps passwords to
itself, writes nowhere it was told to, and its detection does not move."""
import datetime
import itertools
import json
import re
import subprocess
import threading

import hj212
import hostile
import pytest
import servers
from live import BYPASS, CEMS, METER, VERDICTS, key, received, up
from servers import AREA, HJHUB, wait_for
from story import REGISTRY, Plant, stamp


OF_WHAT_IS_REFUSED = {"packet-quality", "unregistered-or-spoofed", "duplicate-message", "clock-drift", "unmapped-factor"}


def fresh_qns(start):
    """A QN for each frame, a millisecond after the other."""
    return ((start + datetime.timedelta(milliseconds=i)).strftime("%Y%m%d%H%M%S%f")[:17] for i in itertools.count())


def judged(payloads, at, kind):
    """What `check` says of each payload: a list of verdicts."""
    if kind == "senml":
        text = "".join(payload.hex() + "\n" for payload in payloads)
        options = ["--format", "senml", "--hex", "/dev/stdin"]
    else:
        text = "".join(json.dumps({"frame": payload.decode("latin-1"), "enc": "latin-1"}) + "\n"
                       for payload in payloads)
        options = ["--vectors", "/dev/stdin"]
    done = subprocess.run([HJHUB, "check", "--json", "--registry", REGISTRY, "--direction", "up", "--at", at, *options],
                          input=text, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = [[] for _ in payloads]
    for line in done.stdout.splitlines():
        one = json.loads(line)
        found[one["vector"] - 1].append(one["verdict"])
    return found


def small(hub):
    """Bytes that the hub has allocated."""
    return int(re.search(r"RssAnon:\s+(\d+)", open(f"/proc/{hub.process.pid}/status", encoding="ascii").read())[1]) << 10


@pytest.fixture
def tight(tmp_path, broker, redis):
    hub = servers.Hub(tmp_path, broker, redis)
    hub.start(env={"ASAN_OPTIONS": "quarantine_size_mb=1"})
    yield hub
    assert hub.stop() == 0


def throw(device, mn, kind, payloads):
    """Publish them all, each with its number as Correlation Data and a Response Topic that is not the device's."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    for number, payload in enumerate(payloads):
        asked = Properties(PacketTypes.PUBLISH)
        asked.ResponseTopic = f"ems/v1/{AREA}/hub"
        asked.CorrelationData = b"%08d" % number + b"x" * (number % 2 * 3000)
        device.publish(up(mn, kind), payload, properties=asked)


def told(device, count):
    """The verdicts of each payload, by the Correlation Data that came back."""
    found = [[] for _ in range(count)]
    for message in device.topic("/down/verdict"):
        lines = [json.loads(line) for line in message.payload.decode().splitlines()]
        found[int(message.properties.CorrelationData[:8])] += [line["verdict"] for line in lines if "verdict" in line]
    return found


@pytest.mark.parametrize("mn, kind", [(BYPASS, "hj212"), (METER, "senml")])
def test_hostile__is_judged_as_check_does_and_leaks_nothing(tight, redis, connect, mn, kind):
    now = hj212.now()
    named = list(hostile.packs() if kind == "senml" else hostile.frames(fresh_qns(now)))
    payloads = [payload for _, payload in named]
    want = judged(payloads, now.isoformat(timespec="milliseconds"), kind)
    want = [["quarantined"] if CEMS in name else verdicts for (name, _), verdicts in zip(named, want)]  # not its topic
    device = connect("device", f"ems/v1/{AREA}/{mn}/down/#")
    watcher = connect("watcher", f"ems/v1/{AREA}/hub")
    before = small(tight)
    throw(device, mn, kind, payloads)
    total = sum(map(len, want))
    wait_for(lambda: received(tight) >= total, 120)
    wait_for(lambda: sum(map(bool, told(device, len(want)))) == len(want))
    got = told(device, len(want))
    assert [(name, mine[:50]) for (name, _), mine in zip(named, got)] == [
        (name, theirs[:50]) for (name, _), theirs in zip(named, want)]
    assert received(tight) == total == tight.metric("hjhub_received_total")
    for verdict in VERDICTS:
        assert tight.metric(f'hjhub_verdicts_total{{verdict="{verdict}"}}') == sum(v.count(verdict) for v in want)
    assert small(tight) - before < 64 << 20
    assert {json.loads(m.payload)["state"] for m in watcher.got} <= {"online"}
    seen = json.dumps(redis.client().xrange(key("quarantine"))) + tight.log.read_text(errors="replace") + tight.command(
        "quarantine", "--config", tight.config, "list").stdout
    leaks = re.findall(f".{{0,80}}{hostile.PW}.{{0,10}}", seen)
    assert leaks[:3] == []
    assert redis.client().xlen(key("quarantine")) <= 11000


def test_hostile__long_correlation_data_cuts_nobody_off(tight, connect):
    """A verdict that is as long as a packet may be, and Correlation Data that would make it longer."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/verdict")
    asked = Properties(PacketTypes.PUBLISH)
    asked.CorrelationData = b"x" * 30000
    device.publish(up(BYPASS), hj212.frame("ST=31") * 1500, properties=asked)
    assert len(wait_for(lambda: device.got)[0].payload) > 50000
    assert tight.metric("hjhub_session_losses_total") == 0


def test_hostile__topics_and_commands_are_survived(tight, connect):
    device = connect("device", f"ems/v1/{AREA}/{CEMS}/down/hj212", f"ems/v1/{AREA}/alarm/cmd/mallory/result")
    for topic in hostile.topics(AREA):
        device.publish(topic, hj212.data(CEMS, {"a34013": 1}))
    for command in hostile.commands():
        device.publish(f"ems/v1/{AREA}/alarm/cmd/mallory", command)
    device.publish(up(CEMS), hj212.data(CEMS, {"a34013": 7}))
    wait_for(lambda: device.topic("/down/hj212"))
    wait_for(lambda: len(device.topic("/result")) == len(hostile.commands()))
    assert {json.loads(m.payload)["result"] for m in device.topic("/result")} <= {
        "bad-command", "no-such-alarm", "no-finding", "repeated"}


def test_hostile__what_is_not_accepted_changes_no_detection():
    def story(thrown):
        told = Plant().live(0, 400, e10101=lambda s: 40 if 150 <= s < 300 else 0,
                            e10301=lambda s: int(not 150 <= s < 300))
        for second, payload, (mn, kind) in thrown:
            told.send(second, mn, payload, kind)
        return told
    at = stamp(200)
    thrown = []
    for mn, kind, payloads in ((BYPASS, "hj212", [p for _, p in hostile.frames(fresh_qns(hj212.now().replace(year=2025)))]),
                               (METER, "senml", [p for _, p in hostile.packs()])):
        for payload, verdicts in zip(payloads, judged(payloads, at, kind)):
            if "accepted" not in verdicts:
                thrown += [(second, payload, (mn, kind)) for second in (145, 205, 290)]
    calm, stormy = story([]), story(thrown)

    def said(told):  # but for the numbers of the records, of which there are more, and what speaks of refused ones
        return [{k: v for k, v in transition.items() if k != "evidence"} for transition in told.run()
                if transition["rule"] not in OF_WHAT_IS_REFUSED]
    assert len(thrown) > 200 and said(calm) == said(stormy) != []
    assert calm.counters["accepted"] == stormy.counters["accepted"]
    assert stormy.counters["received"] > calm.counters["received"] + len(thrown) - 1


def test_hostile__a_flood_from_one_stops_no_other(hub, connect):
    """Some hundred times what it should send. (Faster than the hub judges, all wait alike: nothing limits one.)"""
    flood, device = connect("flood"), connect("device", f"ems/v1/{AREA}/{CEMS}/down/hj212")
    over = threading.Event()

    def rage():
        while not over.wait(0.003):
            flood.publish(up(BYPASS), b"x" * 500)
    thread = threading.Thread(target=rage)
    thread.start()
    try:
        wait_for(lambda: received(hub) > 300)
        for count in range(1, 11):
            device.publish(up(CEMS), hj212.data(CEMS, {"a34013": count}))
            wait_for(lambda: len(device.got) == count, 10)
    finally:
        over.set()
        thread.join()
