"""`hjhub check --format senml` and a decoder of its own (senml_decoder.py) read the same packs the same way: made by
hand, by chance in every form that CBOR allows, and with bytes changed. What is accepted, python3-cbor2 reads too.
HJHUB_PACKS=1000000 for a long run; HJHUB_SEED for other packs."""
import datetime
import json
import os
import random
import struct
import subprocess

import cbor2
import pytest
import senml_decoder
from servers import HJHUB

COUNT = int(os.environ.get("HJHUB_PACKS", "6000"))
SEED = int(os.environ.get("HJHUB_SEED", "8428"))
ARRIVAL = "2026-09-01T08:00:00+08:00"
BASE = 1788220800  # the same
STRINGS = ["METER-1/", "METER-1/", "METER-1/", "METER-2/", "METER", "-1/", "/", "", "QN", "d1-Rtd", "d1-Flag", "d2-Rtd",
           "d2-Flag", "a21026-ZsAvg", "nohyphen", "-Rtd", "d1-", "d 1-Rtd", "d1-Rtd-x", "N", "D", "x", "油", "kW", "q" * 70]


def head(rng, major, value):
    """With the shortest argument, mostly."""
    sizes = [size for size in (0, 1, 2, 4, 8) if size > 0 and value < 256 ** size or size == 0 and value < 24]
    size = sizes[0] if rng.random() < 0.9 else rng.choice(sizes)
    short = value if size == 0 else {1: 24, 2: 25, 4: 26, 8: 27}[size]
    return bytes([major << 5 | short]) + (value.to_bytes(size, "big") if size else b"")


def integer(rng, value):
    return head(rng, 0, value) if value >= 0 else head(rng, 1, -1 - value)


def string(rng, value=None):
    data = (rng.choice(STRINGS) if value is None else value).encode()
    if rng.random() < 0.01:
        return b"\x7f" + head(rng, 3, len(data)) + data + b"\xff"
    return head(rng, 3, len(data)) + data


def array(rng, parts, major=4):
    if rng.random() < 0.2:
        return bytes([major << 5 | 31]) + b"".join(parts) + b"\xff"
    return head(rng, major, len(parts) // (2 if major == 5 else 1)) + b"".join(parts)


def number(rng, near=None):
    how = rng.randrange(9)
    if near is not None and how < 6:
        return rng.choice([integer(rng, near), b"\xfb" + struct.pack(">d", near + 0.25)])
    if how == 0:
        return integer(rng, rng.choice([0, 1, -1, 23, 24, 400, 2 ** 28, 2 ** 63 - 1, 2 ** 64 - 1, -2 ** 63, -2 ** 64]))
    if how == 1:
        return b"\xf9" + rng.randbytes(2)
    if how == 2:
        return b"\xfa" + rng.choice([rng.randbytes(4), struct.pack(">f", rng.uniform(-999, 999))])
    if how == 3:
        return b"\xfb" + rng.choice([rng.randbytes(8), struct.pack(">d", round(rng.uniform(-999, 999), 3))])
    if how < 7:
        exponent = rng.choice([-2, -1, -3, 0, 1, 9, 10, -9, -10, -40, -41, 39, 40, 300, 2 ** 64 - 1])
        return b"\xc4" + array(rng, [integer(rng, exponent), integer(rng, rng.choice([0, 5, -1250, 4005, 2 ** 63]))])
    return rng.choice([string(rng), b"\xf6", b"\xf5", b"\xc2\x41\x01", b"\xc4\x81\x01", b"\xc4\x83\x01\x02\x03",
                       b"\xc4\x82\x01\xf6", b"\xc4\x9f\x20\x05\x05\xff", b"\x80", b"\xa1\x01\x02", b"\xc1\x01"])


def anything(rng, depth=0):
    how = rng.randrange(8)
    if how == 0 and depth < 11:
        return array(rng, [anything(rng, depth + 1) for _ in range(rng.choice([1, 1, 2]))])
    if how == 1 and depth < 11:
        return array(rng, [part for _ in range(rng.randrange(3)) for part in (
            anything(rng, depth + 1), anything(rng, depth + 1))], 5)
    return rng.choice([integer(rng, 7), string(rng), b"\x42ab", b"\xd8\x20\x61u", b"\xf7", number(rng)])


def record(rng, first):
    pairs = {}
    if first:
        pairs = {-2: string(rng, "METER-1/"), -3: number(rng, BASE), 0: string(rng, "QN"), 3: string(rng, "q-1")}
        for label in list(pairs):
            if rng.random() < 0.1:
                del pairs[label]
    else:
        pairs = {0: string(rng, rng.choice(["d1-Rtd", "d2-Rtd", "d1-Flag", "d3-Avg", rng.choice(STRINGS)])),
                 rng.choice([2, 2, 2, 3, 4, 8]): b""}
    for label in rng.sample(range(-7, 10), rng.choice([0, 0, 0, 1, 1, 2])):
        pairs[label] = b""
    parts = []
    for label, value in pairs.items():
        parts += [integer(rng, label), value or field(rng, label)]
    if rng.random() < 0.08:
        parts += [rng.choice([string(rng, "ext"), string(rng, "must_"), integer(rng, 99), b"\xf5", b"\x41x"]), anything(rng)]
    if rng.random() < 0.03:
        parts += parts[:2]
    return array(rng, parts, 5)


def field(rng, label):
    if label in (-2, 0, -4, 1, 3):
        return string(rng) if rng.random() < 0.95 else number(rng)
    if label in (-3, 6):
        return number(rng, rng.choice([0, -60, BASE, 10]))
    if label == -1:
        return integer(rng, rng.choice([10, 5, 11]))
    if label == 4:
        return rng.choice([b"\xf4", b"\xf5", b"\xf5", b"\xf6"])
    return number(rng) if label in (-5, -6, 2, 5, 7) else anything(rng)


def packs(rng):
    yield from (b"", b"\x9a\x08\x00\x00\x00", b"\x80", b"\x80\x00", b"\x9f\xff", b"\xa0", b"\x81\xa0", b"\xff")
    yield b"\x81" * 70000
    while True:
        records = [record(rng, at == 0) for at in range(rng.choice([1, 2, 3, 5, 8]))]
        data = array(rng, records)
        if rng.random() < 0.3:
            data = bytearray(data)
            at = rng.randrange(len(data))
            what = rng.randrange(4)
            if what == 0:
                data[at] ^= 1 << rng.randrange(8)
            elif what == 1:
                data[at:at] = rng.randbytes(1)
            elif what == 2:
                del data[at]
            else:
                del data[at:]
        yield bytes(data)


def said(folder, frames, *arguments):
    """What hjhub says of each payload, each in a fresh state."""
    file = folder / "packs.jsonl"
    file.write_text("".join(json.dumps({"frame": frame.decode("latin-1"), "enc": "latin-1"}) + "\n" for frame in frames))
    done = subprocess.run([HJHUB, "check", "--json", "--format", "senml", *arguments, "--vectors", file],
                          capture_output=True)
    assert done.returncode in (0, 1) and done.stderr == b"", done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode("utf-8").split("\n")[:-1]]


def well_formed(frame):
    """A tag's content may be nonsense (that reading is withheld); the bytes must be one whole CBOR item."""
    try:
        return isinstance(cbor2.loads(frame), list)
    except cbor2.CBORDecodeEOF:
        return False
    except (ValueError, OverflowError, TypeError):
        return True


@pytest.mark.parametrize("arguments", [[], ["--at", ARRIVAL]], ids=["bytes-alone", "with-arrival"])
def test_twin__reads_the_packs_that_hjhub_reads(tmp_path, arguments):
    rng = random.Random(f"{SEED} {arguments}")
    arrival = datetime.datetime.fromisoformat(ARRIVAL) if arguments else None
    source, left, accepted = packs(rng), COUNT // 2, 0
    while left > 0:
        frames = [next(source) for _ in range(min(left, 20000))]
        left -= len(frames)
        for frame, result in zip(frames, said(tmp_path, frames, *arguments)):
            result.pop("vector")
            assert all(p["offset"] + p["size"] <= len(frame) for p in result.pop("places"))
            wanted = senml_decoder.decode(frame, arrival)
            assert result == wanted, f"{frame.hex()}\nhjhub {result}\nother {wanted}"
            if result["verdict"] == "accepted":
                accepted += 1
                assert well_formed(frame), frame.hex()
    assert accepted > COUNT // 20
