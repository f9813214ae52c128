"""`hjhub report`: what came in a day, from a journal that a live hub wrote."""
import csv
import datetime
import io
import json

import pytest

import hj212
import servers
from live import BYPASS, CEMS, METER, up, received


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """One for all: its journal is only read, once it has ended."""
    folder = tmp_path_factory.mktemp("live")
    broker, redis = servers.Broker(folder), servers.Redis(folder)
    broker.start()
    redis.start()
    server = servers.Hub(folder, broker, redis)
    server.start()
    server.device = servers.Device(broker, "device")
    yield server
    server.device.close()
    for process in (server, redis, broker):
        process.stop()


@pytest.fixture(scope="module")
def day(hub):
    """Yesterday's hours of the stack, told today: 20 of 24, one twice, three flagged; the bypass says little."""
    start = hj212.now().replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(days=1)
    device = hub.device
    for hour in range(20):
        flag = "M" if hour in (3, 4) else "F" if hour == 5 else "N"
        at = start + datetime.timedelta(hours=hour)
        items = f"a34013-Min=1.0,a34013-Avg=2.0,a34013-Max=3.0,a34013-Flag={flag}"
        frame = hj212.frame(f"QN={at:%Y%m%d%H%M%S}001;ST=31;CN=2061;PW=123456;MN={CEMS};Flag=4;"
                            f"CP=&&DataTime={at:%Y%m%d%H%M%S};{items}&&")
        device.publish(up(CEMS), frame)
        if hour == 7:
            device.publish(up(CEMS), frame)
    for minute in range(6):
        at = start + datetime.timedelta(minutes=minute)
        device.publish(up(BYPASS), hj212.data(BYPASS, {"e10101": 0}, at, flag=4))
    servers.wait_for(lambda: received(hub) == 27)
    assert hub.stop() == 0
    return start.strftime("%Y-%m-%d")


def rows(hub, *options):
    done = hub.command("report", "--journal", hub.journal, "--csv", *options)
    assert done.returncode == 0, done.stderr
    return {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


def test_report__counts_each_hour_once_and_says_the_rates(hub, day):
    cems = rows(hub, "--day", day, "--by", "device")[CEMS]
    # One hour is marked as stopped: 23 are expected, 19 came, of which 17 are valid. All came a day late.
    assert (cems["expected"], cems["received"], cems["stopped"]) == ("23", "19", "1")
    assert (cems["transmission"], cems["transmission_in_time"]) == ("0.8261", "0.0000")
    assert (cems["valid_data"], cems["capture"], cems["marked_M_h"]) == ("0.8500", "0.8947", "2.000")
    assert cems["effectiveness"] == f"{19 / 23 * 0.85:.4f}"


def test_report__a_device_without_hours_is_counted_by_its_interval(hub, day):
    devices = rows(hub, "--day", day, "--by", "device")
    assert int(devices[BYPASS]["received"]) == 6 and int(devices[BYPASS]["expected"]) > 1000
    assert devices[METER]["silent"] == "1"


def test_report__sums_and_month(hub, day):
    enterprise, area = rows(hub, "--day", day), rows(hub, "--day", day, "--by", "area")
    device = rows(hub, "--day", day, "--by", "device")
    assert sum(int(r["received"]) for r in device.values()) == sum(int(r["received"]) for r in enterprise.values())
    assert sum(int(r["expected"]) for r in enterprise.values()) == int(next(iter(area.values()))["expected"])
    quarter = rows(hub, "--quarter", f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}", "--by", "device")[CEMS]
    month = rows(hub, "--month", day[:7], "--by", "device")[CEMS]
    assert quarter["received"] == month["received"] and int(quarter["expected"]) >= int(month["expected"])
    assert (month["received"], month["stopped"]) == ("19", "1") and int(month["expected"]) >= 23


def test_report__of_a_day_that_is_not_over_nothing_of_the_rest_is_expected(hub, day):
    def intervals():
        now = hj212.now()
        return (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() // 10

    today = datetime.date.fromisoformat(day) + datetime.timedelta(days=1)
    before = intervals()
    expected = int(rows(hub, "--day", str(today), "--by", "device")[BYPASS]["expected"])
    assert before <= expected <= intervals() or hj212.now().date() != today


def test_report__json_says_the_same_and_text_names_the_undisturbed(hub, day):
    done = hub.command("report", "--journal", hub.journal, "--json", "--day", day, "--by", "device")
    told = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert told[CEMS]["transmission"] == 0.8261 and told[METER]["valid_data"] is None
    assert "undisturbed 无打扰" in hub.command("report", "--journal", hub.journal, "--day", day).stdout


@pytest.mark.parametrize("options", [(), ("--day", "2026-13-01"), ("--month", "2026-1"), ("--day", "2026-01-01", "--month", "2026-01"),
                                     ("--day", "2026-01-01", "--by", "town"), ("--quarter", "2026-Q0"), ("--quarter", "2026-Q1x"), ("--month", "2026-00")])
def test_report__wrong_usage(hub, day, options):
    assert hub.command("report", "--journal", hub.journal, *options).returncode == 2
