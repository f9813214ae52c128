"""The command line is a contract: help, usage, JSON and exit status of every command, in one manner."""
import datetime
import json
import re
import shutil
import subprocess

import pytest

import hj212
from servers import AREA, BUILD, ROOT, wait_for
from live import open_bypass

COMMANDS = dict(re.findall(r'^COMMAND\("([a-z-]+)", \w+, "([^"]*)"', (ROOT / "cli/commands.def").read_text(), re.M))
PROGRAMS = ["hjhub", "hjhub-verify", "hjsim"]
REGISTRY = ROOT / "tests/golden/registry-small"


def run(program, *words, **options):
    return subprocess.run([str(BUILD / program), *map(str, words)], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60, **options)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_command__help_lists_each_and_says_what_comes_out():
    done = run("hjhub", "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert re.findall(r"^  hjhub ([a-z-]+) ", done.stdout, re.M) == list(COMMANDS)
    assert all(word in done.stdout for word in ("--json", "JSON object", "RFC 3339", "exit status: 0"))


@pytest.mark.parametrize("name", COMMANDS)
def test_command__its_help_is_its_row_wherever_it_is_asked_for(name):
    for words in ((name, "--help"), (name, "--json", "--help"), (name, "check", "--help")):
        done = run("hjhub", *words)
        assert done.returncode == 0 and done.stderr == ""
        assert done.stdout.splitlines()[0] == f"usage: hjhub {name} {COMMANDS[name]}"


@pytest.mark.parametrize("name", COMMANDS)
def test_command__wrong_usage_says_what_is_right(name):
    done = run("hjhub", name, "--no-such-option")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"hjhub {name}: usage: hjhub {name} {COMMANDS[name]} (hjhub {name} --help)" in done.stderr
    assert all(line.startswith(f"hjhub {name}: ") for line in done.stderr.splitlines())


@pytest.mark.parametrize("words", [["alarms", "--journal", "x", "more"], ["quarantine", "--journal", "x", "drop"],
                                   ["registry", "check", "a", "b"], ["registry", "check"], ["test", "a", "b"],
                                   ["config", "show"], ["rules", "check"], ["rules", "list", "--kind", "x"],
                                   ["journal", "list"], ["run"], ["reload", "--config"]])
def test_command__too_much_or_too_little_is_wrong_usage(words):
    done = run("hjhub", *words)
    assert (done.returncode, done.stdout) == (2, "") and f"usage: hjhub {words[0]} " in done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_program__says_its_version_its_help_and_what_is_wrong(program):
    assert re.fullmatch(program + r" \d+\.\d+\.\d+\n", run(program, "--version").stdout)
    assert run(program, "--help").returncode == 0 and "usage: " + program in run(program, "--help").stdout
    for words in ((), ("--no-such-option",)):
        done = run(program, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"usage: {program}" in done.stderr or f"'{program} --help'" in done.stderr


def test_verify__no_journal_is_status_2(tmp_path):
    for place in (tmp_path, tmp_path / "none"):
        done = run("hjhub-verify", "--json", place)
        assert (done.returncode, done.stdout) == (2, "") and "no journal there" in done.stderr


def test_command__each_that_says_something_says_it_in_json():
    """What the usage promises is kept; only the hub itself has no result to print, and that of encode is a frame."""
    assert [name for name, usage in COMMANDS.items() if "--json" not in usage] == ["run", "encode"]


def test_json__of_what_needs_no_hub(tmp_path):
    config, rules = tmp_path / "hub.yaml", tmp_path / "rules"
    config.write_text("area: 140581\n")
    assert objects(run("hjhub", "registry", "check", REGISTRY, "--json").stdout)[0]["area"] == AREA
    shown = objects(run("hjhub", "config", "show", config, "--json").stdout)[0]
    assert shown["area"] == AREA and shown["broker"]["client_id"] == "hub-140581"
    assert shown["broker"]["ca_file"] is None and shown["journal"]["retention_days"] > 365
    assert [len(objects(run("hjhub", "rules", "list", "--kind", kind, "--json").stdout)) > 5
            for kind in ("detection", "validity")] == [True, True]
    assert objects(run("hjhub", "rules", "check", "--json", ROOT / "rules").stdout)[0]["rules"] > 5
    shutil.copytree(ROOT / "rules", rules)
    (rules / "bypass.yaml").write_text((rules / "bypass.yaml").read_text().replace("when: ", "when: ) ", 1))
    done = run("hjhub", "rules", "check", rules, "--json")
    assert done.returncode == 1 and objects(done.stdout)[0]["line"] > 0


def test_rules__are_listed_for_people_a_line_each():
    lines = run("hjhub", "rules", "list").stdout.splitlines()
    assert any(re.fullmatch(r" *\d+ B +bypass-damper-open +旁路挡板开启", line) for line in lines)


def test_json__of_what_asks_a_hub(hub, connect):
    device = connect("device", f"ems/v1/{AREA}/#")
    device.publish(f"ems/v1/{AREA}/none/up/hj212", b"##\x1b[2J;PW=123456")
    wait_for(lambda: device.topic("/verdict"))
    at = ("--config", hub.config)
    health = hub.command("health", "--json", *at)
    assert objects(health.stdout)[0]["ready"] is True
    assert health.returncode == (0 if objects(health.stdout)[0]["status"] == "ok" else 1)
    assert objects(hub.command("reload", "--json", *at).stdout)
    assert hub.command("alarms", "--json", *at).returncode == 0
    entry = objects(hub.command("quarantine", "--json", *at, "list").stdout)[0]
    assert entry["verdict"] == "rejected" and entry["rules"]
    done = hub.command("quarantine", *at, "list")
    assert done.returncode == 1 and f"{entry['sequence']}  {entry['at']}  rejected" in done.stdout
    assert "\x1b" not in done.stdout and "123456" not in done.stdout and r"\u001b" in done.stdout.lower()
    records = objects(hub.command("journal", "--json", "--journal", hub.journal, "list").stdout)
    assert any(record["sequence"] == entry["sequence"] for record in records)
    listed = lambda *options: objects(hub.command("journal", "--journal", hub.journal, *options, "list").stdout)
    first, last = records[0], records[-1]
    assert first["at"] < last["at"] and listed("--since", first["at"], "--until", last["at"])[0] == first
    assert listed("--until", first["at"]) == [] == listed("--mn", "nobody")
    assert all(first["at"] < record["at"] for record in listed("--since", last["at"]))
    assert {record["topic"] for record in listed("--mn", "none")} == {f"ems/v1/{AREA}/none/up/hj212"}
    verified = run("hjhub-verify", "--json", hub.journal)
    assert objects(verified.stdout)[0]["whole"] is (verified.returncode == 0)


def test_docs__name_only_commands_and_options_that_exist():
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy/hjhub.yaml"]
    for path in pages:
        for said in re.findall(r"`hjhub ([a-z-][^`\n]*)`", path.read_text(encoding="utf-8")):
            name = re.match(r"(?:--)?[a-z-]*", said)[0]
            assert name in COMMANDS or name in ("--help", "--version"), f"{path.name}: hjhub {said}"
            for option in re.findall(r"--[a-z-]+", said):
                assert option in COMMANDS.get(name, "") + " --help --version", f"{path.name}: hjhub {said}"


def test_docs__links_lead_somewhere():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
        for named in re.findall(r"`((?:tests|docs|schemas|deploy|rules)/[\w@./-]+)`", text):
            assert (ROOT / named).exists(), f"{path.name}: {named}"


def test_docs__the_reading_order_names_files_that_exist():
    there = {path.name for path in ROOT.glob("*/*.*")}
    named = set(re.findall(r"`(?:[a-z-]+/)*(\w+\.(?:c|h|def))`", (ROOT / "docs/architecture.md").read_text()))
    assert len(named) > 20 and named - there == set()


def test_alarms__the_gravest_stand_first(hub, connect):
    device = connect("device")
    start = hj212.now() - datetime.timedelta(seconds=450)
    for i in range(15):  # the cabin has no mains: S2, said before the bypass is opened
        device.publish(f"ems/v1/{AREA}/METER-E1/up/senml", hj212.pack(
            "METER-E1", {"d10101": 600, "d40101": 0, "d40102": 1}, start + datetime.timedelta(seconds=10 * i)))
    wait_for(lambda: hub.metric('hjhub_alarms_open{severity="S2"}') == 1)
    open_bypass(device)
    wait_for(lambda: hub.metric('hjhub_alarms_open{severity="S1"}') == 1)
    open_now = objects(hub.command("alarms", "--json", "--config", hub.config).stdout)
    assert [alarm["severity"] for alarm in open_now] == sorted(alarm["severity"] for alarm in open_now)
    assert [alarm["rule"] for alarm in open_now] == ["bypass-damper-open", "monitor-power-cut"]


def test_docs__both_readmes_name_the_same_tests_commands_and_pages():
    english, chinese = (set(re.findall(r"`([^`]+)`", (ROOT / name).read_text())) for name in ("README.md", "README.zh-CN.md"))
    assert {word for word in english ^ chinese if not word.startswith("hjhub@")} == set()
