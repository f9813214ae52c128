"""The life of an alarm through replay: every state of the contract, and officers' commands as lines."""
import functools
import json

import pytest

from story import Plant, brief, stamp

OPEN = {"e10101": 20, "e10301": 0}


class Life(Plant):
    """The damper opens at 300 and is shut at 420: raised at 360, cleared at 720."""

    def __init__(self, until=900):
        super().__init__()
        self.live(0, 300).live(300, 420, **OPEN).live(420, until)
        self.number = 0

    def command(self, at, action, by="li", **members):
        self.number += 1
        members = {"id": f"c-{self.number}", "action": action, **members}
        if "alarm" not in members:
            members["alarm"] = damper_alarm()
        return self.tell(at, topic=f"ems/v1/140581/alarm/cmd/{by}", payload=json.dumps(members, ensure_ascii=False))

    def states(self):
        return [(round_, a, b) for round_, a, b, _ in brief(self.raised("bypass-damper-open"))]


@functools.lru_cache
def damper_alarm():
    """Its cause is the same in each of these lives, so it has one id."""
    return Life().raised("bypass-damper-open")[0]["alarm"]


RAISED, CLEARED = (360, "normal", "active-unack"), (720, "active-unack", "cleared-unack")


def test_states__all_that_the_contract_names():
    life = Life().command(400, "acknowledge").command(800, "close", finding="bypass", reason="阀杆断裂，已修复")
    told = life.raised("bypass-damper-open")
    assert life.states() == [RAISED, (400, "active-unack", "active-ack"), (720, "active-ack", "cleared-ack"),
                             (800, "cleared-ack", "closed")]
    assert told[1]["by"] == "li" and told[3]["finding"] == "bypass" and told[3]["reason"] == "阀杆断裂，已修复"
    assert [t["transition"] for t in told] == [1, 2, 3, 4]
    late = Life().command(800, "acknowledge").command(810, "close", finding="false-alarm")
    assert late.states() == [RAISED, CLEARED, (800, "cleared-unack", "cleared-ack"), (810, "cleared-ack", "closed")]


@pytest.mark.parametrize("at,action,members", [
    (350, "acknowledge", {}),  # pending has no alarm yet
    (400, "acknowledge", {"alarm": "0" * 32}),
    (400, "acknowledge", {"transition": 7}), (800, "acknowledge", {"transition": 1}),  # it has changed since
    (400, "close", {"finding": "false-alarm"}), (800, "close", {"finding": "false-alarm"}),  # not seen yet
    (400, "shelve", {"reason": "x", "until": stamp(3600)}),  # S1 is not set aside
    (400, "assign", {}), (400, "unshelve", {}), (400, "open", {}), (400, "", {}),
])
def test_commands__what_cannot_be_obeyed_changes_nothing(at, action, members):
    assert Life().command(at, action, **members).states() == [RAISED, CLEARED]


def test_commands__close_wants_a_finding_and_an_id_is_obeyed_once():
    life = Life().command(800, "acknowledge").command(810, "close")
    assert life.states()[-1] == (800, "cleared-unack", "cleared-ack")
    life = Life().command(400, "assign", assignee="wang", id="c").command(410, "assign", assignee="li", id="c")
    told = life.raised("bypass-damper-open")
    assert [(t["from"], t["to"], t.get("assignee")) for t in told] == [
        ("normal", "active-unack", None), ("active-unack", "active-unack", "wang"), ("active-unack", "cleared-unack", None)]


def test_commands__the_number_that_was_seen():
    life = Life().command(400, "acknowledge", transition=1).command(800, "close", transition=3, finding="false-alarm")
    assert life.states()[-1] == (800, "cleared-ack", "closed")


def test_again__the_same_alarm_until_it_is_closed_then_another():
    life = Life(until=1000).command(400, "acknowledge")
    life.live(1000, 1100, **OPEN).live(1100, 1500)
    told = life.raised("bypass-damper-open")
    assert [(t["from"], t["to"]) for t in told[2:]] == [("active-ack", "cleared-ack"), ("cleared-ack", "active-unack"),
                                                        ("active-unack", "cleared-unack")]
    assert len({t["alarm"] for t in told}) == 1 and told[3]["onset"] == stamp(1000)
    closed = Life(until=1000).command(400, "acknowledge").command(800, "close", finding="false-alarm")
    closed.live(1000, 1100, **OPEN).live(1100, 1500)
    told = closed.raised("bypass-damper-open")
    assert [(t["from"], t["to"], t["transition"]) for t in told[3:]] == [
        ("cleared-ack", "closed", 4), ("normal", "active-unack", 1), ("active-unack", "cleared-unack", 2)]
    assert len({t["alarm"] for t in told}) == 2


def test_id__is_its_cause():
    """Area, rule, subject and onset: the same again, whatever came before; another onset, another id."""
    alone = Plant().live(100, 300).live(300, 400, **OPEN)
    assert alone.raised("bypass-damper-open")[0]["alarm"] == damper_alarm()
    other = Plant().live(0, 310).live(310, 400, **OPEN)
    assert other.raised("bypass-damper-open")[0]["alarm"] != damper_alarm()


def shelved(*commands):
    """An S2: the cabin without mains from 300 to 900."""
    story = Life(until=300)
    story.lines = []
    story.live(0, 300).live(300, 900, d40101=0, d40102=1).live(900, 1300)
    alarm = story.raised("monitor-power-cut")[0]["alarm"]
    for at, action, members in commands:
        story.command(at, action, alarm=alarm, **members)
    return [(t["transition"], t["to"], t.get("shelved_until"), t.get("reason")) for t in story.raised("monitor-power-cut")]


def test_shelve__for_a_time_with_a_reason():
    told = shelved((400, "shelve", {"reason": "停电检修", "until": stamp(700)}))
    assert [row[1] for row in told] == ["active-unack"] * 3 + ["cleared-unack"]
    assert told[1][3] == "停电检修"
    taken_up = shelved((400, "shelve", {"reason": "x", "until": stamp(3600)}), (500, "unshelve", {}))
    assert [row[1] for row in taken_up] == ["active-unack"] * 3 + ["cleared-unack"]


@pytest.mark.parametrize("members", [{"reason": "x", "until": stamp(400 + 8 * 3600 + 1)}, {"until": stamp(700)},
                                     {"reason": "x"}, {"reason": "x", "until": stamp(100)}, {"reason": "x", "until": "soon"}])
def test_shelve__s2_for_eight_hours_at_most(members):
    assert len(shelved((400, "shelve", members))) == 2
