"""Plants whose devices publish at a set rate and resend until they are answered, as real loggers do, and
an officer who acknowledges and closes their alarms. MQTT 3.1.1 on one plain socket, so that what was
attempted, acknowledged (PUBACK) and answered is known message by message, whatever is killed meanwhile."""
import collections
import datetime
import json
import pathlib
import re
import select
import socket
import struct
import threading
import time

import hj212
from servers import AREA

STEP = datetime.timedelta(seconds=10)  # between two reports of a device, in its own time
CYCLE, OPENED, SHUT = 60, 15, 30       # reports: the bypass is open from the 15th to the 29th of each 60
REPEATS = 3                            # HJ 212-2017 table 1: how often a report is sent again
HEAD = {"area": "area,name,name_en", "enterprises": "enterprise,name,name_en,town",
        "outlets": "outlet,name,name_en,source_class,enterprise,o2_reference",
        "devices": "mn,name,name_en,kind,enterprise,outlet,format,edition,interval_s,pw,verdict",
        "equipment": "equipment,name,name_en,kind,enterprise,outlet",
        "signals": "mn,factor,field,cn,equipment,quantity,unit,rated,idle,normal,range_max",
        "linkages": "linkage,name,name_en,enterprise,outlet,role,equipment,mode",
        "limits": "outlet,factor,averaging,value,unit,standard,tier"}
PLANT = {
    "enterprises": "E{0},厂{0},plant {0},", "outlets": "O{0},烟囱{0},stack {0},foundry,E{0},",
    "devices": "CEMS{0:020},在线{0},CEMS {0},cems,E{0},O{0},hj212,2017,10,123456,\n"
               "BYPA{0:020},旁路{0},bypass {0},bypass,E{0},O{0},hj212,2017,10,123456,\n"
               "METER-{0},电表{0},meter {0},electricity,E{0},,senml,,10,,always",
    "equipment": "F{0},炉{0},furnace {0},production,E{0},O{0}\nT{0},除尘{0},filter {0},treatment,E{0},O{0}\n"
                 "B{0},旁路{0},bypass {0},bypass,E{0},O{0}",
    "signals": "CEMS{0:020},a34013,Rtd,2011,,pm,mg/m3,,,,100\nBYPA{0:020},e10101,Rtd,2011,B{0},opening,%,,,,\n"
               "METER-{0},d20101,Rtd,,F{0},power,kW,500,20,400,\nMETER-{0},d30101,Rtd,,T{0},power,kW,75,2,60,",
    "linkages": "L{0},联动{0},linkage {0},E{0},O{0},production,F{0},any\nL{0},,,E{0},O{0},treatment,T{0},all\n"
                "L{0},,,E{0},O{0},bypass,B{0},any",
    "limits": ""}


def write_registry(folder, plants):
    """The tables of so many plants, each with a CEMS, a bypass monitor and a meter."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for table, head in HEAD.items():
        rows = [f"{AREA},高平市,Gaoping"] if table == "area" else [
            PLANT[table].format(plant) for plant in range(1, plants + 1)]
        (folder / f"{table}.csv").write_text("\n".join(filter(None, [head, *rows])) + "\n")
    return folder


class Sent:
    """One message, and what became of it."""
    __slots__ = ("key", "mn", "topic", "payload", "order", "at", "repeats", "acknowledged", "answered")

    def __init__(self, key, mn, topic, payload, order):
        self.key, self.mn, self.topic, self.payload, self.order = key, mn, topic, payload, order
        self.at, self.repeats, self.acknowledged, self.answered = 0.0, 0, False, False


def reports(plants, begin):
    """Every device's reports, in the order of their time: (key, mn, topic ending, payload)."""
    at, step = begin, 0
    while True:
        is_open = OPENED <= step % CYCLE < SHUT
        qn = at.strftime("%Y%m%d%H%M%S000")
        for plant in range(1, plants + 1):
            meter, bypass, cems = f"METER-{plant}", f"BYPA{plant:020}", f"CEMS{plant:020}"
            yield meter + qn, meter, "senml", hj212.pack(meter, {"d20101": 400, "d30101": 60}, at, qn)
            yield bypass + qn, bypass, "hj212", hj212.data(bypass, {"e10101": 40 if is_open else 0}, at, qn=qn)
            yield cems + qn, cems, "hj212", hj212.data(cems, {"a34013": step % 50 + 0.5}, at, qn=qn)
        at, step = at + STEP, step + 1


class Fleet(threading.Thread):
    """Publishes from start() until end(); then only waits for what is not answered."""

    def __init__(self, port, plants, rate, resend_s, begin):
        super().__init__(daemon=True)
        self.port, self.rate, self.resend_s = port, rate, resend_s
        self.reports = reports(plants, begin)
        self.sent = {}                              # (topic, payload) -> Sent
        self.waiting = collections.OrderedDict()    # key -> Sent, the longest unanswered first
        self.events = collections.defaultdict(set)  # CloudEvents id -> payloads
        self.healths = []                           # what the hub says of itself
        self.resent = self.repeated_events = self.connects = 0
        self.publishing, self.on_duty, self.stopping = True, True, False
        self.line, self.inflight, self.packet, self.input, self.output = None, {}, 0, b"", bytearray()
        self.begun = self.lasted = 0.0

    # --- the thread ---

    def run(self):
        self.begun = time.monotonic()
        while not self.stopping:
            try:
                self.turn()
            except OSError:
                self.line = None
        if self.line:
            self.line.close()

    def turn(self):
        if self.line is None:
            self.connect()
        if self.publishing:
            self.produce()
        self.resend()
        reads, writes, _ = select.select([self.line], [self.line] if self.output else [], [], 0.005)
        if writes:
            del self.output[:self.line.send(self.output)]
        if reads:
            chunk = self.line.recv(1 << 18)
            if not chunk:
                raise ConnectionResetError
            self.take(chunk)

    def connect(self):
        """What was in flight is not known to have arrived: it waits for its answer and is sent again."""
        while not self.stopping:
            try:
                self.line = socket.create_connection(("127.0.0.1", self.port), 2)
                break
            except OSError:
                self.produce() if self.publishing else None
                time.sleep(0.02)
        else:
            raise ConnectionResetError
        self.line.setblocking(False)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.inflight, self.input, self.output = {}, b"", bytearray()
        self.connects += 1
        name = b"fleet"
        self.put(0x10, b"\0\x04MQTT\x04\x02\0\0" + struct.pack(">H", len(name)) + name)
        topics = (b"ems/v1/+/+/down/hj212", b"ems/v1/+/+/down/verdict", b"ems/v1/+/alarm/event",
                  b"ems/v1/+/alarm/cmd/fleet/result", b"ems/v1/+/hub/health")
        self.put(0x82, b"\0\x01" + b"".join(struct.pack(">H", len(t)) + t + b"\x01" for t in topics))
        for sent in self.waiting.values():
            self.publish(sent)

    # --- sending ---

    def produce(self):
        due = int((time.monotonic() - self.begun) * self.rate) - len(self.sent)
        for _ in range(min(due, 500)):
            key, mn, kind, payload = next(self.reports)
            self.send(key, mn, f"ems/v1/{AREA}/{mn}/up/{kind}", payload)
        self.lasted = time.monotonic() - self.begun

    def send(self, key, mn, topic, payload):
        sent = Sent(key, mn, topic.encode(), payload, len(self.sent))
        self.sent[sent.topic, payload] = sent
        self.waiting[key] = sent
        self.publish(sent)

    def publish(self, sent):
        sent.at = time.monotonic()
        if self.line is None:
            return
        self.packet = self.packet % 65000 + 1
        while self.packet in self.inflight:
            self.packet = self.packet % 65000 + 1
        self.inflight[self.packet] = sent
        self.put(0x32, struct.pack(">H", len(sent.topic)) + sent.topic + struct.pack(">H", self.packet)
                 + sent.payload)

    def resend(self):
        """Three times while new reports come (more would be a storm of our own), then until all is answered."""
        now = time.monotonic()
        while self.waiting and now - next(iter(self.waiting.values())).at > self.resend_s:
            key, sent = self.waiting.popitem(last=False)
            self.waiting[key] = sent
            sent.at = now
            if sent.repeats < REPEATS or not self.publishing:
                sent.repeats += 1
                self.publish(sent)
                self.resent += 1

    def put(self, kind, body):
        size, head = len(body), bytearray([kind])
        while True:
            size, digit = divmod(size, 128)
            head.append(digit | (128 if size else 0))
            if not size:
                break
        self.output += head + body

    # --- receiving ---

    def take(self, chunk):
        self.input += chunk
        at = 0
        while True:
            size = shift = 0
            body = at + 1
            while body < len(self.input):
                digit = self.input[body]
                size |= (digit & 127) << shift
                body, shift = body + 1, shift + 7
                if not digit & 128:
                    break
            else:
                break
            if body + size > len(self.input):
                break
            self.packet_came(self.input[at], self.input[body:body + size])
            at = body + size
        self.input = self.input[at:]

    def packet_came(self, kind, body):
        if kind >> 4 == 4:
            sent = self.inflight.pop(struct.unpack(">H", body[:2])[0], None)
            if sent:
                sent.acknowledged = True
        elif kind >> 4 == 3:
            size = struct.unpack(">H", body[:2])[0]
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            if kind & 6:
                self.put(0x40, rest[:2])
                rest = rest[2:]
            self.message_came(topic, rest)

    def message_came(self, topic, payload):
        if topic.endswith("/alarm/event"):
            event = json.loads(payload)
            self.repeated_events += payload in self.events[event["id"]]
            self.events[event["id"]].add(payload)
            self.officer(event["data"])
        elif topic.endswith("/hub/health"):
            self.healths.append(json.loads(payload))
        elif topic.endswith("/result"):
            self.answered(json.loads(payload)["id"])
        else:
            mn = topic.split("/")[3]
            for qn in re.findall(rb'(?:QN=|"qn":")(\d{17})', payload):
                self.answered(mn + qn.decode())

    def answered(self, key):
        sent = self.waiting.pop(key, None)
        if sent:
            sent.answered = True

    def officer(self, alarm):
        """Acknowledges what is over and closes it with a finding: so the next one is another alarm. Off
        duty, nothing."""
        action = {"cleared-unack": "acknowledge", "cleared-ack": "close"}.get(alarm["to"])
        key = f"{alarm['alarm']}-{alarm['transition']}"
        topic = f"ems/v1/{AREA}/alarm/cmd/fleet"
        command = json.dumps({"id": key, "action": action, "alarm": alarm["alarm"], "finding": "closed-with-advice"})
        if action and self.on_duty and (topic.encode(), command.encode()) not in self.sent:
            self.send(key, None, topic, command.encode())
