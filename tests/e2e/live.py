"""The small registry's devices, what they tell, and what became of it: for tests against a live hub."""
import datetime
import json

import hj212
from servers import AREA

BYPASS = "010000A8900016F000169DC1"
CEMS = "010000A8900016F000169DC0"
METER = "METER-E1"
VERDICTS = ("accepted", "duplicate", "quarantined", "rejected")


def up(mn, kind="hj212"):
    return f"ems/v1/{AREA}/{mn}/up/{kind}"


def received(hub):
    return sum(hub.metric(f'hjhub_verdicts_total{{verdict="{name}"}}') or 0 for name in VERDICTS)


def verdicts(device):
    return [json.loads(line)["verdict"] for m in device.topic("/down/verdict")
            for line in m.payload.decode().splitlines()]


def open_bypass(device, start=None):
    """Enough of a story for an alarm: production on for two minutes, the bypass open for one. The
    devices have queued it, as after an outage of their line: event time rules, not the wall clock."""
    start = start or hj212.now() - datetime.timedelta(seconds=290)
    for i in range(29):
        at = start + datetime.timedelta(seconds=10 * i)
        device.publish(up(METER, "senml"), hj212.pack(METER, {"d20101": 400, "d30101": 60}, at))
        device.publish(up(BYPASS), hj212.data(
            BYPASS, {"e10101": 42.5 if i >= 15 else 0, "e10301": 0 if i >= 15 else 1}, at, flag=4))


def key(*parts):
    return ":".join([f"ems:{{{AREA}}}", *parts])


def alarms_in(redis):
    """id -> the alarm's fields in Redis."""
    client = redis.client()
    return {name.rsplit(":", 1)[1]: client.hgetall(name) for name in client.scan_iter(key("alarm:*"))}


def transitions(redis):
    """The CloudEvents of the stream, in its order."""
    return [json.loads(fields["event"]) for _, fields in redis.client().xrange(key("alarms:transitions"))]


def said(hub, kind):
    """What the journal says, its payloads as JSON."""
    out = hub.command("journal", "--journal", hub.journal, "--stream", "said", "--kind", kind, "--payload",
                      "list").stdout
    return [json.loads(json.loads(line)["payload"]) for line in out.splitlines()]


def health(hub):
    """name -> check, as /health has it."""
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{hub.http}/health", timeout=5) as answer:
        return {check["name"]: check for check in json.loads(answer.read())["checks"]}
