"""The keyring of a running hub: encrypted devices, new keys, replays, and where no key may ever be seen."""
import base64
import datetime
import json
import re
import signal

import pytest

import hj212
import servers
from live import BYPASS, health, key, said, up, verdicts
from servers import AREA, wait_for

OLD, NEW = "msbE74gsiSHSEh5e", "w3QyP0dKx9Lm2Rt7"
HEAD = "mn,key_id,key,from,until\n"


def row(name, key, mn=BYPASS, of="2026-01-01", until=""):
    return f"{mn},{name},{key},{of},{until}\n"


def write(hub, *rows, mode=0o600):
    path = hub.folder / "keys.csv"
    path.write_text(HEAD + "".join(rows))
    path.chmod(mode)
    return path


def keyed(server, *rows):
    """What a fixture yields: the hub with these keys for a device of 2025, from its start to an end without a fault."""
    config = json.loads(server.config.read_text())
    server.config.write_text(json.dumps({**config, "keys": "keys.csv"}))
    server.of_2025("bypass")
    write(server, *rows)
    server.start()
    yield server
    status = server.stop()
    log = server.log.read_text(errors="replace")
    assert not re.search("runtime error|Sanitizer", log), log[-4000:]
    assert status == 0, log[-4000:]


@pytest.fixture
def hub(tmp_path, broker, redis):
    """A hub with one key."""
    yield from keyed(servers.Hub(tmp_path, broker, redis), row("k1", OLD, until="2030-01-01"))


def segment(value, at=None, cn=2011):
    return hj212.data(BYPASS, {"e10101": value}, at=at, flag=9, cn=cn)[6:-6].decode()


def reload(hub):
    return hub.command("reload", "--config", hub.config)


def rules(device):
    told = [json.loads(line) for m in device.topic("/down/verdict") for line in m.payload.decode().splitlines()]
    return [{rule["id"] for rule in verdict["rules"]} for verdict in told]


def traces(key):
    """How a key could show: as it is, in hex, in base64 at each of its three places."""
    digits = key.encode().hex()
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + key.encode())[4:16]
    yield from (key.encode(), digits.encode(), digits.upper().encode())


def cached(redis):
    client = redis.client()
    for name in client.scan_iter():
        kind = client.type(name)
        yield str(client.hgetall(name) if kind == "hash" else client.xrange(name) if kind == "stream" else name)


def assert_no_trace(folder, *keys):
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "keys.csv":
            data = path.read_bytes()
            for trace in (t for key in keys for t in traces(key)):
                assert trace not in data, f"{path} shows a key"


def replayed(hub, *arguments):
    return hub.command("replay", "--verify", *arguments, "--json", hub.journal)


def test_keyring__an_encrypted_device_is_read_answered_and_replayed(hub, connect, redis):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    at = hj212.now()
    device.publish(up(BYPASS), hj212.sealed(segment(12.5, at - datetime.timedelta(seconds=1)), OLD))
    device.publish(up(BYPASS), hj212.frame(segment(13.5, at)))
    wait_for(lambda: len(verdicts(device)) == 2 and len(device.topic("/down/hj212")) == 2)
    assert verdicts(device) == ["accepted", "accepted"]
    assert rules(device) == [set(), {"plain-though-key"}]
    wait_for(lambda: "13.5" in str(redis.client().hgetall(key("device", BYPASS))))
    assert OLD not in "".join(cached(redis))
    (record,) = [json.loads(line) for line in hub.command(
        "journal", "--journal", hub.journal, "--kind", "keys", "--payload", "--json", "list").stdout.splitlines()]
    assert f"{BYPASS},k1," in record["payload"] and OLD not in record["payload"]
    hub.stop()
    keys = hub.folder / "keys.csv"
    assert json.loads(replayed(hub, "--keys", keys).stdout)["verified"]
    without = replayed(hub)
    assert without.returncode == 2 and f"key k1 of MN {BYPASS}" in without.stderr
    hub.start()  # from its checkpoint
    device.publish(up(BYPASS), hj212.sealed(segment(14.5), OLD))
    wait_for(lambda: verdicts(device) == ["accepted"] * 3)
    hub.stop()
    assert_no_trace(hub.folder, OLD)


def test_keyring__a_new_key_is_loaded_by_a_reload_and_the_old_one_stays(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    first = hj212.sealed(segment(1), NEW)
    device.publish(up(BYPASS), first)
    wait_for(lambda: rules(device) == [{"key-fits-not"}])
    assert device.topic("/down/hj212") == []  # it may be damaged: it has to come again
    write(hub, row("k1", OLD), row("k2", NEW, of="2026-06-01"))
    assert reload(hub).returncode == 0
    device.publish(up(BYPASS), first)
    device.publish(up(BYPASS), hj212.sealed(segment(2), OLD))
    wait_for(lambda: len(verdicts(device)) == 3)
    assert verdicts(device) == ["quarantined", "accepted", "accepted"]
    assert rules(device)[2] == {"key-outside-validity"}
    assert [refused["rules"] for refused in said(hub, "quarantine")] == [["key-fits-not"]]
    hub.kill()
    hub.start()
    hub.stop()
    keys = hub.folder / "keys.csv"
    assert json.loads(replayed(hub, "--keys", keys).stdout)["verified"]
    assert_no_trace(hub.folder, OLD, NEW)


def test_keyring__what_is_not_in_order_changes_nothing(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    for rows, mode, words in (((row("k2", NEW),), 0o600, f"key k1 of MN {BYPASS} is missing"),
                              ((row("k1", NEW),), 0o600, "an id is used once"),
                              ((row("k1", OLD + "x"),), 0o600, "keys.csv:2:3:"),
                              ((row("k1", OLD),), 0o644, "chmod 600")):
        write(hub, *rows, mode=mode)
        refused = reload(hub)
        assert refused.returncode == 1 and words in refused.stderr, refused.stderr
    device.publish(up(BYPASS), hj212.sealed(segment(1), OLD))
    wait_for(lambda: verdicts(device) == ["accepted"])
    assert_no_trace(hub.folder, OLD, NEW)


@pytest.mark.parametrize("rows,mode,words", [
    ((row("k2", NEW),), 0o600, f"key k1 of MN {BYPASS} is missing"),
    ((row("k1", OLD),), 0o640, "chmod 600")])
def test_keyring__a_hub_without_its_keys_does_not_start(hub, rows, mode, words):
    """It would decide otherwise than it did; the broker keeps what comes."""
    hub.process.send_signal(signal.SIGKILL), hub.process.wait()
    write(hub, *rows, mode=mode)
    hub.start(ready=False)
    assert hub.process.wait(30) == 2
    assert words in hub.log.read_text()
    write(hub, row("k1", OLD))
    hub.start()


def test_keyring__a_key_made_by_the_hub_is_used_after_a_reload(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    made = json.loads(hub.command("keys", "--config", hub.config, "--json", "new", BYPASS).stdout)
    keys = hub.folder / "keys.csv"
    assert keys.stat().st_mode & 0o777 == 0o600 and not keys.with_suffix(".csv.new").exists()
    mn, name, secret, *_ = keys.read_text().splitlines()[-1].split(",")
    assert (mn, name) == (BYPASS, made["key_id"]) and re.fullmatch("[0-9A-Za-z]{16}", secret)
    assert reload(hub).returncode == 0
    device.publish(up(BYPASS), hj212.sealed(segment(1), secret))
    wait_for(lambda: verdicts(device) == ["accepted"])
    listed = hub.command("keys", "--config", hub.config, "list").stdout
    assert "k1" in listed and name in listed and secret not in listed + str(made)
    hub.stop()
    assert_no_trace(hub.folder, OLD, secret)


def test_keyring__an_asking_device_gets_its_notice_answered(hub, connect):
    """1014 from a device: it wants a key. Its own key, should it tell one, is shown to nobody."""
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    asks = f"QN=20260101000000000;ST=31;CN=1014;PW=123456;MN={BYPASS};Flag=9;CP=&&SKCreateTime=20260101000000000&&"
    device.publish(up(BYPASS), hj212.sealed(asks, OLD))
    wait_for(lambda: device.topic("/down/hj212"))
    assert b"CN=9013;" in device.topic("/down/hj212")[0].payload
    tells = asks.replace("&&SK", f"&&NewSK={NEW},SK").replace("PW=123456", "PW=654321")
    device.publish(up(BYPASS), hj212.frame(tells))
    wait_for(lambda: len(verdicts(device)) == 2)
    assert NEW not in str([m.payload for m in device.got])
    assert NEW not in hub.command("quarantine", "--config", hub.config, "list").stdout


def test_keyring__health_warns_before_a_devices_last_key_ends(hub):
    def day(days):
        return (hj212.now() + datetime.timedelta(days=days)).strftime("%Y-%m-%d")

    def check():
        return health(hub)["keys"]

    assert check()["status"] == "ok"
    ending = day(12)
    gone = row("k0", NEW, mn="010000A8900016F000169DC8", of=day(-100), until=day(-10))  # no device any more
    write(hub, row("k1", OLD, until=ending), gone)
    assert reload(hub).returncode == 0
    wait_for(lambda: check()["status"] == "warn")
    assert check()["value"] == 1 == hub.metric("hjhub_devices_keys_ending")
    assert f"{BYPASS}, until {ending}" in check()["reason_en"] and OLD not in str(check())
    write(hub, row("k1", OLD, until=ending), gone, row("k2", NEW, of=day(-1), until=day(15)))
    assert reload(hub).returncode == 0
    wait_for(lambda: check()["status"] == "ok")
    assert hub.metric("hjhub_devices_keys_ending") == 0
