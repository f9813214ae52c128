"""The hub's one session: what it asks of the broker, how it comes back, who serves an area, who is online."""
import base64
import hashlib
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

import hj212
import servers
from secure import Client, SecureBroker, password
from servers import AREA, wait_for

BYPASS = "010000A8900016F000169DC1"
UP = f"ems/v1/{AREA}/{BYPASS}/up/hj212"
HUB = f"ems/v1/{AREA}/hub"


def complaint(hub):
    with urllib.request.urlopen(f"http://127.0.0.1:{hub.http}/health", timeout=5) as answer:
        return next(check for check in json.load(answer)["checks"]
                    if check["name"] == "session").get("reason_en", "")


def presence(connect, name):
    """The newest word on the hub's topic, as a late subscriber finds it and then follows it."""
    client = connect(name, HUB)
    return lambda: json.loads(client.got[-1].payload) if client.got else {}


class Second:
    """A place of its own for a second hub of the same area."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.redis = servers.Redis(folder)
        self.redis.start()

    def hub(self, broker, **bus):
        made = servers.Hub(self.folder, broker, self.redis, bus=bus)
        made.start(ready=False)
        return made


@pytest.fixture
def second(tmp_path):
    place = Second(tmp_path / "second")
    yield place
    place.redis.stop()


# --- what it asks for ---


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def text(data, at):
    size = int.from_bytes(data[at:at + 2], "big")
    return data[at + 2:at + 2 + size], at + 2 + size


def read_connect(data):
    """The fields of an MQTT 5 CONNECT with a will and a user, by chapter 3.1 of the standard."""
    assert data[0] == 0x10
    size, at = varint(data, 1)
    assert len(data) == at + size
    name, at = text(data, at)
    version, flags = data[at], data[at + 1]
    keep_alive = int.from_bytes(data[at + 2:at + 4], "big")
    size, at = varint(data, at + 4)
    properties, end = {}, at + size
    while at < end:
        width = {0x11: 4, 0x21: 2}[data[at]]
        properties[data[at]] = int.from_bytes(data[at + 1:at + 1 + width], "big")
        at += 1 + width
    client, at = text(data, at)
    size, at = varint(data, at)
    topic, at = text(data, at + size)
    will, at = text(data, at)
    user, at = text(data, at)
    return {"name": name, "version": version, "clean": bool(flags & 2), "will qos": flags >> 3 & 3,
            "will retain": bool(flags & 0x20), "keep alive": keep_alive, "expiry": properties.get(0x11),
            "receive maximum": properties.get(0x21), "client": client.decode(), "topic": topic.decode(),
            "will": json.loads(will), "user": user.decode()}


def test_session__asks_for_what_it_needs_and_gives_up_on_a_broker_that_says_nothing(tmp_path, redis):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        hub = servers.Hub(tmp_path, redis, redis, bus={"url": f"mqtt://127.0.0.1:{mute.getsockname()[1]}",
                                                       "keep_alive_s": 7})
        hub.start(ready=False)
        line, _ = mute.accept()
        asked = read_connect(line.recv(4096))
        at = asked["will"].pop("at")
        assert asked == {
            "name": b"MQTT", "version": 5, "clean": False, "will qos": 1, "will retain": True,
            "keep alive": 7, "expiry": 604800, "receive maximum": 200, "client": f"hub-{AREA}",
            "user": f"hub-{AREA}", "topic": HUB,
            "will": {"state": "offline", "epoch": 1, "version": asked["will"]["version"], "area": AREA}}
        assert at.endswith("+08:00") and len(at) == 29
        wait_for(lambda: hub.said("event=connect-failed reason=\"connect failed: the broker said nothing in time"))
        mute.accept()[0].close()  # it tries again
        wait_for(lambda: hub.alive() and "session" in complaint(hub))
        assert hub.stop() == 0
        line.close()


def test_session__a_hub_that_stood_still_takes_all_of_it(hub, connect):
    """Five times its Receive Maximum."""
    device = connect("device")
    device.client.max_inflight_messages_set(1000)
    hub.process.send_signal(signal.SIGSTOP)
    sent = {device.publish(UP, hj212.data(BYPASS, {"e10101": i}, qn=f"2026010100000{i:04d}", flag=4))
            for i in range(1000)}
    wait_for(lambda: sent <= device.acknowledged)
    hub.process.send_signal(signal.SIGCONT)
    wait_for(lambda: hub.metric("hjhub_messages_total") == 1000)


# --- coming back ---


def test_session__comes_back_to_a_broker_that_was_away_and_says_what_was_lost(hub, broker, connect):
    broker.stop()  # it saves its sessions
    wait_for(lambda: hub.metric("hjhub_session_connected") == 0)
    assert "connection lost" in complaint(hub) or "Connection refused" in complaint(hub)
    broker.start()
    wait_for(hub.ready)
    assert hub.metric("hjhub_session_losses_total") == 1
    assert hub.metric("hjhub_sessions_forgotten_total") == 0
    broker.kill()  # it does not
    (broker.folder / "mosquitto.db").unlink()
    wait_for(lambda: hub.metric("hjhub_session_connected") == 0)
    broker.start()
    wait_for(hub.ready)
    assert hub.metric("hjhub_sessions_forgotten_total") == 1 and hub.said("event=session-forgotten")
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/hj212")
    device.publish(UP, hj212.data(BYPASS, {"e10101": 0}))
    wait_for(lambda: device.got)


def test_session__sees_by_its_keep_alive_that_a_broker_hangs(tmp_path, broker, redis, connect):
    hub = servers.Hub(tmp_path, broker, redis, bus={"keep_alive_s": 5})
    hub.start()
    broker.process.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: hub.metric("hjhub_session_connected") == 0)
        assert hub.said("event=session-down")
    finally:
        broker.process.send_signal(signal.SIGCONT)
    wait_for(hub.ready)
    assert hub.stop() == 0


# --- who is online, and who serves ---


def test_session__birth_and_will_tell_a_late_subscriber_the_truth(hub, broker, connect):
    born = wait_for(presence(connect, "first"))
    assert (born["state"], born["epoch"], born["area"]) == ("online", 1, AREA)
    hub.kill()
    dead = presence(connect, "second")
    wait_for(lambda: dead().get("state") == "offline")
    assert dead()["epoch"] == 1
    hub.start()
    wait_for(lambda: presence_now(connect, "third") == ("online", 2))
    assert hub.stop() == 0
    assert presence_now(connect, "fourth") == ("offline", 2)


def presence_now(connect, name):
    word = wait_for(presence(connect, name))
    return word["state"], word["epoch"]


def test_session__a_living_hub_answers_an_old_will(hub, connect):
    watcher = presence(connect, "watcher")
    wait_for(lambda: watcher().get("state") == "online")
    connect("late will").publish(HUB, json.dumps({"state": "offline", "epoch": 1}), retain=True)
    wait_for(lambda: hub.said("event=birth-renewed"))
    wait_for(lambda: presence_now(connect, "late") == ("online", 1))
    assert hub.ready()


@pytest.mark.parametrize("client_id", [None, "another"])
def test_session__of_two_hubs_the_older_ends_with_status_0(hub, broker, second, connect, client_id):
    """Same client id: the broker throws the older out, and it finds the higher epoch when it comes back.
    Another id (a mistake): it hears the other's birth."""
    later = second.hub(broker, **({"client_id": client_id} if client_id else {}))
    wait_for(lambda: not hub.alive())
    assert hub.process.returncode == 0 and hub.said("event=area-taken-over")
    wait_for(later.ready)
    assert later.said("event=epoch-lifted")
    wait_for(lambda: presence_now(connect, "watcher") == ("online", 2))
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/hj212")
    device.publish(UP, hj212.data(BYPASS, {"e10101": 0}))
    wait_for(lambda: device.got)
    starts = subprocess.run([servers.HJHUB, "journal", "--journal", str(later.journal), "list", "--kind", "start",
                             "--payload"], capture_output=True, text=True, check=True).stdout
    assert '"epoch":1' in starts and '"epoch":2' in starts, starts
    assert later.stop() == 0
    assert presence_now(connect, "at the end") == ("offline", 2)


def test_session__a_new_journal_goes_above_what_redis_knows(hub, broker, connect):
    assert hub.stop() == 0
    broker.stop()
    (broker.folder / "mosquitto.db").unlink()  # no birth and no will to tell it
    shutil.rmtree(hub.journal)
    broker.start()
    hub.start(ready=False)
    wait_for(lambda: presence_now(connect, "watcher") == ("online", 2))
    assert not hub.said("event=epoch-lifted")


# --- what the broker refuses, and what it drops ---


@pytest.fixture
def strict(tmp_path):
    """strict(topic): a broker whose dynamic-security plugin refuses the hub that subscription."""
    plugin = next(pathlib.Path("/usr/lib").rglob("mosquitto_dynamic_security.so"))
    brokers = []

    def make(topic):
        salt = b"0123456789ab"
        secret = hashlib.pbkdf2_hmac("sha512", b"secret", salt, 101)
        (tmp_path / "password").write_text("secret\n")
        (tmp_path / "security.json").write_text(json.dumps({
            "defaultACLAccess": dict.fromkeys(
                ["publishClientSend", "publishClientReceive", "subscribe", "unsubscribe"], True),
            "clients": [{"username": f"hub-{AREA}", "password": base64.b64encode(secret).decode(),
                         "salt": base64.b64encode(salt).decode(), "iterations": 101,
                         "roles": [{"rolename": "deaf"}]}],
            "groups": [], "roles": [{"rolename": "deaf", "acls": [
                {"acltype": "subscribeLiteral", "topic": topic, "priority": 0, "allow": False}]}]}))
        brokers.append(servers.Broker(
            tmp_path, f"plugin {plugin}\nplugin_opt_config_file {tmp_path}/security.json\n"))
        brokers[-1].start()
        return brokers[-1]

    yield make
    for broker in brokers:
        broker.stop()


def test_session__half_a_subscription_is_none(tmp_path, strict, redis):
    deaf_to = f"ems/v1/{AREA}/alarm/cmd/+"
    hub = servers.Hub(tmp_path, strict(deaf_to), redis, bus={"password_file": str(tmp_path / "password")})
    hub.start(ready=False)
    wait_for(lambda: hub.said(f"subscribe to {deaf_to} refused: Not authorized"))
    wait_for(lambda: (hub.metric('hjhub_session_connects_total{result="failed"}') or 0) >= 3)  # it goes on trying
    assert hub.metric("hjhub_session_up") == 0 and "refused" in complaint(hub)
    assert hub.stop() == 0


def test_session__needs_no_broker_that_counts_its_drops(tmp_path, strict, redis):
    broker = strict("$SYS/broker/publish/messages/dropped")
    hub = servers.Hub(tmp_path, broker, redis, bus={"password_file": str(tmp_path / "password")})
    hub.start()
    assert hub.stop() == 0


@pytest.fixture
def short(tmp_path):
    """The shipped broker and access list, with a queue that is far too short."""
    broker = SecureBroker(tmp_path, [BYPASS])
    text = broker.configuration.read_text()
    broker.configuration.write_text(
        text.replace("max_queued_messages 2000000000", "max_queued_messages 10") + "\nsys_interval 1\n")
    broker.start()
    (tmp_path / "password").write_text(password(f"hub-{AREA}") + "\n")
    yield broker
    broker.stop()


def test_session__what_the_broker_drops_is_told(tmp_path, short, redis):
    hub = servers.Hub(tmp_path, short, redis, bus={"password_file": str(tmp_path / "password")})
    hub.start()
    assert hub.metric("hjhub_broker_dropped_messages") == 0
    hub.kill()
    device = Client(short, BYPASS)
    sent = {device.publish(UP, hj212.data(BYPASS, {"e10101": i}, qn=f"2026010100000{i:04d}", flag=4))
            for i in range(50)}
    wait_for(lambda: sent <= device.acknowledged)  # as if all were well
    hub.start()
    wait_for(lambda: hub.metric("hjhub_broker_dropped_messages") >= 40)
    device.close()
    assert hub.stop() == 0
