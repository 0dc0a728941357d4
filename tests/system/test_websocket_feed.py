"""WebSocket: snapshot, events, resuming, and several clients at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import EventStream
from raw_websocket import RawWebSocket


def test_snapshot_comes_first_with_boot_seq_and_lines(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        first = socket.read_json()
        assert first["jsonrpc"] == "2.0" and first["method"] == "snapshot" and "id" not in first
        circuit = gateway.circuit()
        assert first["params"]["boot"] == circuit["boot"]
        assert first["params"]["seq"] == circuit["seq"]
        assert first["params"]["lines"] == circuit["lines"]


def test_every_event_comes_after_the_snapshot(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        seq = socket.snapshot()["seq"]
        for _ in range(3):
            gateway.post("/api/v1/lines/red/toggle")
        gateway.post("/api/v1/simulator/lines/button", {"value": 1})
        events = [socket.event() for _ in range(4)]
        assert [event["seq"] for event in events] == [seq + 1, seq + 2, seq + 3, seq + 4]
        assert [event["value"] for event in events] == [1, 0, 1, 1]
        history = gateway.get("/api/v1/history").json["events"][-4:]
        assert [(e["line"], e["time_ns"], e["cause"], e["source"]) for e in events] == \
            [(e["line"], e["time_ns"], e["cause"], e["source"]) for e in history]
        assert events[0]["boot"] == gateway.circuit()["boot"]


def test_event_has_every_member(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        socket.call("line.set", line="red", value=1)
        event = socket.event()
    assert set(event) >= {"boot", "seq", "line", "value", "time", "time_ns", "cause", "source"}
    assert (event["line"], event["value"], event["cause"]) == ("red", 1, "set")
    assert "127.0.0.1" in event["source"]


def test_since_brings_what_was_missed_and_no_snapshot(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    seqs = [gateway.post("/api/v1/lines/red/toggle").json["seq"] for _ in range(5)]
    with RawWebSocket(gateway, f"/ws?since={cursor}") as socket:
        assert [socket.event()["seq"] for _ in seqs] == seqs
        after = gateway.post("/api/v1/lines/red/toggle").json["seq"]
        assert socket.event()["seq"] == after


def test_since_of_this_moment_brings_nothing_until_something_happens(gateway: Gateway) -> None:
    with RawWebSocket(gateway, f"/ws?since={gateway.cursor()}") as socket:
        answer = socket.call("line.toggle", line="green")
        event = socket.event()
        assert event["line"] == "green" and event["seq"] == answer["result"]["seq"]


@pytest.mark.parametrize("since", ["00000000-1", "{boot}-999999999"])
def test_since_of_another_run_or_of_the_future_brings_a_snapshot(gateway: Gateway,
                                                                 since: str) -> None:
    cursor = since.format(boot=gateway.circuit()["boot"])
    with RawWebSocket(gateway, f"/ws?since={cursor}") as socket:
        assert socket.snapshot()["seq"] == gateway.circuit()["seq"]


@pytest.mark.parametrize("since", ["x", "1", "-", "-1", "9f3c61d2", "9f3c61d2-", "9f3c61d2-x",
                                   "9f3c61d2-1x", "9f3c61d2--1", "'%22"])
def test_since_that_is_no_cursor_is_400(shared_gateway: Gateway, since: str) -> None:
    with RawWebSocket(shared_gateway, f"/ws?since={since}") as socket:
        assert socket.answer.status == 400 and socket.answer.json["code"] == "bad-request"


def test_since_that_fell_out_of_the_ring_brings_a_snapshot(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    cursor = gateway.cursor()
    with RawWebSocket(gateway) as socket:
        for _ in range(200):
            socket.call("line.toggle", line="red")
    with RawWebSocket(gateway, f"/ws?since={cursor}") as socket:
        assert socket.snapshot()["seq"] == gateway.circuit()["seq"]
        gateway.post("/api/v1/lines/red/toggle")
        assert socket.event()["seq"] == gateway.circuit()["seq"]


def test_since_in_the_ring_after_it_turned_brings_events(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    with RawWebSocket(gateway) as socket:
        for _ in range(200):
            socket.call("line.toggle", line="red")
    circuit = gateway.circuit()
    with RawWebSocket(gateway, f"/ws?since={circuit['boot']}-{circuit['seq'] - 20}") as socket:
        assert [socket.event()["seq"] for _ in range(20)] == \
            list(range(circuit["seq"] - 19, circuit["seq"] + 1))


def test_snapshot_and_the_events_after_it_are_the_next_snapshot(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as early:
        state = early.snapshot()
        values = {line["name"]: line["value"] for line in state["lines"]}
        seqs = {line["name"]: line["seq"] for line in state["lines"]}
        for line in ("red", "green", "red", "red", "yellow", "green"):
            gateway.post(f"/api/v1/lines/{line}/toggle")
        for _ in range(6):
            event = early.event()
            values[event["line"]], seqs[event["line"]] = event["value"], event["seq"]
    with RawWebSocket(gateway) as late:
        snapshot = late.snapshot()
    assert {line["name"]: line["value"] for line in snapshot["lines"]} == values
    assert {line["name"]: line["seq"] for line in snapshot["lines"]} == seqs


def test_two_clients_see_each_others_toggles_in_one_order(gateway: Gateway) -> None:
    rounds = 50
    seen: dict[str, list[Any]] = {}
    with RawWebSocket(gateway) as one, RawWebSocket(gateway) as two:
        one.snapshot()
        two.snapshot()

        def play(name: str, socket: RawWebSocket) -> None:
            for _ in range(rounds):
                socket.call("line.toggle", line="red")
            seen[name] = [socket.event() for _ in range(2 * rounds)]

        threads = [threading.Thread(target=play, args=("one", one)),
                   threading.Thread(target=play, args=("two", two))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert seen["one"] == seen["two"]
    seqs = [event["seq"] for event in seen["one"]]
    assert seqs == list(range(seqs[0], seqs[0] + 2 * rounds))
    assert [event["value"] for event in seen["one"]] == [1, 0] * rounds
    assert len({event["source"] for event in seen["one"]}) == 2


def test_page_curl_and_rest_all_see_one_toggle(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket, EventStream(gateway) as stream:
        socket.snapshot()
        seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
        assert socket.event()["seq"] == seq
        assert stream.next_event()["seq"] == seq


def test_viewer_sees_snapshot_and_events(gateway: Gateway) -> None:
    with RawWebSocket(gateway, token=gateway.viewer_token) as socket:
        socket.snapshot()
        gateway.post("/api/v1/lines/red/toggle")
        assert socket.event()["value"] == 1
