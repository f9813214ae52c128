"""hjhub-verify finds what was done to a journal; the hub's own journal passes."""
import hashlib
import json
import shutil
import struct
import subprocess

import hj212
from servers import AREA, BUILD, wait_for

CEMS = "010000A8900016F000169DC0"


def verify(folder):
    done = subprocess.run([BUILD / "hjhub-verify", "--json", folder], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def fill(hub, connect, count=40):
    device = connect("device")
    for i in range(count):
        device.publish(f"ems/v1/{AREA}/{CEMS}/up/hj212",
                       hj212.data(CEMS, {"a34013": i}, qn=f"2026010100000{i:04d}", flag=4))
    wait_for(lambda: hub.metric('hjhub_verdicts_total{verdict="accepted"}') == count)
    hub.stop()


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_verify__a_journal_is_whole_until_somebody_touches_it(hub, connect, tmp_path):
    fill(hub, connect)
    status, result = verify(hub.journal)
    assert (status, result["whole"]) == (0, True) and result["covered"] == result["last"]
    came, said = hub.journal / "came-00000001.hjj", hub.journal / "said-00000001.hjj"
    used = {path: len(path.read_bytes().rstrip(b"\0")) for path in (came, said)}
    for path in (came, said):
        for at in range(64, used[path], max(1, used[path] // 60)):
            copy = tmp_path / "copy"
            shutil.copytree(hub.journal, copy)
            flip(copy / path.name, at)
            status, result = verify(copy)
            assert status == 1 and result["fault"], f"{path.name}: a changed bit at {at} was not found"
            shutil.rmtree(copy)


def test_verify__finds_what_was_cut_off_or_taken_away(hub, connect, tmp_path):
    fill(hub, connect)
    copy = tmp_path / "copy"
    shutil.copytree(hub.journal, copy)
    came = copy / "came-00000001.hjj"
    data = came.read_bytes()
    end = data.rindex(b"HJR1") - 4  # without the last record
    came.write_bytes(data[:end] + bytes(len(data) - end))
    assert verify(copy)[0] == 1
    came.unlink()
    assert verify(copy)[0] == 1


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def records(data):
    """Where each record of a segment begins, and its length."""
    at = 64
    while at + 72 <= len(data) and (length := struct.unpack_from("<I", data, at)[0]):
        yield at, length
        at += length


def test_verify__finds_a_record_that_the_chain_leaves_out(hub, connect):
    """Who keeps the journal can make the last commit anew, with its digest and checksum, so that it covers all
    but one record; the next ones would follow it."""
    fill(hub, connect)
    came, said = hub.journal / "came-00000001.hjj", hub.journal / "said-00000001.hjj"
    data, heard = bytearray(said.read_bytes()), came.read_bytes()
    where = {s: {struct.unpack_from("<Q", d, at + 16)[0]: d[at:at + length] for at, length in records(d)}
             for s, d in (("came", heard), ("said", data))}
    at, length = [(at, length) for at, length in records(data) if struct.unpack_from("<H", data, at + 12)[0] == 31
                  and struct.unpack_from("<Q", data, at + 72 + 8)[0] <= struct.unpack_from("<Q", data, at + 72 + 16)[0]][-1]
    kind, _, first, last, said_first, said_last = struct.unpack_from("<IIQQQQ", data, at + 72)
    assert kind == 0
    struct.pack_into("<Q", data, at + 72 + 8, first + 1)
    digest = hashlib.sha256(data[at + 72 + 48:at + 72 + 80])
    for stream, numbers in (("came", range(first + 1, last + 1)), ("said", range(said_first, said_last + 1))):
        for number in numbers:
            digest.update(where[stream][number])
    data[at + 72 + 80:at + 72 + 112] = digest.digest()
    struct.pack_into("<I", data, at + 8, crc32c(data[at:at + 4] + data[at + 12:at + length]))
    end = at + length
    said.write_bytes(data[:end] + bytes(len(data) - end))
    status, result = verify(hub.journal)
    assert status == 1 and "commit" in result["fault"], result


def test_replay__says_the_same_again_and_names_a_difference(hub, connect):
    fill(hub, connect)
    same = hub.command("replay", "--verify", "--json", hub.journal)
    assert same.returncode == 0 and json.loads(same.stdout)["verified"] is True
    (hub.registry / "devices.csv").write_text(
        (hub.registry / "devices.csv").read_text().replace("123456", "654321"))
    other = hub.command("replay", "--verify", "--json", "--registry", hub.registry, hub.journal)
    assert other.returncode == 1 and "difference" in other.stdout
