"""The bench runs: not what it measures, which a loaded machine or a sanitizer would make worthless."""
import json
import subprocess
import sys

import servers


def test_bench_measures_a_frame_what_a_device_costs_and_the_live_path():
    done = subprocess.run(
        [sys.executable, servers.ROOT / "tests/bench/bench.py", "--json", "--quick", "--only", "frame",
         "--only", "cost", "--only", "broker", "--only", "direct", "--only", "latency"], capture_output=True, text=True,
        check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["frame"]["frame_bytes"] == 500
    county = result["cost"]["counties"][-1]
    assert county["devices"] == 1000 and county["messages"] >= 3000 and county["readings_per_s"] > 0
    assert sum(kind["devices"] for kind in county["kinds"][:-1]) == county["kinds"][-1]["devices"] == 1000
    assert all(kind["live"] > 0 and kind["reserve"] > 0 and kind["ring"] > 0 for kind in county["kinds"])
    assert {goal["goal"] for goal in result["goals"]} >= {"check", "readings", "state", "quiet-rate", "asks-cpu", "direct-rate"}
    assert result["latency"]["alarm"]["samples"] > 0
