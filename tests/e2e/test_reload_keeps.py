"""A reload of the rules keeps what a rule remembers that did not change: its windows, its lets, its timers."""
import shutil

import servers
from servers import AREA, ROOT, wait_for
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


def family(above):
    return f"""- rule: open-at-all
  title: {{zh: 旁路开启, en: Open at all}}
  scope: linkage
  when: bypass.opening > {above} %
  raise_after: 0 s
  severity: S3
  text: {{zh: "开度{{bypass.opening}}", en: "parent {{bypass.opening}}"}}
  source: {{cite: house, sure: low}}

- rule: open-for-long
  title: {{zh: 旁路久开, en: Open for long}}
  scope: linkage
  under: [open-at-all]
  when: bypass.opening > 10 %
  raise_after: 60 s
  severity: S4
  text: {{zh: "开度{{bypass.opening}}", en: "child {{bypass.opening}}"}}
  source: {{cite: house, sure: low}}
"""


def test_reload__a_child_whose_parent_is_gone_is_told_under_its_own_name(tmp_path, broker, redis, connect):
    """A rule more in front moves every instance up by one: who speaks at the reload is of the new table, not of the old."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    (rules / "own.yaml").write_text(family(5), encoding="utf-8")
    hub = servers.Hub(tmp_path, broker, redis, rules=rules)
    hub.start()
    logger = Logger(connect("device"))
    logger.damper(0, 100, range(0, 1000))
    client = redis.client()
    is_child = lambda key: client.hget(key, "rule") == "open-for-long" and client.hget(key, "suppressed_by")
    key, = wait_for(lambda: [key for key in client.keys(f"ems:{{{AREA}}}:alarm:*") if is_child(key)])
    (rules / "00-first.yaml").write_text(OWN.replace("mostly-open", "first-of-all"), encoding="utf-8")
    (rules / "own.yaml").write_text(family(30), encoding="utf-8")  # which does not hold: it would take its child again at the next tick
    assert hub.command("reload", "--config", hub.config).returncode == 0
    wait_for(lambda: not client.hget(key, "suppressed_by"))
    child = client.hgetall(key)
    assert {name: field(child, name) for name in ("rule", "state", "reason", "text_en")} == {
        "rule": "open-for-long", "state": "active-unack", "reason": "parent-over", "text_en": "child 20 %"}
    assert hub.stop() == 0
