"""A reload of the rules keeps what a rule remembers that did not change: its windows, its lets, its timers."""
import shutil

import servers
from servers import ROOT, wait_for
from test_late_live import Logger, field, alarms

OWN = """- rule: mostly-open
  title: {zh: 旁路常开, en: Mostly open}
  scope: linkage
  let:
    usual: mean(bypass.opening, 5 min)
    high: usual > 10 %
  when: high and held(high) > 90 s
  raise_after: 120 s
  severity: S4
  text: {zh: "均值{usual}", en: "mean {usual}"}
  source: {cite: house, sure: low}
"""


def test_reload__windows_lets_and_timers_of_an_unchanged_rule_go_on(tmp_path, broker, redis, connect):
    """Open from 0: the mean is known at 220, has held for 90 s after 310, and raises after 430. Reloaded at 300."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    (rules / "own.yaml").write_text(OWN, encoding="utf-8")
    hub = servers.Hub(tmp_path, broker, redis, rules=rules)
    hub.start()
    logger = Logger(connect("device"))
    logger.damper(0, 300, range(0, 1000))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 30)
    other = (rules / "fume.yaml").read_text(encoding="utf-8")
    (rules / "fume.yaml").write_text(other.replace("severity: S3", "severity: S4", 1), encoding="utf-8")
    assert hub.command("reload", "--config", hub.config).returncode == 0
    logger.damper(300, 450, range(0, 1000))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == 45)
    wait_for(lambda: [a for a in alarms(redis) if field(a, "rule") == "mostly-open"])
    alarm, = [a for a in alarms(redis) if field(a, "rule") == "mostly-open"]
    assert logger.stamp(300) < field(alarm, "onset") <= logger.stamp(330) and field(alarm, "text_en") == "mean 0.2"
    # One that changed begins anew: its alarm is closed, and its windows are empty.
    (rules / "own.yaml").write_text(OWN.replace("10 %", "11 %"), encoding="utf-8")
    assert hub.command("reload", "--config", hub.config).returncode == 0
    wait_for(lambda: field([a for a in alarms(redis) if field(a, "rule") == "mostly-open"][0], "state") == "closed")
    assert hub.stop() == 0
