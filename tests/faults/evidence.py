"""What a journal holds, read by docs/journal.md and not by hjhub's C, and whether it agrees with what was
sent, what Redis shows and what MQTT said: invariants I1 to I8 of the fault harness."""
import collections
import json
import pathlib
import re
import struct
import subprocess

from servers import AREA, BUILD, HJHUB

MESSAGE, VERDICT, TRANSITION = 2, 16, 17
VERDICTS = ("accepted", "duplicate", "quarantined", "rejected")
Record = collections.namedtuple("Record", "kind sequence cause epoch topic payload")


def records(folder, stream):
    """Every record of a stream, in its order."""
    for path in sorted(pathlib.Path(folder).glob(f"{stream}-*.hjj*"), key=lambda p: p.name[:13]):
        data = path.read_bytes() if path.suffix == ".hjj" else subprocess.run(
            ["zstd", "-dcq", path], capture_output=True, check=True).stdout
        at = 64 if data[:8] == b"HJJSEG01" else len(data)
        while at + 72 <= len(data) and (size := struct.unpack_from("<I", data, at)[0]):
            kind, = struct.unpack_from("<H", data, at + 12)
            sequence, cause, _, epoch = struct.unpack_from("<QQII", data, at + 16)
            topic, response, correlation = struct.unpack_from("<HHH", data, at + 56)
            length, = struct.unpack_from("<I", data, at + 64)
            body = at + 72 + topic + response + correlation
            yield Record(kind, sequence, cause, epoch, data[at + 72:at + 72 + topic],
                         data[body:body + length])
            at += size


class Evidence:
    """counts: what the summary prints. faults: what does not hold, in words; empty is what is wanted."""

    def __init__(self, hub, fleet, redis):
        self.hub, self.fleet, self.redis = hub, fleet, redis
        self.counts, self.faults = {}, []
        self.came = [r for r in records(hub.journal, "came") if r.kind == MESSAGE]
        self.said = list(records(hub.journal, "said"))
        self.transitions = {json.loads(r.payload)["id"]: r.payload for r in self.said if r.kind == TRANSITION}

    def must(self, invariant, holds, words):
        if not holds:
            self.faults.append(f"{invariant}: {words}")

    def judge(self, broker_lives):
        self.messages(broker_lives)
        self.verdicts()
        if broker_lives:
            self.order()
        self.alarms(broker_lives)
        self.programs()

    def messages(self, broker_lives):
        """I1: acknowledged (where the broker lived) and answered are stored. I2: stored is what was sent."""
        sent = self.fleet.sent
        stored = collections.Counter((r.topic, r.payload) for r in self.came)
        acknowledged = [s for s in sent.values() if s.acknowledged]
        answered = [s for s in sent.values() if s.answered]
        lost = [s for s in acknowledged if (s.topic, s.payload) not in stored]
        hollow = [s for s in answered if (s.topic, s.payload) not in stored]
        ghosts = [key for key in stored if key not in sent]
        known = sum(key in sent for key in stored)
        self.counts.update(attempted=len(sent), acknowledged=len(acknowledged), answered=len(answered),
                           stored=known, duplicated=len(self.came) - len(stored), ghost=len(ghosts),
                           lost=len(lost) if broker_lives else len(hollow))
        self.must("I1", not broker_lives or not lost, f"{len(lost)} acknowledged and not stored")
        self.must("I1", not hollow, f"{len(hollow)} answered and not stored")
        open_ = [s.key for s in sent.values() if not s.answered]
        self.must("I1", not open_, f"{len(open_)} never answered, such as {open_[:2]}")
        self.must("I2", not ghosts, f"{len(ghosts)} stored that nobody sent, such as {ghosts[:1]}")

    def verdicts(self):
        """I3: one verdict for each message of a device; the first time accepted, then duplicate."""
        given = collections.defaultdict(list)
        for record in self.said:
            if record.kind == VERDICT:
                given[record.cause].append(VERDICTS[record.payload[0]])
        seen, wrong, counted = set(), [], collections.Counter()
        for record in self.came:
            if b"/up/" not in record.topic:
                continue
            want = "duplicate" if (record.topic, record.payload) in seen else "accepted"
            seen.add((record.topic, record.payload))
            got = given.pop(record.sequence, [])
            counted.update(got)
            if got != [want]:
                wrong.append((record.sequence, want, got))
        self.counts["judged_duplicate"] = counted["duplicate"]
        self.must("I3", not wrong, f"{len(wrong)} verdicts, such as {wrong[:2]}")
        self.must("I3", not given, f"{len(given)} verdicts about nothing that came")
        for health in self.fleet.healths[-50:]:
            self.counters(health)

    def counters(self, health):
        """The hub's counters are those of its journal up to the record that it names."""
        said = collections.Counter(VERDICTS[r.payload[0]] for r in self.said
                                   if r.kind == VERDICT and r.cause <= health["came"])
        figures = {name: health[name] for name in VERDICTS}
        self.must("I3", figures == {name: said[name] for name in VERDICTS}
                  and sum(figures.values()) == health["received"],
                  f"the hub counts {figures} of {health['received']}, its journal {dict(said)}")

    def order(self):
        """I4: a device's messages stand in the journal in the order in which they were first sent."""
        newest, seen, wrong = {}, set(), 0
        for record in self.came:
            sent = self.fleet.sent.get((record.topic, record.payload))
            if sent is None or sent.mn is None or sent.key in seen:
                continue
            seen.add(sent.key)
            wrong += sent.order < newest.get(sent.mn, -1)
            newest[sent.mn] = sent.order
        self.must("I4", wrong == 0, f"{wrong} messages overtook one of their device")

    def alarms(self, broker_lives):
        """I5, I6: Redis and MQTT show what was said, once and with the same ids; nothing else."""
        said = [json.loads(payload) for payload in self.transitions.values()]
        raised = [event["data"] for event in said if event["data"]["from"] in ("normal", "closed")]
        ids = [data["alarm"] for data in raised]
        self.must("I5", len(ids) == len(set(ids)), "an alarm id was raised anew twice")
        last = {event["data"]["alarm"]: event["data"] for event in said}
        client = self.redis.client()
        shown = {key.rsplit(":", 1)[1]: client.hgetall(key)
                 for key in client.scan_iter(f"ems:{{{AREA}}}:alarm:*", count=1000)}
        causes = {(h["rule"], h["subject"], h["onset"]) for h in shown.values()}
        self.must("I5", len(causes) == len(shown), "two alarms in Redis have one cause")
        wrong = [alarm for alarm in set(last) | set(shown) if
                 (last.get(alarm) or {}).get("to") != (shown.get(alarm) or {}).get("state")]
        self.must("I6", not wrong, f"{len(wrong)} alarms differ between journal and Redis: {wrong[:2]}")
        stream = [json.loads(f["event"]) for _, f in client.xrange(f"ems:{{{AREA}}}:alarms:transitions")]
        self.must("I6", [e["id"] for e in stream] == [e["id"] for e in said],
                  f"{len(stream)} transitions in Redis, {len(said)} said")
        events = self.fleet.events
        foreign = [i for i, payloads in events.items() if payloads != {self.transitions.get(i)}]
        self.must("I6", not foreign, f"{len(foreign)} events on MQTT that were not said so")
        missing = set(self.transitions) - set(events)
        self.must("I6", not broker_lives or not missing, f"{len(missing)} transitions never came by MQTT")
        self.counts.update(alarms=len(last), transitions=len(said), alarms_in_redis=len(shown),
                           events_repeated=self.fleet.repeated_events)

    def programs(self):
        """I7: the chain is whole. I8: a replay says the same. And no recovery found a hole."""
        verify = subprocess.run([BUILD / "hjhub-verify", "--json", self.hub.journal], capture_output=True,
                                text=True, check=False)
        self.must("I7", verify.returncode == 0, verify.stdout[-500:] + verify.stderr[-500:])
        replay = subprocess.run([HJHUB, "replay", "--verify", "--json", self.hub.journal],
                                capture_output=True, text=True, check=False)
        self.must("I8", replay.returncode == 0, (replay.stdout.splitlines() or [""])[-1] + replay.stderr[-500:])
        log = self.hub.log.read_text(errors="replace")
        holes = [line for line in log.splitlines() if "beyond_hole=" in line and "beyond_hole=0" not in line]
        self.must("repair", not holes, f"records beyond a hole: {holes[:1]}")
        found = re.search("(?:runtime error|(?:Address|Thread)Sanitizer).*", log)
        self.must("sanitizer", not found, found and found[0])
