"""The whole path: from a device's MQTT message to an alarm that an officer sees, on real servers."""
import datetime
import json
import subprocess

import hj212
import servers
from servers import AREA, wait_for
from live import BYPASS, CEMS, METER, alarms_in, open_bypass, received, up, verdicts


def test_hub__answers_after_the_commit_and_judges_each_message_once(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    good = hj212.data(BYPASS, {"e10101": 0})
    for payload in (good, good, b"garbage", hj212.data(BYPASS, {"e10101": 1}, pw="000000"), b"",
                    good[:40], good.replace(b"e10101-Rtd=0", b"e10101-Rtd=9")):
        device.publish(up(BYPASS), payload)
    wait_for(lambda: len(verdicts(device)) == 7)
    assert verdicts(device) == ["accepted", "duplicate", "rejected", "quarantined", "rejected",
                                "rejected", "rejected"]
    answers = device.topic("/down/hj212")
    assert len(answers) == 3  # accepted, duplicate and quarantined; never what was rejected
    assert b"ST=91;CN=9014;" in answers[0].payload and hj212.frame(
        answers[0].payload[6:-6]) == answers[0].payload
    quarantined = hub.command("quarantine", "--config", hub.config, "list").stdout
    assert "123456" not in quarantined and "pw-wrong" in quarantined


def test_hub__several_frames_of_a_payload_are_answered_in_one(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/hj212")
    at = hj212.now()
    frames = [hj212.data(BYPASS, {"e10101": i}, at + datetime.timedelta(milliseconds=i))
              for i in range(3)]
    device.publish(up(BYPASS), b"".join(frames))
    wait_for(lambda: device.got)
    assert device.got[0].payload.count(b"CN=9014") == 3


def test_hub__a_burst_is_answered_whole(hub, connect):
    """A county that comes back from an outage: every frame that asks gets its answer."""
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/hj212")
    start = hj212.now() - datetime.timedelta(seconds=3)
    for i in range(2000):
        device.publish(up(BYPASS), hj212.data(
            BYPASS, {"e10101": i}, start + datetime.timedelta(milliseconds=i)))
    wait_for(lambda: len(device.got) == 2000)


def test_hub__answers_never_outgrow_the_brokers_packets(hub, connect):
    """The smallest frames have answers and verdicts longer than themselves: a full payload of them must not
    end the hub's session."""
    device = connect("device", f"ems/v1/{AREA}/M/down/#")
    frames = b"".join(hj212.frame(f"QN={i:04};ST=31;CN=2011;MN=M;Flag=5;CP=&&&&") for i in range(1200))
    device.publish(up("M"), frames)
    wait_for(lambda: received(hub) == 1200)
    wait_for(lambda: sum(m.payload.count(b"CN=9014") for m in device.topic("/down/hj212")) == 1200)
    (told,) = wait_for(lambda: device.topic("/down/verdict"))
    lines = [json.loads(line) for line in told.payload.decode().splitlines()]
    assert len(lines) - 1 + lines[-1]["omitted"] == 1200
    assert max(len(m.payload) for m in device.got) < 65000
    assert hub.metric("hjhub_session_up") == 1


def test_hub__senml_is_answered_by_its_verdict(hub, connect):
    device = connect("meter", f"ems/v1/{AREA}/{METER}/down/verdict")
    device.publish(up(METER, "senml"), hj212.pack(METER, {"d20101": 400.5}, qn="q-1"))
    device.publish(up(METER, "senml"), bytes.fromhex("9a08000000"))
    wait_for(lambda: len(device.got) == 2)
    first, second = (json.loads(m.payload) for m in device.got)
    assert (first["verdict"], first["qn"]) == ("accepted", "q-1")
    assert second["verdict"] == "rejected"


def test_hub__an_open_bypass_becomes_an_alarm_everywhere(hub, redis, connect):
    officer = connect("officer", f"ems/v1/{AREA}/alarm/#")
    device = connect("device")
    open_bypass(device)
    event = json.loads(wait_for(lambda: officer.topic("/alarm/event"), 60)[0].payload)
    data = event["data"]
    assert (data["rule"], data["subject"], data["from"], data["to"], data["severity"]) == (
        "bypass-damper-open", "L1", "normal", "active-unack", "S1")
    assert "42.5 %" in data["text"]["zh"] and "42.5 %" in data["text"]["en"]
    wait_for(lambda: [m for m in officer.got if m.topic.endswith("/open/" + data["alarm"])])
    wait_for(lambda: data["alarm"] in alarms_in(redis))
    late = connect("late", f"ems/v1/{AREA}/alarm/open/+")
    wait_for(lambda: late.got)
    assert late.got[0].retain

    cmd = f"ems/v1/{AREA}/alarm/cmd/officer"
    results = connect("results", cmd + "/result")
    for command in ({"id": "1", "action": "acknowledge", "alarm": data["alarm"], "transition": 7},
                    {"id": "2", "action": "acknowledge", "alarm": data["alarm"], "transition": 1},
                    {"id": "2", "action": "acknowledge", "alarm": data["alarm"], "transition": 1}):
        officer.publish(cmd, json.dumps(command))
    wait_for(lambda: len(results.got) == 3)
    assert [json.loads(m.payload)["result"] for m in results.got] == ["stale", "done", "repeated"]
    wait_for(lambda: alarms_in(redis)[data["alarm"]]["state"] == "active-ack")

    redis.client().flushall()  # also while running: rebuilt from what was said
    wait_for(lambda: alarms_in(redis).get(data["alarm"], {}).get("state") == "active-ack")
    listed = hub.command("alarms", "--config", hub.config, "--json").stdout
    assert json.loads(listed.splitlines()[0])["alarm"] == data["alarm"]


def test_hub__a_kill_loses_nothing_and_says_nothing_twice(hub, redis, connect):
    officer = connect("officer", f"ems/v1/{AREA}/alarm/event")
    device = connect("device")
    open_bypass(device)
    wait_for(lambda: officer.got, 60)
    for round_ in range(3):
        acknowledged = len(device.acknowledged)
        at = hj212.now()
        for i in range(200):
            device.publish(up(CEMS), hj212.data(
                CEMS, {"a34013": i}, at, qn=f"202601010000{round_:02d}{i:03d}", flag=4))
            if i == 100:
                hub.kill()
        wait_for(lambda: len(device.acknowledged) >= acknowledged + 200)
        hub.start()
        wait_for(lambda: stored(hub) >= (round_ + 1) * 200, 60)
    listed = {json.loads(m.payload)["id"] for m in officer.got}
    assert len({json.loads(m.payload)["data"]["alarm"] for m in officer.got
                if json.loads(m.payload)["data"]["rule"] == "bypass-damper-open"}) == 1
    assert listed
    hub.stop()
    verify = hub.command("replay", "--verify", "--json", hub.journal)
    assert json.loads(verify.stdout.splitlines()[-1])["verified"] is True, verify.stdout + verify.stderr


def stored(hub):
    """How many different frames of the kill test the hub has accepted."""
    out = hub.command("journal", "--journal", hub.journal, "list", "--stream", "came", "--payload").stdout
    return len({line for line in out.split("QN=202601010000")[1:] for line in [line[:5]]})


def test_hub__a_bad_reload_leaves_the_running_registry_in_force(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/verdict")
    devices = hub.registry / "devices.csv"
    good = devices.read_text()
    devices.write_text(good + "1.2E+13,bad,,cems,E1,O1,hj212,2017,10,123456,\n")
    answer = reload(hub)
    assert answer["result"] == "refused" and "spreadsheet" in answer["findings"][0]["words"]
    device.publish(up(BYPASS), hj212.data(BYPASS, {"e10101": 0}))
    wait_for(lambda: verdicts(device) == ["accepted"])
    devices.write_text(good.replace(BYPASS + ",", BYPASS[:-1] + "9,"))
    (hub.registry / "signals.csv").write_text(
        (hub.registry / "signals.csv").read_text().replace(BYPASS, BYPASS[:-1] + "9"))
    assert reload(hub)["result"] == "done"
    device.publish(up(BYPASS), hj212.data(BYPASS, {"e10101": 5}))
    wait_for(lambda: verdicts(device) == ["accepted", "quarantined"])


def reload(hub):
    import http.client
    import socket

    class Local(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(str(hub.folder / "hub.sock"))

    connection = Local("hub")
    connection.request("POST", "/control/reload", "{}")
    return json.loads(connection.getresponse().read())


def test_hub__what_was_quarantined_is_judged_again_once_the_registry_is_mended(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/NEW-1/down/verdict")
    device.publish(up("NEW-1"), hj212.data("NEW-1", {"e10101": 0}))
    wait_for(lambda: verdicts(device) == ["quarantined"])
    entry = json.loads(hub.command("quarantine", "--config", hub.config, "--json", "list").stdout.splitlines()[-1])
    assert "mn-unknown" in entry["rules"]
    with open(hub.registry / "devices.csv", "a") as table:
        table.write("NEW-1,new device,,cems,E1,O1,hj212,,10,123456,\n")
    assert reload(hub)["result"] == "done"
    before = received(hub)
    done = hub.command("quarantine", "--config", hub.config, "release", entry["sequence"])
    assert done.returncode == 0, done.stderr
    wait_for(lambda: "NEW-1" in hub.command("journal", "--journal", hub.journal, "list", "--stream", "came",
                                            "--kind", "command", "--payload").stdout)
    assert received(hub) == before  # it was received once
    listed = lambda: hub.command("quarantine", "--config", hub.config, "--json", "list")
    wait_for(lambda: json.loads(listed().stdout)["released"]["verdict"] == "accepted")
    assert listed().returncode == 0  # nothing waits for anybody


def test_hub__its_own_deafness_is_nobodys_absence(hub, broker, connect):
    """The hub is away while everybody goes on sending; what drains afterwards makes nobody absent."""
    watcher = connect("officer", f"ems/v1/{AREA}/alarm/event")
    device = connect("device")
    device.publish(up(CEMS), hj212.data(CEMS, {"a34013": 1}, flag=4))
    wait_for(lambda: received(hub) >= 1)
    hub.kill()
    for i in range(5):
        device.publish(up(CEMS), hj212.data(CEMS, {"a34013": i}, hj212.now(), qn=f"2026010100000{i:04d}", flag=4))
    wait_for(lambda: len(device.acknowledged) >= 6)
    hub.start()
    wait_for(lambda: received(hub) >= 5)
    assert not watcher.got


def test_hub__a_registry_that_fits_no_record_is_refused_in_words(tmp_path, broker, redis):
    county = tmp_path / "county"
    subprocess.run([servers.BUILD / "hjsim", "registry", "--devices", "3000", county], check=True)
    hub = servers.Hub(tmp_path, broker, redis, registry=county)
    hub.configure("journal", segment_size=1 << 20)
    hub.start(ready=False)
    wait_for(lambda: not hub.alive())
    assert hub.process.returncode == 2
    assert hub.said("event=load-refused") and hub.said("journal.segment_size")
