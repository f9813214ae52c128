"""One meter under one MN measures several circuits: each is judged by itself, with the circuits that belong to it."""
import shutil

import pytest

from story import METER, REGISTRY, Story

# A second line of the foundry on the same meter: furnace F2 and its filter T2.
MORE = {
    "equipment.csv": "F2,二号炉,furnace 2,production,E1,O1\nT2,二号除尘,baghouse 2,treatment,E1,O1\n",
    "signals.csv": f"{METER},d20201,Rtd,,F2,power,kW,500,20,400,\n{METER},d30201,Rtd,,T2,power,kW,75,2,60,\n"
                   f"{METER},d20104,Rtd,,F1,energy,kWh,,,,\n{METER},d20204,Rtd,,F2,energy,kWh,,,,\n"
                   f"{METER},i1a,Rtd,,T1,current_a,A,100,,,\n{METER},i1b,Rtd,,T1,current_b,A,100,,,\n{METER},i1c,Rtd,,T1,current_c,A,100,,,\n"
                   f"{METER},i2a,Rtd,,T2,current_a,A,100,,,\n{METER},i2b,Rtd,,T2,current_b,A,100,,,\n{METER},i2c,Rtd,,T2,current_c,A,100,,,\n",
    "linkages.csv": "L9,二号炉与除尘,line 2,E1,O1,production,F2,any\nL9,,,E1,O1,treatment,T2,all\n",
}
SHOWS = {"d20101": 400.0, "d30101": 60.0, "d20201": 380.0, "d30201": 55.0, "d10101": 1000.0, "d40101": 1, "d40102": 0,
         **{f"i{line}{phase}": 50 for line in (1, 2) for phase in "abc"}}


@pytest.fixture
def story(tmp_path):
    shutil.copytree(REGISTRY, tmp_path / "registry")
    for name, rows in MORE.items():
        with open(tmp_path / "registry" / name, "a", encoding="utf-8") as table:
            table.write(rows)
    return Story(tmp_path / "registry")


def live(story, end, every=10, **changes):
    """What the meter shows; changes: factor=function of the second."""
    for second in range(0, end, every):
        story.pack(second, METER, {**SHOWS, **{name: change(second) for name, change in changes.items()}})
    return story


def raised(story, rule):
    return [(t["subject"], t["text"]["zh"]) for t in story.run() if t["rule"] == rule and t["to"] == "active-unack"]


@pytest.mark.parametrize("factor, linkage", [("d30101", "L1"), ("d30201", "L9")])
def test_feeders__treatment_of_one_line_stops_and_the_other_s_runs(story, factor, linkage):
    live(story, 1500, **{factor: lambda second: 0.1 if second >= 600 else SHOWS[factor]})
    (subject, text), = raised(story, "treatment-off-production-on")
    assert subject == linkage and ("二号" in text) == (linkage == "L9")


def test_feeders__a_register_that_runs_back_is_seen_under_a_greater_one(story):
    live(story, 4200, d20104=lambda second: 90000 + second / 9, d20204=lambda second: 100 + second / 9.5 - (50 if second > 3600 else 0))
    (subject, text), = raised(story, "energy-register-rollback")
    assert subject == f"{METER}:F2" and "二号炉" in text


def test_feeders__a_phase_that_is_lost_is_that_of_its_own_feeder(story):
    live(story, 600, i1b=lambda second: 1 if second > 200 else 50)
    assert [subject for subject, _ in raised(story, "phase-loss")] == [f"{METER}:T1"]
