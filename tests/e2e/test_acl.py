"""Who may write and read what, on a real broker with the shipped configuration and access list."""
import shutil
import subprocess

import pytest

from secure import MOSQUITTO, Client, SecureBroker, password
from servers import AREA, ROOT, wait_for

HUB = f"hub-{AREA}"
DEVICES = ["MN-A", "MN-B", "G-1", "G-2"]  # G-1 and G-2 stand behind the gateway GW
USERS = {"li": "officer", "wang": "controller", "rd": "reader"}
ODD = ["+", "x/#"]  # as user names these would match everybody's pattern
NAMES = ["MN-A", "MN-B", "GW", *ODD, *USERS, HUB]
KINDS = ["up/hj212", "up/senml", "up/filing", "down/hj212", "down/verdict", "down/alarm"]


def topic(tail):
    return f"ems/v1/{AREA}/{tail}"


def all_topics():
    tails = ["alarm/event", "alarm/open/X", "hub", "hub/health", "hub/probe", "other", "new/x"]
    for name in ["MN-A", "MN-B", "GW", "G-1", "G-2", "li", "rd", HUB]:
        tails += [f"{name}/{kind}" for kind in KINDS]
        tails += [f"new/{name}/up/hj212", f"new/{name}/down/hj212"]
    for name in ["li", "wang", "rd", "MN-A"]:
        for what in ["alarm", "device"]:
            tails += [f"{what}/cmd/{name}", f"{what}/cmd/{name}/result"]
    return [topic(tail) for tail in tails] + ["ems/v1/140582/MN-A/up/hj212", "ems/v1/140582/hub", "x"]


def may(user, verb, where):
    """The table of the design, told once more and not from the access list."""
    if not where.startswith(f"ems/v1/{AREA}/"):
        return False
    level = where.split("/")[3:]
    write = verb == "write"
    if user in ODD:
        return False
    if user == HUB:
        if level[0] == "hub" or level[:2] == ["alarm", "open"]:
            return len(level) > 1 and level[1] == "health" and write or level[-1] != "health"
        if level[:2] == ["alarm", "event"]:
            return write
        if len(level) > 2 and level[1] == "cmd":
            return write == (level[-1] == "result")
        if level[0] in ("other",) or len(level) < 3 or level[-3:-1] == ["new"] or HUB in level:
            return False
        return write == ("down" in level)
    if user in USERS:
        if level == ["alarm", "event"] or level[:2] == ["alarm", "open"] or level[0] == "hub":
            return not write and level != ["hub", "probe"]
        allowed = {"officer": ["alarm"], "controller": ["alarm", "device"], "reader": []}[USERS[user]]
        if len(level) > 2 and level[1] == "cmd" and level[0] in allowed and level[2] == user:
            return write == (level[-1] != "result")
        return False
    own = ["G-1", "G-2"] if user == "GW" else [user]
    if level[0] == "new" and len(level) == 4:
        return level[1] == user and write == (level[2] == "up")
    return len(level) == 3 and level[0] in own and write == (level[1] == "up")


@pytest.fixture
def registry(tmp_path):
    """Two devices behind a gateway; a byte order mark and a quoted comma, as spreadsheets write them."""
    folder = shutil.copytree(ROOT / "tests/golden/registry-small", tmp_path / "registry")
    (folder / "devices.csv").write_bytes(
        "\ufeffmn,name,kind,enterprise,format,interval_s,sender\r\n"
        'MN-A,"a, with a comma",cems,E1,hj212,10,\r\nMN-B,b,cems,E1,hj212,10,MN-B\r\n'
        "G-1,g,cems,E1,hj212,10,GW\r\nG-2,g,cems,E1,hj212,10,GW\r\n".encode())
    return folder


@pytest.fixture
def secured(tmp_path, registry):
    server = SecureBroker(tmp_path, [*DEVICES, "GW", *ODD], USERS, registry)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(secured):
    clients = []

    def make(user, **options):
        clients.append(Client(secured, user, **options))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


def test_acl__each_writes_its_own_topics_and_no_other(client):
    spy = client("spy", topics=["#"])
    for name in NAMES:
        writer = client(name)
        sent = {writer.publish(where, name) for where in all_topics()}
        wait_for(lambda: sent <= writer.acknowledged)
    spy.publish("end", "")
    wait_for(lambda: spy.got and spy.got[-1].topic == "end")
    wrote = {(m.payload.decode(), m.topic) for m in spy.got if m.topic != "end"}
    want = {(name, where) for name in NAMES for where in all_topics() if may(name, "write", where)}
    assert wrote - want == set() and want - wrote == set()


def received(readers, spy):
    """What each has got, once the end has come to all of them."""
    ends = {name: next((w for w in all_topics() if may(name, "read", w)), None) for name in readers}
    for name, where in ends.items():
        if where:
            spy.publish(where, "end")
    for name, reader in readers.items():
        if ends[name]:
            wait_for(lambda: any(m.payload == b"end" for m in reader.got))
    return {(name, m.topic) for name, reader in readers.items() for m in reader.got
            if m.payload != b"end"}


@pytest.mark.parametrize("subscription", ["#", "$share/group-{}/#", "+/+/+/+/down/+"])
def test_acl__each_reads_its_own_topics_and_no_other(client, subscription):
    import paho.mqtt.client as mqtt
    readers = {name: client(name, topics=[subscription.format(i)]) for i, name in enumerate(NAMES)}
    spy = client("spy")
    for where in all_topics():
        spy.publish(where, "x")
    got = received(readers, spy) if "down" not in subscription else received_down(readers, spy)
    match = subscription if "$share" not in subscription else "#"
    want = {(name, where) for name in NAMES for where in all_topics()
            if may(name, "read", where) and mqtt.topic_matches_sub(match, where)}
    assert got - want == set() and want - got == set()


def received_down(readers, spy):
    """Only devices get anything here; officers' emptiness is covered by the barrier of the spy."""
    barrier = topic("G-2/down/alarm")
    spy.publish(barrier, "end")
    wait_for(lambda: any(m.payload == b"end" for m in readers["GW"].got))
    for name in ("MN-A", "MN-B"):
        spy.publish(topic(f"{name}/down/alarm"), "end")
        wait_for(lambda: any(m.payload == b"end" for m in readers[name].got))
    return {(name, m.topic) for name, reader in readers.items() for m in reader.got
            if m.payload != b"end"}


def test_acl__what_is_retained_is_read_by_the_same_rule(client):
    spy = client("spy")
    sent = {spy.publish(where, "kept", retain=True) for where in all_topics()}
    wait_for(lambda: sent <= spy.acknowledged)
    readers = {name: client(name, topics=["#"]) for name in NAMES}
    got = received(readers, spy)
    assert got == {(name, where) for name in NAMES for where in all_topics() if may(name, "read", where)}


def test_acl__a_will_is_a_publish_like_any_other(client, secured):
    spy = client("spy", topics=["#"])
    for name, where in (("MN-A", topic("MN-B/up/hj212")), ("li", topic("alarm/event")),
                        ("MN-B", topic("MN-B/up/hj212"))):
        client(name, will=where).drop()
        wait_for(lambda: secured.said(f"Client {name} closed its connection"))
    spy.publish("end", "")
    wait_for(lambda: spy.got and spy.got[-1].topic == "end")
    assert [m.topic for m in spy.got] == [topic("MN-B/up/hj212"), "end"]


@pytest.mark.parametrize("thief, victim", [("MN-B", "MN-A"), ("MN-B", HUB), ("li", HUB), ("MN-B", "li")])
def test_acl__a_borrowed_client_id_reaches_nobody_elses_session(client, thief, victim):
    spy = client("spy")
    where = next(w for w in all_topics() if may(victim, "read", w) and not may(thief, "read", w))
    own = client(victim, clean=False, topics=[where])
    client(thief, client_id=victim)  # while the victim is there
    spy.publish(where, "live")
    wait_for(lambda: [m.payload for m in own.got] == [b"live"])
    assert own.connected
    own.close()
    queued = spy.publish(where, "queued")
    wait_for(lambda: queued in spy.acknowledged)
    robber = client(thief, client_id=victim, clean=True, topics=[where])  # while it is away
    back = client(victim, clean=False)
    wait_for(lambda: [m.payload for m in back.got] == [b"queued"])
    assert robber.got == []


@pytest.mark.parametrize("user, secret", [("MN-A", "wrong"), ("MN-A", ""), (None, None),
                                          ("nobody", "x"), (HUB, password("MN-A"))])
def test_acl__who_does_not_prove_who_he_is_stays_out(client, user, secret):
    assert client(user, client_id="any", secret=secret).refused in (0x86, 0x87)


def test_acl__an_absent_hub_finds_all_that_was_acknowledged(client):
    """More than the default of 1,000, which drops the newest without a word."""
    import paho.mqtt.client as mqtt
    client(HUB, clean=False, topics=[topic("+/up/#")]).close()
    device = client("MN-A")
    device.client.max_inflight_messages_set(500)
    sent = [device.publish(topic("MN-A/up/hj212"), str(i)) for i in range(3000)]
    wait_for(lambda: set(sent) <= device.acknowledged)
    hub = client(HUB, clean=False)
    wait_for(lambda: len(hub.got) == 3000)
    assert [int(m.payload) for m in hub.got] == list(range(3000))
    assert isinstance(hub.client, mqtt.Client)


def test_acl__a_packet_above_the_limit_ends_its_connection_and_no_other(client):
    device, other = client("MN-A"), client("MN-B")
    spy = client("spy", topics=["#"])
    device.publish(topic("MN-A/up/hj212"), bytes(70_000))
    wait_for(lambda: not device.connected)
    other.publish(topic("MN-B/up/hj212"), bytes(60_000))
    wait_for(lambda: spy.got)
    assert {m.topic for m in spy.got} == {topic("MN-B/up/hj212")}


def test_acl__a_refusal_can_be_seen_in_the_brokers_log(client, secured):
    secured.stop()
    with open(secured.configuration, "a") as text:
        text.write("\nlog_type all\n")
    secured.start()
    device = client("MN-A")
    sent = device.publish(topic("MN-B/up/hj212"), "x")
    wait_for(lambda: sent in device.acknowledged)
    wait_for(lambda: secured.said("Denied PUBLISH from MN-A"))


def access_list(tmp_path, devices):
    (tmp_path / "devices.csv").write_text(devices, encoding="utf-8")
    return subprocess.run([MOSQUITTO / "make-acl", "--area", AREA, "--registry", tmp_path],
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("devices, words", [
    ("name,sender\nx,GW\n", "no column mn"), ("mn,sender\nA/B,GW\n", "devices.csv:2: no user name or MN: A/B"),
    ("mn,sender\nA,GW\nB,+\n", "devices.csv:3"), ("mn,sender\nA,#\n", "no user name or MN: #"),
    ("mn,sender\nA,hub-140581\n", "no user name or MN: hub-140581"), ("mn,sender\nA,alarm\n", "no user name"),
    ("mn,sender\nA,G W\n", "no user name"), ('mn,sender\nA,"G\nuser spy"\n', "no user name"),
    ("mn,sender\n" + "A" * 65 + ",GW\n", "no user name")])
def test_make_acl__refuses_a_registry_that_would_open_a_door(tmp_path, devices, words):
    done = access_list(tmp_path, devices)
    assert done.returncode == 1 and words in done.stderr, done.stdout


def test_make_acl__a_gateway_that_is_a_device_itself_keeps_its_own_topics(tmp_path):
    done = access_list(tmp_path, "mn,sender\nMN-A,\nG-1,MN-A\nG-2,GW\n")
    assert done.returncode == 0
    assert f"topic deny ems/v1/{AREA}/MN-A/#" not in done.stdout
    assert f"user MN-A\ntopic write ems/v1/{AREA}/G-1/up/+" in done.stdout
    assert f"topic deny ems/v1/{AREA}/GW/#" in done.stdout


@pytest.mark.parametrize("arguments, words", [
    (["--area", "14058x"], "no area"), (["--registry", "."], "--area stands before"),
    (["--area", AREA, "--users", "hub-1 officer"], "no user name"),
    (["--area", AREA, "--users", "li chief"], "no role"),
    (["--area", AREA, "--users", "a/b officer"], "no user name")])
def test_make_acl__refuses_what_would_open_a_door(tmp_path, arguments, words):
    if "--users" in arguments:
        (tmp_path / "users").write_text(arguments[-1] + "\n")
        arguments = [*arguments[:-1], str(tmp_path / "users")]
    done = subprocess.run([MOSQUITTO / "make-acl", *arguments], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 1 and words in done.stderr
