"""`hjhub alarms report`: figures of EEMUA 191 from transitions, each counted by hand here."""
import datetime
import json
import subprocess

from servers import HJHUB

START = datetime.datetime(2026, 9, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
DAY = 86400


def said(second, alarm, to="active-unack", start="normal", **more):
    return {"at": (START + datetime.timedelta(seconds=second)).isoformat(timespec="milliseconds"), "alarm": f"{alarm:032x}",
            "rule": "r", "subject": "s", "from": start, "to": to, "severity": "S2", **more}


def report(told, *more):
    text = "".join(json.dumps(line) + "\n" for line in sorted(told, key=lambda line: line["at"]))
    done = subprocess.run([HJHUB, "alarms", *more, "report", "-"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in more else done.stdout


def test_report__rates_mix_and_the_most_frequent():
    told = [said(0, 1, severity="S1", subject="a")] + [said(7200 * i, 10 + i, subject="b") for i in range(1, 12)]
    told.append(said(DAY, 99, severity="S4", rule="note", subject="c"))
    got = report(told, "--json", "--officers", "3")
    assert (got["raised"], got["hours"], got["officers"]) == (13, 24, 3)
    assert got["severity"] == {"S1": 1, "S2": 11, "S3": 0, "S4": 1}
    assert got["per_officer_hour"] == 0.18 and got["grave_per_day"] == 12
    assert got["top"] == [{"alarm": "r b", "raised": 11}, {"alarm": "note c", "raised": 1}, {"alarm": "r a", "raised": 1}]
    assert got["rules"]["r"]["raised"] == 12 and got["top_ten_percent"] == 100


def test_report__what_is_held_back_is_no_load():
    told = [said(0, 1), said(10, 2, held_back=True, suppressed_by="0" * 32, announced=False),
            said(20, 3, held_back=True, shadow=True, announced=False),
            said(30, 2, start="active-unack", reason="parent-over"), said(3600, 1, "active-ack", "active-unack")]
    got = report(told, "--json")
    assert (got["raised"], got["suppressed"], got["shadow"]) == (2, 1, 1)


def test_report__an_alarm_is_counted_as_what_it_became():
    told = [said(i, i, severity="S4") for i in range(11)]
    told += [said(600 + i, i, start="active-unack", severity="S3") for i in range(11)]  # a flood of those that were notes
    told += [said(9000, 0, start="active-unack", severity="S1"), said(9001, 0, start="active-unack", severity="S2"),
             said(10000, 99, severity="S4")]
    got = report(told, "--json")
    assert (got["raised"], got["severity"]) == (12, {"S1": 1, "S2": 0, "S3": 10, "S4": 1})
    assert got["flood_percent"] == round((600 - 4) / 100, 2)


def test_report__stale_is_unseen_for_more_than_a_day():
    seen = [said(0, 1), said(DAY, 1, "active-ack", "active-unack"), said(0, 2), said(DAY + 1, 2, "active-ack", "active-unack"),
            said(0, 3), said(2 * DAY, 4)]  # 1 just in time, 2 a second late, 3 never
    assert report(seen, "--json")["stale_per_day"] == 1


def test_report__chattering_and_floods():
    def again(alarm, seconds, **more):
        return [said(s, alarm, start="normal" if i == 0 else "cleared-unack", **more) for i, s in enumerate(seconds)]
    end = [said(10000, 9, severity="S4", subject="z")]
    assert report(again(1, [0, 30, 60]) + end, "--json")["chattering"] == 1
    assert report(again(1, [0, 30, 61]) + end, "--json")["chattering"] == 0
    assert report(again(1, [0, 120, 240, 360, 480, 600]) + end, "--json")["chattering"] == 1
    assert report(again(1, [0, 120, 240, 360, 480, 601]) + end, "--json")["chattering"] == 0
    ten = [said(i, i, subject=str(i)) for i in range(10)]
    assert report(ten + end, "--json")["flood_percent"] == 0
    # The eleventh begins it at 10 s; it ends when the fifth last, of 6 s, is ten minutes old: 596 s of 10,000.
    assert report(ten + [said(10, 10, subject="10")] + end, "--json")["flood_percent"] == 5.96


def test_report__findings_by_rule():
    told = [said(i, i, severity="S1") for i in range(4)]
    for i, finding in enumerate(["false-alarm", "bypass", "wrong-limit", "device-fault"]):
        told.append(said(100 + i, i, "closed", "cleared-ack", severity="S1", finding=finding))
    told.append(said(200, 9, "closed", "cleared-unack", reason="lapsed", by="hub"))
    got = report(told, "--json")
    assert got["rules"]["r"] == {"raised": 4, "closed": 4, "false": 2, "findings": {
        "false-alarm": 1, "bypass": 1, "wrong-limit": 1, "device-fault": 1}}
    assert got["false_percent_s1"] == 50 and got["false_percent_s2"] is None  # nothing was closed: not that all was right


def test_report__of_a_period_counts_that_alone():
    waits = [said(0, 1), said(40 * DAY, 1, "active-ack", "active-unack")]  # S2, from 1 September on; seen on 11 October
    told = waits + [said(DAY + 3600 * i, 10 + i, rule="often") for i in range(3)] + [said(30 * DAY, 2), said(30 * DAY + 1, 3, rule="r2")]
    day = report(told, "--json", "--day", "2026-09-02")
    assert (day["raised"], day["hours"], day["per_officer_hour"], list(day["rules"])) == (3, 24, 0.06, ["often"])
    assert (day["from"], day["to"]) == ("2026-09-02T00:00:00.000+08:00", "2026-09-03T00:00:00.000+08:00")
    october = report(told, "--json", "--month", "2026-10")
    assert (october["raised"], october["stale_per_day"]) == (2, round(6 / 31, 2))  # what nobody has seen, and four that waited when it began
    assert report(told, "--json", "--quarter", "2026-Q3")["raised"] == 4
    assert list(report(told, "--json")["rules"]) == ["often", "r", "r2"]
    for wrong in (["--quarter", "2026-Q5"], ["--day", "2026-09"], ["--day", "2026-09-02", "--month", "2026-09"]):
        done = subprocess.run([HJHUB, "alarms", *wrong, "report", "-"], input="", capture_output=True, text=True, check=False)
        assert done.returncode == 2


def test_report__reads_as_text_and_of_nothing():
    text = report([said(0, 1), said(3600, 2)])
    assert "raised 2 (S1 0, S2 2, S3 0, S4 0)" in text and "\n         -  (< 5)  S1 closed as false" in text
    assert "alarms an officer and hour" in text and "每名值班员每小时报警数" in text
    assert report([], "--json")["raised"] == 0
    assert subprocess.run([HJHUB, "alarms", "report"], capture_output=True, check=False).returncode == 2
    assert subprocess.run([HJHUB, "alarms", "--officers", "0", "report", "-"], capture_output=True, check=False).returncode == 2
