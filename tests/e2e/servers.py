"""Real servers on free loopback ports, started for a test and ended with it; nothing else is touched."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HJHUB_BUILD", ROOT / "build/debug"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD
HJHUB = BUILD / "hjhub"
AREA = "140581"


def free_port(count=1):
    """The first of so many ports in a row that nobody has."""
    while True:
        with contextlib.ExitStack() as held:
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            try:
                for neighbour in range(port + 1, port + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", neighbour))
            except (OSError, OverflowError):
                continue
            return port


def wait_for(what, seconds=30.0, every=0.02):
    """The first true value of what(); an assertion when it does not come in time."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, f"did not come within {seconds} s: {what}"
        time.sleep(every)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """Something that runs, with its output in a file."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / f"{name}.log"
        self.process = None

    def spawn(self, *command, env=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log,
                                            cwd=self.folder, env=dict(os.environ, **(env or {})))

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode if self.process else None

    def said(self, words):
        return words in self.log.read_text(errors="replace")


class Broker(Process):
    def __init__(self, folder, extra=""):
        super().__init__(folder, "mosquitto")
        self.port = free_port()
        self.configuration = self.folder / "mosquitto.conf"
        self.configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {self.folder}/\nmax_inflight_messages 0\nmax_queued_messages 0\n"
            f"set_tcp_nodelay true\nmax_packet_size 65536\nuser root\n{extra}")

    def start(self):
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.spawn(binary, "-c", self.configuration)
        wait_for(lambda: listens(self.port))


class Redis(Process):
    def __init__(self, folder):
        super().__init__(folder, "redis")
        self.port = free_port()

    def start(self):
        self.spawn("redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "no", "--dir", self.folder)
        wait_for(lambda: listens(self.port))

    def client(self):
        import redis
        return redis.Redis(port=self.port, decode_responses=True)


class Hub(Process):
    def __init__(self, folder, broker, redis, registry=None, rules=None, bus=None, more=None):
        """bus: keys of the section `broker` beside or instead of the usual ones; more: of other sections, such
        as {"journal": {"checkpoint_s": 5}}."""
        super().__init__(folder, "hub")
        self.http = free_port()
        self.registry = self.folder / "registry"
        shutil.copytree(registry or ROOT / "tests/golden/registry-small", self.registry)
        self.rules = rules or ROOT / "rules"
        self.journal = self.folder / "journal"
        self.config = self.folder / "hub.yaml"
        keys = {
            "area": AREA, "registry": str(self.registry), "rules": str(self.rules),
            "control": str(self.folder / "hub.sock"),
            "broker": {"url": f"mqtt://127.0.0.1:{broker.port}", "receive_maximum": 200},
            "redis": {"port": redis.port},
            "journal": {"directory": str(self.journal), "segment_size": 4 << 20,
                        "reserve_size": 16 << 20},
            "http": {"port": self.http}}
        for name, section in {"broker": bus or {}, **(more or {})}.items():
            keys[name].update(section)
        self.config.write_text(json.dumps(keys))

    def configure(self, section, **values):
        config = json.loads(self.config.read_text())
        config[section].update(values)
        self.config.write_text(json.dumps(config))

    def of_2025(self, kind):
        """The devices of this kind speak HJ 212-2025."""
        devices = self.registry / "devices.csv"
        rows = devices.read_text()
        assert f",{kind},E1,O1,hj212,2017" in rows
        devices.write_text(rows.replace(f",{kind},E1,O1,hj212,2017", f",{kind},E1,O1,hj212,2025"))

    def start(self, env=None, ready=True):
        self.spawn(HJHUB, "run", "--config", self.config, env=env)
        if ready:
            wait_for(self.ready, 60)

    def ready(self):
        assert self.alive(), self.log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/readyz", timeout=5) as answer:
                return answer.status == 200 and self.metric("hjhub_session_up") == 1
        except OSError:
            return False

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name) and line[len(name)] in " {":
                    return float(line.rsplit(" ", 1)[1])
        return None

    def command(self, *arguments, check=False):
        return subprocess.run([str(HJHUB), *map(str, arguments)], capture_output=True, text=True,
                              check=check)


class Device:
    """An MQTT client that remembers what it was sent."""

    def __init__(self, broker, name, topics=()):
        import paho.mqtt.client as mqtt
        self.got = []
        self.acknowledged = set()
        self.subscribed = False
        self.client = mqtt.Client(client_id=name, protocol=mqtt.MQTTv5)
        self.client.on_message = lambda c, u, m: self.got.append(m)
        self.client.on_publish = lambda c, u, mid: self.acknowledged.add(mid)
        self.client.on_subscribe = lambda *a: setattr(self, "subscribed", True)
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        if topics:
            self.client.subscribe([(topic, 1) for topic in topics])
            wait_for(lambda: self.subscribed)

    def publish(self, topic, payload, **options):
        return self.client.publish(topic, payload, qos=1, **options).mid

    def topic(self, ending):
        return [m for m in self.got if m.topic.endswith(ending)]

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
