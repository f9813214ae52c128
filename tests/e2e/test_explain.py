"""Why not: `hjhub explain` shows each input, gate and timer of an instance at a moment of the past."""
import json
import subprocess

import pytest

from servers import HJHUB, ROOT
from story import BYPASS, REGISTRY, Plant, stamp

RULE = "bypass-damper-open"


def explain(path, at, rule=RULE, subject="L1", status=0, json_too=True, **environment):
    options = ["--json"] if json_too else []
    done = subprocess.run([HJHUB, "explain", *options, "--at", at, "--registry", REGISTRY, "--rules", ROOT / "rules",
                           rule, subject, path], capture_output=True, check=False, encoding="utf-8", env=environment)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout) if json_too and status == 0 else done.stdout + done.stderr


@pytest.fixture
def lines(tmp_path):
    """Open from 300 to 400; then the damper's logger is silent."""
    story = Plant().live(0, 300).live(300, 400, e10101=20)
    story.live(400, 600, e10101=None, e10201=None, e10301=None, a01011=None)
    (tmp_path / "lines.jsonl").write_text(story.text())
    return tmp_path / "lines.jsonl"


def named(told, kind, name):
    return next(item for item in told[kind] if item["name"] == name)


def test_explain__a_timer_that_is_not_full(lines):
    told = explain(lines, stamp(345))
    assert (told["rule"], told["subject"], told["when"], told["local"]) == (RULE, "L1", "yes", stamp(345))
    assert told["alarm"]["state"] == "pending" and told["alarm"]["holds_since"] == stamp(300)
    assert (told["alarm"]["held_ms"], told["alarm"]["raise_after_ms"]) == (45_000, 60_000)
    opening = named(told, "inputs", "bypass.opening")
    assert opening["is"] == "0.2" or opening["is"] == "20 %"
    assert opening["of"][0] == {"mn": BYPASS, "factor": "e10101", "sent": "20", "unit": "%", "time": stamp(340),
                                "age_ms": 5000, "held_for_ms": 30_000}
    production = named(told, "inputs", "production.on")
    assert production["is"] == "yes" and production["of"][0]["told"] == "on" and production["of"][0]["on_after_ms"] == 120_000


def test_explain__what_is_unknown_says_why(lines):
    told = explain(lines, stamp(500))
    opening = named(told, "inputs", "bypass.opening")
    assert opening["is"] == "unknown" and opening["of"][0]["why"] == "too old" and opening["of"][0]["age_ms"] == 110_000
    assert told["when"] == "unknown" and told["alarm"]["state"] == "active-unack" and told["alarm"]["severity"] == "S1"
    assert named(explain(lines, stamp(0)), "inputs", "production.on")["is"] == "unknown"


def test_explain__gates_and_parents_are_told(lines):
    told = explain(lines, stamp(345))
    assert any(f["name"].startswith("filed(emergency-discharge") and f["is"] == "no" for f in told["functions"])
    assert told["under"] == ["site-power-cut"]
    assert [(g["to"], g["when"]) for g in told["grades"]] == [("S2", "no")]


def test_explain__looking_changes_nothing(lines):
    assert explain(lines, stamp(345)) == explain(lines, stamp(345))


def test_explain__reads_as_text_in_two_languages(lines):
    english = explain(lines, stamp(500), json_too=False, LANG="C")
    assert "why: too old" in english and "state: active-unack" in english
    chinese = explain(lines, stamp(500), json_too=False, LANG="zh_CN.UTF-8")
    assert "未知原因: 数据过旧" in chinese and "状态: 报警未确认" in chinese


def test_explain__what_is_not_there_says_so(lines):
    assert "watches no subject L9" in explain(lines, stamp(500), subject="L9", status=2)
    assert "no such file" in explain("nowhere", stamp(500), status=2)
    assert "usage" in explain(lines, "yesterday", status=2)
