"""`hjhub check` against frames made here and, where they are, against public ones."""
import json
import pathlib
import subprocess

import cbor2
import hj212
import pytest
from servers import HJHUB, ROOT

VECTORS = ROOT.parent / "shared/vectors/hj212-public.jsonl"


def check(*arguments, data=b""):
    done = subprocess.run([HJHUB, "check", "--json", *map(str, arguments)], input=data, capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def rules(result):
    return {rule["id"] for rule in result["rules"]}


def test_check__reads_a_frame_as_it_was_sent():
    frame = hj212.data("010000A8900016F000169DC0", {"a21026": "18.50", "a34013": "7.1"}, marks={"a34013": "D"})
    (result,) = check(data=frame)
    assert (result["verdict"], result["edition"], result["st"], result["cn"]) == (
        "accepted", "2017", "31", "2011")
    assert [(i["factor"], i["field"], i["value"], i["flag"]) for i in result["items"]] == [
        ("a21026", "Rtd", "18.50", "N"), ("a34013", "Rtd", "7.1", "D")]
    assert (result["offset"], result["size"]) == (0, len(frame))


def test_check__every_single_changed_byte_is_caught():
    frame = hj212.data("010000A8900016F000169DC0", {"a21026": "18.5"})
    lines = []
    for at in range(len(frame) - 2):
        for bit in range(8):
            changed = bytearray(frame)
            changed[at] ^= 1 << bit
            lines.append(bytes(changed).hex())
    done = subprocess.run([HJHUB, "check", "--json", "--hex"], input="\n".join(lines).encode(), capture_output=True)
    seen = {}
    for line in done.stdout.decode().splitlines():
        result = json.loads(line)
        seen.setdefault(result["vector"], []).append(result)
    assert len(seen) == len(lines)
    for number, results in seen.items():
        changed = bytes.fromhex(lines[number - 1])
        same_crc = changed[-6:-2].lower() == frame[-6:-2].lower() and changed[:-6] == frame[:-6]
        assert same_crc or all(r["verdict"] == "rejected" for r in results), (changed, results)


def test_check__every_truncation_is_refused():
    frame = hj212.data("010000A8900016F000169DC0", {"a21026": "18.5"})
    lines = "\n".join(frame[:size].hex() for size in range(1, len(frame) - 2))
    done = subprocess.run([HJHUB, "check", "--json", "--hex"], input=lines.encode(), capture_output=True)
    assert {json.loads(line)["verdict"] for line in done.stdout.decode().splitlines()} == {"rejected"}


def test_check__finds_its_way_again_after_garbage():
    one = hj212.data("010000A8900016F000169DC0", {"a21026": "1"}, qn="20260101000000001")
    two = hj212.data("010000A8900016F000169DC0", {"a21026": "2"}, qn="20260101000000002")
    results = check(data=b"noise##12" + one + b"##9999 more noise" + two + two)
    assert [r["verdict"] for r in results] == ["rejected", "accepted", "rejected", "accepted", "duplicate"]
    assert sum(r["size"] for r in results) == len(b"noise##12" + one + b"##9999 more noise" + two + two)


def test_check__withholds_what_is_no_number_and_keeps_the_rest():
    (result,) = check(data=hj212.data("010000A8900016F000169DC0", {"a21026": "1.2E+03", "a34013": "7"}))
    assert result["verdict"] == "accepted" and "value-not-number" in rules(result)
    assert "value" not in result["items"][0] and result["items"][0]["text"] == "1.2E+03"
    assert result["items"][1]["value"] == "7"


def test_check__senml_reads_what_cbor2_wrote():
    pack = [{-2: "METER-1/", -3: 1788192000.5, 0: "QN", 3: "q1"}, {0: "d1-Rtd", 2: 400},
            {0: "d2-Rtd", 2: 0.1}, {0: "d3-Rtd", 2: cbor2.CBORTag(4, [-2, -1250])}, {0: "d4-Rtd", 4: True},
            {0: "d1-Flag", 3: "N"}, {0: "d5-Rtd", 2: float("nan")}]
    (result,) = check("--format", "senml", data=cbor2.dumps(pack))
    assert (result["verdict"], result["mn"], result["qn"]) == ("accepted", "METER-1", "q1")
    assert [i.get("value") for i in result["items"]] == ["400", "0.1", "-12.50", "1", None]


@pytest.mark.parametrize("payload,rule", [
    (b"\x9a\x08\x00\x00\x00", "senml-cbor"), (b"", "payload-empty"), (b"\x80\x00", "senml-cbor"),
    (cbor2.dumps({}), "senml-form"), (cbor2.dumps([{0: "a-b", 2: 1}]), "senml-no-base"),
    (b"\x81\xa3\x21\x62\x4d\x2f\x00\x61\x61\x00\x61\x62", "senml-duplicate-key"),
    (cbor2.dumps([{-2: "M/", 0: "a-b", 2: 1, "must_": 1}]), "senml-label"),
    (b"\x81\xa1\x21\x62\xff\xff", "senml-utf8")])
def test_check__senml_refuses(payload, rule):
    (result,) = check("--format", "senml", data=payload) if payload else check("--format", "senml", data=b"")
    assert result["verdict"] == "rejected" and rule in rules(result)


@pytest.mark.skipif(not VECTORS.exists(), reason="the public frames are not here")
def test_check__public_frames_are_judged_as_recorded():
    results = {}
    for result in check("--vectors", VECTORS):
        results.setdefault(result["vector"], []).append(result)
    for number, line in enumerate(VECTORS.read_text().strip("\n").split("\n"), 1):
        vector = json.loads(line)
        verdicts = [r["verdict"] for r in results[number]]
        if vector["crc_ok"] and vector["len_ok"] and vector["term"] == "crlf" and number != 152:
            assert set(verdicts) == {"accepted"}, (number, results[number][0]["rules"])
        if not vector["crc_ok"]:
            assert "accepted" not in verdicts, number
        if vector["crc_kind"] == "modbus" and vector["len_ok"]:
            assert "crc-modbus-fits" in rules(results[number][0])


def test_registry__findings_name_the_place(tmp_path):
    import shutil
    folder = tmp_path / "registry"
    shutil.copytree(ROOT / "tests/golden/registry-small", folder)
    assert subprocess.run([HJHUB, "registry", "check", folder]).returncode == 0
    (folder / "devices.csv").write_bytes(
        (folder / "devices.csv").read_text().replace("METER-E1,", "1.2E+13,").encode("gb18030"))
    done = subprocess.run([HJHUB, "registry", "check", "--json", folder], capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert any(f["file"] == "devices.csv" and f["line"] == 4 and "spreadsheet" in f["words"] for f in found)


def test_rules__one_from_the_language_page_runs_without_rebuilding(tmp_path):
    """The rule that stands as an example in docs/rules.md."""
    import re
    import shutil
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    page = (ROOT / "docs/rules.md").read_text()
    (folder / "own.yaml").write_text(re.search(r"```yaml\n(- rule:.*?)```", page, re.S)[1])
    done = subprocess.run([HJHUB, "test", "--json", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    wrong = (folder / "own.yaml").read_text().replace("fan.temperature > too_hot", "fan.temperature > 5 kW")
    (folder / "own.yaml").write_text(wrong)
    done = subprocess.run([HJHUB, "rules", "check", folder], capture_output=True, text=True)
    assert done.returncode == 1 and "units do not match" in done.stderr
