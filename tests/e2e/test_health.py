"""hjhub health and hjhub config: what they say and how they exit, whatever answers them."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def find_hjhub():
    built = sorted(ROOT.glob("build/*/hjhub"), key=lambda path: path.stat().st_mtime)
    return os.environ.get("HJHUB") or (str(built[-1]) if built else None)


HJHUB = find_hjhub()
pytestmark = pytest.mark.skipif(HJHUB is None, reason="hjhub is not built")

WELL = {"status": "ok", "live": True, "ready": True, "checks": [{"name": "session", "status": "ok"}]}
ILL = {"status": "fail", "live": True, "ready": False, "checks": [
    {"name": "session", "status": "fail", "reason_en": "no session for 12 s",
     "reason_zh": "断开已 12 s", "do_en": "see the broker", "do_zh": "检查代理"}]}


def hjhub(*words, **environment):
    return subprocess.run([HJHUB, *words], text=True, capture_output=True, timeout=60, check=False,
                          env={**os.environ, "LC_ALL": "", "LANG": "C.UTF-8", **environment})


@contextlib.contextmanager
def peer(path, answer):
    """Whatever is asked, these bytes come back and the connection ends."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield str(path)
        thread.join(timeout=10)


def http(body, promised=None):
    size = len(body) if promised is None else promised
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + body


def test_health__all_well_is_status_0(tmp_path):
    with peer(tmp_path / "s", http(json.dumps(WELL).encode())) as path:
        done = hjhub("health", "--socket", path)
    assert (done.returncode, done.stdout) == (0, "The hub is well.\n")


@pytest.mark.parametrize("language, words", [
    ("en_GB.UTF-8", ["does not do its work", "no session for 12 s", "see the broker"]),
    ("zh_CN.UTF-8", ["未能正常工作", "断开已 12 s", "检查代理"])])
def test_health__what_is_wrong_and_what_to_do_is_status_1(tmp_path, language, words):
    with peer(tmp_path / "s", http(json.dumps(ILL).encode())) as path:
        done = hjhub("health", "--socket", path, LANG=language)
    assert done.returncode == 1
    assert all(word in done.stdout for word in words)


def test_health__json_is_passed_on(tmp_path):
    with peer(tmp_path / "s", http(json.dumps(ILL).encode())) as path:
        done = hjhub("health", "--json", "--socket", path)
    assert done.returncode == 1
    assert json.loads(done.stdout) == ILL


@pytest.mark.parametrize("answer, words", [
    (http(json.dumps(WELL).encode(), promised=4000), "ended before it had answered"),
    (b"", "ended before it had answered"),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "that is no hub"),
    (http(b"[]"), "that is no hub"),
    (http(b"{\"status\":"), "that is no hub"),
    (b"HTTP/1.1 404 Not Found\r\n\r\n", "that is no hub"),
    (http(b"x" * 1_000_000), "too large"),
], ids=["cut", "nothing", "ssh", "no-object", "no-json", "not-found", "flood"])
def test_health__a_peer_that_makes_no_sense_is_status_2(tmp_path, answer, words):
    with peer(tmp_path / "s", answer) as path:
        done = hjhub("health", "--socket", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_health__nobody_there_is_status_2(tmp_path):
    done = hjhub("health", "--socket", str(tmp_path / "s"))
    assert done.returncode == 2 and "no hub answers at" in done.stderr
    (tmp_path / "hub.yaml").write_text("area: 140581\ncontrol: s\n")
    done = hjhub("health", "--config", str(tmp_path / "hub.yaml"))
    assert done.returncode == 2 and str(tmp_path / "s") in done.stderr


@pytest.mark.parametrize("words", [["--socket"], ["--socket", "a", "--url", "b"], ["what"]])
def test_health__wrong_usage_is_status_2(words):
    done = hjhub("health", *words)
    assert done.returncode == 2 and "--help" in done.stderr


def test_config__check_names_file_and_line(tmp_path):
    path = tmp_path / "hub.yaml"
    path.write_text("area: 140581\nredis:\n  prot: 1\n")
    done = hjhub("config", "check", str(path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}:3: \"prot\": no such key; redis knows host port")
    done = hjhub("config", "check", str(path), "--json")
    assert done.returncode == 1
    finding = json.loads(done.stdout)
    assert (finding["file"], finding["line"]) == (str(path), 3)


def test_config__check_here_looks_for_what_is_named(tmp_path):
    path = tmp_path / "hub.yaml"
    for folder in ("registry", "rules"):  # the journal's is made at the first start
        (tmp_path / folder).mkdir()
    path.write_text("area: 140581\nregistry: registry\nrules: rules\njournal: {directory: journal}\n"
                    "broker: {password_file: secret}\n")
    assert hjhub("config", "check", str(path)).returncode == 0
    done = hjhub("config", "check", "--here", str(path))
    assert done.returncode == 1 and "broker.password_file" in done.stderr
    (tmp_path / "secret").write_text("x\n")
    assert hjhub("config", "check", "--here", str(path)).stdout == f"{path}: fine\n"


def test_config__show_prints_what_holds_and_no_secret(tmp_path):
    path = tmp_path / "hub.yaml"
    (tmp_path / "secret").write_text("hunter2\n")
    path.write_text("area: 140581\nbroker: {password_file: secret}\n")
    done = hjhub("config", "show", str(path))
    assert done.returncode == 0 and "hunter2" not in done.stdout
    assert f'password_file: "{tmp_path}/secret"' in done.stdout
    assert "  receive_maximum: 1000\n" in done.stdout


def test_config__no_file_is_status_2(tmp_path):
    assert hjhub("config", "check", str(tmp_path / "none.yaml")).returncode == 2
    assert hjhub("config", "check").returncode == 2


def test_config__the_example_is_fine():
    assert hjhub("config", "check", str(ROOT / "deploy/hjhub.yaml")).returncode == 0
