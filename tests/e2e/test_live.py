"""Real input, live: the public frames, one a message, over a real broker under a registry that holds their MNs and PWs.
What the hub tells each device of them is what `hjhub check` says, as of the same arrival."""
import json
import shutil
import subprocess

import pytest
import servers
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from servers import AREA, HJHUB, ROOT, wait_for

VECTORS = ROOT.parent / "shared/vectors/hj212-public.jsonl"
PAST = {"key-reused", "qn-reused", "late"}  # rules that need what came before, which check has not
SPARE = "010000A8900016F000169DC1"  # whose topic takes what names no MN


def payloads():
    for line in VECTORS.read_text(encoding="utf-8").strip("\n").split("\n"):
        vector = json.loads(line)
        yield vector["frame"].encode(vector.get("enc", "utf-8"))


def check(data, *arguments):
    done = subprocess.run([HJHUB, "check", "--json", *map(str, arguments)], input=data, capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    return lines_of(done.stdout)


def lines_of(data):
    """What was said of each thing received; messages joined of sub-packets are none of these."""
    lines = [json.loads(line) for line in data.decode().splitlines()]
    return [line for line in lines if "joined" not in line]


def field(data, name):
    """What stands in the bytes as NAME=...; no decoder of ours is asked."""
    _, found, rest = data.partition(name)
    return rest.split(b";")[0].decode("ascii", "replace") if found else ""


def names(data):
    mn, pw = field(data, b"MN="), field(data, b"PW=")
    fits = 0 < len(mn) <= 64 and mn.isascii() and mn.replace("_", "").isalnum()
    return mn if fits else SPARE, pw if pw.isalnum() else ""


@pytest.fixture
def registry(tmp_path):
    """The golden area, and each MN of the public frames with the first PW that it comes with."""
    folder = tmp_path / "public-registry"
    shutil.copytree(ROOT / "tests/golden/registry-small", folder)
    known = {}
    for data in payloads():
        mn, pw = names(data)
        known.setdefault(mn, pw)
    header, *rows = [row.split(",") for row in (folder / "devices.csv").read_text().splitlines()]
    for row in rows:
        row[header.index("edition")] = ""  # each frame says
        known.pop(row[0], None)
    rows += [[mn, f"device {mn}", "", "cems", "E1", "O1", "hj212", "", "60", pw, "always"] for mn, pw in known.items()]
    (folder / "devices.csv").write_text("".join(",".join(row) + "\n" for row in [header, *rows]))
    assert subprocess.run([HJHUB, "registry", "check", folder]).returncode == 0
    return folder


@pytest.mark.skipif(not VECTORS.exists(), reason="the public frames are not here")
def test_live__the_hub_reads_public_frames_as_check_does(tmp_path, broker, redis, registry, connect):
    hub = servers.Hub(tmp_path, broker, redis, registry)
    hub.start()
    try:
        device = connect("device", f"ems/v1/{AREA}/+/down/verdict")
        told = {}
        for number, data in enumerate(payloads()):
            properties = Properties(PacketTypes.PUBLISH)
            properties.ResponseTopic, properties.CorrelationData = "any", str(number).encode()
            device.publish(f"ems/v1/{AREA}/{names(data)[0]}/up/hj212", data, properties=properties)
        count = sum(1 for _ in payloads())
        wait_for(lambda: len(device.got) == count, 60)
        for message in device.got:
            told[int(message.properties.CorrelationData)] = lines_of(message.payload)
        compare(told, registry)
    finally:
        assert hub.stop() in (0, None)


def compare(told, registry):
    accepted, repeated, read = set(), 0, 0
    for number, data in enumerate(payloads()):
        lines = told[number]
        wanted = check(data, "--registry", registry, "--direction", "up", "--at", lines[0]["at"])
        assert len(lines) == len(wanted)
        for live, offline in zip(lines, wanted):
            if "NewSK" in offline["cp"]:
                offline["cp"]["NewSK"] = "***"  # a key is told to nobody, not even to whom it is for
            frame = data[live["offset"]:live["offset"] + live["size"]]
            frame = frame[6:6 + int(frame[2:6])] if frame[2:6].isdigit() else frame  # its line end may differ
            elsewhere = names(data)[0] != live.get("mn", names(data)[0])  # it names no MN that a topic can have
            expected = {rule["id"] for rule in offline["rules"]} | ({"mn-not-topic"} if elsewhere else set())
            assert {rule["id"] for rule in live["rules"]} - PAST == expected - PAST, number
            for key in set(live) | set(offline) - {"at"}:
                if key not in ("at", "rules", "places", "verdict"):
                    assert live.get(key) == offline.get(key), (number, key)
            if elsewhere:
                continue
            if frame in accepted and offline["verdict"] == "accepted":
                assert live["verdict"] == "duplicate", number
                repeated += 1
            else:
                assert live["verdict"] == offline["verdict"], number
            if live["verdict"] == "accepted":
                accepted.add(frame)
            read += len(live["items"])
    assert read > 400 and len(accepted) > 80 and repeated > 1
