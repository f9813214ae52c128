"""The hub's deafness is nobody's absence: it is away, or its broker is, or a queue drains, and no device goes
offline by it; and a frame from the future moves nothing."""
import shutil
import threading

import hj212
import pytest
import servers
from live import BYPASS, CEMS, alarms_in, open_bypass, received, said, up, verdicts
from servers import AREA, ROOT, wait_for

OFFLINE_S = 2  # instead of ten minutes


class Reporter(threading.Thread):
    """A device that reports three times a second, over whatever broker is there, until stopped."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker, self.count, self.over = broker, 0, threading.Event()

    def run(self):
        device = None
        while not self.over.wait(1 / 3):
            try:
                device = device or servers.Device(self.broker, "reporter")
                device.publish(up(CEMS), hj212.data(CEMS, {"a34013": self.count % 90}, flag=4))
            except OSError:
                continue
            self.count += 1
        device.close()

    def passes(self, seconds):
        """The time in which it makes so many seconds' reports, in its own count."""
        until = self.count + 3 * seconds
        wait_for(lambda: self.count >= until, 60)

    def stop(self):
        self.over.set()
        self.join()


@pytest.fixture
def hasty(tmp_path, broker, redis):
    """A hub for which a device is offline after seconds."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    devices = rules / "devices.yaml"
    text = devices.read_text()
    row = "offline_after: {value: 10 min, min: 2 min, max: 60 min}"
    assert row in text
    devices.write_text(text.replace(row, f"offline_after: {{value: {OFFLINE_S} s, min: 1 s, max: 60 min}}"))
    hub = servers.Hub(tmp_path, broker, redis, rules=rules)
    table = hub.registry / "devices.csv"
    table.write_text(table.read_text().replace(",10,123456,", ",1,123456,"))
    hub.start()
    yield hub
    assert hub.stop() == 0


@pytest.fixture
def reporter(broker):
    device = Reporter(broker)
    device.start()
    yield device
    device.stop()


def offline(hub):
    """Whether the reporter was ever called offline; the others never report, and are."""
    return any(event["data"]["rule"] == "device-offline" and event["data"]["subject"] == CEMS
               for event in said(hub, "transition"))


def test_deaf__the_hub_away_and_its_queue_make_nobody_absent(hasty, reporter):
    wait_for(lambda: received(hasty) >= 3)
    hasty.kill()
    reporter.passes(2 * OFFLINE_S + 1)  # all of it waits in the broker
    hasty.start()
    reporter.passes(OFFLINE_S)
    assert not offline(hasty)
    reporter.stop()  # and one that is really gone is seen
    wait_for(lambda: offline(hasty))


def test_deaf__the_broker_away_makes_nobody_absent(hasty, broker, reporter):
    wait_for(lambda: received(hasty) >= 3)
    broker.kill()
    wait_for(lambda: hasty.said("event=session-down"))
    came = 'hjhub_journal_records_total{stream="came"}'
    ticks = hasty.metric(came)  # one a second
    wait_for(lambda: hasty.metric(came) > ticks + 2 * OFFLINE_S)
    broker.start()
    wait_for(hasty.ready, 60)
    before = received(hasty)
    wait_for(lambda: received(hasty) > before + 3 * OFFLINE_S)
    assert not offline(hasty)
    reporter.stop()
    wait_for(lambda: offline(hasty))


def test_deaf__a_frame_of_2099_is_quarantined_and_moves_nothing(hub, redis, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/verdict")
    ahead = hj212.now().replace(year=2099)
    device.publish(up(BYPASS), hj212.data(BYPASS, {"e10101": 99}, ahead))
    wait_for(lambda: verdicts(device) == ["quarantined"])
    open_bypass(device)  # what comes next counts as before
    alarms = wait_for(lambda: alarms_in(redis), 30)
    assert [alarm["rule"] for alarm in alarms.values()] == ["bypass-damper-open"]
    wait_for(lambda: set(verdicts(device)[1:]) == {"accepted"})
