"""HJ 212 frames and SenML packs, written from the standard's facts and not from hjhub's C."""
import ctypes
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


CRYPTO = ctypes.CDLL("libcrypto.so.3")
for function in ("EVP_sm4_ecb", "EVP_CIPHER_CTX_new"):
    getattr(CRYPTO, function).restype = ctypes.c_void_p


def sm4(data, key, encrypt):
    """SM4-ECB of full blocks, without padding."""
    context, out, size = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new()), ctypes.create_string_buffer(len(data) + 16), ctypes.c_int()
    assert CRYPTO.EVP_CipherInit_ex(context, ctypes.c_void_p(CRYPTO.EVP_sm4_ecb()), None, key, None, int(encrypt))
    CRYPTO.EVP_CIPHER_CTX_set_padding(context, 0)
    assert CRYPTO.EVP_CipherUpdate(context, out, ctypes.byref(size), data, len(data)) and size.value == len(data)
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return out.raw[:len(data)]


def sealed(segment, key, printed=False):
    """The frame of a segment with the full blocks of its CP encrypted by SM4-ECB: length and CRC are the plaintext's."""
    plain = frame(segment)
    at = plain.index(b"CP=&&") + 5
    size = (len(plain) - 8 - at) // 16 * 16
    cipher = sm4(plain[at:at + size], key.encode(), True)
    if printed and cipher:
        cipher = b"{" + b",".join(b"0x%02X" % byte for byte in cipher) + b"}"
    return plain[:at] + cipher + plain[at + size:]


def opened(data, key):
    """The segment of an encrypted frame; None: it is none under this key, for the CRC does not hold."""
    at = data.index(b"CP=&&") + 5
    size = (len(data) - 8 - at) // 16 * 16
    segment = data[6:at] + sm4(data[at:at + size], key.encode(), False) + data[at + size:-6]
    return segment.decode() if data[-6:-2] == b"%04X" % crc(segment) else None


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
