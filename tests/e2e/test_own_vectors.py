"""Own vectors (own_vectors.py): the valid ones break no rule, each broken one breaks its rule alone, none that is cut short
is taken for whole. HJHUB_VECTORS=all cuts every one of them at every byte; else a few."""
import json
import os
import subprocess

import hj212
import hj212_decoder
import own_vectors
import pytest
from servers import HJHUB

ALL = os.environ.get("HJHUB_VECTORS") == "all"
ELSEWHERE = {  # rules that no frame alone can break, or that another test's frames do
    "past messages": {"key-reused", "late", "qn-reused"}, "an arrival": {"time-ahead"},
    "a registry": {"conversion-wrong", "mn-unknown", "mn-not-topic", "pw-wrong", "format-wrong", "crc-dialect", "length-characters", "text-gbk"},
    "keys": {"key-fits-not", "key-outside-validity", "plain-though-key", "cipher-printed"},
    "another CRC": {"crc-standard-fits", "crc-modbus-fits", "crc-modbus-swapped-fits"},
    "characters counted": {"length-counts-characters"}, "SenML": {"unit-impossible"},
    "parts": {"parts-missing", "part-conflict", "pnum-disagrees", "part-late", "parts-limit"},
}


def said(folder, payloads, *arguments):
    """The results for each payload, each in a fresh state."""
    file = folder / "own.jsonl"
    file.write_text("".join(json.dumps({"frame": data.decode("latin-1"), "enc": "latin-1"}) + "\n" for data in payloads))
    done = subprocess.run([HJHUB, "check", "--json", *arguments, "--vectors", file], capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    results = [[] for _ in payloads]
    for line in done.stdout.decode("utf-8").split("\n")[:-1]:
        result = json.loads(line)
        results[result.pop("vector") - 1].append(result)
    return results


def rules(result):
    return {rule["id"] for rule in result["rules"]}


def test_own_vectors__are_of_every_command_edition_and_direction():
    made = {name for name, *_ in own_vectors.valid()}
    assert made == {f"{cn} {edition} {way}" for cn, edition, way in hj212_decoder.CONTENTS} and len(made) > 140


@pytest.mark.parametrize("direction", ["up", "down"])
def test_own_vectors__break_no_rule(tmp_path, direction):
    rows = [(name, segment) for name, way, segment in own_vectors.valid() if way == direction]
    for (name, segment), results in zip(rows, said(tmp_path, [hj212.frame(row[1]) for row in rows], "--direction", direction)):
        assert [(r["verdict"], rules(r), r["edition"]) for r in results] == [("accepted", set(), name.split()[1])], (
            name, segment)


@pytest.mark.parametrize("row", own_vectors.BROKEN, ids=lambda row: row[0])
def test_own_vectors__break_one_rule_each(tmp_path, row):
    rule, whole, old, new, *too = row
    assert whole.count(old) == 1, old
    broken = whole.replace(old, new)
    data = hj212.frame(broken.encode("latin-1"))
    if "crc" in too:  # of the plaintext, which this is not
        data, too = data[:-6] + b"0000\r\n", []
    direction = "down" if whole is own_vectors.SET else "up"
    (result,) = said(tmp_path, [data], "--direction", direction)[0]
    assert rules(result) == {rule, *too}, broken


@pytest.mark.parametrize("rule,data", own_vectors.framed(), ids=lambda row: row if isinstance(row, str) else "")
def test_own_vectors__break_the_frame_around_a_segment(tmp_path, rule, data):
    (result,) = said(tmp_path, [data])[0]
    assert rules(result) == {rule}


def test_own_vectors__leave_no_rule_out():
    broken = {row[0] for row in own_vectors.BROKEN} | {rule for rule, _ in own_vectors.framed()}
    for elsewhere in ELSEWHERE.values():
        assert not broken & elsewhere
        broken |= elsewhere
    assert {rule for rule in hj212_decoder.RULES if not rule.startswith("senml-")} - broken == set()


def test_own_vectors__are_not_whole_when_cut_short(tmp_path):
    frames = [hj212.frame(segment) for _, _, segment in own_vectors.valid()]
    for frame in frames if ALL else frames[::20]:
        cut = [frame[:size] for size in range(len(frame))]
        for data, results in zip(cut, said(tmp_path, cut)):
            whole = len(data) >= len(frame) - 2  # but for its line end
            assert [r["verdict"] == "accepted" for r in results] == [whole], data
            assert not whole or rules(results[0]) == {"line-end"}
