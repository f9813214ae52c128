"""`hjhub encode`: what `check` reads of a frame, `encode` writes again, for each command and edition; and what cannot be a
frame is refused with its reason."""
import json
import re
import subprocess

import hj212
import pytest
from servers import HJHUB, ROOT

MN = "010000A8900016F000169DC0"
GIVEN = {"st": "31", "cn": "2011", "mn": MN, "qn": "20260101000000001", "flag": "5", "datatime": "20260101000000",
         "items": [{"factor": "a21026", "field": "Rtd", "value": "18.50", "flag": "N"}]}
# Plain fields of CP of each command that has some.
FIELDS = {1000: {"OverTime": "5", "ReCount": "3"}, 1001: {"WarnTime": "5"}, 1011: {"SystemTime": "20260101000000"},
          1012: {"PolId": "w01018", "SystemTime": "20260101000000"}, 1014: {"SKCreateTime": "20260101000000000",
                                                                           "NewSK": "0123456789abcdef"},
          1061: {"RtdInterval": "30"}, 1062: {"RtdInterval": "30"}, 1063: {"MinInterval": "10"},
          1064: {"MinInterval": "10"}, 1072: {"NewPW": "654321"}, 2081: {"RestartTime": "20260101000000"},
          3011: {"PolId": "a21026", "CalibrationType": "1"}, 3012: {"PolId": "w01018"}, 3015: {"VaseNo": "2"},
          3016: {"PolId": "w01018", "CstartTime": "000000", "Ctime": "2"}, 3020: {"PolId": "w01018", "InfoId": "i12001"},
          9011: {"QnRtn": "1"}, 9012: {"ExeRtn": "1"}}
EDITIONS = {"5": ("2005", "88888888888888", 0), "7": ("2017", MN, 4), "9": ("2025", MN, 8)}


def run(*arguments, data):
    return subprocess.run([HJHUB, *map(str, arguments)], input=data, capture_output=True)


def check(data, *arguments):
    """What it says of frames; of joined sub-packets it speaks too."""
    results = [json.loads(line) for line in run("check", "--json", *arguments, data=data).stdout.splitlines()]
    return [result for result in results if "joined" not in result]


def encode(*objects, status=(0, 1), options=("--pw", "123456")):
    done = run("encode", *options, data="\n".join(map(json.dumps, objects)).encode())
    assert done.returncode in status, done.stderr.decode()
    return done.stdout


def content(cn):
    if 2000 <= cn < 3000 and cn not in (2012, 2022, 2081):
        fields = ["Min", "Avg", "Max"] if cn in (2031, 2051, 2061) else ["Rtd"]
        items = [{"factor": "a21026", "field": field, "value": str(n), "flag": "N"} for n, field in enumerate(fields)]
        return {"datatime": "20260101000000", "items": items + [
            {"factor": "SB1", "field": "RS", "value": "1"}, {"factor": "a34013", "field": "Rtd", "value": "7.1", "flag": "D"}]}
    return {"cp": FIELDS.get(cn, {})}


def cases():
    text = (ROOT / "schemas/commands.def").read_text()
    for cn, editions in re.findall(r'^COMMAND_ROW\((\d+),.*?, (?:UP|DOWN|BOTH), "(\d+)"', text, re.M):
        for letter in editions:
            edition, mn, flag = EDITIONS[letter]
            yield {"edition": edition, "st": "31", "cn": cn, "mn": mn, "qn": "20260101000000001",
                   "flag": str(flag | 1), **content(int(cn))}
            yield {"edition": edition, "st": "31", "cn": cn, "mn": mn, "qn": "20260101000000002", "flag": str(flag | 2),
                   "pnum": "2", "pno": "1", **({"rf": "1"} if letter == "9" else {}), **content(int(cn))}


def meaning(result):
    result = {key: value for key, value in result.items() if key not in ("offset", "size", "places", "vector")}
    return result


def test_encode__each_command_of_each_edition_comes_back():
    objects = list(cases())
    assert len(objects) > 200 and len({(o["cn"], o["edition"]) for o in objects}) * 2 == len(objects)
    frames = encode(*objects)
    first = check(frames)
    assert len(first) == len(objects)
    for given, result in zip(objects, first):
        assert result["verdict"] == "accepted", (given, result)
        for key in given:
            if key != "items":
                assert result[key] == given[key], (given, result)
        assert [(i["factor"], i["field"], i.get("value"), i.get("flag")) for i in result["items"]] == [
            (i["factor"], i["field"], i.get("value"), i.get("flag")) for i in given.get("items", [])]
    again = run("encode", "--pw", "123456", data=run("check", "--json", data=frames).stdout).stdout
    assert again == frames
    assert [meaning(r) for r in check(again)] == [meaning(r) for r in first]


@pytest.mark.parametrize("kind", ["standard", "modbus", "modbus-swapped"])
def test_encode__writes_the_crc_that_it_is_asked_for(kind):
    data = encode(GIVEN, options=("--pw", "123456", "--crc", kind, "--hex"))
    (result,) = check(data, "--hex", "--crc", kind)
    assert result["verdict"] == "accepted" and result["items"][0]["value"] == "18.50"
    if kind == "standard":
        assert bytes.fromhex(data.decode()) == hj212.data(MN, {"a21026": "18.50"}, qn=GIVEN["qn"], at=hj212.datetime.datetime(
            2026, 1, 1))


def test_encode__flag_follows_from_the_edition_and_sub_packets():
    for edition, packets, flag in (("2017", False, "4"), ("2017", True, "6"), ("2025", False, "8"), ("2025", True, "10")):
        given = {**GIVEN, "edition": edition, **({"pnum": "2", "pno": "1"} if packets else {})}
        del given["flag"]
        (result,) = check(encode(given, status=(0,)))
        assert (result["flag"], result["edition"], result["rules"]) == (flag, edition, [])


def test_encode__names_the_rules_that_its_frame_breaks():
    done = run("encode", "--pw", "123456", data=json.dumps({**GIVEN, "st": "7"}).encode())
    assert done.returncode == 1 and b"object 1: mark st-form: " in done.stderr and done.stdout.startswith(b"##")


@pytest.mark.parametrize("data,reason", [
    (b"", "no object that could be read"), (b"{", "object 1 is no JSON"), (b"[]", "object 1: not an object"),
    (b'{"st": 1}', "st: not a string"), (b"{}", "st is missing"), (b'{"st": "31", "st": "32"}', "object 1 is no JSON"),
    (json.dumps({**GIVEN, "flag": None}).encode(), "flag: not a string"),
    (json.dumps({k: v for k, v in GIVEN.items() if k != "flag"}).encode(), "flag is missing: give flag, or edition"),
    (json.dumps({**GIVEN, "items": [{"factor": "a21026", "value": "1"}]}).encode(), "items[0].field: missing"),
    (json.dumps({**GIVEN, "items": [{"factor": "a21026", "field": "Rtd", "value": 1}]}).encode(), "items[0].value: "),
    (json.dumps({**GIVEN, "items": [{"factor": "a21026", "field": "Rtd", "value": "1;b-Rtd=2"}]}).encode(), "items[0] would not"),
    (json.dumps({**GIVEN, "qn": "1;ST=32"}).encode(), "qn would not be read"),
    (json.dumps({**GIVEN, "cp": {"A": "1,B=2"}}).encode(), "cp would not be read"),
    (json.dumps({**GIVEN, "cp": {"A": 1}}).encode(), "cp.A: not a string"),
    (json.dumps({**GIVEN, "cp": {"A": "x" * 10000}}).encode(), "longer than 9999 bytes"),
    (json.dumps(GIVEN).encode() + json.dumps({**GIVEN, "edition": "2018", "flag": 1}).encode(), "object 2: flag: not")])
def test_encode__refuses_with_a_reason(data, reason):
    done = run("encode", "--pw", "123456", data=data)
    assert done.returncode == 2 and reason in done.stderr.decode(), done.stderr.decode()
