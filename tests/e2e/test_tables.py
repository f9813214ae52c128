"""A fact of the standard is one row: change the row, and what is judged and what is written down follow."""
import json
import re
import shlex
import shutil
import subprocess
import sys

import hj212
import pytest
from servers import HJHUB, ROOT

MN = "010000A8900016F000169DC0"
HEAD = f"QN=20260101000000001;ST=31;CN={{cn}};PW=123456;MN={MN};Flag={{flag}};"
ROWS = {  # which row, how it would read corrected, what compiles it, a frame that shows it, the rule it breaks before
    "a range": ("cp_fields.def", ('MIN_INTERVAL, "79", DIVISOR, 2, 1, 30', 'MIN_INTERVAL, "79", DIVISOR, 2, 1, 60'),
                "schemas/content.c", HEAD.format(cn=1064, flag=8) + "CP=&&MinInterval=60&&", "cp-value-range"),
    "a field that a command may have": ("cp_content.def", (
        "CONTENT(3012, 2025, DOWN, F(POL_ID), 0,", "CONTENT(3012, 2025, DOWN, F(POL_ID), F(CALIBRATION_TYPE),"),
        "schemas/content.c", HEAD.format(cn=3012, flag=8) + "CP=&&PolId=w01018,CalibrationType=1&&",
        "cp-field-unexpected"),
    "a length of the header": ("header_fields.def", (
        "HEADER_FACT(PNUM, 2025, OPTIONAL, 1, 1,", "HEADER_FACT(PNUM, 2025, OPTIONAL, 1, 2,"),
        "validators/hj212_rules.c", HEAD.format(cn=2011, flag=10) + "PNUM=10;PNO=1;CP=&&DataTime=20260101000000&&",
        "packet-digits"),
    "the width of a factor": ("factors.def", (
        'FACTOR("a19001", "9", "氧含量", "oxygen content", OXYGEN_PERCENT, DIGITS, 2, 2',
        'FACTOR("a19001", "9", "氧含量", "oxygen content", OXYGEN_PERCENT, DIGITS, 2, 3'), "schemas/hj212.c",
        HEAD.format(cn=2011, flag=8) + "CP=&&DataTime=20260101000000;a19001-Rtd=8.123,a19001-Flag=N&&", "value-width"),
}


def rules(program, segment):
    done = subprocess.run([program, "check", "--json"], input=hj212.frame(segment), capture_output=True)
    return {rule["id"] for rule in json.loads(done.stdout.splitlines()[0])["rules"]}


def with_row(folder, file, old, new):
    """A copy of schemas/ in which one row reads otherwise."""
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    text = (folder / "schemas" / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "schemas" / file).write_text(text.replace(old, new), encoding="utf-8")


def rebuilt(folder, source):
    """hjhub linked with this one source compiled anew, over the rows in the folder."""
    build = HJHUB.resolve().parent
    made = {row["file"]: row for row in json.loads((build / "compile_commands.json").read_text())
            if " -o CMakeFiles/" in row["command"]}  # the program's own, not a test's with other flags
    command = shlex.split(made[str(ROOT / source)]["command"])
    command[command.index("-o") + 1] = str(folder / "new.o")
    first = next(at for at, word in enumerate(command) if word.startswith("-I"))
    subprocess.run(command[:first] + [f"-I{folder}"] + command[first:], cwd=build, check=True)
    link = subprocess.run(["ninja", "-t", "commands", "-s", "hjhub"], cwd=build, capture_output=True, text=True, check=True)
    words = shlex.split(link.stdout.strip().removeprefix(": && ").removesuffix(" && :"))
    at = words.index("-o")
    words[at + 1] = str(folder / "hjhub")
    subprocess.run(words[:at] + [str(folder / "new.o")] + words[at:], cwd=build, check=True)
    return folder / "hjhub"


@pytest.mark.parametrize("name", ROWS)
def test_tables__a_corrected_row_is_what_is_judged_by(tmp_path, name):
    if not (HJHUB.resolve().parent / "build.ninja").exists():
        pytest.skip("an installed hjhub cannot be linked anew")
    file, (old, new), source, segment, rule = ROWS[name]
    assert rule in rules(HJHUB, segment)
    with_row(tmp_path, file, old, new)
    assert rule not in rules(rebuilt(tmp_path, source), segment)


@pytest.mark.parametrize("name", ROWS)
def test_tables__a_corrected_row_is_what_the_pages_say(tmp_path, name):
    file, (old, new) = ROWS[name][:2]
    with_row(tmp_path, file, old, new)
    subprocess.run([sys.executable, ROOT / "docs/tables.py", "--schemas", tmp_path / "schemas", "--out", tmp_path],
                   check=True)
    changed = []
    for page in ("hj212.md", "hj212-factors.md", "validity.md"):
        before, after = [(folder / page).read_text(encoding="utf-8").splitlines() for folder in (ROOT / "docs", tmp_path)]
        assert len(before) == len(after)
        changed += [page for one, other in zip(before, after) if one != other]
    assert len(changed) == 1


def test_tables__the_list_of_rules_is_the_page():
    done = subprocess.run([HJHUB, "rules", "list", "--kind", "validity", "--json"], capture_output=True, check=True)
    listed = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    page = (ROOT / "docs/validity.md").read_text(encoding="utf-8")
    assert {rule["id"] for rule in listed} == set(re.findall(r"^\| `([a-z0-9-]+)` ", page, re.M))
    for rule in listed:
        assert rule["zh"] in page and rule["en"] in page and rule["clause"] in page
