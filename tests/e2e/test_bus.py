"""What goes over the bus to whom: answers, verdicts, the plant's alarms, officers' commands, what is retained."""
import datetime
import json
import shutil

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

import hj212
import servers
from secure import Client, SecureBroker, password
from servers import AREA, ROOT, wait_for

CEMS = "010000A8900016F000169DC0"
BYPASS = "010000A8900016F000169DC1"
PLANT = {CEMS, BYPASS, "METER-E1"}  # the devices of E1; FUME-E2 is a neighbour's
RULES = """
- rule: opened
  title: {zh: 旁路开启, en: Bypass opened}
  scope: linkage
  when: bypass.opening > 50 %
  raise_after: 0 s
  clear_when: bypass.opening <= 50 %
  clear_after: 0 s
  severity: S3
  text: {zh: "{bypass.opening}", en: "{bypass.opening}"}
  source: {cite: a test, sure: high}
- rule: fast
  title: {zh: 流速过高, en: Too fast}
  scope: signal
  of: {quantity: [velocity], kind: [bypass]}
  when: value > 10 m/s
  raise_after: 0 s
  clear_when: value <= 10 m/s
  clear_after: 0 s
  severity: S1
  text: {zh: "{value}", en: "{value}"}
  source: {cite: a test, sure: high}
"""


def topic(tail):
    return f"ems/v1/{AREA}/{tail}"


@pytest.fixture
def rules(tmp_path):
    """Two rules that raise and clear with one frame each."""
    folder = tmp_path / "rules"
    folder.mkdir()
    shutil.copy(ROOT / "rules/00-quantities.yaml", folder)
    (folder / "test.yaml").write_text(RULES)
    return folder


@pytest.fixture
def quick(tmp_path, broker, redis, rules):
    server = servers.Hub(tmp_path, broker, redis, rules=rules)
    server.start()
    yield server
    assert server.stop() == 0


class Stories:
    """Frames of the bypass monitor, each a little later than the one before."""

    def __init__(self, device):
        self.device = device
        self.at = hj212.now() - datetime.timedelta(minutes=10)

    def tell(self, **values):
        self.at += datetime.timedelta(seconds=10)
        names = {"opening": "e10101", "velocity": "a01011"}
        self.device.publish(topic(f"{BYPASS}/up/hj212"), hj212.data(
            BYPASS, {names[name]: value for name, value in values.items()}, self.at, flag=4))


def spoken(messages):
    """What the hub said of alarms, in the order it came."""
    return [m.topic.split("/", 3)[3] for m in messages if "/alarm" in m.topic]


# --- the plant ---


def test_bus__a_plant_hears_of_the_lesser_alarms_first_and_of_its_own_only(quick, connect):
    everybody = connect("everybody", topic("#"))
    story = Stories(connect("device"))
    story.tell(opening=60)  # S3, of a linkage
    wait_for(lambda: len(spoken(everybody.got)) == 5)
    said = spoken(everybody.got)
    assert {tail.split("/")[0] for tail in said[:3]} == PLANT and all("/down/alarm" in t for t in said[:3])
    assert said[3] == "alarm/event" and said[4].startswith("alarm/open/")
    everybody.got.clear()
    story.tell(velocity=20)  # S1, of one device: after the officers
    wait_for(lambda: len(spoken(everybody.got)) == 5)
    said = spoken(everybody.got)
    assert said[0] == "alarm/event" and said[1].startswith("alarm/open/")
    assert {tail.split("/")[0] for tail in said[2:]} == PLANT and all("/down/alarm" in t for t in said[2:])
    payloads = {m.payload for m in everybody.got if "/alarm" in m.topic}
    assert len(payloads) == 1 and json.loads(payloads.pop())["data"]["rule"] == "fast"


@pytest.fixture
def forgetful(tmp_path):
    """A broker whose access list forgets the plants."""
    broker = SecureBroker(tmp_path, [BYPASS], {"li": "officer"})
    acl = tmp_path / "broker/acl"
    acl.write_text(acl.read_text().replace("/+/down/+", "/+/down/hj212"))
    broker.start()
    (tmp_path / "password").write_text(password(f"hub-{AREA}") + "\n")
    yield broker
    broker.stop()


def test_bus__a_refused_topic_holds_up_no_other(tmp_path, forgetful, redis, rules):
    """Each alarm still reaches the officers, once."""
    hub = servers.Hub(tmp_path, forgetful, redis, rules=rules, bus={"password_file": str(tmp_path / "password")})
    hub.start()
    officer, device = Client(forgetful, "li", topics=[topic("alarm/event")]), Client(forgetful, BYPASS)
    story = Stories(device)
    for opening in (60, 0, 60, 0):
        story.tell(opening=opening)
    wait_for(lambda: len(officer.got) >= 4)
    wait_for(lambda: hub.metric("hjhub_publishes_pending") == 0)
    assert len(officer.got) == len({json.loads(m.payload)["id"] for m in officer.got}) == 4
    assert hub.metric('hjhub_publishes_total{result="refused"}') == 4 * len(PLANT)
    assert hub.said("event=publish-refused") and hub.said("Not authorized")
    for client in (officer, device):
        client.close()
    assert hub.stop() == 0


# --- answers and verdicts ---


def asking(where, correlation):
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic = where
    properties.CorrelationData = correlation
    return properties


def test_bus__a_response_topic_asks_and_leads_nowhere_else(quick, connect):
    everybody = connect("everybody", topic("#"), "elsewhere/#")
    device = connect("device")
    up = topic(f"{CEMS}/up/hj212")
    for i, where in enumerate([None, topic("FUME-E2/down/verdict"), topic("alarm/event"), "elsewhere/x"]):
        frame = hj212.data(CEMS, {"a34013": i}, qn=f"2026010100000000{i}", flag=4)
        device.publish(up, frame, **({"properties": asking(where, b"c\0%d" % i)} if where else {}))
    wait_for(lambda: len(everybody.topic("/down/verdict")) == 3)
    device.publish(topic("end"), "")
    wait_for(lambda: everybody.topic("/end"))
    got = everybody.topic("/down/verdict")
    assert {m.topic for m in got} == {topic(f"{CEMS}/down/verdict")}  # unasked, accepted: silence
    assert [m.properties.CorrelationData for m in got] == [b"c\x001", b"c\x002", b"c\x003"]
    assert [json.loads(m.payload)["qn"][-1] for m in got] == ["1", "2", "3"]
    assert all(m.qos == 0 and 0 < m.properties.MessageExpiryInterval <= 60 for m in got)
    assert not [m for m in everybody.got if m.topic.startswith(("elsewhere", topic("FUME"), topic("alarm")))]


def test_bus__a_device_of_the_older_mqtt_is_served_alike(quick, broker):
    got, ready = [], []
    device = mqtt.Client(client_id="old", protocol=mqtt.MQTTv311)
    device.on_message = lambda c, u, m: got.append(m)
    device.on_subscribe = lambda *a: ready.append(True)
    device.connect("127.0.0.1", broker.port)
    device.loop_start()
    device.subscribe(topic(f"{BYPASS}/down/+"), 1)
    wait_for(lambda: ready)
    device.publish(topic(f"{BYPASS}/up/hj212"), hj212.data(BYPASS, {"e10101": 60}), qos=1)
    wait_for(lambda: len(got) == 3)
    assert {m.topic.rsplit("/", 1)[1] for m in got} == {"hj212", "verdict", "alarm"}
    alarm = next(json.loads(m.payload) for m in got if m.topic.endswith("alarm"))
    assert alarm["specversion"] == "1.0" and alarm["data"]["rule"] == "opened"
    device.disconnect()
    device.loop_stop()


@pytest.mark.parametrize("cn, answer, cp", [(2011, 9014, "DataTime={};e10101-Rtd=1"), (2081, 9014, "DataTime={};RestartTime={}"),
                                            (1013, 9013, "PolId=e10101"), (9015, 9013, "")])
def test_bus__data_is_answered_9014_and_a_notice_9013(quick, connect, cn, answer, cp):
    device = connect("device", topic(f"{BYPASS}/down/hj212"))
    stamp = hj212.now().strftime("%Y%m%d%H%M%S")
    device.publish(topic(f"{BYPASS}/up/hj212"), hj212.frame(
        f"QN={stamp}007;ST=31;CN={cn};PW=123456;MN={BYPASS};Flag=5;CP=&&{cp.format(stamp, stamp)}&&"))
    wait_for(lambda: device.got)
    assert device.got[0].payload == hj212.frame(
        f"QN={stamp}007;ST=91;CN={answer};PW=123456;MN={BYPASS};Flag=4;CP=&&&&")
    assert device.got[0].qos == 0 and 0 < device.got[0].properties.MessageExpiryInterval <= 60


def test_bus__a_device_without_an_mn_is_answered_at_its_user(quick, connect):
    device = connect("device", topic("#"))
    stamp = hj212.now().strftime("%Y%m%d%H%M%S")
    ask = f"QN={stamp}007;ST=91;CN=1001;PW=123456;MN=;Flag=9;CP=&&i23005-Info=012345678901234567890123&&"
    device.publish(topic("new/logger-7/up/hj212"), hj212.frame(ask))
    answers = wait_for(lambda: device.topic("/down/hj212"))
    assert answers[0].topic == topic("new/logger-7/down/hj212")
    assert answers[0].payload == hj212.frame(f"QN={stamp}007;ST=91;CN=9013;PW=123456;MN=;Flag=8;CP=&&&&")


def test_bus__before_activation_only_its_own_commands_are_believed(quick, connect):
    """2025: 1001 and the answers to 1002 have an empty MN; anything else on new/<user> is quarantined."""
    device = connect("device", topic("#"))
    stamp = hj212.now().strftime("%Y%m%d%H%M%S")

    def verdict(place, cn, mn="", cp="", flag=8):
        before = len(seen())
        device.publish(topic(place), hj212.frame(
            f"QN={stamp}{before:03};ST=91;CN={cn};PW=123456;MN={mn};Flag={flag};CP=&&{cp}&&"))
        return wait_for(lambda: seen()[before:])[0]["verdict"]

    def seen():
        listed = quick.command("journal", "--journal", quick.journal, "--stream", "said", "--kind", "verdict", "list")
        return [json.loads(line) for line in listed.stdout.splitlines()]

    new = "new/logger-7/up/hj212"
    assert verdict(new, 1001, cp="i23005-Info=012345678901234567890123") == "accepted"
    assert verdict(new, 9011, cp="QnRtn=1") == "accepted"
    assert verdict(new, 9012, cp="ExeRtn=1") == "accepted"
    assert verdict(new, 2011, cp=f"DataTime={stamp}") == "quarantined"
    assert verdict(new, 1001, mn=BYPASS) == "quarantined"
    assert verdict(f"{BYPASS}/up/hj212", 1001) == "quarantined"
    assert device.topic("/down/hj212") == []  # none of them asked


# --- commands ---


def raised(quick, connect):
    """An officer who hears of an open alarm, and its id."""
    officer = connect("li", topic("alarm/event"), topic("alarm/cmd/+/result"))
    Stories(connect("device")).tell(opening=60)
    event = wait_for(lambda: officer.topic("/event"))[0]
    return officer, json.loads(event.payload)["subject"]


def test_bus__a_command_is_obeyed_once_and_each_refusal_is_told(quick, connect):
    officer, alarm = raised(quick, connect)

    def ask(user, payload, **options):
        before = len(officer.topic("/result"))
        officer.publish(topic(f"alarm/cmd/{user}"), payload if isinstance(payload, bytes)
                        else json.dumps(payload), **options)
        result = wait_for(lambda: officer.topic("/result")[before:])[0]
        assert result.topic == topic(f"alarm/cmd/{user}/result") and result.qos == 1
        assert result.properties.ContentType == "application/json"
        assert 0 < result.properties.MessageExpiryInterval <= 3600
        return json.loads(result.payload)["result"]

    def act(ident, action, **more):
        return {"id": ident, "action": action, "alarm": alarm, **more}

    assert ask("li", act("r", "acknowledge"), retain=True) == "retained"
    officer.publish(topic("alarm/cmd/li"), b"", retain=True)
    wait_for(lambda: len(officer.topic("/result")) == 2)
    for bad in (b"{", b"\xff\xfe", b'{"id":"\xff","action":"acknowledge","alarm":"x"}', b"[]", b"{}",
                b'{"id":"1","id":"2","action":"acknowledge","alarm":"x"}', act("1", "dance"),
                b'{"id":"1","action":"acknowledge","alarm":{"a":1}}'):
        assert ask("li", bad) == "bad-command", bad
    assert ask("li", act("2", "acknowledge", alarm="0" * 32)) == "no-such-alarm"
    assert ask("li", act("3", "acknowledge", transition=9)) == "stale"
    assert ask("li", act("4", "close", finding="bypass")) == "wrong-state"
    assert ask("li", act("5", "shelve")) == "no-reason"
    assert ask("li", act("6", "shelve", reason="x", until="2099-01-01T00:00:00+08:00")) == "not-shelvable"
    assert ask("li", act("7", "acknowledge")) == "done"
    assert ask("li", act("7", "acknowledge")) == "repeated"
    assert ask("wang", act("7", "assign", assignee="zhang")) == "done"  # his 7 is not hers
    by = [json.loads(m.payload)["data"].get("by") for m in officer.topic("/event")]
    assert [name for name in by if name] == ["li", "wang"]  # of the topic, whatever the payload says
    quick.kill()
    officer.got.clear()
    quick.start()
    for user, command in (("li", act("7", "acknowledge")), ("wang", act("7", "assign", assignee="li"))):
        officer.publish(topic(f"alarm/cmd/{user}"), json.dumps(command))
        wait_for(lambda: "repeated" in [json.loads(m.payload)["result"] for m in officer.topic(f"{user}/result")])


# --- what is retained ---


def retained(connect, name):
    """What stands at alarm/open/+ for whoever comes now, and as it changes."""
    client = connect(name, topic("alarm/open/+"))

    def standing():
        newest = {m.topic.rsplit("/", 1)[1]: m.payload for m in list(client.got)}
        return {alarm: payload for alarm, payload in newest.items() if payload}
    return standing


def test_bus__what_is_retained_of_open_alarms_is_repaired_at_the_connect(quick, broker, connect):
    _, alarm = raised(quick, connect)
    true = wait_for(retained(connect, "before"))
    assert list(true) == [alarm]
    quick.kill()
    vandal = connect("vandal")
    old = json.loads(true[alarm])
    old["data"]["transition"] = 0
    for name, payload in ((alarm, json.dumps(old)), ("f" * 32, true[alarm]), ("no id", "no json"),
                          ("x" * 100, '{"transition":1}'), ("\u62a5\u8b66", "{}")):
        vandal.publish(topic(f"alarm/open/{name}"), payload, retain=True)
    wait_for(lambda: len(vandal.acknowledged) == 5)
    quick.start()
    after = retained(connect, "after")
    wait_for(lambda: after() == true)
    assert quick.said("event=retained-repaired mended=1 emptied=4")
    assert quick.stop() == 0
    quick.start()
    assert quick.log.read_text().count("event=retained-repaired") == 1  # what is right is left alone
    broker.stop()  # and comes back without its files
    (broker.folder / "mosquitto.db").unlink()
    broker.start()
    wait_for(lambda: quick.said("event=retained-repaired mended=1 emptied=0"))
    at_last = retained(connect, "at last")
    wait_for(lambda: at_last() == true)
