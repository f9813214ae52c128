"""A story told in lines for `hjhub replay`: who sends what when; and the transitions that come of it.

Frames and packs are made by hj212.py, which shares nothing with hjhub's C.
"""
import base64
import datetime
import json
import subprocess

import hj212
from servers import HJHUB, ROOT

CST = hj212.CST
START = datetime.datetime(2026, 9, 1, 10, 0, 0, tzinfo=CST)
OVERDUE = ("acknowledge-overdue", "verify-overdue", "re-alarm")
REGISTRY = ROOT / "tests/golden/registry-small"
CEMS, BYPASS = "010000A8900016F000169DC0", "010000A8900016F000169DC1"
METER, FUME = "METER-E1", "FUME-E2"


def when(seconds):
    return START + datetime.timedelta(milliseconds=round(seconds * 1000))


def stamp(seconds):
    """As the hub writes an instant."""
    return when(seconds).isoformat(timespec="milliseconds")


class Story:
    """Lines in the order they are told; `at` is in seconds after START."""

    def __init__(self, registry=REGISTRY, rules=ROOT / "rules"):
        self.registry, self.rules, self.lines = registry, rules, []

    def tell(self, at, **more):
        self.lines.append({"at": stamp(at), **more})
        return self

    tick = tell

    def send(self, at, mn, payload, kind="hj212", **more):
        return self.tell(at, topic=f"ems/v1/140581/{mn}/up/{kind}", enc="base64",
                         payload=base64.b64encode(payload).decode(), **more)

    def frame(self, at, mn, items, event=None, line=None, **more):
        """An HJ 212 frame whose event time is `event` (as it arrives)."""
        return self.send(at, mn, hj212.data(mn, items, when(at if event is None else event), **more), **(line or {}))

    def pack(self, at, mn, items, event=None, line=None):
        return self.send(at, mn, hj212.pack(mn, items, when(at if event is None else event)), "senml", **(line or {}))

    def text(self):
        """In the order of time; what is told for the same instant keeps its order."""
        lines = sorted(self.lines, key=lambda line: line["at"])
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    def run(self, text=None):
        done = subprocess.run([HJHUB, "replay", "--json", "--registry", self.registry, "--rules", self.rules, "-"],
                              input=(self.text() if text is None else text).encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        self.counters = json.loads(done.stderr.splitlines()[-1])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def raised(self, rule):
        """What the rule and the officers did; no officer of a story minds a deadline."""
        return [t for t in self.run() if t["rule"] == rule and t.get("reason") not in OVERDUE]


def brief(transitions):
    """(seconds after START, from, to, severity as the rule has it) of each."""
    return [(round((datetime.datetime.fromisoformat(t["at"]) - START).total_seconds(), 3), t["from"], t["to"],
             t.get("graded", t["severity"])) for t in transitions]


class Plant(Story):
    """The foundry of registry-small, whose monitors report each ten seconds; what they show stands in `shows`."""
    SHOWS = {
        METER: {"d20101": 400.0, "d30101": 60.0, "d10101": 600.0, "d40101": 1, "d40102": 0},
        BYPASS: {"e10101": 0, "e10201": 0, "e10301": 1, "a01011": 0.2},
    }

    def live(self, start, end, every=10, marks=None, **changes):
        """All monitors from start to before end; changes: factor=value, or factor=function of the second."""
        for second in range(start, end, every):
            for mn, shows in self.SHOWS.items():
                items = {name: changes.get(name, value) for name, value in shows.items()}
                items = {name: value(second) if callable(value) else value for name, value in items.items()
                         if value is not None}
                if not items:
                    continue
                if mn in (METER, FUME):
                    self.pack(second, mn, items)
                else:
                    self.frame(second, mn, items, marks=marks)
        return self
