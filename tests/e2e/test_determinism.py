"""The same records give the same bytes, however often the hub is restarted between them."""
import subprocess

import pytest

from servers import BUILD, HJHUB, ROOT
from test_late import fill, gap_story, opened

RULES = ROOT / "rules"
FROM = "2026-09-01T00:00:00+08:00"


def replay(path, registry, *options):
    done = subprocess.run([HJHUB, "replay", *options, "--json", "--registry", registry, "--rules", RULES, path],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A simulated day with trouble in it."""
    folder = tmp_path_factory.mktemp("county")
    same = ["--seed", "7", "--devices", "8", "--interval", "300"]
    subprocess.run([BUILD / "hjsim", "registry", *same, folder / "registry"], check=True)
    subprocess.run([BUILD / "hjsim", "run", *same, "--jsonl", folder / "day.jsonl", "--from", FROM, "--for", "86400",
                    "--scene", "bypass-opened", "--scene", "treatment-off"], check=True)
    return folder


def test_determinism__a_day_with_restarts_is_the_same_day(county):
    straight = replay(county / "day.jsonl", county / "registry")
    assert straight[0].count(b"\n") > 5
    for every in ("1000", "137", "1 h"):
        assert replay(county / "day.jsonl", county / "registry", "--restart-every", every) == straight, every


@pytest.mark.parametrize("every", ["", "soon", "1 kW", "-1 h", "0 h", "400 d"])
def test_determinism__what_is_no_cadence_is_said(county, every):
    done = subprocess.run([HJHUB, "replay", "--restart-every", every, "--registry", county / "registry", county / "day.jsonl"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and f"--restart-every {every}: give" in done.stderr and done.stdout == ""


def test_determinism__a_restart_behind_every_record(county):
    lines = (county / "day.jsonl").read_text().splitlines(keepends=True)
    (county / "short.jsonl").write_text("".join(lines[:400]))
    straight = replay(county / "short.jsonl", county / "registry")
    assert replay(county / "short.jsonl", county / "registry", "--restart-every", "1") == straight


def test_determinism__a_restart_in_the_middle_of_a_back_fill(tmp_path):
    story = fill(gap_story(), 2000, 610, 1800, opened)
    (tmp_path / "lines.jsonl").write_text(story.text())
    straight = replay(tmp_path / "lines.jsonl", story.registry)
    assert straight[0].count(b'"retrospective":true') == 2
    assert replay(tmp_path / "lines.jsonl", story.registry, "--restart-every", "1") == straight
