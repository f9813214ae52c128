"""The hub over TLS, as user and by certificate, and what it says when the broker is not to be believed."""
import json
import subprocess
import urllib.request

import pytest

import hj212
import servers
from secure import MOSQUITTO, Client, SecureBroker, password
from servers import AREA, wait_for

HUB = f"hub-{AREA}"
DEVICE = "010000A8900016F000169DC1"


def authority(folder, host="127.0.0.1", days="30"):
    subprocess.run([MOSQUITTO / "make-demo-ca", folder, host, HUB], check=True,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DAYS": days})
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def tls_broker(tmp_path):
    """tls_broker(folder of an authority, version): a broker with its certificate."""
    brokers = []

    def make(tls, version="tlsv1.2"):
        broker = SecureBroker(tmp_path, [DEVICE], tls=tls)
        text = broker.configuration.read_text()
        broker.configuration.write_text(text.replace("tls_version tlsv1.2", f"tls_version {version}"))
        brokers.append(broker)
        broker.start()
        return broker

    yield make
    for broker in brokers:
        broker.stop()


@pytest.fixture
def tls_hub(tmp_path, redis):
    """tls_hub(broker, offset of the listener, keys of `broker`): a hub that is not waited for."""
    hubs = []

    def make(broker, offset, **keys):
        (tmp_path / "password").write_text(password(HUB) + "\n")
        if offset == 1:
            keys = {"password_file": str(tmp_path / "password"), **keys}
        port = broker.port + offset if offset >= 0 else servers.free_port()
        url = f"mqtts://{keys.pop('host', '127.0.0.1')}:{port}"
        hubs.append(servers.Hub(tmp_path, broker, redis, bus={"url": url, **keys}))
        hubs[-1].start(ready=False)
        return hubs[-1]

    yield make
    for hub in hubs:
        assert hub.stop() in (0, None)


def answered(broker):
    device = Client(broker, DEVICE, topics=[f"ems/v1/{AREA}/{DEVICE}/down/hj212"])
    device.publish(f"ems/v1/{AREA}/{DEVICE}/up/hj212", hj212.data(DEVICE, {"e10101": 0}))
    wait_for(lambda: device.got)
    device.close()


@pytest.mark.parametrize("version", ["tlsv1.2", "tlsv1.3"])
def test_tls__user_and_password(good, tls_broker, tls_hub, version):
    broker = tls_broker(good, version)
    hub = tls_hub(broker, 1, ca_file=str(good / "ca.pem"))
    wait_for(hub.ready)
    answered(broker)


def test_tls__a_certificate_instead_of_a_password(good, tls_broker, tls_hub):
    broker = tls_broker(good)
    hub = tls_hub(broker, 2, ca_file=str(good / "ca.pem"), certificate_file=str(good / f"{HUB}.pem"),
                  key_file=str(good / f"{HUB}.key"))
    wait_for(hub.ready)
    answered(broker)


def complaint(hub):
    """What the health page says of the session."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{hub.http}/health", timeout=5) as answer:
            checks = {check["name"]: check for check in json.load(answer)["checks"]}
            return checks["session"].get("reason_en", "")
    except OSError:
        return ""


@pytest.mark.parametrize("what, words", [
    ("other authority", "certificate in certificate chain"), ("expired", "certificate has expired"),
    ("other host", "hostname mismatch"), ("no certificate", "certificate required"),
    ("no tls", "is that a TLS port?"), ("no broker", "Connection refused"),
    ("other password", "Not authorized")])
def test_tls__what_is_not_to_be_believed_is_refused_with_its_reason(
        good, tls_broker, tls_hub, tmp_path, what, words):
    keys, folder = {"ca_file": str(good / "ca.pem")}, good
    if what == "other authority":
        keys["ca_file"] = str(authority(tmp_path / "other") / "ca.pem")
    elif what == "expired":
        folder = tmp_path / "expired"
        authority(folder)
        authority(folder, days="-1")  # the same authority, new certificates that are over
        keys["ca_file"] = str(folder / "ca.pem")
    elif what == "other host":
        keys["host"] = "localhost"
    elif what == "other password":
        keys["password_file"] = str(good / "ca.pem")
    offset = {"no tls": 0, "no certificate": 2, "no broker": -1}.get(what, 1)
    hub = tls_hub(tls_broker(folder), offset, **keys)
    wait_for(lambda: words in complaint(hub))
    assert sum("event=connect-failed" in line and words in line  # a change is logged, a state is not
               for line in hub.log.read_text().splitlines()) == 1
    assert hub.metric('hjhub_session_connects_total{result="failed"}') >= 1
    assert hub.metric("hjhub_session_connected") == 0
