"""A broker with the configuration that is shipped: passwords, access list, limits."""
import shutil
import subprocess

import servers
from servers import AREA, ROOT, wait_for

MOSQUITTO = ROOT / "deploy/mosquitto"


def password(user):
    return f"secret of {user}"


class SecureBroker(servers.Process):
    """deploy/mosquitto/make-broker, run. `spy` may read and write everything: for tests only."""

    def __init__(self, folder, devices=(), users=None, registry=None, tls=None):
        super().__init__(folder, "mosquitto")
        self.port = servers.free_port(3)  # make-broker puts the TLS listeners behind it
        self.users = dict(users or {})
        names = [f"hub-{AREA}", "spy", *devices, *self.users]
        accounts = self.folder / "accounts"
        accounts.write_text("".join(f"{name}:{password(name)}\n" for name in names))
        (self.folder / "users").write_text("".join(f"{u} {r}\n" for u, r in self.users.items()))
        command = [MOSQUITTO / "make-broker", "--area", AREA, "--accounts", accounts, "--users",
                   self.folder / "users", "--registry", registry or ROOT / "tests/golden/registry-small",
                   "--port", str(self.port), *(("--tls", tls) if tls else ()), self.folder / "broker"]
        subprocess.run([str(part) for part in command], check=True)
        with open(self.folder / "broker/acl", "a") as acl:
            acl.write("\nuser spy\ntopic readwrite #\n")
        self.configuration = self.folder / "broker/mosquitto.conf"

    def start(self):
        self.spawn(shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", self.configuration)
        wait_for(lambda: servers.listens(self.port))


class Client:
    """One user's connection. `got` is what it was sent, `refused` the reason of a refusal."""

    def __init__(self, broker, user, client_id=None, secret=None, clean=True, will=None, tls=None,
                 topics=(), port=None):
        import paho.mqtt.client as mqtt
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties
        self.got, self.acknowledged, self.refused = [], set(), None
        self.connected = self.subscribed = False
        self.client = mqtt.Client(client_id=client_id or user or "", protocol=mqtt.MQTTv5)
        if user is not None:
            self.client.username_pw_set(user, password(user) if secret is None else secret)
        if tls:
            self.client.tls_set(**tls)
        if will:
            self.client.will_set(will, "will", qos=1)
        self.client.on_connect = self.on_connect
        self.client.on_disconnect = lambda *a: setattr(self, "connected", False)
        self.client.on_message = lambda c, u, m: self.got.append(m)
        self.client.on_publish = lambda c, u, mid: self.acknowledged.add(mid)
        self.client.on_subscribe = lambda *a: setattr(self, "subscribed", True)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 0 if clean else 3600
        self.client.connect("127.0.0.1", port or broker.port, clean_start=clean,
                            properties=properties)
        self.client.loop_start()
        wait_for(lambda: self.connected or self.refused is not None)
        if topics and self.connected:
            self.client.subscribe([(topic, 1) for topic in topics])
            wait_for(lambda: self.subscribed)

    def on_connect(self, client, userdata, flags, reason, properties=None):
        if reason.value == 0:
            self.connected = True
        else:
            self.refused = reason.value
            client.disconnect()

    def publish(self, topic, payload, **options):
        return self.client.publish(topic, payload, qos=1, **options).mid

    def drop(self):
        """As a cut line: no farewell, so that the will goes out."""
        self.client.loop_stop()
        self.client._sock_close()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
