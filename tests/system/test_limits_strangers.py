"""What strangers and slow readers may cost: bounds in time and bytes, for each and for all together."""

from __future__ import annotations

import array
import json
import os
import select
import socket
import time
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Gateway, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket

IS_SANITIZED = b"__asan_init" in Path(PROGRAM).read_bytes()


def test_descriptors_that_a_peer_sends_along_are_closed(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    before = gateway.descriptors()
    reader, writer = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
        for _ in range(200):
            peer.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                   array.array("i", [reader, writer]))], 0,
                         gateway.unix["datagram"])
    os.close(reader)
    os.close(writer)
    time.sleep(0.3)
    assert gateway.descriptors() <= before + 1


def test_what_looks_like_an_answer_is_never_answered(gateway: Gateway) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(0.3)
        for text in (b"err unauthorized Put @TOKEN in front. padding padding padding\n",
                     b"#7 err unauthorized padding padding padding padding\n",
                     b"ok red 1 43 padding padding padding padding padding padding\n",
                     b"event 45 button 1 edge padding padding padding padding padding\n",
                     b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"x"}}' + b" " * 200):
            peer.sendto(text, gateway.datagram)
            try:
                raise AssertionError(f"{text!r} was answered {peer.recv(4096)!r}")
            except TimeoutError:
                pass


@pytest.mark.parametrize("text", [
    b'{"jsonrpc":"2.0","id":"method","method":"no-such"}', b'{"jsonrpc":"2.0","id":"method"}',
    b'{"jsonrpc":"2.0","id":["method"],"method":"x"}', b'{"jsonrpc":"2.0","id":"method","method":"line.get"}',
    b'{"id":"\\"method\\"","method":1}', b'["method"]', b"#17 no-such", b"no-such ok", b"get", b"help"])
@pytest.mark.parametrize("mode", ["none", "token"])
def test_an_answer_that_comes_back_is_the_last(start_gateway: StartGateway, mode: str, text: bytes) -> None:
    """Each answer is sent back to the gateway, as another gateway in whose name the first was asked would have got it."""
    gateway = start_gateway({"auth": {"mode": mode}})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(0.3)
        for length in (len(text), 120, 500):  # a stranger's answer is shorter than his question
            peer.sendto(text.ljust(length), gateway.datagram)
            answers = 0
            try:
                while answers < 3:
                    answer = peer.recv(70000)
                    answers += 1
                    peer.sendto(answer, gateway.datagram)
            except TimeoutError:
                pass
            assert answers < 2, answer


def test_strangers_cannot_fill_the_log(gateway: Gateway) -> None:
    for _ in range(100):
        with socket.create_connection(gateway.line) as client:
            client.sendall(b"auth wrong\n")
            assert b"err unauthorized" in client.recv(200)
    assert gateway.log.count("a wrong token") == 1


def test_answers_that_nobody_takes_are_bounded_in_memory(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 256}})
    toggles = [{"jsonrpc": "2.0", "method": "line.toggle", "params": {"line": "red"}}] * 64
    for _ in range(70):
        gateway.post("/api/v1/rpc", toggles)
    body = json.dumps([{"jsonrpc": "2.0", "id": number, "method": "history.get",
                        "params": {"limit": 4096}} for number in range(4)]).encode()
    request = (b"POST /api/v1/rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
               + gateway.viewer_token.encode() + b"\r\nContent-Type: application/json\r\n"
               b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
    clients = []
    for _ in range(60):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", gateway.port))
        client.sendall(request)
        clients.append(client)
    time.sleep(4)
    status = open(f"/proc/{gateway.pid}/status", encoding="utf-8").read()
    resident_kb = int(status.split("VmRSS:")[1].split()[0])
    print(f"{resident_kb / 1024:.0f} MB resident")
    # A sanitizer keeps what was freed, for a while.
    assert resident_kb < (256 if IS_SANITIZED else 64) * 1024
    assert gateway.request("PUT", "/api/v1/lines/red/value", 1).status == 200, "commands go on"
    for client in clients:
        client.close()


# ---- guessing --------------------------------------------------------------------------------


def guess(gateway: Gateway, seconds: float) -> int:
    """Wrong tokens that were refused within the time, on eight connections at once."""
    end = time.monotonic() + seconds
    refused = 0
    connections = [RawConnection(gateway) for _ in range(8)]
    ask = request_text(gateway, "GET", "/api/v1/circuit", token="wrong")
    for connection in connections:
        connection.send(ask)
    while time.monotonic() < end:
        readable, _, _ = select.select([c.socket for c in connections], [], [],
                                       max(0.0, end - time.monotonic()))
        for connection in connections:
            if connection.socket in readable:
                assert connection.read_answer().status == 401
                refused += 1
                connection.send(ask)
    for connection in connections:
        connection.close()
    return refused


def test_guessing_is_slowed_and_does_not_lock_the_owner_out(gateway: Gateway) -> None:
    assert guess(gateway, 1.0) <= 60, "20 at once, 2 a second, and 8 connections that wait"
    begin = time.monotonic()
    assert gateway.get("/api/v1/circuit").status == 200
    assert gateway.get("/healthz", token=None).status == 200
    assert gateway.get("/api/v1/circuit", token=None).status == 401, "who shows no token guesses none"
    assert time.monotonic() - begin < 0.5
    begin = time.monotonic()
    for _ in range(4):
        assert gateway.get("/?token=wrong", token=None).status == 401
    assert time.monotonic() - begin > 0.5
    with socket.create_connection(gateway.line) as client:
        client.sendall(f"auth {gateway.token}\n".encode())
        client.settimeout(5)
        assert client.recv(200) == b"ok operator\n"


def test_refusals_that_wait_do_not_hold_up_the_end(gateway: Gateway) -> None:
    guess(gateway, 0.3)
    with RawConnection(gateway) as connection:
        connection.send(request_text(gateway, "GET", "/api/v1/circuit", token="wrong"))
        assert gateway.stop() == 0


# ---- places ----------------------------------------------------------------------------------


def hold(gateway: Gateway, host: int, count: int) -> list[socket.socket]:
    """Connections of 127.0.0.<host> that never finish their request."""
    held = []
    for _ in range(count):
        client = socket.socket()
        client.bind((f"127.0.0.{host}", 0))
        client.connect((gateway.host, gateway.port))
        client.sendall(b"G")
        held.append(client)
    return held


def test_owner_gets_in_while_strangers_hold_every_place(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections": 20, "connections_per_peer": 10}})
    with RawWebSocket(gateway) as known:
        known.snapshot()
        held = hold(gateway, 2, 10) + hold(gateway, 3, 10)
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(gateway.unix["line"])
            door.sendall(b"off\n")
            assert door.recv(100).startswith(b"ok"), "off works in every flood"
        time.sleep(1.2)
        for _ in range(5):
            with RawConnection(gateway) as owner:
                assert owner.ask("POST", "/api/v1/lines/red/toggle").status == 200
        assert known.call("system.ping")["result"], "who is known is not sent away"
    assert any(client.recv(100) in (b"",) for client in held[:3]), "the oldest stranger gave way"
    for client in held:
        client.close()


def test_refusals_beyond_those_that_linger_are_answers_and_no_resets(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections": 4, "connections_per_peer": 4}})
    held = hold(gateway, 1, 4)
    asked = [socket.create_connection((gateway.host, gateway.port)) for _ in range(120)]
    for client in asked:
        client.settimeout(5)
        try:
            answer = client.recv(4096)
        except ConnectionResetError:
            answer = b"reset"
        assert answer.startswith(b"HTTP/1.1 503 "), answer
    for client in asked + held:
        client.close()


# ---- the socket lesson -----------------------------------------------------------------------


def test_experiments_come_one_a_second(gateway: Gateway) -> None:
    batch = [{"jsonrpc": "2.0", "id": i, "method": "sockets.experiment"} for i in range(20)]
    answers = gateway.post("/api/v1/rpc", batch).json
    done = [answer for answer in answers if "result" in answer]
    refused = [answer for answer in answers if "error" in answer]
    assert 1 <= len(done) <= 3 and len(refused) >= 17
    assert {answer["error"]["data"]["code"] for answer in refused} == {"limit"}
    answer = gateway.post("/api/v1/sockets/experiment", {})
    assert answer.status == 429 and answer.headers["Retry-After"] == "1"
    time.sleep(1.1)
    assert gateway.post("/api/v1/sockets/experiment", {}).status == 200


# ---- watchers by datagrams -------------------------------------------------------------------


def test_revoked_token_ends_what_watches_by_datagrams(gateway: Gateway) -> None:
    made = gateway.run("token", "new", "viewer", "hall")
    token = made.stdout.split()[-1]
    wait_until(lambda: gateway.get("/api/v1/circuit", token=token).status == 200, "the new token")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as watcher:
        watcher.connect(gateway.datagram)
        watcher.settimeout(2)
        watcher.send(f"@{token} #1 watch 60".encode())
        assert watcher.recv(1000).strip().endswith(b"ok")
        gateway.post("/api/v1/lines/red/toggle")
        assert b"red" in watcher.recv(1000)
        assert gateway.run("token", "revoke", "hall").returncode == 0
        wait_until(lambda: gateway.get("/api/v1/circuit", token=token).status == 401, "the end of it")
        gateway.post("/api/v1/lines/red/toggle")
        watcher.settimeout(0.5)
        with pytest.raises(TimeoutError):
            watcher.recv(1000)
