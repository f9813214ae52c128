"""parameters.csv: a rule's numbers are others for one device, linkage, outlet, enterprise, or for all; what its rule does not
allow is refused with its place."""
import json
import shutil
import subprocess

import pytest

from servers import HJHUB, ROOT
from story import REGISTRY, Plant, brief

OPEN = {"e10101": 20, "e10301": 0}


def registry(folder, *rows):
    path = folder / "registry"
    shutil.copytree(REGISTRY, path, dirs_exist_ok=True)
    (path / "parameters.csv").write_text("rule,subject,parameter,value\n" + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def check(path):
    done = subprocess.run([str(HJHUB), "registry", "check", "--json", "--rules", str(ROOT / "rules"), str(path)],
                          capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [(f["file"], f["line"], f["column"], f["words"]) for f in found if "words" in f]


@pytest.mark.parametrize("subject", ["", "E1", "O1", "L1"])
def test_parameters__a_delay_is_another_where_the_row_says_so(subject, tmp_path):
    story = Plant(registry(tmp_path, f"treatment-off-production-on,{subject},confirm,60 s")).live(0, 3600).live(3600, 4500, d30101=0.4)
    assert brief(story.raised("treatment-off-production-on"))[0] == (3960, "normal", "active-unack", "S1")


def test_parameters__other_subjects_keep_the_rules_number(tmp_path):
    story = Plant(registry(tmp_path, "treatment-off-production-on,L2,confirm,60 s")).live(0, 3600).live(3600, 4500, d30101=0.4)
    assert brief(story.raised("treatment-off-production-on"))[0][0] == 4080


def test_parameters__the_narrower_counts_whatever_the_order(tmp_path):
    for rows in (["L1,confirm,30 s", "E1,confirm,60 s", ",confirm,90 s"], [",confirm,90 s", "E1,confirm,60 s", "L1,confirm,30 s"]):
        story = Plant(registry(tmp_path, *(f"treatment-off-production-on,{row}" for row in rows)))
        assert brief(story.live(0, 3600).live(3600, 4500, d30101=0.4).raised("treatment-off-production-on"))[0][0] == 3930


def test_parameters__a_number_of_the_condition_is_another_too(tmp_path):
    def opened(*rows):
        return Plant(registry(tmp_path, *rows)).live(0, 300).live(300, 600, e10101=7, e10301=1).raised("bypass-damper-open")
    assert len(opened("bypass-damper-open,L1,open_above,6.9 %")) == 1
    assert opened("bypass-damper-open,L1,open_above,7 %") == []


def test_parameters__of_a_window_and_of_a_device(tmp_path):
    """still_for of flatline-constant and of its sentence, of one monitor alone."""
    class Works(Plant):
        SHOWS = {**Plant.SHOWS, "010000A8900016F000169DC0": {"a21026": 17.3}}
    story = Works(registry(tmp_path, "flatline-constant,010000A8900016F000169DC0,still_for,15 min")).live(0, 1200)
    told = story.raised("flatline-constant")
    assert brief(told)[0][:3] == (900, "normal", "active-unack") and "15 min" in told[0]["text"]["en"]


@pytest.mark.parametrize("row,column,words", [
    ("bypass-damper-opn,L1,open_above,8 %", 1, "there is no rule 'bypass-damper-opn': did you mean 'bypass-damper-open'?"),
    ("bypass-damper-open,L9,open_above,8 %", 2, "no device, linkage, outlet or enterprise"),
    ("bypass-damper-open,L1,open_abov,8 %", 3, "the rule has no parameter 'open_abov'"),
    ("bypass-damper-open,L1,open_above,8 kW", 4, "not a number in the parameter's unit"),
    ("bypass-damper-open,L1,open_above,20.1 %", 4, "the rule does not allow"),
    ("bypass-damper-open,L1,open_above,0.9 %", 4, "the rule does not allow"),
    ("bypass-damper-open,L1,open_above,8 %\nbypass-damper-open,L1,open_above,9 %", 3, "line 2 has it already"),
])
def test_parameters__what_the_rule_does_not_allow_is_refused_in_its_place(row, column, words, tmp_path):
    code, found = check(registry(tmp_path, row))
    line = 2 + row.count("\n")
    assert code == 1 and len(found) == 1 and found[0][:3] == ("parameters.csv", line, column) and words in found[0][3], found


@pytest.mark.parametrize("value", ["1 %", "20 %"])
def test_parameters__the_bounds_themselves_are_allowed(value, tmp_path):
    assert check(registry(tmp_path, f"bypass-damper-open,L1,open_above,{value}")) == (0, [])


def test_parameters__a_load_refuses_what_the_check_does(tmp_path):
    path = registry(tmp_path, "bypass-damper-open,L1,open_above,80 %")
    done = subprocess.run([str(HJHUB), "replay", "--json", "--registry", str(path), "--rules", str(ROOT / "rules"), "-"],
                          input="", capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "parameters.csv:2:4" in done.stderr
