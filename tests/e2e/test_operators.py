"""What operators are told is complete and true: every alert, check, metric and log event has its page."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
HEADINGS = set(re.findall(r"^### (\S+)$", MANUAL, re.M))
ROOMS = ["core", "journal", "sinks", "broker-bridge", "cli"]
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")


def rows(path, kind):
    return re.findall(rf"^{kind}\((\w+),\s*\"([^\"]+)\"", (ROOT / path).read_text(), re.M)


def metric_names():
    names = {"hjhub_received_total", "hjhub_rules_broken_total", "hjhub_build_info"}
    for kind in ("COUNTER", "GAUGE"):
        names |= {name for _, name in rows("broker-bridge/counters.def", kind)}
    for _, name in rows("broker-bridge/counters.def", "HISTOGRAM"):
        names |= {name + suffix for suffix in ("", "_bucket", "_sum", "_count")}
    return names


def log_events():
    events = set()
    for room in ROOMS:
        for path in (ROOT / room).glob("*.c"):
            text = path.read_text(encoding="utf-8")
            events |= set(re.findall(r'log_event\(\s*LOG_\w+,\s*"([^"]+)"', text))
    return events


@pytest.mark.parametrize("path", ["deploy/prometheus/hjhub.rules.yml",
                                  "deploy/prometheus/hjhub.rules.test.yml",
                                  "deploy/grafana/hjhub.json", "docs/operators.md"])
def test_operators__name_only_metrics_that_exist(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    named = set(re.findall(r"\bhjhub_[a-z0-9_]+", text))
    assert named and named <= metric_names(), named - metric_names()


def test_operators__each_alert_has_its_section():
    rules = (ROOT / "deploy/prometheus/hjhub.rules.yml").read_text()
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert alerts and not [name for name in alerts if name not in HEADINGS]
    assert [name for name in HEADINGS if name.startswith("Hjhub") and name not in alerts] == []
    assert re.findall(r"operators\.md#(\w+)", rules) == [name.lower() for name in alerts]


def test_operators__each_check_has_its_section_and_its_thresholds():
    checks = [name for _, name in rows("broker-bridge/health.def", "HEALTH")]
    assert checks and not [name for name in checks if name not in HEADINGS]
    assert re.findall(r"^\| ([a-z-]+) \| (?:live|ready|advise|note) \|", MANUAL, re.M) == checks


def test_operators__each_log_event_is_explained():
    told = set(re.findall(r"^\| `([a-z0-9-]+)` \| (?:debug|info|warn|error) \|", MANUAL, re.M))
    events = log_events()
    assert events and events - told == set(), "no line in docs/operators.md"
    assert told - events == set(), "explained, and nobody logs it"


def test_operators__the_dashboard_is_json_with_queries():
    dashboard = json.loads((ROOT / "deploy/grafana/hjhub.json").read_text(encoding="utf-8"))
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    assert len(identifiers) == len(set(identifiers))
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


@needs_promtool
@pytest.mark.parametrize("words", [["check", "rules", "hjhub.rules.yml"],
                                   ["test", "rules", "hjhub.rules.test.yml"]])
def test_operators__promtool_agrees(words):
    done = subprocess.run(["promtool", *words], cwd=ROOT / "deploy/prometheus", text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_operators__the_manual_page_has_every_key_and_its_default():
    page = (ROOT / "docs/man/hjhub.yaml.5").read_text(encoding="utf-8")
    rows_text = (ROOT / "broker-bridge/config.def").read_text(encoding="utf-8").split("*/", 1)[1]
    keys = re.findall(r'CONFIG_(?:TEXT|NUMBER)\(\s*"(\w*)",\s*"(\w+)"', rows_text)
    told = []
    for part in re.split(r"^\.Ss ", page, flags=re.M)[1:]:
        section = part.splitlines()[0].removeprefix("Section ").replace("The top", "")
        told += [(section, key) for key in re.findall(r"^\.It Cm (\w+)$", part, re.M)]
    assert keys and told == keys
    numbers = re.findall(r"CONFIG_(?:UINT|SIZE), (\d+),\s+(\d+),\s+(\d+)", rows_text)
    assert numbers == [(default, low, high) for low, high, default in
                       re.findall(r"^From (\d+) to (\d+); default: (\d+)$", page, re.M)]
