"""Cut-offs come in time whatever readers and strangers ask for: safety before service."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Gateway
from raw_websocket import TEXT, RawWebSocket, frame

LIMIT_MS = 100
LATE_MOST_MS = 50  # on a machine that others share; alone it is below 10
LINES = [
    {"name": "pump", "direction": "output", "max_on_ms": LIMIT_MS},
    {"name": "red", "direction": "output"},
    {"name": "button", "direction": "input"},
]


def batch(method: str, params: dict[str, object], count: int = 64) -> bytes:
    return json.dumps([{"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                       for number in range(count)]).encode()


def notifications(method: str, count: int = 64, **more: object) -> bytes:
    return json.dumps([{"jsonrpc": "2.0", "method": method, **more}] * count).encode()


ATTACKS: dict[str, bytes] = {
    "history of a line that has none": batch("history.get", {"line": "button", "limit": 4096}),
    "long histories": batch("history.get", {"limit": 4096}, 8),
    "whole circuits": batch("circuit.get", {}),
    "lists of sockets that nobody hears": notifications("sockets.list"),
}


def post(body: bytes, token: str) -> bytes:
    return (b"POST /api/v1/rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token.encode() + b"\r\nContent-Type: application/json\r\nContent-Length: "
            + str(len(body)).encode() + b"\r\n\r\n" + body)


class Flood:
    """Connections that ask again and again, each as soon as it has its answer."""

    def __init__(self, gateway: Gateway, body: bytes, connections: int,
                 run: Callable[[Flood], None] | None = None) -> None:
        self.gateway = gateway
        self.token = gateway.viewer_token.encode()
        self.request = post(body, gateway.viewer_token)
        self.port = gateway.port
        self.ends = False
        self.answers = 0
        self.threads = [threading.Thread(target=run or Flood.run, args=[self]) for _ in range(connections)]
        for thread in self.threads:
            thread.start()

    def run(self) -> None:
        while not self.ends:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 10) as client:
                    client.sendall(self.request)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(1 << 20):
                        if self.ends:
                            return
                    self.answers += 1
            except OSError:
                time.sleep(0.01)

    def close(self) -> None:
        self.ends = True
        for thread in self.threads:
            thread.join()


def lateness(gateway: Gateway) -> list[float]:
    """Five of them, sorted: the one in the middle tells of the gateway, the last of the machine as well."""
    return sorted(on_for_ms(gateway) - LIMIT_MS for _ in range(5))


# ---- by the other ways ----


def by_text(flood: Flood) -> None:
    """Hundreds of questions in one segment, whose answers are read when they come."""
    while not flood.ends:
        with socket.create_connection(flood.gateway.line, 10) as client:
            client.sendall(b"auth " + flood.token + b"\n" + b"get\nlist\n" * 400 + b"quit\n")
            while client.recv(1 << 20) and not flood.ends:
                pass
            flood.answers += 1


def by_datagrams(flood: Flood) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        while not flood.ends:
            try:
                for _ in range(64):
                    client.sendto(b"@" + flood.token + b" list", flood.gateway.datagram)
                while client.recv(1 << 16):
                    flood.answers += 1
            except OSError:
                time.sleep(0.0005)


def by_handshakes(flood: Flood) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(flood.gateway.address("https").rstrip("/").rsplit(":", 1)[1])
    while not flood.ends:
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain):
                flood.answers += 1
        except OSError:
            pass


def by_streams(flood: Flood) -> None:
    """Each begins far behind, and goes after its first piece."""
    ask = (b"GET /api/v1/events?since=00000000-0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
           + flood.token + b"\r\n\r\n")
    while not flood.ends:
        with socket.create_connection(("127.0.0.1", flood.port), 10) as client:
            client.sendall(ask)
            flood.answers += len(client.recv(1 << 20)) > 0


def by_websockets(flood: Flood) -> None:
    """Notifications of methods that only read: nobody hears what they find."""
    calls = b"".join(frame(TEXT, text) for text in [notifications("history.get")] * 8)
    while not flood.ends:
        try:
            with RawWebSocket(flood.gateway, token=flood.token.decode()) as client:
                client.connection.send(calls)
                client.connection.fill()
                flood.answers += 1
        except (OSError, EOFError):
            pass


WAYS = {way.__name__: way for way in (by_text, by_datagrams, by_handshakes, by_streams, by_websockets)}


@pytest.mark.parametrize("way", WAYS)
def test_a_limit_cuts_off_in_time_whatever_the_flood_comes_by(start_gateway: StartGateway, tmp_path: Path,
                                                             way: str) -> None:
    folder = tmp_path / "g"
    state = folder / "s" / "gpio-gateway"
    state.mkdir(parents=True, mode=0o700)
    subprocess.run([PROGRAM, "tls", "new"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "STATE_DIRECTORY": str(state)})
    gateway = start_gateway({"limits": {"connections_per_peer": 256}, "listen": {"https": ["127.0.0.1:0"]}},
                            lines=LINES, folder=folder)
    for _ in range(40):
        gateway.post("/api/v1/rpc", json.loads(notifications("line.toggle", params={"line": "red"})))
    flood = Flood(gateway, b"", 8, WAYS[way])
    try:
        time.sleep(0.3)
        late = lateness(gateway)
    finally:
        flood.close()
    print(f"{way}: late by {late[-1]:.2f} ms at most, {flood.answers} answers")
    assert flood.answers > 10
    assert late[2] < LATE_MOST_MS, late


@pytest.fixture
def busy(start_gateway: StartGateway) -> Iterator[Callable[[str, int], Gateway]]:
    floods: list[Flood] = []

    def start(attack: str, connections: int) -> Gateway:
        gateway = start_gateway({"limits": {"connections_per_peer": 256}}, lines=LINES)
        toggles = json.dumps([{"jsonrpc": "2.0", "method": "line.toggle",
                               "params": {"line": "red"}}] * 64).encode()
        for _ in range(400):
            gateway.post("/api/v1/rpc", json.loads(toggles))
        floods.append(Flood(gateway, ATTACKS[attack], connections))
        time.sleep(0.3)
        return gateway

    yield start
    for flood in floods:
        flood.close()


def on_for_ms(gateway: Gateway) -> float:
    """How long the pump was on that is switched on now and off by its limit alone."""
    gateway.request("PUT", "/api/v1/lines/pump/value", 1)
    time.sleep(LIMIT_MS / 1000 + 0.3)
    events = gateway.get("/api/v1/history?line=pump&limit=4096").json["events"]
    on, off = events[-2:]
    assert (on["value"], off["value"], off["cause"]) == (1, 0, "limit")
    return (off["time_ns"] - on["time_ns"]) / 1e6


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_limit_cuts_off_in_time_while_readers_flood(busy: Callable[[str, int], Gateway],
                                                      attack: str) -> None:
    gateway = busy(attack, 20)
    late = lateness(gateway)
    print(f"{attack}: late by {late[-1]:.2f} ms at most")
    assert late[2] < LATE_MOST_MS, late


def test_another_host_is_served_while_one_floods(busy: Callable[[str, int], Gateway]) -> None:
    gateway = busy("history of a line that has none", 40)
    waits = []
    for _ in range(5):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", gateway.port), 10,
                                      source_address=("127.0.0.2", 0)) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b" 200 " in client.recv(4096)
        waits.append(time.monotonic() - begin)
    print(f"another host waits {1000 * max(waits):.0f} ms at most")
    assert max(waits) < 1
