"""What is allowed, and when: standards' limits by source, calendars of the year, equipment that is retired."""
import shutil

import pytest

from story import CEMS, METER, REGISTRY, Plant, Story, brief
from test_filings import told


def copy(tmp_path, **changes):
    """registry-small with changed tables: name=text, or name=function of the text."""
    path = tmp_path / "registry"
    shutil.copytree(REGISTRY, path)
    for name, change in changes.items():
        table = path / f"{name}.csv"
        table.write_text(change(table.read_text()) if callable(change) else change)
    return path


def boilers(tmp_path, source, limits="outlet,factor,averaging,value,unit,standard,tier\n"):
    return copy(tmp_path, limits=limits, outlets=lambda text: text.replace(",foundry,", f",{source},"))


def hour(path, mean):
    return Story(path).frame(3720, CEMS, {"a21002": mean}, event=0, cn=2061, field="ZsAvg").raised("emission-hour-exceed")


@pytest.mark.parametrize("source,limit", [("gas-boiler", 50), ("coal-power", 50), ("cement-kiln", 400),
                                          ("denitration-scr gas-boiler", 50), ("gas-boiler-key-area", 150)])
def test_limits__the_source_chooses_the_standards(tmp_path, source, limit):
    path = boilers(tmp_path, source)
    assert hour(path, limit) == []
    raised, = hour(path, limit + 0.1)
    assert f"超过限值{limit} mg/m3" in raised["text"]["zh"]


def test_limits__the_registry_overrides_and_nothing_is_made_up(tmp_path):
    own = "outlet,factor,averaging,value,unit,standard,tier\nO1,a21002,hour,80,mg/m3,permit,legal\n"
    path = boilers(tmp_path, "gas-boiler", own)
    assert hour(path, 80) == [] and len(hour(path, 80.1)) == 1
    shutil.rmtree(path)
    assert hour(boilers(tmp_path, "a kitchen stove"), 9999) == []


def test_limits__a_policy_limit_warns(tmp_path):
    """35 mg/m3 of NOx for gas boilers of Gaoping: a warning at nine tenths, while the law allows 50."""
    path = boilers(tmp_path, "gas-boiler")
    table = path / "signals.csv"
    table.write_text(table.read_text() + f"{CEMS},a21002,ZsAvg,2051,,nox,mg/m3,,,,\n")
    story = Story(path)
    for minute in range(40):
        story.frame(minute * 60, CEMS, {"a21002": 33}, cn=2051, field="ZsAvg")
    told_of = story.run()
    assert [t["severity"] for t in told_of if t["rule"] == "emission-early-warning"] == ["S3"]
    assert not [t for t in told_of if t["rule"] == "emission-minute-exceed"]


def test_calendars__of_each_year_and_of_one_line(tmp_path):
    """The story begins on 1 September at 10:00: staggered production ends at the end of the month."""
    head = "calendar,enterprise,weekdays,from_time,to_time,from_date,to_date,equipment,share\n"
    for row, raises in ((",10:00,16:00,05-01,09-30,F1,", True), (",10:00,16:00,05-01,08-31,F1,", False),
                        (",10:00,16:00,11-01,09-01,,", True), (",10:00,16:00,05-01,09-30,FAN,", False),
                        (",16:00,20:00,05-01,09-30,F1,", False), ("345,10:00,16:00,,,F1,", False)):
        path = copy(tmp_path, enterprises=lambda text: text)
        (path / "calendars.csv").write_text(head + "staggered," + ("E2" if "FAN" in row else "E1") + "," + row + "\n")
        raised = Plant(path).live(0, 1800, every=30).raised("staggered-production-violation")
        assert bool(raised) == raises, row
        shutil.rmtree(path)


def test_status__what_the_registry_calls_retired_may_not_run(tmp_path):
    def retire(text):
        head, *rows = text.splitlines()
        return "\n".join([head + ",status"] + [row + (",retired" if row.startswith("F1,") else ",in-use") for row in rows]) + "\n"

    path = copy(tmp_path, equipment=retire)
    raised = Plant(path).live(0, 900, every=30).raised("retired-equipment-running")
    assert brief(raised) == [(600, "normal", "active-unack", "S1")] and raised[0]["subject"] == f"{METER}:d20101-Rtd"
    story = told(Plant(REGISTRY).live(0, 900, every=30), 1, {"id": "x", "kind": "cleaned"})
    assert story.raised("retired-equipment-running") == []
