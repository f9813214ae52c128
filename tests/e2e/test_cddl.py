"""schemas/senml-pack.cddl says what the hub takes: what is accepted without a remark fits it, and each of its lines is
tried from both sides. (No CDDL tool is packaged in Debian 12; the part of the language that the file uses is read here.)"""
import random
import re
from decimal import Decimal

import cbor2
import pytest
import test_senml_twin as twin
from servers import ROOT

TEXT = (ROOT / "schemas/senml-pack.cddl").read_text(encoding="utf-8")
RULES = {name: re.sub(r"\s*;.*", "", body).strip() for name, body in re.findall(r"^([a-z]+) = (.*)$", TEXT, re.M)}
LABELS = {int(label): kind.strip() for label, kind in re.findall(r"^  \? (-?\d+) => ([^,]+),", TEXT, re.M)}
SAMPLES = {"int": [0, -1, 2 ** 64 - 1], "float": [0.5, 1e300], "tstr": ["", "x"], "bool": [True],
           "#6.4([int, int])": [cbor2.CBORTag(4, [-1, 5])], "bstr": [b"x"], "null": [None], "array": [[1]]}


def fits(value, kind):
    if " / " in kind:
        return any(fits(value, part) for part in kind.split(" / "))
    if kind in RULES:
        return fits(value, RULES[kind])
    if ".regexp" in kind:
        return isinstance(value, str) and re.fullmatch(re.search(r'"(.*)"', kind)[1], value, re.S) is not None
    bounds = re.fullmatch(r"(\d+)\.\.(\d+)", kind)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if bounds:
        return whole and int(bounds[1]) <= value <= int(bounds[2])
    return {"any": True, "int": whole, "float": isinstance(value, float), "tstr": isinstance(value, str),
            "bool": isinstance(value, bool), "#6.4([int, int])": isinstance(value, Decimal)}[kind]


def pack_fits(pack):
    base = ""
    assert RULES["pack"] == "[1* record]" and isinstance(pack, list)
    for record in pack:
        base = record.get(-2, base)
        for label, value in record.items():
            if not fits(value, LABELS[label] if label in LABELS else "any"):
                return False
            if label not in LABELS and not fits(label, "extension"):
                return False
        valued = {2, 3, 4} & set(record)
        if len({2, 3, 4, 8} & set(record)) > 1 or valued and not fits(base + record.get(0, ""), "name"):
            return False
    return pack != []


def test_cddl__what_is_accepted_without_a_remark_fits_it(tmp_path):
    source = twin.packs(random.Random("cddl"))
    frames = [next(source) for _ in range(4000)]
    clean = [frame for frame, result in zip(frames, twin.said(tmp_path, frames))
             if result["verdict"] == "accepted" and result["rules"] == []]
    assert len(clean) > 200
    for frame in clean:
        try:
            pack = cbor2.loads(frame)
        except (ValueError, OverflowError, TypeError):
            continue  # a decimal fraction or a tag that Python cannot hold
        assert pack_fits(pack), (frame.hex(), pack)


@pytest.mark.parametrize("label", LABELS)
def test_cddl__each_line_is_as_wide_as_the_decoder(tmp_path, label):
    frames, wanted = [], []
    for kind, values in SAMPLES.items():
        for value in values:
            record = {-2: "M/", 0: "a-b", 2: 1}
            if label in (3, 4, 8):
                del record[2]
            record[label] = value
            if label == -2:
                record[-2] = value + "M/" if kind == "tstr" else value
            elif label == 0:
                record[0] = value + "a-b" if kind == "tstr" else value
            elif label in (-3, 6) and kind in ("int", "float", "#6.4([int, int])"):
                record[label] = {"int": 1788220800, "float": 1788220800.5}.get(kind, value)
            frames.append(cbor2.dumps([record]))
            wanted.append(pack_fits(cbor2.loads(frames[-1])))
    for frame, want, result in zip(frames, wanted, twin.said(tmp_path, frames)):
        remarks = [rule["id"] for rule in result["rules"]]
        assert (result["verdict"] == "accepted" and remarks in ([], ["value-empty"])) == want, (frame.hex(), result)


def test_cddl__a_label_that_must_be_understood_is_refused(tmp_path):
    frames = [cbor2.dumps([{-2: "M/", 0: "a-b", 2: 1, label: 1}]) for label in ("ext", "", 99, -99, "must_", "_")]
    for frame, result in zip(frames, twin.said(tmp_path, frames)):
        assert (result["verdict"] == "accepted") == pack_fits(cbor2.loads(frame)), (frame.hex(), result)
