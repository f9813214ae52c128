"""Payloads that nobody should send, and somebody will: reliability, the hub's hostile inputs. Each is bytes with a
name; frames are made by hj212.py. `PW` stands in most of them and must never be seen again."""
import struct

import hj212

MN, PW = "010000A8900016F000169DC1", "123456"
LONG = 1200


def header(qn):
    return [("QN", qn), ("ST", "31"), ("CN", "2011"), ("PW", PW), ("MN", MN), ("Flag", "5")]


def joined(fields, cp):
    return ";".join(f"{name}={value}" for name, value in fields) + f";CP={cp}"


def cp_of(qn, items=None):
    """Of each QN its own: the same data under another QN would be a duplicate."""
    return f"&&DataTime={qn[:14]};{items or f'e10101-Rtd=0.{qn[-3:]},e10101-Flag=N'}&&"


def fields(qn):
    """Every field missing, twice, empty, overlong, first, last, with a space, in small letters, NUL in it."""
    good = header(qn) + [("CP", cp_of(qn))]
    for index, (name, value) in enumerate(good):
        rest = good[:index] + good[index + 1:]
        for what, changed in {
                "missing": rest, "twice": good[:index] + [good[index]] * 2 + good[index + 1:],
                "empty": good[:index] + [(name, "")] + good[index + 1:],
                "overlong": good[:index] + [(name, "9" * LONG)] + good[index + 1:],
                "first": [good[index]] + rest, "last": rest + [good[index]],
                "space": good[:index] + [(name + " ", " " + value)] + good[index + 1:],
                "small": good[:index] + [(name.lower(), value)] + good[index + 1:],
                "nul": good[:index] + [(name, "\0" + value)] + good[index + 1:],
                "bare": good[:index] + [(value.replace(PW, "pw"), "")] + good[index + 1:]}.items():
            yield f"{name}-{what}", hj212.frame(";".join(f"{n}={v}" for n, v in changed))


def lengths(qn):
    whole = hj212.frame(joined(header(qn), cp_of(qn)))
    size = int(whole[2:6])
    for length in (b"%04d" % (size - 1), b"%04d" % (size + 1), b"0000", b"9999", b"ABCD", b"-001", b" 123", b"+123",
                   b"\0\0\0\0", b"12"):
        yield f"length-{length!r}", b"##" + length + whole[6:]
    for crc in (whole[-6:-2].lower(), b"0000", b"ZZZZ", b"", b"\xff\xff\xff\xff"):
        yield f"crc-{crc!r}", whole[:-6] + crc + b"\r\n"
    for cut in (1, 2, 5, 6, 7, len(whole) // 2, len(whole) - 7, len(whole) - 3):
        yield f"cut-{cut}", whole[:cut]
    spaced = joined(header(qn), cp_of(qn)).replace("PW=", "pw  = ")
    yield "spaced-crc", hj212.frame(spaced)[:-6] + b"0000\r\n"
    yield "marks", b"#" * 60000
    yield "zeros", b"\0" * 60000
    yield "high", bytes(range(128, 256)) * 400
    yield "many-heads", b"##0001" * 10000
    yield "many-frames", hj212.frame("ST=31") * 2500
    yield "no-end", whole[:-2] + whole
    yield "empty", b""


def contents(qn):
    for what, cp in {
            "no-marks": "DataTime=1", "nested": "&&&&DataTime=1&&&&", "half": "&&DataTime=1", "none": "",
            "deep": "&&" * 2000, "semicolons": "&&" + ";" * 3000 + "&&", "commas": "&&" + "," * 3000 + "&&",
            "equals": "&&" + "=" * 3000 + "&&", "items": "&&" + ";".join(f"a{i}-Rtd={i}" for i in range(900)) + "&&",
            "same": "&&" + ";".join(["e10101-Rtd=1"] * 400) + "&&", "escape": "&&\x1b[31m<script>\u202e&&",
            "feb30": cp_of("20260230000000000"), "nines": cp_of("9" * 17), "noughts": cp_of("0" * 17),
            "1970": cp_of("19700101000000000"), "2099": cp_of("20990101000000000"),
            "leap": cp_of("20260101236060000")}.items():
        yield f"cp-{what}", hj212.frame(joined(header(qn), cp))
    for value in ("-0", "1e999", "-1e999", "NaN", "inf", "1" * 400, "0." + "0" * 400 + "1", "1,000", "0x10", "１２", "--1",
                  "1.2.3", ".", "-", "1e", "\0", "%s%n", "$(id)", "'; DROP", "\r\nFLUSHALL\r\n"):
        yield f"value-{value[:12]!r}", hj212.frame(joined(header(qn), cp_of(qn, f"e10101-Rtd={value},e10101-Flag=N")))
    for name in ("e10101", "-Rtd", "e10101-", "-", "e10101-Rtd-Rtd", "x" * 300 + "-Rtd", "\u202e-Rtd"):
        yield f"item-{name[:12]!r}", hj212.frame(joined(header(qn), cp_of(qn, f"{name}=1,{name}-Flag=N")))
    for flag in ("255", "256", "-1", "99999999999", "8", "9", "A"):
        yield f"flag-{flag}", hj212.frame(joined(header(qn)[:-1] + [("Flag", flag)], cp_of(qn)))
    for pnum, pno in ((3, 9), (1, 0), (0, 0), (99999, 1), (-1, -1), ("", "")):
        yield f"pnum-{pnum}-{pno}", hj212.frame(joined(
            header(qn)[:-1] + [("Flag", "7"), ("PNUM", pnum), ("PNO", pno)], cp_of(qn)))
    for trail in (b"\xb2\x40", b"\x81\x30\x81\x30", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
        segment = joined(header(qn), cp_of(qn, "e10101-Info=@@,e10101-Flag=N")).encode().replace(b"@@", trail)
        yield f"bytes-{trail.hex()}", hj212.frame(segment)
    for changed in ([("PW", "000000")], [("MN", "NOBODY")], [("MN", "010000A8900016F000169DC0")], [("CN", "9999")],
                    [("ST", "99")], [("MN", "../../etc")], [("MN", "a\r\nSET x y")]):
        yield f"header-{changed[0]!r}", hj212.frame(joined(
            [dict(changed).get(n) and (n, dict(changed)[n]) or (n, v) for n, v in header(qn)], cp_of(qn)))


def frames(qns):
    """(name, payload) of all of them; qns: an iterator of QNs, a new one for each."""
    for make in (fields, lengths, contents):
        for index in range(sum(1 for _ in make("20260101000000000"))):
            yield list(make(next(qns)))[index]


def packs():
    """CBOR that is a bomb, a lie, or no SenML."""
    text = bytes([0x60])
    for what, data in {
            "array-bomb": "9a08000000", "array-2^64": "9bffffffffffffffff", "map-2^64": "bbffffffffffffffff",
            "text-2^31": "7a7fffffff", "bytes-2^63": "5b7fffffffffffffff", "text-2^64": "7bffffffffffffffff",
            "indefinite": "9fbf", "break": "ff", "reserved": "1c", "nan": "81a2006178 02f97e00",
            "inf": "81a200617802f97c00", "twice": "81a2006178006179", "trailing": "8000", "utf8": "81a1 00 62 c328",
            "surrogate": "81a10063eda080", "empty": "80", "no-map": "8101", "text-for-number": "81a20061780261 78",
            "time": "81a3216178 06fb7e37e43c8800759c 0201", "decimal": "81a2 006178 02 c4 82 1b7fffffffffffffff 01",
            "bignum": "81a20061780 2c2 5820" + "ff" * 32}.items():
        yield what, bytes.fromhex(data.replace(" ", ""))
    yield "deep", b"\x81" * 60000
    yield "deep-maps", b"\xa1\x00" * 30000
    yield "deep-tags", b"\xc1" * 60000
    yield "wide", b"\x99\xea\x60" + b"\x00" * 60000
    yield "long-text", b"\x81\xa1\x00\x79\xe0\x00" + b"a" * 0xe000
    yield "keys", b"\x81\xb9\x40\x00" + b"".join(struct.pack(">Bh", 0x39, i) + text for i in range(0x3000))


def topics(area):
    """Topics that the hub's subscriptions match and nobody should use."""
    base = f"ems/v1/{area}"
    return [f"{base}//up/hj212", f"{base}/ /up/hj212", f"{base}/{'x' * 300}/up/hj212", f"{base}/a/up/",
            f"{base}/a/up/hj212/", f"{base}/a/up//hj212", f"{base}/\u202e/up/hj212", f"{base}/../up/hj212",
            f"{base}/a/up/nothing", f"{base}/new//up/hj212", f"{base}/alarm/cmd/", f"{base}/alarm/cmd/ ",
            f"{base}/device/cmd/x", f"{base}/{'x' * 64}/up/senml", f"{base}/{'x' * 65}/up/senml"]


def commands():
    """What an officer's client should not send."""
    return [b"", b"{", b"[]", b"null", b"{}", b'{"id":1}', b"[" * 60000, b'{"a":' * 10000, b'{"id":"' + b"x" * 60000 + b'"}',
            b'{"id":"a","id":"b"}', b'{"id":"\xff\xfe"}', b'{"id":"\\u0000"}', b'{"id":"\\ud800"}', b"\0" * 1000,
            b'{"id":"x","action":"close","alarm":"' + b"0" * 32 + b'","finding":"' + b"\\n" * 20000 + b'"}',
            b'{"id":"y","action":"acknowledge","alarm":"' + b"f" * 32 + b'","transition":1e999}']
