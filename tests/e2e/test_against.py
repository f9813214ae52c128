"""Back-testing: `hjhub replay --against` says which alarms a change of the rules adds, takes away and changes."""
import datetime
import json
import shutil
import subprocess

import pytest

import hj212
from servers import HJHUB, ROOT, wait_for
from story import BYPASS, METER, REGISTRY, Plant, stamp

RULES = ROOT / "rules"
OPENED = {"e10101": 20, "e10201": 0, "e10301": 1}


def changed(folder, before, after):
    """The catalogue with one line otherwise."""
    shutil.copytree(RULES, folder)
    path = folder / "bypass.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


def against(*arguments, status=None):
    done = subprocess.run([HJHUB, "replay", *arguments], capture_output=True, check=False, encoding="utf-8")
    assert status is None or done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture
def day(tmp_path):
    """The damper stands open twice, at 20 % and at 8 %."""
    story = Plant().live(0, 300).live(300, 420, e10101=20).live(420, 1200).live(1200, 1320, e10101=8).live(1320, 1700)
    (tmp_path / "day.jsonl").write_text(story.text())
    return tmp_path / "day.jsonl"


def compare(day, new, old=RULES, status=1):
    done = against("--json", "--registry", REGISTRY, "--rules", new, "--against", old, day, status=status)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in lines if "change" in line], {line.get("rule"): line for line in lines if "change" not in line}


def test_against__the_same_rules_change_nothing(day):
    changes, tallies = compare(day, RULES, status=0)
    assert changes == [] and tallies["bypass-damper-open"] == {
        "rule": "bypass-damper-open", "was": 1, "now": 1, "same": 1, "added": 0, "removed": 0, "changed": 0}
    assert list(tallies)[-1] is None and tallies[None]["was"] == tallies[None]["now"] == tallies[None]["same"]


def test_against__an_alarm_that_goes_is_told_with_its_evidence(day, tmp_path):
    higher = changed(tmp_path / "new", "open_above: {value: 5 %, min: 1 %, max: 20 %}", "open_above: {value: 20 %, min: 1 %, max: 30 %}")
    changes, tallies = compare(day, higher)
    assert [c["change"] for c in changes] == ["removed"] and tallies["bypass-damper-open"]["removed"] == 1
    gone = changes[0]
    assert (gone["rule"], gone["subject"], gone["severity"], gone["onset"]) == ("bypass-damper-open", "L1", "S1", stamp(300))
    assert gone["raised"] == stamp(360) and gone["over"] == stamp(1620) and "旁路挡板开度20 %" in gone["text"]["zh"]
    # The records are what the input has there: the line that opened it, and the one that the minute was full at.
    lines = [json.loads(line) for line in day.read_text().splitlines()]
    first, last = gone["records"]
    assert lines[first - 1]["at"] == stamp(300) and BYPASS in lines[first - 1]["topic"] and lines[last - 1]["at"] == stamp(360)
    # And the other way about it is added.
    changes, tallies = compare(day, RULES, higher)
    assert [c["change"] for c in changes] == ["added"] and changes[0]["alarm"] == gone["alarm"]
    assert (tallies[None]["was"] + 1, tallies[None]["added"]) == (tallies[None]["now"], 1)


def test_against__one_that_is_raised_otherwise_is_changed_not_new(day, tmp_path):
    later = changed(tmp_path / "new", "  clear_when: bypass.opening <= closed_below and bypass.closed_switch\n  clear_after: 300 s\n  severity: S1",
                    "  clear_when: bypass.opening <= closed_below and bypass.closed_switch\n  clear_after: 60 s\n  severity: S3")
    changes, _ = compare(day, later)
    assert [c["change"] for c in changes] == ["changed"]
    now, was = changes[0], changes[0]["was"]
    assert (was["severity"], was["over"], now["severity"], now["over"]) == ("S1", stamp(1620), "S3", stamp(1380))
    assert now["alarm"] == was["alarm"]


def test_against__reads_as_text_too(day, tmp_path):
    higher = changed(tmp_path / "new", "open_above: {value: 5 %, min: 1 %, max: 20 %}", "open_above: {value: 20 %, min: 1 %, max: 30 %}")
    done = against("--registry", REGISTRY, "--rules", higher, "--against", RULES, day, status=1)
    assert f"- S1 bypass-damper-open L1 from {stamp(300)}" in done.stdout and "旁路挡板开度20 %" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("in all: ")


def test_against__a_journal_is_its_own_measure(hub, connect, tmp_path):
    """--against with nothing behind it: the rules that held when the records came."""
    device, begun = connect("device"), hj212.now() - datetime.timedelta(minutes=20)
    for second in range(0, 1200, 10):
        items = OPENED if second >= 600 else Plant.SHOWS[BYPASS]
        at = begun + datetime.timedelta(seconds=second)
        device.publish(f"ems/v1/140581/{METER}/up/senml", hj212.pack(METER, Plant.SHOWS[METER], at))
        device.publish(f"ems/v1/140581/{BYPASS}/up/hj212", hj212.data(BYPASS, items, at))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 240)
    assert hub.stop() == 0
    against("--json", "--rules", RULES, "--against", hub.journal, status=0)
    higher = changed(tmp_path / "new", "open_above: {value: 5 %, min: 1 %, max: 20 %}", "open_above: {value: 20 %, min: 1 %, max: 30 %}")
    told = [json.loads(line) for line in against("--json", "--rules", higher, "--against", hub.journal, status=1).stdout.splitlines()]
    assert [(t["rule"], t["change"]) for t in told if "change" in t] == [("bypass-damper-open", "removed")]


def test_against__what_cannot_be_done_says_so(day):
    assert "twice" in against("--rules", RULES, "--registry", REGISTRY, "--against", RULES, "-", status=2).stderr
    against("--verify", "--against", RULES, day, status=2)
    assert "no such file" in against("--rules", RULES, "--against", "nowhere", status=2).stderr
