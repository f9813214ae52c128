"""The scripted county in short: some evasions, some honest trouble. tests/scenes/run has the whole of it."""
import csv
import json
import os
import pathlib
import re
import subprocess

import pytest

from servers import BUILD

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVASIONS = ("bypass-opened-at-night", "bypass-monitor-maintained", "treatment-off", "zeroed", "probe-in-air", "cabin-cut",
            "scrubber-acid", "stopped-by-flag", "reagent-shut", "averages-faked")
HONEST = ("calibration", "maintenance-short", "planned-stop", "network-slow")


def built():
    """The release build where there is one: days take a while."""
    release = ROOT / "build" / "release"
    return release if (release / "hjsim").exists() else BUILD


def hjsim(*arguments):
    return subprocess.run([BUILD / "hjsim", "stage", *arguments], capture_output=True, text=True, check=True).stdout


def test_scenes__there_are_at_least_sixty_of_each_side_and_they_read():
    rows = [line.split()[:2] for line in hjsim("scenes").splitlines()]
    sides = [side for side, _ in rows]
    assert sides.count("evasion") >= 60 and sides.count("honest") >= 60
    assert len({name for _, name in rows}) == len(rows)
    assert set(EVASIONS) | set(HONEST) <= {name for _, name in rows}


def test_scenes__the_same_seed_gives_the_same_bytes():
    day = ("--days", "1", "--quiet", "0", "--times", "1", "--only", "calibration")
    assert hjsim(*day, "run") == hjsim(*day, "run")
    assert hjsim(*day, "run") != hjsim("--seed", "2", *day, "run")


def test_scenes__equipment_is_called_in_chinese(tmp_path):
    """An officer reads its name in every sentence."""
    hjsim("--days", "1", "registry", tmp_path / "registry")
    rows = list(csv.DictReader((tmp_path / "registry" / "equipment.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 50
    assert not [row for row in rows if not re.search("[\u4e00-\u9fff]", row["name"]) or row["name"] == row["name_en"]]


@pytest.mark.parametrize("rules, status", [(ROOT / "rules", 0), ("nowhere", 2)])
def test_scenes__a_day_is_the_same_with_a_restart_at_every_hour(rules, status):
    done = subprocess.run([ROOT / "tests/scenes/same", "--days", "1", "--quiet", "0", "--times", "1", "--only", "lunch-break",
                           "--rules", rules], capture_output=True, text=True, env={**os.environ, "HJHUB_BUILD": str(built())})
    assert done.returncode == status, done.stdout + done.stderr
    if status == 0:
        straight, restarted = done.stdout.splitlines()
        assert straight.partition(":")[2].strip() == restarted.partition(":")[2].strip() and '"received":7' in straight


@pytest.mark.slow
def test_scenes__evasions_are_caught_in_time_and_honest_trouble_is_left_alone():
    done = subprocess.run([ROOT / "tests/scenes/run", "--alone", "--days", "8", "--quiet", "1", "--times", "1", "--json", "--only",
                           ",".join(EVASIONS + HONEST)], capture_output=True, text=True,
                          env={**os.environ, "HJHUB_BUILD": str(built())})
    assert done.returncode in (0, 1), done.stderr
    result = json.loads(done.stdout)
    assert result["evasions"] == len(EVASIONS) and result["honest"] == len(HONEST)
    assert result["missed"] == {} and result["false"] == {}
    # Averages that were made up are seen while they are, not by the odd hour behind them.
    assert result["rules"]["aggregate-mismatch"]["delay_max_s"] < 4 * 3600
