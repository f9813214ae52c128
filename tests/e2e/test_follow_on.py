"""What follows from treatment that was switched off is one case; what has another cause is not hidden by it."""
import shutil

import pytest

from story import CEMS, REGISTRY, Plant, stamp

OFF, ON, END = 1800, 4800, 7800


@pytest.fixture
def registry(tmp_path):
    """The foundry, whose stack tells minutes too."""
    shutil.copytree(REGISTRY, tmp_path / "registry")
    with open(tmp_path / "registry" / "signals.csv", "a", encoding="utf-8") as table:
        table.write(f"{CEMS},a21002,ZsAvg,2051,,nox,mg/m3,,,,\n")
    return tmp_path / "registry"


def told(registry, exceeds):
    """Treatment is off from OFF to ON; the ten-minute means of NOx for which `exceeds` says so are over the limit of 300."""
    plant = Plant(registry)
    plant.live(0, END, every=30, d30101=lambda second: 0.1 if OFF <= second < ON else 60.0)
    for second in range(0, END - 600, 600):
        plant.frame(second + 630, CEMS, {"a21002": 900 if exceeds(second) else 100}, event=second, cn=2051, field="ZsAvg")
    transitions = plant.run()
    parent = next(t for t in transitions if t["rule"] == "treatment-off-production-on")
    return parent, [t for t in transitions if t["rule"] in ("emission-minute-exceed", "emission-early-warning", "hour-exceed-forecast")]


def test_follow_on__what_began_with_it_is_recorded_and_not_announced(registry):
    parent, children = told(registry, lambda second: OFF <= second < ON)
    meanwhile = [t for t in children if t["at"] < stamp(ON)]
    assert {t["rule"] for t in meanwhile} == {"emission-minute-exceed", "emission-early-warning", "hour-exceed-forecast"}
    assert {(t["suppressed_by"], t["held_back"]) for t in meanwhile} == {(parent["alarm"], True)}


@pytest.mark.parametrize("begins, why", [(0, "it began half an hour before"), (ON + 600, "it began behind it")])
def test_follow_on__what_has_another_cause_is_announced(registry, begins, why):
    _, children = told(registry, lambda second: begins <= second)
    assert [t for t in children if t["rule"] == "emission-minute-exceed" and t["to"] == "active-unack"
            and "suppressed_by" not in t and not t.get("held_back")], why


def test_follow_on__what_outlives_it_is_announced_when_it_is_over(registry):
    parent, children = told(registry, lambda second: OFF <= second)
    minute = [t for t in children if t["rule"] == "emission-minute-exceed"]
    assert minute[0]["suppressed_by"] == parent["alarm"]
    assert [t.get("reason") for t in minute[1:]][:1] == ["parent-over"] and not minute[1].get("held_back")
