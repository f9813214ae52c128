"""The page for device makers: what stands in it runs, against a broker with passwords and a hub, and prints what it says."""
import os
import re
import subprocess

import pytest
import servers
from secure import SecureBroker, password
from servers import AREA, HJHUB, ROOT

PAGES = [ROOT / "docs/device-makers.md", ROOT / "docs/device-makers.zh-CN.md"]
MN = "010000A8900016F000169DC0"


def blocks(page):
    return re.findall(r"```(sh|text)\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


@pytest.fixture
def bureau(tmp_path, redis):
    broker = SecureBroker(tmp_path, [MN])
    broker.start()
    (tmp_path / "password").write_text(password(f"hub-{AREA}") + "\n")
    hub = servers.Hub(tmp_path, broker, redis, bus={"password_file": str(tmp_path / "password")})
    hub.start()
    yield broker
    assert hub.stop() in (0, None)
    broker.stop()


def test_makers_page__both_languages_run_the_same():
    assert blocks(PAGES[0]) == blocks(PAGES[1])
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)]+)\)", text):
            assert (ROOT / "docs" / link).exists(), link


def test_makers_page__says_what_happens(bureau, tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir()
    env = {**os.environ, "PATH": f"{HJHUB.parent}:{os.environ['PATH']}", "AREA": AREA, "MN": MN, "PW": "123456",
           "BROKER": "127.0.0.1", "PORT": str(bureau.port), "SECRET": password(MN)}
    printed, ran = "", 0
    for kind, text in blocks(PAGES[0]):
        if kind == "sh" and not text.startswith("export"):
            done = subprocess.run(["bash", "-c", text], cwd=folder, env=env, capture_output=True, text=True, timeout=60)
            printed, ran = done.stdout, ran + 1
            assert done.stderr == "" or "encode: object 1: " in done.stderr, done.stderr
        elif kind == "text":
            wanted = ".*".join(re.escape(part.strip("\n")) for part in re.split(r"\.\.\.|\n", text))
            assert re.search(wanted, printed, re.S), f"{text}\nprinted:\n{printed}"
    assert ran == 6
