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


def test_explain__a_report_has_its_inputs_and_no_condition(lines):
    told = explain(lines, stamp(345), rule="run-time")
    assert named(told, "inputs", "production.on")["is"] == "yes" and "when" not in told
    assert told["lets"] and told["functions"] and "under" not in told


def test_explain__says_why_in_one_sentence(lines):
    assert explain(lines, stamp(250))["alarm"]["because"] == {"id": "does_not_hold", "zh": "条件不成立",
                                                              "en": "its condition does not hold"}
    assert explain(lines, stamp(345))["alarm"]["because"]["id"] == "not_long_enough"


def test_explain__beyond_what_came_is_said(lines):
    assert "note: the last record is of " + stamp(590) in explain(lines, stamp(700), json_too=False)


def test_explain__of_a_hub_by_its_configuration(lines, tmp_path):
    subprocess.run([HJHUB, "replay", "--registry", REGISTRY, "--rules", ROOT / "rules", "--keep", tmp_path / "journal",
                    lines], check=True, capture_output=True)
    config = tmp_path / "hub.yaml"
    config.write_text(json.dumps({"area": "140581", "registry": str(REGISTRY), "rules": str(ROOT / "rules"),
                                  "broker": {"url": "mqtt://127.0.0.1:1"}, "redis": {"port": 1},
                                  "journal": {"directory": str(tmp_path / "journal")}}))
    done = subprocess.run([HJHUB, "explain", "--config", config, "--json", "--at", stamp(345), RULE, "L1"],
                          capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == explain(lines, stamp(345))


def test_explain__looking_changes_nothing(lines):
    assert explain(lines, stamp(345)) == explain(lines, stamp(345))


def test_explain__reads_as_text_in_two_languages(lines):
    english = explain(lines, stamp(500), json_too=False, LANG="C")
    assert "because: raised; whether it is over is unknown" in english and "note" not in english
    assert "why: too old" in english and "state: active-unack" in english
    chinese = explain(lines, stamp(500), json_too=False, LANG="zh_CN.UTF-8")
    assert "原因: 已触发，是否恢复未知" in chinese
    assert "未知原因: 数据过旧" in chinese and "状态: 报警未确认" in chinese


def test_explain__what_is_not_there_says_so(lines):
    assert "watches no subject L9" in explain(lines, stamp(500), subject="L9", status=2)
    assert "no such file" in explain("nowhere", stamp(500), status=2)
    assert "usage" in explain(lines, "yesterday", status=2)
