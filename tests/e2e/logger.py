"""A data logger that does what the host tells it, written from the standard's facts: HJ 212-2017 6.5."""
import re

import hj212
from servers import AREA, Device, wait_for
from live import CEMS, up


def field(frame, name):
    found = re.search(rf"(?:^|[;&,]){name}=([^;&,]*)", frame)
    return found[1] if found else ""


class Logger(Device):
    """script: CN -> what it answers to a request, in turn: "9011", "9012=1", "data" ...; others are obeyed."""

    def __init__(self, broker, mn=CEMS, script=None, flag=4, pw="123456"):
        self.mn, self.script, self.flag, self.pw = mn, script or {}, flag, pw
        self.requests = []
        super().__init__(broker, f"logger-{mn}", (f"ems/v1/{AREA}/{mn}/down/hj212",))
        self.client.on_message = lambda c, u, m: self.hear(m)

    def send(self, cn, cp, qn=None, st=31, flag=None):
        at = hj212.now()
        qn = qn or at.strftime("%Y%m%d%H%M%S") + "%03d" % (at.microsecond // 1000)
        self.publish(up(self.mn), hj212.frame(
            f"QN={qn};ST={st};CN={cn};PW={self.pw};MN={self.mn};Flag={flag or self.flag};CP=&&{cp}&&"))

    def speak(self):
        """It is heard of: from then on its ST and edition are known."""
        self.publish(up(self.mn), hj212.data(self.mn, {"a21002": 12.5}, flag=self.flag | 1))

    def hear(self, message):
        self.got.append(message)
        for frame in re.findall(rb"##\d{4}(.*?)[0-9A-F]{4}\r\n", message.payload, re.S):
            text = frame.decode()
            if field(text, "CN") not in ("9013", "9014"):
                self.requests.append(text)
                self.obey(text)

    def obey(self, request):
        cn, qn = field(request, "CN"), field(request, "QN")
        for step in self.script.get(int(cn), ["9013"] if cn in ("2012", "2022") else ["9011=1", "9012=1"]):
            kind, _, code = step.partition("=")
            if kind == "9011":
                self.send(9011, f"QnRtn={code}", qn, st=91)
            elif kind == "9012":
                self.send(9012, f"ExeRtn={code}", qn, st=91)
            elif kind == "9013":
                self.send(9013, "", qn, st=91)
            elif kind == "data":
                self.send(int(cn), code, None if cn[0] == "2" else qn)


def heard(hub, make_one):
    """What a fixture yields: make(...) makes a logger that has been heard of; at the end all are closed."""
    made = []

    def make(*arguments, **options):
        made.append(make_one(*arguments, **options))
        made[-1].speak()
        wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}'))
        return made[-1]

    yield make
    for device in made:
        device.close()


def wait_for_requests(logger, count, seconds=30):
    wait_for(lambda: len(logger.requests) >= count, seconds)
    return logger.requests
