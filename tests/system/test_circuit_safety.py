"""What protects the circuit: interlocks, leases, limits, locks; whoever asks, by whatever way."""

from __future__ import annotations

import socket as sockets
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import LINES, Gateway, wait_until
from raw_websocket import RawWebSocket

MS = 1_000_000


def events_of(gateway: Gateway, line: str) -> list[dict[str, Any]]:
    return list(gateway.get(f"/api/v1/history?line={line}").json["events"])


# ---- interlock -----------------------------------------------------------------------------


@pytest.fixture
def locked_pair(start_gateway: StartGateway) -> Gateway:
    """Of red and green at most one is on."""
    return start_gateway({"circuit": {"interlocks": [{"lines": ["red", "green"]}]}})


@pytest.mark.parametrize("method, path, body", [
    ("PUT", "/api/v1/lines/green/value", 1), ("PUT", "/api/v1/lines/green/value",
                                              {"value": 1, "for_ms": 50}),
    ("POST", "/api/v1/lines/green/toggle", None), ("POST", "/api/v1/lines/green/pulse", {"ms": 50}),
    ("POST", "/api/v1/lines/green/blink", {"on_ms": 5, "off_ms": 5}),
    ("POST", "/api/v1/lines/green/pwm", {"duty": 0.5, "hz": 10}),
    ("PUT", "/api/v1/lines", {"green": 1}), ("PUT", "/api/v1/lines", {"green": 1, "red": 1}),
])
def test_interlock_refuses_every_way_to_switch_the_second_on(locked_pair: Gateway, method: str,
                                                             path: str, body: Any) -> None:
    locked_pair.put("/api/v1/lines/red/value", 1)
    before = locked_pair.circuit()["seq"]
    answer = locked_pair.request(method, path, body)
    assert answer.status == 409 and answer.json["code"] == "interlock"
    assert answer.json["blocked_by"] == "red"
    assert (locked_pair.value("green"), locked_pair.circuit()["seq"]) == (0, before)


def test_interlock_refuses_over_the_websocket(locked_pair: Gateway) -> None:
    locked_pair.put("/api/v1/lines/red/value", 1)
    with RawWebSocket(locked_pair) as socket:
        socket.snapshot()
        for method, params in (("line.set", {"value": 1}), ("line.toggle", {}),
                               ("line.pulse", {"ms": 5})):
            error = socket.call(method, line="green", **params)["error"]
            assert (error["code"], error["data"]["code"]) == (-32004, "interlock")
            assert error["data"]["blocked_by"] == "red"


def test_interlock_refuses_two_at_once_and_sets_neither(locked_pair: Gateway) -> None:
    answer = locked_pair.put("/api/v1/lines", {"red": 1, "green": 1, "yellow": 1})
    assert answer.status == 409 and answer.json["code"] == "interlock"
    assert [locked_pair.value(line) for line in ("red", "green", "yellow")] == [0, 0, 0]


def test_interlock_lets_the_change_over_in_one_request(locked_pair: Gateway) -> None:
    locked_pair.put("/api/v1/lines/red/value", 1)
    assert locked_pair.put("/api/v1/lines", {"green": 1, "red": 0}).status == 200
    assert [locked_pair.value(line) for line in ("red", "green")] == [0, 1]
    events = locked_pair.get("/api/v1/history").json["events"][-2:]
    assert [(event["line"], event["value"]) for event in events] == [("red", 0), ("green", 1)], \
        "first off, then on: never both"


def test_interlock_lets_off_and_other_lines_alone(locked_pair: Gateway) -> None:
    locked_pair.put("/api/v1/lines/red/value", 1)
    assert locked_pair.put("/api/v1/lines/green/value", 0).status == 200
    assert locked_pair.put("/api/v1/lines/yellow/value", 1).status == 200
    assert locked_pair.put("/api/v1/lines/red/value", 0).status == 200
    assert locked_pair.put("/api/v1/lines/green/value", 1).status == 200


def test_break_before_make_switches_the_other_off_and_waits(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {"interlocks": [
        {"mode": "break-before-make", "gap_ms": 100, "lines": ["red", "green"]}]}})
    gateway.put("/api/v1/lines/red/value", 1)
    wait_until(lambda: gateway.value("red") == 1, "the first line on: what was before the start "
                                                  "is not known, so that it waits for the gap, too")
    cursor = gateway.cursor()
    answer = gateway.put("/api/v1/lines/green/value", 1)
    assert answer.status == 200 and answer.json["value"] == 0
    wait_until(lambda: gateway.value("green") == 1, "the second line on")
    changed_at = gateway.get("/api/v1/lines/green").json["changed_at"]
    late = datetime.fromisoformat(changed_at[:-1]) - datetime.fromisoformat(answer.json["on_at"][:-1])
    assert timedelta(milliseconds=-1) < late < timedelta(seconds=1)
    assert "on_at" not in gateway.put("/api/v1/lines/green/value", 1).json
    events = gateway.get(f"/api/v1/history?since={cursor}").json["events"]
    flips = [event for event in events if (event["line"], event["value"]) in
             (("red", 0), ("green", 1))]
    assert flips[0]["line"] == "red" and flips[0]["cause"] == "interlock"
    on = next(event for event in events if event["line"] == "green" and event["value"] == 1)
    assert on["time_ns"] - flips[0]["time_ns"] >= 99 * MS
    assert gateway.value("red") == 0


# ---- lease ---------------------------------------------------------------------------------


def test_lease_that_is_not_renewed_ends_in_safe(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        assert socket.call("line.set", line="red", value=1, lease_ms=120)["result"]["value"] == 1
        on, off = socket.event(), socket.event()
    assert (on["value"], off["value"], off["cause"]) == (1, 0, "lease")
    assert 118 * MS <= off["time_ns"] - on["time_ns"] <= 300 * MS


def test_lease_over_rest_ends_in_safe_too(gateway: Gateway) -> None:
    assert gateway.put("/api/v1/lines/red/value", {"value": 1, "lease_ms": 100}).status == 200
    wait_until(lambda: gateway.value("red") == 0, "end of the lease")
    assert events_of(gateway, "red")[-1]["cause"] == "lease"


def test_lease_that_is_renewed_goes_on(gateway: Gateway) -> None:
    for _ in range(5):
        answer = gateway.put("/api/v1/lines/red/value", {"value": 1, "lease_ms": 400})
        assert answer.status == 200
        time.sleep(0.15)
    assert gateway.value("red") == 1
    assert [event["value"] for event in events_of(gateway, "red")] == [0, 1]


@pytest.mark.parametrize("how", ["close", "abort", "frame"])
def test_lease_on_the_connection_ends_with_it(gateway: Gateway, how: str) -> None:
    socket = RawWebSocket(gateway)
    socket.snapshot()
    answer = socket.call("line.set", line="red", value=1, lease="connection")
    assert "result" in answer, answer
    assert gateway.value("red") == 1
    if how == "abort":
        socket.connection.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER,
                                            b"\1\0\0\0\0\0\0\0")
    elif how == "frame":
        socket.send(8, b"\x03\xe8")
    socket.connection.close()
    wait_until(lambda: gateway.value("red") == 0, "the safe value")
    assert events_of(gateway, "red")[-1]["cause"] == "lease"


def test_lease_on_the_connection_goes_to_safe_which_may_be_1(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[{"name": "brake", "gpio": "GPIO2", "direction": "output",
                                    "initial": 1, "safe": 1}])
    socket = RawWebSocket(gateway)
    socket.snapshot()
    assert "result" in socket.call("line.set", line="brake", value=0, lease="connection")
    socket.connection.close()
    wait_until(lambda: gateway.value("brake") == 1, "the safe value")


def test_lease_of_a_silent_connection_ends_when_it_is_dropped(start_gateway: StartGateway) -> None:
    """The phone that left the network sends no close."""
    gateway = start_gateway({"limits": {"ping_s": 1, "pong_s": 1}})
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        assert "result" in socket.call("line.set", line="red", value=1, lease="connection")
        assert gateway.value("red") == 1
        wait_until(lambda: gateway.value("red") == 0, "the safe value", 6)


def test_lease_on_the_connection_needs_one_that_stays(gateway: Gateway) -> None:
    answer = gateway.put("/api/v1/lines/red/value", {"value": 1, "lease": "connection"})
    assert answer.status == 400 and gateway.value("red") == 0


def test_later_command_without_a_lease_takes_it_away(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", {"value": 1, "lease_ms": 100})
    gateway.put("/api/v1/lines/red/value", 1)
    time.sleep(0.25)
    assert gateway.value("red") == 1


def test_lease_of_the_line_counts_for_every_command(start_gateway: StartGateway) -> None:
    lines = [{**LINES[0], "lease_ms": 100}, *LINES[1:]]
    gateway = start_gateway(lines=lines)
    gateway.post("/api/v1/lines/red/toggle")
    wait_until(lambda: gateway.value("red") == 0, "end of the lease")
    assert events_of(gateway, "red")[-1]["cause"] == "lease"


def test_time_left_of_a_lease_is_in_the_state(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", {"value": 1, "lease_ms": 60_000})
    assert gateway.get("/api/v1/lines/red").json["lease"]
    gateway.put("/api/v1/lines/red/value", 0)
    assert not gateway.get("/api/v1/lines/red").json["lease"]


# ---- limits --------------------------------------------------------------------------------


def with_red(**more: Any) -> list[dict[str, Any]]:
    return [{**LINES[0], **more}, *LINES[1:]]


@pytest.mark.parametrize("way", ["rest", "websocket", "blink", "for_ms", "several"])
def test_max_on_ms_ends_it_whoever_switched_it_on(start_gateway: StartGateway, way: str) -> None:
    gateway = start_gateway(lines=with_red(max_on_ms=100))
    if way == "rest":
        gateway.put("/api/v1/lines/red/value", 1)
    elif way == "several":
        gateway.put("/api/v1/lines", {"red": 1})
    elif way == "for_ms":
        gateway.put("/api/v1/lines/red/value", {"value": 1, "for_ms": 60_000})
    elif way == "blink":
        gateway.post("/api/v1/lines/red/blink", {"on_ms": 60_000, "off_ms": 5})
    else:
        with RawWebSocket(gateway) as socket:
            socket.call("line.set", line="red", value=1)
    wait_until(lambda: gateway.value("red") == 0, "the limit")
    on, off = events_of(gateway, "red")[-2:]
    assert (on["value"], off["value"], off["cause"]) == (1, 0, "limit")
    assert 99 * MS <= off["time_ns"] - on["time_ns"] <= 100 * MS + 200 * MS


def test_max_on_ms_is_not_extended_by_setting_again(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=with_red(max_on_ms=150))
    gateway.put("/api/v1/lines/red/value", 1)
    began = time.monotonic()
    while time.monotonic() - began < 0.4:  # it may come on again after the limit
        gateway.put("/api/v1/lines/red/value", 1)
    on, off = [event for event in events_of(gateway, "red") if event["cause"] != "start"][:2]
    assert off["cause"] == "limit" and off["time_ns"] - on["time_ns"] <= 350 * MS


def test_max_on_ms_counts_from_the_start_of_the_program(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=with_red(max_on_ms=100, initial=1))
    wait_until(lambda: gateway.value("red") == 0, "the limit")
    assert events_of(gateway, "red")[-1]["cause"] == "limit"


def test_min_off_ms_refuses_too_early_with_retry_after(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=with_red(min_off_ms=400))
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.put("/api/v1/lines/red/value", 0)
    answer = gateway.put("/api/v1/lines/red/value", 1)
    assert answer.status in (429, 503) and answer.json["code"] == "limit"
    assert int(answer.headers["Retry-After"]) >= 1
    error = gateway.rpc("line.set", line="red", value=1)["error"]
    assert (error["code"], error["data"]["code"]) == (-32008, "limit")
    wait_until(lambda: gateway.put("/api/v1/lines/red/value", 1).status == 200, "rest", 3)


# ---- off and lock --------------------------------------------------------------------------


def test_viewer_may_switch_off_only_where_the_config_allows(start_gateway: StartGateway) -> None:
    strict = start_gateway()
    assert strict.post("/api/v1/off", token=strict.viewer_token).status == 403
    kind = start_gateway({"circuit": {"viewers_may_switch_off": True}})
    kind.put("/api/v1/lines/red/value", 1)
    assert kind.post("/api/v1/off", token=kind.viewer_token).status == 200
    assert [event["role"] for event in kind.get("/api/v1/history?line=red").json["events"]
            if "role" in event] == ["operator", "viewer"]
    assert kind.value("red") == 0
    assert kind.put("/api/v1/lines/red/value", 1, token=kind.viewer_token).status == 403


def test_locked_line_refuses_with_its_reason_until_it_is_unlocked(gateway: Gateway) -> None:
    reason = "Wires are loose"
    assert gateway.post("/api/v1/lines/red/lock", {"reason": reason}).status == 200
    with RawWebSocket(gateway) as socket:
        snapshot = socket.snapshot()
        assert snapshot["lines"][0]["lock"]["reason"] == reason
        assert reason in str(socket.call("line.toggle", line="red")["error"])
    for method, path, body in (("PUT", "red/value", 1), ("POST", "red/pulse", {"ms": 5}),
                               ("POST", "red/toggle", None)):
        answer = gateway.request(method, f"/api/v1/lines/{path}", body)
        assert answer.status == 409 and reason in answer.json["detail"]
    assert gateway.put("/api/v1/lines", {"green": 1, "red": 1}).status == 409
    assert (gateway.value("red"), gateway.value("green")) == (0, 0)
    assert gateway.post("/api/v1/lines/red/lock", {"reason": "x"},
                        token=gateway.viewer_token).status == 403
    assert gateway.post("/api/v1/lines/red/unlock").status == 200
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200


def test_off_works_on_a_locked_line_too(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/lines/red/lock", {"reason": "do not touch"})
    assert gateway.post("/api/v1/off").status == 200
    assert gateway.value("red") == 0


def test_refused_rule_is_logged_with_its_reason_and_counted(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {"rules": [
        {"name": "stairs", "when": {"line": "button", "edge": "rising"},
         "do": {"method": "line.toggle", "line": "red"}}]}})
    gateway.post("/api/v1/lines/red/lock", {"reason": "wet paint"})
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    wait_until(lambda: "a rule was refused rule=stairs" in gateway.log, "the log")
    assert "wet paint" in gateway.log
    assert "gpio_gateway_rules_refused_total 1\n" in gateway.get("/metrics").text


# ---- scenes and rules ----------------------------------------------------------------------


def test_scene_is_applied_all_or_none(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {
        "scenes": [{"name": "evening", "set": {"red": 1, "green": 1, "yellow": 0}}]}})
    gateway.put("/api/v1/lines/yellow/value", 1)
    answer = gateway.post("/api/v1/scenes/evening")
    assert answer.status == 200
    assert [gateway.value(line) for line in ("red", "green", "yellow")] == [1, 1, 0]
    gateway.post("/api/v1/off")
    gateway.post("/api/v1/lines/green/lock", {"reason": "x"})
    assert gateway.post("/api/v1/scenes/evening").status == 409
    assert [gateway.value(line) for line in ("red", "green", "yellow")] == [0, 0, 0]
    assert gateway.post("/api/v1/scenes/morning").status == 404
    assert gateway.post("/api/v1/scenes/evening", token=gateway.viewer_token).status == 403


def test_rule_runs_without_a_browser_and_names_itself(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {"rules": [
        {"name": "light", "when": {"line": "button", "edge": "rising"},
         "do": {"method": "line.toggle", "line": "red"}}]}})
    cursor = gateway.cursor()
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    gateway.post("/api/v1/simulator/lines/button", {"value": 0})
    wait_until(lambda: gateway.value("red") == 1, "the rule")
    events = gateway.get(f"/api/v1/history?since={cursor}").json["events"]
    assert [(event["line"], event["value"], event["cause"]) for event in events] == \
        [("button", 1, "edge"), ("red", 1, "rule"), ("button", 0, "edge")]
    assert "light" in (events[1].get("rule", ""), events[1]["source"].removeprefix("rule:"))


def test_rule_is_held_by_the_interlock_as_anybody(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {
        "interlocks": [{"lines": ["red", "green"]}],
        "rules": [{"when": {"line": "button", "edge": "rising"},
                   "do": {"method": "line.set", "line": "green", "value": 1}}]}})
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    time.sleep(0.1)
    assert gateway.value("green") == 0


def test_press_of_a_button_makes_one_event_after_its_debounce(start_gateway: StartGateway) -> None:
    lines = [*LINES[:3], {**LINES[3], "debounce_ms": 60}, LINES[4]]
    gateway = start_gateway(lines=lines)
    for value in (1, 0, 1, 0, 1):
        gateway.post("/api/v1/simulator/lines/button", {"value": value})
    wait_until(lambda: gateway.value("button") == 1, "the press")
    time.sleep(0.15)
    assert [event["value"] for event in events_of(gateway, "button")] == [0, 1]
