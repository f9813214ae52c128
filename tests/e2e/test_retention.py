"""Old segments go when they are past their age, but never what an open alarm rests on."""
import datetime
import json
import os
import subprocess

import hj212
import pytest
import servers
from servers import AREA, BUILD, wait_for

BYPASS = "010000A8900016F000169DC1"
METER = "METER-E1"
LONG_AGO = 6 * 366 * 86400


@pytest.fixture
def hub(tmp_path, broker, redis):
    """A checkpoint a second, and with it a tidying; the smallest segments."""
    server = servers.Hub(tmp_path, broker, redis)
    config = json.loads(server.config.read_text())
    config["journal"] |= {"checkpoint_s": 1, "segment_size": 1 << 20, "reserve_size": 16 << 20}
    server.config.write_text(json.dumps(config))
    server.start()
    yield server
    server.stop()


def segments(hub, stream):
    return sorted(path.name for path in hub.journal.glob(f"{stream}-*.zst"))


def fill(hub, device, at):
    """A segment and more, of what nobody reads: each payload is another."""
    sealed = len(segments(hub, "came"))
    for i in range(30):
        device.publish(f"ems/v1/{AREA}/{BYPASS}/up/hj212", f"{at}-{i}".encode() + os.urandom(60000))
    wait_for(lambda: len(segments(hub, "came")) > sealed)


def grow_old(hub):
    for path in hub.journal.glob("*.zst"):
        then = path.stat().st_mtime - LONG_AGO
        os.utime(path, (then, then))


def raise_alarm(connect, device):
    officer = connect("officer", f"ems/v1/{AREA}/alarm/event")
    start = hj212.now() - datetime.timedelta(seconds=290)
    for i in range(29):
        at = start + datetime.timedelta(seconds=10 * i)
        device.publish(f"ems/v1/{AREA}/{METER}/up/senml", hj212.pack(METER, {"d20101": 400, "d30101": 60}, at))
        device.publish(f"ems/v1/{AREA}/{BYPASS}/up/hj212",
                       hj212.data(BYPASS, {"e10101": 42.5 if i >= 15 else 0, "e10301": 0 if i >= 15 else 1}, at, flag=4))
    return officer, json.loads(wait_for(lambda: officer.got)[0].payload)["data"]["alarm"]


def test_retention__keeps_what_an_open_alarm_rests_on(hub, connect):
    device = connect("device")
    fill(hub, device, "before")
    oldest = segments(hub, "came")[0]
    raise_alarm(connect, device)
    fill(hub, device, "after")
    last = segments(hub, "came")[-1]
    grow_old(hub)
    wait_for(lambda: oldest not in segments(hub, "came"))  # nobody cites it
    fill(hub, device, "later")  # and with it more than one tidying
    assert last in segments(hub, "came")  # it is as old, and behind the onset
    first = hub.command("journal", "--journal", hub.journal, "list", "--kind", "message", "--payload").stdout
    assert '"topic":"ems/v1/140581/METER-E1/up/senml"' in first
    hub.stop()
    done = subprocess.run([BUILD / "hjhub-verify", "--json", hub.journal], capture_output=True, text=True, check=False)
    verified = json.loads(done.stdout)
    assert done.returncode == 0, verified  # what its age took away is no fault
    assert verified["first"] > 1 and 0 < verified["expired"] < verified["commits"]
