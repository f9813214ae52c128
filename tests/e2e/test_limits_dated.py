"""A limit that changes on a day: what counts is the date of the value, not of its coming."""
import datetime
import shutil
import subprocess

import pytest

import hj212
from servers import HJHUB, ROOT
from story import CEMS, REGISTRY, START, Story, when

NIGHT = 14 * 3600  # from START to midnight

RULES = """- rule: nox-above
  title: {zh: 氮氧化物超限, en: NOx above}
  scope: signal
  of: {quantity: [nox]}
  when: value > limit
  severity: S3
  text: {zh: "{value}超过{limit}", en: "{value} above {limit}"}
  source: {cite: house, sure: low}

- rule: nox-above-day
  title: {zh: 氮氧化物日均值超限, en: NOx above by day}
  scope: signal
  of: {quantity: [nox], period: day}
  when: value > limit
  severity: S3
  text: {zh: "{value}超过{limit}", en: "{value} above {limit}"}
  source: {cite: house, sure: low}
"""


def folder(tmp_path, *limits):
    registry, rules = tmp_path / "registry", tmp_path / "rules"
    shutil.copytree(REGISTRY, registry)
    (registry / "limits.csv").write_text("outlet,factor,averaging,value,unit,standard,tier,from_date,to_date\n" + "".join(
        f"O1,a21002,{row}\n" for row in limits))
    signals = registry / "signals.csv"
    header = signals.read_text().splitlines()[0].split(",")
    row = {"mn": CEMS, "factor": "a21002", "field": "Avg", "cn": "2031", "quantity": "nox", "unit": "mg/m3"}
    signals.write_text(signals.read_text() + ",".join(row.get(name, "") for name in header) + "\n")
    rules.mkdir()
    for name in ("00-quantities.yaml", "01-states.yaml"):
        shutil.copy(ROOT / "rules" / name, rules)
    (rules / "own.yaml").write_text(RULES, encoding="utf-8")
    return registry, rules


TWO = ("hour,300,mg/m3,permit of old,legal,,2026-09-01", "hour,100,mg/m3,permit of new,legal,2026-09-02,",
       "day,300,mg/m3,permit of old,legal,,2026-09-01", "day,100,mg/m3,permit of new,legal,2026-09-02,")


def told(story, rule):
    return [(t["from"], t["to"], t["text"]["en"]) for t in story.run() if t["rule"] == rule]


def test_limits__switch_at_midnight_by_the_date_of_the_value(tmp_path):
    """200 is allowed until midnight. What is of the old day and comes in the new one is judged by the old limit."""
    registry, rules = folder(tmp_path, *TWO)
    story = Story(registry, rules)
    for second in (-60, -30):
        story.frame(NIGHT + second, CEMS, {"a21002": 200})
    story.frame(NIGHT + 5, CEMS, {"a21002": 200}, event=NIGHT - 10)
    assert told(story, "nox-above") == []
    story.frame(NIGHT + 10, CEMS, {"a21002": 200}, event=NIGHT)
    assert told(story, "nox-above") == [("normal", "active-unack", "200 mg/m3 above 100 mg/m3")]
    assert [t["numbers"] for t in story.run() if t["rule"] == "nox-above"] == [
        {"value": {"value": 200, "unit": "mg/m3"}, "limit": {"value": 100, "unit": "mg/m3"}}]


@pytest.mark.parametrize("day, raised", [(0, []), (1, [("normal", "active-unack", "200 mg/m3 above 100 mg/m3")])])
def test_limits__the_mean_of_the_old_day_that_comes_in_the_new_one(tmp_path, day, raised):
    registry, rules = folder(tmp_path, *TWO)
    story, midnight = Story(registry, rules), START.replace(hour=0) + datetime.timedelta(days=day)
    came = NIGHT + day * 86400 + 600
    story.frame(came - 30, CEMS, {"a21002": 50})
    story.send(came, CEMS, hj212.data(CEMS, {"a21002": 200}, midnight, cn=2031, field="Avg", qn=when(came).strftime("%Y%m%d%H%M%S000")))
    assert told(story, "nox-above-day") == raised


def test_limits__where_no_row_holds_the_standards_do_or_nobody(tmp_path):
    """From the second day on nothing is said: the alarm is over, and nothing more is compared."""
    registry, rules = folder(tmp_path, "hour,100,mg/m3,permit,legal,,2026-09-01")
    story = Story(registry, rules)
    for second in range(-60, 60, 10):
        story.frame(NIGHT + second, CEMS, {"a21002": 200})
    assert told(story, "nox-above") == [("normal", "active-unack", "200 mg/m3 above 100 mg/m3"),
                                        ("active-unack", "cleared-unack", "[over] 200 mg/m3 above none")]


@pytest.mark.parametrize("begin, raised", [(-1800, False), (1800, True)])
def test_limits__what_comes_late_is_judged_by_the_limit_of_its_day(tmp_path, begin, raised):
    """Five minutes of 200 that are sent two hours later, of the evening before or of the night."""
    registry, rules = folder(tmp_path, *TWO)
    story = Story(registry, rules)
    for second in range(NIGHT - 3600, NIGHT + 9000, 30):
        if not NIGHT + begin <= second < NIGHT + begin + 300:
            story.frame(second, CEMS, {"a21002": 50})
    for second in range(NIGHT + begin, NIGHT + begin + 300, 30):
        story.frame(NIGHT + 9000 + (second % 300) / 30, CEMS, {"a21002": 200}, event=second)
    found = [t for t in story.run() if t["rule"] == "nox-above"]
    assert [t["to"] for t in found if t["from"] == "normal"] == ["active-unack"] * raised
    assert all(t["retrospective"] for t in found)


@pytest.mark.parametrize("rows, wrong", [
    (TWO, None),
    (("hour,300,mg/m3,x,legal,,", "hour,100,mg/m3,x,legal,2026-09-02,"), "limits.csv:3"),
    (("hour,300,mg/m3,x,legal,,2026-09-02", "hour,100,mg/m3,x,legal,2026-09-02,"), "limits.csv:3"),
    (("hour,300,mg/m3,x,legal,2026-09-02,2026-09-01",), "ends before it begins"),
    (("hour,300,mg/m3,x,legal,,2026-09-01", "hour,200,mg/m3,x,legal,2026-09-05,", "hour,100,mg/m3,x,legal,2026-09-04,2026-09-05"),
     "limits.csv:4"),
])
def test_limits__one_at_a_time(tmp_path, rows, wrong):
    registry, _ = folder(tmp_path, *rows)
    done = subprocess.run([HJHUB, "registry", "check", registry], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (wrong is None) and (wrong or "") in done.stdout + done.stderr, done.stdout + done.stderr
