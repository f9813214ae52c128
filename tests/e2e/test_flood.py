"""Calm: a thousand devices that go away at once are one alarm; a firm that goes away alone is its own."""
import random

import pytest

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
