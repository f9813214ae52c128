"""`hjhub check` and a decoder of its own (hj212_decoder.py) read the same frames the same way: the public ones, made
ones, and as many of both with bytes changed, before and after the CRC. HJHUB_FRAMES=2000000 for a long run (about 10 min
with -n 2 and a release build); HJHUB_SEED for other frames."""
import datetime
import json
import os
import random
import re
import shutil
import subprocess

import hj212
import hj212_decoder
import pytest
from servers import HJHUB, ROOT

VECTORS = ROOT.parent / "shared/vectors/hj212-public.jsonl"
COUNT = int(os.environ.get("HJHUB_FRAMES", "8000"))
SEED = int(os.environ.get("HJHUB_SEED", "212"))
NATIONAL = "010000A8900016F000169DC0"
AT = "2026-09-01T08:00:00+08:00"
KEYS = {"aB3dE6gH9jK2mN5p": ("2026-08-20", "2026-11-18"), "0123456789abcdef": ("2026-08-01", "2026-09-01"),
        "zyxwvutsrqponmlk": ("2020-01-01", "2020-03-31")}
FACTORS = list(hj212_decoder.FACTORS) + ["SB1", "SB12", "e10101", "g119xx", "x99999", "", "LA", "p99101"]
FACTORS += ["a19001", "a21002", "a21003", "a21004", "a21026"] * 60  # what is held against each other in one frame
FLAGS = "NNNNNNNNNNx" + "".join(hj212_decoder.FLAGS)
SYSTEMS = ["31", "31", "31", "32", "44", "45", "91", "A0", "7", ""] + [f"{st}" for st in hj212_decoder.SYSTEMS]
SUFFIXES = list(hj212_decoder.SUFFIXES) + ["Rtd", "Avg", "rtd", "Foo", "", "Zs-Rtd"]
COMMANDS = list(hj212_decoder.COMMANDS) + [2011, 2051, 2061, 2031] * 6 + [9021, 2063, 7, 12345]
PLAIN = [name.decode() for _, name in hj212_decoder.CP_NAMES.values()] + ["overtime", "CTime", "Foo"]
VALUES = ["1", "0", "7", "30", "29", "100", "3600", "99999", "235959", "240000", "20260101000000", "20260101000000123",
          "abc123", "abcdefghijklmnop", "w01018", "", "-1", "1.5", "20260230000000"]
NUMBERS = ["0", "1", "-1", "+2.5", "18.50", "999.9", "9999.99", "99999.99", "0.001", "1.23456789012", ".5", "5.",
           "", "-", ".", "1E3", "NaN", "0x1", "1 2", " 3", "007", "9" * 30, "1" + "0" * 70, "St", "//a;b,c&&d//",
           "//open;", "http://x//", "//a//b//", "油烟", "\x7f"]
FOUND = [  # which once told the two apart
    b"##0054QN=1{ST=32;CN=3020;MN=1;Flag=9;CP=&&{" + b",".join([b"0x00"] * 16) + b"}&&0000\r\n",
    b"##0102\xb2N=20260901080000001;ST=91;CN=2111;PW=123456;MN=010000a8900016f000169dc0;Flag=12;RF=0;XP=&&DataTime=&&"
    b"6180\r\n",
    hj212.frame(f"QN=20260901080000001;ST=31;CN=2011;PW=123456;MN={NATIONAL};Flag=4;CP=&&a34013-Rtd=1,a34013-Flag=\0&&")]
SEGMENT_BYTES = b"&&;,=-/# 09AZaz\r\n\xe6\xb2\x00%"


def moment(rng):
    at = datetime.datetime(2026, 9, 1, 8) + datetime.timedelta(seconds=rng.choice([0, 300, 301, -60, -86400, 10**9]))
    digits = (at + datetime.timedelta(seconds=rng.randrange(-3, 3600))).strftime("%Y%m%d%H%M%S")
    return rng.choice([digits, digits, at.strftime("%Y%m%d%H%M%S"), at.strftime("%Y%m%d000000"), digits + "123",
                       "20260230000000", "20261301000000", "19691231235959", "22000101000000", "2026", "x", ""])


def cp_of(rng):
    groups = [f"DataTime={moment(rng)}"] if rng.random() < 0.8 else []
    for _ in range(rng.randrange(0, rng.choice([7] * 9 + [40]))):  # some come near the limit of a segment, some beyond
        if rng.random() < 0.2:
            groups.append(rng.choice(["PolId=w01018", "QnRtn=1", "SystemTime=20260901000000", "datatime=20260901080000",
                                      "PolId=a34013,CalibrationType=1", "Flag=N", "x", "BeginTime=1,EndTime=2"] + [
                                          f"{rng.choice(PLAIN)}={rng.choice(VALUES)}"] * 8))
            continue
        factor, flag = rng.choice(FACTORS), rng.choice(FLAGS)
        items = [f"{factor}-{suffix}={rng.choice(NUMBERS)}" for suffix in
                 rng.choice([["Rtd"], ["Min", "Avg", "Max"], ["Rtd", "ZsRtd"], ["Cou", "Min", "Avg", "Max"],
                             [rng.choice(SUFFIXES)], ["Rtd", "Rtd"]])]
        items.insert(rng.choice([len(items), len(items), 0]), f"{factor}-Flag={flag}")
        groups.append(rng.choice([",", ",", ",", ";"]).join(items[rng.random() < 0.1:]))
    return rng.choice([";"] * 9 + [","]).join(groups)


def segment_of(rng):
    mn = rng.choice([NATIONAL] * 4 + ["88888888888888", "A110000_0001", "", NATIONAL.lower()])
    fields = [("QN", rng.choice([moment(rng)[:14] + "001", "20260901080000001", "1", ""])), ("ST", rng.choice(SYSTEMS)), ("CN", str(rng.choice(COMMANDS))), ("PW", rng.choice(
            ["123456", "123456", "1", ""])), ("MN", mn), ("Flag", str(rng.choice([4, 5, 4, 5, 6, 7, 8, 9, 11, 0, 3, 12, 256,
                                                                                 "x", ""])))]
    if rng.random() < 0.15:
        fields += [("PNUM", rng.choice(["1", "2", "x"])), ("PNO", rng.choice(["1", "2", "3"]))]
    if rng.random() < 0.1:
        fields.append(("RF", rng.choice("10")))
    if rng.random() < 0.2:
        del fields[rng.randrange(len(fields))]
    if rng.random() < 0.05:
        rng.shuffle(fields)
    return ";".join("=".join(field) for field in fields) + rng.choice([";"] * 12 + [""]) + rng.choice(
        ["CP=&&"] * 12 + ["CP=&", "cp=&&", "CP=", "XP=&&"]) + cp_of(rng) + rng.choice(["&&"] * 12 + ["&", "", "&&x"])


def changed(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(5)
        if what == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1 and at < len(data):
            data[at] = rng.choice(SEGMENT_BYTES)
        elif what == 2:
            data[at:at] = bytes(rng.choice(SEGMENT_BYTES) for _ in range(rng.randrange(1, 4)))
        elif what == 3:
            del data[at:at + rng.randrange(1, 9)]
        else:
            data[at:at] = data[rng.randrange(len(data) + 1):][:rng.randrange(20)]
    return bytes(data)


def secret(rng):
    """A segment of 2025, sealed with one of the keys, or with one that nobody has; raw or printed."""
    segment = b""
    while b"CP=&&" not in segment:
        segment = re.sub(rb";Flag=[^;]*", b";Flag=9", segment_of(rng).encode(), count=1)
        segment = re.sub(rb";CN=[^;]*", b";CN=%d" % rng.choice([2011, 2051, 1014, 3020]), segment, count=1)
    return hj212.sealed(segment, rng.choice([*KEYS, "0" * 16]), rng.random() < 0.3)


def payloads(rng, public, with_keys):
    yield from public + FOUND
    while True:
        if with_keys and rng.random() < 0.7:
            frame = secret(rng)
        else:
            frame = rng.choice(public) if public and rng.random() < 0.2 else hj212.frame(segment_of(rng))
        if rng.random() < 0.5:
            yield frame
            continue
        how = rng.random()
        if how < 0.45 and len(frame) > 12:
            segment = frame.rstrip(b"\r\n")[6:-4]
            frame = hj212.frame(changed(rng, segment)[:9999])
        elif how < 0.65:
            frame = changed(rng, frame)
        elif how < 0.8:
            frame = frame[:-2] + rng.choice([b"", b"\n", b"\r", b"\\r\\n", b"\r\n\r\n", b"  ", b"\r\nx"])
        else:
            parts = [hj212.frame(segment_of(rng)) for _ in range(rng.randrange(1, 3))] + [frame, frame]
            parts = [rng.choice([p, p, p[:rng.randrange(len(p) + 1)], changed(rng, p), b"noise"]) for p in parts]
            frame = b"".join(parts)
        yield frame


def public_frames():
    lines = VECTORS.read_text(encoding="utf-8").strip("\n").split("\n") if VECTORS.exists() else []
    return [json.loads(line)["frame"].encode(json.loads(line).get("enc", "utf-8")) for line in lines]


def placed(result, size):
    """Places are of broken rules, and inside the payload."""
    broken = {rule["id"] for rule in result["rules"]}
    return all(place["rule"] in broken and place["offset"] + place["size"] <= size for place in result.pop("places"))


def said(folder, frames, *arguments):
    """What hjhub says of each payload, each in a fresh state."""
    file = folder / "frames.jsonl"
    with open(file, "w", encoding="utf-8") as out:
        for frame in frames:
            out.write(json.dumps({"frame": frame.decode("latin-1"), "enc": "latin-1"}) + "\n")
    done = subprocess.run([HJHUB, "check", "--json", *arguments, "--vectors", file], capture_output=True)
    assert done.returncode in (0, 1) and done.stderr == b"", done.stderr.decode()
    results = [[] for _ in frames]
    for line in done.stdout.decode("utf-8").split("\n")[:-1]:
        result = json.loads(line)
        number = result.pop("vector") - 1
        assert placed(result, len(frames[number])), result
        results[number].append(result)
    return results


def same(folder, frames, arguments, **how):
    for frame, results in zip(frames, said(folder, frames, *arguments)):
        wanted = hj212_decoder.decode(frame, **how)
        assert results == wanted, f"{frame!r}\nhjhub {results}\nother {wanted}"


ROWS = {
    "the bytes alone": ([], {}),
    "sent by a device": (["--direction", "up", "--at", AT],
                         {"direction": "up", "at": datetime.datetime.fromisoformat(AT)}),
    "a registered device": (["--registry", str(ROOT / "tests/golden/registry-small"), "--direction", "down"],
                            {"direction": "down", "registry": {
                                mn: {"pw": b"123456", "edition": "2017"} for mn in (NATIONAL.encode(),
                                                                                   NATIONAL[:-1].encode() + b"1")}}),
    "an outlet that converts": (["--registry", "CONVERTING", "--direction", "up"],
                                {"direction": "up", "registry": {
                                    NATIONAL.encode(): {"pw": b"123456", "edition": "2025", "o2_reference": 9,
                                                        "minute_interval": 5}}}),
    "keys": (["--keys", "KEYS", "--direction", "up"], {"direction": "up", "keys": {NATIONAL.encode(): [
        (key.encode(), *(datetime.datetime.fromisoformat(day + "T00:00:00+08:00") for day in days))
        for key, days in KEYS.items()]}}),
    "another CRC": (["--crc", "modbus"], {"crc_kind": "modbus"}),
}


def converting(folder):
    """The small registry with an outlet of 9 % reference oxygen, whose CEMS is of 2025 and has minute data each 5 minutes."""
    folder.mkdir()
    for name in ("area", "enterprises"):
        shutil.copy(ROOT / f"tests/golden/registry-small/{name}.csv", folder)
    (folder / "outlets.csv").write_text("outlet,name,enterprise,o2_reference\nO1,stack,E1,9\n")
    (folder / "devices.csv").write_text(
        "mn,name,kind,enterprise,outlet,format,edition,interval_s,minute_interval,pw\n"
        f"{NATIONAL},CEMS,cems,E1,O1,hj212,2025,10,5,123456\n")
    return str(folder)


def keyfile(path):
    rows = [f"{NATIONAL},k{at},{key},{begins},{ends}\n" for at, (key, (begins, ends)) in enumerate(KEYS.items())]
    path.write_text("mn,key_id,key,from,until\n" + "".join(rows))
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("name", ROWS)
def test_twin__reads_what_hjhub_reads(tmp_path, name):
    rng = random.Random(f"{SEED} {name}")
    source = payloads(rng, public_frames(), name == "keys")
    made = {"CONVERTING": converting, "KEYS": keyfile}
    arguments = [made[word](tmp_path / word) if word in made else word for word in ROWS[name][0]]
    left = COUNT // len(ROWS)
    while left > 0:
        frames = [next(source) for _ in range(min(left, 20000))]
        same(tmp_path, frames, arguments, **ROWS[name][1])
        left -= len(frames)
