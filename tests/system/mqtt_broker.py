"""A real broker (mosquitto) on a port of its own, a client that listens to it, and a validator of Home
Assistant's device documents, written from what its documentation asks for."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, Iterable

import paho.mqtt.client as paho

from gateway_process import WAIT_S, wait_until

MOSQUITTO = "/usr/sbin/mosquitto"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """Stopped and started again it has the same port, and nothing that it kept before."""

    def __init__(self, folder: Path, settings: Iterable[str] = ("allow_anonymous true",)) -> None:
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.folder = folder
        self.config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "user root", *settings]
        self.config.write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.config)], stdout=log, stderr=log)
        wait_until(self._answers, "broker")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(WAIT_S)
            self.process = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"


class Listener:
    """Hears everything; remembers what is retained and what was said live."""

    def __init__(self, broker: Broker, topics: Iterable[str] = ("#",), protocol: int = paho.MQTTv5,
                 user: tuple[str, str] | None = None) -> None:
        self.lock = threading.Lock()
        self.last: dict[str, bytes] = {}
        self.heard: list[tuple[str, bytes]] = []
        self.messages: list[paho.MQTTMessage] = []
        self.topics = list(topics)
        self.client = paho.Client(protocol=protocol)
        if user:
            self.client.username_pw_set(*user)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        wait_until(self.client.is_connected, "connection of the listener")

    def _on_connect(self, client: paho.Client, *_rest: Any) -> None:
        for topic in self.topics:
            client.subscribe(topic, 1)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        with self.lock:
            self.last[message.topic] = message.payload
            self.heard.append((message.topic, message.payload))
            self.messages.append(message)

    def publish(self, topic: str, payload: str | bytes = b"", **more: Any) -> None:
        self.client.publish(topic, payload, **more).wait_for_publish(WAIT_S)

    def wait(self, topic: str, payload: bytes | None = None) -> bytes:
        def found() -> bool:
            return topic in self.last and (payload is None or self.last[topic] == payload)
        wait_until(found, f"message on {topic}, {payload!r}: {self.last.get(topic)!r}")
        return self.last[topic]

    def wait_json(self, topic: str, **members: Any) -> dict[str, Any]:
        def found() -> bool:
            document = json.loads(self.last.get(topic) or b"{}")
            return all(document.get(key) == value for key, value in members.items()) and document != {}
        wait_until(found, f"{topic} with {members}: {self.last.get(topic)!r}")
        return json.loads(self.last[topic])

    def count(self, topic: str) -> int:
        with self.lock:
            return sum(1 for heard, _ in self.heard if heard == topic)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


# ---- Home Assistant's device document ------------------------------------------------------------

ROOT = {"dev", "o", "cmps", "qos", "avty_t", "avty", "stat_t", "cmd_t", "e"}
COMMON = {"p", "name", "uniq_id", "def_ent_id", "~", "avty_t", "stat_t", "ent_cat", "en", "dev_cla"}
KNOWN = {
    "light": {"schema", "cmd_t", "sup_clrm", "bri_scl"},
    "switch": {"cmd_t", "val_tpl"},
    "fan": {"cmd_t", "stat_val_tpl", "pct_cmd_t", "pct_stat_t", "pct_val_tpl"},
    "siren": {"cmd_t", "stat_val_tpl", "sup_dur", "sup_vol"},
    "event": {"evt_typ"},
    "binary_sensor": {"val_tpl"},
    "sensor": {"val_tpl", "stat_cla", "unit_of_meas"},
    "button": {"cmd_t"},
    "scene": {"cmd_t", "pl_on"},
    "device_automation": {"atype", "type", "stype", "t", "pl", "val_tpl"},
}
NEEDED = {
    "light": {"cmd_t"}, "switch": {"cmd_t"}, "fan": {"cmd_t"}, "siren": {"cmd_t"},
    "event": {"stat_t", "evt_typ"}, "binary_sensor": {"stat_t"}, "sensor": {"stat_t"},
    "button": {"cmd_t"}, "scene": {"cmd_t"},
    "device_automation": {"atype", "type", "stype", "t"},
}
TOPICS = {"stat_t", "cmd_t", "avty_t", "pct_cmd_t", "pct_stat_t", "t"}


def check_document(document: dict[str, Any]) -> None:
    """Fails with the component and the reason."""
    assert set(document) <= ROOT, set(document) - ROOT
    assert document["dev"].get("ids") or document["dev"].get("cns")
    assert document["o"]["name"]
    assert "~" not in document and "avty_t" not in document
    if "cu" in document["dev"]:
        assert re.match(r"https?://", document["dev"]["cu"])
    ids = [c["uniq_id"] for c in document["cmps"].values() if "uniq_id" in c]
    assert len(ids) == len(set(ids))
    for key, component in document["cmps"].items():
        _check_component(key, component)


def _check_component(key: str, component: dict[str, Any]) -> None:
    platform = component["p"]
    assert platform in KNOWN, (key, platform)
    unknown = set(component) - COMMON - KNOWN[platform]
    assert not unknown, (key, unknown)
    missing = NEEDED[platform] - set(component)
    assert not missing, (key, missing)
    for name in TOPICS & set(component):
        topic = component[name]
        if topic.startswith("~"):
            topic = component["~"] + topic[1:]
        assert topic and not set("+#") & set(topic), (key, name, topic)
    if platform == "device_automation":
        assert component["atype"] == "trigger"
        return
    assert component["uniq_id"], key
    assert re.fullmatch(platform + r"\.[a-z0-9_]+", component["def_ent_id"]), (key, component)
    if platform == "event":
        assert "avty_t" not in component, key
    else:
        assert component["avty_t"], key
