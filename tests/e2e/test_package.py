"""What is installed and packed: complete, at its place, without a trace of the machine that built it."""
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import servers
from servers import AREA, BUILD, ROOT, wait_for
from live import open_bypass

BUILT = [BUILD, ROOT / "build/release"]
PACKED = next((b for b in reversed(BUILT) if (b / "hjhub").exists() and (b / "CPackConfig.cmake").exists()), None)
needs_build = pytest.mark.skipif(PACKED is None, reason="nothing is built")
COMMANDS = re.findall(r'^COMMAND\("([a-z-]+)", \w+, "([^"]*)"', (ROOT / "cli/commands.def").read_text(), re.M)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """cmake --install, as a packager calls it."""
    folder = tmp_path_factory.mktemp("installed")
    done = run("cmake", "--install", PACKED, "--prefix", "/usr", env=dict(os.environ, DESTDIR=str(folder)))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    done = run("cpack", "-G", "DEB", "--config", PACKED / "CPackConfig.cmake", "-B", folder, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.deb"))


@needs_build
def test_install__the_program_finds_the_rules_that_came_with_it(installed):
    done = run(installed / "usr/bin/hjhub", "rules", "list", "--kind", "detection", "--json")
    assert done.returncode == 0, done.stderr
    assert "bypass-damper-open" in {json.loads(line)["id"] for line in done.stdout.splitlines()}
    assert run(installed / "usr/bin/hjhub", "test", installed / "usr/share/hjhub/rules").returncode == 0


@pytest.mark.skipif(not (ROOT / "build/release/hjhub").exists(), reason="sanitizers note where the source was")
def test_install__no_file_knows_where_it_was_built(installed):
    for path in installed.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert str(ROOT).encode() + b"/" not in content, path


@needs_build
def test_install__the_unit_is_valid_and_its_sandbox_tight(installed, tmp_path):
    unit = installed / "usr/lib/systemd/system/hjhub@.service"
    local = tmp_path / "hjhub@.service"
    local.write_text(unit.read_text().replace("/usr/bin/", f"{installed}/usr/bin/"))
    assert "@" not in re.sub(r"hjhub@|@system-service|@privileged|@resources", "", unit.read_text())
    shutil.copy(local, tmp_path / "hjhub@140581.service")
    done = run("systemd-analyze", "verify", "--man=no", tmp_path / "hjhub@140581.service")
    assert "hjhub@140581" not in done.stderr, done.stderr
    score = run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", local)
    assert score.returncode == 0, score.stdout[-600:] + score.stderr


@pytest.mark.skipif(not (ROOT / "build/release/hjhub").exists(), reason="no release is built")
@pytest.mark.parametrize("program", ["hjhub", "hjhub-verify", "hjsim"])
def test_install__the_programs_are_hardened(program):
    said = run("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", "--dyn-syms",
               ROOT / "build/release" / program).stdout
    assert re.search(r"Type: +DYN \(Position-Independent", said)
    assert "GNU_RELRO" in said and re.search(r"FLAGS_1.* NOW", said)  # full: all bound before it starts
    assert re.search(r"GNU_STACK .* RW +0x", said)  # the stack is no code
    assert "__stack_chk_fail" in said and re.search(r"__\w+_chk@", said)
    assert "RPATH" not in said and "RUNPATH" not in said


def calls_of(word):
    """The system calls of a word of SystemCallFilter=."""
    if not word.startswith("@"):
        return {word}
    lines = run("systemd-analyze", "syscall-filter", word).stdout.splitlines()[1:]
    names = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return set().union(*(calls_of(name) for name in names))


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
@pytest.mark.skipif(not (ROOT / "build/release/hjhub").exists(), reason="sanitizers make calls of their own")
def test_install__the_sandbox_lets_a_working_hub_do_its_work(broker, redis, connect, tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "HJHUB", ROOT / "build/release/hjhub")
    hub, trace = servers.Hub(tmp_path, broker, redis), tmp_path / "trace"
    hub.spawn("strace", "-D", "-f", "-o", trace, servers.HJHUB, "run", "--config", hub.config)
    try:
        wait_for(hub.ready, 60)
        officer = connect("officer", f"ems/v1/{AREA}/alarm/event")
        open_bypass(connect("device"))
        wait_for(lambda: officer.got, 60)
        assert hub.command("reload", "--config", hub.config).returncode == 0
    finally:
        hub.stop()
    called = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M))
    allowed = set()
    for words in re.findall(r"^SystemCallFilter=(.*)$", (ROOT / "deploy/systemd/hjhub@.service.in").read_text(), re.M):
        named = set().union(*(calls_of(word.lstrip("~")) for word in words.split()))
        allowed = allowed - named if words.startswith("~") else allowed | named
    assert "fdatasync" in called and called - allowed == set()


@needs_build
def test_package__has_what_a_user_looks_for(package):
    names = set(run("dpkg-deb", "-c", package).stdout.split())
    for name in ("usr/bin/hjhub", "usr/bin/hjhub-verify", "usr/bin/hjsim", "etc/hjhub/redis.conf",
                 "usr/lib/systemd/system/hjhub@.service", "usr/share/hjhub/rules/bypass.yaml",
                 "usr/share/hjhub/mosquitto/make-acl", "usr/share/hjhub/schemas/asyncapi.yaml",
                 "usr/share/man/man1/hjhub.1.gz", "usr/share/man/man1/hjhub-verify.1.gz",
                 "usr/share/man/man1/hjsim.1.gz", "usr/share/man/man5/hjhub.yaml.5.gz",
                 "usr/share/man/man8/hjhub@.8.gz", "usr/share/doc/hjhub/copyright",
                 "usr/share/bash-completion/completions/hjhub", "usr/share/zsh/vendor-completions/_hjhub",
                 "usr/share/fish/vendor_completions.d/hjhub.fish", "usr/share/hjhub/schemas/registry/devices.json",
                 "usr/share/doc/hjhub/docs/architecture.svg", "var/lib/hjhub/"):
        assert f"./{name}" in names, name
    control = run("dpkg-deb", "-I", package).stdout
    assert "libpaho-mqtt1.3 (>= 1.3.12)" in control and "libhiredis" in control
    assert run("dpkg-deb", "-I", package, "conffiles").stdout.split() == ["/etc/hjhub/redis.conf"]
    for script in ("postinst", "prerm", "postrm"):
        assert run("sh", "-n", input=run("dpkg-deb", "-I", package, script).stdout).returncode == 0


@needs_build
@pytest.mark.skipif(shutil.which("lintian") is None, reason="no lintian here")
def test_package__pleases_lintian(package):
    done = run("lintian", "--allow-root", "--fail-on", "error,warning", package)
    assert done.returncode == 0, done.stdout


def test_manual__has_each_command_with_its_options():
    page = (ROOT / "docs/man/hjhub.1").read_text().replace("Fl Fl ", "--")
    parts = re.split(r"^\.Ss ", page, flags=re.M)
    told = {part.split("\n", 1)[0]: part for part in parts[1:]}
    assert set(told) == {name for name, _ in COMMANDS}
    for name, usage in COMMANDS:
        options = set(re.findall(r"--[a-z-]+", usage))
        part = told[name].split("\n.Sh ", 1)[0]
        assert options == set(re.findall(r"--[a-z-]+", part)), name


@needs_build
def test_manual__hjsim_has_each_option():
    page = (ROOT / "docs/man/hjsim.1").read_text().replace("Fl Fl ", "--")
    options = set(re.findall(r"--[a-z-]+", run(PACKED / "hjsim", "--help").stdout)) - {"--help"}
    assert options and not [option for option in options if option not in page]


def test_manual__groff_has_nothing_to_say():
    for page in sorted(pathlib.Path(ROOT / "docs/man").glob("*.[158]")):
        done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page,
                   env=dict(os.environ, MANROFFSEQ="", MANWIDTH="90", LC_ALL="C.UTF-8"))
        assert done.returncode == 0 and done.stderr == "", f"{page}: {done.stderr}"


@needs_build
@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_completion__in_fish_too(installed):
    def complete(words):
        done = run("fish", "--no-config", "-c", f"source {ROOT}/deploy/completion/hjhub.fish; complete -C '{words}'",
                   env=dict(os.environ, PATH=f"{installed}/usr/bin:{os.environ['PATH']}"))
        return [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert complete("hjhub qu") == ["quarantine"] and complete("hjhub check --dir") == ["--direction"]


@needs_build
@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_completion__zsh_reads_it(installed):
    assert run("zsh", "-n", ROOT / "deploy/completion/_hjhub").returncode == 0


@needs_build
def test_completion__offers_commands_and_their_options(installed):
    def complete(words):
        text = f"source {ROOT}/deploy/completion/hjhub; PATH={installed}/usr/bin:$PATH; COMP_WORDS=({words});" \
               "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hjhub; printf '%s\\n' \"${COMPREPLY[@]}\""
        return run("bash", "-c", text).stdout.split()
    assert complete("hjhub qu") == ["quarantine"]
    assert complete("hjhub check --dir") == ["--direction"]
    assert complete("hjhub check --direction ''") == ["up", "down"]
