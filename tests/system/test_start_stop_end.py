"""The end: clients told, outputs safe, exit 0 in time, whatever the clients do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, config_with, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_with_0_within_two_seconds(gateway: Gateway,
                                                  number: signal.Signals) -> None:
    assert gateway.stop(number) == 0


def test_end_removes_the_socket_files(gateway: Gateway) -> None:
    paths = list(gateway.unix.values())
    assert gateway.stop() == 0
    assert not any(Path(path).exists() for path in paths)


def test_end_makes_a_stop_event_for_each_output_that_changes(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[
        {"name": "low", "gpio": "GPIO2", "direction": "output", "initial": 1, "safe": 0},
        {"name": "high", "gpio": "GPIO3", "direction": "output", "initial": 0, "safe": 1},
        {"name": "held", "gpio": "GPIO4", "direction": "output", "initial": 1, "safe": "hold"},
        {"name": "same", "gpio": "GPIO5", "direction": "output", "initial": 0, "safe": 0},
        {"name": "plain", "gpio": "GPIO6", "direction": "output", "initial": 1},
        {"name": "input", "gpio": "GPIO7", "direction": "input"},
    ])
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.process.send_signal(signal.SIGTERM)
        told = {}
        for _ in range(3):
            event = client.event()
            assert event["cause"] == "stop"
            told[event["line"]] = event["value"]
        assert told == {"low": 0, "high": 1, "plain": 0}
    assert gateway.stop() == 0


def test_end_comes_in_time_with_many_open_clients(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections": 500, "connections_per_peer": 500}})
    clients: list[Any] = []
    for number in range(240):
        connection = RawConnection(gateway)
        clients.append(connection)
        if number % 3 == 0:
            RawWebSocket(gateway, connection=connection)
        elif number % 3 == 1:
            connection.send(request_text(gateway, "GET", "/api/v1/events"))
        elif number % 2:
            connection.send(b"GET / HT")
    assert gateway.stop() == 0
    for connection in clients:
        connection.close()


def test_end_comes_in_time_while_clients_leave_their_answers_unread(gateway: Gateway) -> None:
    clients = []
    for _ in range(8):
        connection = RawConnection(gateway, receive_buffer=2048)
        connection.socket.settimeout(0.3)
        try:
            for _ in range(300):
                connection.send(request_text(gateway, "GET", "/api/v1/openapi.json"))
        except TimeoutError:
            pass
        clients.append(connection)
    assert gateway.stop() == 0
    for connection in clients:
        connection.close()


def test_end_comes_in_time_while_others_ask_on(gateway: Gateway) -> None:
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                with RawConnection(gateway) as connection:
                    for _ in range(50):
                        connection.ask("POST", "/api/v1/lines/red/toggle")
            except (OSError, EOFError):
                if gateway.process.poll() is not None:
                    return

    assert gateway.token
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: gateway.get("/api/v1/circuit").json["seq"] > 50, "toggles")
        assert gateway.stop() == 0
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)


def test_request_that_is_under_way_is_answered_before_the_end(gateway: Gateway) -> None:
    """A restart must not leave a client to wonder whether its toggle was made."""
    with RawConnection(gateway) as connection:
        assert connection.ask("GET", "/healthz").status == 200
        os.kill(gateway.pid, signal.SIGSTOP)
        connection.send(request_text(gateway, "POST", "/api/v1/lines/red/toggle"))
        gateway.process.send_signal(signal.SIGTERM)
        os.kill(gateway.pid, signal.SIGCONT)
        try:
            answer: Any = connection.read_answer()
        except (EOFError, ConnectionResetError):
            answer = None
        assert answer is None or answer.status in (200, 503)
    assert gateway.stop() == 0


def test_second_signal_does_not_harm_the_end(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.process.send_signal(signal.SIGTERM)
    assert gateway.stop() == 0


def test_no_new_connection_is_taken_once_the_end_has_begun(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.put("/api/v1/lines/red/value", 1)
        client.event()
        gateway.process.send_signal(signal.SIGTERM)
        assert client.event()["cause"] == "stop"
        with pytest.raises(OSError):
            socket.create_connection((gateway.host, gateway.port), timeout=1)


def test_restart_on_the_same_port_needs_no_wait(start_gateway: StartGateway) -> None:
    first = start_gateway()
    port = first.port
    with RawWebSocket(first) as client:
        client.snapshot()
        first.stop()  # the gateway closes first, so its side waits in the kernel
        second = start_gateway({"listen": {"http": [f"127.0.0.1:{port}"]}}, folder=first.folder)
    assert second.port == port and second.get("/healthz").status == 200


def test_start_takes_less_than_100_ms(start_gateway: StartGateway) -> None:
    if os.environ.get("GATEWAY_SANITIZED"):
        pytest.skip("not with sanitizers")
    times = []
    for _ in range(5):
        began = time.perf_counter()
        start_gateway()
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1, times


def test_closed_standard_output_does_not_end_it(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "g", config_with()).start()
    try:
        assert gateway.process.stdout
        gateway.process.stdout.close()
        gateway.process.stdout = None
        assert gateway.get("/healthz").status == 200
    finally:
        gateway.check()


def test_reading_nothing_from_standard_error_does_not_hold_it_up(tmp_path: Path) -> None:
    """A full pipe loses lines, not time."""
    gateway = Gateway(tmp_path / "g", config_with({"log": {"level": "debug"}}))
    gateway.kill()
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write_end, True)
    # A sanitizer that told what it kept quiet about would wait for the pipe.
    environment = {**gateway.environment, "LSAN_OPTIONS": "print_suppressions=0"}
    process = subprocess.Popen(gateway.process.args, env=environment, stderr=write_end,
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(write_end)
    gateway.process = process
    try:
        gateway.start()
        assert gateway.get("/healthz", token=None).status == 200
    finally:
        process.terminate()
        try:
            status = process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
        os.close(read_end)
        assert process.stdout
        process.stdout.close()
    assert status == 0
