"""The ten rules of the first catalogue, from real frames and packs to transitions, to the millisecond."""
import datetime
import shutil

import pytest

import hj212
from story import BYPASS, CEMS, FUME, METER, REGISTRY, START, Plant, Story, brief, stamp, when

OPEN = {"e10101": 20, "e10301": 0}


def registry(folder, **tables):
    """registry-small with more rows."""
    shutil.copytree(REGISTRY, folder / "registry")
    for name, rows in tables.items():
        with open(folder / f"registry/{name}.csv", "a", encoding="utf-8") as out:
            out.write("".join(row + "\n" for row in rows))
    return folder / "registry"


def planned(folder, kind, enterprise="E1", begin=0, end=86400):
    """registry-small with one plan, in seconds after START."""
    path = registry(folder)
    (path / "plans.csv").write_text(f"plan,kind,enterprise,from,to\nP1,{kind},{enterprise},{stamp(begin)},{stamp(end)}\n")
    return path


def words(transition):
    return transition["text"]["zh"], transition["text"]["en"]


class Kitchen(Plant):
    """The noodle house of registry-small."""
    SHOWS = {FUME: {"a34041": 0.8, "fan": 2.4, "purifier": 0.8}}


def wanders(least, span):
    """A value that never comes back the way it went: what repeats would be a replay."""
    return lambda s: least + (s * s * 7919 + s * 104729) % 10007 % (span * 100) / 100


class Works(Plant):
    """The foundry with its stack's monitor too."""
    SHOWS = {**Plant.SHOWS, CEMS: {"a34013": wanders(6, 7), "a21026": wanders(21, 11), "a21002": wanders(38, 13),
                                   "a19001": wanders(10, 7), "a01011": wanders(12, 11)}}


# --- bypass-damper-open: 60 s, 300 s, S1 ---

def damper(*parts, **options):
    story = options.pop("story", None) or Plant(**options)
    for start, end, changes in parts:
        story.live(start, end, **changes)
    return story


def test_damper__raises_after_60_s_and_clears_after_300():
    told = damper((0, 300, {}), (300, 500, OPEN), (500, 900, {})).raised("bypass-damper-open")
    assert brief(told) == [(360, "normal", "active-unack", "S1"), (800, "active-unack", "cleared-unack", "S1")]
    assert {t["onset"] for t in told} == {stamp(300)} and len({t["alarm"] for t in told}) == 1
    assert words(told[0])[0] == "青石坪铸造厂（虚构）：旁路挡板开度20 %（开到位0，关到位0），中频炉运行中，已持续1分"
    assert told[0]["mn"] == BYPASS and told[0]["title"] == {"zh": "旁路挡板开启", "en": "Bypass damper open"}
    assert words(told[1])[0].startswith("【已恢复】") and words(told[1])[1].startswith("[over] ")


@pytest.mark.parametrize("shown,raises", [
    ({"e10101": 5, "e10301": 1}, False), ({"e10101": 5.01, "e10301": 1}, True),
    ({"e10101": 0, "e10201": 1, "e10301": 1}, True),  # both switches on
    ({"e10101": 0, "e10201": 0, "e10301": 0}, True),  # neither on
    ({"e10101": None, "e10201": 0, "e10301": 0}, True), ({"e10101": None, "e10201": 0, "e10301": 1}, False)])
def test_damper__threshold_and_switches(shown, raises):
    assert bool(damper((0, 300, {}), (300, 420, shown)).raised("bypass-damper-open")) == raises


@pytest.mark.parametrize("shown,clears", [({"e10101": 2, "e10301": 1}, True), ({"e10101": 2.1, "e10301": 1}, False),
                                          ({"e10101": 0, "e10301": 0}, False)])
def test_damper__what_counts_as_shut(shown, clears):
    told = damper((0, 300, {}), (300, 400, OPEN), (400, 800, shown)).raised("bypass-damper-open")
    assert [t["to"] for t in told] == ["active-unack"] + ["cleared-unack"] * clears


def test_damper__is_nobodys_business_while_production_stands():
    stopped = {"d20101": 0}
    assert damper((0, 600, stopped), (600, 900, {**stopped, **OPEN})).raised("bypass-damper-open") == []


@pytest.mark.parametrize("flag", "MCDFBS")
def test_damper__a_flag_that_is_not_usable_pauses_the_timer(flag):
    story = damper((0, 300, {}), (300, 340, OPEN))
    # The first flagged frame comes at 340, the next usable one at 400: the minute stands still in between.
    story.live(340, 400, marks={"e10101": flag, "e10201": flag, "e10301": flag}, **OPEN)
    told = story.live(400, 440, **OPEN).raised("bypass-damper-open")
    assert brief(told) == [(420, "normal", "active-unack", "S1")] and told[0]["onset"] == stamp(300)


def test_damper__a_missing_or_stale_value_pauses_the_timer():
    """Silent from 340 on; its last value, of 330, is too old after three intervals."""
    story = damper((0, 300, {}), (300, 340, OPEN)).live(340, 420, e10101=None, e10201=None, e10301=None, a01011=None)
    told = story.live(420, 460, **OPEN).raised("bypass-damper-open")
    # 300 to 360 would have been full but for the instant at which it grew stale: it was 330 + 30.001.
    assert brief(told) == [(360, "normal", "active-unack", "S1")]
    story = damper((0, 300, {}), (300, 320, OPEN)).live(320, 420, e10101=None, e10201=None, e10301=None, a01011=None)
    told = story.live(420, 460, **OPEN).raised("bypass-damper-open")
    assert brief(told) == [(420 + 60 - 40.001, "normal", "active-unack", "S1")]


def test_damper__a_withheld_value_pauses_the_timer():
    bad = {"e10101": "abc", "e10201": "x", "e10301": "-"}
    told = damper((0, 300, {}), (300, 340, OPEN), (340, 400, bad), (400, 440, OPEN)).raised("bypass-damper-open")
    assert brief(told) == [(420, "normal", "active-unack", "S1")]


def test_damper__a_filing_lowers_and_deletes_nothing(tmp_path):
    story = Plant(planned(tmp_path, "emergency-discharge"))
    told = damper((0, 300, {}), (300, 400, OPEN), story=story).raised("bypass-damper-open")
    assert brief(told) == [(360, "normal", "active-unack", "S2")]


def test_damper__the_start_of_production_lowers_for_half_an_hour():
    story = damper((0, 600, {"d20101": 0}), (600, 720, {}), (720, 2600, OPEN))
    told = brief(story.raised("bypass-damper-open"))
    # It counts as on from 720, two minutes after the power came.
    assert told == [(780, "normal", "active-unack", "S2"), (2520, "active-unack", "active-unack", "S1")]


def test_damper__holds_again_before_it_is_closed_and_is_the_same_alarm():
    told = damper((0, 300, {}), (300, 400, OPEN), (400, 800, {}), (800, 900, OPEN)).raised("bypass-damper-open")
    assert [(t["from"], t["to"]) for t in told] == [("normal", "active-unack"), ("active-unack", "cleared-unack"),
                                                    ("cleared-unack", "active-unack")]
    assert len({t["alarm"] for t in told}) == 1 and [t["transition"] for t in told] == [1, 2, 3]


def test_damper__late_data_moves_no_live_rule():
    """Frames come from a logger that kept them, between those that came: open in the past, shut now."""
    story = damper((0, 3600, {}))
    for second in range(1800, 2400, 10):
        story.frame(3605, BYPASS, {"e10101": 50, "e10201": 0, "e10301": 0}, event=second + 5)
    told = story.live(3610, 3900).raised("bypass-damper-open")
    assert [(t["to"], t["onset"], t["retrospective"]) for t in told] == [("active-unack", stamp(1805), True)]
    assert story.counters["rejected"] == story.counters["quarantined"] == 0


def test_damper__a_key_used_again_with_other_content_is_used():
    """A logger whose QN stands still would else be blind for ever."""
    story = Plant().live(0, 300)
    for second in range(300, 400, 10):
        story.pack(second, METER, Plant.SHOWS[METER])
        story.frame(second, BYPASS, {"e10101": 20, "e10201": 0, "e10301": 0}, qn="20260901100300000")
    assert brief(story.raised("bypass-damper-open")) == [(360, "normal", "active-unack", "S1")]


# --- bypass-flow-detected: 180 s, 600 s, S1 ---

def test_flow__raises_after_180_s_and_clears_after_600():
    told = Works().live(0, 300).live(300, 600, every=10, a01011=lambda s: 3.1).live(600, 1300)
    rows = brief(told.raised("bypass-flow-detected"))
    assert rows == [(480, "normal", "active-unack", "S1"), (1200, "active-unack", "cleared-unack", "S1")]


@pytest.mark.parametrize("bypass,stack,raises", [(2, 12, False), (2.1, 12, True), (2.9, 60, False), (3.1, 60, True)])
def test_flow__the_greater_bound_counts(bypass, stack, raises):
    class Stack(Plant):
        SHOWS = {**Plant.SHOWS, CEMS: {"a01011": stack}}
    story = Stack().live(0, 300)
    story.SHOWS = {**Stack.SHOWS, BYPASS: {**Plant.SHOWS[BYPASS], "a01011": bypass}}
    told = story.live(300, 500).raised("bypass-flow-detected")
    assert bool(told) == raises
    if raises:
        assert f"{bypass} m/s" in words(told[0])[0] and f"{stack} m/s" in words(told[0])[1]


# --- bypass-temperature-rise: 300 s, 900 s, S1 ---

@pytest.fixture
def hot(tmp_path):
    """The foundry with thermometers in the bypass, before treatment, and outside."""
    class Hot(Plant):
        SHOWS = {**Plant.SHOWS, METER: {**Plant.SHOWS[METER], "t1": 160, "t2": 20},
                 BYPASS: {"e10101": 0, "e10201": 0, "e10301": 1, "a01012": 30}}
    path = registry(tmp_path, equipment=["U1,原烟气,raw gas,upstream,E1,O1", "A1,环境,outdoors,ambient,E1,O1"],
                    linkages=["L1,,,E1,O1,upstream,U1,any", "L1,,,E1,O1,ambient,A1,any"],
                    signals=[f"{BYPASS},a01012,Rtd,2011,B1,temperature,degC,,,,", "METER-E1,t1,Rtd,,U1,temperature,degC,,,,",
                             "METER-E1,t2,Rtd,,A1,temperature,degC,,,,"])
    return Hot(path)


def test_temperature__raises_after_300_s_half_way_to_the_gas_and_clears_after_900(hot):
    told = hot.live(0, 300).live(300, 700, a01012=90).live(700, 1700, a01012=50).raised("bypass-temperature-rise")
    assert brief(told) == [(600, "normal", "active-unack", "S1"), (1600, "active-unack", "cleared-unack", "S1")]
    assert "90 ℃" in words(told[0])[0] and "160 ℃" in words(told[0])[0] and "20 ℃" in words(told[0])[0]


@pytest.mark.parametrize("shown,raises", [({"a01012": 89.9}, False), ({"a01012": 90}, True),
                                          ({"a01012": 49.9, "t1": 70}, False), ({"a01012": 50, "t1": 70}, True),
                                          ({"a01012": 55, "t1": 59.9}, False)])
def test_temperature__bounds(hot, shown, raises):
    assert bool(hot.live(0, 300).live(300, 700, **shown).raised("bypass-temperature-rise")) == raises


def test_temperature__five_degrees_a_minute_for_five_minutes(hot):
    told = hot.live(0, 300).live(300, 900, a01012=lambda s: 30 + (s - 300) * 0.085)
    assert [row[1:] for row in brief(told.raised("bypass-temperature-rise"))] == [("normal", "active-unack", "S1")]
    slow = Plant(hot.registry)
    slow.SHOWS = hot.SHOWS
    assert slow.live(0, 300).live(300, 900, a01012=lambda s: 30 + (s - 300) * 0.08).raised("bypass-temperature-rise") == []


# --- treatment-off-production-on: 180 s, 300 s, S1; the states settle after 120 s on and 300 s off ---

def test_treatment__raises_after_180_s_of_a_settled_stop():
    told = Plant().live(0, 3600).live(3600, 4500, d30101=0.4).live(4500, 5200).raised("treatment-off-production-on")
    assert brief(told) == [(4080, "normal", "active-unack", "S1"), (4920, "active-unack", "cleared-unack", "S1")]
    assert told[0]["onset"] == stamp(3900) and told[0]["mn"] == METER
    assert words(told[0]) == ("青石坪铸造厂（虚构）：中频炉运行（400 kW），布袋除尘器停运（0.4 kW），已持续3分",
                              "Qingshiping Foundry (fictional): induction furnace runs (400 kW) while baghouse is off "
                              "(0.4 kW), for 3 min")


def test_treatment__a_stop_just_too_short():
    """It counts as off from 3900; power again at 3950 counts as on from 4070, at 3960 from 4080 on."""
    story = Plant().live(0, 3600).live(3600, 3950, d30101=0.4).live(3950, 4300)
    assert story.raised("treatment-off-production-on") == []
    story = Plant().live(0, 3600).live(3600, 3960, d30101=0.4).live(3960, 4300)
    assert brief(story.raised("treatment-off-production-on"))[0][0] == 4080


@pytest.mark.parametrize("power,running", [(50, None), (134, True), (133.9, None), (15, False), (15.1, None)])
def test_estimator__on_and_off_from_rated_idle_and_normal(power, running):
    """500 kW rated, 20 idle, 400 normal: on from max(50, 20 + 114), off up to max(15, 10); in between as before."""
    story = Plant().live(0, 3600, d20101=400 if running is False else 0)
    told = story.live(3600, 5000, d20101=power, d30101=0.4).raised("treatment-off-production-on")
    before = running is False
    raises = before if running is None else running
    if running is False:
        # It counts as on until 3900, when the treatment is not yet off for three minutes.
        assert told == []
    else:
        assert bool(told) == raises


def test_estimator__on_after_120_s_off_after_300_s():
    """Treatment is off all the time; so the rule shows when production counts as on."""
    quiet = {"d20101": 0, "d30101": 0}
    story = Plant().live(0, 3600, **quiet).live(3600, 4800, d30101=0).live(4800, 5700, **quiet)
    assert brief(story.raised("treatment-off-production-on")) == [
        (3600 + 120 + 180, "normal", "active-unack", "S2"),  # it is starting
        (3720 + 900, "active-unack", "active-unack", "S1"),
        (4800 + 300 + 300, "active-unack", "cleared-unack", "S1")]
    short = Plant().live(0, 3600, **quiet).live(3600, 3710, d30101=0).live(3710, 4500, **quiet)
    assert short.raised("treatment-off-production-on") == []  # power for 110 s


def test_treatment__a_filed_repair_lowers(tmp_path):
    story = Plant(planned(tmp_path, "repair")).live(0, 3600).live(3600, 4200, d30101=0)
    assert brief(story.raised("treatment-off-production-on")) == [(4080, "normal", "active-unack", "S2")]


def test_treatment__nothing_is_said_where_there_is_no_treatment(tmp_path):
    path = registry(tmp_path)
    table = path / "linkages.csv"
    table.write_text("".join(line for line in table.read_text().splitlines(True) if ",treatment," not in line))
    story = Plant(path).live(0, 3600, d30101=0)
    assert story.raised("treatment-off-production-on") == []


# --- device-offline: 600 s (or three intervals), 300 s, S4 to S1 ---

RAISED_S4 = ("normal", "active-unack", "S4")


def offline(story, mn=CEMS):
    return brief([t for t in story.raised("device-offline") if t["subject"] == mn])


def test_offline__grades_with_the_gap():
    story = Plant().live(0, 300)
    story.frame(300, CEMS, {"a21026": 1})
    for second in range(310, 90000, 600):
        story.live(second, second + 1)
    # Whether production runs is known for half a minute of ten: an unknown grade leaves what was said.
    assert offline(story) == [
        (900.001, "normal", "active-unack", "S4"), (2100.001, "active-unack", "active-unack", "S3"),
        (7510, "active-unack", "active-unack", "S2"), (86700.001, "active-unack", "active-unack", "S1")]


def test_offline__s2_after_two_hours_of_production():
    story = Plant()
    story.frame(0, CEMS, {"a21026": 1})
    told = offline(story.live(0, 7400, every=20))
    assert told == [(600.001, "normal", "active-unack", "S4"), (1800.001, "active-unack", "active-unack", "S3"),
                    (7200.001, "active-unack", "active-unack", "S2")]


def test_offline__clears_after_five_minutes_of_data():
    story = Story().frame(0, CEMS, {"a21026": 1})
    for second in range(1000, 1400, 10):
        story.frame(second, CEMS, {"a21026": 1})
    assert offline(story) == [(600.001, "normal", "active-unack", "S4"), (1300, "active-unack", "cleared-unack", "S4")]


def test_offline__a_device_that_reports_seldom_has_three_intervals(tmp_path):
    path = registry(tmp_path)
    table = path / "devices.csv"
    table.write_text(table.read_text().replace(f"{CEMS},1号烟囱在线监测,CEMS of stack 1,cems,E1,O1,hj212,2017,10",
                                               f"{CEMS},1号烟囱在线监测,CEMS of stack 1,cems,E1,O1,hj212,2017,300"))
    story = Story(path).frame(0, CEMS, {"a21026": 1}).tick(900)
    assert offline(story) == []
    assert offline(story.tick(901)) == [(900.001, "normal", "active-unack", "S4")]


def test_offline__a_device_that_is_not_in_service_yet_is_not_missed(tmp_path):
    path = registry(tmp_path)
    rows = (path / "devices.csv").read_text().splitlines()
    rows = [rows[0] + ",in_service_since"] + [row + ("," + stamp(7200)[:19] + "+08:00" if row.startswith(CEMS) else ",")
                                              for row in rows[1:]]
    (path / "devices.csv").write_text("\n".join(rows) + "\n")
    assert offline(Story(path).tick(0).tick(7800)) == []
    story = Story(path).tick(0).tick(7801)
    assert offline(story) == [(7800.001, "normal", "active-unack", "S4")]
    assert "10分没有数据" in [t for t in story.run() if t["subject"] == CEMS][0]["text"]["zh"]
    assert offline(Story(path).tick(0).frame(7100, CEMS, {"a21026": 1}).tick(7801)) == [(7800.001, *RAISED_S4)]


def test_offline__a_message_without_values_is_a_sign_of_life():
    story = Story().frame(0, CEMS, {"a21026": 1})
    story.send(590, CEMS, hj212.frame(f"QN=20260901100950000;ST=31;CN=2081;PW=123456;MN={CEMS};Flag=4;CP=&&"
                                      "DataTime=20260901100950;RestartTime=20260901100900&&"))
    assert offline(story.tick(1190)) == []
    assert offline(story.tick(1191)) == [(1190.001, "normal", "active-unack", "S4")]


# --- monitor-power-cut: 60 s, 300 s, S2 ---

CUT = {"d40101": 0, "d40102": 1}


def test_power_cut__raises_after_60_s_and_clears_after_300():
    told = Plant().live(0, 300).live(300, 400, **CUT).live(400, 800).raised("monitor-power-cut")
    assert brief(told) == [(360, "normal", "active-unack", "S2"), (700, "active-unack", "cleared-unack", "S2")]
    assert words(told[0])[0] == "青石坪铸造厂（虚构）：监测站房断电（市电0，电池供电1），而厂区用电600 kW，已持续1分"


@pytest.mark.parametrize("shown,raises", [({"d10101": 180.1}, True), ({"d10101": 180}, False), ({"d10101": 0}, False),
                                          ({"d40102": 0}, True), ({"d40101": 1}, True)])
def test_power_cut__only_while_the_site_has_more_than_30_percent_of_normal(shown, raises):
    assert bool(Plant().live(0, 300).live(300, 700, **{**CUT, **shown}).raised("monitor-power-cut")) == raises


def test_power_cut__a_filed_breaker_test_lowers(tmp_path):
    story = Plant(planned(tmp_path, "breaker-test")).live(0, 300).live(300, 400, **CUT)
    assert brief(story.raised("monitor-power-cut")) == [(360, "normal", "active-unack", "S3")]


# --- emission-hour-exceed: at once, next compliant hour, S2, S1 above one and a half times ---

def hours(*means, story=None, marks=None):
    """Hour means of the stack's NOx, limit 300; each comes two minutes after its hour."""
    story = story or Story()
    for hour, mean in enumerate(means):
        story.frame(hour * 3600 + 3720, CEMS, {"a21002": mean}, event=hour * 3600, cn=2061, field="ZsAvg",
                    marks=(marks or {}).get(hour))
    return story


def test_hour__just_above_the_limit_and_the_next_compliant_hour():
    told = hours(300, 300.1, 300).raised("emission-hour-exceed")
    assert brief(told) == [(7320, "normal", "active-unack", "S2"), (10920, "active-unack", "cleared-unack", "S2")]
    assert told[0]["onset"] == stamp(3600) and told[0]["subject"] == f"{CEMS}:a21002-ZsAvg"
    assert words(told[0])[0] == ("青石坪铸造厂（虚构）：1号烟囱氮氧化物小时折算均值300.1 mg/m3，超过限值300 mg/m3，"
                                 "时段始于2026-09-01T11:00:00.000+08:00")
    assert "nitrogen oxides" in words(told[0])[1]


def test_hour__grades_and_an_hour_that_is_not_usable():
    told = hours(450.1, 310, 310, 100, marks={2: {"a21002": "D"}, 3: {"a21002": "D"}}).raised("emission-hour-exceed")
    assert brief(told) == [(3720, "normal", "active-unack", "S1"), (7320, "active-unack", "active-unack", "S2")]


def test_hour__a_filed_start_lowers(tmp_path):
    story = hours(500, story=Story(planned(tmp_path, "start-up")))
    assert brief(story.raised("emission-hour-exceed")) == [(3720, "normal", "active-unack", "S3")]


def test_hour__without_a_limit_nothing_is_over_it():
    story = Story()
    story.frame(3720, CEMS, {"a21026": 9999}, event=0, cn=2061, field="ZsAvg")
    assert story.raised("emission-hour-exceed") == []


# --- flatline-constant: 60 min, 30 min, S2 ---

def test_flatline__an_hour_of_the_same_digits():
    story = Works().live(0, 600, every=30).live(600, 4800, every=30, a21002=17.3).live(4800, 6700, every=30)
    told = [t for t in story.raised("flatline-constant") if t["subject"].endswith("a21002-Rtd")]
    assert brief(told) == [(4200, "normal", "active-unack", "S2"), (6600, "active-unack", "cleared-unack", "S2")]
    assert "17.3 mg/m3" in words(told[0])[0] and "氮氧化物" in words(told[0])[0]
    assert told[0]["onset"] == stamp(4200)


def test_flatline__just_not_an_hour_and_while_production_stands():
    story = Works().live(0, 600, every=30).live(600, 4200, every=30, a21002=17.3).live(4200, 4400, every=30)
    assert [t for t in story.raised("flatline-constant") if "a21002" in t["subject"]] == []
    story = Works().live(0, 6000, every=30, d20101=0, d30101=0, a21002=0)
    assert [t for t in story.raised("flatline-constant") if "a21002" in t["subject"]] == []


def test_flatline__a_value_that_now_and_then_repeats_is_alive():
    story = Works().live(0, 600, every=30).live(600, 4800, every=30, a21002=17.3)
    told = story.live(4800, 7000, every=30, a21002=lambda s: 38 + s // 120 % 5).raised("flatline-constant")
    assert [t["to"] for t in told if "a21002" in t["subject"]] == ["active-unack", "cleared-unack"]


# --- fume-purifier-off: 300 s, 300 s, S2; fume-over-limit: ten-minute mean, 90 % for 15 min, S3 ---

def test_purifier__raises_after_300_s_of_a_settled_stop():
    told = Kitchen().live(0, 900).live(900, 2000, purifier=0).live(2000, 2600).raised("fume-purifier-off")
    assert brief(told) == [(1500, "normal", "active-unack", "S2"), (2420, "active-unack", "cleared-unack", "S2")]
    assert words(told[0])[0] == "老槐树面馆（虚构）：排烟风机运行（2.4 kW）而油烟净化器未开（0 kW），已持续5分"


def test_purifier__outside_business_hours_and_with_a_filed_cleaning(tmp_path):
    (tmp_path / "a").mkdir()
    path = registry(tmp_path / "a")
    (path / "calendars.csv").write_text("calendar,enterprise,weekdays,from_time,to_time\nbusiness,E2,1234567,11:00,22:00\n")
    story = Kitchen(path).live(0, 900).live(900, 4600, purifier=0)
    assert brief(story.raised("fume-purifier-off")) == [(3600 + 300, "normal", "active-unack", "S2")]
    story = Kitchen(planned(tmp_path, "cleaning", "E2")).live(0, 900).live(900, 1600, purifier=0)
    assert brief(story.raised("fume-purifier-off")) == [(1500, "normal", "active-unack", "S3")]


def test_fume__the_mean_of_ten_minutes():
    """60 values a window; 4 mg/m3 for five minutes after 0 gives a mean of 2: not over it, one more is."""
    told = Kitchen().live(0, 900, a34041=0).live(900, 1800, a34041=4).live(1800, 3600, a34041=0).raised("fume-over-limit")
    assert brief(told)[0] == (1200, "normal", "active-unack", "S3")
    assert brief(told)[1][1:] == ("active-unack", "cleared-unack", "S3")
    assert "2 mg/m3" in words(told[0])[0] and "4 mg/m3" in words(told[0])[0]
    # Below 1.8, that is 26 values of 4, from 1800 + 340 on; then 15 minutes.
    assert brief(told)[1][0] == 1800 + 330 + 900


def test_fume__twice_the_limit_is_s2():
    told = Kitchen().live(0, 900, a34041=0).live(900, 2000, a34041=4.1).raised("fume-over-limit")
    assert [row[3] for row in brief(told)] == ["S3", "S2"]
    told = Kitchen().live(0, 900, a34041=0).live(900, 2000, a34041=4).raised("fume-over-limit")
    assert [row[3] for row in brief(told)] == ["S3"]


def test_fume__a_sensor_that_has_just_begun_has_no_mean():
    """Three quarters of the window: 45 values, the last at 440."""
    assert Kitchen().live(0, 440, a34041=9).raised("fume-over-limit") == []
    assert brief(Kitchen().live(0, 450, a34041=9).raised("fume-over-limit")) == [(440, "normal", "active-unack", "S2")]


def test_honest_county__nothing_at_all():
    story = Works().live(0, 7200, every=30)
    for second in range(0, 7200, 30):
        story.pack(second, FUME, {"a34041": 0.8, "fan": 2.4, "purifier": 0.8})
    assert story.run() == []
    assert story.counters["accepted"] == story.counters["received"]
