"""The public frames, one by one: what `hjhub check` says against what is recorded of each."""
import json
import subprocess

import hj212
import pytest
from servers import HJHUB, ROOT

VECTORS = ROOT.parent / "shared/vectors/hj212-public.jsonl"
SMALLEST = 152  # n = 0: well framed, but without ST, CN, MN and CP
KINDS = {"modbus": "crc-modbus-fits", "modbus_swapped": "crc-modbus-swapped-fits"}
LINES = VECTORS.read_text(encoding="utf-8").strip("\n").split("\n") if VECTORS.exists() else []
ROWS = [pytest.param(n, json.loads(line), id=str(n)) for n, line in enumerate(LINES, 1)]


@pytest.fixture(scope="module")
def judged():
    done = subprocess.run([HJHUB, "check", "--json", "--vectors", VECTORS], capture_output=True)
    assert done.returncode == 1 and done.stderr == b""
    results = {}
    for line in done.stdout.splitlines():
        result = json.loads(line)
        results.setdefault(result["vector"], []).append(result)
    assert sorted(results) == list(range(1, len(LINES) + 1))
    return results


def ids(result):
    return {rule["id"] for rule in result["rules"]}


@pytest.mark.parametrize("number,vector", ROWS)
def test_vectors__are_covered_to_the_last_byte(judged, number, vector):
    at = 0
    for result in judged[number]:
        assert result["offset"] == at
        at += result["size"]
    assert at == len(vector["frame"].encode(vector.get("enc", "utf-8")))


@pytest.mark.parametrize("number,vector", ROWS)
def test_vectors__length_crc_and_line_end_are_as_recorded(judged, number, vector):
    first = judged[number][0]
    if vector["crc_ok"] and vector["len_ok"]:
        assert "crc-wrong" not in ids(first)
        assert ("line-end" in ids(first)) == (vector["term"] != "crlf")
        if vector["term"] == "crlf" and number != SMALLEST:
            assert {result["verdict"] for result in judged[number]} == {"accepted"}
    else:
        assert first["verdict"] in ("rejected", "quarantined")
        assert first["verdict"] == "rejected" or "encrypted-no-key" in ids(first)
    if vector["len_ok"] and vector["crc_kind"] in KINDS:
        assert {"crc-wrong", KINDS[vector["crc_kind"]]} <= ids(first)


@pytest.mark.parametrize("number,vector", [row for row in ROWS if row.values[1]["crc_kind"] in KINDS])
def test_vectors__a_device_with_its_own_crc_is_read_when_that_is_said(number, vector):
    if not vector["len_ok"]:
        pytest.skip("its length is wrong too")
    data = vector["frame"].encode(vector.get("enc", "utf-8"))
    kind = vector["crc_kind"].replace("_", "-")
    done = subprocess.run([HJHUB, "check", "--json", "--crc", kind], input=data, capture_output=True)
    assert json.loads(done.stdout.splitlines()[0])["verdict"] == "accepted"


def test_check__exit_status_says_fine_findings_or_could_not(tmp_path):
    fine = hj212.data("010000A8900016F000169DC0", {"a21026": "18.5"})
    rows = [([], fine, 0), ([], fine[:-2], 1), ([], b"", 1), (["--crc", "none"], fine, 2), (["no-such-file"], fine, 2),
            (["--hex"], b"0g\n", 2), (["--at", "today"], fine, 2), (["--direction", "left"], fine, 2),
            (["--registry", str(tmp_path / "none")], fine, 2), (["--vectors", "/dev/null"], fine, 0),
            ([str(tmp_path)], fine, 2), (["--hex", str(tmp_path)], fine, 2), (["a", "b"], fine, 2),
            (["--vectors", "/dev/null", "b"], fine, 2), (["--vectors", "/dev/null", "--hex"], fine, 2),
            (["--hex"], fine.hex().encode()[:-1], 2), (["--hex"], fine.hex().encode(), 0), (["-"], fine, 0)]
    for arguments, data, status in rows:
        for form in ([], ["--json"]):
            done = subprocess.run([HJHUB, "check", *form, *arguments], input=data, capture_output=True)
            assert done.returncode == status, (arguments, done.stderr)
            assert (done.stderr != b"") == (status == 2), (arguments, done.stderr)


def test_check__what_cannot_be_written_was_not_said():
    fine = hj212.data("010000A8900016F000169DC0", {"a21026": "18.5"})
    with open("/dev/full", "w") as full:
        done = subprocess.run([HJHUB, "check", "--json"], input=fine, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"standard output" in done.stderr


def test_check__points_at_the_byte_that_is_wrong():
    frame = hj212.data("010000A8900016F000169DC0", {"a21026": "1x5"})
    done = subprocess.run([HJHUB, "check"], input=frame, capture_output=True)
    _, line, caret = done.stdout.decode().split("value-not-number: ")[1].splitlines()[:3]
    assert line[caret.index("^"):].startswith("1x5") and caret.endswith(f"byte {frame.index('1x5'.encode())}")
