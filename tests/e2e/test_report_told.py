"""What reports of the rules tell (run-time of treatment against production), from a journal that `replay --keep` made."""
import csv
import io
import json
import shutil
import subprocess

import pytest

import hj212
from servers import BUILD, HJHUB, ROOT
from story import BYPASS, CEMS, FUME, METER, REGISTRY, Plant, Story, stamp, when

DAY = "2026-09-01"
SHOWN = Plant.SHOWS[METER]
NAMES = ("id", "name", "enterprise", "enterprise_name", "town")


def hjhub(*words, status=0, **more):
    done = subprocess.run([HJHUB, *words], capture_output=True, text=True, check=False, **more)
    assert done.returncode == status, done.stderr
    return done


def keep(story, folder, registry=REGISTRY):
    hjhub("replay", "--registry", registry, "--rules", ROOT / "rules", "--keep", folder, "-", input=story.text())
    return folder


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """From ten on, each ten seconds: treatment stands 11:20 to 11:50; the meter is silent 12:15 to 12:45 and tells of that late."""
    story = Story()
    for second in range(0, 4 * 3600 + 300, 10):
        shows = dict(SHOWN, d30101=0.0 if 4800 <= second < 6600 else 60.0)
        if not 8100 <= second < 9900:
            story.pack(second, METER, shows)
        else:
            story.pack(9900 + (second - 8100) / 100, METER, shows, event=second)
    return keep(story, tmp_path_factory.mktemp("kept") / "journal")


def rows(journal, *options):
    done = hjhub("report", "--journal", journal, "--csv", *options)
    return {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


def figures(journal):
    done = hjhub("journal", "--journal", journal, "--stream", "said", "--kind", "figures", "--payload", "list")
    return [json.loads(json.loads(line)["payload"]) for line in done.stdout.splitlines()]


def test_told__each_hour_says_what_was_seen_and_what_was_not(journal):
    told = {f["from"]: f["figures"] for f in figures(journal) if f["subject"] == "L1"}
    # Of the hour before it is only said that nothing is known.
    assert list(told) == [stamp(-3600), stamp(0), stamp(3600), stamp(7200), stamp(10800)]
    # Ten: it takes 120 s until it is sure that anything runs.
    assert told[stamp(0)] == {"production_h": 0.966667, "treatment_h": 0.966667, "treated_h": 0.966667, "untreated_h": 0,
                              "judged_h": 0.966667, "standing_h": 0, "unknown_h": 0.033333}
    # Eleven: off for sure 300 s after it was switched off, on again 120 s after that.
    assert (told[stamp(3600)]["untreated_h"], told[stamp(3600)]["treated_h"]) == (round(27 / 60, 6), round(33 / 60, 6))
    # Twelve: known until the values are stale; what came late was known to nobody then.
    gap = told[stamp(7200)]
    assert gap["production_h"] == gap["treated_h"] and 0.5 < gap["treated_h"] < 0.6 and gap["standing_h"] == 0
    assert gap["unknown_h"] == pytest.approx(1 - gap["treated_h"])
    assert told[stamp(10800)]["production_h"] == 1


def test_report__sums_by_subject_enterprise_and_area(journal):
    subject = rows(journal, "--day", DAY, "--of", "run-time", "--by", "device")["L1"]
    assert (subject["told_h"], subject["missing_h"]) == ("5.000", "19.000")
    told = [f["figures"] for f in figures(journal) if f["subject"] == "L1"]
    for name in ("production_h", "treated_h", "untreated_h", "unknown_h"):
        assert float(subject[name]) == pytest.approx(sum(f[name] for f in told), abs=0.002)
    treated, untreated = float(subject["treated_h"]), float(subject["untreated_h"])
    assert float(subject["run_rate"]) == pytest.approx(treated / (treated + untreated), abs=0.001)
    enterprise = rows(journal, "--day", DAY, "--of", "run-time")["E1"]
    assert {k: v for k, v in enterprise.items() if k not in NAMES} == \
        {k: v for k, v in subject.items() if k not in NAMES}
    area = rows(journal, "--month", DAY[:7], "--of", "run-time", "--by", "area")["140581"]
    assert (area["production_h"], area["untreated_h"]) == (enterprise["production_h"], enterprise["untreated_h"])
    assert float(area["missing_h"]) > 600


def test_report__of_a_subject_that_told_nothing_all_is_missing(journal):
    row = rows(journal, "--day", "2026-09-02", "--of", "run-time", "--by", "device")["L1"]
    assert (row["told_h"], row["missing_h"], row["production_h"], row["run_rate"]) == ("0.000", "24.000", "", "")
    done = hjhub("report", "--journal", journal, "--json", "--day", "2026-09-02", "--of", "run-time", "--by", "device")
    assert json.loads(done.stdout.splitlines()[0])["production_h"] is None


def test_report__text_by_nature_is_usable_by_its_flag(tmp_path):
    story = Story()
    for minute, flag in enumerate("NNND"):
        at = f"{when(60 * minute):%Y%m%d%H%M%S}"
        story.send(60 * minute, BYPASS, hj212.frame(f"QN={at}000;ST=31;CN=2011;PW=123456;MN={BYPASS};Flag=4;CP=&&DataTime={at};"
                                                    f"e10101-Rtd=0,e10101-Info=//shut//,e10101-Flag={flag}&&"))
    row = rows(keep(story, tmp_path / "journal"), "--day", DAY, "--by", "device")[BYPASS]
    assert (row["received"], row["valid_data"], row["capture"]) == ("4", "0.7500", "0.7500")


def test_report__text_has_all_and_names_what_there_is_not(journal):
    text = hjhub("report", "--journal", journal, "--day", DAY).stdout
    assert "run-time: run-time of treatment against production 治污设施与产污设施运行时长" in text
    wrong = hjhub("report", "--journal", journal, "--day", DAY, "--of", "nothing", status=2)
    assert "no report 'nothing'" in wrong.stderr


def test_report__a_record_in_parts_is_one_record(tmp_path):
    """Hours of the stack in two parts: of one the second part is not usable; of one the first part alone is F."""
    story, hours = Story(), [("N", "N"), ("N", "D"), ("M", "M"), ("F", "F"), ("F", "N")]
    for hour, flags in enumerate(hours):
        for number, (factor, flag) in enumerate(zip(("a21026", "a34013"), flags), 1):
            sent, data = when(3600 * (hour + 1) + number), f"{when(3600 * hour):%Y%m%d%H%M%S}"
            story.send(3600 * (hour + 1) + number, CEMS, hj212.frame(
                f"QN={sent:%Y%m%d%H%M%S}000;ST=31;CN=2061;PW=123456;MN={CEMS};Flag=6;PNUM=2;PNO={number};CP=&&DataTime={data};"
                f"{factor}-Min=1,{factor}-Avg=2,{factor}-Max=3,{factor}-Flag={flag}&&"))
    row = rows(keep(story, tmp_path / "journal"), "--day", DAY, "--by", "device")[CEMS]
    assert (row["received"], row["stopped"], row["expected"]) == ("4", "1", "23")
    assert (row["marked_M_h"], row["marked_D_h"], row["marked_F_h"]) == ("1.000", "1.000", "2.000")
    assert row["capture"] == f"{1 / 4:.4f}"


def test_report__what_stands_in_silence_stands(tmp_path):
    """A bypass that is open since a week, of which nothing was said since the deadlines passed."""
    story = Plant()
    story.live(0, 600, e10101=lambda s: 42.5 if s >= 180 else 0, e10301=lambda s: 0 if s >= 180 else 1)
    for hour in range(1, 49):
        story.tell(3600 * hour)
    kept = keep(story, tmp_path / "journal")
    raised = rows(kept, "--month", DAY[:7])["E1"]
    later = rows(kept, "--day", "2026-09-08")["E1"]
    # The bypass, and three devices that are silent: a note at first, grave after a day. It is counted as what it became.
    assert (raised["S1"], raised["S4"], raised["standing"]) == ("4", "0", "0")
    assert int(later["standing"]) == sum(int(raised[severity]) for severity in ("S1", "S2", "S3"))
    assert (later["undisturbed"], later["heard"]) == ("0", "0")


def test_report__a_row_says_whose_it_is(journal):
    device = rows(journal, "--day", DAY, "--by", "device")[METER]
    assert (device["enterprise"], device["enterprise_name"], device["name"]) == ("E1", rows(journal, "--day", DAY)["E1"]["name"], "分表计电")
    assert rows(journal, "--day", DAY, "--by", "device", "--of", "run-time")["L1"]["enterprise"] == "E1"
    stop = rows(journal, "--day", DAY, "--by", "device", "--of", "filed-stop")[METER]
    assert (stop["name"], stop["stopped_h"]) == ("分表计电", "0.000")


def test_report__key_units_are_covered_when_all_their_devices_were_heard(tmp_path):
    registry = shutil.copytree(REGISTRY, tmp_path / "registry")
    listed = "enterprise,name,key_unit\nE1,甲,yes\nE2,乙,yes\n"
    (registry / "enterprises.csv").write_text(listed)
    story = Story()
    story.pack(0, FUME, {"d80101": 1.0})
    kept = keep(story, tmp_path / "journal", registry)
    enterprise = rows(kept, "--day", DAY)
    assert [(enterprise[e]["key_unit"], enterprise[e]["heard"]) for e in ("E1", "E2")] == [("1", "0"), ("1", "1")]
    area = rows(kept, "--day", DAY, "--by", "area")["140581"]
    assert (area["key_units"], area["key_units_covered"]) == ("2", "1")
    text = hjhub("report", "--journal", kept, "--day", DAY).stdout
    assert "not heard with all their devices: E1 (1 of 2 heard)" in text and "all devices heard): E2" in text


def test_report__filed_stops_are_not_expected(tmp_path):
    """A stop from 11:00 to 13:30 that was filed in time; of the meter nothing comes in it, of the bypass all does. From 15:00 on both are silent."""
    story = Story()
    story.send(600, "E1", json.dumps({"id": "s1", "kind": "stop", "from": stamp(3600), "to": stamp(12600)}).encode(), "filing")
    for second in range(0, 18000, 60):
        if not 3600 <= second < 12600:
            story.pack(second, METER, SHOWN)
        story.frame(second, BYPASS, {"e10101": 0}, marks={"e10101": "F" if 3600 <= second < 5400 else "N"})
    for second in range(18000, 32400, 600):
        story.tell(second)
    kept = keep(story, tmp_path / "journal")
    device = rows(kept, "--day", DAY, "--by", "device")
    hours = 2 * 360  # records of ten seconds in the two hours that were filed as a whole
    assert (device[METER]["expected"], device[METER]["excused"], device[METER]["received"]) == (str(8640 - hours), str(hours), "150")
    # What is marked F and filed is left out once: 30 records that came are stopped, 30 of that half hour never came.
    assert (device[BYPASS]["stopped"], device[BYPASS]["excused"]) == ("30", str(hours - 30))
    assert device[BYPASS]["expected"] == str(8640 - hours) and device[BYPASS]["received"] == str(300 - 120)
    assert device[BYPASS]["capture"] == "1.0000" and device[BYPASS]["marked_F_h"] == "0.083"
    assert float(device[BYPASS]["transmission"]) == pytest.approx(180 / (8640 - hours), abs=1e-4)
    assert sum(int(row["excused"]) for row in device.values()) == int(rows(kept, "--day", DAY, "--by", "area")["140581"]["excused"])
    told = rows(kept, "--day", DAY, "--by", "device", "--of", "filed-stop")[METER]
    assert told["stopped_h"] == "2.500"


def test_keep__the_journal_is_whole_and_replays_to_the_byte(journal, tmp_path):
    assert '"verified":true' in hjhub("replay", "--verify", journal).stdout
    assert subprocess.run([BUILD / "hjhub-verify", journal], capture_output=True, check=False).returncode == 0
    start = hjhub("journal", "--journal", journal, "--kind", "start", "--payload", "list").stdout
    assert json.loads(json.loads(start)["payload"])["replayed"] is True
    again = hjhub("replay", "--registry", REGISTRY, "--rules", ROOT / "rules", "--keep", journal, "-", input="{}", status=2)
    assert "a journal stands there already" in again.stderr


SOME = """- report: some
  title: {zh: 某, en: some}
  scope: linkage
  each: hour
  let: {on: production.on, hours_on: "seen(on, last hour) / 1 h"}
  tells: [hours_on]
  source: {cite: us}
"""


def write(folder, text):
    for name in ("00-quantities.yaml", "01-states.yaml"):
        (folder / name).write_text((ROOT / "rules" / name).read_text())
    (folder / "r.yaml").write_text(text)
    return folder


@pytest.mark.parametrize("change, complaint", [
    (("tells: [hours_on]", "tells: [on]"), "'on' is told"),
    (("tells: [hours_on]", "tells: [hours]"), "'hours' is told"),
    (("tells: [hours_on]", "tells: []"), "tells a name of let at least"),
    (("tells: [hours_on]", "tells: [hours_on]\n  rates: {r: [hours_on]}"), "a rate is"),
    (("  each: hour\n", ""), "the report has no each"),
    (("/ 1 h", ""), "plain number"),
    (("tells: [hours_on]", "tells: [hours_on]\n  excuses: hours_on"), "of scope device"),
])
def test_rules__a_report_that_is_wrong_says_so(tmp_path, change, complaint):
    hjhub("rules", "check", write(tmp_path, SOME))
    assert change[0] in SOME
    assert complaint in hjhub("rules", "check", write(tmp_path, SOME.replace(*change)), status=1).stderr


@pytest.mark.parametrize("told, complaint", [
    ("hours_on: 0.5", None), ("hours_on: 0.52", "expected hours_on 0.52, got 0.5"), ("hours_on: unknown", "expected hours_on unknown, got 0.5"),
    ("hours: 1", "expected hours 1, got no such figure"),
])
def test_test__a_report_is_held_to_what_it_told(tmp_path, told, complaint):
    test = f"""  tests:
    - it: half an hour
      every: 60 s
      given: {{production.on: yes x30 no x34}}
      expect: [{{after: 3730 s, told: {{{told}}}}}]
"""
    done = hjhub("test", write(tmp_path, SOME + test), status=0 if complaint is None else 1)
    assert complaint is None or "some: 'half an hour': after 3730 s: " + complaint in done.stdout
