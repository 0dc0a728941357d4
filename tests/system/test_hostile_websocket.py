"""WebSocket clients that break RFC 6455: told at the frame's head, and nothing behind it acts."""

from __future__ import annotations

import json
import struct

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import (CLOSE, CONTINUATION, PING, TEXT, RawWebSocket, frame, upgrade_headers)

TOGGLE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "line.toggle",
                     "params": {"line": "red"}}).encode()
NORMAL = struct.pack(">H", 1000)


def opened(gateway: Gateway) -> RawWebSocket:
    socket = RawWebSocket(gateway)
    socket.snapshot()
    return socket


def set_red(gateway: Gateway, value: int) -> None:
    assert gateway.put("/api/v1/lines/red/value", value).status == 200


@pytest.mark.parametrize("text", [frame(TEXT, TOGGLE, masked=False), frame(PING, b"x", masked=False),
                                  frame(CLOSE, NORMAL, masked=False), frame(TEXT, b"", masked=False)])
def test_unmasked_frame_closes_with_1002(shared_gateway: Gateway, text: bytes) -> None:
    set_red(shared_gateway, 0)
    with opened(shared_gateway) as socket:
        socket.connection.send(text)
        assert socket.read_close() == 1002
    assert shared_gateway.value("red") == 0


def test_commands_before_the_wrong_frame_act_and_those_behind_do_not(
        shared_gateway: Gateway) -> None:
    set_red(shared_gateway, 0)
    with opened(shared_gateway) as socket:
        socket.connection.send(frame(TEXT, TOGGLE) + frame(TEXT, TOGGLE, masked=False)
                               + frame(TEXT, TOGGLE))
        assert socket.answer_to(1)["result"]["value"] == 1
        assert socket.read_close() == 1002
    assert shared_gateway.value("red") == 1


@pytest.mark.parametrize("size", [65537, 100_000_000, 1 << 32, 1 << 62])
def test_size_over_the_limit_closes_at_the_head(shared_gateway: Gateway, size: int) -> None:
    with opened(shared_gateway) as socket:
        socket.connection.send(b"\x81\xff" + struct.pack(">Q", size))
        assert socket.read_close() == 1009


def test_fragment_that_would_go_over_the_limit_closes_at_its_head(shared_gateway: Gateway) -> None:
    with opened(shared_gateway) as socket:
        socket.send(TEXT, b" " * 65000, final=False)
        socket.connection.send(b"\x80\xfe" + struct.pack(">H", 537))
        assert socket.read_close() == 1009


@pytest.mark.parametrize("head", [b"\x81\xfe\x00\x7d", b"\x81\xff" + struct.pack(">Q", 1 << 63),
                                  b"\x81\xff" + struct.pack(">Q", 65535), b"\xc1\x80", b"\xa1\x80",
                                  b"\x83\x80", b"\x8b\x80", b"\x09\x80", b"\x89\xfe", b"\x80\x80"])
def test_head_that_breaks_the_protocol_closes_with_1002(shared_gateway: Gateway,
                                                        head: bytes) -> None:
    with opened(shared_gateway) as socket:
        socket.connection.send(head)
        assert socket.read_close() == 1002


@pytest.mark.parametrize("behind", [frame(TEXT, TOGGLE), frame(TEXT, TOGGLE, final=False),
                                    frame(CONTINUATION, TOGGLE), frame(TEXT, TOGGLE, masked=False)])
@pytest.mark.parametrize("payload", [NORMAL, b"", NORMAL + b"bye"])
def test_command_behind_a_close_frame_does_not_act(shared_gateway: Gateway, behind: bytes,
                                                   payload: bytes) -> None:
    set_red(shared_gateway, 0)
    with opened(shared_gateway) as socket:
        socket.connection.send(frame(CLOSE, payload) + behind)
        assert socket.read_close() in (1000, 1005)
        socket.connection.send(behind)
        assert socket.connection.ended()
    assert shared_gateway.value("red") == 0


@pytest.mark.parametrize("behind", [frame(TEXT, TOGGLE), frame(PING, b"x"), b"\r\n", b"\0",
                                    frame(TEXT, b"x" * 60000)])
def test_frame_with_the_upgrade_is_not_lost_without_a_word(shared_gateway: Gateway,
                                                           behind: bytes) -> None:
    """RFC 6455 §4.1 forbids it; the gateway answers such a client with the reason."""
    with RawConnection(shared_gateway) as connection:
        connection.send(request_text(shared_gateway, "GET", "/ws", headers=upgrade_headers())
                        + behind)
        assert connection.read_answer().status == 400
        assert connection.ended()


def test_requests_and_the_upgrade_may_come_together(shared_gateway: Gateway) -> None:
    fields = upgrade_headers()
    with RawConnection(shared_gateway) as connection:
        connection.send(request_text(shared_gateway, "GET", "/healthz") * 3
                        + request_text(shared_gateway, "GET", "/ws", headers=fields))
        for _ in range(3):
            assert connection.read_answer().status == 200
        socket = RawWebSocket.over(connection, fields)
        assert socket.answer.status == 101
        socket.snapshot()


def test_upgrade_may_come_byte_by_byte(shared_gateway: Gateway) -> None:
    fields = upgrade_headers()
    with RawConnection(shared_gateway) as connection:
        for byte in request_text(shared_gateway, "GET", "/ws", headers=fields):
            connection.send(bytes([byte]))
        RawWebSocket.over(connection, fields).snapshot()


def test_who_sends_on_after_a_wrong_frame_is_not_read_for_ever(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    before = gateway.descriptors()
    sockets = [opened(gateway) for _ in range(20)]
    for socket in sockets:
        socket.connection.send(b"\x81\x05hello" + b"x" * 100_000)
        assert socket.read_close() == 1002
    wait_until(lambda: gateway.descriptors() <= before, "closed connections", 5)
    for socket in sockets:
        socket.connection.close()
    assert gateway.get("/healthz").status == 200
