"""HJ 212 frames and SenML packs, written from the standard's facts and not from hjhub's C."""
import datetime

CST = datetime.timezone(datetime.timedelta(hours=8))


def shifted(register):
    for _ in range(8):
        register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


SHIFTED = [shifted(byte) for byte in range(256)]


def crc(data):
    register = 0xFFFF
    for byte in data:
        register = SHIFTED[(register >> 8) ^ byte]
    return register


def frame(segment):
    data = segment.encode() if isinstance(segment, str) else segment
    return b"##%04d" % len(data) + data + b"%04X\r\n" % crc(data)


def now():
    return datetime.datetime.now(CST)


def data(mn, items, at=None, cn=2011, st=31, pw="123456", flag=5, field="Rtd", qn=None, marks=None):
    """A data frame; items: factor -> value; marks: factor -> data flag (N)."""
    at = at or now()
    stamp = at.strftime("%Y%m%d%H%M%S")
    qn = qn or stamp + "%03d" % (at.microsecond // 1000)
    cp = ";".join(f"{k}-{field}={v},{k}-Flag={(marks or {}).get(k, 'N')}" for k, v in items.items())
    return frame(f"QN={qn};ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&DataTime={stamp};{cp}&&")


def pack(mn, items, at=None, qn=None):
    """A SenML pack in CBOR."""
    import cbor2
    at = at or now()
    qn = qn or at.strftime("%Y%m%d%H%M%S") + "%03d" % (at.microsecond // 1000)
    records = [{-2: f"{mn}/", -3: at.timestamp(), 0: "QN", 3: qn}]
    records += [{0: f"{name}-Rtd", 2: value} for name, value in items.items()]
    return cbor2.dumps(records)
