"""Server-sent events: ids, resuming, and the snapshot where resuming is no longer possible."""

from __future__ import annotations

import signal
import subprocess

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_http import EventStream, RawConnection, request_text


def test_stream_is_an_event_stream_that_nobody_keeps(gateway: Gateway) -> None:
    with EventStream(gateway) as stream:
        assert stream.status == 200
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert "no-store" in stream.headers["Cache-Control"] \
            or "no-cache" in stream.headers["Cache-Control"]


def test_each_event_has_boot_and_seq_as_its_id(gateway: Gateway) -> None:
    boot = gateway.circuit()["boot"]
    with EventStream(gateway) as stream:
        for _ in range(3):
            seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
            name, data, last_id = stream.next()
            if name == "snapshot":
                name, data, last_id = stream.next()
            assert last_id == f"{boot}-{seq}"
            assert (data["boot"], data["seq"], data["line"]) == (boot, seq, "red")
            assert set(data) >= {"value", "time", "time_ns", "cause", "source"}


@pytest.mark.parametrize("by", ["header", "query"])
def test_stream_resumes_with_what_was_missed(gateway: Gateway, by: str) -> None:
    cursor = gateway.cursor()
    seqs = [gateway.post("/api/v1/lines/red/toggle").json["seq"] for _ in range(5)]
    with EventStream(gateway, f"/api/v1/events?since={cursor}" if by == "query" else
                     "/api/v1/events",
                     headers={"Last-Event-ID": cursor} if by == "header" else {}) as stream:
        assert [stream.next_event()["seq"] for _ in seqs] == seqs
        seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
        assert stream.next_event()["seq"] == seq


def test_last_event_id_counts_more_than_since(gateway: Gateway) -> None:
    """A browser that reconnects asks for the address it was given, with the newer header."""
    old = gateway.cursor()
    gateway.post("/api/v1/lines/red/toggle")
    new = gateway.cursor()
    seq = gateway.post("/api/v1/lines/green/toggle").json["seq"]
    with EventStream(gateway, f"/api/v1/events?since={old}",
                     headers={"Last-Event-ID": new}) as stream:
        assert stream.next_event()["seq"] == seq


def test_id_of_the_last_event_resumes_with_the_next(gateway: Gateway) -> None:
    with EventStream(gateway, f"/api/v1/events?since={gateway.cursor()}") as stream:
        gateway.post("/api/v1/lines/red/toggle")
        stream.next_event()
        last_id = stream.last_id
    seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
    with EventStream(gateway, headers={"Last-Event-ID": last_id}) as stream:
        assert stream.next_event()["seq"] == seq


@pytest.mark.parametrize("cursor", ["00000000-1", "{boot}-999999999"])
def test_cursor_of_another_run_or_of_the_future_brings_a_snapshot(gateway: Gateway,
                                                                  cursor: str) -> None:
    circuit = gateway.circuit()
    with EventStream(gateway, headers={
            "Last-Event-ID": cursor.format(boot=circuit["boot"])}) as stream:
        name, data, last_id = stream.next()
        assert name == "snapshot"
        assert (data["boot"], data["seq"], data["lines"]) == \
            (circuit["boot"], circuit["seq"], circuit["lines"])
        assert last_id == f"{circuit['boot']}-{circuit['seq']}"
        seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
        assert stream.next_event()["seq"] == seq


def test_cursor_that_fell_out_of_the_ring_brings_a_snapshot(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    cursor = gateway.cursor()
    for _ in range(100):
        gateway.post("/api/v1/lines/red/toggle")
    with EventStream(gateway, f"/api/v1/events?since={cursor}") as stream:
        name, data, _ = stream.next()
        assert name == "snapshot" and data["seq"] == gateway.circuit()["seq"]


@pytest.mark.parametrize("cursor", ["x", "1", "9f3c61d2", "9f3c61d2-", "9f3c61d2-x"])
def test_what_is_no_cursor_is_400(shared_gateway: Gateway, cursor: str) -> None:
    answer = shared_gateway.get(f"/api/v1/events?since={cursor}")
    assert answer.status == 400 and answer.json["code"] == "bad-request"
    answer = shared_gateway.get("/api/v1/events", headers={"Last-Event-ID": cursor})
    assert answer.status == 400 and answer.json["code"] == "bad-request"


def test_stream_begins_on_a_connection_that_was_used_before(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    gateway.post("/api/v1/lines/red/toggle")
    with RawConnection(gateway) as connection:
        assert connection.ask("GET", "/api/v1/lines/red/value").status == 200
        connection.send(request_text(gateway, "GET", f"/api/v1/events?since={cursor}"))
        assert b"200" in connection.read_until(b"\r\n\r\n").split(b"\r\n")[0]
        assert b'"line":"red"' in connection.read_until(b"}\n\n")


def test_stream_ends_after_the_stop_events(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines", {"red": 1, "green": 1})
    with EventStream(gateway, f"/api/v1/events?since={gateway.cursor()}") as stream:
        gateway.process.send_signal(signal.SIGTERM)
        events = [stream.next_event() for _ in range(2)]
        assert {(e["line"], e["value"], e["cause"]) for e in events} == \
            {("red", 0, "stop"), ("green", 0, "stop")}
        stream.connection.read_to_end()
    assert gateway.process.wait(2) == 0


def test_viewer_may_listen(gateway: Gateway) -> None:
    with EventStream(gateway, f"/api/v1/events?since={gateway.cursor()}",
                     token=gateway.viewer_token) as stream:
        gateway.post("/api/v1/lines/red/toggle")
        assert stream.next_event()["line"] == "red"


def test_curl_without_buffering_shows_events_as_they_come(gateway: Gateway) -> None:
    curl = subprocess.Popen(
        ["curl", "-sN", "-H", f"Authorization: Bearer {gateway.token}",
         f"{gateway.http}/api/v1/events?since={gateway.cursor()}"], stdout=subprocess.PIPE)
    assert curl.stdout
    try:
        seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
        for line in curl.stdout:
            if line.startswith(b"id: ") and line.strip().endswith(f"-{seq}".encode()):
                break
        else:
            raise AssertionError("curl ended before the event")
    finally:
        curl.kill()
        curl.wait()
        curl.stdout.close()


def test_streams_that_go_leave_nothing_behind(gateway: Gateway) -> None:
    gateway.get("/healthz")
    before = gateway.descriptors()
    for _ in range(50):
        EventStream(gateway).connection.close()
    wait_until(lambda: gateway.descriptors() <= before, "end of the descriptors")


def test_five_hundred_events_come_without_a_gap(gateway: Gateway) -> None:
    cursor, first = gateway.cursor(), gateway.circuit()["seq"] + 1
    with EventStream(gateway, f"/api/v1/events?since={cursor}") as stream:
        calls = [{"jsonrpc": "2.0", "method": "line.toggle", "params": {"line": "red"}}] * 50
        for _ in range(10):
            assert gateway.post("/api/v1/rpc", calls).status == 204
        assert [stream.next_event()["seq"] for _ in range(500)] == list(range(first, first + 500))
