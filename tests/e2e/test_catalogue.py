"""The catalogue is whole: every rule that was named stands in rules/, with its Chinese name, source, bounds and tests."""
import json

import jsonschema
import pytest
import yaml

from servers import ROOT

NAMED = """
    bypass-damper-open bypass-flow-detected bypass-temperature-rise bypass-pressure-loss bypass-seal-broken
    main-flow-deficit stack-reads-ambient bypass-monitor-lost emergency-vent-open bypass-pollutant-present
    intermittent-bypass-pattern treatment-off-production-on treatment-late-start treatment-early-stop
    treatment-idle-running power-ratio-drop treatment-runtime-short treatment-night-stop treatment-cycling
    fgd-pump-or-ph-fault wet-fgd-outlet-hot denox-reagent-absent baghouse-dp-abnormal esp-field-off
    oxidizer-temp-low adsorber-service-overdue device-offline monitor-power-cut network-area-outage
    collector-restarts heartbeat-lost analyzer-fault sampling-path-abnormal calibration-overdue
    calibration-no-response maintenance-flag-too-long flag-too-often flag-during-exceed flag-contradicts-power
    mark-hours-budget video-heartbeat-lost video-frozen-or-moved emission-early-warning emission-minute-exceed
    hour-exceed-forecast emission-hour-exceed emission-day-exceed emission-total-exceed near-limit-plateau
    daily-exceed-count-critical hour-mean-invalid ammonia-slip-high co-high flatline-constant low-variance
    zero-value negative-value over-range below-detection-persistent spike step-change conversion-mismatch
    o2-out-of-physics o2-dilution-suspect nox-composition-mismatch humidity-constant velocity-temperature-illogical
    load-emission-decoupled sensor-at-ambient emitting-while-stopped replayed-series twin-outlets duplicate-message
    clock-drift late-backfill aggregate-mismatch device-parameter-changed value-quantization manual-compare-fail
    low-transmission-rate low-effective-rate packet-quality unregistered-or-spoofed unmapped-factor
    production-shutdown-detected restart-without-approval retired-equipment-running staggered-production-violation
    winter-shift-violation emergency-reduction-violation production-limit-exceed transport-ban-violation phase-loss
    current-unbalance load-below-idle energy-register-rollback submeter-sum-mismatch meter-tamper fume-purifier-off
    fume-fan-off-cooking fume-over-limit fume-clean-overdue fume-purifier-ineffective fume-linkage-rate-low
    fume-device-offline-business dust-pm10-exceed dust-data-missing dust-trend-anomaly odour-exceed
    voc-fenceline-rise cruise-hotspot hdv-nox-high hdv-urea-anomaly hdv-obd-fault-or-cut nrmm-zone-violation
    chattering-alarm alarm-flood stale-alarm cross-evidence-score
""".split()
# What the life of an alarm does itself (docs/alarms.md): what chatters is held, what nobody acknowledges escalates.
ELSEWHERE = {"chattering-alarm", "stale-alarm"}
# Of many devices at once, which a rule's own tests cannot set up: test_flood.py.
OF_MANY = {"network-area-outage", "network-town-outage", "alarm-flood"}


def items():
    found = {}
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            if "rule" in item:
                assert item["rule"] not in found, item["rule"]
                found[item["rule"]] = item
    return found


RULES = items()


def test_catalogue__every_named_rule_is_there():
    assert len(NAMED) == 119
    assert set(NAMED) - set(RULES) == ELSEWHERE


def test_catalogue__an_editor_with_the_schema_finds_nothing_wrong():
    """YAML's own yes, no and numbers are what they read as: words."""
    schema = json.loads((ROOT / "schemas/rule.schema.json").read_text(encoding="utf-8"))
    judge = jsonschema.Draft202012Validator(next(kind for kind in schema["items"]["oneOf"] if "rule" in kind["required"]))
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        for item in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) or []:
            assert "rule" not in item or not [error.message for error in judge.iter_errors(item)], (path, item["rule"])


@pytest.mark.parametrize("name", sorted(RULES))
def test_catalogue__a_rule_says_whence_it_is_and_is_tested(name):
    rule = RULES[name]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in rule["title"]["zh"])
    assert rule["source"]["cite"] and rule["source"]["sure"]
    for parameter, words in rule.get("parameters", {}).items():
        assert {"value", "min", "max"} <= set(words), f"{name}: {parameter} has no bounds"
    if name in OF_MANY:
        return
    states = {str(expected.get("state")) for test in rule.get("tests", []) for expected in test["expect"]}
    assert "active-unack" in states, f"{name}: no test sees it raise"
    assert states & {"normal", "pending", "no instance"}, f"{name}: no test sees it stay calm"
