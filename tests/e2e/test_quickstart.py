"""deploy/quickstart: an alarm within a minute and a half, and nothing left behind."""
import os
import re
import signal
import subprocess

import pytest

from servers import ROOT, wait_for

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not (ROOT / "build/release/hjhub").exists(), reason="no release is built")]


def of_session(session):
    """Who runs in it: everything quickstart started stays in its session."""
    found = subprocess.run(["ps", "-o", "pid=,args=", "--sid", str(session)], capture_output=True,
                           text=True, check=False).stdout
    return [line for line in found.splitlines() if "<defunct>" not in line]


@pytest.fixture
def county(tmp_path):
    """It runs in a session of its own, with its temporary folder in ours."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with open(tmp_path / "out", "wb") as out:
        process = subprocess.Popen([ROOT / "deploy/quickstart", "--devices", "20"], stdout=out, stderr=out,
                                   stdin=subprocess.DEVNULL, start_new_session=True,
                                   env=dict(os.environ, TMPDIR=str(temporary)))
    process.said = lambda: (tmp_path / "out").read_text(errors="replace")
    process.temporary = temporary
    yield process
    for line in of_session(process.pid):
        os.kill(int(line.split()[0]), signal.SIGKILL)


def says(process, pattern):
    assert process.poll() is None, process.said()
    return re.search(pattern, process.said(), re.S)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, "of the hub"])
def test_quickstart__ends_with_nothing_left_behind(county, end):
    wait_for(lambda: says(county, r"messages/s  received [1-9]\d*: accepted [1-9]"), 120)
    names = " ".join(of_session(county.pid))
    assert all(name in names for name in ("mosquitto", "redis-server", "hjhub run", "hjsim run"))
    if end == signal.SIGINT:
        os.killpg(county.pid, end)  # as a terminal does
    elif end == "of the hub":  # as Ctrl-C does that reaches it before the shell looks
        hub, = (line for line in of_session(county.pid) if "hjhub run" in line)
        os.kill(int(hub.split()[0]), signal.SIGINT)
    else:
        county.send_signal(end)
    assert county.wait(30) == 0
    wait_for(lambda: of_session(county.pid) == [])
    assert list(county.temporary.iterdir()) == []


def test_quickstart__a_bypass_that_opens_becomes_an_alarm_that_says_why(county):
    seen = wait_for(lambda: says(county, r"active-unack +bypass-damper-open\n(.*?)\n(.*?)\n"), 180)
    assert "旁路挡板" in seen[1] and "bypass damper" in seen[2] and " %" in seen[2]
    wait_for(lambda: says(county, r"quarantined 0 rejected 0  open alarms [1-9]"))
    county.send_signal(signal.SIGTERM)
    assert county.wait(30) == 0
