"""What an alarm carries: the law at its onset, rule and parameters as fingerprints, its evidence; and latching."""
import shutil

import pytest

from servers import ROOT
from story import Plant, brief, stamp

OPEN = {"e10101": 20, "e10301": 0}
LAWS = """  law:
    - {until: 2026-08-14, cite: 大气污染防治法（2018）第二十条}
    - {from: 2026-08-15, cite: 生态环境法典}
"""


@pytest.fixture(name="bent")
def bent_rules(tmp_path):
    def bend(old, new):
        """A copy of the catalogue with this change in the rule bypass-damper-open."""
        rules = tmp_path / f"rules-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(ROOT / "rules", rules)
        text = (rules / "bypass.yaml").read_text(encoding="utf-8")
        assert old in text
        (rules / "bypass.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        return rules
    return bend


def opened(rules=ROOT / "rules"):
    """The damper opens at 300 and is shut at 420: raised at 360."""
    return Plant(rules=rules).live(0, 300).live(300, 420, **OPEN).live(420, 900)


def test_law__is_what_holds_at_the_onset(bent):
    """START is 2026-09-01: the last day of an old law counts, the first of a new one too."""
    assert opened().raised("bypass-damper-open")[0]["law"] == ["生态环境法典"]
    laws = "  law: [{until: 2026-08-31, cite: a}, {from: 2026-09-01, until: 2026-09-01, cite: b}, {from: 2026-09-02, cite: c}, {cite: d}]\n"
    assert opened(bent(LAWS, laws)).raised("bypass-damper-open")[0]["law"] == ["b", "d"]
    assert "law" not in opened(bent(LAWS, "  law: [{from: 2026-09-02, cite: c}]\n")).raised("bypass-damper-open")[0]


def test_fingerprints__tell_rule_and_parameters_apart(bent):
    was = opened().raised("bypass-damper-open")[0]
    words = opened(bent("高政发〔2024〕6号 二十二", "house")).raised("bypass-damper-open")[0]
    number = opened(bent("open_above: {value: 5 %", "open_above: {value: 6 %")).raised("bypass-damper-open")[0]
    assert was["rule_version"] != words["rule_version"] and was["param_hash"] == words["param_hash"]
    assert was["param_hash"] != number["param_hash"]


def test_numbers__are_those_of_the_sentence_with_their_units(bent):
    """As sent, in the registry's unit; a parameter as it was written; once each. At the end they are those of the end."""
    told = opened(bent("（开到位", "超过{open_above}，{bypass.opening}（开到位")).raised("bypass-damper-open")
    switches = {"bypass.open_switch": {"value": 0}, "bypass.closed_switch": {"value": 0}}
    assert told[0]["numbers"] == {
        "bypass.opening": {"value": 20, "unit": "%"}, "open_above": {"value": 5, "unit": "%"}, **switches}
    over = next(t for t in told if t["to"] == "cleared-unack")
    assert over["numbers"]["bypass.opening"]["value"] == 0 and over["numbers"]["bypass.closed_switch"]["value"] == 1


def test_evidence__is_from_the_onset_to_this_change():
    told = opened().raised("bypass-damper-open")
    first, second = (t["evidence"] for t in told[:2])
    assert first["first"] == second["first"] and first["first"] < first["last"] < second["last"]


def test_latched__stays_active_until_an_officer_closes_it(bent):
    story = opened(bent("  severity: S1\n", "  severity: S1\n  latched: yes\n"))
    alarm = story.raised("bypass-damper-open")[0]
    assert alarm["latched"] is True
    for number, (at, action) in enumerate([(400, "acknowledge"), (500, "close"), (800, "close")]):
        story.tell(at, topic="ems/v1/140581/alarm/cmd/li",
                   payload=f'{{"id":"c{number}","action":"{action}","alarm":"{alarm["alarm"]}","finding":"bypass"}}')
    told = story.raised("bypass-damper-open")
    assert [row[:3] for row in brief(told)] == [
        (360, "normal", "active-unack"), (400, "active-unack", "active-ack"), (720, "active-ack", "active-ack"),
        (800, "active-ack", "closed")]
    assert [t["text"]["en"].startswith("[over]") for t in told] == [False, False, True, True]
    assert told[2]["onset"] == stamp(300) and told[3]["lasted_ms"] == told[2]["lasted_ms"]
