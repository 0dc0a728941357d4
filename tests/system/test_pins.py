"""Pins: listed, wiggled, watched, moved in the simulator."""

from __future__ import annotations

import time
from typing import Any

import pytest
from gateway_process import LINES, Gateway, config_with, wait_until
from raw_websocket import RawWebSocket

PINS = "/api/v1/pins"


@pytest.fixture
def gateway(start_gateway: Any) -> Gateway:
    """Requests without a token of their own are the admin's."""
    started: Gateway = start_gateway()
    started.tokens["was_operator"] = started.tokens["operator"]
    started.tokens["operator"] = started.tokens["admin"]
    return started


def pins_of(gateway: Gateway) -> dict[str, dict[str, Any]]:
    return {pin["name"]: pin for pin in gateway.get(PINS).json["pins"]}


def admin(gateway: Gateway) -> RawWebSocket:
    socket = RawWebSocket(gateway, token=gateway.tokens["admin"])
    socket.snapshot()
    return socket


def test_simulator_has_a_header_of_40_pins(gateway: Gateway) -> None:
    answer = gateway.get(PINS).json
    assert answer["board"] == "Simulator"
    assert [pin["pin"] for pin in answer["pins"]] == list(range(1, 41))
    names = [pin["name"] for pin in answer["pins"]]
    assert (names.count("GND"), names.count("3V3"), names.count("5V")) == (8, 2, 2)
    assert sorted(int(name[4:]) for name in names if name.startswith("GPIO")) == list(range(28))
    assert pins_of(gateway)["GPIO5"] == {
        "pin": 29, "name": "GPIO5", "chip": "simulator", "offset": 5, "line": None, "held_by": None,
        "functions": ["GPCLK1"], "safe_to_try": True}


def test_pin_of_the_circuit_names_its_line_and_is_not_safe_to_try(gateway: Gateway) -> None:
    pin = pins_of(gateway)["GPIO17"]
    assert (pin["pin"], pin["line"], pin["functions"]) == (11, "red", ["SPI1 CE1"])
    assert pin["held_by"] is None and pin["safe_to_try"] is False


def test_pin_with_a_busy_function_and_supply_are_not_safe_to_try(gateway: Gateway) -> None:
    pins = pins_of(gateway)
    assert [pins[name]["safe_to_try"] for name in ("GPIO2", "GPIO14", "3V3", "5V", "GND")] == [False] * 5
    assert pins["GND"]["chip"] is None and pins["GND"]["offset"] is None


def test_list_is_for_viewers_and_trials_are_for_admins(gateway: Gateway) -> None:
    assert gateway.get(PINS, token=gateway.tokens["viewer"]).status == 200
    assert gateway.get(PINS, token=None).status == 401
    for path, body in ((f"{PINS}/GPIO5/wiggle", {}), (f"{PINS}/watch", {}),
                       ("/api/v1/simulator/pins/GPIO5", {"value": 0})):
        refused = gateway.post(path, body, token=gateway.tokens["was_operator"])
        assert (refused.status, refused.json["code"]) == (403, "forbidden"), path
        assert "admin" in refused.json["detail"]


def test_wiggle_answers_at_once_and_leaves_the_pin_free(gateway: Gateway) -> None:
    started = time.monotonic()
    answer = gateway.post(f"{PINS}/GPIO5/wiggle", {"ms": 2000})
    assert answer.status == 200 and answer.json == {"pin": "GPIO5", "ms": 2000}
    assert gateway.post(f"{PINS}/GPIO6/wiggle").json == {"pin": "GPIO6", "ms": 1000}
    assert time.monotonic() - started < 1.5
    assert pins_of(gateway)["GPIO6"]["safe_to_try"] is True
    assert gateway.circuit()["seq"] == int(gateway.cursor().rpartition("-")[2]), "no event of the circuit"


def test_wiggle_of_a_pin_in_use_is_a_conflict(gateway: Gateway) -> None:
    for body in ({}, {"anyway": True}):
        refused = gateway.post(f"{PINS}/GPIO17/wiggle", body)
        assert (refused.status, refused.json["code"]) == (409, "conflict")
        assert "red" in refused.json["detail"]
    assert gateway.value("red") == 0


def test_wiggle_of_a_bus_is_forbidden_unless_anyway(gateway: Gateway) -> None:
    refused = gateway.post(f"{PINS}/GPIO2/wiggle")
    assert (refused.status, refused.json["code"]) == (409, "forbidden-pin")
    assert "anyway" in refused.json["detail"]
    assert gateway.post(f"{PINS}/GPIO2/wiggle", {"anyway": True}).status == 200


@pytest.mark.parametrize(("path", "body", "status", "word"), [
    ("GPIO99/wiggle", {}, 404, "GPIO9"), ("GND/wiggle", {}, 404, "GND"),
    ("GPIO5/wiggle", {"ms": 49}, 400, "minimum"), ("GPIO5/wiggle", {"ms": 10001}, 400, "maximum"),
    ("GPIO5/wiggle", {"anyway": 1}, 400, "anyway"), ("GPIO5/wiggle", {"pin": "GPIO6"}, 400, "path"),
    ("watch", {"seconds": 0}, 400, "minimum"), ("watch", {"seconds": 61}, 400, "maximum"),
    ("watch", {"bias": "up"}, 400, "pull-up"), ("watch", {"pins": "GPIO5"}, 400, "list"),
    ("watch", {"pins": [5]}, 400, "pins[0]"), ("watch", {"pins": ["GPIO5", "GPIO5"]}, 400, "twice"),
    ("watch", {"pins": ["GPIO17"]}, 409, "red"), ("watch", {"pins": ["GPIO5"] * 41}, 400, "40")])
def test_bad_trials_name_what_is_wrong(gateway: Gateway, path: str, body: Any, status: int, word: str) -> None:
    refused = gateway.post(f"{PINS}/{path}", body)
    assert refused.status == status and word in refused.json["detail"], refused.text


def test_watch_reads_every_free_pin_that_carries_no_bus(gateway: Gateway) -> None:
    answer = gateway.post(f"{PINS}/watch", {"seconds": 5})
    assert answer.status == 200
    watching = answer.json["watching"]
    assert set(watching) == {f"GPIO{number}" for number in (4, 5, 6, 12, 13, 16, 18, 19, 20, 21, 24, 25)}
    assert answer.json["ends_at"].endswith("Z")
    assert all(pins_of(gateway)[name]["safe_to_try"] for name in watching), "a watch holds no pin against us"
    named = gateway.post(f"{PINS}/watch", {"pins": ["GPIO3", "GPIO15"]})
    assert named.json["watching"] == ["GPIO3", "GPIO15"], "asked for by name"


def test_moved_pin_is_told_with_its_rest_and_the_end_too(gateway: Gateway) -> None:
    with admin(gateway) as socket:
        gateway.post(f"{PINS}/watch", {"seconds": 1})
        for level in (0, 1):
            assert gateway.post("/api/v1/simulator/pins/GPIO5", {"value": level}).status == 200
        moved = [socket.read_json() for _ in range(2)]
        assert [message["method"] for message in moved] == ["pins.moved"] * 2
        wiring = {"pin": "GPIO5", "rest": 1, "bias": "pull-up", "active_low": True}
        assert [message["params"] for message in moved] == [{**wiring, "value": 0}, {**wiring, "value": 1}]
        end = socket.read_json()
        assert (end["method"], end["params"]["reason"]) == ("pins.watched", "time")


def test_button_to_3v3_is_found_with_a_pull_down(gateway: Gateway) -> None:
    with admin(gateway) as socket:
        gateway.post(f"{PINS}/watch", {"bias": "pull-down"})
        gateway.post("/api/v1/simulator/pins/GPIO6", {"value": 1})
        assert socket.read_json()["params"] == {
            "pin": "GPIO6", "rest": 0, "value": 1, "bias": "pull-down", "active_low": False}


def test_sensor_that_rests_against_the_pull_needs_none(gateway: Gateway) -> None:
    gateway.post("/api/v1/simulator/pins/GPIO6", {"value": 0})
    with admin(gateway) as socket:
        gateway.post(f"{PINS}/watch")
        gateway.post("/api/v1/simulator/pins/GPIO6", {"value": 1})
        assert socket.read_json()["params"] == {
            "pin": "GPIO6", "rest": 0, "value": 1, "bias": "disabled", "active_low": False}


def test_movements_are_told_to_admins_alone(gateway: Gateway) -> None:
    with RawWebSocket(gateway, token=gateway.tokens["viewer"]) as viewer, admin(gateway) as socket:
        viewer.snapshot()
        gateway.post(f"{PINS}/watch")
        gateway.post("/api/v1/simulator/pins/GPIO5", {"value": 0})
        assert socket.read_json()["method"] == "pins.moved"
        gateway.post("/api/v1/lines/red/toggle")
        assert viewer.read_json()["method"] == "event", "and no pins.moved before it"


def test_trial_is_ended_by_the_next_one_and_by_a_reload(gateway: Gateway) -> None:
    with admin(gateway) as socket:
        for end, reason in ((lambda: gateway.post(f"{PINS}/watch"), "watch"),
                            (lambda: gateway.post(f"{PINS}/GPIO6/wiggle"), "wiggle")):
            gateway.post(f"{PINS}/watch")
            end()
            notice = socket.read_json()
            if reason == "wiggle":  # the watch that the first round has left is ended first
                assert notice["params"]["reason"] == "watch"
                notice = socket.read_json()
            assert (notice["method"], notice["params"]) == ("pins.watched", {"reason": reason})
        gateway.post(f"{PINS}/watch")
        text = gateway.get("/api/v1/config").text
        assert gateway.put("/api/v1/config", text.encode(),
                           headers={"Content-Type": "application/json", "If-Match": "*"}).status == 200
        assert wait_until(lambda: "reload" in str(socket.read_json()), "end of the watch")


def test_pin_in_use_is_not_moved_in_the_simulator(gateway: Gateway) -> None:
    refused = gateway.post("/api/v1/simulator/pins/GPIO22", {"value": 0})
    assert (refused.status, refused.json["code"]) == (409, "conflict")
    assert gateway.post("/api/v1/simulator/pins/GPIO5", 1).json == {"pin": "GPIO5", "value": 1}
    assert gateway.post("/api/v1/simulator/pins/GPIO5", {"value": 2}).status == 400


def test_json_rpc_has_the_same(gateway: Gateway) -> None:
    with admin(gateway) as socket:
        assert len(socket.call("pins.list")["result"]["pins"]) == 40
        assert socket.call("pins.wiggle", pin="GPIO5", ms=60)["result"] == {"pin": "GPIO5", "ms": 60}
        assert socket.call("pins.watch", pins=["GPIO5"])["result"]["watching"] == ["GPIO5"]
        assert socket.call("simulator.pin", pin="GPIO5", value=0)["result"] == {"pin": "GPIO5", "value": 0}


def test_everybody_tries_pins_where_there_are_no_tokens(start_gateway: Any) -> None:
    gateway = start_gateway(config_with({"auth": {"mode": "none"}}, LINES))
    assert gateway.post(f"{PINS}/GPIO5/wiggle", token=None).status == 200


def test_gateway_ends_in_the_middle_of_a_wiggle(gateway: Gateway) -> None:
    gateway.post(f"{PINS}/GPIO5/wiggle", {"ms": 10000})
    assert gateway.stop() == 0
