"""What the gateway costs by itself: start, idle, memory for each connection, edges, and how late a timer
is under load."""

from __future__ import annotations

import socket
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable

import late
from gateway import WAIT_S, Gateway, Http, WebSocket, some
from peers import SERVER_CORE, pinned
from rows import told

IDLE_S = 5.0
BLINK_MS = 20


def first_answer_ms(program: str) -> tuple[float, float]:
    """From exec to `ready`, and to the first answer, which a client gets that knows the port."""
    with Gateway(program) as gateway:
        began = time.perf_counter()
        connection = socket.create_connection(("127.0.0.1", gateway.port), WAIT_S)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        some(connection)
        connection.close()
        return gateway.ready_ms, gateway.ready_ms + (time.perf_counter() - began) * 1e3


def spawn_ms() -> float:
    """What the machine takes to start a program that does nothing."""
    began = time.perf_counter()
    subprocess.run(["/bin/true"], check=True)
    return (time.perf_counter() - began) * 1e3


def start(program: str, times: int) -> None:
    ready, answered = zip(*(first_answer_ms(program) for _ in range(times)))
    nothing = statistics.median(spawn_ms() for _ in range(times))
    told("exec to ready, p50", statistics.median(ready), "ms", None, f"`true` takes {nothing:.1f} ms")
    told("exec to the first answer, p50", statistics.median(answered), "ms", 10)


def idle(program: str, clients: int) -> None:
    with Gateway(program) as gateway:
        time.sleep(1.2)
        told("resident, idle", gateway.resident_mb(), "MB", 8)
        told(f"wake-ups in {IDLE_S:g} s, idle", gateway.wake_ups(IDLE_S), "", 0)
        token = gateway.token()
        eyes = [WebSocket(gateway, token) for _ in range(clients)]
        time.sleep(1.2)
        told(f"wake-ups in {IDLE_S:g} s, {clients} WebSockets", gateway.wake_ups(IDLE_S), "", 0)
        for eye in eyes:
            eye.close()


def keep_alive(gateway: Gateway, token: str) -> socket.socket:
    connection = Http(gateway, token)
    connection.request("GET", "/healthz")
    return connection.socket


def event_stream(gateway: Gateway, token: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", gateway.port), WAIT_S)
    connection.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       f"Authorization: Bearer {token}\r\n\r\n".encode())
    some(connection)
    return connection


def text_watcher(gateway: Gateway, token: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", gateway.ports["line"]), WAIT_S)
    connection.sendall(f"auth {token}\nwatch\n".encode())
    some(connection)
    return connection


def memory(program: str, clients: int) -> None:
    kinds: list[tuple[str, float | None, Callable[[Gateway, str], socket.socket]]] = [
        ("WebSocket", 4.0, lambda gateway, token: WebSocket(gateway, token).socket),
        ("HTTP connection, kept alive", 17.0, keep_alive),
        ("event stream", None, event_stream),
        ("text watcher", None, text_watcher),
    ]
    for name, goal, connect in kinds:
        with Gateway(program) as gateway:
            token = gateway.token()
            connect(gateway, token).close()
            time.sleep(0.2)
            before = gateway.status("VmRSS")
            sockets = [connect(gateway, token) for _ in range(clients)]
            hand = Http(gateway, token)
            for _ in range(4):
                hand.request("POST", "/api/v1/lines/red/toggle")
            time.sleep(0.2)
            told(f"memory of a {name}, after 4 events", (gateway.status("VmRSS") - before) / clients, "kB", goal,
                 f"mean of {clients}")
            hand.close()
            for each in sockets:
                each.close()


def edges(folder: Path) -> None:
    if not (folder / "bench-inside").exists():
        return
    shown = subprocess.run([*pinned(SERVER_CORE), str(folder / "bench-inside"), "edges"], text=True, capture_output=True,
                           stdin=subprocess.DEVNULL, timeout=60, check=True).stdout
    told("an edge taken in and journaled", 1e6 / float(shown), "us", 5, f"{float(shown):,.0f} edges a second")


def timers(program: str, seconds: float) -> None:
    """How late the flips of a blink come while eight connections ask as fast as they can."""
    with Gateway(program, before=pinned(SERVER_CORE)) as gateway:
        token = gateway.token()
        ended = threading.Event()

        def ask() -> None:
            hand = Http(gateway, token)
            while not ended.is_set():
                hand.request("GET", "/api/v1/lines/red")
            hand.close()

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        eye = WebSocket(gateway, token)
        hand = Http(gateway, token)
        body = f'{{"on_ms":{BLINK_MS},"off_ms":{BLINK_MS}}}'.encode()
        hand.socket.sendall(f"POST /api/v1/lines/green/blink HTTP/1.1\r\n{hand.head}Content-Type: application/json"
                            f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        hand.receive()
        times = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = eye.receive()
            times.append(int(text.partition(b'"time_ns":')[2].split(b",")[0]))
        ended.set()
        for thread in threads:
            thread.join()
        late = [(at - times[0]) / 1e6 - i * BLINK_MS for i, at in enumerate(times)]
        told("latest flip of a blink, under load", max(late) - min(late), "ms", None,
             f"of {len(times)}, p50 {statistics.median(late) - min(late):.2f} ms")
        hand.close()
        eye.close()


def measure(folder: Path, quick: bool) -> None:
    program = str(folder / "gpio-gateway")
    print("\nby itself")
    start(program, 5 if quick else 20)
    idle(program, 200 if quick else 1000)
    memory(program, 200 if quick else 500)
    edges(folder)
    timers(program, 2 if quick else 5)
    late.measure(program, quick)
    size(Path(program))


def size(program: Path) -> None:
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, str(program)], stdin=subprocess.DEVNULL, check=True)
        told("the program, stripped", Path(stripped.name).stat().st_size / 1e3, "kB", 500)
