"""`hjhub check` of captures: TCP put together by sequence number, both directions; MQTT messages inside; several link types,
pcap and pcapng; what is missing is said. The packets are made here, byte by byte."""
import datetime
import ipaddress
import json
import struct
import subprocess

import hj212
import pytest
from servers import HJHUB

MN = "010000A8900016F000169DC0"
START = hj212.now() - datetime.timedelta(hours=3)
DEVICE, HOST = ("10.0.0.5", 40001), ("10.0.0.9", 9000)
SYN, ACK, PSH = 2, 16, 24
LINKS = {"ethernet": (1, bytes(12)), "vlan": (1, bytes(12) + b"\x81\x00\x00\x07"), "cooked": (113, bytes(14)), "raw": (101, b"")}


def frame(n, value="18.5", cn=2011):
    """Each tells of an instant of its own."""
    return hj212.data(MN, {"a21026": value}, START + datetime.timedelta(seconds=n), qn=f"2026010100000{n:04}", cn=cn)


def packet(source, to, sequence, data=b"", flags=PSH, link="ethernet"):
    tcp = struct.pack(">HHIIBBHHH", source[1], to[1], sequence & 0xFFFFFFFF, 0, 5 << 4, flags, 1024, 0, 0) + data
    addresses = [ipaddress.ip_address(end[0]) for end in (source, to)]
    old = addresses[0].version == 4
    if old:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0)
    else:
        ip = struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64)
    kind = b"" if link == "raw" else b"\x08\x00" if old else b"\x86\xdd"
    whole = LINKS[link][1] + kind + ip + b"".join(a.packed for a in addresses) + tcp
    return whole + b"\0" * max(0, 60 - len(whole)) if link == "ethernet" else whole  # Ethernet pads


def pcap(packets, link="ethernet", order="<"):
    out = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKS[link][0])
    return out + b"".join(struct.pack(order + "IIII", n, 0, len(p), len(p)) + p for n, p in enumerate(packets))


def pcapng(packets, link="ethernet"):
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", LINKS[link][0], 0, 0))
    return out + b"".join(block(6, struct.pack("<IIIII", 0, 0, n, len(p), len(p)) + p) for n, p in enumerate(packets))


def talk(up, down=b"", start=4294967000, cut=100, link="ethernet", ends=(DEVICE, HOST)):
    """A connection that the device opens, its numbers wrapping; both sides' data in pieces."""
    device, host = ends
    packets = [packet(device, host, start, flags=SYN, link=link), packet(host, device, 7, flags=SYN | ACK, link=link)]
    for source, to, base, data in ((device, host, start + 1, up), (host, device, 8, down)):
        packets += [packet(source, to, base + at, data[at:at + cut], link=link) for at in range(0, len(data), cut)]
    return packets


def check(capture, *arguments):
    done = subprocess.run([HJHUB, "check", "--json", *arguments], input=capture, capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode(), done.returncode


def qns(results):
    return [(r["verdict"], r.get("qn", "")[-4:]) for r in results]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("write", [pcap, pcapng, lambda p, link: pcap(p, link, ">")], ids=["pcap", "pcapng", "big-endian"])
def test_capture__both_directions_are_read_and_judged_as_such(link, write):
    answer = hj212.frame(f"QN=20260101000000001;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&")
    wrong = hj212.frame(f"QN=20260101000000009;ST=31;CN=1062;PW=123456;MN={MN};Flag=4;CP=&&RtdInterval=30&&")
    results, errors, status = check(write(talk(frame(1) + frame(2) + wrong, answer + frame(3), link=link), link))
    assert [r["verdict"] for r in results] == ["accepted"] * 5 and errors == "" and status == 1
    assert [(r["from"], r["to"]) for r in results] == [("10.0.0.5:40001", "10.0.0.9:9000")] * 3 + [
        ("10.0.0.9:9000", "10.0.0.5:40001")] * 2
    assert [{rule["id"] for rule in r["rules"]} & {"direction"} for r in results] == [set(), set(), {"direction"}, set(), set()]


def test_capture__order_repeats_and_overlaps_do_not_matter():
    data = frame(1) + frame(2) + frame(3)
    packets = talk(data)
    again = packet(DEVICE, HOST, 4294967000 + 1 + 50, data[50:230])
    for mixed in (packets[:2] + packets[:1:-1], packets + packets, packets[:4] + [again] + packets[4:], packets[2:] + packets[:2]):
        assert qns(check(pcap(mixed))[0]) == [("accepted", "0001"), ("accepted", "0002"), ("accepted", "0003")]


def test_capture__a_gap_is_said_and_ends_nothing_else():
    data = frame(1) + frame(2) + frame(3)
    packets = talk(data, cut=len(frame(1)) // 2)
    results, errors, _ = check(pcap(packets[:4] + packets[5:]))
    assert [q for q in qns(results) if q[0] == "accepted"] == [("accepted", "0001"), ("accepted", "0003")]
    assert f"{len(frame(1)) // 2} bytes are not in the capture" in errors


def test_capture__connections_are_kept_apart():
    six = (("fd00::5", 40001), ("fd00::9", 9000))
    other = (("10.0.0.6", 40001), HOST)
    one, two, three = talk(frame(1)), talk(frame(2), ends=other), talk(frame(3), ends=six)
    again = talk(frame(4), start=1000)
    mixed = [p for group in zip(one, two, three) for p in group] + one[3:] + two[3:] + three[3:] + again
    results, _, _ = check(pcap(mixed))
    assert sorted(qns(results)) == [("accepted", f"000{n}") for n in (1, 2, 3, 4)]
    assert {r["from"] for r in results} == {"10.0.0.5:40001", "10.0.0.6:40001", "[fd00::5]:40001"}


def varint(size):
    out = b""
    while True:
        size, low = size >> 7, size & 0x7F
        out += bytes([low | (0x80 if size else 0)])
        if not size:
            return out


def mqtt(first, body):
    return bytes([first]) + varint(len(body)) + body


def string(text):
    return struct.pack(">H", len(text)) + text.encode()


def publish(topic, payload, level, qos=1):
    return mqtt(0x30 | qos << 1, string(topic) + (b"\0\1" if qos else b"") + (b"\0" if level == 5 else b"") + payload)


@pytest.mark.parametrize("level", [4, 5])
def test_capture__of_mqtt_the_topic_says_whose_it_is(level):
    connect = mqtt(0x10, string("MQTT") + bytes([level, 2, 0, 60]) + (b"\0" if level == 5 else b"") + string(MN))
    up, down = f"ems/v1/140581/{MN}/up/hj212", f"ems/v1/140581/{MN}/down/hj212"
    answer = hj212.frame(f"QN=20260101000000001;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&")
    sent = (connect + publish(up, frame(1), level) + publish(up, frame(2), level, 0) + mqtt(0xC0, b"") +
            publish("ems/v1/140581/OTHER/up/hj212", frame(3), level) + publish("x/y", b"{}", level))
    back = mqtt(0x20, b"\0\0" + (b"\0" if level == 5 else b"")) + publish(down, answer, level, 0)
    results, errors, _ = check(pcap(talk(sent, back)))
    assert qns(results) == [("accepted", "0001"), ("accepted", "0002"), ("quarantined", "0003"), ("accepted", "0001")]
    assert [r["topic"] for r in results] == [up, up, "ems/v1/140581/OTHER/up/hj212", down]
    assert {rule["id"] for rule in results[2]["rules"]} >= {"mn-not-topic"}
    assert "1 MQTT messages of other topics were passed over" in errors


def test_capture__what_is_no_whole_file_is_said():
    assert check(pcap(talk(frame(1)))[:-10])[2] == 2
    assert check(pcap([], "ethernet"))[0] == []
    strange = bytearray(pcap(talk(frame(1))))
    strange[20] = 250
    _, errors, status = check(bytes(strange))
    assert status == 2 and "link type" in errors


def test_capture__no_cut_packet_or_odd_byte_upsets_it():
    whole = pcap(talk(frame(1) + frame(2), frame(3), cut=60))
    for at in range(24, len(whole), 41):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        done = subprocess.run([HJHUB, "check", "--json"], input=bytes(changed), capture_output=True)
        assert done.returncode in (0, 1, 2), done.stderr.decode()
