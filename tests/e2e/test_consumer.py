"""docs/consumer.py against a real Redis: each transition once, whatever happens to Redis."""
import json
import subprocess
import sys

import pytest

from servers import AREA, ROOT, wait_for

STREAM = f"ems:{{{AREA}}}:alarms:transitions"


@pytest.fixture
def consumer(tmp_path, redis):
    running = []

    def start():
        out = open(tmp_path / f"out-{len(running)}", "w+")
        running.append((subprocess.Popen(
            [sys.executable, str(ROOT / "docs/consumer.py"), AREA, f"redis://127.0.0.1:{redis.port}",
             str(tmp_path / "place")], stdout=out, stderr=subprocess.STDOUT), out))
        return lambda: (tmp_path / out.name).read_text().splitlines()

    def stop():
        running[-1][0].kill()
        running[-1][0].wait()

    yield start, stop
    for process, out in running:
        process.kill()
        process.wait()
        out.close()


def say(redis, *sequences):
    """As the hub's sink writes them (docs/redis.md)."""
    for sequence in sequences:
        data = {"at": "2026-01-01T08:00:00.000+08:00", "alarm": f"{sequence:032x}", "from": "normal",
                "to": "active-unack", "text": {"zh": "旁路", "en": "open"}}
        redis.client().xadd(STREAM, {"event": json.dumps({"data": data})}, id=f"{sequence}-0")


def alarms(lines):
    return [int(line.split()[1], 16) for line in lines()]


def test_consumer__reads_each_transition_once_through_restart_and_flush(redis, consumer):
    start, stop = consumer
    lines = start()  # before there is a stream: it makes its group itself
    wait_for(lambda: redis.client().exists(STREAM))
    say(redis, 1, 2)
    wait_for(lambda: len(lines()) == 2)
    redis.client().flushall()
    wait_for(lambda: redis.client().exists(STREAM))  # the consumer has made its group anew
    say(redis, 1, 2, 3)  # the hub fills it again
    wait_for(lambda: len(lines()) == 3)
    wait_for(lambda: redis.client().xpending(STREAM, "example")["pending"] == 0)
    stop()
    say(redis, 4)
    again = start()
    wait_for(lambda: len(again()) == 1)
    assert alarms(lines) + alarms(again) == [1, 2, 3, 4]


def test_consumer__outlives_a_redis_that_is_killed(redis, consumer):
    start, _ = consumer
    lines = start()
    wait_for(lambda: redis.client().exists(STREAM))
    say(redis, 1)
    wait_for(lambda: len(lines()) == 1)
    redis.kill()
    redis.start()
    say(redis, 1, 2)
    wait_for(lambda: len(lines()) == 2)
    assert alarms(lines) == [1, 2]
