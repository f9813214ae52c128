"""The contract of `hjhub replay`, sentence by sentence."""
import json
import re
import shutil
import subprocess

import pytest

import hj212
from servers import HJHUB, ROOT
from story import BYPASS, CEMS, FUME, METER, REGISTRY, Plant, Story, brief, stamp, when

RULES = ROOT / "rules"


def replay(*arguments, text="", status=0):
    done = subprocess.run([HJHUB, "replay", *arguments], input=text.encode(), capture_output=True, check=False)
    assert done.returncode == status, done.stderr.decode()
    return done


def lines(*objects):
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)


def opened(start=300, end=420):
    return Plant().live(0, start).live(start, end, e10101=20, e10301=0).live(end, end + 480)


def test_replay__a_transition_has_the_fields_of_the_contract():
    story = opened()
    first = story.raised("bypass-damper-open")[0]
    assert list(first)[:9] == ["at", "onset", "alarm", "rule", "subject", "from", "to", "severity", "text"]
    assert first["at"] == "2026-09-01T10:06:00.000+08:00" and first["onset"] == "2026-09-01T10:05:00.000+08:00"
    assert (first["subject"], first["from"], first["to"], first["severity"]) == ("L1", "normal", "active-unack", "S1")
    assert re.fullmatch(r"[0-9a-f]{32}", first["alarm"])
    for language, words in (("zh", "青石坪铸造厂（虚构）：旁路挡板开度20 %"), ("en", "bypass damper opened to 20 %")):
        assert words in first["text"][language]


def test_replay__gives_the_same_bytes_each_time_and_from_a_file_as_from_standard_input(tmp_path):
    text = opened().text()
    (tmp_path / "lines.jsonl").write_text(text)
    options = ["--json", "--registry", REGISTRY, "--rules", RULES]
    runs = [replay(*options, tmp_path / "lines.jsonl"), replay(*options, tmp_path / "lines.jsonl"),
            replay(*options, "-", text=text)]
    assert runs[0].stdout and len({run.stdout for run in runs}) == 1 and len({run.stderr for run in runs}) == 1
    counters = json.loads(runs[0].stderr)
    assert counters["received"] == sum(counters[name] for name in ("accepted", "duplicate", "quarantined", "rejected"))


@pytest.mark.parametrize("enc", ["utf-8", "latin-1", "base64", None])
def test_replay__reads_each_encoding(enc):
    """A byte above 127 in CP: as UTF-8 it is two bytes, as latin-1 one."""
    import base64
    segment = f"QN=20260901100000000;ST=31;CN=2011;PW=123456;MN={CEMS};Flag=4;CP=&&DataTime=20260901100000;" \
              "a21026-Rtd=1.5,a21026-Flag=N;x-Info=é&&"
    payload = hj212.frame(segment.encode("latin-1" if enc in ("latin-1", "base64") else "utf-8"))
    text = base64.b64encode(payload).decode() if enc == "base64" else payload.decode(enc or "utf-8")
    story = Story().tell(0, topic=f"ems/v1/140581/{CEMS}/up/hj212", payload=text, **({"enc": enc} if enc else {}))
    story.run()
    assert story.counters["accepted"] == 1 and story.counters["received"] == 1


def test_replay__an_instant_may_have_any_offset_and_is_written_as_0800():
    text = lines({"at": "2026-09-01T02:00:00Z"}, {"at": "2026-09-01T04:10:00.001+02:00"})
    told = Story().run(text)
    assert {t["at"] for t in told} == {"2026-09-01T10:10:00.001+08:00"}
    assert {t["subject"] for t in told} == {CEMS, BYPASS, METER, FUME}


def test_replay__a_line_first_moves_the_time_and_fires_what_fell_due():
    """The damper shuts in the very message that comes when the minute is full: the alarm stands before it."""
    full = Plant().live(0, 300).live(300, 360, e10101=20, e10301=0).live(360, 380)
    assert brief(full.raised("bypass-damper-open")) == [(360, "normal", "active-unack", "S1")]
    story = Plant().live(0, 300).live(300, 360, e10101=20, e10301=0)
    story.frame(359.999, BYPASS, {"e10101": 0, "e10201": 0, "e10301": 1}, event=359)
    assert story.live(360, 380).raised("bypass-damper-open") == []


def test_replay__what_fell_due_between_two_lines_bears_its_own_instant():
    story = Plant().live(0, 300).live(300, 310, e10101=20, e10301=0).tick(600)
    # The value is not known any more after three intervals: its minute is not full.
    assert story.raised("bypass-damper-open") == []
    story = Plant().live(0, 300).live(300, 341, e10101=20, e10301=0).tick(366)
    assert brief(story.raised("bypass-damper-open")) == [(360, "normal", "active-unack", "S1")]


def test_replay__pending_that_raises_nothing_is_not_printed():
    assert Plant().live(0, 300).live(300, 340, e10101=20, e10301=0).live(340, 500).raised("bypass-damper-open") == []


def offline(story):
    return brief([t for t in story.raised("device-offline") if t["subject"] == CEMS])


def heard(story=None):
    """The stack's monitor is heard once, at 0; the others all the time would only be noise here."""
    return (story or Story()).frame(0, CEMS, {"a21026": 1.5})


RAISED = ("normal", "active-unack", "S4")


def test_replay__ticks_alone_pass_time():
    assert offline(heard().tick(600)) == []
    assert offline(heard().tick(601)) == [(600.001, *RAISED)]


def test_replay__elapsed_ms_says_how_long_it_was_whatever_the_wall_says():
    # The wall clock jumps an hour ahead in ten seconds: nobody was absent.
    assert offline(heard().tick(3600, elapsed_ms=10_000)) == []
    # It stands still, or goes back, while ten minutes pass.
    assert [row[1:] for row in offline(heard().tick(1, elapsed_ms=600_001))] == [RAISED]
    back = heard().tick(5)
    back.lines.append({"at": stamp(-1800), "elapsed_ms": 600_001})
    told = Story().run(lines(*back.lines))
    assert CEMS in {t["subject"] for t in told}


def test_replay__without_elapsed_ms_a_step_back_is_no_time():
    text = lines(*heard().lines, {"at": stamp(-3600)}, {"at": stamp(0)})
    assert [t for t in Story().run(text) if t["subject"] == CEMS] != []  # an hour passed from the second to the third
    text = lines(*heard().lines, {"at": stamp(-3600)}, {"at": stamp(-3601)})
    assert Story().run(text) == []
    text = lines(*heard().lines, {"at": stamp(10), "elapsed_ms": -5_000_000}, {"at": stamp(20)})
    assert Story().run(text) == []


def test_replay__the_session_of_a_line_holds_until_another_is_named():
    away = heard().tick(300, session="down").tick(3900).tick(7500)
    assert offline(away) == []
    back = heard().tick(300, session="down").tick(3900, session="up").tick(4200).tick(4500.001)
    # 0 to 300 ended in deafness, 300 to 3900 was deafness; from 3900 on it listens.
    assert offline(back) == [(4500.001, *RAISED)]


def test_replay__a_queue_that_drains_makes_nobody_absent():
    """An hour away; then the queue brings what the bypass monitor sent meanwhile, the other's comes later."""
    story = Plant().live(0, 300)
    heard(story)
    story.tick(300, session="down").tick(3900, session="draining")
    for second in range(300, 3900, 60):
        story.frame(3900 + second / 1000, BYPASS, {"e10101": 0, "e10201": 0, "e10301": 1}, event=second)
    story.tick(3904, session="up")
    assert story.tick(4214).run() == []
    # 290 s until the last line before it was away, 310 s since the queue is empty; nobody else was heard since.
    assert {t["subject"] for t in story.tick(4214.001).run()} == {CEMS, FUME}


def test_replay__a_bypass_opened_while_the_hub_was_away_is_told_with_its_onset():
    story = Plant().live(0, 300).tick(300, session="down").tick(3900, session="draining")
    for second in range(300, 3900, 10):
        is_open = 1200 <= second < 1500
        story.pack(3900 + second / 1000, METER, Plant.SHOWS[METER], event=second)
        story.frame(3900 + second / 1000, BYPASS,
                    {"e10101": 30 if is_open else 0, "e10201": 0, "e10301": int(not is_open)}, event=second)
    told = story.tick(3905, session="up").raised("bypass-damper-open")
    assert [(t["from"], t["to"], t["onset"]) for t in told] == [
        ("normal", "active-unack", stamp(1200)), ("active-unack", "cleared-unack", stamp(1200))]


@pytest.mark.parametrize("line", [
    "{", "[]", "17", '{"topic": "ems/v1/140581/x/up/hj212", "payload": ""}', '{"at": "yesterday"}',
    '{"at": "2026-02-30T00:00:00+08:00"}', '{"at": "2026-09-01T10:00:00"}',
    '{"at": "2026-09-01T10:00:00+08:00", "session": "away"}', '{"at": "2026-09-01T10:00:00+08:00", "session": null}',
    '{"at": "2026-09-01T10:00:00+08:00", "elapsed_ms": "7"}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t"}', '{"at": "2026-09-01T10:00:00+08:00", "payload": "x"}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": 5, "payload": ""}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t", "payload": "x", "enc": "utf-16"}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t", "payload": "x", "enc": 8}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t", "payload": "%%%%", "enc": "base64"}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t", "payload": "YQ", "enc": "base64"}',
    '{"at": "2026-09-01T10:00:00+08:00", "topic": "t", "payload": "\u4e2d", "enc": "latin-1"}',
])
def test_replay__a_bad_line_is_named_with_its_number(line):
    good = '{"at": "2026-09-01T10:00:00+08:00"}'
    done = replay("--json", "--registry", REGISTRY, "--rules", RULES, "-", text=f"{good}\n\n{line}\n{good}\n", status=2)
    assert b"-:3:" in done.stderr, done.stderr.decode()


def test_replay__what_is_no_json_names_its_fault():
    done = replay("--json", "--registry", REGISTRY, "--rules", RULES, "-", text='{"at": }\n', status=2)
    assert b"-:1:" in done.stderr


def test_replay__could_not_run(tmp_path):
    replay(status=2)
    replay("--json", tmp_path / "none.jsonl", status=2)
    replay("--json", "-", text="", status=2)
    replay("--json", "--registry", tmp_path, "--rules", RULES, "-", status=2)
    (tmp_path / "bad.yaml").write_text("- rule: x\n")
    done = replay("--json", "--registry", REGISTRY, "--rules", tmp_path, "-", status=2)
    assert b"bad.yaml:1:" in done.stderr
    done = replay("--json", "--registry", REGISTRY, "--rules", tmp_path, "-", text=lines({"at": stamp(0)}), status=2)
    assert b"bad.yaml:1:" in done.stderr and b"not a line" not in done.stderr


def test_replay__lines_are_judged_by_the_catalogue_unless_told_otherwise():
    text = opened().text()
    named = replay("--json", "--registry", REGISTRY, "--rules", RULES, "-", text=text)
    assert replay("-", "--registry", REGISTRY, "--json", text=text).stdout == named.stdout != b""


def test_replay__nothing_at_all_is_fine():
    assert Story().run("") == []
    assert Story().run("\n\n") == []


def test_replay__other_areas_and_other_topics_count_nothing():
    story = Story()
    story.lines += [{"at": stamp(0), "topic": topic, "payload": "x"} for topic in (
        "ems/v1/140582/a/up/hj212", "ems/v1/140581/a/down/hj212", "other", "")]
    assert story.run() == [] and story.counters["received"] == 0


def test_replay__what_is_refused_moves_nothing():
    """Frames of 2099, with a wrong password, with a broken CRC, of an unknown device: no sign of life."""
    story = heard()
    for second in range(60, 660, 60):
        story.frame(second, CEMS, {"a21026": 2}, event=30 * 365 * 86400 * 24)  # far ahead
        story.frame(second, CEMS, {"a21026": 2}, pw="654321")
        broken = hj212.data(CEMS, {"a21026": 2}, when(second)).replace(b"a21026-Rtd=2", b"a21026-Rtd=3")
        story.send(second, CEMS, broken)
    assert offline(story.tick(601)) == [(600.001, *RAISED)]
    assert story.counters["accepted"] == 1 and story.counters["quarantined"] == 20 and story.counters["rejected"] == 10


def test_replay__a_duplicate_is_no_sign_of_life():
    story = heard()
    for second in range(60, 660, 60):
        story.frame(second, CEMS, {"a21026": 1.5}, event=0)
    assert offline(story.tick(601)) == [(600.001, *RAISED)]
    assert story.counters["duplicate"] == 10


def test_replay__one_frame_of_2099_does_not_stop_the_next():
    story = Plant().live(0, 300)
    story.frame(300, BYPASS, {"e10101": 0, "e10301": 1}, event=72 * 365 * 86400)
    told = story.live(300, 400, e10101=20, e10301=0).raised("bypass-damper-open")
    assert brief(told) == [(360, "normal", "active-unack", "S1")]
    assert story.counters["quarantined"] == 1


def test_replay__commands_of_officers_work_as_lines():
    story = opened()
    alarm = story.raised("bypass-damper-open")[0]["alarm"]
    command = {"id": "c-1", "action": "acknowledge", "alarm": alarm, "transition": 1}
    story.tell(380, topic="ems/v1/140581/alarm/cmd/li", payload=json.dumps(command))
    assert [t["to"] for t in story.raised("bypass-damper-open")] == ["active-unack", "active-ack", "cleared-ack"]


def test_replay__an_officer_closes_what_is_latched_so_that_the_next_is_an_alarm_of_its_own(tmp_path):
    """Acknowledged in half of the quarter of an hour that S1 allows, closed in half of the two hours to verify it."""
    shutil.copytree(RULES, tmp_path / "rules")
    page = tmp_path / "rules/bypass.yaml"
    page.write_text(page.read_text().replace("  severity: S1\n", "  severity: S1\n  latched: yes\n", 1))
    story = Plant().live(0, 300).live(300, 420, e10101=20, e10301=0).live(420, 9000).live(9000, 9120, e10101=20, e10301=0)
    text = story.live(9120, 13200).text()
    options = ["--registry", REGISTRY, "--rules", tmp_path / "rules"]

    def told(*more):
        lines = map(json.loads, replay(*options, *more, "-", text=text).stdout.splitlines())
        return [t for t in lines if t["rule"] == "bypass-damper-open" and not t.get("reason")]

    alone, answered = told(), told("--officer", "--keep", tmp_path / "journal")
    assert [row[:3] for row in brief(answered)] == [
        (360, "normal", "active-unack"), (720, "active-unack", "active-unack"), (810, "active-unack", "active-ack"),
        (4410, "active-ack", "closed"),
        (9060, "normal", "active-unack"), (9420, "active-unack", "active-unack"), (9510, "active-unack", "active-ack"),
        (13110, "active-ack", "closed")]
    assert answered[3]["by"] == "officer" and answered[3]["finding"] == "closed-with-advice"
    assert {t["to"] for t in alone} == {"active-unack"} and len({t["alarm"] for t in alone}) == 1
    assert json.loads(replay("--verify", tmp_path / "journal").stdout)["verified"] is True
    assert b"--officer is for lines" in replay("--officer", tmp_path / "journal", status=2).stderr


def test_replay__an_officer_comes_again_the_next_morning_where_it_is_not_over(tmp_path):
    story = Plant().live(0, 300).live(300, 7500, every=60, e10101=20, e10301=0).live(7500, 8400, every=60)
    told = [json.loads(line) for line in
            replay("--registry", REGISTRY, "--rules", RULES, "--officer", "-", text=story.tick(82800).tick(86400).text()).stdout.splitlines()]
    told = [t for t in told if t["rule"] == "bypass-damper-open" and t.get("by") != "hub"]
    assert brief(told)[-1][:3] == (82800, "cleared-ack", "closed")  # at nine of the day after ten o'clock


def test_replay__other_rules_replace_the_catalogue(tmp_path):
    shutil.copytree(RULES, tmp_path / "rules")
    page = tmp_path / "rules/bypass.yaml"
    page.write_text(page.read_text().replace("raise_after: 60 s", "raise_after: 90 s", 1))
    story = opened()
    story.rules = tmp_path / "rules"
    assert brief(story.raised("bypass-damper-open"))[0] == (390, "normal", "active-unack", "S1")
