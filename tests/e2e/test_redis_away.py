"""Redis is a cache: away, hanging, refusing, emptied or exchanged, the hub journals and answers, says what is
wrong with it, and fills it again by itself."""
import contextlib
import datetime
import os
import signal

import hj212
import pytest
import servers
from servers import AREA, wait_for
from live import CEMS, alarms_in, health, key, open_bypass, received, said, transitions, up


class Word:
    """A device that reports on and on, each report another value; answered is each of them."""

    def __init__(self, connect):
        self.device = connect("word", f"ems/v1/{AREA}/{CEMS}/down/hj212")
        self.count = 0

    def report(self):
        """One report, answered: the hub works. Its value, as Redis should show it."""
        self.count += 1
        at = hj212.now() + datetime.timedelta(milliseconds=self.count)
        self.device.publish(up(CEMS), hj212.data(CEMS, {"a34013": self.count}, at))
        wait_for(lambda: len(self.device.got) >= self.count, 10)
        return str(self.count)


@pytest.fixture
def word(connect):
    return Word(connect)


def shows(redis, value):
    return redis.client().hget(key("device", CEMS), "a34013-Rtd") == value


def caught_up(hub, redis):
    """What was said of alarms stands in Redis, once and in its order."""
    ids = [event["id"] for event in said(hub, "transition")]
    return ids and [event["id"] for event in transitions(redis)] == ids


def degraded(hub):
    """The words of the check `redis` while it fails; the hub is ready all the same."""
    check = health(hub)["redis"]
    assert hub.ready()
    return check["status"] != "ok" and (check.get("reason_en") or "?")


def works_without(hub, redis, word, words):
    """Redis is of no use: the hub answers, journals an alarm, is ready and says what is wrong."""
    wait_for(lambda: words in str(degraded(hub)), 20)
    before = received(hub)
    word.report()
    open_bypass(word.device)
    wait_for(lambda: said(hub, "transition"), 30)
    assert received(hub) > before and degraded(hub)


def test_redis__away_at_the_start(tmp_path, broker, redis, connect):
    redis.kill()
    hub = servers.Hub(tmp_path, broker, redis)
    hub.start()
    word = Word(connect)
    works_without(hub, redis, word, "refused")
    redis.start()
    wait_for(lambda: caught_up(hub, redis), 40)
    assert hub.stop() == 0


def test_redis__killed_under_traffic_comes_back_empty(hub, redis, connect, word):
    open_bypass(word.device)
    alarm = wait_for(lambda: alarms_in(redis), 30)
    for _ in range(2):
        redis.kill()
        for _ in range(5):
            last = word.report()
        redis.start()  # empty: it keeps nothing
        wait_for(lambda: shows(redis, last), 40)
        wait_for(lambda: caught_up(hub, redis))
        assert alarms_in(redis).keys() == alarm.keys()


def test_redis__emptied_while_running(hub, redis, word):
    open_bypass(word.device)
    wait_for(lambda: alarms_in(redis), 30)
    redis.client().flushall()
    last = word.report()
    wait_for(lambda: shows(redis, last) and caught_up(hub, redis))
    assert hub.said("event=redis-behind")


@contextlib.contextmanager
def hanging(redis):
    os.kill(redis.process.pid, signal.SIGSTOP)
    yield
    os.kill(redis.process.pid, signal.SIGCONT)


def test_redis__that_hangs_holds_nothing_up(tmp_path, broker, redis, connect):
    hub = servers.Hub(tmp_path, broker, redis)
    with hanging(redis):
        hub.start()
        word = Word(connect)
        works_without(hub, redis, word, "no answer within")
        last = word.report()
    wait_for(lambda: shows(redis, last) and caught_up(hub, redis), 40)
    with hanging(redis):
        word.report()
        assert hub.stop() == 0


def test_redis__forgets_the_script(hub, redis, word):
    word.report()
    wait_for(lambda: redis.client().exists(key("hub")))
    redis.client().script_flush()
    last = word.report()
    wait_for(lambda: shows(redis, last))
    assert not hub.said("event=redis-refused")


@contextlib.contextmanager
def refusing(client, name, value):
    before = client.config_get(name)[name]
    client.config_set(name, value)
    yield
    client.config_set(name, before)


def test_redis__full_says_so_and_goes_on_when_there_is_room(hub, redis, word):
    word.report()
    wait_for(lambda: redis.client().exists(key("hub")))
    with refusing(redis.client(), "maxmemory", "1"):
        works_without(hub, redis, word, "OOM")
        last = word.report()
    wait_for(lambda: shows(redis, last) and caught_up(hub, redis), 60)


def test_redis__read_only_replica_says_so_and_goes_on_as_master(hub, redis, word):
    word.report()
    wait_for(lambda: redis.client().exists(key("hub")))
    redis.client().replicaof("127.0.0.1", servers.free_port())
    works_without(hub, redis, word, "read only replica")
    redis.client().replicaof("NO", "ONE")
    last = word.report()
    wait_for(lambda: shows(redis, last) and caught_up(hub, redis), 60)


def test_redis__wrong_password_is_said(tmp_path, broker, redis, connect):
    (tmp_path / "secret").write_text("right\n")
    redis.client().config_set("requirepass", "wrong")
    hub = servers.Hub(tmp_path, broker, redis, more={"redis": {"password_file": str(tmp_path / "secret")}})
    hub.start()
    word = Word(connect)
    works_without(hub, redis, word, "WRONGPASS")
    assert not hub.said("right\n") and "secret" not in hub.log.read_text()
    (tmp_path / "secret").write_text("wrong\n")  # it is read at each connect
    import redis as library
    client = library.Redis(port=redis.port, password="wrong", decode_responses=True)
    wait_for(lambda: client.xlen(key("alarms:transitions")), 40)
    assert hub.stop() == 0


def test_redis__has_the_hubs_health_while_it_lives(hub, redis):
    fields = wait_for(lambda: redis.client().hgetall(key("hub")))
    assert int(fields["received"]) == 0 and int(fields["epoch"]) >= 1
    assert 0 < redis.client().ttl(key("hub")) <= 60
