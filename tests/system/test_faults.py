"""The n-th allocation, write, fsync, accept4, … fails, for every n, over the start, a request of each kind, a reload
and the end. The gateway may refuse, answer 503, close a connection or end with a message; it must not crash,
hang, lose descriptors or answer wrongly. `./tests/run system` takes some of the n, `./tests/run faults` all, in parts
that run alone: `./tests/run faults "request and websocket"`, `./tests/run faults "start and alloc-03"`."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import FAULTY, KINDS, SANITIZED, SHIM, Faults, Outcome
from gateway_process import PROGRAM, REPORTS, WWW, Gateway, config_with, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import CLOSE, RawWebSocket
from test_line_protocol import Line as LineClient

pytestmark = pytest.mark.skipif(not SHIM.is_file() and not SANITIZED.is_file(), reason="built without the faults")

WHOLE = bool(os.environ.get("FAULTS_WHOLE"))
EXITS = (1, 2, 69, 77, 78)  # what gateway.h has for a start that is refused
HANG_S = 5.0  # an answer or the end of the connection comes sooner
DATAGRAM_S = 0.2  # a datagram may be lost
PART = 1000  # a start has 19,000 allocations
PARTS = 24

# What a test takes: a kind and its n from the first to the last, both told in its name.
Part = tuple[str, int, int]
NO_END = 1 << 30
WHOLE_KINDS = [pytest.param((kind, 1, NO_END), id=kind) for kind in KINDS]
START_PARTS = WHOLE_KINDS if not WHOLE else [part for part in WHOLE_KINDS if part.id != "alloc"] + [
    pytest.param(("alloc", at * PART + 1, NO_END if at == PARTS - 1 else (at + 1) * PART), id=f"alloc-{at:02}")
    for at in range(PARTS)]
REQUEST_KINDS = [pytest.param([kind], id=kind) for kind in KINDS] if WHOLE else [pytest.param(list(KINDS), id="any")]


# ---- a request of each kind: each raises Outcome for an answer that is wrong -----------------------


def http(gateway: Gateway, method: str, path: str, body: bytes | None = None, **more: Any) -> str:
    """Its body where it succeeded, "" where it was refused for the fault."""
    with RawConnection(gateway) as connection:
        connection.socket.settimeout(HANG_S)
        answer = connection.ask(method, path, body=body, **more)
        if answer.status < 400:
            return answer.text
        if answer.status < 500:
            raise Outcome(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return ""


def put(value: int) -> Callable[[Gateway], None]:
    def run(gateway: Gateway) -> None:
        text = http(gateway, "PUT", "/api/v1/lines/red/value", str(value).encode())
        if text and json.loads(text)["value"] != value:
            raise Outcome(text)

    return run


def get(path: str, holds: str) -> Callable[[Gateway], None]:
    def run(gateway: Gateway) -> None:
        text = http(gateway, "GET", path)
        if text and holds not in text:
            raise Outcome(f"{path}: {text[:300]}")

    return run


def batch(gateway: Gateway) -> None:
    calls = [{"jsonrpc": "2.0", "id": 1, "method": "line.blink",
              "params": {"line": "green", "on_ms": 1000, "off_ms": 1000}},
             {"jsonrpc": "2.0", "id": 2, "method": "line.off", "params": {"line": "green"}},
             {"jsonrpc": "2.0", "id": 3, "method": "sockets.list"},
             {"jsonrpc": "2.0", "id": 4, "method": "history.get", "params": {"limit": 20}}]
    text = http(gateway, "POST", "/api/v1/rpc", json.dumps(calls).encode())
    if text and json.loads(text)[0]["id"] != 1:
        raise Outcome(text)


def session(gateway: Gateway) -> None:
    body = json.dumps({"token": gateway.token}).encode()
    text = http(gateway, "POST", "/api/v1/session", body, token=None)
    if text and json.loads(text)["role"] != "operator":
        raise Outcome(text)


def events(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        connection.socket.settimeout(HANG_S)
        connection.send(request_text(gateway, "GET", "/api/v1/events"))
        if b" 200 " in connection.read_until(b"\r\n\r\n").partition(b"\r\n")[0]:
            connection.read_until(b"retry: 1000")


def websocket(gateway: Gateway) -> None:
    connection = RawConnection(gateway)
    connection.socket.settimeout(HANG_S)
    with RawWebSocket(gateway, connection=connection) as client:
        if client.answer.status == 101:
            client.send_text('{"jsonrpc":"2.0","id":1,"method":"line.toggle","params":{"line":"yellow"}}')
            answer: dict[str, Any] = {}
            while "id" not in answer:  # the snapshot and events come as well
                opcode, payload = client.read_message()
                if opcode == CLOSE and payload[:2] == b"\x03\xf3":  # 1011 (RFC 6455 §7.4.1)
                    return
                answer = json.loads(payload)
            if "result" not in answer and answer["error"]["code"] != -32603:
                raise Outcome(str(answer))
        elif client.answer.status < 500:
            raise Outcome(client.answer.text)


def words(gateway: Gateway) -> None:
    client = LineClient(gateway.line)
    client.socket.settimeout(HANG_S)
    try:
        for question in (f"auth {gateway.token}", "toggle yellow", "get red", "watch"):
            answer = client.ask(question)
            if not answer.startswith(("ok", "err busy", "err limit", "err internal", "err no-memory", "err memory")):
                raise Outcome(f"{question}: {answer}")
    except AssertionError as ended:
        raise EOFError from ended
    finally:
        client.close()


def datagram(gateway: Gateway) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(DATAGRAM_S)
        client.sendto(f"@{gateway.token} toggle yellow".encode(), gateway.datagram)
        try:
            answer = client.recv(2000).decode()
        except TimeoutError:
            return
        if not answer.startswith(("ok", "err ")):
            raise Outcome(answer)


def secure(gateway: Gateway) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(dict(gateway.listening)["https"].rstrip("/").rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), HANG_S) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while client.recv(4096):
            pass


def reload(gateway: Gateway) -> None:
    """Done when the log says so, also of a reload that fails."""
    before = gateway.log.count("reload")
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: gateway.process.poll() is not None or gateway.log.count("reload") > before,
               "end of the reload", HANG_S)


REQUESTS: dict[str, Callable[[Gateway], None]] = {
    "page": get("/", "<html"),
    "circuit": get("/api/v1/circuit", "breadboard"),
    "set": put(1),
    "clear": put(0),
    "batch": batch,
    "history": get("/api/v1/history?limit=50", "events"),
    "metrics": get("/metrics", "gateway"),
    "document": get("/api/v1/openapi.json", "openapi"),
    "session": session,
    "events": events,
    "websocket": websocket,
    "words": words,
    "datagram": datagram,
    "secure": secure,
    "reload": reload,
}


# ---- the gateway that they are sent to ---------------------------------------------------------------


class Run:
    """A gateway with the shim, started again where a library of its has ended it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.faults = Faults(folder / "plan")
        state = folder / "g" / "s" / "gpio-gateway"
        state.mkdir(parents=True, mode=0o700)
        subprocess.run([PROGRAM, "tls", "new"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "STATE_DIRECTORY": str(state)})

    def begin(self, **environment: str) -> Gateway:
        config = config_with({"listen": {"https": ["127.0.0.1:0"]}, "history": {"file": True}})
        self.gateway = Gateway(self.folder / "g", config, www=WWW, program=FAULTY,
                               env=self.faults.environment | environment)
        # Other runs of the program, as `token show`, are left alone.
        self.gateway.environment = {name: value for name, value in self.gateway.environment.items()
                                    if name not in self.faults.environment}
        return self.gateway

    def start(self) -> Gateway:
        self.begin().start()
        assert self.gateway.tokens
        return self.gateway

    def end(self) -> None:
        """Held to the promise of any end."""
        self.faults.disarm()
        assert self.gateway.stop(seconds=HANG_S) == 0, self.gateway.log


def is_of_a_library(log: str) -> bool:
    """libuv ends the process where the kernel refuses it something, and libwebsockets does not look whether its watchers
    were made: who was the innermost in the shim's trace, but for the C library?"""
    frames = [line for line in log.splitlines() if "[0x" in line]
    while frames and "libc.so" not in frames[0]:  # the shim itself
        frames.pop(0)
    frames = [line for line in frames if "libc.so" not in line]
    frames += [line for line in log.splitlines() if line.lstrip().startswith("#0 ")]  # AddressSanitizer's
    return bool(frames) and any(name in frames[0] for name in ("libuv", "libwebsockets"))


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "f")
    yield run
    run.gateway.kill()
    if run.gateway.process.stdout:
        run.gateway.process.stdout.close()


def some(calls: int, most: int, first: int = 1, last: int = NO_END) -> list[int]:
    """Which n of so many are tried, from the first to the last; the same ones in every run."""
    every = range(first, min(calls, last) + 1)
    return list(every) if WHOLE or len(every) <= most else sorted(random.Random(calls).sample(every, most))


def is_whole(gateway: Gateway) -> None:
    """What it must do when nothing fails any more."""
    for value in (1, 0):
        with RawConnection(gateway) as connection:
            connection.socket.settimeout(HANG_S)
            answer = connection.ask("PUT", "/api/v1/lines/red/value", body=b"%d" % value)
            assert answer.status == 200 and answer.json["value"] == value, answer
            circuit = connection.ask("GET", "/api/v1/circuit").json
            assert {line["name"]: line["value"] for line in circuit["lines"]}["red"] == value
            assert len(circuit["lines"]) == 5


def goes_on(gateway: Gateway) -> bool:
    """False where a library has ended the process; nothing else may."""
    try:
        is_whole(gateway)
        return True
    except (OSError, EOFError):
        status = gateway.process.wait(HANG_S)
        assert status != 0 and is_of_a_library(gateway.log), (status, gateway.log)
        return False


@pytest.mark.parametrize("kinds", REQUEST_KINDS)
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_bears_any_fault(faulty: Run, name: str, kinds: list[str]) -> None:
    gateway = faulty.start()
    request, faults = REQUESTS[name], faulty.faults
    request(gateway)
    is_whole(gateway)
    before = gateway.descriptors()
    for kind in kinds:
        for nth in some(faults.count(kind, lambda: request(gateway)) + 1, 16):
            faults.arm(kind, nth)
            try:
                request(gateway)
            except (OSError, EOFError) as ended:  # a connection may end without an answer
                assert not isinstance(ended, TimeoutError), (kind, nth, "hangs", gateway.log)
            except Outcome as wrong:
                assert False, (kind, nth, str(wrong))
            faults.disarm()
            if not goes_on(gateway):
                gateway = faulty.start()
    wait_until(lambda: gateway.descriptors() <= before + 2, "end of the descriptors")
    faulty.end()


def is_refused(gateway: Gateway, what: tuple[str, int]) -> None:
    """A start ends by itself, with an exit code of gateway.h and a line that says why."""
    try:
        status = gateway.process.wait(HANG_S)
    except subprocess.TimeoutExpired:
        gateway.process.send_signal(signal.SIGABRT)  # the shim traces it
        status = gateway.process.wait(HANG_S)
    assert status in EXITS or is_of_a_library(gateway.log) or is_leak_of_a_library(gateway.log), \
        (what, status, gateway.log)
    assert gateway.log.strip(), (what, status)
    if gateway.process.stdout:
        gateway.process.stdout.close()
    found = [line for line in gateway.log.splitlines() if any(word in line for word in REPORTS)]
    assert not found or is_of_a_library(gateway.log) or is_leak_of_a_library(gateway.log), (what, gateway.log)


def is_leak_of_a_library(log: str) -> bool:
    """Libraries leave some bytes behind where a start ends in the middle of them: whose is the caller of malloc(3)?"""
    leaks = log.split("LeakSanitizer: detected memory leaks")[-1].split("leak of ")[1:]
    return "AddressSanitizer:" not in log.split("LeakSanitizer")[0] and bool(leaks) and not any(
        " gateway/" in line for leak in leaks for line in leak.splitlines() if line.lstrip().startswith("#1 "))


@pytest.mark.parametrize("part", START_PARTS)
def test_a_start_bears_any_fault(faulty: Run, part: Part) -> None:
    """It is refused with a message and an exit code of gateway.h, or serves."""
    kind, first, last = part
    faulty.faults.arm(kind, 0)
    faulty.begin().start()
    calls = int(faulty.faults.plan.seen)
    faulty.end()
    for nth in some(calls, 10 if kind == "alloc" else 3, first, last):
        faulty.faults.arm(kind, nth)
        gateway = faulty.begin()
        gateway.read_lines(lambda: gateway.is_ready)
        faulty.faults.disarm()
        if not gateway.is_ready:
            is_refused(gateway, (kind, nth))
        elif goes_on(gateway):
            faulty.end()
        gateway.log_path.unlink()


@pytest.mark.parametrize("kind", ["alloc", "open", "descriptor", "thread", "fence"])
def test_who_serves_has_the_whole_sandbox(faulty: Run, kind: str) -> None:
    """Whatever was missing when the sandbox was closed: who serves has it."""
    faulty.faults.arm(kind, 0)
    gateway = faulty.begin().start()
    calls = int(faulty.faults.plan.seen)
    if fences(gateway) != 2:
        pytest.skip("there is no seccomp here")
    faulty.end()
    served = 0
    for nth in random.Random(calls).sample(range(1, calls + 1), min(calls, 24)):
        faulty.faults.arm(kind, nth)
        gateway = faulty.begin()
        gateway.read_lines(lambda: gateway.is_ready)
        faulty.faults.disarm()
        if gateway.is_ready:
            served += 1
            assert fences(gateway) == 2, (nth, gateway.log)
        gateway.kill()
        if gateway.process.stdout:
            gateway.process.stdout.close()
    assert served


def fences(gateway: Gateway) -> int:
    """The mode of seccomp(2): 2 is a filter."""
    status = Path(f"/proc/{gateway.pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("Seccomp:")))


def test_only_the_first_start_waits_for_the_disk(faulty: Run) -> None:
    """A card takes tens of milliseconds to sync a file: what a start makes anew is not worth them."""
    for at_least, at_most in ((4, 4), (0, 0)):  # the token and the gateway's id, each with its folder
        faulty.faults.arm("fsync", 0)
        faulty.begin().start()
        assert at_least <= int(faulty.faults.plan.seen) <= at_most
        faulty.end()


@pytest.mark.parametrize("kind", KINDS)
def test_an_end_bears_any_fault(faulty: Run, kind: str) -> None:
    """It comes in time, with status 0: the outputs have got their safe values."""
    faulty.faults.arm(kind, 0)
    faulty.start()
    is_whole(faulty.gateway)
    faulty.faults.arm(kind, 0)
    assert faulty.gateway.stop(seconds=HANG_S) == 0
    for nth in some(int(faulty.faults.plan.seen), 2):
        gateway = faulty.start()
        assert gateway.put("/api/v1/lines/red/value", 1).status == 200
        faulty.faults.arm(kind, nth)
        assert gateway.stop(seconds=HANG_S) == 0, (nth, gateway.log)
        faulty.faults.disarm()
