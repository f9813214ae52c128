"""SM4 keys: what `hjhub check --keys` opens, and what nobody may read of a key."""
import json
import os
import subprocess

import pytest
from servers import HJHUB, ROOT

MN = "010000A8900016F000169DC0"
VECTORS = ROOT.parent / "shared/vectors/hj212-public.jsonl"
HEAD = "mn,key_id,key,from,until\n"


def keyfile(folder, *rows, mode=0o600):
    path = folder / "keys.csv"
    path.write_text(HEAD + "".join(row + "\n" for row in rows))
    path.chmod(mode)
    return path


def run(*arguments, data=b""):
    return subprocess.run([HJHUB, *map(str, arguments)], input=data, capture_output=True)


def check(*arguments, data=b""):
    done = run("check", "--json", *arguments, data=data)
    assert done.returncode in (0, 1), done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def rules(result):
    return {rule["id"] for rule in result["rules"]}


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not here")
def test_keys__the_examples_of_the_standard_decrypt(tmp_path):
    """Appendix A.2: each in plain, as raw bytes and as printed; all three read alike."""
    keys = keyfile(tmp_path, f"{MN},k1,30303030303030303030303030303030,2024-05-01,")
    results = {r["vector"]: r for r in check("--keys", keys, "--vectors", VECTORS)}
    for plain, raw, printed in ((3, 4, 5), (6, 7, 8)):
        assert {results[n]["verdict"] for n in (plain, raw, printed)} == {"accepted"}
        assert results[plain]["items"] == results[raw]["items"] == results[printed]["items"] != []
        assert rules(results[plain]) - rules(results[raw]) == {"plain-though-key"}
        assert rules(results[printed]) - rules(results[raw]) == {"cipher-printed"}
        assert rules(results[raw]) <= rules(results[plain])


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not here")
def test_keys__without_the_key_they_are_quarantined(tmp_path):
    results = {r["vector"]: r for r in check("--vectors", VECTORS)}
    for number in (4, 5, 7, 8):
        assert (results[number]["verdict"], rules(results[number]) - {"line-end"}) == (
            "quarantined", {"encrypted-no-key"})
    keys = keyfile(tmp_path, f"{MN},k1,0123456789abcdeF,2024-05-01,")
    results = {r["vector"]: r for r in check("--keys", keys, "--vectors", VECTORS)}
    for number in (4, 5, 7, 8):
        assert (results[number]["verdict"], rules(results[number]) - {"line-end"}) == (
            "quarantined", {"key-fits-not"})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_keys__a_file_that_others_may_read_is_refused(tmp_path, mode):
    keys = keyfile(tmp_path, f"{MN},k1,0000000000000000,2024-05-01,", mode=mode)
    done = run("check", "--keys", keys)
    assert done.returncode == 2 and b"chmod 600" in done.stderr


def test_keys__new_makes_the_file_and_each_key_another(tmp_path):
    path = tmp_path / "keys.csv"
    for _ in range(3):
        assert run("keys", "--keys", path, "new", MN).returncode == 0
    rows = [line.split(",") for line in path.read_text().splitlines()]
    assert rows[0] == HEAD.strip().split(",") and len({row[2] for row in rows[1:]}) == 3
    assert len({row[1] for row in rows[1:]}) == 3 and path.stat().st_mode & 0o777 == 0o600
    assert run("keys", "--keys", path, "new", "no MN").returncode == 2
    path.chmod(0o640)
    assert run("keys", "--keys", path, "new", MN).returncode == 1
    assert run("keys", "--keys", path, "list").returncode == 1
    assert len(path.read_text().splitlines()) == 4


def test_keys__list_says_what_is_in_force_and_shows_no_key(tmp_path):
    secret = "aB3dE6gH9jK2mN5p"
    path = keyfile(tmp_path, f"{MN},old,{secret},2020-01-01,", f"{MN},now,{secret},2020-01-01,2090-01-01",
                   f"{MN},later,{secret},2089-01-01,")
    done = run("keys", "--keys", path, "--json", "list")
    assert {k["key_id"]: k["state"] for k in map(json.loads, done.stdout.decode().splitlines())} == {
        "old": "expired", "now": "in force", "later": "to come"}
    assert secret.encode() not in done.stdout + run("keys", "--keys", path, "list").stdout


def test_keys__a_wrong_row_is_named_without_its_key(tmp_path):
    secret = "aB3dE6gH9jK2mN5pQ"
    keys = keyfile(tmp_path, f"{MN},k1,{secret},2024-05-01,")
    done = run("check", "--keys", keys)
    assert done.returncode == 2 and b"keys.csv:2:3:" in done.stderr
    assert secret.encode() not in done.stderr + done.stdout
    os.remove(keys)
    assert run("check", "--keys", keys).returncode == 2
