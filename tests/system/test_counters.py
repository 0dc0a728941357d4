"""Inputs that count: what every way in tells of them, sets, and keeps over a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import LINES, Gateway, wait_until
from mqtt_broker import Broker, Listener
from raw_websocket import RawWebSocket
from test_datagram_protocol import Peer
from test_line_protocol import Line
from test_mqtt import BASE, DOCUMENT, check_document, start
from test_mqtt import broker as broker, listener as listener  # fixtures

WATER = {"name": "water", "chip": "simulator", "offset": 90, "direction": "input",
         "counter": {"edge": "rising", "per_pulse": 0.45, "unit": "L"}}
DOOR = {"name": "door", "chip": "simulator", "offset": 91, "direction": "input",
        "counter": {"edge": "falling"}}
METERS = [*LINES, WATER, DOOR]
MEMBERS = ("count", "total", "unit")


@pytest.fixture
def meter(start_gateway: StartGateway) -> Gateway:
    return start_gateway(lines=METERS)


def pulse(gateway: Gateway, line: str = "water", times: int = 1) -> None:
    for _ in range(times):
        for value in (1, 0):
            answer = gateway.post(f"/api/v1/simulator/lines/{line}", {"value": value})
            assert answer.status == 200, answer.text


def told(document: Any) -> tuple[Any, ...]:
    return tuple(document[member] for member in MEMBERS)


def test_a_line_with_a_counter_tells_count_total_unit_and_rate(meter: Gateway) -> None:
    water = meter.get("/api/v1/lines/water").json
    assert told(water) == (0, 0, "L") and water["rate"] == 0
    pulse(meter, times=3)
    water = meter.get("/api/v1/lines/water").json
    assert told(water) == (3, 1.35, "L") and water["edges"] == 6
    assert 0 <= water["rate"] <= 1.35
    assert "count" not in meter.get("/api/v1/lines/button").json
    assert told(meter.get("/api/v1/lines/door").json) == (0, 0, "")
    pulse(meter, "door")
    assert told(meter.get("/api/v1/lines/door").json) == (1, 1, "")
    assert [told(line) for line in meter.circuit()["lines"] if "count" in line] == \
        [(3, 1.35, "L"), (1, 1, "")]


def test_a_total_has_no_dust_behind_the_point(meter: Gateway) -> None:
    assert meter.post("/api/v1/lines/water/count", {"count": 1234}).status == 200
    assert '"total":555.3,' in meter.get("/api/v1/lines/water").text


def test_events_tell_the_count(meter: Gateway) -> None:
    socket = RawWebSocket(meter)
    socket.snapshot()
    pulse(meter, times=2)
    events = [socket.event() for _ in range(4)]
    assert [event["count"] for event in events] == [1, 1, 2, 2]
    assert events[3]["total"] == 0.9 and events[3]["unit"] == "L" and events[3]["rate"] >= 0
    past = meter.get("/api/v1/history?line=water").json["events"]
    assert [event["count"] for event in past] == [0, 1, 1, 2, 2]
    meter.post("/api/v1/lines/red/toggle")
    assert "count" not in socket.event()


def test_text_tells_count_and_total(meter: Gateway) -> None:
    line = Line(meter.line, meter.token)
    watcher = Line(meter.line, meter.token)
    watcher.ask("watch")
    pulse(meter)
    seq = meter.circuit()["seq"]
    assert line.ask("get water") == f"ok water 0 {seq} count=1 total=0.45 L"
    assert line.ask("count water 8") == f"ok water 0 {seq + 1}"
    heard: list[str] = []
    while not heard or not heard[-1].startswith(f"event {seq + 1} "):
        heard.append(watcher.read())
    assert heard[-3:] == [f"event {seq - 1} water 1 edge count=1",
                          f"event {seq} water 0 edge count=1",
                          f"event {seq + 1} water 0 count count=8"]
    peer = Peer(meter, meter.token)
    assert peer.ask("get water") == f"ok water 0 {seq + 1} count=8 total=3.6 L"
    assert peer.ask("count water 9") == f"ok water 0 {seq + 2}"
    assert meter.run("count", "water", "10").returncode == 0
    assert meter.get("/api/v1/lines/water").json["count"] == 10
    for one in (line, watcher, peer):
        one.close()


def test_count_is_refused_where_it_makes_no_sense(meter: Gateway) -> None:
    for line, count, status, code in [
            ("red", 1, 409, "conflict"), ("button", 1, 409, "conflict"),
            ("watr", 1, 404, "no-such-line"), ("water", -1, 400, "bad-request"),
            ("water", 1.5, 400, "bad-request"), ("water", None, 400, "bad-request"),
            ("water", 2**53, 400, "bad-request")]:
        body = {} if count is None else {"count": count}
        answer = meter.post(f"/api/v1/lines/{line}/count", body)
        assert (answer.status, answer.json["code"]) == (status, code), (line, count)
    assert "counter" in meter.post("/api/v1/lines/red/count", {"count": 1}).json["detail"]
    answer = meter.post("/api/v1/lines/water/count", {"count": 5}, token=meter.viewer_token)
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert meter.get("/api/v1/lines/water").json["count"] == 0
    seq = meter.get("/api/v1/lines/water").json["seq"]
    assert meter.rpc("line.count", line="water", count=5, expect=seq)["result"]["seq"] > seq
    assert "error" in meter.rpc("line.count", line="water", count=6, expect=seq)
    assert meter.get("/api/v1/lines/water").json["count"] == 5


def test_metrics_have_each_counter(meter: Gateway) -> None:
    pulse(meter, times=2)
    lines = meter.get("/metrics").text.splitlines()
    assert 'gpio_gateway_line_count_total{line="water"} 2' in lines
    assert 'gpio_gateway_line_total{line="water"} 0.9' in lines
    assert [line for line in lines if line.startswith('gpio_gateway_line_rate{line="water"}')]
    assert not [line for line in lines if "line_count_total" in line and "button" in line]


def test_a_count_outlives_the_gateway(start_gateway: StartGateway, tmp_path: Path) -> None:
    first = start_gateway(lines=METERS, folder=tmp_path / "kept")
    pulse(first, times=3)
    first.post("/api/v1/simulator/lines/door", {"value": 1})
    assert first.stop() == 0
    # The simulator begins with 0: the door's contact opened while the gateway was away.
    second = start_gateway(lines=METERS, folder=tmp_path / "kept")
    assert second.get("/api/v1/lines/water").json["count"] == 3
    assert second.get("/api/v1/lines/door").json["count"] == 1
    pulse(second)
    assert second.get("/api/v1/lines/water").json["count"] == 4
    assert second.stop() == 0
    third = start_gateway(lines=METERS, folder=tmp_path / "kept")
    assert third.get("/api/v1/lines/water").json["count"] == 4
    assert third.get("/api/v1/lines/door").json["count"] == 1


def test_a_rule_may_begin_anew(start_gateway: StartGateway) -> None:
    rule = {"when": {"line": "button", "edge": "rising"},
            "do": {"method": "line.count", "line": "water", "count": 0}}
    gateway = start_gateway({"circuit": {"rules": [rule]}}, lines=METERS)
    pulse(gateway, times=2)
    pulse(gateway, "button")
    wait_until(lambda: gateway.get("/api/v1/lines/water").json["count"] == 0, "the rule")


def test_a_broker_is_told_and_the_hub_has_a_sensor(start_gateway: Any, broker: Broker,
                                                   listener: Listener) -> None:
    gateway = start(start_gateway, broker, lines=METERS)
    listener.wait(f"{BASE}/status", b"online")
    pulse(gateway, times=2)
    state = listener.wait_json(f"{BASE}/lines/water/state", count=2, value=0)
    assert told(state) == (2, 0.9, "L") and "rate" in state
    document = listener.wait_json(DOCUMENT)
    check_document(document)
    sensor = document["cmps"]["water-count"]
    assert (sensor["p"], sensor["val_tpl"]) == ("sensor", "{{ value_json.total }}")
    assert "button-count" not in document["cmps"]


def test_a_line_that_is_slow_to_go_off_says_so(start_gateway: StartGateway) -> None:
    slow = {"name": "slow", "chip": "simulator", "offset": 92, "direction": "input",
            "debounce_on_ms": 0, "debounce_off_ms": 300}
    gateway = start_gateway(lines=[slow])
    assert gateway.get("/api/v1/lines/slow").json["gpio"]["debounce_off_ms"] == 300
    gateway.post("/api/v1/simulator/lines/slow", {"value": 1})
    assert gateway.value("slow") == 1
    gateway.post("/api/v1/simulator/lines/slow", {"value": 0})
    assert gateway.value("slow") == 1
    wait_until(lambda: gateway.value("slow") == 0, "the end of the debounce")
    on, off = gateway.get("/api/v1/history?line=slow").json["events"][-2:]
    assert 300_000_000 <= off["time_ns"] - on["time_ns"] < 2_000_000_000
