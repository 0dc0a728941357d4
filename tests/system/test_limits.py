"""Limits: how many, how long, how slow; and that one bad client harms no other."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
import time
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_http import EventStream, RawConnection, request_text
from raw_websocket import RawWebSocket, upgrade_headers

# Else a sanitizer keeps what was freed, and memory seems to grow.
FREES = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}
FAST = {"limits": {"idle_timeout_s": 1, "request_deadline_s": 1}}


def open_until_refused(gateway: Gateway, most: int) -> tuple[list[RawConnection], Any]:
    """Connections that stay, and the answer of the first that does not."""
    kept: list[RawConnection] = []
    for _ in range(most):
        connection = RawConnection(gateway)
        answer = connection.ask("GET", "/healthz", token=None)
        if answer.status != 200:
            connection.close()
            return kept, answer
        kept.append(connection)
    return kept, None


def close_all(connections: list[RawConnection]) -> None:
    for connection in connections:
        connection.close()


# ---- how many ------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [{"connections_per_peer": 5}, {"connections": 5}])
def test_connection_over_the_limit_is_told_503_with_retry_after(start_gateway: StartGateway,
                                                                limits: dict[str, int]) -> None:
    gateway = start_gateway({"limits": limits})
    kept, answer = open_until_refused(gateway, 10)
    assert len(kept) == 5
    assert answer.status in (429, 503) and int(answer.headers["Retry-After"]) >= 1
    assert answer.media_type == "application/problem+json" and answer.json["code"] == "limit"
    assert all(connection.ask("GET", "/healthz").status == 200 for connection in kept)
    close_all(kept)
    wait_until(lambda: _answers(gateway), "room after the others went")


def _answers(gateway: Gateway) -> bool:
    try:
        return gateway.get("/healthz", token=None).status == 200
    except OSError:
        return False


def test_unix_connections_do_not_count_for_a_peer(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 2}})
    kept = [RawConnection(gateway, path=gateway.unix["http"]) for _ in range(10)]
    assert all(c.ask("GET", "/healthz", token=None).status == 200 for c in kept)
    close_all(kept)


def test_peers_are_counted_apart(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 3}})
    kept, answer = open_until_refused(gateway, 5)
    assert len(kept) == 3 and answer.json["code"] == "limit"
    with socket.create_connection((gateway.host, gateway.port), 5, ("127.0.0.9", 0)) as other:
        other.sendall(request_text(gateway, "GET", "/healthz", token=None))
        assert other.recv(100).startswith(b"HTTP/1.1 200")
    close_all(kept)


def test_websockets_and_event_streams_count_as_connections(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 6}})
    sockets = [RawWebSocket(gateway) for _ in range(3)]
    streams = [EventStream(gateway) for _ in range(2)]
    kept, answer = open_until_refused(gateway, 4)
    assert len(kept) == 1 and answer.status in (429, 503)
    sockets[0].connection.close()
    wait_until(lambda: open_and_close(gateway), "room after a WebSocket went")
    close_all([*kept, *(s.connection for s in sockets), *(s.connection for s in streams)])


def open_and_close(gateway: Gateway) -> bool:
    with RawConnection(gateway) as connection:
        return connection.ask("GET", "/healthz", token=None).status == 200


def test_places_come_back_however_a_connection_ends(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections": 8}})
    text = request_text(gateway, "GET", "/ws", headers=upgrade_headers())
    for number in range(60):
        with RawConnection(gateway) as connection:
            if number % 5 == 0:
                connection.send(text)
            elif number % 5 == 1:
                connection.send(text[:50])
            elif number % 5 == 2:
                connection.send(request_text(gateway, "GET", "/api/v1/events"))
            elif number % 5 == 3:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                             b"\1\0\0\0\0\0\0\0")  # its end is a reset
                connection.send(request_text(gateway, "GET", "/"))

    def has_all_places() -> bool:
        kept, _ = open_until_refused(gateway, 8)
        close_all(kept)
        return len(kept) == 8

    wait_until(has_all_places, "all places")


def test_two_hundred_quick_connections_are_all_answered(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 300}})
    connections = [RawConnection(gateway) for _ in range(200)]
    for connection in connections:
        connection.send(request_text(gateway, "GET", "/api/v1/lines/red/value"))
    for connection in connections:
        assert connection.read_answer().text.strip() == "0"
    close_all(connections)


def test_connections_that_come_and_go_leave_no_descriptor(gateway: Gateway) -> None:
    gateway.get("/healthz")
    before = gateway.descriptors()
    for _ in range(200):
        with RawConnection(gateway):
            pass
    wait_until(lambda: gateway.descriptors() <= before, "end of the descriptors")


def test_lack_of_descriptors_is_survived(start_gateway: StartGateway) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
    gateway = start_gateway({"limits": {"connections": 1000, "connections_per_peer": 1000}},
                            preexec=few)
    with RawConnection(gateway) as early:
        assert early.ask("GET", "/healthz", token=None).status == 200
        crowd = []
        for _ in range(80):
            crowd.append(RawConnection(gateway))
        # Those that came before go on, and it does not spin.
        assert early.ask("GET", "/healthz", token=None).status == 200
        before = cpu_s(gateway)
        time.sleep(0.5)
        assert cpu_s(gateway) - before < 0.25, "it burns the processor while nothing happens"
        assert early.ask("POST", "/api/v1/lines/red/toggle").status in (200, 401, 403)
        close_all(crowd)
    wait_until(lambda: _answers(gateway), "answer after the crowd has gone")
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200


def cpu_s(gateway: Gateway) -> float:
    with open(f"/proc/{gateway.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- how slow ------------------------------------------------------------------------------


def trickle(connection: RawConnection, data: bytes, seconds: float) -> float | None:
    """Sends a byte now and then; when it was cut off, or None."""
    began = time.monotonic()
    for byte in data:
        if time.monotonic() - began > seconds:
            return None
        try:
            connection.send(bytes([byte]))
            connection.socket.settimeout(0.1)
            if not connection.fill():
                return time.monotonic() - began
        except TimeoutError:
            continue
        except ConnectionError:
            return time.monotonic() - began
        if connection.pending.startswith(b"HTTP/1.1 408"):
            return time.monotonic() - began
    return None


@pytest.mark.parametrize("kind", ["head", "body", "upgrade"])
def test_request_that_trickles_is_cut_at_the_deadline(start_gateway: StartGateway,
                                                      kind: str) -> None:
    gateway = start_gateway({"limits": {"idle_timeout_s": 2, "request_deadline_s": 1}})
    head = request_text(gateway, "PUT", "/api/v1/lines/red/value", headers={
        "Content-Type": "application/json", "Content-Length": "200"})
    data = {"head": b"GET / HTTP/1.1\r\nX-Slow: " + b"a" * 300, "body": b" " * 200,
            "upgrade": b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nX: " + b"b" * 300}[kind]
    with RawConnection(gateway) as connection:
        if kind == "body":
            connection.send(head)
        cut = trickle(connection, data, 8)
    assert cut is not None and cut < 5, "idle and deadline together are three seconds"


def test_silent_connection_is_closed_after_the_idle_time(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"idle_timeout_s": 1, "request_deadline_s": 1}})
    with RawConnection(gateway) as silent, RawConnection(gateway) as used:
        assert used.ask("GET", "/healthz").status == 200
        began = time.monotonic()
        silent.socket.settimeout(6)
        assert silent.ended() and used.ended()
        assert 0.5 < time.monotonic() - began < 5


def test_slow_clients_do_not_hold_up_others(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    slow = [RawConnection(gateway) for _ in range(20)]
    for connection in slow:
        connection.send(b"GET /api/v1/circuit HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
    began = time.perf_counter()
    for _ in range(20):
        assert gateway.get("/api/v1/circuit").status == 200
    assert time.perf_counter() - began < 1
    close_all(slow)


def test_websocket_is_not_cut_by_the_deadline_of_requests(start_gateway: StartGateway) -> None:
    gateway = start_gateway(FAST)
    with RawWebSocket(gateway) as client, EventStream(
            gateway, f"/api/v1/events?since={gateway.cursor()}") as stream:
        client.snapshot()
        time.sleep(2.5)  # longer than idle time and deadline together
        assert client.call("line.toggle", line="red")["result"]["value"] == 1
        assert stream.next_event()["line"] == "red"


# ---- who never reads -----------------------------------------------------------------------


def flood(gateway: Gateway, events: int) -> None:
    """Toggles quickly, by batches."""
    calls = [{"jsonrpc": "2.0", "method": "line.toggle", "params": {"line": "red"}}] * 50
    for _ in range(events // 50):
        assert gateway.post("/api/v1/rpc", calls).status == 204


@pytest.mark.parametrize("kind", ["websocket", "events"])
def test_client_that_never_reads_costs_little_and_harms_nobody(start_gateway: StartGateway,
                                                               kind: str) -> None:
    gateway = start_gateway({"limits": {"journal_events": 1024}}, env=FREES)
    lazy = [RawConnection(gateway, receive_buffer=2048) for _ in range(10)]
    for connection in lazy:
        connection.send(
            request_text(gateway, "GET", "/ws", headers=upgrade_headers()) if kind == "websocket"
            else request_text(gateway, "GET", "/api/v1/events"))
    with RawWebSocket(gateway) as reader:
        seq = reader.snapshot()["seq"]
        flood(gateway, 1000)
        for number in range(1000):
            assert reader.event()["seq"] == seq + 1 + number
        before = gateway.resident_kb()
        for _ in range(8):
            flood(gateway, 1000)
            for number in range(1000):
                reader.next()
        grown = gateway.resident_kb() - before
        assert grown < 12_000, f"8,000 events for ten who do not read took {grown} kB"
        began = time.perf_counter()
        assert reader.call("line.toggle", line="green")["result"]["value"] == 1
        assert time.perf_counter() - began < 0.5
    close_all(lazy)


def test_who_fell_out_of_the_ring_gets_a_snapshot_and_goes_on(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    with RawWebSocket(gateway, receive_buffer=2048) as lazy:
        lazy.snapshot()
        flood(gateway, 40_000)  # far more than the kernel keeps for it
        last = gateway.circuit()["seq"]
        seq, kinds = 0, set()
        while seq < last:
            found = lazy.next()
            kinds.add(found["method"])
            if found["method"] == "event" and seq:
                assert found["params"]["seq"] == seq + 1, "a gap that no snapshot closed"
            seq = found["params"]["seq"]
        assert kinds == {"event", "snapshot"}
        assert lazy.call("line.set", line="red", value=1)["result"]["value"] == 1


def test_client_that_asks_and_never_reads_is_not_served_without_end(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway(env=FREES)
    before = gateway.resident_kb()
    question = '{"jsonrpc":"2.0","id":1,"method":"circuit.get"}'
    greedy = []
    for _ in range(4):
        client = RawWebSocket(gateway, receive_buffer=2048)
        client.connection.socket.settimeout(0.3)
        try:
            for _ in range(20_000):
                client.send_text(question)
        except (TimeoutError, ConnectionError):
            pass
        greedy.append(client)
    assert gateway.resident_kb() - before < 20_000
    assert gateway.get("/api/v1/circuit").status == 200
    for client in greedy:
        client.connection.close()


def test_clients_that_hang_up_in_the_middle_of_events_harm_nobody(gateway: Gateway) -> None:
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            for path in ("/ws", "/api/v1/events"):
                with RawConnection(gateway) as connection:
                    headers = upgrade_headers() if path == "/ws" else {}
                    connection.send(request_text(gateway, "GET", path, headers=headers))
                    connection.fill()

    assert gateway.token
    threads = [threading.Thread(target=come_and_go) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with RawWebSocket(gateway) as reader:
            seq = reader.snapshot()["seq"]
            flood(gateway, 2000)
            assert [reader.event()["seq"] - seq for _ in range(2000)] == list(range(1, 2001))
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


def test_idle_gateway_does_not_wake_up(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    with RawWebSocket(gateway) as client:
        client.snapshot()
        assert gateway.get("/healthz").status == 200

        def wakes() -> int:
            with open(f"/proc/{gateway.pid}/status", encoding="ascii") as file:
                return next(int(line.split()[1]) for line in file
                            if line.startswith("voluntary_ctxt"))
        time.sleep(0.5)
        before = wakes()
        time.sleep(1.5)
        assert wakes() - before <= 1


def test_answer_that_waits_keeps_its_bytes(start_gateway: StartGateway) -> None:
    """A response is used again for answers of the same length, but not while somebody reads it slowly."""
    gateway = start_gateway(lines=[{"name": name, "gpio": gpio, "direction": "output"}
                                   for name, gpio in (("left", "GPIO17"), ("side", "GPIO27"))])
    left = gateway.get("/api/v1/lines/left").json
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(RawConnection(gateway, receive_buffer=4096))
                   for _ in range(4)]
        for reader in readers:
            reader.send(400 * request_text(gateway, "GET", "/api/v1/lines/left"))
        for _ in range(8):
            assert gateway.get("/api/v1/lines/side").json["name"] == "side"
        for reader in readers:
            for _ in range(400):
                answer = reader.read_answer()
                assert answer.status == 503 or answer.json == left
