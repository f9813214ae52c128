"""What tests/bench/run measures: ratios of interleaved rounds of one run, medians.

    bench.py [--json] [--quick] [--only PART]...     PART: frame, cost, broker, direct, latency

Servers of its own on free loopback ports, files in a temporary folder; only what it started is ended.
"""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import servers  # noqa: E402

AREA, DIRECT_AREA, QUIET_AREA, ANSWER_AREA = "140581", "140582", "140583", "140584"
TESTS = servers.BUILD / "tests"
RECEIVE_MAXIMUM = 1000
LATENCY_RATE = 2000
BEHIND_H = 36  # the devices have so much to tell, a minute a message
SPIKE_EACH = 40  # of a device's frames, one a round: what comes again after a third raise in a minute is held (chatter.def)
SPIKE_RULE = """
- rule: bench-spike
  title: {zh: 尖峰, en: Spike}
  scope: signal
  of: {quantity: [so2], kind: [cems]}
  when: value > 80 mg/m3
  clear_when: value < 60 mg/m3
  severity: S3
  text: {zh: "{value}", en: "{value}"}
  source: {cite: a bench, sure: high}
"""
PARTS = ("frame", "cost", "broker", "direct", "latency")
COUNTIES = (1000, 10000, 100000)  # devices, in one process
STATE_GOAL = 4096  # bytes of rules and alarms a device


def cpu_ns(pid):
    """User and system time of all threads of a process: clock_getcpuclockid(3)."""
    return time.clock_gettime_ns((~pid) << 3 | 2)


class Fleet:
    """A county's CEMS loggers: registry, their MNs, and times that were not sent before."""

    def __init__(self, folder):
        self.registry = folder / "county"
        subprocess.run([servers.BUILD / "hjsim", "registry", "--devices", "1000", self.registry],
                       check=True, stdout=subprocess.DEVNULL)
        with open(self.registry / "devices.csv", encoding="utf-8") as file:
            mns = [row["mn"] for row in csv.DictReader(file) if row["kind"] == "cems"]
        self.list = folder / "mns"
        self.list.write_text("\n".join(mns) + "\n")
        self.begun_ms, self.devices, self.minutes = int(time.time()) * 1000 - BEHIND_H * 3600 * 1000, len(mns), {}

    def base_ms(self, area, count):
        """DataTime goes on from round to round, a minute a message: every frame is watched, no device has gaps."""
        base = self.minutes.get(area, 0)
        self.minutes[area] = base + -(-count // self.devices)
        assert self.minutes[area] < BEHIND_H * 60, "its messages would come from the future"
        return self.begun_ms + base * 60000


class Peer:
    """A Paho subscriber that does nothing, or answers and does nothing else; as the library comes, or untraced."""

    options = []

    def __init__(self, port, area, kind):
        self.area = area
        self.process = subprocess.Popen(
            [TESTS / "bench_subscribe", f"tcp://127.0.0.1:{port}", area, kind, *self.options], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.line("ready")

    def line(self, expected=None):
        text = self.process.stdout.readline().strip()
        assert text and (expected is None or text == expected), f"the peer said {text!r}"
        return text

    def expect(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        self.line("waiting")

    def done_ns(self, count):
        del count
        return int(self.line())

    def cpu_ns(self):
        return cpu_ns(self.process.pid)

    def stop(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(10)


class Subject(servers.Hub):
    """The hub as it is shipped: journaled, judged, watched, to a real Redis."""

    def __init__(self, folder, port, redis, fleet, area):
        folder.mkdir()
        rules = folder / "rules"
        servers.shutil.copytree(servers.ROOT / "rules", rules)
        (rules / "bench.yaml").write_text(SPIKE_RULE)
        registry = folder / "tables"
        servers.shutil.copytree(fleet.registry, registry)
        text = (registry / "area.csv").read_text()
        (registry / "area.csv").write_text(text.replace(AREA, area))
        super().__init__(folder, argparse.Namespace(port=port), redis, registry, rules)
        self.area = area
        config = json.loads(self.config.read_text())
        config["area"] = area
        config["broker"]["receive_maximum"] = RECEIVE_MAXIMUM
        config["journal"].update(segment_size=64 << 20, reserve_size=64 << 20)
        self.config.write_text(json.dumps(config))
        self.before = 0

    def expect(self, count):
        del count
        self.before = self.metric("hjhub_received_total")

    def done_ns(self, count):
        servers.wait_for(lambda: self.metric("hjhub_received_total") >= self.before + count, 60, 0.01)
        done = time.monotonic_ns()
        assert self.metric('hjhub_verdicts_total{verdict="accepted"}') == self.metric("hjhub_received_total")
        return done

    def cpu_ns(self):
        return cpu_ns(self.process.pid)


def publish(port, subject, fleet, count, *options):
    done = subprocess.run(
        [str(part) for part in (TESTS / "bench_publish", port, subject.area, fleet.list, count,
                                fleet.base_ms(subject.area, count), *options)],
        check=True, stdout=subprocess.PIPE, text=True, timeout=120)
    return json.loads(done.stdout)


def through_broker(port, subject, fleet, count, kind):
    """One round: messages a second until the last was taken (or answered), CPU a message."""
    subject.expect(count)
    cpu = subject.cpu_ns()
    times = publish(port, subject, fleet, count, kind)
    done_ns = subject.done_ns(count)
    cpu = subject.cpu_ns() - cpu
    end_ns = times["answered_ns"] if kind == "asks" else done_ns
    return {"per_s": count * 1e9 / (end_ns - times["begun_ns"]), "cpu_us": cpu / count / 1000}


def direct_round(server, subject, fleet, count):
    subject.expect(count)
    cpu = subject.cpu_ns()
    server.stdin.write(f"{count} {fleet.base_ms(subject.area, count)}\n")
    server.stdin.flush()
    begun, acknowledged = map(int, server.stdout.readline().split())
    end_ns = max(acknowledged, subject.done_ns(count))
    cpu = subject.cpu_ns() - cpu
    return {"per_s": count * 1e9 / (end_ns - begun), "cpu_us": cpu / count / 1000}


def compare(rounds, ours, theirs):
    """Medians of both, and of the ratios round by round."""
    result = {}
    mine, other = [], []
    for index in range(rounds + 1):
        pair = (ours, theirs) if index % 2 == 0 else (theirs, ours)
        made = {run: run() for run in pair}
        if index > 0:  # the first fills caches and maps segments
            mine.append(made[ours])
            other.append(made[theirs])
    for key in ("per_s", "cpu_us"):
        result[f"hub_{key}"] = statistics.median(one[key] for one in mine)
        result[f"peer_{key}"] = statistics.median(one[key] for one in other)
        result[f"{key}_ratio"] = statistics.median(a[key] / b[key] for a, b in zip(mine, other))
    return result


class AlarmWatch(threading.Thread):
    """When each alarm stood in Redis, by device and onset."""

    def __init__(self, redis):
        super().__init__(daemon=True)
        self.client, self.seen, self.going = redis.client(), {}, True
        self.start()

    def run(self):
        key, last = f"ems:{{{AREA}}}:alarms:transitions", "0"  # "$" would pass over what comes between two reads
        while self.going:
            for _, entries in self.client.xread({key: last}, block=500) or []:
                now = time.monotonic_ns()
                for last, fields in entries:
                    if fields["rule"] == "bench-spike" and fields["to"] == "active-unack":
                        data = json.loads(fields["event"])["data"]
                        self.seen[data["mn"], data["onset"]] = now

    def stop(self):
        self.going = False
        self.join()


def percentiles(values):
    values = sorted(values)
    return {"p50_us": values[len(values) // 2], "p99_us": values[len(values) * 99 // 100],
            "samples": len(values)}


def sync_us(folder, count=50):
    """What the disk takes for a record of 600 bytes: an answer waits for two such syncs."""
    path, took = folder / "sync", []
    with open(path, "wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, 600 * count)
        for _ in range(count):
            file.write(b"x" * 600)
            begun = time.monotonic_ns()
            os.fdatasync(file.fileno())
            took.append((time.monotonic_ns() - begun) / 1000)
    path.unlink()
    return took


def measure_frame(rounds):
    done = subprocess.run([TESTS / "bench_step", str(rounds), servers.ROOT / "tests/golden/registry-small",
                           servers.ROOT / "rules"], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def measure_cost(folder, quick):
    counties = (100, 1000) if quick else COUNTIES
    done = subprocess.run([str(part) for part in (TESTS / "bench_cost", folder, servers.ROOT / "rules",
                                                  1000 if quick else 100000, *counties)],
                          check=True, stdout=subprocess.PIPE, text=True)
    made = json.loads(done.stdout)
    for county in made["counties"]:
        of_all = county["kinds"][-1]
        county["state_bytes"] = of_all["live"]
        county["most_bytes"] = sum(of_all[part] for part in ("live", "reserve", "late", "rest"))
    last, first = made["counties"][-1], made["counties"][0]
    made["state_bytes"], made["readings_per_s"] = last["state_bytes"], last["readings_per_s"]
    made["growth"] = {key: last[key] / last["devices"] / (first[key] / first["devices"])
                      for key in ("start_s", "begun_kib", "resident_kib")}
    made["growth"]["step"] = last["step_to_plain"] / first["step_to_plain"]
    return made


def measure_broker(bench, rounds, count):
    port, fleet = bench.broker.port, bench.fleet
    quiet, answering = Peer(port, QUIET_AREA, "quiet"), Peer(port, ANSWER_AREA, "answer")
    result = {}
    for kind, peer, share in (("quiet", quiet, 1), ("asks", answering, 3)):
        result[kind] = compare(rounds, lambda: through_broker(port, bench.hub, fleet, count // share, kind),
                               lambda: through_broker(port, peer, fleet, count // share, kind))
    quiet.stop()
    answering.stop()
    return result


def measure_direct(bench, rounds, count):
    def server():
        process = subprocess.Popen([TESTS / "bench_server", DIRECT_AREA, bench.fleet.list], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return process, int(process.stdout.readline())
    ours, our_port = server()
    theirs, their_port = server()
    hub = Subject(bench.folder / "direct", our_port, bench.redis, bench.fleet, DIRECT_AREA)
    hub.start()
    peer = Peer(their_port, DIRECT_AREA, "quiet")
    result = compare(rounds, lambda: direct_round(ours, hub, bench.fleet, count),
                     lambda: direct_round(theirs, peer, bench.fleet, count))
    for one in (hub, peer):
        one.stop()
    for process in (ours, theirs):
        process.wait(10)  # each ends with its client
    return result


def measure_latency(bench, rounds, seconds):
    port, fleet, count = bench.broker.port, bench.fleet, LATENCY_RATE * seconds
    peer = Peer(port, ANSWER_AREA, "answer")
    watch = AlarmWatch(bench.redis)
    bare, answers, alarms, syncs = [], [], [], []
    for _ in range(rounds):
        syncs += sync_us(bench.folder)
        bare.append(publish(port, peer, fleet, count, "asks", LATENCY_RATE))
        made = publish(port, bench.hub, fleet, count, "asks", LATENCY_RATE, SPIKE_EACH)
        answers.append(made)
        spikes = {(mn, onset): sent for mn, onset, sent in made["spikes"]}
        servers.wait_for(lambda: all(key in watch.seen for key in spikes), 20)
        alarms += [(watch.seen[key] - sent) / 1000 for key, sent in spikes.items()]
    watch.stop()
    peer.stop()
    return {"rate": LATENCY_RATE, "sync": percentiles(syncs), "alarm": percentiles(alarms),
            **{name: {key: statistics.median(one[key] for one in runs) for key in ("p50_us", "p99_us")}
               for name, runs in (("bare", bare), ("answer", answers))}}


class Bench:
    """Broker, Redis and hub that the parts share."""

    def __init__(self, folder):
        self.folder = folder
        self.fleet = Fleet(folder)
        self.broker, self.redis = servers.Broker(folder), servers.Redis(folder)
        self.broker.start()
        self.redis.start()
        self.hub = Subject(folder / "hub", self.broker.port, self.redis, self.fleet, AREA)
        self.hub.start()

    def stop(self):
        for server in (self.hub, self.redis, self.broker):
            server.stop()


def measure(options):
    quick = options.quick
    parts = options.only or PARTS
    result = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    if "frame" in parts:
        result["frame"] = measure_frame(5 if quick else 31)
    with tempfile.TemporaryDirectory(prefix="hjhub-bench-") as folder:
        if "cost" in parts:
            result["cost"] = measure_cost(folder, quick)
        if not set(parts) - {"frame", "cost"}:
            return result
        bench = Bench(pathlib.Path(folder))
        try:
            if "broker" in parts:
                result["broker"] = measure_broker(bench, 1 if quick else 5, 3000 if quick else 30000)
            if "direct" in parts:
                result["direct"] = measure_direct(bench, 1 if quick else 5, 3000 if quick else 30000)
            if "latency" in parts:
                result["latency"] = measure_latency(bench, 1 if quick else 3, 1 if quick else 4)
        finally:
            bench.stop()
    return result


# What the goals ask: name, path to the figure, at least or at most, how much, of what; and why when short.
SHARED = "broker, sender, Redis and both threads of the hub share the cores; idle cores show the broker's limit"
GOALS = (
    ("crc", ("frame", "crc_to_plain"), "<=", 0.25, "CRC, of the time of the plain loop", ""),
    ("check", ("frame", "check_to_plain"), "<=", 1.0, "cut, decode and judge, of the plain loop",
     "readings are judged one by one, each by a dozen questions; the CRC no longer counts"),
    ("readings", ("cost", "readings_per_s"), ">=", 300000, "readings/s a core in the step, devices taking turns",
     "a message asks every rule of its device anew, and its state is in no cache"),
    ("state", ("cost", "state_bytes"), "<=", STATE_GOAL, "bytes of rules and alarms a device, of live data", "windows"),
    ("quiet-rate", ("broker", "quiet", "per_s_ratio"), ">=", 0.9, "rate, of Paho doing nothing", SHARED),
    ("quiet-cpu", ("broker", "quiet", "cpu_us_ratio"), "<=", 2.0, "CPU a message, of the same",
     "a stack's frame asks some 85 instances of rules, which takes several times what Paho does"),
    ("asks-rate", ("broker", "asks", "per_s_ratio"), ">=", 0.9, "rate, of Paho only answering",
     SHARED + "; answers wait for the commit, and the last ones for two syncs"),
    ("asks-cpu", ("broker", "asks", "cpu_us_ratio"), "<=", 2.0, "CPU a message, of the same",
     "as above, and the answer is Paho's work on both sides"),
    ("direct-rate", ("direct", "per_s_ratio"), ">=", 0.75, "rate without a broker, of Paho doing nothing", SHARED),
)


def figure(result, path):
    for key in path:
        result = result.get(key) if isinstance(result, dict) else None
    return result


def judge(result):
    made = []
    for name, path, sense, goal, words, why in GOALS:
        value = figure(result, path)
        if value is not None:
            good = value >= goal if sense == ">=" else value <= goal
            made.append({"goal": name, "value": value, "sense": sense, "wanted": goal, "met": good,
                         "words": words, **({} if good else {"why": why})})
    return made


def print_frame(frame):
    print(f"{'frame':10} {'frames/s':>12} {'to plain':>9} {'at least':>9}")
    for name in ("plain", "crc", "check", "replay"):
        print(f"{name:10} {frame[name + '_per_s']:12,.0f} {frame[name + '_to_plain']:9.2f} {frame[name + '_least_to_plain']:9.2f}")


def print_cost(cost):
    print(f"\n{'county':>10} {'start s':>8} {'messages/s':>11} {'readings/s':>11} {'to plain':>9} {'rules B':>8} {'at most':>8} {'MiB then':>9} {'later':>7}")
    for county in cost["counties"]:
        print(f"{county['devices']:10,} {county['start_s']:8.2f} {county['messages_per_s']:11,.0f} {county['readings_per_s']:11,.0f}"
              f" {county['step_to_plain']:9.1f} {county['state_bytes']:8,.0f} {county['most_bytes']:8,.0f} {county['begun_kib'] / 1024:9,.0f}"
              f" {county['resident_kib'] / 1024:7,.0f}")
    print(f"\n{'bytes of a':18} {'devices':>8} {'live':>8} {'reserve':>8} {'late':>8} {'rest':>8} {'ring':>8}")
    for kind in cost["counties"][-1]["kinds"]:
        print(f"{kind['kind']:18} {kind['devices']:8,} {kind['live']:8,.0f} {kind['reserve']:8,.0f} {kind['late']:8,.0f} {kind['rest']:8,.0f} {kind['ring']:8,.0f}")
    growth = cost["growth"]
    print(f"a device of the last county to one of the first: start {growth['start_s']:.2f}, step {growth['step']:.2f}, memory "
          f"{growth['begun_kib']:.2f} at the start and {growth['resident_kib']:.2f} later")


def print_pair(name, pair):
    print(f"{name:16} {pair['hub_per_s']:10,.0f} {pair['peer_per_s']:10,.0f} {pair['per_s_ratio']:7.2f}"
          f" {pair['hub_cpu_us']:10.1f} {pair['peer_cpu_us']:10.1f} {pair['cpu_us_ratio']:7.2f}")


def print_pairs(result):
    print(f"\n{'live path':16} {'hub/s':>10} {'Paho/s':>10} {'ratio':>7} {'hub us':>10} {'Paho us':>10} {'ratio':>7}")
    for name, path in (("broker, quiet", ("broker", "quiet")), ("broker, answers", ("broker", "asks")),
                       ("no broker, quiet", ("direct",))):
        pair = figure(result, path)
        if pair is not None:
            print_pair(name, pair)


def print_latency(latency):
    print(f"\nlatency at {latency['rate']:,}/s {'p50 ms':>8} {'p99 ms':>8}")
    for key, name in (("answer", "to answer"), ("alarm", "to alarm in Redis"), ("bare", "to Paho's answer"),
                      ("sync", "a sync")):
        print(f"{name:20} {latency[key]['p50_us'] / 1000:8.2f} {latency[key]['p99_us'] / 1000:8.2f}")


def print_goals(goals):
    print()
    for goal in goals:
        print(f"{'met  ' if goal['met'] else 'SHORT'} {goal['goal']:12} {goal['value']:6,.{0 if goal['wanted'] > 100 else 2}f} {goal['sense']} "
              f"{goal['wanted']:<5} {goal['words']}")
        if "why" in goal:
            print(f"      because {goal['why']}")


def print_tables(result, goals):
    if "frame" in result:
        print_frame(result["frame"])
    if "cost" in result:
        print_cost(result["cost"])
    if "broker" in result or "direct" in result:
        print_pairs(result)
    if "latency" in result:
        print_latency(result["latency"])
    print_goals(goals)
    if result["load_before"] > 0.3 * result["cores"]:
        print("Others used this machine: rates of several processes are then shares of what they left.")


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--quick", action="store_true", help="few short rounds: that it runs, not what it says")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be repeated")
    parser.add_argument("--untraced", action="store_true",
                        help="the Paho beside the hub keeps no trace in memory either: it does as it comes")
    options = parser.parse_args()
    Peer.options = ["untraced"] if options.untraced else []
    result = measure(options)
    goals = judge(result)
    if options.json:
        print(json.dumps({**result, "goals": goals}))
        return
    print_tables(result, goals)


if __name__ == "__main__":
    main()
