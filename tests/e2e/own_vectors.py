"""Frames of our own, made from the rows of schemas/*.def and the standard's facts: each command of each edition in each
direction, each of them cut short at every byte, and for each rule a frame that breaks it and no other but those named."""
import itertools
import pathlib
import sys

import hj212
import hj212_decoder

MN, OLD_MN = "010000A8900016F000169DC0", "88888888888888"
TIME = "20260101000000"
HEADS = {  # QN and Flag are optional in 2005: its frames here have neither
    "2005": "ST={st};CN={cn};PW=123456;MN=" + OLD_MN + ";",
    "2017": "QN=20260101000000001;ST={st};CN={cn};PW=123456;MN=" + MN + ";Flag=4;",
    "2025": "QN=20260101000000001;ST={st};CN={cn};PW=123456;MN=" + MN + ";Flag=8;",
}
VALUES = {"SYSTEM_TIME": TIME, "QN_RTN": "1", "EXE_RTN": "1", "RTD_INTERVAL": "30", "MIN_INTERVAL": "10",
          "RESTART_TIME": TIME, "POL_ID": "w01018", "BEGIN_TIME": TIME, "END_TIME": "20260102000000", "DATA_TIME": TIME,
          "NEW_PW": "654321", "PW": "654321", "OVER_TIME": "5", "RE_COUNT": "3", "VASE_NO": "2", "CSTART_TIME": "000000",
          "CTIME": "2", "STIME": "30", "INFO_ID": "i12001", "SK_CREATE_TIME": TIME + "000", "NEW_SK": "0123456789abcdef",
          "CALIBRATION_TYPE": "1", "ALARM_TIME": TIME, "ALARM_TYPE": "1", "ALARM_TARGET": "13800000000",
          "REPORT_TARGET": "13800000001", "REPORT_TIME": "8", "WARN_TIME": "5", "QN": "20260101000000001"}
ITEMS = {"MOMENT": ["a21026-Rtd=18.5,a21026-ZsRtd=20.1,a21026-Flag=N", "a34013-Rtd=3,a34013-Flag=D"],
         "PERIOD": ["a21026-Min=1.1,a21026-Avg=2.2,a21026-Max=3.3,a21026-Flag=N",
                    "a34013-Min=1,a34013-Avg=2,a34013-Max=3,a34013-ZsMin=2,a34013-ZsAvg=3,a34013-ZsMax=4,a34013-Flag=N"],
         "TOTAL": ["a00000-Cou=12345.6,a00000-Flag=N"], "STATE": ["SB1-RS=1", "SB2-RS=0"], "HOURS": ["SB1-RT=12.5"],
         "NOISE": ["LA-Data=50.1"], "ALARM": ["a21026-Ala=99.9"], "INFORMATION": ["i12001-Info=//a;b,c=d&&e//"],
         "SERIAL": [f"a21026-SN={MN}"],
         "CHECK": ["a21026-SampleRd=9.9,a21026-StandardValue=10.0,a21026-ResultType=1,a21026-Flag=N"]}
NAMES = {field: name.decode() for field, name in hj212_decoder.CP_NAMES.values()}


def joined(edition, cn, groups, st=None):
    st = st or ("91" if 9000 < cn < 9015 else "31")
    head = HEADS[edition].format(st=st, cn=cn)
    return (head.replace(MN, "") if cn in (1001, 1002) and edition == "2025" else head) + f"CP=&&{';'.join(groups)}&&"


def valid():
    """(name, direction, segment): with what must be there alone, and with all that can."""
    for (cn, edition, way), (needs, may, items, _) in sorted(hj212_decoder.CONTENTS.items()):
        for also in ((), sorted(may)) if may else ((),):
            plain = [f"{NAMES[field]}={VALUES[field]}" for field in sorted(needs) + list(also)]
            both = cn in (1014, 3011) and len(plain) == 2  # which 2025 joins by a comma
            groups = [",".join(sorted(plain, key=lambda field: field.startswith(("New", "Cal"))))] if both else plain
            groups += itertools.chain.from_iterable(ITEMS[family] for family in sorted(items))
            yield f"{cn} {edition} {way}", way.lower(), joined(edition, cn, groups)


DATA = joined("2017", 2011, [f"DataTime={TIME}", *ITEMS["MOMENT"]])
HOUR = joined("2017", 2061, [f"DataTime={TIME}", *ITEMS["PERIOD"]])
NEW = joined("2025", 2011, [f"DataTime={TIME}", *ITEMS["MOMENT"]])
STATES = joined("2017", 2021, [f"DataTime={TIME}", *ITEMS["STATE"]])
SUM = joined("2017", 2011, [f"DataTime={TIME}"] + [f"{code}-Rtd={value},{code}-Flag=N" for code, value in (
    ("a21002", 163), ("a21003", 100), ("a21004", 10))])
SET = joined("2017", 1000, ["OverTime=5", "ReCount=3"])
ANSWER = joined("2017", 9011, ["QnRtn=1"])


# rule, the whole frame's segment, what in it, becomes what, and the rules that then cannot but be broken too
BROKEN = [
    ("st-missing", DATA, "ST=31;", ""), ("cn-missing", DATA, "CN=2011;", ""), ("mn-missing", DATA, f"MN={MN};", ""),
    ("cp-missing", DATA, DATA[DATA.index("CP="):], ""), ("mn-empty", DATA, MN, ""),
    ("qn-missing", DATA, "QN=20260101000000001;", ""), ("pw-missing", DATA, "PW=123456;", ""),
    ("flag-missing", DATA, "Flag=4;", ""), ("qn-form", DATA, "QN=20260101", "QN=20261301"),
    ("st-form", DATA, "ST=31", "ST=3"), ("cn-form", DATA, "CN=2011", "CN=20x1"), ("flag-form", NEW, "Flag=8", "Flag=256"),
    ("mn-length", DATA, MN, MN[1:]), ("pw-length", DATA, "PW=123456", "PW=12345"), ("rf-form", NEW, "Flag=8;", "Flag=8;RF=0;"),
    ("field-unknown", DATA, "Flag=4;", "Flag=4;XX=1;"), ("field-repeated", DATA, "Flag=4;", "Flag=4;ST=31;"),
    ("field-order", DATA, "ST=31;CN=2011;", "CN=2011;ST=31;"), ("name-case", DATA, "Flag=4", "flag=4"),
    ("stray-space", DATA, "ST=31", "ST= 31"), ("separator", DATA, ";a34013-Rtd", ",a34013-Rtd"),
    ("cp-ampersand", DATA, "CP=&&", "CP=&"), ("after-cp", DATA, "a34013-Flag=D&&", "a34013-Flag=D&&x"),
    ("pnum-flag", DATA, "Flag=4;", "Flag=4;PNUM=2;PNO=1;"), ("packet-digits", NEW, "Flag=8;", "Flag=10;PNUM=12;PNO=1;"),
    ("cn-unknown", DATA, "CN=2011", "CN=2063"), ("cn-edition", DATA, "CN=2011", "CN=2052"),
    ("direction", DATA, "CN=2011", "CN=1012"),
    ("st-unknown", DATA, "ST=31", "ST=42"), ("st-edition", DATA, "ST=31", "ST=44"),
    ("datatime-missing", DATA, f"DataTime={TIME};", ""), ("datatime-impossible", DATA, TIME + ";", "20260230000000;"),
    ("datatime-digits", DATA, TIME + ";", TIME + "123;"), ("period-alignment", HOUR, TIME + ";", "20260101003000;"),
    ("value-not-number", DATA, "=18.5", "=1E3"), ("value-empty", DATA, "=18.5", "="),
    ("value-sentinel", DATA, "=18.5", "=9999.99"), ("value-width", DATA, "=18.5", "=18.51234"),
    ("value-range", STATES, "SB1-RS=1", "SB1-RS=9"),
    ("factor-unknown", DATA, "a34013-Rtd=3,a34013-Flag", "a99999-Rtd=3,a99999-Flag"),
    ("sum-of-parts", SUM, "a21002-Rtd=163", "a21002-Rtd=200"), ("resend-fresh", NEW, "Flag=8;", "Flag=8;RF=1;"),
    ("suffix-unknown", DATA, "a34013-Rtd", "a34013-Foo"),
    ("data-flag-missing", DATA, ",a34013-Flag=D", ""), ("data-flag-unknown", DATA, "-Flag=D", "-Flag=Q"),
    ("data-flag-unknown", DATA, "-Flag=D", "-Flag=\0"),
    ("flag-alone", DATA, "a34013-Rtd=3,", ""), ("min-avg-max", HOUR, "a21026-Min=1.1", "a21026-Min=9.1"),
    ("item-repeated", DATA, "a34013-Rtd=3", "a34013-Rtd=3,a34013-Rtd=3"),
    ("cp-name-unknown", SET, "ReCount", "ReCounts", "cp-field-missing"), ("cp-field-missing", SET, ";ReCount=3", ""),
    ("cp-field-unexpected", SET, "ReCount=3", "ReCount=3;RtdInterval=30"), ("cp-value-form", SET, "OverTime=5", "OverTime=x"),
    ("cp-value-range", SET, "ReCount=3", "ReCount=0"), ("return-code-unknown", ANSWER, "QnRtn=1", "QnRtn=55"),
    ("items-missing", DATA, ";" + ";".join(ITEMS["MOMENT"]), ""), ("item-unexpected", DATA, "a34013-Rtd", "a34013-Avg"),
    ("segment-too-long", DATA, "a34013-Flag=D", "a34013-Flag=D;" + ";".join(f"e{n:05}-Rtd=1,e{n:05}-Flag=N" for n in range(10101, 10150))),
    ("too-many-items", DATA, "a34013-Flag=D", "a34013-Flag=D;" + ";".join(f"X{n}=1" for n in range(70)), "cp-name-unknown"),
    ("encrypted-no-key", NEW, "DataTime", "\x01\x02\x03", "crc"), ("text-encoding", DATA, "-Flag=D", "-Flag=\xff", "data-flag-unknown"),
]


def framed():
    """(rule, bytes): what breaks the frame around its segment."""
    frame = next(frame for n in range(999) if (frame := hj212.frame(DATA.replace("001;ST", f"{n:03};ST")))[-6:-2].isalnum()
                 and not frame[-6:-2].isdigit())
    crc = frame[-6:-2]
    return [("payload-empty", b""), ("frame-junk", b"junk"), ("frame-truncated", frame[:-3]),
            ("length-digits", frame[:2] + b"x" + frame[3:]), ("length-wrong", frame[:2] + b"0020" + frame[6:]),
            ("crc-wrong", frame[:-6] + (b"0000" if crc != b"0000" else b"0001") + b"\r\n"), ("line-end", frame[:-2]),
            ("crc-case", frame[:-6] + crc.lower() + b"\r\n")]


def main(folder, kind):
    """Seeds for the fuzz target `kind`: hj212_frame takes frames, hj212_fields their segments."""
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    segments = [segment for *_, segment in valid()] + [row[1].replace(*row[2:4]) for row in BROKEN]
    for number, segment in enumerate(segment.encode("latin-1") for segment in segments):
        data = segment if kind == "hj212_fields" else hj212.frame(segment)
        (pathlib.Path(folder) / f"own-{number:03}").write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
