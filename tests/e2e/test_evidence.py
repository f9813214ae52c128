"""The bundle that `hjhub evidence export` makes of an alarm, and what hjhub-verify says of it."""
import csv
import json
import re
import shutil
import subprocess

import pytest

from live import BYPASS, METER, open_bypass, said, transitions
from servers import BUILD, wait_for
from story import CEMS, Story
from test_report_told import keep


@pytest.fixture
def story(hub, redis, connect):
    """A bypass that was opened; its alarm's id. Two enterprises' other devices said nothing."""
    open_bypass(connect("device"))
    wait_for(lambda: any(t["data"]["rule"] == "bypass-damper-open" for t in transitions(redis)))
    hub.stop()
    return next(t for t in said(hub, "transition") if t["data"]["rule"] == "bypass-damper-open")["data"]["alarm"]


def export(hub, alarm, folder, *options, status=0):
    done = hub.command("evidence", "--journal", hub.journal, *options, "--json", "export", alarm, folder)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout) if status == 0 else done.stderr


def verify(folder):
    done = subprocess.run([BUILD / "hjhub-verify", "--json", folder], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def rows(folder, name):
    with open(folder / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_export__holds_all_that_hangs_together_with_the_alarm(hub, story, tmp_path):
    folder = tmp_path / "bundle"
    told = export(hub, story, folder)
    frames = rows(folder, "frames.csv")
    assert told["frames"] == len(list((folder / "frames").iterdir())) == 58
    assert {row["mn"] for row in frames} == {BYPASS, METER}
    raw = (folder / "frames" / f"{int(next(r for r in frames if r['mn'] == BYPASS)['record']):010}.bin").read_bytes()
    assert raw.startswith(b"##") and BYPASS.encode() in raw
    assert all(row["clock_offset_s"] for row in frames)
    openings = [row["value"] for row in rows(folder, "readings.csv") if row["factor"] == "e10101"]
    assert openings.count("42.5") == 14 and openings.count("0") == 15
    assert (folder / "rule.yaml").read_text().startswith("- rule: bypass-damper-open\n")
    assert "打开" not in (folder / "rule.yaml").read_text() and "旁路挡板开启" in (folder / "README.md").read_text()
    changes = [json.loads(line) for line in (folder / "transitions.jsonl").read_text().splitlines()]
    assert [c["to"] for c in changes] == ["active-unack"] and changes[0]["alarm"] == story
    devices = rows(folder, "registry/devices.csv")
    assert BYPASS in {d["mn"] for d in devices} and all(d["pw"] in ("", "***") for d in devices)
    assert (folder / "chart.png").read_bytes().startswith(b"\x89PNG")
    svg = (folder / "chart.svg").read_text()
    assert svg.count("<polyline") >= 3 and "旁路挡板开启" in svg
    subprocess.run(["sha256sum", "--check", "--quiet", "MANIFEST.sha256"], cwd=folder, check=True)


def test_verify__accepts_it_elsewhere_and_finds_every_kind_of_change(hub, story, tmp_path):
    folder = tmp_path / "bundle"
    export(hub, story, folder)
    shutil.rmtree(hub.journal)
    status, result = verify(folder)
    assert (status, result["whole"], result["frames"], result["proofs"]) == (0, True, 58, 3)
    assert result["said"] == 1

    def changed(change):
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        change(copy)
        status, result = verify(copy)
        shutil.rmtree(copy)
        return status, result["fault"]

    def rewrite(copy, name, data):
        """Somebody who knows the manifest, too."""
        import hashlib
        (copy / name).write_bytes(data)
        lines = [line for line in (copy / "MANIFEST.sha256").read_text().splitlines() if not line.endswith("  " + name)]
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}")
        (copy / "MANIFEST.sha256").write_text("\n".join(lines) + "\n")

    frame = sorted(p.name for p in (folder / "frames").iterdir())[3]
    bytes_of = (folder / "frames" / frame).read_bytes()
    forged = bytes_of.replace(b"1", b"2", 1)
    status, fault = changed(lambda c: (c / "readings.csv").write_text("record\n"))
    assert status == 1 and "readings.csv" in fault
    status, fault = changed(lambda c: rewrite(c, f"frames/{frame}", forged))
    assert status == 1 and frame in fault
    status, fault = changed(lambda c: (c / "chart.svg").unlink())
    assert status == 1 and "chart.svg" in fault

    def forge_proof(copy):
        name = "proof/alarm/came-00000001.hjj.zst"
        whole = subprocess.run(["zstd", "-dc", copy / name], capture_output=True, check=True).stdout
        packed = subprocess.run(["zstd", "-c"], input=whole.replace(bytes_of, forged), capture_output=True, check=True)
        rewrite(copy, name, packed.stdout)
        rewrite(copy, f"frames/{frame}", forged)

    status, fault = changed(forge_proof)
    assert status == 1 and "proof/alarm" in fault


def test_export__for_the_party_is_without_what_others_sent(hub, story, tmp_path):
    folder = tmp_path / "bundle"
    export(hub, story, folder, "--no-proof")
    assert not (folder / "proof").exists()
    assert verify(folder)[0] == 0


def test_export__says_what_is_wrong(hub, story, tmp_path):
    assert "no such alarm" in export(hub, "0" * 32, tmp_path / "a", status=2)
    (tmp_path / "there").mkdir()
    assert "not there yet" in export(hub, story, tmp_path / "there", status=2)
    few = tmp_path / "few"
    assert export(hub, story, few, "--before", "0", "--after", "0")["frames"] < 58


def export_of(story, rule, tmp_path, *options):
    journal = keep(story, tmp_path / "journal")
    alarm = next(t["alarm"] for t in story.run() if t["rule"] == rule)
    subprocess.run([BUILD / "hjhub", "evidence", "--journal", journal, *options, "export", alarm, tmp_path / "bundle"],
                   check=True, capture_output=True)
    return tmp_path / "bundle"


def test_export__a_mean_is_drawn_as_long_as_its_period(tmp_path):
    """Four hours, the third too high: steps of an hour's width, and its mark stands in a line of its own."""
    story = Story()
    for hour, mean in enumerate((100, 110, 400, 100)):
        story.frame(hour * 3600 + 3720, CEMS, {"a21002": mean}, event=hour * 3600, cn=2061, field="ZsAvg")
    svg = (export_of(story, "emission-hour-exceed", tmp_path, "--before", "14400", "--after", "14400") / "chart.svg").read_text()
    points = [tuple(map(float, point.split(","))) for point in re.search('<polyline[^>]*points="([^"]+)"', svg)[1].split()]
    steps = list(zip(points[::2], points[1::2]))
    assert len(steps) == 4 and len({round(to[0] - start[0]) for start, to in steps}) == 1 == len({s[1] == t[1] for s, t in steps})
    assert steps[0][0][0] == 90 and steps[-1][1][0] == 950  # all of the panel
    label, = re.findall('y="([0-9.]+)" class="label"', svg)
    assert {float(y) for y in re.findall('y="([0-9.]+)" class="mark(?: onset-mark)?"', svg)} == {46} and float(label) > 60
    status, told = verify(tmp_path / "bundle")  # all of it in one batch, the last
    assert (status, told["whole"]) == (0, True)


def limits(svg):
    """Each line's height with its label."""
    lines = re.findall('<line x1="90" y1="([0-9.]+)" x2="950" y2="([0-9.]+)" class="limit"/>\n<text [^>]*class="limit-[a-z]+">([^<]*)<', svg)
    assert len(lines) == svg.count('class="limit"') and all(start == end for start, end, _ in lines)
    return {label: float(start) for start, _, label in lines}


def test_export__of_hours_there_are_twenty_either_side_and_the_limit(tmp_path):
    """Fifty hours, one of them too high: nobody asked for so much, and the legal limit is drawn where it is exceeded."""
    story = Story()
    for hour in range(50):
        story.frame(hour * 3600 + 3720, CEMS, {"a21002": 400 if hour == 25 else 100}, event=hour * 3600, cn=2061, field="ZsAvg")
    bundle = export_of(story, "emission-hour-exceed", tmp_path)
    hours = [float(row["value"]) for row in rows(bundle, "readings.csv") if row["factor"] == "a21002"]
    assert hours[20] == 400 and 41 <= len(hours) <= 43
    svg = (bundle / "chart.svg").read_text()
    numbers = json.loads((bundle / "transitions.jsonl").read_text().splitlines()[0])["numbers"]
    told = f"限值 limit {numbers['limit']['value']:g} {numbers['limit']['unit']}"
    drawn = limits(svg)
    assert list(drawn) == [told, f"阈值 {numbers['limit']['value'] * 1.5:g} mg/m3"]  # and what is more grave
    heights = [float(y) for y in re.findall(" [0-9.]+,([0-9.]+)", re.search('<polyline[^>]*points="([^"]+)"', svg)[1])]
    assert min(heights) < drawn[told] < max(heights)


def test_export__parameters_are_drawn_though_the_sentence_does_not_tell_them(hub, story, tmp_path):
    export(hub, story, tmp_path / "bundle")
    drawn = limits((tmp_path / "bundle" / "chart.svg").read_text())
    assert list(drawn) == ["阈值 open_above 5 %", "阈值 closed_below 2 %"]
