"""The broker sees the circuit, and what it asks for is done once, by the right one, or not at all."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any, Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway_process import PROGRAM, Gateway, wait_until
from mqtt_broker import Broker, Listener, check_document

ID = "3f9a1c20be77"
BASE = f"gpio-gateway/{ID}"
DOCUMENT = f"homeassistant/device/gpio-gateway-{ID}/config"
HOME_LINES: list[dict[str, Any]] = [
    {"name": "red", "title": {"en": "Red LED", "ko": "빨간 LED"}, "part": "led", "gpio": "GPIO17",
     "direction": "output"},
    {"name": "relay", "part": "relay", "gpio": "GPIO5", "direction": "output"},
    {"name": "fan", "part": "motor", "ha": "fan", "gpio": "GPIO6", "direction": "output"},
    {"name": "siren", "part": "buzzer", "gpio": "GPIO13", "direction": "output"},
    {"name": "hidden", "part": "relay", "mqtt": "off", "gpio": "GPIO19", "direction": "output"},
    {"name": "shown", "part": "relay", "mqtt": "read", "gpio": "GPIO20", "direction": "output"},
    {"name": "button", "part": "button", "gpio": "GPIO22", "direction": "input"},
    {"name": "door", "part": "door", "gpio": "GPIO26", "direction": "input"},
]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture(params=[paho.MQTTv5, paho.MQTTv311], ids=["mqtt5", "mqtt311"])
def listener(broker: Broker, request: pytest.FixtureRequest) -> Iterator[Listener]:
    listener = Listener(broker, protocol=request.param)
    yield listener
    listener.close()


def mqtt(broker: Broker, **more: Any) -> dict[str, Any]:
    return {"broker": broker.url, "id": ID, **more}


def start(start_gateway: Any, broker: Broker, lines: list[dict[str, Any]] = HOME_LINES,
          circuit: dict[str, Any] | None = None, **more: Any) -> Gateway:
    return start_gateway({"mqtt": mqtt(broker, **more), "circuit": circuit or {}}, lines=lines)


def helper_pid(gateway: Gateway) -> int:
    def child() -> int:
        text = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()
        return int(text[0]) if text else 0
    return wait_until(child, "helper process")


def helper_state(gateway: Gateway) -> str:
    return gateway.get("/healthz").json["helpers"]["mqtt"]


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_every_state_is_retained_and_online_comes_last(start_gateway: Any, broker: Broker,
                                                       version: str) -> None:
    listener = Listener(broker)
    start(start_gateway, broker, version=version)
    listener.wait(f"{BASE}/status", b"online")
    said = [topic for topic, _ in listener.heard if topic.startswith(f"{BASE}/")]
    assert said[-1] == f"{BASE}/status"
    later = Listener(broker)
    for name in ("red", "relay", "fan", "siren", "shown", "button", "door"):
        assert later.wait_json(f"{BASE}/lines/{name}/state")["state"] == "OFF"
    assert f"{BASE}/lines/hidden/state" not in later.last
    later.close()
    listener.close()


def test_the_document_is_what_home_assistant_takes(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    start(start_gateway, broker, circuit={"scenes": [{"name": "evening", "set": {"red": 1}}]})
    listener.wait(f"{BASE}/status", b"online")
    document = listener.wait_json(DOCUMENT)
    check_document(document)
    platforms = {key: component["p"] for key, component in document["cmps"].items()}
    assert platforms == {
        "red": "light", "relay": "switch", "fan": "fan", "siren": "siren", "shown": "switch",
        "button": "event", "button-pressed": "device_automation",
        "button-released": "device_automation", "button-edges": "sensor", "door": "binary_sensor",
        "door-edges": "sensor", "all-off": "button", "scene-evening": "scene"}
    assert document["cmps"]["red"]["name"] == "Red LED"
    assert document["cmps"]["door"]["dev_cla"] == "door"
    listener.close()


def test_a_command_comes_back_as_a_state(start_gateway: Any, broker: Broker,
                                         listener: Listener) -> None:
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    listener.publish(f"{BASE}/lines/red/set", "ON")
    state = listener.wait_json(f"{BASE}/lines/red/state", state="ON", value=1, brightness=255)
    assert state["source"].startswith("mqtt:") and state["cause"] == "set"
    assert gateway.get("/api/v1/lines/red").json["value"] == 1
    listener.publish(f"{BASE}/lines/red/set", '{"state":"ON","brightness":51}')
    listener.wait_json(f"{BASE}/lines/red/state", state="ON", brightness=51)
    assert gateway.get("/api/v1/lines/red").json["pwm"]["duty"] == 0.2
    listener.publish(f"{BASE}/lines/red/set", "off")
    listener.wait_json(f"{BASE}/lines/red/state", state="OFF", brightness=0)


def test_a_change_made_elsewhere_is_told(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    gateway.put("/api/v1/lines/relay/value", 1)
    assert listener.wait_json(f"{BASE}/lines/relay/state", state="ON")["source"].startswith("http:")
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    event = listener.wait_json(f"{BASE}/lines/button/event", event_type="pressed")
    assert event["cause"] == "edge"
    gateway.post("/api/v1/simulator/lines/button", {"value": 0})
    listener.wait_json(f"{BASE}/lines/button/event", event_type="released")
    later = Listener(broker)
    time.sleep(0.2)
    assert f"{BASE}/lines/button/event" not in later.last  # not retained
    later.close()
    listener.close()


def test_each_word_of_the_table_is_a_topic(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    listener.publish(f"{BASE}/lines/relay/pulse", '{"ms":60000}')
    listener.wait_json(f"{BASE}/lines/relay/state", state="ON", cause="pulse")
    listener.publish(f"{BASE}/lines/relay/stop")
    listener.publish(f"{BASE}/lines/relay/toggle")
    listener.wait_json(f"{BASE}/lines/relay/state", state="OFF", cause="toggle")
    listener.publish(f"{BASE}/lines/relay/lock", '{"reason":"being repaired"}')
    wait_until(lambda: gateway.get("/api/v1/lines/relay").json["lock"], "lock")
    listener.publish(f"{BASE}/lines/relay/unlock")
    wait_until(lambda: not gateway.get("/api/v1/lines/relay").json["lock"], "end of the lock")
    listener.publish(f"{BASE}/lines/fan/percentage", "40")
    listener.wait_json(f"{BASE}/lines/fan/state", percentage=40)
    listener.publish(f"{BASE}/off", "PRESS")
    listener.wait_json(f"{BASE}/lines/fan/state", percentage=0)
    listener.close()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_retained_command_never_acts(start_gateway: Any, broker: Broker, version: str) -> None:
    listener = Listener(broker)
    listener.publish(f"{BASE}/lines/red/set", "ON", retain=True, qos=1)
    gateway = start(start_gateway, broker, version=version)
    listener.wait(f"{BASE}/status", b"online")
    time.sleep(0.3)
    assert gateway.get("/api/v1/lines/red").json["value"] == 0
    if version == "3.1.1":
        wait_until(lambda: "mosquitto_pub -r -n" in gateway.log, "line of the log with the remedy")
        assert 'reason="retained"} 1' in gateway.get("/metrics").text
    listener.publish(f"{BASE}/lines/relay/set", "ON")
    listener.wait_json(f"{BASE}/lines/relay/state", state="ON")  # live ones do
    listener.close()


@pytest.mark.parametrize("topic, payload, code", [
    ("lines/rad/set", "ON", "no-such-line"),
    ("lines/hidden/set", "ON", "no-such-line"),
    ("lines/shown/set", "ON", "forbidden"),
    ("lines/button/set", "ON", "forbidden"),
    ("lines/red/pulze", "{}", "no-such-method"),
    ("lines/red/set", "perhaps", "bad-request"),
    ("lines/red/set", '{"value":1,', "bad-request"),
    ("lines/red/pulse", '{"ms":-1}', "bad-request"),
    ("lines/red/set", '{"value":1,"expect":999999}', "conflict"),
    ("scenes/evning", "ON", "no-such-scene"),
    ("rpc", "{", "bad-request"),
])
def test_what_is_refused_is_told_and_nothing_acts(start_gateway: Any, broker: Broker, topic: str,
                                                  payload: str, code: str) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker,
                    circuit={"scenes": [{"name": "evening", "set": {"red": 1}}]})
    listener.wait(f"{BASE}/status", b"online")
    before = listener.count(f"{BASE}/lines/red/state")
    listener.publish(f"{BASE}/{topic}", payload)
    error = listener.wait_json(f"{BASE}/error", code=code)
    assert error["topic"] == f"{BASE}/{topic}" and error["detail"]
    assert all(line["value"] == 0 for line in gateway.get("/api/v1/lines").json["lines"]
               if line["direction"] == "output")
    if topic.startswith("lines/red/"):  # the hub waits for a state
        wait_until(lambda: listener.count(f"{BASE}/lines/red/state") > before, "state said again")
    listener.close()


def test_a_renamed_line_leaves_nothing_behind(start_gateway: Any, broker: Broker,
                                              tmp_path: Path) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    listener.wait_json(f"{BASE}/lines/relay/state")
    config = json.loads(gateway.config_path.read_text())
    config["circuit"]["lines"][1]["name"] = "pump"
    gateway.write_config(config)
    os.kill(gateway.pid, signal.SIGHUP)
    listener.wait_json(f"{BASE}/lines/pump/state")
    wait_until(lambda: listener.last[f"{BASE}/lines/relay/state"] == b"", "end of the old state")
    documents = [json.loads(payload) for topic, payload in listener.heard if topic == DOCUMENT]
    assert {"p": "switch"} in [document["cmps"].get("relay") for document in documents]
    wait_until(lambda: "relay" not in json.loads(listener.last[DOCUMENT])["cmps"], "last document")
    listener.close()


def test_a_line_that_becomes_another_thing_is_removed_before_it_is_added(
        start_gateway: Any, broker: Broker, listener: Listener) -> None:
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    listener.wait(DOCUMENT)
    before = listener.count(DOCUMENT)
    config = json.loads(gateway.config_path.read_text())
    config["circuit"]["lines"][0]["part"] = "relay"
    gateway.write_config(config)
    os.kill(gateway.pid, signal.SIGHUP)
    wait_until(lambda: listener.count(DOCUMENT) == before + 2, "mark and new document")
    marked, new = [body for topic, body in listener.heard if topic == DOCUMENT][before:]
    assert marked.count(b'"red":') == 1
    assert json.loads(marked)["cmps"]["red"] == {"p": "light"}
    assert json.loads(new)["cmps"]["red"]["p"] == "switch"


def test_a_block_added_by_a_reload_connects(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start_gateway(lines=HOME_LINES)
    assert helper_state(gateway) == "off"
    config = json.loads(gateway.config_path.read_text())
    config["mqtt"] = mqtt(broker)
    gateway.write_config(config)
    os.kill(gateway.pid, signal.SIGHUP)
    listener.wait(f"{BASE}/status", b"online")
    wait_until(lambda: helper_state(gateway) == "connected", "state of the helper")
    del config["mqtt"]
    gateway.write_config(config)
    os.kill(gateway.pid, signal.SIGHUP)
    listener.wait(f"{BASE}/status", b"offline")
    wait_until(lambda: helper_state(gateway) == "off", "end of the helper")
    listener.close()


def rule(name: str, line: str | list[str], **when: Any) -> dict[str, Any]:
    return {"name": name, "when": {"line": line, **when},
            "do": {"method": "line.toggle", "line": "relay"}}


def test_a_button_with_rules_has_triggers_for_what_they_know(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    bells = [{"name": name, "part": "button", "gpio": gpio, "direction": "input"}
             for name, gpio in (("bell", "GPIO23"), ("plain", "GPIO24"))]
    circuit = {"rules": [rule("twice", ["button", "bell"], edge="double-press"),
                         rule("long", "button", edge="held", held_ms=300),
                         rule("longer", "button", edge="held", held_ms=5000),
                         rule("press", "plain", edge="press")]}
    gateway = start(start_gateway, broker, lines=[*HOME_LINES, *bells], circuit=circuit)
    listener.wait(f"{BASE}/status", b"online")
    document = listener.wait_json(DOCUMENT)
    check_document(document)
    components = document["cmps"]
    kinds = {key: component.get("type") for key, component in components.items()
             if key.endswith(("-double", "-held"))}
    assert kinds == {"button-double": "button_double_press", "button-held": "button_long_press",
                     "bell-double": "button_double_press"}
    assert components["button-held"]["stype"] == "button"
    assert components["button"]["evt_typ"] == ["pressed", "released", "double", "held"]
    assert components["bell"]["evt_typ"] == ["pressed", "released", "double"]
    assert components["plain"]["evt_typ"] == ["pressed", "released"]

    def press(line: str, *values: int) -> None:
        for value in values:
            gateway.post(f"/api/v1/simulator/lines/{line}", value)

    def told(line: str) -> list[str]:
        topic = f"{BASE}/lines/{line}/event"
        return [json.loads(body)["event_type"] for heard, body in listener.heard if heard == topic]

    press("button", 1, 0, 1, 0)
    twice = ["pressed", "released", "pressed", "double", "released"]
    wait_until(lambda: told("button") == twice, f"double press: {told('button')}")
    press("button", 1)  # a third one is the first of the next two
    wait_until(lambda: told("button")[5:] == ["pressed", "held"], f"hold: {told('button')}")
    held = json.loads(listener.last[f"{BASE}/lines/button/event"])
    assert held["value"] == 1 and {"seq", "boot", "time"} <= set(held)
    press("button", 0)
    press("plain", 1, 0, 1, 0)
    wait_until(lambda: told("plain") == ["pressed", "released"] * 2, "plain presses")
    assert told("button")[5:] == ["pressed", "held", "released"]
    config = json.loads(gateway.config_path.read_text())
    config["circuit"]["rules"] = [circuit["rules"][0]]
    gateway.write_config(config)
    os.kill(gateway.pid, signal.SIGHUP)
    wait_until(lambda: "button-held" not in json.loads(listener.last[DOCUMENT])["cmps"],
               "document without the hold")
    assert json.loads(listener.last[DOCUMENT])["cmps"]["button"]["evt_typ"] == [
        "pressed", "released", "double"]
    listener.close()


def test_a_clean_end_says_offline(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    gateway.stop()
    listener.wait(f"{BASE}/status", b"offline")
    listener.close()


def test_a_broker_that_restarts_gets_everything_again(start_gateway: Any, broker: Broker) -> None:
    gateway = start(start_gateway, broker)
    wait_until(lambda: helper_state(gateway) == "connected", "connection")
    broker.stop()
    wait_until(lambda: helper_state(gateway) == "connecting", "loss of the broker")
    gateway.put("/api/v1/lines/relay/value", 1)
    broker.start()
    listener = Listener(broker)
    listener.wait(f"{BASE}/status", b"online")
    assert listener.wait_json(f"{BASE}/lines/relay/state")["state"] == "ON"
    check_document(listener.wait_json(DOCUMENT))
    listener.close()


def test_the_hubs_start_is_answered_with_everything(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    before = listener.count(DOCUMENT), listener.count(f"{BASE}/lines/red/state")
    listener.publish("homeassistant/status", "online")
    wait_until(lambda: listener.count(DOCUMENT) > before[0]
               and listener.count(f"{BASE}/lines/red/state") > before[1], "document and states")
    listener.close()


def test_what_mqtt_switched_goes_to_safe_when_the_broker_is_lost(start_gateway: Any,
                                                                 broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker, lost_ms=300)
    listener.wait(f"{BASE}/status", b"online")
    gateway.put("/api/v1/lines/relay/value", 1)
    listener.publish(f"{BASE}/lines/red/set", "ON")
    listener.wait_json(f"{BASE}/lines/red/state", state="ON")
    listener.close()
    broker.stop()
    wait_until(lambda: gateway.get("/api/v1/lines/red").json["value"] == 0, "safe value")
    assert gateway.get("/api/v1/lines/relay").json["value"] == 1  # switched by somebody else


def test_without_commands_nothing_answers(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker, commands=False)
    listener.wait(f"{BASE}/status", b"online")
    listener.publish(f"{BASE}/lines/red/set", "ON")
    listener.publish(f"{BASE}/lines/rad/set", "ON")
    time.sleep(0.3)
    assert gateway.get("/api/v1/lines/red").json["value"] == 0
    assert f"{BASE}/error" not in listener.last
    listener.close()


def test_a_call_is_answered_where_the_asker_waits(start_gateway: Any, broker: Broker) -> None:
    listener = Listener(broker)
    start(start_gateway, broker)
    listener.wait(f"{BASE}/status", b"online")
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic = "answers/mine"
    properties.CorrelationData = b"\x00\x17"
    listener.publish(f"{BASE}/rpc", '{"jsonrpc":"2.0","id":"seven","method":"line.toggle",'
                     '"params":{"line":"red"}}', properties=properties)
    answer = listener.wait_json("answers/mine")
    assert answer["id"] == "seven" and answer["result"]["value"] == 1
    [message] = [m for m in listener.messages if m.topic == "answers/mine"]
    assert message.properties.CorrelationData == b"\x00\x17"
    listener.publish(f"{BASE}/rpc", '{"jsonrpc":"2.0","id":8,"method":"line.get",'
                     '"params":{"line":"rad"}}')
    assert listener.wait_json(f"{BASE}/rpc/answer", id=8)["error"]["data"]["code"] == "no-such-line"
    listener.close()


def test_a_wrong_password_is_told_and_the_pins_go_on(start_gateway: Any, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    os.system(f"mosquitto_passwd -c -b {passwords} gw right 2>/dev/null")
    broker = Broker(tmp_path / "b", ("allow_anonymous false", f"password_file {passwords}"))
    (tmp_path / "password").write_text("wrong\n")
    gateway = start(start_gateway, broker, user="gw", password_file=str(tmp_path / "password"))
    wait_until(lambda: helper_state(gateway) == "refused", "refusal")
    assert "others may read" in gateway.log
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200
    (tmp_path / "password").write_text("right\n")
    (tmp_path / "password").chmod(0o600)
    os.kill(helper_pid(gateway), signal.SIGKILL)  # a new one reads it again
    wait_until(lambda: helper_state(gateway) == "connected", "connection")
    broker.stop()


def test_a_helper_that_hangs_costs_the_pins_nothing(start_gateway: Any, broker: Broker) -> None:
    gateway = start(start_gateway, broker)
    wait_until(lambda: helper_state(gateway) == "connected", "connection")
    pid = helper_pid(gateway)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    for i in range(400):
        assert gateway.put("/api/v1/lines/red/value", i % 2).status == 200
    assert time.monotonic() - began < 4
    os.kill(pid, signal.SIGCONT)
    listener = Listener(broker)
    assert listener.wait_json(f"{BASE}/lines/red/state", state="ON")["value"] == 1
    listener.close()


def test_the_gateway_takes_its_helper_with_it(start_gateway: Any, broker: Broker) -> None:
    gateway = start(start_gateway, broker)
    pid = helper_pid(gateway)
    gateway.kill()
    wait_until(lambda: not Path(f"/proc/{pid}/exe").exists(), "end of the helper")


def test_a_line_that_changes_often_is_thinned_and_ends_true(start_gateway: Any,
                                                            broker: Broker) -> None:
    listener = Listener(broker)
    gateway = start(start_gateway, broker, rate_hz=5)
    listener.wait(f"{BASE}/status", b"online")
    before = listener.count(f"{BASE}/lines/red/state")
    for i in range(101):
        gateway.put("/api/v1/lines/red/value", (i + 1) % 2)
    listener.wait_json(f"{BASE}/lines/red/state", state="ON", edges=101)
    assert listener.count(f"{BASE}/lines/red/state") - before < 20
    listener.close()


def test_clean_empties_the_broker(start_gateway: Any, broker: Broker) -> None:
    gateway = start(start_gateway, broker)
    wait_until(lambda: helper_state(gateway) == "connected", "connection")
    listener = Listener(broker)
    listener.wait(f"{BASE}/status", b"online")
    gateway.stop()
    listener.wait(f"{BASE}/status", b"offline")
    done = gateway.run("mqtt", "clean", "--config", str(gateway.config_path))
    assert done.returncode == 0 and "cleared" in done.stdout
    later = Listener(broker)
    time.sleep(0.3)
    assert later.last == {}
    later.close()
    listener.close()


def test_two_gateways_of_one_id_do_not_fight(start_gateway: Any, broker: Broker) -> None:
    first = start(start_gateway, broker)
    wait_until(lambda: helper_state(first) == "connected", "connection")
    second = start(start_gateway, broker)
    wait_until(lambda: any("two gateways use the id" in g.log for g in (first, second)),
               "warning", 30)


def test_the_program_alone_says_who_starts_it(tmp_path: Path) -> None:
    done = os.popen(f"{PROGRAM} mqtt 2>&1; echo $?").read()
    assert "the gateway itself starts" in done and done.endswith("2\n")


def test_gateway_without_an_id_in_its_config_makes_one_and_keeps_it(
        start_gateway: Any, broker: Broker, listener: Listener) -> None:
    def identify(gateway: Gateway) -> str:
        wait_until(lambda: gateway.get("/healthz").json["helpers"]["mqtt"] == "connected", "broker")
        made = (gateway.state / "id").read_text().strip()
        listener.wait(f"gpio-gateway/{made}/status", b"online")
        return made

    without_id = {"mqtt": {"broker": broker.url}}
    first, other = start_gateway(without_id), start_gateway(without_id)
    made = identify(first)
    assert len(made) == 12 and not made.strip("0123456789abcdef")
    assert identify(other) != made
    assert first.stop() == 0
    listener.wait(f"gpio-gateway/{made}/status", b"offline")
    assert identify(start_gateway(without_id, folder=first.folder)) == made
    assert {topic.split("/")[1] for topic in listener.last if topic.startswith("gpio-gateway/")} == {
        made, (other.state / "id").read_text().strip()}
