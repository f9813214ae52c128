import re

import pytest

import servers


@pytest.fixture
def broker(tmp_path):
    server = servers.Broker(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(tmp_path):
    server = servers.Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hub(tmp_path, broker, redis):
    server = servers.Hub(tmp_path, broker, redis)
    server.start()
    yield server
    status = server.stop()
    log = server.log.read_text(errors="replace")
    assert not re.search("runtime error|(Address|Thread)Sanitizer", log), log[-4000:]
    assert status in (0, None, -9), log[-2000:]


@pytest.fixture
def connect(broker):
    """connect(name, *topics): a client of the broker, closed at the end."""
    devices = []

    def make(name, *topics):
        devices.append(servers.Device(broker, name, topics))
        return devices[-1]

    yield make
    for device in devices:
        device.close()
