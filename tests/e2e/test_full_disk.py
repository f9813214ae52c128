"""A full disk loses nothing: the hub says so, leaves, lets the broker queue, and goes on when there is room."""
import re
import subprocess
import urllib.error
import urllib.request

import hj212
import pytest
import servers
from servers import AREA, wait_for
from test_verify import verify

CEMS = "010000A8900016F000169DC0"
UP = f"ems/v1/{AREA}/{CEMS}/up/hj212"
MIB = 1 << 20


@pytest.fixture
def disk(tmp_path):
    """A file system of 42 MiB where the journal will lie: 32 of them are its reserve."""
    place = tmp_path / "journal"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=42m", "none", place], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk):
    """Somebody else takes all the room there is left."""
    with open(disk / "others", "wb", buffering=0) as others, pytest.raises(OSError):
        while True:
            others.write(bytes(4096))


def send(device, first, count):
    return [device.publish(UP, hj212.data(CEMS, {"a34013": i}, qn=f"202601010{i:08d}", flag=4))
            for i in range(first, first + count)]


def not_ready(hub):
    """What /readyz says is wrong; empty when all is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{hub.http}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode()


def qns(hub):
    """The QN of each message in the journal, in their order."""
    listed = hub.command("journal", "--journal", hub.journal, "list", "--stream", "came", "--payload").stdout
    return re.findall(r"QN=(202601010\d{8})", listed)


def test_full_disk__what_the_broker_acknowledged_is_all_there_in_the_end(
        tmp_path, disk, broker, redis, connect):
    hub = servers.Hub(tmp_path, broker, redis)
    hub.configure("journal", segment_size=MIB, reserve_size=16 * MIB)
    hub.start()
    device = connect("device")
    fill(disk)
    first = send(device, 0, 5000)  # more than a segment: the reserve is touched, and cannot be made whole
    wait_for(lambda: hub.said("event=journal-full"))
    wait_for(lambda: "journal-room" in not_ready(hub))
    wait_for(lambda: hub.metric("hjhub_session_connected") == 0)
    assert hub.metric("hjhub_journal_has_room") == 0
    health = hub.command("health", "--config", hub.config)
    assert health.returncode == 1 and "disk" in health.stdout
    later = send(device, 5000, 500)
    wait_for(lambda: set(first + later) <= device.acknowledged)
    taken = hub.metric("hjhub_messages_total")
    assert taken < 5500  # the rest waits in the broker

    hub.kill()
    hub.start(ready=False)  # on a disk that is still full
    wait_for(lambda: hub.log.read_text().count("event=journal-full") == 2)
    assert hub.alive()
    (disk / "others").unlink()
    wait_for(lambda: hub.said("event=journal-room"))
    wait_for(hub.ready)
    wait_for(lambda: hub.metric("hjhub_messages_total") >= 5500 - taken)
    wait_for(lambda: hub.metric("hjhub_backlog_records") == 0)
    assert not_ready(hub) == ""
    assert hub.stop() == 0
    assert sorted(set(qns(hub))) == [f"202601010{i:08d}" for i in range(5500)]
    assert verify(hub.journal)[0] == 0
