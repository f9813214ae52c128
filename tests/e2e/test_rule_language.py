"""The rule language from its page alone, and what is said of rules that are wrong."""
import json
import re
import shutil
import subprocess
from operator import itemgetter

import pytest

from servers import HJHUB, ROOT
from story import Story, brief

GOOD = """- {quantity: ph, unit: ""}
- {quantity: flow, unit: m3/h}
- rule: scrubber-dry
  title: {zh: 洗涤塔缺水, en: Scrubber runs dry}
  scope: linkage
  when: production.on and scrubber.flow < least
  raise_after: 60 s
  clear_when: scrubber.flow >= least
  clear_after: 5 min
  severity: S2
  grades: [{to: S1, when: scrubber.flow < least / 2}]
  parameters:
    least: {value: 10 m3/h, min: 1 m3/h, max: 100 m3/h}
  text:
    zh: "{scrubber}流量{scrubber.flow}，已持续{lasted}"
    en: "{scrubber} at {scrubber.flow} for {lasted}"
  source: {cite: house, sure: low}
"""

# (what is replaced, by what, line, column, words of the finding)
WRONG = {
    "units": ("scrubber.flow < least\n", "scrubber.flow < 5 kW\n", 6, 41, "m3/h cannot be compared with kW"),
    "sum": ("scrubber.flow < least\n", "scrubber.flow + 5 kW < least\n", 6, 41, "m3/h cannot be added to kW"),
    "clear": ("clear_when: scrubber.flow >= least", "clear_when: scrubber.flow >= 5 degC", 8, 29, "m3/h cannot be compared with degC"),
    "name": ("scrubber.flow < least\n", "scrubber.flow < most\n", 6, 43, "unknown name 'most'"),
    "name near": ("scrubber.flow < least\n", "scrubber.flow < leest\n", 6, 43, "did you mean 'least'?"),
    "quantity": ("scrubber.flow < least\n", "scrubber.flwo < least\n", 6, 27, "did you mean 'flow'?"),
    "function": ("scrubber.flow < least\n", "average(scrubber.flow, 5 min) < least\n", 6, 27, "unknown function 'average'"),
    "unit": ("scrubber.flow < least\n", "scrubber.flow < 5 gallons\n", 6, 45, "unknown unit 'gallons'"),
    "unit of a parameter": ("value: 10 m3/h", "value: 10 cubits", 13, 20, "unknown unit 'cubits'"),
    "unit of a quantity": ("unit: m3/h}", "unit: furlong}", 2, 26, "unknown unit 'furlong'"),
    "time": ("raise_after: 60 s", "raise_after: 60", 7, 16, "a time"),
    "long time": ("clear_after: 5 min", "clear_after: 900 d", 9, 16, "at most 366 d"),
    "severity": ("severity: S2", "severity: high", 10, 13, "S1, S2, S3 or S4"),
    "no severity": ("  severity: S2\n", "", 3, 3, "severity"),
    "no when": ("  when: production.on and scrubber.flow < least\n", "", 3, 3, "when"),
    "half a text": ('    en: "{scrubber} at {scrubber.flow} for {lasted}"\n', "", 15, 5, "zh and in en"),
    "title without quotes": ("en: Scrubber runs dry}", "en: Scrubber runs dry, or nearly}", 4, 45, "unknown key 'or nearly'"),
    "source without quotes": ("{cite: house, sure: low}", "{cite: house, sure: low, numbers engineering}", 17, 36, "unknown key 'numbers engineering'"),
    "no title": ("  title: {zh: 洗涤塔缺水, en: Scrubber runs dry}\n", "", 3, 3, "title"),
    "no source": ("  source: {cite: house, sure: low}\n", "", 3, 3, "source"),
    "no scope": ("  scope: linkage\n", "", 3, 3, "no scope"),
    "scope": ("scope: linkage", "scope: county", 5, 10, "scope is linkage, device, outlet, signal, pair, equipment, feeder, enterprise, town or area"),
    "word of another scope": ("scrubber.flow < least\n", "value < least\n", 6, 27, "scope signal"),
    "device.age of another scope": ("scrubber.flow < least\n", "device.age > 5 min\n", 6, 27, "scope device"),
    "signal without quantity": ("scope: linkage", "scope: signal", 3, 3, "of: {quantity: [...]}"),
    "law's day": ("  severity: S2\n", "  severity: S2\n  law: [{from: 2026-02-30, cite: x}]\n", 11, 16, "is a day"),
    "law's days": ("  severity: S2\n", "  severity: S2\n  law: [{from: 2026-02-03, until: 2026-02-01, cite: x}]\n", 11, 9, "a later day"),
    "law without words": ("  severity: S2\n", "  severity: S2\n  law: [{from: 2026-02-03}]\n", 11, 9, "cite"),
    "latched": ("  severity: S2\n", "  severity: S2\n  latched: maybe\n", 11, 12, "latched is yes or no"),
    "key": ("raise_after: 60 s", "raise_afer: 60 s", 7, 3, "unknown key 'raise_afer'"),
    "twice the key": ("  severity: S2\n", "  severity: S2\n  severity: S3\n", 11, 3, "'severity' stands twice"),
    "bound": ("value: 10 m3/h", "value: 0.5 m3/h", 13, 20, "beyond its own min"),
    "bound's unit": ("min: 1 m3/h", "min: 1 kW", 13, 34, "in the parameter's unit"),
    "no number": ("value: 10 m3/h", "value: much", 13, 20, "a number with its unit"),
    "yes or no": ("production.on and scrubber.flow < least\n", "production.on and scrubber.flow\n", 6, 27, "compare it"),
    "a number alone": ("when: production.on and scrubber.flow < least\n", "when: scrubber.flow * 2\n", 6, 9, "compare it"),
    "yes compared": ("production.on and scrubber.flow < least\n", "production.on > 3\n", 6, 23, "yes or no"),
    "yes added": ("scrubber.flow < least\n", "scrubber.flow < least + production.on\n", 6, 0, "yes or no"),
    "open parenthesis": ("production.on and scrubber.flow < least\n", "(production.on and scrubber.flow < least\n", 6, 0,
                         "closing parenthesis"),
    "close parenthesis": ("scrubber.flow < least\n", "scrubber.flow < least)\n", 6, 48, "without an opening one"),
    "two values": ("scrubber.flow < least\n", "scrubber.flow least\n", 6, 41, "an operator is wanted"),
    "no value": ("scrubber.flow < least\n", "scrubber.flow <\n", 6, 0, "a value is wanted"),
    "odd sign": ("scrubber.flow < least\n", "scrubber.flow < least ? 1\n", 6, 49, "'?'"),
    "assignment": ("scrubber.flow < least\n", "scrubber.flow = least\n", 6, 41, "=="),
    "chain": ("scrubber.flow < least\n", "1 m3/h < scrubber.flow < least\n", 6, 0, "yes or no"),
    "window without a time": ("scrubber.flow < least\n", "mean(scrubber.flow) < least\n", 6, 45, "second argument"),
    "window's unit": ("scrubber.flow < least\n", "mean(scrubber.flow, 5 kW) < least\n", 6, 0, "a time, such as 10 min"),
    "window too long": ("scrubber.flow < least\n", "mean(scrubber.flow, 90 d) < least\n", 6, 0, "31 days"),
    "window of a sum": ("scrubber.flow < least\n", "mean(scrubber.flow + 1, 5 min) < least\n", 6, 46, "of a name alone"),
    "window of a state": ("scrubber.flow < least\n", "mean(production.on, 5 min) > 0\n", 6, 0, "production.on"),
    "band's unit": ("scrubber.flow < least\n", "same_for(scrubber.flow, 2 kW) > 1 h\n", 6, 0, "band is in the unit"),
    "same_for compared": ("scrubber.flow < least\n", "same_for(scrubber.flow, 0) > least\n", 6, 0, "cannot be compared"),
    "starting of a number": ("scrubber.flow < least\n", "starting(scrubber.flow, 5 min)\n", 6, 0, "a state"),
    "sentence": ("{scrubber.flow} for", "{scrubber.flow} of {mistake} for", 16, 10, "'mistake'"),
    "sentence not closed": ("for {lasted}\"", "for {lasted\"", 16, 10, "never closed"),
    "grade": ("{to: S1, when: scrubber.flow < least / 2}", "{to: S1}", 11, 12, "{to: S1, when: an expression}"),
    "parent": ("  severity: S2\n", "  severity: S2\n  under: {a: b}\n", 11, 10, "a list of words"),
    "parent that is none": ("  severity: S2\n", "  severity: S2\n  under: [site-power-cut]\n", 11, 10, "there is no rule 'site-power-cut'"),
    "no item": ("- {quantity: ph", "- {quantiy: ph", 1, 3, "begins with rule:, report:, state: or quantity:"),
    "yaml": ("  scope: linkage\n", "  scope: linkage\n bad\n", 6, 0, ""),
    "tab": ("  scope: linkage\n", "\tscope: linkage\n", 5, 0, ""),
    "twice the parameter": ("max: 100 m3/h}\n", "max: 100 m3/h}\n    least: {value: 2 m3/h}\n", 14, 5, "the parameter stands twice"),
    "quantity without a unit": ("- {quantity: ph, unit: \"\"}", "- {quantity: ph}", 1, 3, "a quantity says its unit"),
    "quantity of two units": ("unit: m3/h}\n", "unit: m3/h}\n- {quantity: flow, unit: kW}\n", 3, 26, "with another unit: 'm3/h'"),
    "twice the state": ("- {quantity: ph", "- {state: on, of: power, on_when: power > 1 kW, off_when: power < 1 kW}\n- {quantity: ph",
                        1, 3, "the state stands twice: 01-states.yaml:3"),
    "name of a rule": ("rule: scrubber-dry", "rule: Scrubber Dry", 3, 9, "small letters"),
}


def check(folder):
    done = subprocess.run([HJHUB, "rules", "check", folder], capture_output=True, text=True, check=False)
    return done.returncode, [re.match(r"([^:]*):(?:(\d+):)?(?:(\d+):)? (.*)", line).groups()
                             for line in done.stderr.splitlines()]


@pytest.fixture
def folder(tmp_path):
    shutil.copy(ROOT / "rules/00-quantities.yaml", tmp_path)
    shutil.copy(ROOT / "rules/01-states.yaml", tmp_path)
    return tmp_path


def test_check__the_rule_that_is_bent_below_is_right(folder):
    (folder / "own.yaml").write_text(GOOD)
    assert check(folder) == (0, [])


# What is no YAML, no quantity or no state ends the reading before the rules are looked at; parents are looked for when
# all else is right.
ALONE = {"parent that is none", "yaml", "tab", "unit of a quantity", "quantity without a unit", "quantity of two units", "twice the state"}


def write_wrong(folder, name):
    before, after = WRONG[name][:2]
    assert before in GOOD
    text = GOOD.replace(before, after, 1)
    number = list(WRONG).index(name)
    (folder / f"{number}.yaml").write_text(text.replace("rule: scrubber-dry\n", f"rule: scrubber-dry-{number}\n"))
    return f"{number}.yaml"


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Most of the wrong rules, a file each, checked at once."""
    folder = tmp_path_factory.mktemp("wrong")
    for name in ("00-quantities.yaml", "01-states.yaml"):
        shutil.copy(ROOT / "rules" / name, folder)
    for name in WRONG.keys() - ALONE:
        write_wrong(folder, name)
    return check(folder)


@pytest.mark.parametrize("name", WRONG)
def test_check__a_wrong_rule_is_named_with_its_place(together, folder, name):
    line, column, words = WRONG[name][2:]
    file = write_wrong(folder, name)
    status, findings = check(folder) if name in ALONE else together
    assert status == 1
    findings = [finding for finding in findings if finding[0] == file]
    _, found_line, found_column, said = findings[0]
    assert int(found_line) == line, findings
    assert words in said, findings
    assert found_column and (column == 0 or int(found_column) == column), findings


def test_check__a_folder_without_the_common_files_is_told_of_them(tmp_path):
    (tmp_path / "own.yaml").write_text(GOOD)
    status, findings = check(tmp_path)
    assert status == 1 and len(findings) == 1, findings
    assert findings[0][:3] == ("own.yaml", "6", "9") and "01-states.yaml" in findings[0][3]


def test_check__a_name_that_stands_twice_in_two_files(folder):
    (folder / "one.yaml").write_text(GOOD)
    (folder / "two.yaml").write_text(GOOD[GOOD.index("- rule"):])
    assert check(folder) == (1, [("two.yaml", "1", "9", "the name 'scrubber-dry' stands twice: one.yaml:3 too")])


# What stands under what, a file each, and of which rule what is said.
RINGS = {
    "two": ({"a": "b", "b": "a"}, {"a": "a over b over a"}),
    "three": ({"a": "b", "b": "c", "c": "a"}, {"a": "a over c over b over a"}),
    "one that stands under a ring": ({"a": "b", "b": "c", "c": "b"}, {"b": "b over c over b"}),
    "two rings": ({"a": "b", "b": "a", "c": "d, a", "d": "c"}, {"a": "a over b over a", "c": "c over d over c"}),
    "the way around is no ring": ({"a": "b, c", "b": "d", "c": "d", "d": ""}, {}),
    "itself": ({"a": "a"}, {"a": "a rule cannot stand under itself"}),
}


@pytest.mark.parametrize("name", RINGS)
def test_check__rules_that_stand_under_each_other_are_refused(folder, name):
    parents, wrong = RINGS[name]
    rule = GOOD[GOOD.index("- rule"):]
    (folder / "quantities.yaml").write_text(GOOD[:GOOD.index("- rule")])
    for one, under in parents.items():
        (folder / f"{one}.yaml").write_text(rule.replace("rule: scrubber-dry", f"rule: {one}")
                                            .replace("  severity: S2\n", f"  severity: S2\n  under: [{under}]\n"))
    status, findings = check(folder)
    assert status == (1 if wrong else 0)
    assert {file: (line, column) for file, line, column, _ in findings} == {f"{one}.yaml": ("9", "10") for one in wrong}
    for file, _, _, words in findings:
        assert words.endswith(wrong[file.removesuffix(".yaml")]), findings


# Rules that no catalogue has, written from docs/rules.md alone.
OWN = """
- {quantity: ph, unit: "", zh: 酸碱度, en: pH}
- {quantity: liquor, unit: m3/h, zh: 循环液量, en: liquor}
- {quantity: heat, unit: degC, zh: 炉温, en: furnace heat}
- state: heated
  of: heat
  on_when: heat >= 600 degC
  on_after: 30 s
  off_when: heat < 500 degC
  off_after: 60 s

- rule: liquor-falls
  title: {zh: 循环液量下降, en: Liquor falls}
  scope: linkage
  when: furnace.heated and delta(scrubber.liquor, window) < -fall and mean(scrubber.liquor, window) > 1 m3/h
  raise_after: 20 s
  clear_after: 30 s
  severity: S3
  grades: [{to: S2, when: "lowest(scrubber.liquor, 2 min) < 5 m3/h"}]
  parameters:
    fall: {value: 2 m3/h, min: 1 m3/h, max: 10 m3/h}
    window: {value: 2 min}
  text:
    zh: "{enterprise}{scrubber}循环液量{scrubber.liquor}，两分钟内下降超过{fall}"
    en: "{scrubber} of {enterprise}: {scrubber.liquor}, fell by more than {fall} in {window}"
  source: {cite: house, sure: low}
  tests:
    - it: raises when it falls by more than 2 in two minutes
      every: 10 s
      given: {furnace.heated: yes x40, scrubber.liquor: 20 x20 19 18 17 16 x17}
      expect: [{after: 239 s, state: pending}, {after: 240 s, state: active-unack, severity: S3, text: 16 m3/h}]

- rule: acid-drifts
  title: {zh: 酸碱度漂移, en: pH drifts}
  scope: device
  of: {kind: [scrubber]}
  when: abs(rate(device.ph, 5 min)) * 1 h > 6 or device.ph < 4
  raise_after: 1 min
  severity: S4
  text: {zh: "{subject}酸碱度{device.ph}", en: "{subject}: pH {device.ph}"}
  source: {cite: house, sure: low}

- rule: heat-stuck
  title: {zh: 炉温不变, en: Heat does not move}
  scope: signal
  of: {quantity: [heat]}
  when: same_for(value, 2 degC) >= 3 min and value < 80 % * range_max
  severity: S4
  text: {zh: "{quantity}停在{value}", en: "{quantity} stays at {value}"}
  source: {cite: house, sure: low}
  tests:
    - it: raises after three minutes within the band
      every: 30 s
      given: {value: 700 703 704 703.5 704.5 705 703 704 703 712, value.range_max: 1000}
      expect: [{after: 209 s, state: normal}, {after: 210 s, state: active-unack, text: 704 ℃}, {after: 270 s, state: cleared-unack}]
"""

TABLES = {
    "area": "area\n140581\n",
    "enterprises": "enterprise,name,name_en\nE1,甲厂（虚构）,Works A (fictional)\n",
    "outlets": "outlet,name,enterprise\nO1,烟囱,E1\n",
    "devices": "mn,name,kind,enterprise,outlet,format,pw,interval_s\nS-1,洗涤塔,scrubber,E1,O1,hj212,123456,10\n"
               "K-1,炉,kiln,E1,O1,senml,,10\n",
    "equipment": "equipment,name,name_en,enterprise\nEQ1,一号炉,furnace one,E1\nEQ2,一号塔,scrubber one,E1\n",
    "linkages": "linkage,name,enterprise,outlet,role,equipment\nL1,联动,E1,O1,furnace,EQ1\nL1,联动,E1,O1,scrubber,EQ2\n"
                "L1,联动,E1,O1,production,EQ1\n",
    "signals": "mn,factor,field,equipment,quantity,unit,range_max\nS-1,x1,Rtd,EQ2,liquor,m3/h,\nS-1,x2,Rtd,EQ2,ph,,\n"
               "K-1,t,Rtd,EQ1,heat,K,1000\n",
}


@pytest.fixture
def own(folder):
    (folder / "own.yaml").write_text(OWN)
    (folder / "registry").mkdir()
    for name, text in TABLES.items():
        (folder / f"registry/{name}.csv").write_text(text)
    done = subprocess.run([HJHUB, "registry", "check", folder / "registry"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return folder


def test_own__tests_run_without_rebuilding(own):
    done = subprocess.run([HJHUB, "test", own], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2 passed, 0 failed\n")
    done = subprocess.run([HJHUB, "rules", "list", "--rules", own, "--json"], capture_output=True, text=True, check=True)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["liquor-falls", "acid-drifts", "heat-stuck"]


def test_own__replay_tells_what_they_say(own):
    story = Story(own / "registry", own)
    for second in range(0, 900, 10):
        story.pack(second, "K-1", {"t": 700 + second % 30})
        story.frame(second, "S-1", {"x1": 20 - max(0, min(4, (second - 290) // 10)), "x2": 7 if second < 600 else 3.9})
    told = story.run()
    assert [(t["rule"], t["subject"]) + row for t, row in zip(told, brief(told))] == [
        ("liquor-falls", "L1", 340, "normal", "active-unack", "S3"),
        # The last of its fall leaves the window of two minutes at 420.
        ("liquor-falls", "L1", 450, "active-unack", "cleared-unack", "S3"),
        ("acid-drifts", "S-1", 660, "normal", "active-unack", "S4")]
    assert told[0]["text"] == {"zh": "甲厂（虚构）一号塔循环液量16 m3/h，两分钟内下降超过2 m3/h",
                               "en": "scrubber one of Works A (fictional): 16 m3/h, fell by more than 2 m3/h in 2 min"}
    assert told[2]["text"]["zh"] == "洗涤塔酸碱度3.9"
    still = Story(own / "registry", own)
    for second in range(0, 300, 10):
        still.pack(second, "K-1", {"t": 700 if second < 50 else 700 + second % 20 / 10})
    assert brief(still.run()) == [(180, "normal", "active-unack", "S4")]


def test_test__is_like_promtool(own):
    """Nothing to complain of: 0; something else came than was expected: 1 and both named; not run at all: 2."""
    text = (own / "own.yaml").read_text()
    (own / "own.yaml").write_text(text.replace("{after: 239 s, state: pending}", "{after: 239 s, state: normal, severity: S1}")
                                  .replace("text: 16 m3/h", "text: 15 m3/h"))
    done = subprocess.run([HJHUB, "test", own], capture_output=True, text=True, check=False)
    first, second, last = done.stdout.splitlines()
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "after: 239" in row)
    assert done.returncode == 1 and last == "1 passed, 1 failed"
    assert first == (f"own.yaml:{line}: liquor-falls: 'raises when it falls by more than 2 in two minutes': "
                     "after 239 s: expected normal S1, got pending S3")
    assert "after 240 s: expected active-unack S3 and a text with 15 m3/h, got active-unack S3 and" in second
    assert "16 m3/h" in second
    done = subprocess.run([HJHUB, "test", "--json", own], capture_output=True, text=True, check=False)
    found = [json.loads(row) for row in done.stdout.splitlines()]
    assert done.returncode == 1 and found[-1] == {"passed": 1, "failed": 1}
    assert [(f["file"], f["line"]) for f in found[:-1]] == [("own.yaml", line)] * 2


@pytest.mark.parametrize("bent,status", [("expect: []", 1), ("expect: [{after: 9 s, state: nromal}]", 1),
                                         ("expect: [{after: 9 s, stat: normal}]", 1),
                                         ("expect: [{after: 9 s, severity: S7}]", 1),
                                         ("expect: [{state: normal}]", 1),
                                         ("expect: [{after: 20 s, state: normal}, {after: 10 s, state: normal}]", 1)])
def test_test__a_test_that_cannot_be_right_is_a_finding(own, bent, status):
    text = re.sub(r"expect: \[\{after: 239.*", bent, (own / "own.yaml").read_text())
    (own / "own.yaml").write_text(text)
    done = subprocess.run([HJHUB, "test", own], capture_output=True, text=True, check=False)
    assert done.returncode == status and "own.yaml:" in done.stdout, done.stdout


@pytest.mark.parametrize("bent", ["given: {furnace.heat ed: yes}", "given: {scrubber.liqour: 1 x9}", "given: {}",
                                  "given: {scrubber.liquor: lots x9}", "given: {scrubber.liquor: 1 x9999}"])
def test_test__a_given_that_means_nothing_is_a_finding(own, bent):
    text = re.sub(r"given: \{furnace.*", bent, (own / "own.yaml").read_text())
    (own / "own.yaml").write_text(text)
    done = subprocess.run([HJHUB, "test", own], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "own.yaml:" in done.stdout, done.stdout


def test_json__stands_anywhere(own):
    for arguments in (["test", own, "--json"], ["test", "--json", own], ["rules", "check", own, "--json"],
                      ["rules", "--json", "check", own]):
        done = subprocess.run([HJHUB, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stderr == "" and json.loads(done.stdout.splitlines()[-1]), done
    (own / "own.yaml").write_text(OWN.replace("severity: S3", "severity: S9"))
    done = subprocess.run([HJHUB, "rules", "check", "--json", own], capture_output=True, text=True, check=False)
    found = json.loads((done.stdout + done.stderr).splitlines()[0])
    line = OWN[:OWN.index("severity: S3")].count("\n") + 1
    assert (done.returncode, found["file"], found["line"], found["column"]) == (1, "own.yaml", line, 13)
    assert "S1, S2, S3 or S4" in found["words"]


def test_test__could_not_run(tmp_path):
    for arguments in ([], [tmp_path / "none"], ["--jsn", tmp_path], [tmp_path, tmp_path]):
        assert subprocess.run([HJHUB, "test", *arguments], capture_output=True, check=False).returncode == 2
    (tmp_path / "bad.yaml").write_text("- rule: x\n")
    done = subprocess.run([HJHUB, "test", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "bad.yaml:1:" in done.stdout


def listed(*arguments):
    done = subprocess.run([HJHUB, "rules", "list", "--json", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


TEN = {"bypass-damper-open", "bypass-flow-detected", "bypass-temperature-rise", "treatment-off-production-on",
       "device-offline", "monitor-power-cut", "emission-hour-exceed", "flatline-constant", "fume-purifier-off",
       "fume-over-limit"}


def test_list__from_the_build_tree_and_of_a_folder(own, tmp_path):
    rows = listed("--kind", "detection")
    assert TEN <= {row["id"] for row in rows} and {row["kind"] for row in rows} == {"detection"}
    reports = listed("--kind", "report", "--rules", ROOT / "rules")
    assert {row["kind"] for row in reports} == {"report"} and "run-time" in {row["id"] for row in reports}
    key = itemgetter("id")
    assert sorted(listed(), key=key) == sorted(rows + reports, key=key)
    assert rows == listed("--kind", "detection", "--rules", ROOT / "rules")
    by_id = {row["id"]: row for row in rows}
    assert by_id["bypass-damper-open"]["raise_after_ms"] == 60000 and by_id["bypass-damper-open"]["severity"] == "S1"
    fume = by_id["fume-over-limit"]
    mean, = [look for look in fume["looks"] if look["over"] == "600 s"]
    # ten minutes of a value a minute: a head of 16 bytes and 14 places of 12; beside its windows a timer and an alarm
    assert mean == {"function": "mean", "of": "value", "over": "600 s", "bytes": 184}
    beside = fume["bytes_per_instance"] - sum(look["bytes"] for look in fume["looks"]) - fume["alarm_bytes"]
    assert 0 < beside <= 32 < fume["alarm_bytes"]
    assert {row["bytes_per_instance"] for row in rows if not row["looks"]} <= {beside + fume["alarm_bytes"] + n for n in (0, 4)}
    validity = listed("--kind", "validity")
    assert {"id", "consequence", "zh", "en"} <= set(validity[0]) and len({row["id"] for row in validity}) == len(validity)
    assert subprocess.run([HJHUB, "rules", "list", "--kind", "odd"], capture_output=True, check=False).returncode == 2
    assert subprocess.run([HJHUB, "rules", "list", "--rules", tmp_path / "none"], capture_output=True,
                          check=False).returncode == 2


def test_page__the_registry_says_what_each_rule_of_the_catalogue_reads():
    page = (ROOT / "docs/registry.md").read_text()
    rows = {rule: reads for rules, reads in re.findall(r"^\| ([a-z0-9, -]+) \| (.*) \|$", page, re.M)
            for rule in rules.split(", ")}
    of_signals = {"value", "limit", "policy_limit", "permit", "other"}
    for rule in listed("--kind", "detection"):
        for name in set(rule["reads"]) - of_signals:
            assert name in rows[rule["id"]] or name.split(".")[1] in rows[rule["id"]], (rule["id"], name)
    kinds = set(re.findall(r"filed\(([a-z-]+)\)", "".join(p.read_text() for p in (ROOT / "rules").glob("*.yaml"))))
    filings = (ROOT / "docs/filings.md").read_text()
    assert kinds and all(f"| `{kind}` |" in filings for kind in kinds)
