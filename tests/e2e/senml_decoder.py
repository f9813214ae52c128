"""A second decoder of SenML packs, written from RFC 8428, RFC 8949 and docs/senml.md and not from hjhub's C. It reads
CBOR itself, one head at a time, because a library would hide duplicate keys and forgive chunks."""
import math
import re
import struct
from decimal import Decimal

from hj212_decoder import FLAGS, RULES, listed

LABELS = {-6: "bs", -5: "bv", -4: "bu", -3: "bt", -2: "bn", -1: "bver", 0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb",
          5: "s", 6: "t", 7: "ut", 8: "vd"}
SIZE_MAX, ITEMS_MAX, DEPTH_MAX, EXTENSIONS_MAX, QN_MAX, READINGS_MAX = 65536, 16384, 8, 8, 64, 1024


class Refused(Exception):
    pass


class Number:
    """text: as it is said; value: a float, or None when it is no measurement; exact: a Decimal, or None."""

    def __init__(self, text="", value=None, exact=None):
        self.text, self.value, self.exact = text, value, exact


def plain(mantissa, exponent):
    """mantissa * 10^exponent in digits, as many behind the point as the exponent asks for."""
    sign, digits = "-" if mantissa < 0 else "", str(abs(mantissa))
    if exponent >= 0:
        return sign + digits + ("0" * exponent if mantissa else "")
    digits = digits.rjust(-exponent + 1, "0")
    return f"{sign}{digits[:exponent]}.{digits[exponent:]}"


def shortest(value):
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    number = Decimal(repr(value)).normalize()
    sign, digits, exponent = number.as_tuple()
    first = len(digits) + exponent - 1 if number else 0
    if -7 <= first <= 20:
        return ("-" if sign else "") + plain(abs(int(number.scaleb(-exponent))), exponent) if number else (
            "-0" if sign else "0")
    return re.sub(r"\.0(?=e)", "", repr(value))


def of_float(value):
    return Number(shortest(value), value if math.isfinite(value) else None)


def of_parts(mantissa, exponent):
    small = -2 ** 63 <= mantissa < 2 ** 63
    if -40 <= exponent < 40:
        text = plain(mantissa, exponent)
        return Number(text, float(text), Decimal((mantissa < 0, tuple(map(int, str(abs(mantissa)))), exponent))
                      if small and -9 <= exponent <= 9 else None)
    text = f"{mantissa}e{exponent}"
    value = float(text)
    return Number(text, value if math.isfinite(value) else None)


class Reader:
    def __init__(self, data):
        self.data, self.at, self.items, self.noted = data, 0, 0, set()

    def take(self, size):
        if size > len(self.data) - self.at:
            raise Refused("senml-cbor")
        self.at += size
        return self.data[self.at - size:self.at]

    def head(self):
        """(kind, argument): uint neg bytes text array map tag float bool null break; None: indefinite length."""
        self.items += 1
        if self.items > ITEMS_MAX:
            raise Refused("senml-limit")
        major, short = divmod(self.take(1)[0], 32)
        if major == 7:
            return self.simple(short)
        if 24 <= short <= 27:
            argument = int.from_bytes(self.take(1 << short - 24), "big")
        elif short == 31 and major in (2, 3):
            raise Refused("senml-form")  # RFC 8428 6: strings in one piece
        elif short < 24 or short == 31 and major in (4, 5):
            argument = short if short < 24 else None
        else:
            raise Refused("senml-cbor")
        kind = ("uint", "neg", "bytes", "text", "array", "map", "tag")[major]
        if kind in ("bytes", "text"):
            argument = self.take(argument)
        if kind == "text":
            try:
                argument = argument.decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("senml-utf8") from None
        return kind, -1 - argument if kind == "neg" else argument

    def simple(self, short):
        if short in (20, 21):
            return "bool", short == 21
        if short < 20 or short in (22, 23) or short == 24 and self.take(1)[0] >= 32:
            return "null", None
        if short in (25, 26, 27):
            form = {25: ">e", 26: ">f", 27: ">d"}[short]
            return "float", struct.unpack(form, self.take(struct.calcsize(form)))[0]
        if short == 31:
            return "break", None
        raise Refused("senml-cbor")

    def skip(self, kind, argument, depth=0):
        if kind == "break":
            raise Refused("senml-cbor")
        if kind == "tag":
            self.skip(*self.head(), depth)
        elif kind in ("array", "map") and argument != 0:
            if depth == DEPTH_MAX or (argument or 0) > ITEMS_MAX:
                raise Refused("senml-limit")
            count = None if argument is None else argument * (2 if kind == "map" else 1)
            done = 0
            while done != count:
                inner = self.head()
                if inner[0] == "break" and count is None and (kind == "array" or done % 2 == 0):
                    return
                self.skip(*inner, depth + 1)
                done += 1

    def string(self):
        kind, argument = self.head()
        if kind != "text":
            raise Refused("senml-form")
        return argument

    def number(self):
        kind, argument = self.head()
        if kind in ("uint", "neg"):
            return of_parts(argument, 0)
        if kind == "float":
            return of_float(argument)
        if kind == "tag" and argument == 4:
            return self.decimal()
        self.skip(kind, argument)
        return Number(argument if kind == "text" else "")

    def decimal(self):
        kind, count = self.head()
        if kind != "array" or count not in (2, None):
            self.skip(kind, count)
            return Number()
        parts = []
        for _ in range(2):
            parts.append(self.head())
            if parts[-1][0] not in ("uint", "neg"):
                self.skip(*parts[-1])
        if count is None and self.head()[0] != "break":
            raise Refused("senml-form")
        if any(kind not in ("uint", "neg") for kind, _ in parts):
            return Number()
        return of_parts(parts[1][1], parts[0][1])

    def record(self, count):
        record, extensions, done = {}, [], 0
        while done != count:
            kind, key = self.head()
            if kind == "break" and count is None:
                break
            if kind not in ("uint", "neg", "text"):
                raise Refused("senml-form")
            label = LABELS.get(key) if kind != "text" else None
            if label is None:
                if kind == "text" and key.endswith("_"):
                    raise Refused("senml-label")
                if key in extensions:
                    raise Refused("senml-duplicate-key")
                if len(extensions) == EXTENSIONS_MAX:
                    raise Refused("senml-limit")
                extensions.append(key)
                self.skip(*self.head())
            elif label in record:
                raise Refused("senml-duplicate-key")
            else:
                record[label] = self.field(label)
            done += 1
        if len({"v", "vs", "vb", "vd"} & set(record)) > 1:
            raise Refused("senml-form")
        return record

    def field(self, label):
        if label in ("bn", "n", "u", "bu", "vs"):
            return self.string()
        if label in ("bt", "bv", "v", "t"):
            number = self.number()
            if number.value is None and label != "v":
                self.noted.add("value-not-number" if label == "bv" else "senml-time")
            return number
        kind, argument = self.head()
        if label == "bver":
            if kind != "uint" or argument > 10:
                raise Refused("senml-label")
        elif label == "vb":
            if kind == "bool":
                return Number("1" if argument else "0", float(argument))
            self.skip(kind, argument)
            return Number()
        else:
            self.skip(kind, argument)
        return None

    def records(self):
        if len(self.data) > SIZE_MAX:
            raise Refused("senml-limit")
        kind, count = self.head()
        if kind != "array":
            raise Refused("senml-form")
        done = 0
        while done != count:
            kind, pairs = self.head()
            if kind == "break" and count is None:
                break
            if kind != "map":
                raise Refused("senml-form")
            yield self.record(pairs)
            done += 1


class Pack:
    def __init__(self, arrival):
        self.arrival, self.base, self.broken, self.readings = arrival, {}, set(), []
        self.mn, self.qn = None, ""

    def take(self, record):
        self.base.update({label: value for label, value in record.items() if label.startswith("b")})
        mn, slash, name = (self.base.get("bn", "") + record.get("n", "")).partition("/")
        mn, name = (mn, name) if slash else ("", mn)
        if not re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", mn) or self.mn not in (None, mn):
            raise Refused("senml-no-base")
        self.mn = mn
        valued = {"v", "vs", "vb"} & set(record)
        if not valued and (name == "" or "bv" not in self.base and {"s", "vd"} & set(record)):
            return
        if name == "QN":
            self.name(record)
            return
        factor, hyphen, field = name.partition("-")
        if not re.fullmatch(r"[0-9A-Za-z:./_-]*", name) or not factor or not field:
            self.broken.add("senml-name")
            return
        if len(self.readings) == READINGS_MAX:
            raise Refused("senml-limit")
        reading = {"factor": factor, "field": field, "broken": set(), "flag": None, "letters": False,
                   "unit": record.get("u") or self.base.get("bu", "")}
        reading["ms"] = self.time(record)
        if "vs" in record:
            reading.update(number=Number(record["vs"]), letters=True)
        else:
            reading["number"] = record["vb"] if "vb" in record else self.sum(record.get("v"))
            if reading["number"].value is None:
                there = valued or "bv" in self.base
                reading["broken"].add("value-not-number" if there else "value-empty")
        self.readings.append(reading)

    def sum(self, own):
        base = self.base.get("bv")
        if base is None or own is None:
            return base or own or Number()
        if base.value is None or own.value is None:
            return Number(own.text)
        if base.exact is not None and own.exact is not None:
            exponent = min(base.exact.as_tuple().exponent, own.exact.as_tuple().exponent)
            parts = [int(part.scaleb(-exponent)) for part in (base.exact, own.exact)]
            if all(-2 ** 63 <= part < 2 ** 63 for part in parts + [sum(parts)]):
                return of_parts(sum(parts), exponent)
        return of_float(base.value + own.value)

    def time(self, record):
        parts = [part for part in (self.base.get("bt"), record.get("t")) if part is not None]
        usable = all(part.value is not None for part in parts)
        seconds = sum((part.value for part in parts), 0.0) if usable else None
        if usable and seconds < 2 ** 28:
            if self.arrival is None:
                return 0
            seconds += self.arrival.timestamp()
        if not usable or not 0 <= seconds < 7258118400:
            self.broken.add("senml-time")
            return 0
        return int(seconds * 1000 + 0.5)

    def name(self, record):
        qn = record.get("vs", (record.get("v") or record.get("vb") or Number()).text)
        if len(qn.encode()) > QN_MAX:
            raise Refused("senml-limit")
        if qn == "":
            self.broken.add("senml-name")
        elif self.qn and qn != self.qn:
            self.broken.add("item-repeated")
        else:
            self.qn = qn

    def judge(self):
        flags = [reading for reading in self.readings if reading["letters"] and reading["field"] == "Flag"]
        self.readings = [reading for reading in self.readings if reading not in flags]
        for flag in flags:
            spoken_of = [r for r in self.readings if (r["factor"], r["ms"]) == (flag["factor"], flag["ms"])]
            letter = flag["number"].text
            if not spoken_of:
                self.broken.add("flag-alone")
            for reading in spoken_of:
                if reading["flag"] and reading["flag"] != letter:
                    reading["broken"].add("item-repeated")
                    continue
                reading["flag"] = letter
                if not FLAGS.get(letter, {}).get("2017"):  # SenML knows no edition
                    reading["broken"].add("data-flag-unknown")
        seen = set()
        for reading in self.readings:
            key = (reading["factor"], reading["field"], reading["ms"])
            if key in seen:
                reading["broken"].add("item-repeated")
            seen.add(key)
            self.broken |= reading["broken"]


def decode(data, arrival=None):
    """The object that `hjhub check --json --format senml` must print."""
    pack, reader = Pack(arrival), Reader(data)
    newest = 0
    try:
        if data == b"":
            raise Refused("payload-empty")
        for record in reader.records():
            pack.take(record)
        if reader.at != len(data):
            raise Refused("senml-cbor")
        if pack.mn is None:
            raise Refused("senml-no-base")
        pack.broken |= reader.noted
        newest = max([reading["ms"] for reading in pack.readings], default=0)
        pack.judge()
    except Refused as refused:
        pack.broken, pack.readings = {str(refused)}, []
    if arrival is not None and newest > arrival.timestamp() * 1000 + 300000:
        pack.broken.add("time-ahead")
    found = {RULES[rule] for rule in pack.broken}
    verdict = "rejected" if "reject" in found else "quarantined" if "quarantine" in found else "accepted"
    out = {"verdict": verdict, "rules": listed(pack.broken), "edition": ""}
    out.update({"mn": pack.mn} if pack.mn is not None else {})
    out.update({"qn": pack.qn} if pack.qn else {})
    if newest:
        import datetime
        moment_of = datetime.datetime.fromtimestamp(newest // 1000, datetime.timezone(datetime.timedelta(hours=8)))
        out["datatime"] = moment_of.strftime("%Y%m%d%H%M%S")
    out.update(cp={}, items=[])
    for reading in pack.readings:
        number = reading["number"]
        usable = number.value is not None and not reading["letters"]
        item = {"factor": reading["factor"], "field": reading["field"], "value" if usable else "text": number.text}
        if reading["flag"]:
            item["flag"] = reading["flag"]
        out["items"].append(dict(item, rules=listed(reading["broken"])))
    return dict(out, offset=0, size=len(data))
