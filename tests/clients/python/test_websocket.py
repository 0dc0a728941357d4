"""The client's side of RFC 6455, against a peer that a test plays."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
import time
from typing import Callable, Iterator

import pytest

from gpio_gateway import websocket
from gpio_gateway.transport import Transport
from gpio_gateway.websocket import ConnectionClosed, WebSocket


def frame(opcode: int, payload: bytes, final: bool = True) -> bytes:
    """One of a server: not masked."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 65536:
        return head + b"\x7e" + struct.pack("!H", len(payload)) + payload
    return head + b"\x7f" + struct.pack("!Q", len(payload)) + payload


def read_frame(peer: socket.socket) -> tuple[int, bytes]:
    """One of the client, unmasked byte by byte; it must be masked."""

    def read(count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = peer.recv(count - len(data))
            assert more, "the client ended"
            data += more
        return data

    first, second = read(2)
    assert second & 0x80, "a client masks"
    length = second & 0x7F
    if length >= 126:
        length = int.from_bytes(read(2 if length == 126 else 8), "big")
    key, payload = read(4), read(length)
    return first & 0x0F, bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


@pytest.fixture
def pair() -> Iterator[tuple[WebSocket, socket.socket]]:
    near, far = socket.socketpair()
    far.settimeout(5)
    sock = WebSocket(Transport(near), 5)
    yield sock, far
    sock.close()
    far.close()


Pair = "tuple[WebSocket, socket.socket]"


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536])
def test_a_text_arrives_masked_and_whole(pair: Pair, length: int) -> None:
    sock, peer = pair
    text = ("가나다라" * (length // 12 + 1)).encode()[:length].decode("utf-8", "ignore")
    sender = threading.Thread(target=sock.send, args=(text,))
    sender.start()
    assert read_frame(peer) == (1, text.encode())
    sender.join()


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536, 300_000])
def test_a_text_of_any_length_is_received(pair: Pair, length: int) -> None:
    sock, peer = pair
    threading.Thread(target=peer.sendall, args=(frame(1, b"x" * length),)).start()
    assert sock.receive(5) == "x" * length


def test_a_message_in_pieces_is_put_together_around_a_ping(pair: Pair) -> None:
    sock, peer = pair
    whole = "조각".encode()
    peer.sendall(
        frame(1, whole[:2], False)
        + frame(9, b"hi")
        + frame(0, whole[2:3], False)
        + frame(0, whole[3:])
    )
    assert sock.receive(5) == "조각"
    assert read_frame(peer) == (10, b"hi")


def test_what_came_before_a_timeout_is_kept(pair: Pair) -> None:
    sock, peer = pair
    data = frame(1, b"slowly")
    for byte in data[:-1]:
        peer.sendall(bytes([byte]))
        with pytest.raises(TimeoutError):
            sock.receive(0.001)
    peer.sendall(data[-1:])
    assert sock.receive(5) == "slowly"


@pytest.mark.parametrize(
    "data, code",
    [
        (b"\x81\x81aaaax", 1002),  # a mask
        (b"\xc1\x01x", 1002),  # a reserved bit
        (frame(0, b"x"), 1002),  # a continuation of nothing
        (frame(1, b"x", False) + frame(1, b"x"), 1002),  # a message within a message
        (frame(3, b"x"), 1002),  # an unknown opcode
        (frame(9, b"x", False), 1002),  # a ping in pieces
        (b"\x89\x7e\x00\x7e" + b"x" * 126, 1002),  # a long ping
        (frame(2, b"x"), 1003),  # binary
        (frame(1, b"\xff"), 1007),  # no UTF-8
        (b"\x81\x7f" + struct.pack("!Q", 1 << 40), 1009),  # too long
    ],
)
def test_a_breach_of_the_protocol_closes_with_its_code(pair: Pair, data: bytes, code: int) -> None:
    sock, peer = pair
    peer.sendall(data)
    with pytest.raises(ConnectionClosed) as caught:
        sock.receive(5)
    assert caught.value.code == code
    opcode, payload = read_frame(peer)
    assert (opcode, struct.unpack("!H", payload[:2])[0]) == (8, code)


def test_a_close_frame_is_answered_and_told(pair: Pair) -> None:
    sock, peer = pair
    peer.sendall(frame(8, struct.pack("!H", 1001) + b"ends"))
    with pytest.raises(ConnectionClosed, match="1001: ends"):
        sock.receive(5)
    assert read_frame(peer)[0] == 8


def test_pieces_are_bounded_together(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MESSAGE_MAX_BYTES", 100)
    sock, peer = pair
    peer.sendall(frame(1, b"x" * 60, False) + frame(0, b"x" * 60))
    with pytest.raises(ConnectionClosed) as caught:
        sock.receive(5)
    assert caught.value.code == 1009


def test_a_peer_that_does_not_read_bounds_a_send(pair: Pair) -> None:
    sock, _ = pair
    slow = WebSocket(sock._transport, 0.2)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        slow.send("x" * 10_000_000)
    assert time.monotonic() - started < 3


def test_the_key_of_the_handshake_is_checked(pair: Pair) -> None:
    sock, peer = pair
    seen: list[bytes] = []

    def serve(accept: Callable[[bytes], bytes]) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += peer.recv(4096)
        seen.append(request)
        key = next(
            line.split(b": ")[1]
            for line in request.split(b"\r\n")
            if line.startswith(b"Sec-WebSocket-Key")
        )
        peer.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: p\r\n"
            b"sec-websocket-accept: " + accept(key) + b"\r\n\r\n" + frame(1, b"first")
        )

    def right(key: bytes) -> bytes:
        guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return base64.b64encode(hashlib.sha1(key + guid).digest())

    threading.Thread(target=serve, args=(right,)).start()
    sock.upgrade("/ws", {"Host": "h"}, "p")
    assert sock.receive(5) == "first"
    assert b"Sec-WebSocket-Version: 13\r\n" in seen[0]
    threading.Thread(target=serve, args=(lambda key: b"x",)).start()
    with pytest.raises(websocket.HandshakeRefused):
        sock.upgrade("/ws", {"Host": "h"}, "p")
