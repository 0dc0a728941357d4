"""Timed actions, safety, scenes and rules: over every way in that has them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from conftest import StartGateway
from every_way import FULL, kind, way, workshop  # noqa: F401 (fixtures)
from gateway_process import Gateway, config_with, wait_until
from test_circuit_actions import assert_apart
from test_circuit_reload import reload
from ways import WAYS, Refused, Way, told

# ---- 1: what runs for a time ---------------------------------------------------------------


def test_set_for_a_time_goes_back(way: Way) -> None:
    since = way.cursor()
    assert way.call("line.set", line="red", value=1, for_ms=50)["value"] == 1
    on, off = way.events(since, 2)
    assert (on["value"], off["value"]) == (1, 0)
    assert_apart(on, off, 50)


def test_second_pulse_prolongs_the_first(way: Way) -> None:
    since = way.cursor()
    way.call("line.pulse", line="red", ms=100)
    way.call("line.pulse", line="red", ms=150)
    on, longer, off = way.events(since, 3)
    assert told([on, longer, off], "value", "cause") == [(1, "pulse"), (1, "pulse"), (0, "pulse")]
    assert_apart(longer, off, 150)


def test_blink_with_a_count_ends_by_itself(way: Way) -> None:
    since = way.cursor()
    way.call("line.blink", line="red", on_ms=20, off_ms=30, count=2)
    found = way.events(since, 4)
    assert told(found, "value", "cause") == [(1, "blink"), (0, "blink")] * 2
    for event, ms in zip(found, (0, 20, 50, 70)):
        assert_apart(found[0], event, ms)
    assert way.line("red")["action"] is None


def test_pwm_is_in_the_state_until_it_ends(way: Way) -> None:
    way.call("line.pwm", line="red", duty=0.25, hz=50)
    assert way.line("red")["pwm"] == {"duty": 0.25, "hz": 50}
    way.call("line.stop", line="red")
    assert way.line("red")["pwm"] is None


def test_stop_keeps_the_value_for_good(way: Way) -> None:
    way.call("line.set", line="red", value=1, for_ms=100)
    assert way.call("line.stop", line="red")["value"] == 1
    time.sleep(0.13)
    assert (way.line("red")["value"], way.line("red")["action"]) == (1, None)


@pytest.mark.parametrize("method, params, member", [
    ("line.blink", {"on_ms": 10_000, "off_ms": 10_000}, "action"),
    ("line.set", {"value": 1, "for_ms": 10_000}, "action"),
    ("line.pwm", {"duty": 1, "hz": 10}, "pwm"),
])
def test_new_command_ends_what_runs_and_its_event_says_so(way: Way, method: str,
                                                          params: dict[str, Any],
                                                          member: str) -> None:
    way.watch()
    way.call(method, line="red", **params)
    _, began = way.hear()
    way.call("line.set", line="red", value=1)
    _, ended = way.hear()
    assert told([began, ended], "value", "cause") == \
        [(1, method.removeprefix("line.")), (1, "set")], "told though the value stays"
    assert "source" not in ended or (began[member] is not None and ended[member] is None)
    found = way.line("red")
    assert (found["action"], found["pwm"]) == (None, None)


# ---- 2: what keeps it safe -----------------------------------------------------------------


def test_max_on_ms_ends_it(way: Way) -> None:
    since = way.cursor()
    way.call("line.set", line="door", value=1)
    on, off = way.events(since, 2)
    assert (off["value"], off["cause"]) == (0, "limit")
    assert_apart(on, off, 50)


def test_min_off_ms_refuses_until_the_line_has_rested(way: Way) -> None:
    def try_on() -> bool:
        try:
            return way.call("line.set", line="pump", value=1)["value"] == 1
        except Refused as refused:
            assert refused.code == "limit"
            return False
    wait_until(try_on, "rest")
    way.call("line.set", line="pump", value=0)
    since = way.cursor()
    assert way.refusal("line.set", line="pump", value=1).code == "limit"
    wait_until(try_on, "rest")
    assert told(way.events(since, 1), "line", "value") == [("pump", 1)]


def test_interlock_refuses_and_names_the_line_that_blocks(way: Way) -> None:
    way.call("line.set", line="left", value=1)
    since = way.cursor()
    refused = way.refusal("line.set", line="right", value=1)
    assert (refused.code, refused.blocked_by) == ("interlock", "left")
    assert way.cursor() == since


def test_break_before_make_waits_for_the_gap(way: Way) -> None:
    way.call("line.set", line="up", value=1)
    wait_until(lambda: way.line("up")["value"], "gap since the last one")
    since = way.cursor()
    way.call("line.set", line="down", value=1)
    found = [event for event in way.events(since, 3) if
             (event["line"], event["value"]) in (("up", 0), ("down", 1))]
    assert told(found, "line", "cause")[0] == ("up", "interlock")
    assert_apart(found[0], found[1], 50)


def test_lease_that_is_not_renewed_ends(way: Way) -> None:
    since = way.cursor()
    way.call("line.set", line="red", value=1, lease_ms=60)
    on, off = way.events(since, 2)
    assert (off["value"], off["cause"]) == (0, "lease")
    assert_apart(on, off, 60)


def test_lease_on_the_connection_ends_with_it(kind: type[Way], workshop: Gateway) -> None:
    way = kind(workshop)
    if kind.protocol in ("http", "datagram"):
        refused = way.refusal("line.set", line="red", value=1, lease="connection")
        assert refused.code == "bad-request", "there is no connection that stays"
        way.close()
        return
    assert way.call("line.set", line="red", value=1, lease="connection")["value"] == 1
    assert workshop.value("red") == 1
    way.close()
    wait_until(lambda: workshop.value("red") == 0, "the safe value")
    assert workshop.get("/api/v1/history?line=red").json["events"][-1]["cause"] == "lease"


def test_off_brings_every_output_to_its_safe_value(way: Way) -> None:
    way.call("line.blink", line="red", on_ms=10_000, off_ms=10_000)
    way.call("line.set", line="brake", value=0)
    assert set(way.call("circuit.off")["changed"]) == {"red", "brake"}
    assert (way.line("red")["value"], way.line("red")["action"]) == (0, None)
    assert way.line("brake")["value"] == 1


@pytest.mark.parametrize("kind", [name for name in WAYS if name != "unix"], indirect=True)
def test_viewer_may_switch_off_where_the_config_allows(kind: type[Way], workshop: Gateway,
                                                       shared_gateway: Gateway) -> None:
    workshop.put("/api/v1/lines/red/value", 1)
    viewer = kind(workshop, workshop.viewer_token)
    assert viewer.call("circuit.off")["changed"] == ["red"]
    assert viewer.refusal("line.set", line="red", value=1).code == "forbidden"
    viewer.close()
    viewer = kind(shared_gateway, shared_gateway.viewer_token)
    assert viewer.refusal("circuit.off").code == "forbidden"
    viewer.close()


def test_lock_refuses_with_its_reason_until_it_is_gone(way: Way) -> None:
    way.call("line.lock", line="red", reason="Wires are loose")
    since = way.cursor()
    refused = way.refusal("line.toggle", line="red")
    assert refused.code == "locked" and "Wires are loose" in str(refused)
    assert way.cursor() == since
    way.call("line.unlock", line="red")
    assert way.call("line.toggle", line="red")["value"] == 1


# ---- 3: scenes -----------------------------------------------------------------------------


def test_scene_does_its_steps_in_their_time(way: Way) -> None:
    since = way.cursor()
    assert way.call("scene.apply", scene="evening")["changed"] == ["red"]
    events = way.events(since, 6)
    found = [event for event in events if event["line"] is not None]
    assert told(found, "line", "value") == [("red", 1), ("red", 0), ("green", 1), ("green", 0)]
    program = [event for event in events if event["line"] is None]
    assert told(program, "scene", "state") == [("evening", "started"), ("evening", "ended")]
    for event, ms in zip(found, (0, 50, 50, 90)):
        assert_apart(found[0], event, ms)
    assert {event["source"] for event in found} == {way.source}


def test_program_is_listed_and_stopped(way: Way) -> None:
    since = way.cursor()
    way.call("scene.apply", scene="evening")
    [scene] = [scene for scene in way.call("scene.list")["scenes"] if scene["name"] == "evening"]
    assert scene["running"] and scene["ends_at"] > scene["started_at"]
    assert (scene["step"], scene["steps"]) == (1, 3)
    assert way.refusal("scene.apply", scene="evening").code == "conflict"
    assert way.call("scene.stop", scene="evening")["running"] is False
    last = way.call("history.get", since=since)["events"][-1]
    assert (last["line"], last["scene"], last["state"], last["reason"]) == (None, "evening", "stopped", "command")
    assert way.call("line.get", line="red")["value"] == 0


def test_scene_that_is_refused_changes_nothing(way: Way) -> None:
    way.call("line.set", line="right", value=1)
    since = way.cursor()
    refused = way.refusal("scene.apply", scene="turn")
    assert (refused.code, refused.blocked_by) == ("interlock", "right")
    assert way.cursor() == since


# ---- 4: rules ------------------------------------------------------------------------------


@pytest.mark.parametrize("edge, moves, times", [
    ("rising", [1, 0], 1), ("falling", [1, 0], 1), ("both", [1, 0], 2), ("held", [1], 1),
    ("held", [1, 0], 0), ("double-press", [1, 0, 1], 1), ("double-press", [1, 0], 0),
])
def test_rule_waits_for_its_edge_and_its_event_names_it(start_gateway: StartGateway,
                                                        kind: type[Way], edge: str,
                                                        moves: list[int], times: int) -> None:
    when = {"line": "button", "edge": edge} | ({"held_ms": 50} if edge == "held" else {})
    gateway = start_gateway({"circuit": {"rules": [
        {"name": "stairs", "when": when, "do": {"method": "line.toggle", "line": "red"}}]}})
    way = kind(gateway)
    since = way.cursor()
    for value in moves:
        way.call("simulator.set", line="button", value=value)
    if edge == "held" and not times:
        time.sleep(0.08)
    found = [event for event in way.events(since, len(moves) + times) if event["line"] == "red"]
    assert told(found, "cause", "rule", "source") == [("rule", "stairs", "rule:stairs")] * times
    way.close()


@pytest.mark.parametrize("kind", FULL, indirect=True)
def test_rule_is_named_in_the_event_as_it_comes(start_gateway: StartGateway,
                                                kind: type[Way]) -> None:
    way = kind(start_gateway({"circuit": {"rules": [
        {"name": "stairs", "when": {"line": "button", "edge": "rising"},
         "do": {"method": "line.set", "line": "red", "value": 1, "for_ms": 30}}]}}))
    way.watch()
    way.call("simulator.set", line="button", value=1)
    found = [way.hear()[1] for _ in range(3)]
    assert told(found, "line", "value", "cause") == \
        [("button", 1, "edge"), ("red", 1, "rule"), ("red", 0, "rule")]
    assert [event.get("rule") for event in found] == [None, "stairs", "stairs"]
    way.close()


LOOP = [{"name": name, "when": {"line": one, "edge": "rising"},
         "do": {"method": "line.pulse", "line": other, "ms": 50}}
        for name, one, other in (("ping", "red", "green"), ("pong", "green", "red"))]


def test_rules_that_go_round_are_found_at_the_start(gateway: Gateway) -> None:
    path = gateway.folder / "loop.json"
    path.write_text(json.dumps(config_with({"circuit": {"rules": LOOP}})), encoding="utf-8")
    for words in (["check", str(path)], ["serve", "--config", str(path)]):
        done = gateway.run(*words)
        assert done.returncode == 78 and "ping → pong → ping" in done.stderr, done


def test_rules_that_go_round_are_found_at_a_reload(gateway: Gateway, kind: type[Way]) -> None:
    way = kind(gateway)
    log = reload(gateway, config_with({"circuit": {"rules": LOOP}}))
    assert "refused" in log and "ping → pong → ping" in log
    since = way.cursor()
    way.call("line.set", line="red", value=1)
    assert told(way.events(since, 1), "line") == [("red",)]
    way.close()
