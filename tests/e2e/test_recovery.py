"""A hub that died stands where it stood: state, sequence and what was said come out of its journal."""
import json
import re

import hj212
import servers
from servers import AREA, wait_for

CEMS = "010000A8900016F000169DC0"
UP = f"ems/v1/{AREA}/{CEMS}/up/hj212"


def replayed(hub):
    """What the newest start said of its replay: from, records, digest."""
    lines = re.findall(r"event=journal-replayed from=(\d+) records=(\d+) digest=(\w+)",
                       hub.log.read_text(errors="replace"))
    return int(lines[-1][0]), int(lines[-1][1]), lines[-1][2]


def digest_of(hub, journal):
    """The digest of the state that all of a journal's records lead to."""
    done = hub.command("replay", "--json", journal)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])["digest"]


def send(device, count, first=0):
    for i in range(first, first + count):
        device.publish(UP, hj212.data(CEMS, {"a34013": i}, qn=f"202601010{i:08d}", flag=4))


def test_recovery__a_restart_replays_only_what_came_after_the_newest_checkpoint(tmp_path, broker, redis, connect):
    hub = servers.Hub(tmp_path, broker, redis)
    hub.configure("journal", checkpoint_s=1)
    hub.start()

    def newest():
        return max((int(path.stem.split("-")[1]) for path in hub.journal.glob("checkpoint-*.hjc")), default=0)

    send(connect("device"), 500)
    wait_for(lambda: newest() > 500)
    hub.kill()
    checkpoint, digest = newest(), digest_of(hub, hub.journal)
    listed = hub.command("journal", "--journal", hub.journal, "list", "--stream", "came").stdout
    last = json.loads(listed.splitlines()[-1])["sequence"]
    hub.start()
    assert replayed(hub) == (checkpoint + 1, last - checkpoint, digest)
    assert hub.stop() == 0
