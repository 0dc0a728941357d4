"""WebSocket: frames, limits, silence and the close codes of RFC 6455."""

from __future__ import annotations

import json
import signal
import struct

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from hypothesis import given
from hypothesis import strategies as st
from raw_websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawWebSocket, frame)

PING_CALL = '{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
LIMIT = 64 * 1024


def padded(size: int) -> bytes:
    return PING_CALL.encode() + b" " * (size - len(PING_CALL))


def test_ping_is_answered_with_the_same_bytes(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        for payload in (b"", b"hello", bytes(range(125))):
            socket.send(PING, payload)
            assert socket.read_frame() == (PONG, payload, True)


def test_pong_that_nobody_asked_for_is_passed_over(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(PONG, b"here")
        assert "result" in socket.call("system.ping")


def test_two_requests_that_come_together_are_answered_whatever_the_length_of_an_answer(
        shared_gateway: Gateway) -> None:
    """The library may send the first answer but for a byte or two when the second is to be written."""
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        for length in range(1, 500):
            calls = [json.dumps({"jsonrpc": "2.0", "id": name, "method": "system.ping"}).encode()
                     for name in ("x" * length, "next")]
            socket.connection.send(b"".join(frame(TEXT, call) for call in calls))
            for name in ("x" * length, "next"):
                assert json.loads(socket.read_frame()[1])["id"] == name


def test_binary_closes_with_1003(shared_gateway: Gateway) -> None:
    for payload in (b"", b"x", PING_CALL.encode()):
        with RawWebSocket(shared_gateway) as socket:
            socket.snapshot()
            socket.send(BINARY, payload)
            assert socket.read_close() == 1003


def test_frame_of_64_kib_is_served_and_a_byte_more_closes_with_1009(
        shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(TEXT, padded(LIMIT))
        assert socket.answer_to(1)["result"]
        socket.send(TEXT, padded(LIMIT + 1))
        assert socket.read_close() == 1009


def test_frame_that_only_announces_its_size_closes_with_1009(shared_gateway: Gateway) -> None:
    for size in (LIMIT + 1, 1 << 31, (1 << 62) + 5):
        with RawWebSocket(shared_gateway) as socket:
            socket.snapshot()
            socket.connection.send(b"\x81\xff" + struct.pack(">Q", size) + b"mask")
            try:
                socket.connection.send(b"x" * (LIMIT + 100))
            except ConnectionError:
                pass
            assert socket.read_close() == 1009


def test_fragments_over_64_kib_close_with_1009(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(TEXT, b"[" + b" " * 16000, final=False)
        for _ in range(4):
            socket.send(CONTINUATION, b" " * 16000, final=False)
        socket.send(CONTINUATION, b" " * 2000)
        assert socket.read_close() == 1009


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_fragments_are_put_together(shared_gateway: Gateway, size: int) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        text = PING_CALL.encode()
        pieces = [text[i:i + size] for i in range(0, len(text), size)]
        for index, piece in enumerate(pieces):
            socket.send(CONTINUATION if index else TEXT, piece, final=index == len(pieces) - 1)
        assert socket.answer_to(1)["result"]


def test_control_frames_may_stand_between_fragments(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(TEXT, PING_CALL[:10].encode(), final=False)
        socket.send(PING, b"between")
        assert socket.read_frame() == (PONG, b"between", True)
        socket.send(CONTINUATION, b"", final=False)
        socket.send(CONTINUATION, PING_CALL[10:].encode())
        assert socket.answer_to(1)["result"]


def test_frames_may_come_byte_by_byte_and_many_in_one_segment(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        for byte in frame(TEXT, PING_CALL.encode()):
            socket.connection.send(bytes([byte]))
        assert socket.answer_to(1)["result"]
        socket.connection.send(b"".join(
            frame(TEXT, json.dumps({"jsonrpc": "2.0", "id": n, "method": "line.toggle",
                                    "params": {"line": "red"}}).encode()) for n in range(50)))
        values = [socket.answer_to(n)["result"]["value"] for n in range(50)]
        assert values == [1, 0] * 25


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b'{"a":"\xed\xa0\x80"}', b"\xf4\x90\x80\x80"])
def test_text_that_is_no_utf8_closes_with_1007(shared_gateway: Gateway, text: bytes) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(TEXT, text)
        assert socket.read_close() == 1007


@pytest.mark.parametrize("sent", [
    frame(3, b""), frame(11, b""), frame(CONTINUATION, b"x"),
    bytes([0xC1, 0x82]) + b"mask[]", frame(PING, b"x" * 126), frame(PING, b"x", final=False),
    frame(TEXT, b"[", final=False) + frame(TEXT, b"]"),
], ids=["opcode-3", "opcode-11", "continues-nothing", "rsv1", "long-ping",
        "ping-in-pieces", "text-within-text"])
def test_what_breaks_the_protocol_ends_the_connection(shared_gateway: Gateway,
                                                      sent: bytes) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.connection.send(sent)
        try:
            assert socket.read_close() in (1002, 1009)
        except (EOFError, ConnectionResetError):
            pass  # dropped without a word: RFC 6455 §7.1.7 allows it
    assert shared_gateway.get("/healthz").status == 200


def test_clients_close_is_answered(shared_gateway: Gateway) -> None:
    for payload in (b"", struct.pack(">H", 1000), struct.pack(">H", 1001) + b"bye"):
        with RawWebSocket(shared_gateway) as socket:
            socket.snapshot()
            socket.send(CLOSE, payload)
            assert socket.read_message()[0] == CLOSE
            assert socket.connection.ended()


def test_silent_client_is_pinged_then_dropped(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"ping_s": 1, "pong_s": 1}})
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        opcode, _, _ = socket.read_frame()
        assert opcode == PING
        try:
            while True:
                opcode, _, _ = socket.read_frame()
                assert opcode in (PING, CLOSE)
        except (EOFError, ConnectionResetError):
            pass  # the end that a client which gives no pong gets


def test_client_that_answers_pings_stays(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"ping_s": 1, "pong_s": 1}})
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        for _ in range(3):  # three seconds: it would be gone after two
            opcode, payload, _ = socket.read_frame()
            assert opcode == PING
            socket.send(PONG, payload)
        assert "result" in socket.call("system.ping")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_shutdown_tells_the_stop_events_and_closes_with_1001(gateway: Gateway,
                                                             number: signal.Signals) -> None:
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        socket.call("lines.set", lines={"red": 1, "green": 1})
        assert {socket.event()["line"] for _ in range(2)} == {"red", "green"}
        gateway.process.send_signal(number)
        stops = [socket.event() for _ in range(2)]
        assert {(event["line"], event["value"], event["cause"]) for event in stops} == \
            {("red", 0, "stop"), ("green", 0, "stop")}
        assert socket.read_close() == 1001
    assert gateway.process.wait(2) == 0


def test_client_that_does_not_answer_the_close_does_not_hold_up_the_end(gateway: Gateway) -> None:
    sockets = [RawWebSocket(gateway) for _ in range(5)]
    for socket in sockets:
        socket.snapshot()
    assert gateway.stop() == 0
    for socket in sockets:
        assert socket.read_close() == 1001
        socket.connection.close()


@given(st.binary(max_size=200))
def test_no_bytes_after_the_handshake_harm_the_gateway(shared_gateway: Gateway,
                                                       data: bytes) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.connection.send(data)
    assert shared_gateway.get("/healthz").status == 200


@given(st.binary(max_size=100))
def test_no_text_harms_the_gateway(shared_gateway: Gateway, data: bytes) -> None:
    with RawWebSocket(shared_gateway) as socket:
        socket.snapshot()
        socket.send(TEXT, data)
        opcode, payload = socket.read_message()
        assert opcode in (TEXT, CLOSE)
        if opcode == TEXT:
            assert json.loads(payload)["jsonrpc"] == "2.0"
