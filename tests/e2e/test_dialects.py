"""What makers of loggers do otherwise than HJ 212 says, a row each: tolerant reads the values and marks it, strict refuses it,
and what only a profile may allow is refused without it."""
import json
import shutil
import subprocess

import hj212
import pytest
from servers import HJHUB, ROOT

MN = "010000A8900016F000169DC0"
HEAD = f"QN=20260101000000001;ST=31;CN=2011;PW=123456;MN={MN};Flag=5;"
TIME = "DataTime=20260101000000"
ITEMS = "a21026-Rtd=18.5,a21026-Flag=N;a21002-Rtd=7.1,a21002-Flag=N"
GOOD = HEAD + f"CP=&&{TIME};{ITEMS}&&"
VALUES = [("a21026", "18.5"), ("a21002", "7.1")]
CHINESE = GOOD.replace(TIME, TIME + ";i11001-Info=//油烟净化器故障//")


def framed(segment, length=None, crc=None, end="\r\n", case=str.upper, coding="utf-8"):
    data = segment.encode(coding)
    digits = case("%04X" % (hj212.crc(data) if crc is None else crc(data)))
    return b"##%04d" % (len(data) if length is None else length) + data + digits.encode() + end.encode()


def modbus(data):
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return register


def swapped(data):
    return (modbus(data) & 0xFF) << 8 | modbus(data) >> 8


def lettered():
    """A segment whose CRC has a letter in it."""
    return next(s for n in range(100) if (s := GOOD.replace("7.1", f"7.{n}")) and hj212.crc(s.encode()) >> 8 > 0xA0)


def judged(data, *arguments):
    done = subprocess.run([HJHUB, "check", "--json", *map(str, arguments)], input=data, capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def values(result):
    return [(item["factor"], item["value"]) for item in result["items"] if "value" in item]


def ids(result):
    return {rule["id"] for rule in result["rules"]}


LONG = GOOD.replace("&&DataTime", "&&" + ";".join(f"a99{n:03}-Rtd=1,a99{n:03}-Flag=N" for n in range(40)) + ";DataTime")
READ = {  # name: (frame, the mark)
    "lower-case CRC": (framed(lettered(), case=str.lower), "crc-case"),
    "no line end": (framed(GOOD, end=""), "line-end"),
    "line end of one byte": (framed(GOOD, end="\n"), "line-end"),
    "over-long frame": (framed(LONG), "segment-too-long"),
    "space behind CP=&&": (framed(GOOD.replace("&&D", "&& D")), "stray-space"),
    "space before =": (framed(GOOD.replace("ST=", "ST =")), "stray-space"),
    "space before the closing &&": (framed(GOOD[:-2] + " &&"), "stray-space"),
    "space behind ;": (framed(GOOD.replace(";a21002", "; a21002")), "stray-space"),
    ", for ; between fields": (framed(GOOD.replace(";ST", ",ST")), "separator"),
    ", for ; between factors": (framed(GOOD.replace(";a21002-Rtd", ",a21002-Rtd")), "separator"),
    "; for , inside a factor": (framed(GOOD.replace(",a21002", ";a21002")), "separator"),
    "no ; behind Flag": (framed(GOOD.replace("Flag=5;CP", "Flag=5CP")), "separator"),
    "trailing ;": (framed(GOOD[:-2] + ";&&"), "separator"),
    "single & around CP": (framed(GOOD.replace("&&", "&")), "cp-ampersand"),
    "no closing &&": (framed(GOOD[:-2]), "cp-ampersand"),
    "names in lower case": (framed(GOOD.replace("QN=", "qn=").replace("DataTime", "datatime")), "name-case"),
    "CTime for Ctime": (framed(GOOD.replace("2011", "3016").replace(
        TIME, "PolId=w01018;CstartTime=000000;CTime=2")), "name-case"),
    "local command 9021": (framed(GOOD.replace("2011", "9021")), "cn-unknown"),
    "local command 9022": (framed(GOOD.replace("2011", "9022")), "cn-unknown"),
    "DataTime of 17 digits": (framed(GOOD.replace(TIME, TIME + "000")), "datatime-digits"),
    "GBK text": (framed(CHINESE, coding="gbk"), "text-encoding"),
}
ALLOWED = {  # name: (frame, options that stand for a profile, the mark, what it is refused for without)
    "MODBUS CRC": (framed(GOOD, crc=modbus), ["--crc", "modbus"], "crc-dialect", "crc-modbus-fits"),
    "swapped MODBUS CRC": (framed(GOOD, crc=swapped), ["--crc", "modbus-swapped"], "crc-dialect", "crc-modbus-swapped-fits"),
    "length in characters": (framed(CHINESE, length=len(CHINESE)), ["--length", "characters"], "length-characters",
                             "length-counts-characters"),
    "length in characters of GBK": (framed(CHINESE, length=len(CHINESE), coding="gbk"),
                                    ["--length", "characters", "--charset", "gbk"], "length-characters", None),
}


def test_dialect__the_frame_without_any_is_fine():
    for frame, options in ((framed(GOOD), ["--strict"]), (framed(CHINESE), [])):
        (result,) = judged(frame, *options)
        assert (result["verdict"], values(result)) == ("accepted", VALUES)


@pytest.mark.parametrize("name", READ)
def test_dialect__is_read_and_marked_and_refused_when_strict(name):
    frame, rule = READ[name]
    (result,) = judged(frame)
    assert result["verdict"] == "accepted" and rule in ids(result), result
    read = [pair for pair in values(result) if pair[0] in ("a21026", "a21002")]
    assert read == ([VALUES[0], ("a21002", read[1][1])] if rule == "crc-case" else VALUES)
    (strict,) = judged(frame, "--strict")
    assert strict["verdict"] == "rejected" and strict["items"] == result["items"]


@pytest.mark.parametrize("name", ALLOWED)
def test_dialect__only_a_profile_may_allow_it(name):
    frame, options, rule, refused = ALLOWED[name]
    (result,) = judged(frame, *options)
    assert (result["verdict"], values(result)) == ("accepted", VALUES) and rule in ids(result)
    (strict,) = judged(frame, "--strict", *options)
    assert strict["verdict"] == "rejected"
    results = judged(frame)
    assert {r["verdict"] for r in results} == {"rejected"} and values(results[0]) == []
    assert refused is None or refused in ids(results[0])
    assert [r["verdict"] for r in judged(frame * 2 + framed(GOOD.replace("001;ST", "002;ST")), *options)][:2] == [
        "accepted", "duplicate"]


def test_dialect__one_crc_kind_a_device():
    for kind in ("modbus", "modbus-swapped"):
        (result,) = judged(framed(GOOD), "--crc", kind)
        assert result["verdict"] == "rejected" and ids(result) == {"crc-wrong", "crc-standard-fits"}


def test_dialect__gbk_is_allowed_by_a_profile():
    (result,) = judged(framed(CHINESE, coding="gbk"), "--charset", "gbk")
    assert (result["verdict"], values(result)) == ("accepted", VALUES)
    assert "text-gbk" in ids(result) and "text-encoding" not in ids(result)


@pytest.mark.parametrize("length", [-10, -1, 1, 2, 10, 500])
def test_dialect__a_wrong_length_is_refused_whoever_sent_it(length):
    for options in ([], ["--length", "characters"], ["--length", "characters", "--charset", "gbk"]):
        for segment in (GOOD, CHINESE):
            results = judged(framed(segment, length=len(segment.encode()) + length), *options)
            assert {r["verdict"] for r in results} == {"rejected"}


def test_dialect__a_registry_row_names_them(tmp_path):
    folder = tmp_path / "registry"
    shutil.copytree(ROOT / "tests/golden/registry-small", folder)
    lines = (folder / "devices.csv").read_text().splitlines()
    rows = [line + (",length,charset" if n == 0 else ",characters,gbk" if MN in line else ",,")
            for n, line in enumerate(lines)]
    (folder / "devices.csv").write_text("\n".join(rows) + "\n")
    for name, data in (("utf-8", framed(CHINESE, length=len(CHINESE))),
                       ("gbk", framed(CHINESE, length=len(CHINESE), coding="gbk"))):
        (result,) = judged(data, "--registry", folder)
        assert (result["verdict"], values(result)) == ("accepted", VALUES), name
        other = data.replace(MN.encode(), (MN[:-1] + "1").encode())
        assert judged(other, "--registry", folder)[0]["verdict"] == "rejected"
    (folder / "devices.csv").write_text((folder / "devices.csv").read_text().replace("characters", "words"))
    done = subprocess.run([HJHUB, "registry", "check", folder], capture_output=True, text=True)
    assert done.returncode == 1 and "the length counts bytes, characters or is empty" in done.stdout + done.stderr
