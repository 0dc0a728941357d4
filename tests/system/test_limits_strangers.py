"""What strangers and slow readers may cost: bounds in time and bytes, for each and for all together."""

from __future__ import annotations

import array
import json
import os
import socket
import time
from pathlib import Path

from conftest import StartGateway
from gateway_process import PROGRAM, Gateway

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
