"""Makers' own names for fume and electricity: what profiles.csv says of them feeds the catalogue's rules, in a replay
and over a real broker; what is wrong in it is named."""
import csv
import datetime
import io
import json
import subprocess

import hj212
import pytest
import servers
from live import up
from servers import AREA, HJHUB, ROOT, wait_for
from story import START, Story, when

SHIPPED = subprocess.run([HJHUB, "registry", "profiles"], capture_output=True, text=True, check=True).stdout
FUME = ["fume-sb", "fume-ga", "fume-status", "fume-b"]
# What each maker sends: fume, then the states of fan and purifier that mean on and off.
SAYS = {
    "fume-sb": (31, "a34041-Rtd={fume},a34041-Flag=N;SB7-RS={purifier};SB8-RS={fan}", "1", "0"),
    "fume-ga": (51, "ga2101-Rtd={purifier};ga0701-Rtd={fan};a34041-Rtd={fume};a34000-Rtd=1.41;a24088-Rtd=5.67;", "1", "0"),
    "fume-names": (22, "LAMPBLACK-Rtd={fume},LAMPBLACK-Flag=N;PM-Rtd=6.23,PM-Flag=N;NMHC-Rtd=4.23,NMHC-Flag=N", "1", "0"),
    "fume-status": (51, "CONC-Rtd={fume};FANAD-Rtd=1000;PURIFYAD-Rtd=1001;FANSTATUS={fan};PURIFYSTATUS={purifier};", "1", "0"),
    "fume-b": (31, "SB0-RS={purifier};SB0-Class=4;SB1-RS={fan};B01-Rtd=0{fume},B01-Class=3,B01-Flag=N;B04-Rtd=00.00,B04-Flag=U",
               "2", "0"),
}
AREA_CSV = f"area,name\n{AREA},高平市\n"


def table(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def kitchen(folder, **more):
    """A kitchen for each maker: fan, purifier, monitor."""
    sites = list(SAYS)
    folder.mkdir(exist_ok=True)
    tables = {
        "area": AREA_CSV,
        "enterprises": table([{"enterprise": f"E{i}", "name": name} for i, name in enumerate(sites)]),
        "outlets": table([{"outlet": f"O{i}", "name": "油烟排口", "enterprise": f"E{i}"} for i in range(len(sites))]),
        "devices": table([{"mn": f"FUME-{name}", "name": name, "kind": "fume", "enterprise": f"E{i}", "outlet": f"O{i}",
                           "format": "hj212", "interval_s": 10, "pw": "123456", "profile": name}
                          for i, name in enumerate(sites)]),
        "equipment": table([{"equipment": f"{role}{i}", "name": role, "enterprise": f"E{i}"}
                            for i in range(len(sites)) for role in ("fan", "purifier")]),
        "linkages": table([{"linkage": f"L{i}", "enterprise": f"E{i}", "outlet": f"O{i}", "role": role,
                            "equipment": f"{role}{i}"} for i in range(len(sites)) for role in ("fan", "purifier")]),
        "limits": table([{"outlet": f"O{i}", "factor": "a34041", "averaging": "10min", "value": "2", "unit": "mg/m3",
                          "standard": "GB 18483-2001", "tier": "legal"} for i in range(len(sites))]),
        "profiles": SHIPPED,
    }
    for name, text in {**tables, **more}.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def frame(name, at, fume="0.80", fan=True, purifier=True):
    st, cp, on, off = SAYS[name]
    cp = cp.format(fume=fume, fan=on if fan else off, purifier=on if purifier else off)
    stamp = at.strftime("%Y%m%d%H%M%S")
    return hj212.frame(f"QN={stamp}{at.microsecond // 1000:03d};ST={st};CN=2011;PW=123456;MN=FUME-{name};Flag=4;"
                       f"CP=&&DataTime={stamp};{cp}&&")


def findings(folder):
    done = subprocess.run([HJHUB, "registry", "check", "--json", folder], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines() if "words" in line]


def test_profiles__that_are_shipped_are_a_registry(tmp_path):
    assert findings(kitchen(tmp_path / "registry")) == []
    rows = list(csv.DictReader(io.StringIO(SHIPPED)))
    assert {row["profile"] for row in rows} >= set(SAYS) | {"electricity-2025", "electricity-2017", "electricity-handan"}
    assert all(row["sure"] and row["source"] for row in rows)


def test_profiles__make_the_fume_rules_fire(tmp_path):
    story = Story(registry=kitchen(tmp_path / "registry"))
    for second in range(0, 1500, 10):
        for name in SAYS:
            story.send(second, f"FUME-{name}", frame(name, when(second), fume="4.50", purifier=second < 60))
    story.tick(1500)
    raised = {(t["rule"], t["subject"]) for t in story.run() if t["to"] == "active-unack"}
    stands_for = {name: "a34041-Rtd" for name in ("fume-sb", "fume-ga")} | {
        "fume-names": "LAMPBLACK-Rtd", "fume-status": "CONC-Rtd", "fume-b": "B01-Rtd"}
    assert raised == ({("fume-over-limit", f"FUME-{name}:{item}") for name, item in stands_for.items()} |
                      {("fume-purifier-off", f"L{list(SAYS).index(name)}") for name in FUME})


def test_profiles__tell_a_purifier_that_runs(tmp_path):
    story = Story(registry=kitchen(tmp_path / "registry"))
    for second in range(0, 900, 10):
        for name in SAYS:
            story.send(second, f"FUME-{name}", frame(name, when(second), fan=second % 400 > 200))
    assert story.run() == []


METERED = {
    "devices": table([{"mn": "METERS", "name": "分表计电", "kind": "electricity", "enterprise": "E0", "format": "hj212",
                       "interval_s": 10, "pw": "123456", "profile": "electricity-2025"}]),
    "equipment": "equipment,name,enterprise\nF1,furnace,E0\nT1,baghouse,E0\n",
    "linkages": "linkage,enterprise,role,equipment,mode\nL1,E0,production,F1,any\nL1,E0,treatment,T1,all\n",
    "points": "mn,point,equipment,quantity,rated,idle,normal\nMETERS,05,F1,current,100,4,80\nMETERS,06,T1,current,30,1,20\n",
}


def meters(at, production, treatment):
    return hj212.data("METERS", {"d20105": 220.2, "d20405": production, "d30106": 220.2, "d30406": treatment}, at, st=44)


def test_profiles__tell_production_from_treatment_by_point(tmp_path):
    story = Story(registry=kitchen(tmp_path / "registry", **METERED))
    for second in range(0, 1200, 10):
        story.send(second, "METERS", meters(when(second), 80, 20 if second < 300 else 0.04))
    raised = {(t["rule"], t["subject"]) for t in story.run() if t["to"] == "active-unack"}
    assert raised == {("treatment-off-production-on", "L1")}


def test_profiles__tell_the_working_condition_of_2025_by_its_letters(tmp_path):
    """ST=45: St under production power is a false mark; N is none, and a letter without meaning says nothing."""
    condition = {**METERED, "outlets": "outlet,name,enterprise\n" + "".join(f"O{i},stack,E{i}\n" for i in range(len(SAYS))),
                 "devices": METERED["devices"].rstrip() + "\nCOND,工况,condition,E0,hj212,10,123456,condition-2025\n",
                 "linkages": METERED["linkages"].replace("enterprise,role", "enterprise,outlet,role").replace("E0,", "E0,O0,")}
    rows = list(csv.DictReader(io.StringIO(condition["devices"])))
    condition["devices"] = table([{**row, "outlet": "O0" if row["mn"] == "COND" else "",
                                   "edition": "2025" if row["mn"] == "COND" else ""} for row in rows])
    for letter, raised in (("St", {("flag-contradicts-power", "L1")}), ("N", set()), ("Xy", set())):
        story = Story(registry=kitchen(tmp_path / letter, **condition))
        for second in range(0, 1500, 10):
            story.send(second, "METERS", meters(when(second), 80, 20))
            stamp = when(second).strftime("%Y%m%d%H%M%S")
            story.send(second, "COND", hj212.frame(f"QN={stamp}000;ST=45;CN=2011;PW=123456;MN=COND;Flag=8;"
                                                   f"CP=&&DataTime={stamp};p99101-Rtd={letter},p99101-Flag=N&&"))
        assert {(t["rule"], t["subject"]) for t in story.run() if t["to"] == "active-unack"} == raised


@pytest.mark.parametrize("table_name, change, file, words", [
    ("devices", ("fume-sb\n", "fume-xy\n"), "devices.csv", "no such profile"),
    ("linkages", ("L0,E0,O0,purifier,purifier0\n", ""), "devices.csv", "none plays at its outlet"),
    ("profiles", ("0=0 1=1 4=1", "off,on"), "profiles.csv", None),
    ("profiles", ("fume-ga,ga2101", "fume-ga,ga0701"), "profiles.csv", None),
    ("profiles", ("a34041,Rtd,2011,,fume,mg/m3", "a34041,Rtd,2011,,fume,mg/l"), "profiles.csv", "no such unit"),
])
def test_profiles__mistakes_are_named(tmp_path, table_name, change, file, words):
    folder = kitchen(tmp_path / "registry")
    text = (folder / f"{table_name}.csv").read_text()
    assert change[0] in text
    (folder / f"{table_name}.csv").write_text(text.replace(*change, 1))
    found = findings(folder)
    assert found and found[0]["file"].endswith(file) and (words or "") in found[0]["words"], found


def test_points__mistakes_are_named(tmp_path):
    cases = {"METERS,07,F1,,,,\n": None, "METERS,5,F1,,,,\n": "nothing of the device's profile",
             "METERS,05,T1,voltage,,,\n": "other equipment", "METERS,05,F1,current,9,1,2\n": "stands twice"}
    for line, words in cases.items():
        found = findings(kitchen(tmp_path / "registry", **{**METERED, "points": METERED["points"] + line}))
        assert (words is None and found == []) or words in found[0]["words"], (line, found)


def test_profiles__feed_the_rules_of_a_live_hub(tmp_path, broker, redis, connect):
    hub = servers.Hub(tmp_path, broker, redis, kitchen(tmp_path / "profiled"))
    hub.start()
    try:
        officer, device = connect("officer", f"ems/v1/{AREA}/alarm/event"), connect("device")
        start = hj212.now() - datetime.timedelta(seconds=590)
        for i in range(59):  # queued, as after an outage of their line: event time rules
            for name in FUME:
                device.publish(up(f"FUME-{name}"), frame(name, start + datetime.timedelta(seconds=10 * i), purifier=i < 5))
        events = wait_for(lambda: len(officer.got) >= len(FUME) and officer.got, 60)
        told = [json.loads(event.payload)["data"] for event in events]
        assert {(event["rule"], event["subject"]) for event in told} == {
            ("fume-purifier-off", f"L{list(SAYS).index(name)}") for name in FUME}
    finally:
        assert hub.stop() in (0, None)
