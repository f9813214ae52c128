"""A second decoder of HJ 212, written from the standard's facts and not from hjhub's C: what `hjhub check` says is
held against it, field by field. It shares with the C the rows of schemas/*.def, which are data. Plain and slow."""
import datetime
import re

import hj212
from servers import ROOT

CST = datetime.timezone(datetime.timedelta(hours=8))
CRC_KINDS = ("standard", "modbus", "modbus-swapped")
FIELDS = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
INFINITE = float("inf")
PLAIN_MAX, READINGS_MAX, APART_MAX = 64, 1024, 32  # the hub's limits
HISTORY = (2051, 2061, 2031, 2041)


def rows(table, name, *columns):
    """The named columns of NAME("a", "b", ...) rows."""
    text = (ROOT / f"schemas/{table}.def").read_text(encoding="utf-8")
    for line in re.findall(rf"^{name}\((.*)\)$", text, re.M):
        cells = [cell.strip().strip("\"'") for cell in re.findall(r'\s*("[^"]*"|[^,]+)', line)]
        yield [cells[column] for column in columns]


RULES = {rule: what.lower() for rule, what in rows("rules", "RULE", 1, 2)}
COMMANDS = {int(cn): (way, editions) for cn, way, editions in rows("commands", "COMMAND_ROW", 0, 3, 4)}
FLAGS = {flag: dict(zip(("2005", "2017", "2025"), sure)) for flag, *sure in rows("data_flags", "DATA_FLAG", 0, 4, 5, 6)}
LETTER = {"": "7", "2005": "5", "2017": "7", "2025": "9"}


def by_name(table, name, *columns):
    """The rows of a name: [(editions, other columns...), ...]."""
    found = {}
    for key, *cells in rows(table, name, *columns):
        found.setdefault(key, []).append(cells)
    return found


def of_edition(found, edition):
    """Of the rows of one name that of the edition, else the first; None where there is no such name."""
    fitting = [row for row in found or [] if LETTER[edition] in row[0]]
    return (fitting or found or [None])[0]


def bits(cell):
    """F(A) | F(B) or I(A) | I(B): the names."""
    return set(re.findall(r"[FI]\((\w+)\)", cell))


HEADER = {name: (field, missing.removeprefix("RULE_").lower().replace("_", "-"),
                 form.removeprefix("RULE_").lower().replace("_", "-"))
          for field, name, missing, form in rows("header_fields", "HEADER_FIELD", 0, 1, 3, 4)}
FACTS = {(field, edition): (presence, int(least), int(most)) for field, edition, presence, least, most in
         rows("header_fields", "HEADER_FACT", 0, 1, 2, 3, 4)}
PERIODS = {int(cn): (kind, int(seconds)) for cn, kind, seconds in rows("periods", "PERIOD", 0, 1, 2)}
[[RESEND]] = [[int(seconds)] for [seconds] in rows("periods", "RESEND", 0)]
ROLES = {role: (code.encode(), old.encode()) for role, code, old in rows("relations", "ROLE", 0, 1, 2)}
[[OXYGEN, *CONVERSION]] = rows("relations", "CONVERSION", 0, 1, 2, 3)
[[TOTAL, PART, WEIGHT, REST, *SUM]] = rows("relations", "SUM", 0, 1, 2, 3, 4, 5)
USABLE = {flag for flag, usable in rows("data_flags", "DATA_FLAG", 0, 3) if usable == "true"}
SYSTEMS = {int(st): dict(zip(("2005", "2017", "2025"), sure)) for st, *sure in
           rows("systems", "ST_ROW", 0, 3, 4, 5)}
CP_NAMES = {name.lower().encode(): (field, name.encode()) for field, name in rows("cp_fields", "CP_NAME", 0, 1)}
CP_FORMS = by_name("cp_fields", "CP_FIELD", 0, 1, 2, 3, 4, 5)
CONTENTS = {(int(cn), edition, way): [bits(cell) for cell in cells] for cn, edition, way, *cells in
            rows("cp_content", "CONTENT", 0, 1, 2, 3, 4, 5, 6)}
RETURN_CODES = {(field, int(code)): editions for field, code, editions in rows("return_codes", "RETURN_CODE", 0, 1, 2)}
FACTORS = by_name("factors", "FACTOR", 0, 1, 4, 5, 6, 7)
SUFFIXES = by_name("suffixes", "SUFFIX", 1, 2, 3, 4, 5, 6)
UNITS = {unit: (least, most) for unit, least, most in rows("factor_units", "FACTOR_UNIT", 0, 2, 3)}


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
        table.append(byte)
    return table


TABLE = crc_table()


def crc(kind, data):
    register = 0xFFFF
    if kind == "standard":
        for byte in data:
            register = TABLE[register >> 8 ^ byte]
        return register
    for byte in data:
        register = register >> 8 ^ TABLE[(register ^ byte) & 0xFF]
    return register if kind == "modbus" else (register & 0xFF) << 8 | register >> 8


PRINTED = re.compile(rb"\{0x[0-9A-Fa-f]{2}(?:,0[xX][0-9A-Fa-f]{2})*\}")


def printed_group(data, at=0):
    """The cipher that is printed as text behind the first CP=&&{0x, within what a header can take."""
    opening = data.find(b"CP=&&{0x", at)
    return PRINTED.match(data, opening + 5) if 0 <= opening < at + 160 - 5 else None


def printed_size(data, at, length):
    """How long a segment is whose cipher is printed as text; its length digits are those of the plaintext."""
    found = printed_group(data, at)
    if not found:
        return None
    count = found[0].count(b"x") + found[0].count(b"X")
    if count % 16 or found.start() - at + count > length:
        return None
    return length - count + len(found[0])


def frame_at(data, at):
    """(size, why not): a frame's length digits lead to four hex digits."""
    if data[at:at + 2] != b"##":
        return None, "frame-junk"
    if len(data) - at < 6:
        return None, "frame-truncated"
    if not re.fullmatch(rb"[0-9]{4}", data[at + 2:at + 6]):
        return None, "length-digits"
    length = int(data[at + 2:at + 6])
    if len(data) - at - 10 < length:
        return None, "frame-truncated"
    for size in (length, printed_size(data, at + 6, length)):
        if size is not None and re.fullmatch(rb"[0-9A-Fa-f]{4}", data[at + 6 + size:at + 10 + size]):
            return size, None
    return None, "length-wrong"


def whole_frame_at(data, at):
    length, why = frame_at(data, at)
    if length is None:
        return None, why
    segment, sent = data[at + 6:at + 6 + length], int(data[at + 6 + length:at + 10 + length], 16)
    for inner in range(at + 6, at + 10 + length):
        inner_length, _ = frame_at(data, inner)
        begins = inner_length is not None and re.match(rb"[A-Z]{2,}=", data[inner + 6:inner + 6 + inner_length])
        if begins and all(crc(kind, segment) != sent for kind in CRC_KINDS):
            return None, "frame-truncated"
    return length, None


def counts_characters(data):
    """Does the length count the characters of a segment that has others than ASCII?"""
    if not re.match(rb"##[0-9]{4}", data, re.S):
        return False
    # What continues no character is one by itself.
    starts = [at for at in range(6, len(data)) if at == 6 or data[at] & 0xC0 != 0x80] + [len(data)]
    segment = data[6:starts[min(int(data[2:6]), len(starts) - 1)]]
    return segment.endswith(b"&&") and any(byte >= 0x80 for byte in segment)


def text(data):
    return data.decode("utf-8", "replace")


def is_utf8(data):
    try:
        return bool(data.decode("utf-8")) or True
    except UnicodeDecodeError:
        return False


def is_text(data):
    try:
        return not re.search("[\0-\x1f\x7f]", data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def moment(digits):
    """14 or 17 digits as a time, or None."""
    if not re.fullmatch(rb"[0-9]{14}([0-9]{3})?", digits):
        return None
    parts = [int(digits[a:b] or b"0") for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14), (14, 17))]
    if not 1970 <= parts[0] < 2200:
        return None
    try:
        return datetime.datetime(*parts[:6], parts[6] * 1000, CST)
    except ValueError:
        return None


def number(digits, most):
    return int(digits) if re.fullmatch(rb"[0-9]+", digits) and int(digits) <= most else -1


def near(value, wanted, share, least):
    return abs(value - wanted) <= max(abs(wanted) * float(share), float(least))


class Reading:
    def __init__(self, factor, field, sent):
        self.factor, self.field, self.sent = factor, field, sent
        self.flag, self.value, self.letters, self.broken = None, None, False, set()


class Message:
    def __init__(self, offset):
        self.offset, self.size, self.edition = offset, 0, ""
        self.broken, self.header, self.cp, self.readings = set(), {}, {}, []
        self.segment, self.data_time, self.device = b"", None, {}
        self.verdict = None

    def mark(self, rule, broken=True):
        if broken:
            self.broken.add(rule)

    def get(self, name):
        return self.header.get(name, b"")

    def trim(self, data):
        self.mark("stray-space", data != data.strip(b" "))
        return data.strip(b" ")

    # --- the header ---

    def read_header(self):
        segment, self.cp_text = self.segment, None
        for found in re.finditer(rb"(?i:cp)=", segment):
            at, behind = found.start(), segment[found.end():]
            at_field = at == 0 or segment[at - 1:at] == b";"
            if at_field or behind.startswith(b"&"):
                self.mark("name-case", found[0] != b"CP=")
                self.mark("separator", not at_field)
                segment, self.cp_text = segment[:at], behind
                break
        self.mark("separator", b"," in segment)
        pieces, last = re.split(rb"[;,]", segment), -1
        for piece in pieces[:-1] if pieces[-1] == b"" else pieces:
            last = self.read_field(piece, last)

    def read_field(self, piece, last):
        piece = self.trim(piece)
        name, equals, value = piece.partition(b"=")
        self.mark("separator", equals == b"")
        if piece == b"":
            return last
        name, value = text(self.trim(name)), self.trim(value)
        if name not in FIELDS:
            same = [field for field in FIELDS if field.lower() == name.lower()]
            if not same:
                self.mark("field-unknown")
                return last
            self.mark("name-case")
            name = same[0]
        if name in self.header:
            self.mark("field-repeated")
            return last
        self.mark("field-order", FIELDS.index(name) < last)
        self.header[name] = value
        return FIELDS.index(name)

    def settle_edition(self, profile):
        mn, flag = self.get("MN"), number(self.get("Flag"), 255)
        national = re.fullmatch(rb"[0-9A-F]{24}", mn) is not None
        if profile:
            self.edition = profile
        elif flag < 0:
            self.edition = "2017" if national else "2005"
        elif flag >> 2 == 2:
            self.edition = "2025" if national or mn == b"" else "2017"
        else:
            self.edition = {0: "2005", 1: "2017"}.get(flag >> 2, "")

    # --- CP ---

    def read_cp(self):
        cp = self.cp_text
        opening = 2 if cp.startswith(b"&&") else 1 if cp.startswith(b"&") else 0
        inner = cp[opening:]
        end = inner.rfind(b"&&")
        self.mark("cp-ampersand", opening != 2 or end < 0)
        if end >= 0:
            self.mark("after-cp", end + 2 < len(inner))
            inner = inner[:end]
        elif inner.endswith(b"&"):
            inner = inner[:-1]
        if inner.strip(b" ") == b"":
            self.mark("stray-space", inner != b"")
            return
        self.before, self.last_flag, self.alone, self.looks = None, (None, b""), [], 0
        items = re.findall(rb"((?:=//.*?//(?=[;,]|\Z)|[^;,])*)([;,]|\Z)", inner, re.S)
        separator = b""
        for item, following in items[:-1] if items[-1] == (b"", b"") and len(items) > 1 else items:
            self.read_item(separator, item)
            separator = following
        self.mark("separator", separator != b"")
        for factor, flag in self.alone:
            self.mark("flag-alone", not self.flag_all(factor, flag))

    def read_item(self, separator, item):
        item = self.trim(item)
        if item == b"":
            self.mark("separator")
            return
        name, equals, value = item.partition(b"=")
        self.mark("separator", equals == b"")
        name, value = self.trim(name), self.trim(value)
        factor, hyphen, field = name.partition(b"-")
        factor = factor if hyphen else b""
        same = factor != b"" and factor == self.before
        joined = same or name in (b"CalibrationType", b"NewSK")
        self.mark("separator", separator == b"," and not joined or separator == b";" and same)
        self.before = factor
        if not hyphen:
            self.read_plain(name, value)
            return
        self.mark("name-case", b"a" <= field[:1] <= b"z")
        if field in (b"Flag", b"flag"):
            self.read_flag(factor, value)
        else:
            self.read_reading(factor, field, value)

    def read_plain(self, name, value):
        self.mark("name-case", name == b"datatime")
        name = b"DataTime" if name == b"datatime" else name
        known = name in self.cp if name != b"DataTime" else self.get("DataTime") != b""
        self.mark("item-repeated", known)
        if known:
            return
        if name == b"DataTime":
            self.header["DataTime"] = value
        elif len(self.cp) == PLAIN_MAX:
            self.mark("too-many-items")
        else:
            self.cp[name] = value

    def flag_all(self, factor, flag):
        found = [reading for reading in self.readings if reading.factor == factor]
        for reading in found:
            if not reading.flag:
                reading.flag = flag
            elif reading.flag is not flag:
                reading.broken.add("item-repeated")
        return found != []

    def read_flag(self, factor, value):
        flag = [value] if value else None  # a list: one flag is told from another of the same letter
        beside = flag is None
        for reading in reversed(self.readings):
            if reading.factor != factor or reading.flag or flag is None:
                break
            reading.flag, beside = flag, True
        self.last_flag = (factor, flag)
        if beside:
            return
        self.looks += 1
        if self.looks > APART_MAX:
            self.mark("too-many-items")
        elif not self.flag_all(factor, flag):
            self.alone.append((factor, flag))

    def read_reading(self, factor, field, value):
        if len(self.readings) == READINGS_MAX:
            self.mark("too-many-items")
            return
        reading = Reading(factor, field, value)
        if self.last_flag[0] == factor:
            reading.flag = self.last_flag[1]
        for before in reversed(self.readings):
            if before.factor != factor:
                break
            if before.field == field:
                reading.broken.add("item-repeated")
        self.readings.append(reading)
        self.judge_value(reading)

    def judge_value(self, reading):
        suffix = of_edition(SUFFIXES.get(text(reading.field)), self.edition)
        kind = suffix and suffix[1]
        form = of_edition(FACTORS.get(text(reading.factor)), self.edition)
        shaped = re.match(rb"SB|(?:[eg].|d[23]).{4}\Z", reading.factor, re.S)
        if form is None and not shaped:
            reading.broken.add("factor-unknown")
        sent = reading.sent.decode("latin-1")
        digits = re.fullmatch(r"[+-]?(?=\.?[0-9])([0-9]*)\.?([0-9]*)", sent)
        if kind is None:
            reading.broken.add("suffix-unknown")
            kind = "NUMBER" if digits else "TEXT"
        if kind == "TEXT":
            reading.letters = True
        elif sent == "":
            reading.broken.add("value-empty")
        elif digits is None:
            if kind == "NUMBER" and self.get("ST") and number(self.get("ST"), 99) == 45 and reading.field == b"Rtd":
                reading.letters = True
            else:
                reading.broken.add("value-not-number")
        elif kind == "INSTANT":
            reading.value = float(sent)
            if len(sent) != 14 or moment(reading.sent) is None:
                reading.broken.add("cp-value-form")
        else:
            self.judge_digits(reading, sent, max(len(digits[1].lstrip("0")), 1), len(digits[2]), form)
            measured = suffix and suffix[2] in ("MOMENT", "PERIOD") and form
            limits = UNITS[form[1]] if measured else suffix[3:5] if suffix else ("NO_LEAST", "NO_MOST")
            least, most = (-INFINITE if limits[0] == "NO_LEAST" else float(limits[0]),
                           INFINITE if limits[1] == "NO_MOST" else float(limits[1]))
            if reading.value is not None and not least <= reading.value <= most:
                reading.broken.add("value-range")

    def judge_digits(self, reading, sent, whole, behind, form):
        most = (int(form[3]), int(form[4])) if form and form[2] == "DIGITS" else None
        reach = UNITS[form[1]][1] if form else "NO_MOST"
        beyond = reach != "NO_MOST" and float(sent) > float(reach)
        full = most is not None and (most[0] >= 3 or beyond) and (whole, behind) == most
        if sent == "9999.99" or full and set(sent) <= set("9."):
            reading.broken.add("value-sentinel")
            return
        if most and reading.field != b"Cou" and (whole > most[0] or behind > most[1]):
            reading.broken.add("value-width")
        reading.value = float(sent)

    # --- judging ---

    def judge(self, direction):
        self.judge_header()
        self.judge_command(direction)
        self.judge_times()
        groups = {}
        for reading in self.readings:
            self.judge_spread(reading, groups)
            self.judge_flag(reading)
        self.judge_relations()
        if self.cp_text:
            self.judge_content(direction)
        for reading in self.readings:
            self.broken |= reading.broken

    def judge_header(self):
        old, cn = self.edition == "2005", number(self.get("CN"), 9999)
        for name, (field, missing, form) in HEADER.items():
            presence, least, most = FACTS[field, self.edition or "2017"]
            there, size = bool(self.get(name)) or name == "MN" and name in self.header, len(self.get(name))
            self.mark(missing, presence == "REQUIRED" and not there)
            self.mark(form, size > 0 and (presence == "ABSENT" or not least <= size <= most))
        empty_allowed = cn in (1001, 1002, 9011, 9012, 9013)
        self.mark("mn-empty", self.header.get("MN") == b"" and not empty_allowed)
        self.mark("qn-form", bool(self.get("QN")) and moment(self.get("QN")) is None)
        self.mark("cn-form", bool(self.get("CN")) and cn < 0)
        self.mark("flag-form", bool(self.get("Flag")) and number(self.get("Flag"), 255) < 0)
        self.mark("rf-form", self.get("RF") not in (b"", b"1"))
        system = number(self.get("ST"), 99) if len(self.get("ST")) == 2 else -1
        self.mark("st-unknown", system >= 0 and system not in SYSTEMS)
        self.mark("st-edition", system in SYSTEMS and not SYSTEMS[system][self.edition or "2017"])
        parts = bool(self.get("PNUM") or self.get("PNO"))
        says = number(self.get("Flag"), 255) & 2 != 0 and number(self.get("Flag"), 255) >= 0
        self.mark("pnum-flag", parts != says and not (old and says))
        pnum, pno = number(self.get("PNUM"), 9999), number(self.get("PNO"), 9999)
        self.mark("pnum-flag", parts and not 1 <= pno <= pnum)

    def judge_command(self, direction):
        cn = number(self.get("CN"), 9999)
        way, editions = COMMANDS.get(cn, (None, ""))
        self.mark("cn-unknown", cn >= 0 and way is None)
        self.mark("cn-edition", way is not None and LETTER[self.edition] not in editions)
        self.mark("direction", (direction, way) in (("up", "DOWN"), ("down", "UP")))

    # --- what a command's CP holds ---

    def families(self):
        """Of each reading: the family of its suffix."""
        found = [of_edition(SUFFIXES.get(text(reading.field)), self.edition) for reading in self.readings]
        return [row and row[2] for row in found]

    def judge_content(self, direction):
        fields = {self.judge_plain(name, value) for name, value in self.cp.items()} - {None}
        fields |= {"DATA_TIME"} if self.get("DataTime") else set()
        families = self.families()
        faults = None
        for way in {"up": ["UP"], "down": ["DOWN"], None: ["UP", "DOWN"]}[direction]:
            row = CONTENTS.get((number(self.get("CN"), 9999), self.edition or "2017", way))
            if row is not None:
                found = self.content_faults(row, fields, families)
                faults = found if faults is None or found == (set(), []) else faults
        self.mark("datatime-missing", faults is None and self.carries and not self.get("DataTime"))
        broken, unexpected = faults or (set(), [])
        self.broken |= broken
        for reading in unexpected:
            reading.broken.add("item-unexpected")

    def content_faults(self, row, fields, families):
        needs, may, items, also = row
        broken = {"datatime-missing" if field == "DATA_TIME" else "cp-field-missing" for field in needs - fields}
        broken |= {"cp-field-unexpected" for field in fields - needs - may}
        broken |= {"items-missing"} if items and not items & set(families) else set()
        return broken, [reading for reading, family in zip(self.readings, families)
                        if family and family not in items | also]

    def judge_plain(self, name, value):
        """The field's id; what is odd in its value is marked."""
        field, name_there = CP_NAMES.get(name.lower(), (None, b""))
        self.mark("cp-name-unknown", field is None)
        self.mark("name-case", field is not None and name_there != name)
        if field is not None:
            _, kind, size, least, most = of_edition(CP_FORMS[field], self.edition)
            self.judge_form(field, kind, int(size), int(least), int(most), value)
        return field

    def judge_form(self, field, kind, size, least, most, value):
        value_number = number(value, 2**32 - 1)
        formed = {"TEXT": 0 < len(value) <= size, "EXACT": len(value) == size,
                  "WORD": re.fullmatch(rb"[0-9A-Za-z]{%d}" % size, value),
                  "INSTANT": len(value) == size and moment(value),
                  "CLOCK": re.fullmatch(rb"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]", value)}
        if not formed.get(kind, 0 < len(value) <= size and value_number >= 0):
            self.mark("cp-value-form")
        elif kind in ("NUMBER", "DIVISOR"):
            self.mark("cp-value-range", not least <= value_number <= most or kind == "DIVISOR" and 60 % value_number)
        elif kind == "CODE":
            known = RETURN_CODES.get((field, value_number), "")
            self.mark("return-code-unknown", LETTER[self.edition] not in known)

    def judge_times(self):
        cn, sent = number(self.get("CN"), 9999), self.get("DataTime")
        self.data_time = moment(sent)
        self.carries = 2000 <= cn < 3000 and self.readings != []
        if not sent:
            return
        self.mark("datatime-impossible", self.data_time is None)
        self.mark("datatime-digits", len(sent) == 17)
        if self.data_time:
            kind, length = PERIODS.get(cn, ("FIXED", 0))
            length = self.device.get("minute_interval", 1) * 60 if kind == "MINUTES" else length
            since = (self.data_time - datetime.datetime(1970, 1, 1, tzinfo=CST)).total_seconds()
            self.mark("period-alignment", length > 0 and since % length != 0)
            qn = moment(self.get("QN")) if len(self.get("QN")) == 17 else None
            soon = self.data_time + datetime.timedelta(seconds=length + RESEND)
            self.mark("resend-fresh", self.edition == "2025" and self.get("RF") == b"1" and qn is not None and qn < soon)

    def judge_spread(self, reading, groups):
        names = {b"Min": 0, b"Avg": 1, b"Max": 2, b"ZsMin": 10, b"ZsAvg": 11, b"ZsMax": 12}
        if reading.value is None or reading.field not in names:
            return
        if groups.get("factor") != reading.factor:
            groups.clear()
        groups.update({"factor": reading.factor, names[reading.field]: reading.value})
        for first in (0, 10):
            known = [groups[at] for at in (first, first + 1, first + 2) if at in groups]
            if known != sorted(known):
                reading.broken.add("min-avg-max")

    def judge_relations(self):
        """NOx against its parts, converted values against their oxygen: of moments, and of means."""
        for plain, converted in ((b"Rtd", b"ZsRtd"), (b"Avg", b"ZsAvg")):
            found = {}
            for role, codes in ROLES.items():
                fitting = [reading for reading in self.readings if reading.factor in codes and reading.factor
                           and reading.field == plain and reading.value is not None]
                if fitting and (not fitting[0].flag or text(fitting[0].flag[0]) in USABLE):
                    found[role] = fitting[0]
            if {TOTAL, PART, REST} <= set(found):
                wanted = float(WEIGHT) * found[PART].value + found[REST].value
                if not near(found[TOTAL].value, wanted, *SUM):
                    found[TOTAL].broken.add("sum-of-parts")
            reference, oxygen = self.device.get("o2_reference"), found.get(OXYGEN)
            if reference is not None and oxygen and oxygen.value < float(CONVERSION[2]):
                self.judge_converted(plain, converted, (21 - reference) / (21 - oxygen.value))

    def judge_converted(self, plain, converted, factor):
        measured = None
        for at, reading in enumerate(self.readings):
            if at and self.readings[at - 1].factor != reading.factor:
                measured = None
            if reading.value is None:
                continue
            if reading.field == plain:
                measured = reading if not reading.flag or text(reading.flag[0]) in USABLE else None
            elif reading.field == converted and measured and not near(
                    reading.value, measured.value * factor, *CONVERSION[:2]):
                reading.broken.add("conversion-wrong")

    def judge_flag(self, reading):
        if reading.flag:
            if not FLAGS.get(text(reading.flag[0]), {}).get(self.edition or "2017"):
                reading.broken.add("data-flag-unknown")
        elif not reading.letters and self.carries and not reading.factor.startswith((b"SB", b"L")) and (
                (of_edition(SUFFIXES.get(text(reading.field)), self.edition) or ["", "", ""])[2] != "ALARM"):
            reading.broken.add("data-flag-missing")

    def judge_origin(self, registry, at):
        mn = self.get("MN")
        if registry is not None and mn:
            device = registry.get(mn)
            self.mark("mn-unknown", device is None)
            self.mark("pw-wrong", device is not None and bool(device["pw"]) and self.get("PW") != device["pw"])
        if at is not None:
            ahead = at + datetime.timedelta(seconds=300)
            believed = not {"crc-wrong", "encrypted-no-key", "key-fits-not"} & self.broken and len(self.get("QN")) == 17
            qn = moment(self.get("QN")) if believed else None
            read = self.data_time is not None and self.data_time > ahead
            self.mark("time-ahead", read or qn is not None and qn.replace(microsecond=0) > ahead)

    def conclude(self):
        found = {RULES[rule] for rule in self.broken}
        self.verdict = "rejected" if "reject" in found else "quarantined" if "quarantine" in found else "accepted"

    def said(self):
        """As `hjhub check --json` says it."""
        out = {"verdict": self.verdict, "rules": listed(self.broken), "edition": self.edition}
        for name in ("ST", "CN", "MN", "QN", "Flag", "PNUM", "PNO", "RF", "DataTime"):
            if self.get(name) or (name == "MN" and name in self.header):
                out[name.lower()] = text(self.get(name))
        out["cp"] = {text(name): text(value) for name, value in self.cp.items()}
        out["items"] = []
        for reading in self.readings:
            item = {"factor": text(reading.factor), "field": text(reading.field)}
            item["text" if reading.value is None else "value"] = text(reading.sent)
            if reading.flag:
                item["flag"] = text(reading.flag[0])
            out["items"].append(dict(item, rules=listed(reading.broken)))
        return dict(out, offset=self.offset, size=self.size)


def listed(broken):
    return [{"id": rule, "consequence": what} for rule, what in RULES.items() if rule in broken]


def unsealed(message, keys, kind, sent, printed, at):
    """Does the CRC hold on what a key makes of the full blocks of CP? Then that is the segment."""
    segment, begin = message.segment, len(message.segment) - len(message.cp_text or b"") + 2
    if printed:
        group = printed_group(segment)
        digits = re.findall(rb"0[xX](..)", group[0])
        segment = segment[:group.start()] + bytes(int(pair, 16) for pair in digits) + segment[group.end():]
    blocks = (len(segment) - begin - 2) // 16 * 16
    if blocks <= 0 or segment[begin - 2:begin] != b"&&":
        return False
    for key, begins, ends in keys:
        plain = segment[:begin] + hj212.sm4(segment[begin:begin + blocks], key, False) + segment[begin + blocks:]
        if is_text(plain[begin - 2:]) and crc(kind, plain) == sent:
            message.segment, message.cp_text = plain, plain[begin - 2:]
            when = at or moment(message.get("QN"))
            message.mark("key-outside-validity", when is not None and not begins <= when < ends)
            message.mark("cipher-printed", printed)
            return True
    return False


def read_frame(message, length, data, how):
    at = message.offset
    message.segment, sent = data[at + 6:at + 6 + length], int(data[at + 6 + length:at + 10 + length], 16)
    declared = int(data[at + 2:at + 6])
    message.mark("segment-too-long", declared > 1024)
    message.read_header()
    profile = message.device = (how["registry"] or {}).get(message.get("MN"), {})
    message.settle_edition(profile.get("edition", ""))
    kind = how["crc"] or profile.get("crc", "standard")
    cn, cp = number(message.get("CN"), 9999), message.cp_text or b""
    secret = message.edition == "2025" and (2000 <= cn < 3000 or cn in (1014, 3020))
    block = cp[2:18] if cp.startswith(b"&&") and len(cp) >= 20 else b""
    sealed = secret and (declared != length or any(not 0x20 <= byte <= 0x7E for byte in block))
    keys = (how["keys"] or {}).get(message.get("MN"), [])
    plain = crc(kind, message.segment) == sent and declared == length and not sealed
    message.mark("plain-though-key", plain and secret and keys and len(cp) >= 20 and how["direction"] != "down")
    if plain or secret and unsealed(message, keys, kind, sent, declared != length, how["at"]):
        message.mark("cp-missing", not message.cp_text)
        if message.cp_text:
            message.read_cp()
        message.judge(how["direction"])
        message.mark("crc-dialect", kind != "standard")
        message.mark("crc-case", re.search(rb"[a-f]", data[at + 6 + length:at + 10 + length]))
        message.mark("text-encoding", not is_utf8(message.segment))
    else:
        if sealed or secret and (cp.startswith(b"&&{0x") or not is_text(cp)):
            message.mark("key-fits-not" if keys else "encrypted-no-key")
        else:
            message.mark("crc-wrong")
            for kind in CRC_KINDS:
                message.mark(f"crc-{kind}-fits", crc(kind, message.segment) == sent)
    message.judge_origin(how["registry"], how["at"])


class Past:
    """What was accepted before, without bounds."""

    def __init__(self):
        self.seen, self.newest, self.late = {}, {}, {}

    def judge(self, message):
        cn = number(message.get("CN"), 9999)
        sent = message.segment  # 2025: a resend differs by its RF=1 alone
        if message.edition == "2025":
            head, name, rest = sent.partition(b"CP=")
            sent = (head[:-5] if head.endswith(b"RF=1;") else head) + name + rest
        mn, history = message.get("MN"), cn in HISTORY
        name = message.get("QN") or message.get("DataTime")
        key = (mn, history, name and (message.get("ST"), message.get("CN"), message.get("PNO"), name))
        contents = self.seen.setdefault(key, [])
        newest = self.newest.get((mn, history))
        span = datetime.timedelta(days=7 if history else 1)
        if sent in [segment for _, segment in contents]:
            message.verdict = "duplicate"
        elif message.data_time and newest and message.data_time < newest - span:
            if sent in self.late.setdefault(key, []):
                message.verdict = "duplicate"
                return
            self.late[key].append(sent)
            message.mark("late")
        else:
            same_time = message.data_time in [time for time, _ in contents]
            message.mark("key-reused" if same_time else "qn-reused", name != b"" and contents != [])
            contents.append((message.data_time, sent))
            if message.data_time:
                self.newest[mn, history] = max(message.data_time, newest or message.data_time)


def decode(data, registry=None, direction=None, at=None, crc_kind=None, past=None, keys=None):
    """The objects that `hjhub check --json` must print of this payload."""
    how = {"registry": registry, "direction": direction, "at": at, "crc": crc_kind, "keys": keys}
    past, offset, out = past or Past(), 0, []
    while offset < len(data) or not out:
        message = Message(offset)
        length, why = whole_frame_at(data, offset) if data else (None, "payload-empty")
        if length is None:
            end = offset + 1
            while end < len(data) and whole_frame_at(data, end)[0] is None:
                end += 1
            message.size = min(end, len(data)) - offset
            message.mark(why)
        else:
            end = offset + 10 + length
            tail = re.compile(rb"(\r\n|\\r\\n)?[ \r\n]*").match(data, end)
            message.size = tail.end() - offset
            message.mark("line-end", tail[0] != b"\r\n")
            read_frame(message, length, data, how)
        if data and (length is None or "crc-wrong" in message.broken):
            own = data[offset:] if length is not None else data[offset:offset + message.size]
            message.mark("length-counts-characters", counts_characters(own))
        message.conclude()
        if message.verdict == "accepted":
            past.judge(message)
        out.append(message.said())
        offset += message.size
        if not data:
            break
    return out
