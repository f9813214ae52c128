"""The host's exchange of keys (1014): named, sealed under the older key, said in the journal, and seen nowhere."""
import datetime
import json
import re

import pytest

import hj212
import servers
from live import BYPASS, key, said, up
from logger import Logger, field, heard
from servers import AREA, wait_for
from test_asyncapi import fits
from test_device import CMD, Officer
from test_keyring import NEW, OLD, assert_no_trace, cached, keyed, replayed, reload, row, segment, write

NAME = "20260201080000123"
DIGITS = "000102030405060708090A0B0C0D0E0F"


class Keeper(Logger):
    """A logger with a key: it opens what comes sealed, and after its 9012 it uses the key that it was given."""

    def __init__(self, broker, key, script=None):
        self.key, self.sealed = key, []
        super().__init__(broker, BYPASS, script, flag=8)

    def speak(self, value=12.5):
        self.publish(up(BYPASS), hj212.sealed(segment(value), self.key))

    def hear(self, message):
        if b";CN=1014;" not in message.payload:
            super().hear(message)
            return
        self.sealed.append(message.payload)
        request = hj212.opened(message.payload, self.key)
        if request is not None:
            self.requests.append(request)
            self.obey(request)
            if "9012=1" in self.script.get(1014, ["9012=1"]):
                self.key = field(request, "NewSK")


@pytest.fixture
def hub(tmp_path, broker, redis):
    """A hub with two keys for a device of 2025: that which the device has, and the next."""
    yield from keyed(servers.Hub(tmp_path, broker, redis), row("k1", OLD, until="2030-01-01"),
                     row(NAME, NEW, of="2026-02-01", until="2030-01-01"))


@pytest.fixture
def keeper(hub, broker):
    yield from heard(hub, lambda key=OLD, script=None: Keeper(broker, key, script))


@pytest.fixture
def officer(connect):
    return Officer(connect)


def give(officer, id="c-1", **parameters):
    officer.give("set-key", id=id, **{"mn": BYPASS, **parameters})


def test_new_key__is_sealed_under_the_older_one_and_seen_nowhere(hub, keeper, officer, connect, redis):
    everybody = connect("everybody", f"ems/v1/{AREA}/#")
    device = keeper()
    give(officer, key_id=NAME)
    officer.wait("done")
    request, = device.requests
    assert re.fullmatch(rf"QN=\d{{17}};ST=31;CN=1014;PW=123456;MN={BYPASS};Flag=9;"
                        rf"CP=&&NewSK={NEW};SKCreateTime={NAME}&&", request)
    steps = officer.steps()
    assert [step["state"] for step in steps] == ["requested", "accepted", "done"]
    assert {(step["key_id"], step["under"], step["command"]) for step in steps} == {(NAME, "k1", "set-key")}
    assert steps[0]["cp"] == f"NewSK={'*' * 16};SKCreateTime={NAME}"
    for message in officer.client.topic("/result"):
        fits("deviceResult", message.payload)
    before = hj212.now() - datetime.timedelta(seconds=30)
    device.speak(13.5)  # under the new one
    device.publish(up(BYPASS), hj212.sealed(segment(14.5, before), OLD))  # what was under way
    wait_for(lambda: "13.5" in str(redis.client().hgetall(key("device", BYPASS))))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 5)  # 9011 and 9012 too
    give(officer, "c-2", key_id="k1")  # as after a mistake
    assert officer.wait("done", "c-2")["under"] == NAME
    assert not any(secret.encode() in m.payload for m in everybody.got for secret in (OLD, NEW))
    assert not any(secret in text for text in cached(redis) for secret in (OLD, NEW))
    hub.stop()
    keys = hub.folder / "keys.csv"
    assert json.loads(replayed(hub, "--keys", keys).stdout)["verified"]
    without = replayed(hub)
    assert without.returncode == 2 and f"of MN {BYPASS} is needed" in without.stderr
    assert_no_trace(hub.folder, OLD, NEW)


def test_new_key__what_cannot_be_set_is_not_sent_and_why_is_told(hub, keeper, officer):
    second = "010000A8900016F000169DC7"
    devices = hub.registry / "devices.csv"
    devices.write_text(devices.read_text() + f"{second},second,,bypass,E1,O1,hj212,2025,10,123456,\n")
    write(hub, row("k1", OLD, until="2030-01-01"), row(NAME, NEW, of="2026-02-01", until="2030-01-01"),
          row("old", "0000000000000001", of="2025-01-01"), row("later", "0000000000000002", of="2090-01-01"),
          row("first", "0000000000000004", mn=second, until="2030-01-01"))
    assert reload(hub).returncode == 0
    device = keeper()
    for number, (parameters, reason) in enumerate((
            ({"mn": second, "ST": "31", "key_id": "first"}, "no-older-key"),  # a key sent in plain is none
            ({"key_id": "k9"}, "no-such-key"), ({"key_id": "old"}, "key-not-valid"), ({"key_id": "later"}, "key-not-valid"),
            ({"key_id": "k1"}, "key-in-use"), ({}, "bad-parameter"), ({"key_id": "a b"}, "bad-parameter"),
            ({"key_id": NAME, "NewSK": "0000000000000003"}, "bad-parameter"))):
        give(officer, str(number), **parameters)
        assert officer.wait("not-sent", str(number))["reason"] == reason
        assert "0000000000000003" not in str(officer.steps(str(number)))
    told = hub.command("device", "--config", hub.config, BYPASS, "set-key", f"NewSK={NEW}")
    assert told.returncode == 2 and "named, never told" in told.stderr and NEW not in told.stderr
    assert device.sealed == []


def test_new_key__it_stays_with_the_old_one_where_it_was_refused_or_not_heard(hub, keeper, officer):
    write(hub, row("k1", OLD, until="2030-01-01"), row(NAME, NEW, of="2026-02-01", until="2030-01-01"),
          row("digits", DIGITS, until="2030-01-01"))
    assert reload(hub).returncode == 0
    device = keeper(script={1014: ["9011=2"]})
    give(officer, "c-0", key_id="digits", overtime_s=1, recount=0)  # no frame can bear it
    officer.wait("timed-out", "c-0")
    assert hub.said("event=key-not-sent") and device.sealed == []
    give(officer, key_id=NAME)
    officer.wait("refused")
    device.script[1014] = []
    give(officer, "c-2", key_id=NAME, overtime_s=1, recount=1)
    officer.wait("timed-out", "c-2")
    assert len(device.sealed) == 3 and device.sealed[1] == device.sealed[2]
    device.script[1014] = ["9011=1", "9012=1"]
    give(officer, "c-3", key_id=NAME)
    assert officer.wait("done", "c-3")["under"] == "k1"
    give(officer, "c-4", key_id=NAME)
    assert officer.wait("not-sent", "c-4")["reason"] == "key-in-use"
    give(officer, "c-5", key_id="k1")  # and back again
    assert officer.wait("done", "c-5")["under"] == NAME


def test_new_key__a_device_that_tells_its_key_meanwhile_is_quoted_by_nobody(hub, keeper, officer, connect):
    """A wish for a key (1014) is no answer to the request that sets one, and what it tells is blanked."""
    everybody = connect("everybody", f"ems/v1/{AREA}/+/down/#", CMD + "#")
    device = keeper(script={1014: ["9011=1", "data=SKCreateTime=20260101000000000;newSK=" + NEW]})
    give(officer, key_id=NAME)
    officer.wait("accepted")
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') >= 3)
    assert [step["state"] for step in officer.steps()] == ["requested", "accepted"]
    assert not any(NEW.encode() in m.payload for m in everybody.got)
    assert NEW not in str(said(hub, "result"))


def test_new_key__after_a_kill_it_is_unknown_and_never_sent_again(hub, keeper, officer):
    device = keeper(script={1014: ["9011=1"]})
    give(officer, key_id=NAME)
    officer.wait("accepted")
    hub.kill()
    hub.start()
    officer.wait("unknown")
    assert len(device.sealed) == 1
    device.speak(13.5)  # the same value in the same second would be a duplicate
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}'))
    hub.stop()
    assert json.loads(replayed(hub, "--keys", hub.folder / "keys.csv").stdout)["verified"]
    assert_no_trace(hub.folder, OLD, NEW)


def test_new_key__a_loggers_wish_for_one_is_shown(hub, keeper):
    device = keeper()
    stamp = hj212.now().strftime("%Y%m%d%H%M%S")
    device.publish(up(BYPASS), hj212.sealed(
        f"QN={stamp}007;ST=31;CN=1014;PW=123456;MN={BYPASS};Flag=9;CP=&&SKCreateTime={NAME}&&", OLD))
    wait_for(lambda: b";CN=9013;" in b"".join(message.payload for message in device.got))
    wish, = map(json.loads, hub.command("device", "--config", hub.config, "--json", "wishes").stdout.splitlines())
    assert (wish["cn"], wish["mn"], wish["times"]) == (1014, BYPASS, 1) and "user" not in wish
