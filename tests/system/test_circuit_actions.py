"""What runs on a line for a time: over REST and over the WebSocket alike."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Iterator

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_websocket import RawWebSocket

MS = 1_000_000
LATE_MS = 150  # a timer on a busy machine may be late, and is never early

Do = Callable[..., dict[str, Any]]
REST = {"line.set": ("PUT", "value"), "line.toggle": ("POST", "toggle"),
        "line.pulse": ("POST", "pulse"), "line.blink": ("POST", "blink"),
        "line.pwm": ("POST", "pwm"), "line.stop": ("POST", "stop")}


@pytest.fixture(params=["rest", "websocket"])
def do(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Do]:
    """do("line.pulse", ms=50): on the line red, and it must be done."""
    if request.param == "rest":
        def by_rest(method: str, **params: Any) -> dict[str, Any]:
            verb, path = REST[method]
            answer = gateway.request(verb, f"/api/v1/lines/red/{path}", params)
            assert answer.status == 200, answer
            return dict(answer.json)
        yield by_rest
        return
    with RawWebSocket(gateway) as socket:
        socket.snapshot()

        def by_websocket(method: str, **params: Any) -> dict[str, Any]:
            answer = socket.call(method, line="red", **params)
            assert "result" in answer, answer
            return dict(answer["result"])
        yield by_websocket


@pytest.fixture
def watch(gateway: Gateway, do: Do) -> Iterator[RawWebSocket]:
    """Sees every event; `do` comes first so that both are open."""
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        yield socket


def changes(watch: RawWebSocket, count: int) -> list[dict[str, Any]]:
    return [watch.event() for _ in range(count)]


def apart_ms(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(other["time_ns"] - one["time_ns"]) / MS


def assert_apart(one: dict[str, Any], other: dict[str, Any], ms: float) -> None:
    assert ms - 2 <= apart_ms(one, other) <= ms + LATE_MS


def quiet(gateway: Gateway, ms: int = 120) -> bool:
    """True when nothing happens on its own for a while."""
    before = gateway.circuit()["seq"]
    time.sleep(ms / 1000)
    return bool(gateway.circuit()["seq"] == before)


# ---- for_ms and pulse ----------------------------------------------------------------------


def test_set_for_a_time_goes_back(do: Do, watch: RawWebSocket) -> None:
    answer = do("line.set", value=1, for_ms=100)
    assert (answer["was"], answer["value"]) == (0, 1)
    on, off = changes(watch, 2)
    assert (on["value"], off["value"]) == (1, 0) and off["seq"] == on["seq"] + 1
    assert_apart(on, off, 100)
    assert on["source"] == off["source"], "who asked for it did both"


def test_set_of_the_value_that_is_for_a_time_changes_nothing(do: Do, gateway: Gateway) -> None:
    answer = do("line.set", value=0, for_ms=50)
    assert answer["was"] == answer["value"] == 0
    assert quiet(gateway) and gateway.value("red") == 0


def test_pulse_goes_there_and_back(do: Do, watch: RawWebSocket) -> None:
    answer = do("line.pulse", ms=80)
    assert (answer["line"], answer["was"], answer["value"]) == ("red", 0, 1)
    on, off = changes(watch, 2)
    assert (on["value"], on["cause"], off["value"]) == (1, "pulse", 0)
    assert_apart(on, off, 80)


def test_later_command_cancels_what_was_running(do: Do, gateway: Gateway,
                                                watch: RawWebSocket) -> None:
    do("line.set", value=1, for_ms=80)
    do("line.set", value=1)
    assert quiet(gateway, 200) and gateway.value("red") == 1, "a set without time is for good"


def test_toggle_cancels_what_was_running(do: Do, gateway: Gateway) -> None:
    do("line.pulse", ms=80)
    answer = do("line.toggle")
    assert (answer["was"], answer["value"]) == (1, 0)
    assert quiet(gateway, 200) and gateway.value("red") == 0


def test_command_on_another_line_cancels_nothing(do: Do, gateway: Gateway,
                                                 watch: RawWebSocket) -> None:
    do("line.pulse", ms=60)
    gateway.post("/api/v1/lines/green/toggle")
    by_line = [event["line"] for event in changes(watch, 3)]
    assert sorted(by_line) == ["green", "red", "red"]


def test_refused_command_cancels_nothing(do: Do, gateway: Gateway, watch: RawWebSocket) -> None:
    do("line.set", value=1, for_ms=80)
    refused = gateway.put("/api/v1/lines/red/value", {"value": 1, "expect": 1})
    assert refused.status == 409
    on, off = changes(watch, 2)
    assert_apart(on, off, 80)


def test_stop_keeps_the_value_of_that_moment(do: Do, gateway: Gateway) -> None:
    do("line.set", value=1, for_ms=80)
    answer = do("line.stop")
    assert (answer["was"], answer["value"]) == (1, 1)
    assert quiet(gateway, 200) and gateway.value("red") == 1


def test_stop_of_nothing_changes_nothing(do: Do, gateway: Gateway) -> None:
    before = gateway.circuit()["seq"]
    answer = do("line.stop")
    assert (answer["was"], answer["value"]) == (0, 0)
    assert gateway.circuit()["seq"] == before


def test_off_ends_what_runs(do: Do, gateway: Gateway) -> None:
    do("line.blink", on_ms=10, off_ms=10)
    gateway.post("/api/v1/off")
    assert gateway.value("red") == 0 and quiet(gateway)


def test_several_lines_at_once_end_what_runs_on_them(do: Do, gateway: Gateway) -> None:
    do("line.blink", on_ms=10, off_ms=10)
    gateway.put("/api/v1/lines", {"red": 1, "green": 1})
    assert quiet(gateway) and gateway.value("red") == 1


# ---- blink ---------------------------------------------------------------------------------


def test_blink_with_a_count_makes_two_events_for_each(do: Do, gateway: Gateway,
                                                      watch: RawWebSocket) -> None:
    answer = do("line.blink", on_ms=30, off_ms=50, count=3)
    assert (answer["was"], answer["value"]) == (0, 1)
    events = changes(watch, 6)
    assert [event["value"] for event in events] == [1, 0] * 3
    assert {event["cause"] for event in events} == {"blink"}
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[0] + 6))
    for event, ms in zip(events, (0, 30, 80, 110, 160, 190)):
        assert_apart(events[0], event, ms)  # a late flip does not make the later ones late
    assert quiet(gateway) and gateway.value("red") == 0


def test_blink_without_a_count_runs_until_it_is_stopped(do: Do, gateway: Gateway,
                                                        watch: RawWebSocket) -> None:
    do("line.blink", on_ms=5, off_ms=5)
    assert [event["value"] for event in changes(watch, 40)] == [1, 0] * 20
    stopped = do("line.stop")
    assert stopped["value"] == gateway.value("red") and quiet(gateway)


def test_blink_keeps_its_pace_over_many_flips(do: Do, watch: RawWebSocket) -> None:
    do("line.blink", on_ms=10, off_ms=10, count=25)
    events = changes(watch, 50)
    assert_apart(events[0], events[-1], 49 * 10)


# ---- pwm -----------------------------------------------------------------------------------


def test_pwm_makes_one_event_when_it_starts_changes_and_ends(do: Do, gateway: Gateway,
                                                             watch: RawWebSocket) -> None:
    do("line.pwm", duty=0.25, hz=200)
    start = watch.event()
    assert start["cause"] == "pwm"
    assert quiet(gateway), "its flips are no events"
    assert gateway.get("/api/v1/lines/red").json["pwm"] == {"duty": 0.25, "hz": 200}
    do("line.pwm", duty=0.5, hz=100)
    change = watch.event()
    assert change["cause"] == "pwm" and change["seq"] == start["seq"] + 1
    assert gateway.get("/api/v1/lines/red").json["pwm"] == {"duty": 0.5, "hz": 100}
    do("line.stop")
    end = watch.event()
    assert end["seq"] == change["seq"] + 1
    assert not gateway.get("/api/v1/lines/red").json.get("pwm")
    assert quiet(gateway)


def test_set_ends_pwm(do: Do, gateway: Gateway) -> None:
    for value in (1, 0):
        do("line.pwm", duty=0.5, hz=100)
        do("line.set", value=value)
        line = gateway.get("/api/v1/lines/red").json
        assert line["value"] == value and not line.get("pwm")
    assert quiet(gateway)


@pytest.mark.parametrize("duty", [0, 1])
def test_pwm_of_nothing_and_of_all_is_allowed(do: Do, gateway: Gateway, duty: int) -> None:
    do("line.pwm", duty=duty, hz=10)
    assert gateway.get("/api/v1/lines/red").json["pwm"]["duty"] == duty
    do("line.set", value=0)
    assert not gateway.get("/api/v1/lines/red").json.get("pwm")


def test_many_actions_at_once_each_keep_their_time(start_gateway: StartGateway) -> None:
    lines = [{"name": f"l{n}", "chip": "simulator", "offset": n, "direction": "output"}
             for n in range(100)]
    gateway = start_gateway(lines=lines)
    cursor = gateway.cursor()
    calls = [{"jsonrpc": "2.0", "method": "line.pulse", "params": {"line": f"l{n}", "ms": 50 + n}}
             for n in range(100)]
    for start in (0, 50):
        assert gateway.post("/api/v1/rpc", calls[start:start + 50]).status == 204

    def done() -> Any:
        events = gateway.get(f"/api/v1/history?since={cursor}").json["events"]
        return events if len(events) == 200 else None
    events = wait_until(done, "end of 100 pulses")
    for n in range(100):
        on, off = [event for event in events if event["line"] == f"l{n}"]
        assert (on["value"], off["value"]) == (1, 0)
        assert_apart(on, off, 50 + n)


def test_what_runs_is_in_the_snapshot(do: Do, gateway: Gateway) -> None:
    do("line.blink", on_ms=500, off_ms=500, count=3)
    with RawWebSocket(gateway) as socket:
        red = socket.snapshot()["lines"][0]
    assert "blink" in str(red["action"])
    do("line.stop")
    assert not gateway.get("/api/v1/lines/red").json["action"]


def test_action_goes_on_when_its_connection_has_gone(gateway: Gateway) -> None:
    """Only a lease ends with the connection."""
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        assert socket.call("line.pulse", line="red", ms=150)["result"]["value"] == 1
    assert gateway.value("red") == 1
    wait_until(lambda: gateway.value("red") == 0, "end of the pulse")
    assert gateway.get("/api/v1/history?line=red").json["events"][-1]["cause"] == "pulse"


def test_of_many_who_expect_the_same_one_wins(gateway: Gateway) -> None:
    expect = gateway.get("/api/v1/lines/red").json["seq"]
    sockets = [RawWebSocket(gateway) for _ in range(8)]
    question = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "line.toggle",
                           "params": {"line": "red", "expect": expect}})
    for socket in sockets:
        socket.snapshot()
    for socket in sockets:
        socket.send_text(question)
    answers = [socket.answer_to(1) for socket in sockets]
    assert len([answer for answer in answers if "result" in answer]) == 1
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {-32003}
    assert gateway.value("red") == 1
    for socket in sockets:
        socket.connection.close()
