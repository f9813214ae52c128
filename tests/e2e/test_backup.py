"""The drill: a hub under traffic with an alarm open is backed up, destroyed with its journal and its Redis,
and comes back on an empty host from the backup."""
import json
import shutil
import threading

import hj212
import servers
from servers import AREA, wait_for
from live import BYPASS, CEMS, alarms_in, open_bypass, up, verdicts
from test_recovery import digest_of, replayed
from test_verify import verify


def backup(hub, target):
    done = hub.command("journal", "--journal", hub.journal, "--json", "backup", target)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def restore(hub, source):
    return hub.command("journal", "--journal", hub.journal, "--json", "restore", source)


class Traffic(threading.Thread):
    """A device that goes on sending until it is told to stop."""

    def __init__(self, device):
        super().__init__()
        self.device, self.ends, self.sent = device, threading.Event(), 0

    def run(self):
        while not self.ends.wait(0.001):
            self.device.publish(up(CEMS), hj212.data(
                CEMS, {"a34013": self.sent}, qn=f"202601010{self.sent:08d}", flag=4))
            self.sent += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.join()


def test_backup__the_hub_comes_back_on_an_empty_host(tmp_path, hub, redis, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/verdict")
    target = tmp_path / "backup"
    open_bypass(device)
    alarms = wait_for(lambda: alarms_in(redis), 60)
    with Traffic(device) as traffic:
        wait_for(lambda: hub.metric("hjhub_messages_total") > traffic.sent > 100)
        first = backup(hub, target)
        wait_for(lambda: hub.metric("hjhub_messages_total") > first["came"] + 100)
        second = backup(hub, target)  # only what is new, beside a hub that goes on
    assert second["came"] > first["came"] and verify(target)[1]["covered"] == second["came"]
    digest = digest_of(hub, target)

    assert restore(hub, target).returncode == 2  # a journal is there
    hub.kill()
    redis.kill()
    shutil.rmtree(hub.journal)
    (tmp_path / "new").mkdir()
    empty = servers.Redis(tmp_path / "new")
    empty.start()
    hub.configure("redis", port=empty.port)
    restored = restore(hub, target)
    assert restored.returncode == 0 and json.loads(restored.stdout)["digest"] == second["digest"]
    hub.start()
    assert replayed(hub)[2] == digest
    again = wait_for(lambda: {} if len(alarms_in(empty)) < len(alarms) else alarms_in(empty))
    assert {key: (fields["state"], fields["onset"]) for key, fields in again.items()} == {
        key: (fields["state"], fields["onset"]) for key, fields in alarms.items()}
    seen = len(verdicts(device))
    device.publish(up(BYPASS), hj212.data(BYPASS, {"e10101": 0}, flag=5))
    wait_for(lambda: len(verdicts(device)) > seen)
    assert hub.stop() == 0
    status, result = verify(hub.journal)
    assert status == 0, result
    verified = hub.command("replay", "--verify", "--json", hub.journal)
    assert json.loads(verified.stdout.splitlines()[-1])["verified"] is True, verified.stdout
    empty.stop()


def test_backup__what_does_not_check_is_not_restored(tmp_path, hub, connect):
    device = connect("device")
    device.publish(up(CEMS), hj212.data(CEMS, {"a34013": 1}, flag=4))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 1)
    target = tmp_path / "backup"
    backup(hub, target)
    came = target / "came-00000001.hjj.zst"
    data = bytearray(came.read_bytes())
    data[len(data) // 2] ^= 1
    came.write_bytes(data)
    hub.stop()
    shutil.rmtree(hub.journal)
    done = restore(hub, target)
    assert done.returncode == 1 and "hjhub-verify" in done.stderr
    assert not hub.journal.exists()
