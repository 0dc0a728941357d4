"""REST: what it tells of lines, and how it sets them."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import CONFIG, LINES, Gateway

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def events_since(gateway: Gateway, cursor: str) -> list[dict[str, Any]]:
    answer = gateway.get(f"/api/v1/history?since={cursor}")
    assert answer.status == 200 and answer.json["complete"] is True, answer
    return list(answer.json["events"])


# ---- reading -------------------------------------------------------------------------------


def test_circuit_tells_name_title_backend_boot_seq_and_lines(gateway: Gateway) -> None:
    circuit = gateway.circuit()
    assert circuit["name"] == "breadboard"
    assert circuit["title"] == CONFIG["circuit"]["title"]
    assert circuit["backend"] == "simulator"
    assert re.fullmatch(r"[0-9a-f]+", circuit["boot"])
    assert circuit["seq"] == len(LINES), "each line begins with one event of cause start"
    assert [line["name"] for line in circuit["lines"]] == [line["name"] for line in LINES]


def test_simulated_circuit_says_so(gateway: Gateway) -> None:
    assert "simulat" in gateway.get("/api/v1/circuit").text
    assert "simulat" in gateway.log.splitlines()[0] + gateway.log.splitlines()[1]


def test_lines_come_in_an_object_with_boot_and_seq(gateway: Gateway) -> None:
    lines = gateway.get("/api/v1/lines").json
    circuit = gateway.circuit()
    assert set(lines) == {"boot", "seq", "lines"}
    assert (lines["boot"], lines["seq"]) == (circuit["boot"], circuit["seq"])
    assert lines["lines"] == circuit["lines"]


@pytest.mark.parametrize("path", ["/api/v1/circuit", "/api/v1/lines/red", "/api/v1/lines/red/value",
                                  "/api/v1/history", "/api/v1/openapi.json", "/healthz",
                                  "/api/v1/lines/purple"])
def test_answers_in_json_end_with_one_newline(gateway: Gateway, path: str) -> None:
    text = gateway.get(path).text
    assert text.endswith("\n") and not text[:-1].endswith("\n"), text[-40:]


def test_answers_of_json_rpc_end_with_one_newline(gateway: Gateway) -> None:
    answer = gateway.request("POST", "/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": "system.ping"})
    assert answer.text.endswith("}\n"), answer.text
    nothing = gateway.request("POST", "/api/v1/rpc", {"jsonrpc": "2.0", "method": "system.ping"})
    assert (nothing.status, nothing.text) == (204, "")


def test_line_has_every_member_of_the_description(gateway: Gateway) -> None:
    line = gateway.get("/api/v1/lines/red").json
    assert line["name"] == "red" and line["title"] == LINES[0]["title"]
    assert line["part"] == "led" and line["direction"] == "output"
    assert line["value"] == 0 and line["seq"] == 1 and line["edges"] == 0
    assert TIME.fullmatch(line["changed_at"]) and isinstance(line["source"], str)
    assert set(line["gpio"]) >= {"chip", "label", "offset", "name", "bias", "drive", "active_low"}
    assert line["gpio"]["name"] == "GPIO17" and line["gpio"]["bias"] == "as-is"
    assert line["gpio"]["drive"] == "push-pull" and line["gpio"]["active_low"] is False
    button = gateway.get("/api/v1/lines/button").json
    assert button["direction"] == "input" and button["gpio"]["bias"] == "pull-up"
    assert button["gpio"]["active_low"] is True


def test_title_is_the_text_the_config_gives(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[{"name": "a", "title": "Größe \"1\"", "gpio": "GPIO2",
                                    "direction": "output"}])
    assert gateway.get("/api/v1/lines/a").json["title"] == 'Größe "1"'


def test_value_is_the_bare_number(gateway: Gateway) -> None:
    answer = gateway.get("/api/v1/lines/red/value")
    assert (answer.status, answer.media_type, answer.text.strip()) == (200, "application/json", "0")
    gateway.put("/api/v1/lines/red/value", 1)
    assert gateway.get("/api/v1/lines/red/value").text.strip() == "1"


def test_get_changes_nothing(gateway: Gateway) -> None:
    before = gateway.circuit()["seq"]
    for path in ("circuit", "lines", "lines/red", "lines/red/value", "history", "sockets",
                 "sockets/calls", "openapi.json"):
        assert gateway.get(f"/api/v1/{path}").status == 200, path
    for path in ("lines/red/toggle", "lines/red/pulse?ms=5", "off", "rpc"):
        assert gateway.get(f"/api/v1/{path}").status == 405, path
    assert gateway.circuit()["seq"] == before


@pytest.mark.parametrize("method, path", [
    ("GET", ""), ("GET", "/value"), ("PUT", "/value"), ("POST", "/toggle"), ("POST", "/pulse"),
    ("POST", "/blink"), ("POST", "/pwm"), ("POST", "/stop"),
])
def test_unknown_line_is_404_no_such_line(shared_gateway: Gateway, method: str, path: str) -> None:
    bodies = {"/value": 1, "/pulse": {"ms": 5}, "/blink": {"on_ms": 5, "off_ms": 5},
              "/pwm": {"duty": 0.5, "hz": 10}}
    body = bodies.get(path) if method != "GET" else None
    answer = shared_gateway.request(method, f"/api/v1/lines/purple{path}", body)
    assert answer.status == 404 and answer.json["code"] == "no-such-line"
    assert "purple" in answer.json["detail"]


# ---- setting -------------------------------------------------------------------------------


@pytest.mark.parametrize("body, value", [
    (b"1", 1), (b"0", 0), (b"true", 1), (b"false", 0), (b'{"value":1}', 1), (b'{"value":false}', 0),
    (b" 1\n", 1), (b'{ "value" : true }\r\n', 1),
])
def test_value_is_set_by_number_boolean_or_object(gateway: Gateway, body: bytes,
                                                  value: int) -> None:
    was = 1 - value
    gateway.put("/api/v1/lines/red/value", was)
    seq = gateway.circuit()["seq"]
    answer = gateway.put("/api/v1/lines/red/value", body)
    assert answer.status == 200
    assert answer.json == {"line": "red", "was": was, "value": value, "seq": seq + 1}
    assert gateway.value("red") == value


def test_setting_the_value_that_is_makes_no_event(gateway: Gateway) -> None:
    first = gateway.put("/api/v1/lines/red/value", 1).json
    gateway.put("/api/v1/lines/green/value", 1)
    before = gateway.circuit()["seq"]
    again = gateway.put("/api/v1/lines/red/value", 1)
    assert again.status == 200
    assert again.json == {"line": "red", "was": 1, "value": 1, "seq": first["seq"]}
    assert gateway.circuit()["seq"] == before


def test_seq_grows_by_exactly_one_with_each_event(gateway: Gateway) -> None:
    cursor, start = gateway.cursor(), gateway.circuit()["seq"]
    for line in ("red", "green", "red", "yellow", "green"):
        gateway.post(f"/api/v1/lines/{line}/toggle")
    gateway.put("/api/v1/lines", {"red": 1, "yellow": 0})
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    gateway.post("/api/v1/off")
    seqs = [event["seq"] for event in events_since(gateway, cursor)]
    assert seqs == list(range(start + 1, start + len(seqs) + 1)) and len(seqs) == 9
    assert gateway.circuit()["seq"] == seqs[-1]


def test_toggle_turns_and_answers_as_a_set(gateway: Gateway) -> None:
    seq = gateway.circuit()["seq"]
    assert gateway.post("/api/v1/lines/red/toggle").json == \
        {"line": "red", "was": 0, "value": 1, "seq": seq + 1}
    assert gateway.post("/api/v1/lines/red/toggle").json == \
        {"line": "red", "was": 1, "value": 0, "seq": seq + 2}


def test_line_carries_the_seq_source_and_count_of_its_last_change(gateway: Gateway) -> None:
    gateway.post("/api/v1/lines/red/toggle")
    answer = gateway.post("/api/v1/lines/red/toggle").json
    gateway.post("/api/v1/lines/green/toggle")
    line = gateway.get("/api/v1/lines/red").json
    assert line["seq"] == answer["seq"] and line["edges"] == 2
    assert line["source"].startswith("http:127.0.0.1:")


@pytest.mark.parametrize("method, path, body", [
    ("PUT", "value", 1), ("POST", "toggle", None), ("POST", "pulse", {"ms": 5}),
    ("POST", "blink", {"on_ms": 5, "off_ms": 5}), ("POST", "pwm", {"duty": 0.5, "hz": 10}),
    ("POST", "stop", None),
])
def test_an_input_is_not_an_output(shared_gateway: Gateway, method: str, path: str,
                                   body: Any) -> None:
    answer = shared_gateway.request(method, f"/api/v1/lines/button/{path}", body)
    assert answer.status == 409 and answer.json["code"] == "not-an-output"


def test_expect_is_the_seq_of_the_line_itself(gateway: Gateway) -> None:
    own = gateway.put("/api/v1/lines/red/value", 1).json["seq"]
    gateway.post("/api/v1/lines/green/toggle")  # the circuit's seq moves on, red's does not
    answer = gateway.put("/api/v1/lines/red/value", {"value": 0, "expect": own})
    assert answer.status == 200 and answer.json["was"] == 1 and answer.json["value"] == 0


@pytest.mark.parametrize("method, path, body", [
    ("PUT", "value", {"value": 1}), ("POST", "toggle", {}), ("POST", "pulse", {"ms": 5}),
    ("POST", "blink", {"on_ms": 5, "off_ms": 5, "count": 1}), ("POST", "pwm", {"duty": 1}),
])
def test_stale_expect_is_a_conflict_and_changes_nothing(gateway: Gateway, method: str, path: str,
                                                        body: dict[str, Any]) -> None:
    stale = gateway.put("/api/v1/lines/red/value", 1).json["seq"]
    gateway.put("/api/v1/lines/red/value", 0)
    before = gateway.get("/api/v1/lines/red").json
    answer = gateway.request(method, f"/api/v1/lines/red/{path}", {**body, "expect": stale})
    assert answer.status == 409 and answer.json["code"] == "conflict"
    assert gateway.get("/api/v1/lines/red").json == before


def test_stale_expect_is_a_conflict_also_for_the_value_that_is(gateway: Gateway) -> None:
    stale = gateway.get("/api/v1/lines/red").json["seq"]
    gateway.put("/api/v1/lines/red/value", 1)
    answer = gateway.put("/api/v1/lines/red/value", {"value": 1, "expect": stale})
    assert answer.status == 409 and answer.json["code"] == "conflict"


# ---- several at once -----------------------------------------------------------------------


def test_several_lines_are_set_and_only_the_changed_named(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/green/value", 1)
    seq = gateway.circuit()["seq"]
    answer = gateway.put("/api/v1/lines", {"red": 1, "green": True, "yellow": 0})
    assert answer.status == 200
    assert answer.json == {"seq": seq + 1, "changed": ["red"]}
    assert [gateway.value(line) for line in ("red", "green", "yellow")] == [1, 1, 0]


def test_each_changed_line_has_its_event(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    answer = gateway.put("/api/v1/lines", {"red": 1, "green": 1, "yellow": 1}).json
    events = events_since(gateway, cursor)
    assert sorted(event["line"] for event in events) == ["green", "red", "yellow"]
    assert {event["cause"] for event in events} == {"set"}
    assert sorted(answer["changed"]) == ["green", "red", "yellow"]
    assert answer["seq"] == events[-1]["seq"] == gateway.circuit()["seq"]


@pytest.mark.parametrize("body, status, code", [
    (b'{"red":1,"purple":1}', 404, "no-such-line"),
    (b'{"purple":1,"red":1}', 404, "no-such-line"),
    (b'{"red":1,"button":1}', 409, "not-an-output"),
    (b'{"red":1,"green":2}', 400, "bad-request"),
    (b'{"red":1,"green":"1"}', 400, "bad-request"),
    (b'{"red":1,"green":null}', 400, "bad-request"),
    (b'{"red":1,"green":0.5}', 400, "bad-request"),
    (b'{"red":1,"green":1,"red":0}', 400, "bad-request"),
    (b'{"red":1,"green":1', 400, "bad-request"),
    (b'[{"red":1}]', 400, "bad-request"),
    (b"1", 400, "bad-request"),
])
def test_several_lines_are_set_all_or_none(gateway: Gateway, body: bytes, status: int,
                                           code: str) -> None:
    before = gateway.circuit()
    answer = gateway.put("/api/v1/lines", body)
    assert answer.status == status and answer.json["code"] == code
    after = gateway.circuit()
    assert (after["seq"], after["lines"]) == (before["seq"], before["lines"])


def test_off_puts_every_output_to_its_safe_value(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[
        {"name": "low", "gpio": "GPIO2", "direction": "output", "initial": 1, "safe": 0},
        {"name": "high", "gpio": "GPIO3", "direction": "output", "initial": 0, "safe": 1},
        {"name": "held", "gpio": "GPIO4", "direction": "output", "initial": 1, "safe": "hold"},
        {"name": "plain", "gpio": "GPIO5", "direction": "output", "initial": 1},
    ])
    answer = gateway.post("/api/v1/off")
    assert answer.status == 200
    values = {line["name"]: line["value"] for line in gateway.circuit()["lines"]}
    assert values == {"low": 0, "high": 1, "held": 1, "plain": 0}


def test_off_needs_no_body_and_a_second_one_makes_no_event(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    assert gateway.request("POST", "/api/v1/off").status == 200
    seq = gateway.circuit()["seq"]
    assert gateway.post("/api/v1/off", {}).status == 200
    assert gateway.circuit()["seq"] == seq


# ---- the simulator's inputs ----------------------------------------------------------------


@pytest.mark.parametrize("line", ["button", "motion"])
def test_simulated_input_takes_the_logical_value(gateway: Gateway, line: str) -> None:
    assert gateway.value(line) == 0, "nothing pressed: 0, also where 1 is the low level"
    cursor = gateway.cursor()
    assert gateway.post(f"/api/v1/simulator/lines/{line}", {"value": 1}).status == 200
    assert gateway.value(line) == 1
    [event] = events_since(gateway, cursor)
    assert (event["line"], event["value"], event["cause"]) == (line, 1, "edge")
    assert isinstance(event["edge_ns"], int) and event["edge_ns"] > 0
    assert gateway.get(f"/api/v1/lines/{line}").json["edges"] == 1


def test_simulated_input_that_stays_makes_no_event(gateway: Gateway) -> None:
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    before = gateway.circuit()["seq"]
    assert gateway.post("/api/v1/simulator/lines/button", {"value": 1}).status == 200
    assert gateway.circuit()["seq"] == before


def test_simulator_knows_no_other_line(shared_gateway: Gateway) -> None:
    answer = shared_gateway.post("/api/v1/simulator/lines/purple", {"value": 1})
    assert answer.status == 404 and answer.json["code"] == "no-such-line"


def test_simulator_does_not_drive_an_output(gateway: Gateway) -> None:
    before = gateway.circuit()["seq"]
    assert gateway.post("/api/v1/simulator/lines/red", {"value": 1}).status in (400, 409)
    assert (gateway.value("red"), gateway.circuit()["seq"]) == (0, before)


def test_event_of_an_output_has_every_member(gateway: Gateway) -> None:
    cursor, boot = gateway.cursor(), gateway.circuit()["boot"]
    answer = gateway.put("/api/v1/lines/red/value", 1).json
    [event] = events_since(gateway, cursor)
    assert event["boot"] == boot and event["seq"] == answer["seq"]
    assert event["line"] == "red" and event["value"] == 1 and event["cause"] == "set"
    assert event["source"].startswith("http:127.0.0.1:")
    assert TIME.fullmatch(event["time"]) and "edge_ns" not in event
    line = gateway.get("/api/v1/lines/red").json
    assert line["changed_at"] == event["time"]


def test_time_ns_is_the_exact_wall_clock_of_time(gateway: Gateway) -> None:
    before = time.time_ns()
    cursor = gateway.cursor()
    gateway.post("/api/v1/lines/red/toggle")
    after = time.time_ns()
    [event] = events_since(gateway, cursor)
    assert before <= event["time_ns"] <= after
    assert int(event["time"][20:26]) == event["time_ns"] % 10**9 // 1000
    text = gateway.get(f"/api/v1/history?since={cursor}").text
    assert f'"time_ns":{event["time_ns"]}' in text, "all digits, no exponent"


def test_causes_are_told_for_each_command(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/lines/red/toggle")
    gateway.post("/api/v1/simulator/lines/motion", {"value": 1})
    causes = [event["cause"] for event in events_since(gateway, cursor)]
    assert causes == ["set", "toggle", "edge"]
    whole = gateway.get("/api/v1/history").json["events"]
    assert {event["cause"] for event in whole[:len(LINES)]} == {"start"}
