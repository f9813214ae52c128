"""HJ 212 frames and SenML packs, written from the standard's facts and not from hjhub's C."""
import datetime
import subprocess

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


def sealed(segment, key):
    """The frame of a segment with the full blocks of its CP encrypted by SM4-ECB: length and CRC are the plaintext's."""
    plain, at = frame(segment), frame(segment).index(b"CP=&&") + 5
    size = (len(plain) - 8 - at) // 16 * 16
    cipher = subprocess.run(["openssl", "enc", "-sm4-ecb", "-nopad", "-K", key.encode().hex()],
                            input=plain[at:at + size], capture_output=True, check=True).stdout
    return plain[:at] + cipher + plain[at + size:]


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
