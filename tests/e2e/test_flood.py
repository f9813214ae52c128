"""Calm: a thousand devices that go away at once are one alarm; a firm that goes away alone is its own."""
import random
import shutil

import hj212
import pytest

import servers
from servers import AREA, ROOT, wait_for
from story import Story

COUNT = 1000
MNS = [f"FLOOD{i:04}" for i in range(COUNT)]
TOWN = {True: "北诗镇", False: "河西镇"}


def registry(folder, count=COUNT, in_town=None):
    """`count` meters, each of an enterprise of its own, the first `in_town` of them in the first town."""
    in_town = count // 2 if in_town is None else in_town
    folder.mkdir()
    (folder / "area.csv").write_text("area\n140581\n")
    (folder / "enterprises.csv").write_text("enterprise,name,name_en,town\n" + "".join(
        f"E{i},厂{i},Plant {i},{TOWN[i < in_town]}\n" for i in range(count)), encoding="utf-8")
    (folder / "devices.csv").write_text("mn,name,name_en,kind,enterprise,outlet,format,interval_s\n" + "".join(
        f"{mn},表{i},meter {i},electricity,E{i},,senml,60\n" for i, mn in enumerate(MNS[:count])), encoding="utf-8")
    return folder


class County(Story):
    def __init__(self, folder, seed=0, **more):
        super().__init__(registry=registry(folder, **more))
        self.chance = random.Random(seed)

    def rounds(self, start, end, mns):
        """Each device once a minute, in an order of its own each minute."""
        for minute in range(start, end, 60):
            for mn in self.chance.sample(mns, len(mns)):
                self.pack(minute + self.chance.randrange(0, 5), mn, {"a01011": 1})
        return self

    def ticks(self, start, end):
        for second in range(start, end, 30):
            self.tick(second, session="up")
        return self


def raises(told):
    """What became work: (rule, subject), in the order in which it was announced."""
    return [(t["rule"], t["subject"]) for t in told if t["to"] == "active-unack" and "held_back" not in t and
            t.get("announced", True) and t["from"] != t["to"]]


@pytest.mark.parametrize("seed", [1, 2])
def test_flood__a_thousand_at_once_are_one_alarm(tmp_path, seed):
    story = County(tmp_path / "registry", seed).rounds(0, 180, MNS).ticks(0, 2400).rounds(2400, 3600, MNS).ticks(2400, 3600)
    told = story.run()
    assert raises(told) == [("network-area-outage", "140581")]
    away = {t["subject"] for t in told if t["rule"] == "device-offline" and t["to"] == "active-unack"}
    assert len(away) == COUNT  # each is in the journal
    parent = next(t for t in told if t["rule"] == "network-area-outage")
    assert {t["suppressed_by"] for t in told if t["rule"] == "device-offline" and t["from"] == "normal"} == {parent["alarm"]}
    last = {(t["rule"], t["subject"]): t["to"] for t in told}
    assert {state for (rule, _), state in last.items() if rule == "device-offline"} == {"closed"}
    assert last["network-area-outage", "140581"] == "cleared-unack"


def test_flood__who_stays_away_is_told_when_the_others_are_back(tmp_path):
    """Two meters are still away when the outage is over: now they are work."""
    back = MNS[2:200]
    story = County(tmp_path / "registry", count=200).rounds(0, 180, MNS[:200]).ticks(0, 2400)
    told = story.rounds(2400, 4200, back).ticks(2400, 4200).run()
    assert sorted(raises(told) + [(t["rule"], t["subject"]) for t in told if t.get("reason") == "parent-over"]) == [
        ("device-offline", MNS[0]), ("device-offline", MNS[1]), ("network-area-outage", "140581")]


def test_flood__a_town_alone_is_a_town(tmp_path):
    """Twenty of a hundred go away: less than 30 % of the area, all of their town."""
    story = County(tmp_path / "registry", count=100, in_town=20).rounds(0, 180, MNS[:100])
    told = story.rounds(180, 1800, MNS[20:100]).ticks(180, 1800).run()
    assert raises(told) == [("network-town-outage", TOWN[True])]


@pytest.mark.parametrize("away", [9, 20])
def test_flood__few_or_one_by_one_are_each_their_own(tmp_path, away):
    """Nine of twenty-nine at once; twenty of twenty-nine, five minutes apart."""
    mns = MNS[:29]
    story = County(tmp_path / "registry", count=29)
    for i, mn in enumerate(mns):
        gone = 180 + (300 * i if away == 20 else 0) if i < away else 9000
        story.rounds(0, gone, [mn])
    told = story.ticks(0, 9000).run()
    assert sorted(raises(told)) == [
        ("device-offline", mn) for mn in mns[:away]]


HOT = """- rule: draws-much
  title: {zh: 电流过大, en: Draws much}
  scope: device
  of: {kind: [electricity]}
  when: device.current > 100 A
  raise_after: 0 s
  severity: S3
  text: {zh: "电流{device.current}", en: "draws {device.current}"}
  source: {cite: house, sure: low}
"""


def ammeters(folder, count):
    """The same meters tell a current; the catalogue, and a rule that raises at once."""
    (registry(folder / "meters", count) / "signals.csv").write_text("mn,factor,field,cn,quantity,unit\n" + "".join(
        f"{mn},d20401,Rtd,2011,current,A\n" for mn in MNS[:count]))
    shutil.copytree(ROOT / "rules", folder / "rules")
    (folder / "rules" / "own.yaml").write_text(HOT, encoding="utf-8")
    return folder / "meters", folder / "rules"


@pytest.mark.parametrize("every, told_of", [(60, 0), (45, 2)])
def test_flood__alarms_that_come_faster_than_they_can_be_read_are_told(tmp_path, every, told_of):
    """A new alarm each minute of half an hour are ten in ten minutes: not yet more than ten; each 45 s are thirteen."""
    meters, rules = ammeters(tmp_path, 40)
    story = Story(registry=meters, rules=rules)
    for mn, at in zip(MNS, range(0, 1800, every)):
        story.pack(at, mn, {"d20401": 200})
    for second in range(0, 3600, 30):
        story.tick(second, session="up")
    told = [t for t in story.run() if t["rule"] == "alarm-flood" and t["from"] != t["to"]]
    assert [(t["from"], t["to"]) for t in told] == [
        ("normal", "active-unack"), ("active-unack", "cleared-unack")][:told_of]
    assert [t["numbers"]["many"] for t in told] == [{"value": 10}] * told_of
    assert [t["numbers"]["fresh"]["value"] > 10 for t in told] == [True, False][:told_of]
    assert all("条新的S1至S3报警（其中S1、S2共0条）" in t["text"]["zh"] for t in told)


def test_flood__a_reload_keeps_the_count(tmp_path, broker, redis, connect):
    """Eleven alarms through broker and Redis; a rule that does not wait any more sees them at once."""
    meters, rules = ammeters(tmp_path, 11)
    hub = servers.Hub(tmp_path, broker, redis, registry=meters, rules=rules)
    hub.start()
    device, client = connect("device"), redis.client()
    for mn in MNS[:11]:
        device.publish(f"ems/v1/{AREA}/{mn}/up/senml", hj212.pack(mn, {"d20401": 200}, hj212.now()))
    of = lambda rule: [key for key in client.keys(f"ems:{{{AREA}}}:alarm:*") if client.hget(key, "rule") == rule]
    wait_for(lambda: len(of("draws-much")) == 11)
    flood = rules / "alarms.yaml"
    flood.write_text(flood.read_text(encoding="utf-8").replace("raise_after: 600 s", "raise_after: 0 s"), encoding="utf-8")
    assert hub.command("reload", "--config", hub.config).returncode == 0
    key, = wait_for(lambda: of("alarm-flood"))
    assert client.hget(key, "text_en").startswith("11 new alarms of S1 to S3 in 10 min")
    assert hub.stop() == 0
