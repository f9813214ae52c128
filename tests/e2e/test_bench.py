"""The bench runs: not what it measures, which a loaded machine or a sanitizer would make worthless."""
import json
import subprocess
import sys

import servers


def test_bench_measures_a_frame_and_the_live_path():
    done = subprocess.run(
        [sys.executable, servers.ROOT / "tests/bench/bench.py", "--json", "--quick", "--only", "frame",
         "--only", "broker", "--only", "direct", "--only", "latency"], capture_output=True, text=True,
        check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["frame"]["frame_bytes"] == 500
    assert {goal["goal"] for goal in result["goals"]} >= {"check", "quiet-rate", "asks-cpu", "direct-rate"}
    assert result["latency"]["alarm"]["samples"] > 0
