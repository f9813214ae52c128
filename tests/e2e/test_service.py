"""What systemd sees of a hub: ready when it is, alive while its loop turns, stopping when it is told to."""
import signal
import socket

import servers
from servers import wait_for


def test_service__tells_systemd_when_it_is_ready_alive_and_stopping(broker, redis, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.settimeout(60)
        hub = servers.Hub(tmp_path, broker, redis)
        hub.start(env={"NOTIFY_SOCKET": str(tmp_path / "notify")}, ready=False)
        try:
            assert notify.recv(100) == b"READY=1"  # before anything else
            wait_for(hub.ready, 60)
            assert [notify.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            hub.process.send_signal(signal.SIGTERM)
            said = b""
            while said != b"STOPPING=1":
                said = notify.recv(100)
                assert said in (b"WATCHDOG=1", b"STOPPING=1")
        finally:
            assert hub.stop() == 0
