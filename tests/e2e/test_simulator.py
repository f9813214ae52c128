"""The fictional county: what it did, and what the hub noticed of it."""
import collections
import datetime
import json
import os
import re
import subprocess

import pytest

import servers
from servers import BUILD, HJHUB, ROOT, wait_for

HJSIM = BUILD / "hjsim"
SCENES = {"bypass-opened": "bypass-damper-open", "treatment-off": "treatment-off-production-on",
          "purifier-off": "fume-purifier-off", "cabin-power-cut": "monitor-power-cut",
          "probe-frozen": "flatline-constant", "unplugged": "device-offline", "planned-stop": "",
          "fume-peak": "fume-over-limit"}
OTHERS = re.findall(r'^MONITOR\(\w+, \d+, "([a-z-]+)"', (ROOT / "simulator/monitors.def").read_text(), re.M)


def hjsim(*arguments, **options):
    return subprocess.run([HJSIM, *map(str, arguments)], capture_output=True, text=True, check=True, **options)


def told(folder, *county, begin="2026-09-01T00:00:00+08:00", seconds=3600, scenes=(), name="lines"):
    """A county's lines through replay: (transitions, counters, truth)."""
    county = ["--devices", "40", "--interval", "60", "--seed", "7", *county]
    for scene in scenes:
        county += ["--scene", scene]
    hjsim("registry", *county, folder / "registry")
    hjsim("run", *county, "--truth", folder / "truth", "--jsonl", folder / name, "--from", begin, "--for", seconds)
    done = subprocess.run([HJHUB, "replay", "--json", "--registry", folder / "registry", "--rules", ROOT / "rules",
                           folder / name], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    truth = [json.loads(line) for line in (folder / "truth").read_text().splitlines()] if scenes else []
    return [json.loads(line) for line in done.stdout.splitlines()], json.loads(done.stderr), truth


def at(text):
    return datetime.datetime.fromisoformat(text)


def test_scenes__each_is_noticed_where_and_when_it_should_be_and_nothing_else_is(tmp_path):
    transitions, counters, truth = told(tmp_path, seconds=11400, scenes=[f"{name}@2000" for name in SCENES])
    assert {row["scene"]: row["rule"] for row in truth} == SCENES
    assert counters["accepted"] == counters["received"] > 1000
    raised = [t for t in transitions if t["from"] == "normal"]
    for row in truth:
        mine = [t for t in raised if t["enterprise"]["id"] == row["enterprise"]]
        # An hour of which too little came is a finding of its own, at its end.
        mine = [t for t in mine if t["rule"] != "hour-mean-invalid"]
        assert {t["rule"] for t in mine} == ({row["rule"]} if row["rule"] else set()), row
        assert all(at(row["from"]) < at(t["at"]) <= at(row["raised_by"]) for t in mine), (row, mine)
    assert {t["enterprise"]["id"] for t in raised} == {row["enterprise"] for row in truth if row["rule"]}
    # All is over in the end, and each said so.
    last = {t["alarm"]: t["to"] for t in transitions}
    assert set(last.values()) == {"cleared-unack"} and len(last) == len(raised)


def test_honest_county__a_day_without_an_alarm(tmp_path):
    """One monitor of each other kind as well. COUNTY_DEVICES=200 is the long form."""
    devices = os.environ.get("COUNTY_DEVICES", "12")
    others = str(len(OTHERS))
    transitions, counters, _ = told(tmp_path, "--devices", devices, "--others", others, seconds=86400, scenes=["planned-stop"])
    assert transitions == [] and counters["alarms_open"] == 0
    assert counters["accepted"] == counters["received"] == (int(devices) + int(others)) * 1440
    kinds = [row.split(",")[3] for row in (tmp_path / "registry/devices.csv").read_text().splitlines()[-len(OTHERS):]]
    assert kinds == OTHERS


def test_planned__each_kind_comes_as_often_as_a_county_plans_for(tmp_path):
    hjsim("registry", "--planned", "--devices", "7272", tmp_path)
    kinds = collections.Counter(row.split(",")[3] for row in (tmp_path / "devices.csv").read_text().splitlines()[1:])
    assert kinds.total() == 7272
    for kind, planned in {"cems": 130, "electricity": 2600, "fume": 350, "video": 650, "hdv": 2400, "nrmm": 900}.items():
        assert abs(kinds[kind] - planned) <= 1, kind
    assert subprocess.run([HJHUB, "registry", "check", tmp_path], check=False).returncode == 0


def test_packs__have_no_commands_so_no_rule_waits_for_them(tmp_path):
    hjsim("registry", "--devices", "3", tmp_path / "registry")
    hjsim("run", "--devices", "3", "--jsonl", tmp_path / "lines", "--from", "2026-09-01T00:00:00+08:00", "--for", "300")
    cems = (tmp_path / "registry/devices.csv").read_text().splitlines()[1].split(",")[0]
    for mn, status in ((cems, 0), ("METER-1", 2)):
        for rule in ("heartbeat-lost", "collector-restarts"):
            done = subprocess.run([HJHUB, "explain", "--at", "2026-09-01T00:04:00+08:00", "--registry", tmp_path / "registry",
                                   "--rules", ROOT / "rules", rule, mn, tmp_path / "lines"], capture_output=True, text=True, check=False)
            assert done.returncode == status and ("watches no subject" in done.stderr) == (status != 0), done.stderr


def test_seed__the_same_bytes_twice_and_others_with_another(tmp_path):
    def lines(name, *more):
        path = tmp_path / name
        hjsim("run", "--devices", "20", "--scene", "unplugged@60", "--jsonl", path, "--from", "2026-09-01T00:00:00+08:00",
              "--for", "180", *more)
        return path.read_bytes()
    assert lines("a") == lines("b") and lines("a") != lines("c", "--seed", "2")
    for name in ("r", "s"):
        hjsim("registry", "--devices", "20", tmp_path / name)
    for path in (tmp_path / "r").iterdir():
        assert path.read_bytes() == (tmp_path / "s" / path.name).read_bytes()


def test_county__its_three_kinds_and_two_hundred_devices(tmp_path):
    hjsim("registry", tmp_path / "registry")
    done = subprocess.run([HJHUB, "registry", "check", tmp_path / "registry"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and " 200 devices" in done.stdout
    kinds = [row.split(",")[3] for row in (tmp_path / "registry/devices.csv").read_text().splitlines()[1:]]
    assert len(kinds) == 200 and {"cems", "electricity", "fume"} <= set(kinds)


def test_county__has_a_fume_monitor_of_each_maker_and_the_rules_read_it(tmp_path):
    """The last five of eight kitchens; one maker of them sends no states."""
    makers = {"fume-sb": "E8", "fume-ga": "E9", "fume-names": "E10", "fume-status": "E11", "fume-b": "E12"}
    scenes = [f"purifier-off@300:{site[1:]}" for site in makers.values()] + ["fume-peak@300:10"]
    transitions, counters, _ = told(tmp_path, "--devices", "20", seconds=2400, scenes=scenes)
    rows = [row.split(",") for row in (tmp_path / "registry/devices.csv").read_text().splitlines()]
    assert {row[-1]: row[4] for row in rows[1:] if row[-1]} == makers
    assert counters["accepted"] == counters["received"]
    raised = {(t["rule"], t["enterprise"]["id"]) for t in transitions if t["from"] == "normal"}
    assert raised == {("fume-purifier-off", makers[name]) for name in makers if name != "fume-names"} | {
        ("fume-over-limit", "E10")}


def test_scenes__come_at_their_usual_hour(tmp_path):
    """Without a second of its own: the bypass is opened at night, the purifier is off at noon."""
    hjsim("run", "--devices", "20", "--scene", "bypass-opened", "--scene", "purifier-off:6", "--truth", tmp_path / "truth",
          "--jsonl", tmp_path / "lines", "--from", "2026-09-01T10:00:00+08:00", "--for", "1")
    truth = [json.loads(line) for line in (tmp_path / "truth").read_text().splitlines()]
    assert [(row["scene"], row["from"], row["enterprise"]) for row in truth] == [
        ("bypass-opened", "2026-09-02T02:00:00.000+08:00", "E1"), ("purifier-off", "2026-09-01T12:00:00.000+08:00", "E6")]


@pytest.mark.parametrize("wrong", [["--scene", "flood@3"], ["--scene", "bypass-opened@x"], ["--scene", "bypass-opened@1:0"],
                                   ["--scene", "bypass-opened@1:9999"], ["--scene", "purifier-off@1:1"], ["--devices", "2"],
                                   ["--devices", "1000001"], ["--interval", "0"], ["--connections", "some"],
                                   ["--overtime", "0"], ["--seed", "x"]])
def test_usage__what_is_wrong_is_refused(tmp_path, wrong):
    done = subprocess.run([HJSIM, "run", *wrong, "--jsonl", tmp_path / "lines", "--from", "2026-09-01T00:00:00+08:00",
                           "--for", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr


def spent(*command):
    """CPU seconds and the greatest memory (KiB) of a command."""
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def test_size__a_million_devices_are_a_matter_of_seconds_and_of_no_memory(tmp_path):
    """One second of an interval of 600: some 1,700 messages of a county of 10^6."""
    seconds, memory = spent(HJSIM, "run", "--devices", "1000000", "--interval", "600", "--jsonl", "-", "--from",
                            "2026-09-01T00:00:00+08:00", "--for", "1")
    _, little = spent(HJSIM, "run", "--devices", "100", "--jsonl", "-", "--from", "2026-09-01T00:00:00+08:00", "--for", "1")
    assert memory < little + 4096 and seconds < 10


def test_size__ten_times_the_devices_take_ten_times_the_binding_not_a_hundred(tmp_path):
    costs = []
    for devices in (500, 5000):
        folder = tmp_path / str(devices)
        hjsim("registry", "--devices", devices, folder)
        (tmp_path / "tick").write_text('{"at": "2026-09-01T00:00:00+08:00"}\n')
        costs.append(spent(HJHUB, "replay", "--json", "--registry", folder, "--rules", ROOT / "rules", tmp_path / "tick")[0])
    assert costs[1] < 30 * costs[0], costs


# --- on a real broker ---

@pytest.fixture
def county_hub(tmp_path, broker, redis):
    """A hub whose registry is that of a county of six devices; not started yet."""
    hjsim("registry", "--devices", "6", "--interval", "1", tmp_path / "county")
    hub = servers.Hub(tmp_path, broker, redis, registry=tmp_path / "county")
    yield hub
    hub.stop()


class Running(servers.Process):
    def __init__(self, folder, broker, *arguments):
        super().__init__(folder, "hjsim")
        self.spawn(HJSIM, "run", "--broker", f"127.0.0.1:{broker.port}", "--devices", "6", "--interval", "1", "--warm", "0",
                   *arguments)

    def figures(self):
        assert self.process.wait(60) == 0, self.log.read_text()
        return json.loads(self.log.read_text().splitlines()[-1])


def test_logger__waits_for_answers_and_sends_again_with_the_same_qn(tmp_path, broker, county_hub, connect):
    """Nobody answers at first: what is not answered comes again; then the hub answers, and each counts once."""
    listener = connect("listener", "ems/v1/140581/+/up/#")
    county = Running(tmp_path, broker, "--overtime", "1", "--recount", "60", "--duration", "6")
    wait_for(lambda: len({m.payload for m in listener.got}) < len(listener.got))
    county_hub.start()
    figures = county.figures()
    assert figures["resent"] > 0 and figures["answered"] > 0 and figures["acknowledged"] >= figures["attempted"]
    assert figures["given_up"] == 0
    sent = {m.payload for m in listener.got}
    assert figures["attempted"] == len(sent)
    verdicts = {name: county_hub.metric(f'hjhub_verdicts_total{{verdict="{name}"}}')
                for name in ("accepted", "duplicate", "rejected", "quarantined")}
    assert verdicts["rejected"] == verdicts["quarantined"] == 0
    assert figures["answered"] <= verdicts["accepted"] <= figures["attempted"]


def test_logger__gives_up_in_the_end(tmp_path, broker, connect):
    """One repeat after a second, and nobody there: a second later the first messages are given up."""
    listener = connect("listener", "ems/v1/140581/+/up/#")
    figures = Running(tmp_path, broker, "--overtime", "1", "--recount", "1", "--duration", "5").figures()
    assert figures["answered"] == 0 and figures["given_up"] > 0
    times = [sum(m.payload == first for m in listener.got) for first in {m.payload for m in listener.got}]
    assert max(times) == 2


def test_connections__one_a_device_with_its_mn_as_client(tmp_path, broker, county_hub, connect):
    county_hub.start()
    figures = Running(tmp_path, broker, "--connections", "device", "--duration", "2").figures()
    assert figures["answered"] > 0
    names = [row.split(",")[0] for row in (county_hub.registry / "devices.csv").read_text().splitlines()[1:]]
    log = broker.log.read_text()
    assert len(names) == 6 and all(f" as {name} (" in log for name in names) and " as hjsim " not in log


def test_devices__obey_the_host_or_refuse_or_fail_or_are_silent_as_the_scenes_say(tmp_path, broker, redis):
    hjsim("registry", "--devices", "20", "--interval", "1", tmp_path / "county")
    hub = servers.Hub(tmp_path, broker, redis, registry=tmp_path / "county")
    hub.start()
    scenes = [word for name, site in (("refused", 1), ("failed", 2), ("unheard", 3))
              for word in ("--scene", f"commands-{name}@0:{site}")]
    county = Running(tmp_path, broker, "--devices", "20", "--duration", "60", *scenes)  # ends by itself at the latest
    stacks = [row.split(",")[0] for row in (hub.registry / "devices.csv").read_text().splitlines() if ",cems," in row]
    assert len(stacks) == 4
    wait_for(lambda: hub.metric('hjhub_devices{state="seen"}') == 20)

    def command(mn, *words):
        done = hub.command("device", "--config", hub.config, "--json", mn, *words)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    for mn, state in zip(stacks, ("refused", "failed", "timed-out", "done")):
        status, steps = command(mn, "get-time", "overtime_s=1", "recount=1")
        assert (status, steps[-1]["state"]) == (0 if state == "done" else 1, state), steps
    assert re.fullmatch(r"\d{14}", steps[-2]["answer"]["SystemTime"])
    status, steps = command(stacks[3], "get-hours", "BeginTime=20260901000000", "EndTime=20260901230000")
    assert (status, steps[-1]["state"], steps[-1]["data"]) == (0, "done", 24)
    assert command(stacks[3], "stop-realtime")[1][-1]["state"] == "done"
    assert hub.metric('hjhub_verdicts_total{verdict="rejected"}') == 0
    assert hub.metric('hjhub_verdicts_total{verdict="quarantined"}') == 0
    county.stop()
    assert hub.stop() == 0


# --- plants of 2025 ---


def test_encrypted__a_county_reads_the_same_with_its_keys_and_not_without(tmp_path):
    county = ["--devices", "20", "--interval", "10", "--encrypted", "2"]
    hjsim("registry", *county, tmp_path / "registry")
    hjsim("keys", *county, tmp_path / "keys.csv")
    hjsim("run", *county, "--jsonl", tmp_path / "lines", "--from", "2026-09-01T00:00:00+08:00", "--for", "60")

    def counters(*options):
        done = subprocess.run([HJHUB, "replay", "--json", "--registry", tmp_path / "registry", *options,
                               tmp_path / "lines"], capture_output=True, check=True)
        return json.loads(done.stderr)

    assert counters("--keys", tmp_path / "keys.csv")["accepted"] == 120
    assert (counters()["accepted"], counters()["quarantined"]) == (108, 12)


def test_encrypted__what_is_sent_again_bears_its_mark_and_counts_once(tmp_path, broker, connect):
    """No hub answers: each frame comes a second time, with RF=1."""
    county = ["--devices", "3", "--encrypted", "1"]
    hjsim("registry", *county, tmp_path / "registry")
    hjsim("keys", *county, tmp_path / "keys.csv")
    stack = (tmp_path / "keys.csv").read_text().splitlines()[1].split(",")[0]
    listener = connect("listener", f"ems/v1/{servers.AREA}/{stack}/up/hj212")
    hjsim("run", "--broker", f"127.0.0.1:{broker.port}", *county, "--interval", "10", "--warm", "10",
          "--duration", "3", "--overtime", "1", "--recount", "1")
    marked = re.compile(rb"##\d{4}QN=\d{17};.*;Flag=9;RF=1;CP=&&", re.S)
    again = wait_for(lambda: next((m.payload for m in listener.got if marked.match(m.payload)), None))
    qn = again[6:27]  # the length says the mark too
    first = next(m.payload for m in listener.got if m.payload[6:27] == qn)
    assert b";Flag=9;CP=&&" in first
    done = subprocess.run([HJHUB, "check", "--json", "--registry", tmp_path / "registry", "--keys",
                           tmp_path / "keys.csv"], input=first + again, capture_output=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["verdict"] for result in results] == ["accepted", "duplicate"]
    assert results[0]["items"] == results[1]["items"] != []
