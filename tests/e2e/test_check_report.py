"""The report of `hjhub check` for people: the caret stands below the place, strict refuses what tolerant marks, and a log
gives its frames."""
import json
import re
import subprocess
import unicodedata

import hj212
import pytest
from servers import HJHUB

MN = "010000A8900016F000169DC0"
HEAD = f"QN=20260101000000001;ST=31;CN=2011;PW=123456;MN={MN};Flag=5;"
GOOD = HEAD + "CP=&&DataTime=20260101000000;a21026-Rtd=18.5,a21026-Flag=N&&"


def check(*arguments, data):
    done = subprocess.run([HJHUB, "check", *map(str, arguments)], input=data, capture_output=True)
    return done.returncode, done.stdout.decode()


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pointed(report, rule):
    """What stands above the caret of this rule, cut by columns as a terminal shows them."""
    lines = report.splitlines()
    first = next(i for i, line in enumerate(lines) if f" {rule}: " in line)
    shown, caret = lines[first + 1:first + 3]
    start = caret.index("^")
    width = len(re.match(r"\^~*", caret[start:])[0])
    cut, at = "", 0
    for character in shown:
        if start <= at < start + width:
            cut += character
        at += columns(character)
    return cut


@pytest.mark.parametrize("segment,rule,place", [
    (GOOD.replace("18.5", "1E3"), "value-not-number", "1E3"),
    (GOOD.replace("&&DataTime", "&&i11001-Info=//水泵故障//;DataTime").replace("18.5", "x"), "value-not-number",
     "x"),
    (GOOD.replace("a21026-Rtd", "油烟-Rtd"), "factor-unknown", "油烟"),
    (GOOD.replace("N&&", "N;&&"), "separator", ";"),
    (GOOD.replace("ST=31", "ST=3\x1b[31m"), "st-form", "3\\x1B[31m"),
    (GOOD.replace("ST=31", "ST=\\r5"), "st-form", "\\\\r5"),
    (GOOD[:-2], "cp-ampersand", "3"),  # the CRC stands where && should
])
def test_report__the_caret_stands_below_the_place(segment, rule, place):
    frame = hj212.frame(segment)
    place = place if rule != "cp-ampersand" else frame[-6:-5].decode()
    status, report = check(data=b"noise" + frame)
    assert status == 1 and pointed(report, rule) == place, report
    assert "mend: " in report and "更正：" in report and "clause: " in report
    assert "\x1b" not in report


def test_report__sums_up_and_says_by_its_status():
    status, report = check(data=hj212.frame(GOOD))
    assert status == 0 and report.endswith(
        "summary: 1 messages, 1 accepted, 0 duplicate, 0 quarantined, 0 rejected; 1 readings, 0 withheld\n")
    status, report = check(data=hj212.frame(GOOD)[:-4] + hj212.frame(GOOD))
    assert status == 1 and "2 messages, 1 accepted, 0 duplicate, 0 quarantined, 1 rejected" in report
    assert "     1 length-wrong: " in report
    assert check("--no-such-option", data=b"")[0] == 2
    assert check("--hex", "--log", data=b"")[0] == 2


def test_strict__refuses_what_tolerant_marks_and_still_reads_it():
    frame = hj212.frame(GOOD.replace("N&&", "N;&&"))
    for arguments, verdict in (((), "accepted"), (("--strict",), "rejected")):
        status, out = check("--json", *arguments, data=frame)
        (result,) = map(json.loads, out.splitlines())
        assert (status, result["verdict"]) == (1, verdict)
        assert result["rules"] == [{"id": "separator", "consequence": "mark"}]
        assert result["items"][0]["value"] == "18.5"
    assert check("--strict", "--json", data=hj212.frame(GOOD))[0] == 0


def test_strict__what_came_before_counts_too():
    frames = hj212.frame(GOOD) + hj212.frame(GOOD.replace("18.5", "18.6"))
    status, out = check("--json", "--strict", data=frames)
    assert status == 1 and [json.loads(line)["verdict"] for line in out.splitlines()] == ["accepted", "rejected"]


def test_log__frames_stand_among_a_logs_own_words():
    frame = hj212.frame(GOOD).decode().strip()
    other = hj212.frame(GOOD.replace("000001;ST", "000002;ST").replace("18.5", "18.4")).decode().strip()
    broken = frame.replace("18.5", "18.6")
    log = (f"2026-01-01 00:00:00.123 [INFO] # start\n2026-01-01 00:00:01 RECV {frame} (ok)\r\n\n"
           f"2026-01-01 00:00:02 RECV <{other}{broken}>\n")
    status, out = check("--json", "--log", data=log.encode())
    results = [json.loads(line) for line in out.splitlines()]
    assert [(r["vector"], r["verdict"]) for r in results] == [(2, "accepted"), (4, "accepted"), (4, "rejected")]
    assert [rule["id"] for r in results[:2] for rule in r["rules"]] == []
    assert {"crc-wrong"} == {rule["id"] for rule in results[2]["rules"]}
    assert check("--log", data=log.splitlines()[1].encode())[0] == 0


@pytest.mark.parametrize("option, value, takes", [
    ("--crc", "bogus", "standard, modbus or modbus-swapped"), ("--direction", "left", "up or down"),
    ("--at", "yesterday", "2026-09-01T08:00:00+08:00"), ("--length", "words", "bytes or characters")])
def test_check__an_option_says_what_it_takes(option, value, takes):
    done = subprocess.run([HJHUB, "check", option, value], input="", capture_output=True, text=True, check=False)
    assert done.returncode == 2 and f"{option} {value}: give " in done.stderr and takes in done.stderr
