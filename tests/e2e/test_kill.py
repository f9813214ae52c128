"""kill -9 under load, the short form of tests/faults/kill; and what a restart owes to it."""
import json
import os
import re
import subprocess

import pytest
import servers
from live import CEMS, up
from servers import ROOT, wait_for


@pytest.mark.parametrize("who, times", [("hub", 3), ("all", 4)])
def test_kill__loses_nothing_and_says_nothing_twice(who, times):
    done = subprocess.run([ROOT / "tests/faults/kill", "--who", who, "--times", str(times), "--rate", "300",
                           "--every", "1", "--plants", "5", "--resend", "2", "--json"], capture_output=True, text=True,
                          env={**os.environ, "HJHUB_BUILD": str(servers.BUILD)}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert sum(result["kills"].values()) == times and result["faults"] == []
    assert result["alarms"] > 0 and result["attempted"] == result["answered"] == result["stored"] > 100


def test_kill__a_long_replay_is_not_done_twice(hub, connect):
    """A hub that is killed again and again before its next checkpoint must get further each time."""
    hub.stop()
    hub.configure("journal", checkpoint_s=86400)
    hub.start()
    before = set(hub.journal.glob("checkpoint-*.hjc"))
    device = connect("device")
    for i in range(10000):
        device.publish(up(CEMS), b"%d" % i)
    wait_for(lambda: hub.metric("hjhub_messages_total") == 10000)
    hub.kill()
    hub.start()
    wait_for(lambda: set(hub.journal.glob("checkpoint-*.hjc")) - before)
    hub.kill()
    hub.start()
    replayed = [int(count) for count in re.findall(r"event=journal-replayed .*records=(\d+)", hub.log.read_text())]
    assert replayed[-2] >= 10000 and replayed[-1] < 1000, replayed
