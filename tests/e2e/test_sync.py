"""The sync is real: while it is held back nothing leaves the hub; when it fails the hub ends."""
import hj212
import servers
from servers import AREA, wait_for

BYPASS = "010000A8900016F000169DC1"
UP = f"ems/v1/{AREA}/{BYPASS}/up/hj212"


def test_sync__nothing_leaves_before_it(tmp_path, broker, redis, connect, preload):
    hub = servers.Hub(tmp_path, broker, redis)
    hub.start(env=preload)
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    device.publish(UP, hj212.data(BYPASS, {"e10101": 0}))
    wait_for(lambda: device.topic("/down/hj212"))
    (tmp_path / "hold").touch()
    before = redis.client().hgetall(f"ems:{{{AREA}}}:device:{BYPASS}")
    seen = len(device.got)
    mid = device.publish(UP, hj212.data(BYPASS, {"e10101": 77}))
    wait_for(lambda: mid in device.acknowledged)  # the broker's word, not ours
    wait_for(lambda: hub.metric("hjhub_messages_total") == 2)  # it is in the mapped segment
    probe = connect("probe", "probe/#")
    for i in range(50):  # as many round trips through the broker as an early answer would need
        probe.publish(f"probe/{i}", b"")
    wait_for(lambda: len(probe.got) == 50)
    assert len(device.got) == seen
    assert redis.client().hgetall(f"ems:{{{AREA}}}:device:{BYPASS}") == before
    (tmp_path / "hold").unlink()
    wait_for(lambda: len(device.topic("/down/hj212")) == 2)
    wait_for(lambda: redis.client().hget(f"ems:{{{AREA}}}:device:{BYPASS}", "e10101-Rtd") == "77")
    hub.stop()


def test_sync__a_failure_is_final(tmp_path, broker, redis, connect, preload):
    hub = servers.Hub(tmp_path, broker, redis)
    hub.start(env=preload)
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    (tmp_path / "fail").touch()
    device.publish(UP, hj212.data(BYPASS, {"e10101": 0}))
    wait_for(lambda: not hub.alive())
    assert hub.process.returncode == 1 and hub.said("event=journal-failed")
    assert not device.got
    (tmp_path / "fail").unlink()
    hub.start(env=preload)  # the disk decides: what is there is there, and is answered for when resent
    device.publish(UP, hj212.data(BYPASS, {"e10101": 1}))
    wait_for(lambda: device.topic("/down/hj212"))
    hub.stop()


def test_sync__a_stop_amid_a_backlog_skips_nothing(tmp_path, broker, redis, connect, preload):
    """A commit covers what has come, also what was not judged yet; a checkpoint must not claim that it was."""
    hub = servers.Hub(tmp_path, broker, redis)
    hub.start(env=preload)
    device = connect("device")
    (tmp_path / "hold").touch()
    for i in range(5000):  # more than one batch
        device.publish(UP, b"%d" % i)
    wait_for(lambda: hub.metric("hjhub_messages_total") == 5000)
    hub.process.terminate()
    (tmp_path / "hold").unlink()
    assert hub.stop() == 0
    hub.start()
    assert hub.stop() == 0
    judged = hub.command("journal", "--journal", hub.journal, "--stream", "said", "--kind", "verdict", "list").stdout
    assert len(judged.splitlines()) == 5000
    verify = hub.command("replay", "--verify", "--json", hub.journal)
    assert verify.returncode == 0, verify.stdout[-500:]
