"""A retrospective alarm through the whole hub: Redis, the bus, officers' commands, a kill, a reload of the rules."""
import datetime
import json
import shutil

import hj212
import servers
from servers import AREA, ROOT, wait_for
from story import BYPASS, METER, Plant

RULE = "bypass-damper-open"
OPEN = {"e10101": 20, "e10201": 0, "e10301": 0}


class Logger:
    """The foundry's meter and damper; seconds count from 40 minutes ago."""

    def __init__(self, device):
        self.device, self.begun = device, hj212.now().replace(microsecond=0) - datetime.timedelta(minutes=40)

    def at(self, second):
        return self.begun + datetime.timedelta(seconds=second)

    def meter(self, start, end):
        for second in range(start, end, 10):
            self.device.publish(f"ems/v1/{AREA}/{METER}/up/senml", hj212.pack(METER, Plant.SHOWS[METER], self.at(second)))

    def damper(self, start, end, opened=()):
        for second in range(start, end, 10):
            items = OPEN if second in opened else Plant.SHOWS[BYPASS]
            self.device.publish(f"ems/v1/{AREA}/{BYPASS}/up/hj212", hj212.data(BYPASS, items, self.at(second)))

    def stamp(self, second):
        return self.at(second).isoformat(timespec="milliseconds")


def unplugged(device):
    """The meter is heard all the time, the damper not from 600 to 1800."""
    logger = Logger(device)
    logger.meter(0, 2400)
    logger.damper(0, 600)
    logger.damper(1800, 2400)
    return logger


def alarms(redis):
    client = redis.client()
    return [client.hgetall(key) for key in client.keys(f"ems:{{{AREA}}}:alarm:*")]


def field(alarm, name):
    return alarm.get(name.encode(), b"").decode() if alarm and isinstance(next(iter(alarm)), bytes) else alarm.get(name, "")


def of_rule(redis):
    return [alarm for alarm in alarms(redis) if field(alarm, "rule") == RULE]


def test_late_live__stands_in_redis_and_on_the_bus_and_is_obeyed(hub, redis, connect):
    officer = connect("li", f"ems/v1/{AREA}/alarm/event", f"ems/v1/{AREA}/alarm/cmd/+/result", f"ems/v1/{AREA}/alarm/open/+")
    logger = unplugged(connect("device"))
    logger.damper(610, 1800, range(900, 1200))
    wait_for(lambda: [a for a in of_rule(redis) if field(a, "state") == "cleared-unack"])
    alarm = of_rule(redis)[0]
    assert len(of_rule(redis)) == 1 and field(alarm, "retrospective") == "true" and field(alarm, "onset") == logger.stamp(900)
    assert (field(alarm, "gap_from"), field(alarm, "gap_to")) == (logger.stamp(590), logger.stamp(1800))
    assert field(alarm, "text_zh").startswith("【补传】【已恢复】") and int(field(alarm, "gap_first")) <= int(field(alarm, "gap_last"))

    def events():
        return [json.loads(m.payload)["data"] for m in officer.topic("alarm/event") if RULE in m.payload.decode()]
    wait_for(lambda: len(events()) == 2)
    told = events()
    assert [t["to"] for t in told] == ["active-unack", "cleared-unack"] and all(t["retrospective"] is True for t in told)
    command = {"id": "c-1", "action": "acknowledge", "alarm": told[0]["alarm"], "transition": 2}
    officer.publish(f"ems/v1/{AREA}/alarm/cmd/li", json.dumps(command))
    wait_for(lambda: [m for m in officer.got if m.topic.endswith("/result")])
    assert json.loads([m for m in officer.got if m.topic.endswith("/result")][0].payload)["result"] == "done"
    wait_for(lambda: field(of_rule(redis)[0], "state") == "cleared-ack")
    wait_for(lambda: hub.metric("hjhub_late_messages_total") == (1800 - 610) // 10)
    assert hub.metric("hjhub_late_values_forgotten") == 0
    # And it all comes of the journal again.
    assert hub.stop() == 0
    assert hub.command("replay", "--verify", "--json", hub.journal).returncode == 0


def test_late_live__a_kill_in_the_middle_of_a_back_fill(hub, redis, connect):
    logger = unplugged(connect("device"))
    logger.damper(610, 1000, range(900, 1200))
    wait_for(lambda: of_rule(redis))
    hub.kill()
    hub.start()
    logger.damper(1000, 1800, range(900, 1200))
    wait_for(lambda: field(of_rule(redis)[0], "state") == "cleared-unack")
    alarm, = of_rule(redis)
    assert (field(alarm, "lasted_ms"), field(alarm, "transition")) == ("600000", "2")


def test_late_live__a_reload_keeps_what_late_and_live_data_has_brought(tmp_path, broker, redis, connect):
    """Another rule changes; this one's alarm, and the run of a back-fill, go on. All or nothing."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    hub = servers.Hub(tmp_path, broker, redis, rules=rules)
    hub.start()
    logger = unplugged(connect("device"))
    logger.damper(610, 950, range(900, 1200))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 240 + 60 + 60 + 34)
    path = rules / "fume.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "- nonsense\n", encoding="utf-8")
    assert hub.command("reload", "--config", hub.config).returncode == 1
    path.write_text(text.replace("severity: S3", "severity: S4", 1), encoding="utf-8")
    assert hub.command("reload", "--config", hub.config).returncode == 0
    logger.damper(950, 1800, range(900, 1200))
    wait_for(lambda: [a for a in of_rule(redis) if field(a, "state") == "cleared-unack"])
    alarm, = of_rule(redis)
    assert (field(alarm, "onset"), field(alarm, "lasted_ms")) == (logger.stamp(900), "600000")
    assert hub.stop() == 0
    assert hub.command("replay", "--verify", "--json", hub.journal).returncode == 0
