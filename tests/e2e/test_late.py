"""Late data is judged too, in event time: unplug, exceed, back-fill is no way out."""
import json
import shutil

import pytest

from servers import ROOT
from story import BYPASS, CEMS, METER, Plant, brief, stamp

RULE = "bypass-damper-open"
OPEN, SHUT = {"e10101": 20, "e10201": 0, "e10301": 0}, {"e10101": 0, "e10201": 0, "e10301": 1}


def fill(story, at, start, end, items=OPEN, mn=BYPASS, every=10):
    """What a logger kept from start to before end, sent at `at`, a frame each ms."""
    for i, second in enumerate(range(start, end, every)):
        shown = items(second) if callable(items) else items
        story.frame(at + i / 1000, mn, shown, event=second)
    return story


def gap_story(gap=(600, 1800), end=2400, opened=(900, 1200)):
    """The damper's logger is unplugged; meanwhile it stands open; then it is heard again, shut."""
    story = Plant().live(0, gap[0])
    story.live(gap[0], gap[1], e10101=None, e10201=None, e10301=None, a01011=None)
    story.live(gap[1], end)
    return story


def opened(second):
    return OPEN if 900 <= second < 1200 else SHUT


def late(told):
    return [t for t in told if t.get("retrospective")]


def test_late__what_the_logger_kept_raises_once_it_is_sent():
    story = fill(gap_story(), 2000, 610, 1800, opened)
    told = story.raised(RULE)
    assert len(told) == 2 and late(told) == told
    raised, over = told
    assert (raised["from"], raised["to"], raised["severity"], raised["onset"]) == ("normal", "active-unack", "S1", stamp(900))
    assert (over["to"], over["lasted_ms"], over["onset"], over["alarm"]) == ("cleared-unack", 600_000, stamp(900), raised["alarm"])
    assert raised["gap"]["from"] == stamp(590) and raised["gap"]["to"] == stamp(1800)
    assert raised["text"]["zh"].startswith("【补传】青石坪铸造厂") and "旁路挡板开度20 %" in raised["text"]["zh"]
    assert raised["text"]["en"].startswith("[retrospective] ") and over["text"]["zh"].startswith("【补传】【已恢复】")
    # It was said when it came: at is the hub's clock.
    assert stamp(2000) <= raised["at"] < over["at"] < stamp(2001)


def test_late__the_gap_names_the_records_that_filled_it():
    story = fill(gap_story(), 2000, 610, 1800, opened)
    lines = [json.loads(line) for line in story.text().splitlines()]
    raised = story.raised(RULE)[0]
    first, last = raised["gap"]["first"], raised["gap"]["last"]
    assert lines[first - 1]["at"] == stamp(2000) and lines[last - 1]["at"] == raised["at"]
    assert raised["gap"]["count"] == (960 - 610) // 10 + 1 == last - first + 1


def test_late__raises_at_the_boundary_and_not_below():
    """Open for 60 s raises, for a frame less not."""
    for seconds, raises in ((60, True), (50, False)):
        story = fill(gap_story(), 2000, 610, 1800, lambda s: OPEN if 900 <= s < 900 + seconds else SHUT)
        assert bool(story.raised(RULE)) == raises, seconds


def test_late__the_back_fill_may_come_before_anything_live():
    """In order, the old first: the live rules hold it for stale, the late ones do not."""
    story = Plant().live(0, 600)
    story.live(600, 1800, e10101=None, e10201=None, e10301=None, a01011=None)
    fill(story, 1790, 600, 1790, opened)
    told = story.live(1800, 2400).raised(RULE)
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(900)), ("cleared-unack", stamp(900))]
    assert late(told) == told and told[0]["gap"]["from"] == stamp(590)


def test_late__what_began_live_and_goes_on_in_the_gap_is_one_alarm():
    """Open from 570, unplugged at 600: the minute is full in the gap; the onset is where it began."""
    story = Plant().live(0, 570).live(570, 600, **OPEN)
    story.live(600, 1800, e10101=None, e10201=None, e10301=None, a01011=None)
    fill(story, 1790, 600, 1790, lambda s: OPEN if s < 1200 else SHUT)
    told = story.live(1800, 2400).raised(RULE)
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(570)), ("cleared-unack", stamp(570))]
    assert len({t["alarm"] for t in told}) == 1 and told[1]["lasted_ms"] == (1200 + 300 - 570) * 1000
    assert told[0]["lasted_ms"] == 60_000 and late(told) == told


def test_late__one_that_goes_on_to_the_end_of_the_gap_is_carried_on_by_what_comes_live():
    """Open in the gap and behind it: one alarm, which the live damper clears."""
    story = Plant().live(0, 600)
    story.live(600, 1800, e10101=None, e10201=None, e10301=None, a01011=None)
    story.live(1800, 2200, **OPEN)
    fill(story, 1805, 610, 1800, lambda s: OPEN if s >= 900 else SHUT)
    told = story.live(2200, 3000).raised(RULE)
    assert [(t["from"], t["to"]) for t in told] == [("normal", "active-unack"), ("active-unack", "cleared-unack")]
    assert {t["onset"] for t in told} == {stamp(900)} and told[1]["at"] == stamp(2500)
    assert late(told) == told


def test_late__under_a_live_alarm_nothing_more_is_raised():
    """Open since 500 and raised; unplugged at 600; the back-fill says what is known."""
    story = Plant().live(0, 500).live(500, 600, **OPEN)
    story.live(600, 1800, e10101=None, e10201=None, e10301=None, a01011=None).live(1800, 2400)
    fill(story, 2000, 600, 1800, OPEN)
    told = story.raised(RULE)
    assert late(told) == [] and brief(told)[0] == (560, "normal", "active-unack", "S1")


def test_late__under_one_that_an_officer_has_closed_neither():
    """The same, and closed before the logger is heard: the case was dealt with."""
    story = Plant().live(0, 500).live(500, 600, **OPEN)
    story.live(600, 1800, e10101=None, e10201=None, e10301=None, a01011=None).live(1800, 2400)
    alarm = story.raised(RULE)[0]["alarm"]
    for at, action in ((2200, "acknowledge"), (2210, "close")):
        story.tell(at, topic="ems/v1/140581/alarm/cmd/li",
                   payload=json.dumps({"id": action, "action": action, "alarm": alarm, "finding": "bypass"}))
    told = fill(story, 2300, 600, 1800, OPEN).raised(RULE)
    assert [t["to"] for t in told] == ["active-unack", "cleared-unack", "cleared-ack", "closed"] and late(told) == []


def test_late__the_same_back_fill_twice_changes_nothing():
    once = fill(gap_story(), 2000, 610, 1800, opened)
    twice = fill(fill(gap_story(), 2000, 610, 1800, opened), 2100, 610, 1800, opened)
    assert once.raised(RULE) == twice.raised(RULE)
    assert twice.counters["duplicate"] == 119


def test_late__interleaved_with_live_data():
    """A logger that sends two old frames between each two new ones."""
    story = gap_story(end=3000)
    for i, second in enumerate(range(610, 1800, 10)):
        story.frame(2000 + i * 5 + 0.001, BYPASS, opened(second), event=second)
    told = story.raised(RULE)
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(900)), ("cleared-unack", stamp(900))]


def both_unplugged():
    story = Plant().live(0, 600)
    return story.live(1800, 2400)


def meter(story, at, start, end):
    for i, second in enumerate(range(start, end, 10)):
        story.pack(at + i / 1000, METER, Plant.SHOWS[METER], event=second)
    return story


@pytest.mark.parametrize("order", ["meter first", "damper first", "in turns"])
def test_late__two_devices_of_one_linkage_back_fill(order):
    """Whether production ran is as late as the damper."""
    story = both_unplugged()
    if order == "meter first":
        fill(meter(story, 1900, 600, 1800), 2000, 600, 1800, opened)
    elif order == "damper first":
        meter(fill(story, 1900, 600, 1800, opened), 2000, 600, 1800)
    else:
        for i, second in enumerate(range(600, 1800, 10)):
            story.pack(2000 + i / 100, METER, Plant.SHOWS[METER], event=second)
            story.frame(2000 + i / 100 + 0.001, BYPASS, opened(second), event=second)
    told = story.raised(RULE)
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(900)), ("cleared-unack", stamp(900))], told


def test_late__what_is_not_known_of_others_raises_nothing():
    """Only the damper's logger kept anything: nobody knows whether production ran."""
    assert fill(both_unplugged(), 2000, 600, 1800, opened).raised(RULE) == []


def test_late__production_that_stood_in_the_gap_stands():
    """The meter was heard all the time, and it says that production was off when the damper was open."""
    story = Plant().live(0, 600)
    for start, end, power in ((600, 700, 400.0), (700, 1500, 0), (1500, 1800, 400.0)):
        story.live(start, end, e10101=None, e10201=None, e10301=None, a01011=None, d20101=power)
    story.live(1800, 2400)
    assert fill(story, 2000, 610, 1800, lambda s: OPEN if 1100 <= s < 1400 else SHUT).raised(RULE) == []


def test_late__absence_is_not_judged_in_it():
    story = gap_story()
    before = brief(story.raised("device-offline"))
    filled = fill(gap_story(), 2000, 610, 1800, opened)
    assert brief(filled.raised("device-offline")) == before and {t["rule"] for t in late(filled.run())} == {RULE}


# --- data of periods, windows, what was never live ---

def hours(means, arrive):
    """The stack's hour means of 10, 11, 12 o'clock ...; arrive: hour -> second at which its frame comes."""
    story = Plant()
    for hour, mean in enumerate(means):
        story.frame(arrive(hour), CEMS, {"a21002": mean}, event=hour * 3600, cn=2061, field="ZsAvg",
                    qn=f"202609011{hour}59{hour:02d}000")
    return story


def test_late__an_hour_that_comes_in_time_is_not_late():
    told = hours([200, 320, 200], lambda hour: (hour + 1) * 3600 + 120).raised("emission-hour-exceed")
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(3600)), ("cleared-unack", stamp(3600))]
    assert late(told) == []


def test_late__an_hour_that_comes_after_newer_ones_is_judged_as_late():
    """The hour over the limit is kept back until the others are in."""
    told = hours([200, 320, 200, 200], lambda hour: (hour + 1) * 3600 + 120 + (hour == 1) * 7300).raised("emission-hour-exceed")
    assert [(t["to"], t["onset"]) for t in told] == [("active-unack", stamp(3600))] and late(told) == told


HOT = """- rule: hot-mean
  title: {zh: 均值高, en: Mean too high}
  scope: linkage
  when: mean(bypass.velocity, 5 min) > 5 m/s
  severity: S4
  text: {zh: "{bypass.velocity}", en: "{bypass.velocity}"}
  source: {cite: house, sure: low}
"""


def test_late__windows_look_over_late_minutes(tmp_path):
    """Ten minutes of wind in the gap: the mean of five of them is full of it, and says so as late."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "rules/own.yaml").write_text(HOT, encoding="utf-8")
    story = gap_story()
    story.rules = tmp_path / "rules"
    fill(story, 2000, 600, 1800, lambda s: {"a01011": 10.0 if 1000 <= s < 1600 else 0.2})
    raised, over = story.raised("hot-mean")
    # The mean of 300 s passes 5 when half of it is windy.
    assert raised["retrospective"] and stamp(1140) <= raised["onset"] <= stamp(1160)
    assert over["to"] == "cleared-unack" and 590_000 <= over["lasted_ms"] <= 610_000


def test_late__what_is_older_than_all_that_is_remembered_is_judged_too():
    """A back-fill of two days ago, which no ring of duplicates reaches any more."""
    story = Plant().live(0, 300)
    story.live(172_800, 172_900)
    meter(story, 172_910, 600, 1800)
    fill(story, 172_920, 600, 1800, opened)
    assert [t["onset"] for t in late(story.raised(RULE))] == [stamp(900)] * 2
