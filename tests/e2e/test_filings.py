"""What people tell the hub: plants by their topic, the bureau by its own and on the command line; what comes of it."""
import datetime
import json

import pytest

import hj212
from live import METER, open_bypass, said, transitions
from servers import AREA, wait_for
from story import Plant, brief, stamp
from test_asyncapi import fits

UP, DOWN = f"ems/v1/{AREA}/%s/up/filing", f"ems/v1/{AREA}/%s/down/filing"
ORDER = f"ems/v1/{AREA}/order/cmd/"


class Teller:
    def __init__(self, connect, name, topic, answers):
        self.client, self.to = connect(name, answers), topic
        self.answers = answers

    def tell(self, **told):
        retain = told.pop("retain", False)
        before = len(self.client.got)
        self.client.publish(self.to, json.dumps(told), retain=retain)
        wait_for(lambda: len(self.client.got) > before)
        answer = json.loads(self.client.got[-1].payload)
        fits("filingResult", self.client.got[-1].payload)
        return answer


@pytest.fixture
def plant(connect):
    return Teller(connect, METER, UP % METER, DOWN % METER)


@pytest.fixture
def officer(connect):
    return Teller(connect, "li", ORDER + "li", ORDER + "li/result")


def hours(count):
    return (hj212.now() + datetime.timedelta(hours=count)).isoformat()


def listed(hub, command="filing"):
    done = hub.command(command, "--config", hub.config, "--json", "list")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_filing__a_plants_word_lowers_its_alarm_and_no_other(hub, redis, plant, connect):
    answer = plant.tell(id="f-1", kind="emergency-discharge", to=hours(1), reason="布袋着火")
    assert (answer["result"], answer["by"], answer["filing"]["stands"]) == ("taken", "plant:E1", "in-force")
    assert answer["filing"]["enterprise"] == "E1" and answer["filing"]["reason"] == "布袋着火"
    device = connect("devices")
    open_bypass(device)
    raised = wait_for(lambda: [t for t in transitions(redis) if t["data"]["rule"] == "bypass-damper-open"])[0]
    assert raised["data"]["severity"] == "S2"
    # Taken back: what it lowered is looked at at once, before anything else comes.
    assert plant.tell(id="f-1", action="withdraw")["result"] == "withdrawn"
    wait_for(lambda: [t for t in transitions(redis)
                      if t["data"]["rule"] == "bypass-damper-open" and t["data"]["severity"] == "S1"])


def test_filing__who_may_tell_what(hub, plant, officer, connect):
    assert plant.tell(id="f-1", kind="halt")["result"] == "not-yours"
    assert plant.tell(id="f-1", kind="cleaned", equipment="FAN")["result"] == "not-of-plant"
    assert plant.tell(id="f-1", kind="repair", to=hours(1), retain=True)["result"] == "retained"
    enterprise = Teller(connect, "E2", UP % "E2", DOWN % "E2")
    assert enterprise.tell(id="f-1", kind="cleaned", equipment="PUR")["result"] == "taken"
    assert officer.tell(id="o-1", kind="limit", enterprise="E1", number=50)["result"] == "taken"
    assert officer.tell(id="o-1", kind="limit", enterprise="E1", number=60)["result"] == "superseded"
    assert officer.tell(id="o-1", kind="limit", enterprise="E1", number=60)["result"] == "repeated"
    assert officer.tell(id="f-1", action="withdraw", by="plant:E2")["result"] == "withdrawn"
    assert {(f["id"], f["by"], f["stands"]) for f in listed(hub)} == {
        ("f-1", "plant:E2", "withdrawn"), ("o-1", "li", "in-force")}
    assert [(f["kind"], f["number"], f["unit"]) for f in listed(hub, "order")] == [("limit", 60, "%")]


def test_filing__on_the_command_line(hub):
    def run(*words):
        return hub.command(words[0], "--config", hub.config, *words[1:])
    done = run("filing", "add", "repair", "equipment=F1", "id=r-1", "reason=bags", f"to={hours(2)}")
    assert (done.returncode, done.stderr) == (0, "") and "r-1  taken" in done.stdout
    done = run("order", "--json", "add", "emergency-red", f"area={AREA}", "id=red")
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["result"] == "taken" and told["by"].startswith("local:")
    assert "repair" in run("filing", "list").stdout and "repair" not in run("order", "list").stdout
    assert "in-force" in run("order", "list").stdout
    assert run("order", "withdraw", "red").returncode == 0
    again = run("order", "withdraw", "red")
    assert again.returncode == 1 and "no-such-filing" in again.stdout
    for words, complaint in ((("order", "add", "repair", "enterprise=E1"), "no kind 'repair'"),
                             (("filing", "add", "repairs", "enterprise=E1"), "did you mean 'repair'?"),
                             (("filing", "add", "repair", "whom=E1"), "'whom=E1' is not understood"),
                             (("order", "add", "limit", "enterprise=E1", "number=half"), "is not understood")):
        done = run(*words)
        assert (done.returncode, done.stdout) == (2, "") and complaint in done.stderr
    done = run("order", "add", "limit", "enterprise=E1")
    assert done.returncode == 1 and "bad-number" in done.stdout
    kinds = [json.loads(line) for line in hub.command("filing", "kinds", "--json").stdout.splitlines()]
    assert {"kind": "limit", "sort": "ordered", "teller": "bureau", "number": "needs", "unit": "%", "zh": "限产至",
            "en": "limited to a share of normal production"} in kinds


def test_filing__outlives_kills_and_is_replayed_to_the_byte(hub, plant, officer):
    plant.tell(id="f-1", kind="repair", equipment="T1", to=hours(1))
    officer.tell(id="o-1", kind="halt", town="nowhere")
    officer.tell(id="o-2", kind="halt", enterprise="E1")
    before = listed(hub)
    hub.kill()
    hub.start()
    assert listed(hub) == before and {f["id"] for f in before} == {"f-1", "o-2"}
    assert plant.tell(id="f-1", kind="repair", equipment="F1", to=hours(1))["result"] == "superseded"
    done = hub.command("reload", "--config", hub.config)
    assert done.returncode == 0, done.stderr
    wait_for(lambda: {f["equipment"] for f in listed(hub) if f["id"] == "f-1"} == {"F1"})
    results = said(hub, "result")
    assert [r["result"] for r in results] == ["taken", "no-such-subject", "taken", "superseded"]
    hub.stop()
    done = hub.command("replay", "--verify", hub.journal)
    assert done.returncode == 0, done.stdout + done.stderr


# --- as the step sees it, in a story ---

def told(story, at, payload, mn=METER):
    return story.tell(at, topic=UP % mn, payload=json.dumps(payload))


def test_story__a_filing_begins_and_ends_by_itself():
    """Stands from 14:00 of the story on for ten minutes, told beforehand: the severity changes at its two ends."""
    story = Plant().live(0, 1800, e10101=42.5, e10301=0)
    told(story, 100, {"id": "f", "kind": "emergency-discharge", "from": stamp(600), "to": stamp(1200)})
    assert brief(story.raised("bypass-damper-open")) == [
        (180, "normal", "active-unack", "S1"), (600, "active-unack", "active-unack", "S2"),
        (1200, "active-unack", "active-unack", "S1")]


def test_story__a_filing_of_equipment_counts_where_that_stands():
    for equipment, severity in (("B1", "S2"), ("T1", "S2"), ("FAN", "S1")):
        story = Plant().live(0, 300, e10101=42.5, e10301=0)
        mn = "FUME-E2" if equipment == "FAN" else METER
        told(story, 10, {"id": "f", "kind": "emergency-discharge", "equipment": equipment, "to": stamp(3000)}, mn)
        assert brief(story.raised("bypass-damper-open"))[0][3] == severity
