"""HJ 212-2025: frames as its facts have them are read without a mark, and answered as they say."""
import json
import subprocess

import hj212
import pytest
import servers
from live import BYPASS, up
from servers import AREA, HJHUB, wait_for

MN = "010000A8900016F000169DC0"
T = "20260101000000"
NOX = f"DataTime={T};a21026-Rtd=1.5,a21026-Flag=N"


def frame(st, cn, cp, flag=9, more="", mn=MN, qn=T + "001"):
    return hj212.frame(f"QN={qn};ST={st};CN={cn};PW=123456;MN={mn};Flag={flag};{more}CP=&&{cp}&&")


@pytest.fixture
def hub(tmp_path, broker, redis):
    """A hub whose bypass monitor is of 2025."""
    server = servers.Hub(tmp_path, broker, redis)
    server.of_2025("bypass")
    server.start()
    yield server
    assert server.stop() == 0, server.log.read_text(errors="replace")[-4000:]


ROWS = {
    "a part, its numbers of one digit": (frame(31, 2011, NOX, 11, "PNUM=9;PNO=1;"), set(), 1),
    "a part of two digits": (frame(31, 2011, NOX, 11, "PNUM=12;PNO=1;"), {"packet-digits"}, 1),
    "a resend": (frame(31, 2011, NOX, 9, "RF=1;", qn="20260101010000001"), set(), 1),
    "a resent part": (frame(31, 2011, NOX, 11, "PNUM=2;PNO=1;RF=1;", qn="20260101010000001"), set(), 1),
    "RF=0": (frame(31, 2011, NOX, 9, "RF=0;"), {"rf-form"}, 1),
    "RF before 2025": (frame(31, 2011, NOX, 5, "RF=1;"), {"rf-form"}, 1),
    "electricity": (frame(44, 2011, f"DataTime={T};" + ";".join(
        f"{code}-Rtd={value},{code}-Flag=N" for code, value in (
            ("d20105", "220.20"), ("d20205", "220.90"), ("d20305", "221.10"), ("d20405", "0.24"),
            ("d30106", "220.20"), ("d30406", "0.04")))), set(), 6),
    "working condition, letters": (frame(45, 2011, f"DataTime={T};p99101-Rtd=St,p99101-Flag=N"), set(), 1),
    "working condition without -Flag": (frame(45, 2011, f"DataTime={T};p99101-Rtd=Sr;p99102-Rtd=N"), set(), 2),
    "letters elsewhere": (frame(31, 2011, f"DataTime={T};a21026-Rtd=St,a21026-Flag=N"), {"value-not-number"}, 1),
    "periodic raw data": (frame(31, 2013, f"a24087-SampleTime={T},a24087-CompleteTime=20260101000500,"
                                "a24087-SampleType=1,a24087-Avg=1.2,a24087-Flag=N"), set(), 4),
    "a noise measurement": (frame(23, 2052, f"DataTime={T};LA-Data=55.1"), set(), 1),
    "a standard check": (frame(31, 2062, f"DataTime={T};a21026-SampleRd=50.1,a21026-StandardValue=50.0,"
                               "a21026-ResultType=1,a21026-Flag=N"), set(), 3),
    "furnace temperature": (frame(31, 2111, f"DataTime={T};a01901-Avg=850.5,a01901-Flag=N"), set(), 1),
    "minute data with RawAvg": (frame(31, 2051, f"DataTime={T};a21026-Min=1,a21026-Avg=1.5,a21026-Max=2,"
                                      "a21026-RawAvg=1.4,a21026-Flag=N"), set(), 4),
    "heartbeat": (frame(91, 9015, ""), set(), 0),
    "before activation": (frame(91, 1001, "i23005-Info=012345678901234567890123;i23006-Info=A1;i23007-Info=B2", mn=""),
                          set(), 3),
    "the wish for a key": (frame(31, 1014, f"SKCreateTime={T}000"), set(), 0),
}


@pytest.mark.parametrize("name", ROWS)
def test_2025__is_read_as_its_facts_say(name):
    data, marks, readings = ROWS[name]
    done = subprocess.run([HJHUB, "check", "--json", "--direction", "up"], input=data, capture_output=True)
    result = json.loads(done.stdout.splitlines()[0])  # a part joined is told behind it
    assert ({rule["id"] for rule in result["rules"]}, len(result["items"])) == (marks, readings)
    assert result["verdict"] == "accepted" and result["edition"] == ("2017" if "before 2025" in name else "2025")


def test_2025__each_is_answered_as_its_kind_wants(hub, connect):
    """9014 for data, 9013 for a notice, with Flag 8; nothing where Flag asks for nothing."""
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/hj212")
    wanted = {2011: 9014, 2013: 9014, 2051: 9014, 2052: 9014, 2062: 9014, 2111: 9014, 9015: 9013, 1013: 9013, 1014: 9013}
    for at, cn in enumerate(wanted):
        qn = hj212.now().strftime("%Y%m%d%H%M%S") + f"{at:03}"
        cp = "" if cn > 3000 or cn == 1013 else f"SKCreateTime={qn}" if cn == 1014 else f"DataTime={qn[:14]}"
        for flag in (8, 9):
            device.publish(up(BYPASS), frame(31, cn, cp, flag, mn=BYPASS, qn=f"{qn[:14]}{flag}{at:02}"))
    wait_for(lambda: sum(m.payload.count(b";ST=91;CN=90") for m in device.got) == len(wanted))
    told = [m.payload for m in device.got]
    for at, (cn, answer) in enumerate(wanted.items()):
        assert any(b"9%02d;ST=91;CN=%d;PW=123456;MN=%s;Flag=8;CP=&&&&" % (at, answer, BYPASS.encode()) in frame
                   for frame in told), cn


def test_2025__a_resend_with_its_mark_counts_once(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/{BYPASS}/down/#")
    at = hj212.now().strftime("%Y%m%d%H%M%S")
    for more in ("", "RF=1;"):
        device.publish(up(BYPASS), frame(31, 2011, f"DataTime={at};e10101-Rtd=1,e10101-Flag=N", 9, more, BYPASS, at + "007"))
    wait_for(lambda: len(device.topic("/down/verdict")) == 2 and len(device.topic("/down/hj212")) == 2)
    assert [json.loads(m.payload)["verdict"] for m in device.topic("/down/verdict")] == ["accepted", "duplicate"]
