import re
import subprocess

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


@pytest.fixture
def preload(tmp_path):
    """A library that holds the sync back or makes it fail, and the files that steer it."""
    library = tmp_path / "hold_sync.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, servers.ROOT / "tests/faults/hold_sync.c", "-ldl"],
                   check=True)
    asan = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    return {"LD_PRELOAD": f"{asan} {library}" if "debug" in str(servers.BUILD) else str(library),
            "HOLD_SYNC": str(tmp_path / "hold"), "FAIL_SYNC": str(tmp_path / "fail")}
