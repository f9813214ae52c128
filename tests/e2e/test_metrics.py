"""What a running hub shows: metrics that Prometheus likes, counters that add up, a log that stays small."""
import re
import shutil
import subprocess
import urllib.request

import hj212
from servers import ROOT, wait_for
from live import BYPASS, open_bypass, up

VERDICTS = ("accepted", "duplicate", "quarantined", "rejected")
FLOOD = 3000


def page(hub, path="/metrics", accept="*/*"):
    request = urllib.request.Request(f"http://127.0.0.1:{hub.http}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def counts(hub):
    text = page(hub)
    values = {verdict: int(re.search(rf'^hjhub_verdicts_total{{verdict="{verdict}"}} (\d+)$', text, re.M)[1])
              for verdict in VERDICTS}
    return values, int(re.search(r"^hjhub_received_total (\d+)$", text, re.M)[1])


def buckets(text, name):
    return [(float(bound), int(count)) for bound, count in
            re.findall(rf'^{name}_bucket{{le="([^"]+)"}} (\d+)$', text, re.M)]


def test_metrics__of_a_hub_at_work_add_up_and_please_promtool(hub, connect):
    device = connect("device")
    open_bypass(device)
    wait_for(lambda: hub.metric('hjhub_alarms_open{severity="S1"}') == 1, 60)
    good = hj212.data(BYPASS, {"e10101": 3})
    for payload in (good, good, b"garbage", b"", hj212.data(BYPASS, {"e10101": 1}, pw="000000"), good[:50] + good):
        device.publish(up(BYPASS), payload)
    before = hub.metric("hjhub_messages_total")
    wait_for(lambda: counts(hub)[0]["rejected"] >= 3 and counts(hub)[0]["quarantined"] == 1)
    each, received = counts(hub)
    assert sum(each.values()) == received >= before and all(each.values())
    assert hub.metric("hjhub_alarm_transitions_total") >= 1
    wait_for(lambda: hub.metric('hjhub_devices{state="seen"}') == 2 < hub.metric('hjhub_devices{state="registered"}'))
    text = page(hub)
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert "\n# EOF\n" in page(hub, accept="application/openmetrics-text; version=1.0.0")
    # No device, no enterprise, no area is a label: what may stand there is known beforehand.
    labels = set(re.findall(r'[{,](\w+)="', text))
    assert labels <= {"verdict", "result", "stream", "state", "severity", "rule", "consequence", "le",
                      "version"}, labels
    assert BYPASS not in text and "E1" not in re.findall(r'="([^"]*)"', text)


def test_metrics__lags_are_histograms_fine_enough_to_see_a_second(hub, connect):
    device = connect("device", f"ems/v1/140581/{BYPASS}/down/#")
    open_bypass(device)
    wait_for(lambda: hub.metric('hjhub_alarms_open{severity="S1"}') == 1, 60)
    wait_for(lambda: hub.metric("hjhub_alarm_lag_seconds_count") >= 1)
    text = page(hub)
    for name in ("hjhub_answer_lag_seconds", "hjhub_alarm_lag_seconds"):
        found = buckets(text, name)
        bounds, times = [bound for bound, _ in found], [count for _, count in found]
        assert bounds == sorted(bounds) and bounds[0] <= 0.001 and bounds[-2] >= 30 and bounds[-1] == float("inf")
        assert max(after / before for before, after in zip(bounds, bounds[1:-1])) <= 3
        assert times == sorted(times) and times[-1] == hub.metric(name + "_count") > 0
        assert hub.metric(name + "_sum") < 60 * times[-1]
    commits = hub.metric("hjhub_journal_commit_seconds_sum")  # each takes less than a millisecond or two
    assert commits > 0 and abs(commits - round(commits, 3)) > 1e-7


def test_metrics__each_row_is_fed_by_somebody():
    code = "".join(path.read_text() for room in ("broker-bridge", "sinks") for path in (ROOT / room).glob("*.c"))
    rows = re.findall(r"^(COUNTER|GAUGE|HISTOGRAM)\((\w+)", (ROOT / "broker-bridge/counters.def").read_text(), re.M)
    assert rows and [name for kind, name in rows if not re.search(rf"\b{kind}_{name}\b", code)] == []


def test_metrics__of_the_session_count_its_connections(hub, broker):
    done, failed = ('hjhub_session_connects_total{result="%s"}' % result for result in ("done", "failed"))
    assert (hub.metric(done), hub.metric("hjhub_session_losses_total")) == (1, 0)
    broker.kill()
    wait_for(lambda: hub.metric("hjhub_session_losses_total") == 1 and hub.metric(failed) >= 1)
    broker.start()
    wait_for(lambda: hub.metric(done) == 2 and hub.metric("hjhub_session_up") == 1)
    assert hub.metric("hjhub_session_losses_total") == 1


def test_log__a_flood_of_garbage_is_counted_and_not_logged(hub, connect):
    device = connect("flood")
    before = hub.log.read_text().count("\n")
    for number in range(FLOOD):
        device.publish(up(BYPASS), b"##99%d\xff\x00 level=error event=forged\n" % number)
    wait_for(lambda: counts(hub)[0]["rejected"] >= FLOOD, 60)
    log = hub.log.read_text()
    assert log.count("\n") - before < 20 and "forged" not in log, log[-2000:]
    assert all(re.match(r"level=(debug|info|warn|error) event=[a-z0-9-]+( [a-z0-9_]+=(\"[^\"]*\"|\S*))*$", line)
               for line in log.splitlines()), log
    assert hub.command("health", "--config", hub.config).stdout.startswith("The hub is well.")


def test_pages__live_and_ready_say_why_in_the_long_form(hub):
    assert page(hub, "/livez") == "live\n" and page(hub, "/readyz") == "ready\n"
    said = page(hub, "/readyz?verbose")
    assert "[+] session\n" in said and "[+] journal-room\n" in said and said.endswith("ready\n")
