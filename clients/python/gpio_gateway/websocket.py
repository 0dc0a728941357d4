"""The client's side of RFC 6455, synchronous, over a Transport: text messages, ping, close."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import threading
import time
from typing import Mapping

from .transport import Transport

MESSAGE_MAX_BYTES = 16 * 1024 * 1024  # a snapshot of 256 lines has some 200 kB
_HEAD_MAX_BYTES = 64 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
CLOSE_NORMAL, CLOSE_PROTOCOL, CLOSE_UNSUPPORTED, CLOSE_DATA, CLOSE_TOO_BIG = (
    1000,
    1002,
    1003,
    1007,
    1009,
)


class ConnectionClosed(OSError):
    """The connection is over. `code` is that of the close frame, 1006 where none came."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"closed with {code}{f': {reason}' if reason else ''}")
        self.code = code


class HandshakeRefused(Exception):
    """The server answered the upgrade with something else than 101."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


def _mask(payload: bytes, key: bytes) -> bytes:
    """Section 5.3: payload XOR the repeated key, as one operation on big integers."""
    repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return number.to_bytes(len(payload), "big")


def _close_payload(code: int, reason: str = "") -> bytes:
    return struct.pack("!H", code) + reason.encode()[:123]


class WebSocket:
    """An open connection. One thread receives; any thread may send."""

    def __init__(self, transport: Transport, timeout: float) -> None:
        self._transport = transport
        self._timeout = timeout
        self._buffer = bytearray()
        self._message = bytearray()
        self._in_message = False
        self._close_lock = threading.Lock()
        self._close_sent = False

    # ---- section 4: the handshake ----

    def upgrade(self, path: str, headers: Mapping[str, str], protocol: str) -> None:
        """Asks for `path`. Raises HandshakeRefused, ConnectionClosed or OSError."""
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Protocol": protocol,
            **headers,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        self._transport.send(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"), self._timeout)
        status, answer = self._read_head()
        accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()
        if status != 101:
            raise HandshakeRefused(status, answer, self._read_body(answer))
        if (
            answer.get("sec-websocket-accept") != accept
            or answer.get("sec-websocket-protocol") != protocol
        ):
            raise HandshakeRefused(status, answer, b"")

    def _read_head(self) -> tuple[int, dict[str, str]]:
        deadline = time.monotonic() + self._timeout
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _HEAD_MAX_BYTES:
                raise HandshakeRefused(0, {}, b"")
            self._fill(deadline)
        first, *rest = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise HandshakeRefused(0, {}, first.encode())
        pairs = (line.partition(":") for line in rest)
        return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _read_body(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "")
        wanted = min(int(length), _HEAD_MAX_BYTES) if length.isdigit() else 0
        deadline = time.monotonic() + self._timeout
        try:
            while len(self._buffer) < wanted:
                self._fill(deadline)
        except OSError:
            pass
        return bytes(self._buffer[:wanted])

    # ---- section 5: frames ----

    def send(self, text: str) -> None:
        """One text message. OSError: the server has not got all of it."""
        self._send_frame(_TEXT, text.encode())

    def ping(self) -> None:
        self._send_frame(_PING, b"")

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += bytes([0x80 | 126]) + struct.pack("!H", length)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", length)
        key = os.urandom(4)
        self._transport.send(head + key + _mask(payload, key), self._timeout)

    def receive(self, timeout: float) -> str:
        """The next message. Answers pings. Raises TimeoutError after `timeout` seconds without one
        (what came of it is kept), ConnectionClosed or another OSError at the end.
        """
        deadline = time.monotonic() + timeout
        while True:
            frame = self._take_frame()
            if frame is None:
                self._fill(deadline)
                continue
            final, opcode, payload = frame
            if opcode == _PING:
                self._send_frame(_PONG, payload)
            elif opcode == _CLOSE:
                self._closed_by_peer(payload)
            elif opcode != _PONG:
                message = self._add_to_message(final, opcode, payload)
                if message is not None:
                    return message

    def _fill(self, deadline: float) -> None:
        data = self._transport.receive(max(0.0, deadline - time.monotonic()))
        if not data:
            raise ConnectionClosed()
        self._buffer += data

    def _take_frame(self) -> tuple[bool, int, bytes] | None:
        """The first whole frame of the buffer."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        final, opcode, length, at = bool(buffer[0] & 0x80), buffer[0] & 0x0F, buffer[1] & 0x7F, 2
        if buffer[0] & 0x70 or buffer[1] & 0x80:
            raise self._fail(CLOSE_PROTOCOL, "reserved bits or a mask from the server")
        if opcode >= _CLOSE and (length > 125 or not final):
            raise self._fail(CLOSE_PROTOCOL, "a long or fragmented control frame")
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(buffer) < 2 + size:
                return None
            length, at = int.from_bytes(buffer[2 : 2 + size], "big"), 2 + size
        if length + len(self._message) > MESSAGE_MAX_BYTES:
            raise self._fail(CLOSE_TOO_BIG, "a message that is too long")
        if len(buffer) < at + length:
            return None
        payload = bytes(buffer[at : at + length])
        del buffer[: at + length]
        return final, opcode, payload

    def _add_to_message(self, final: bool, opcode: int, payload: bytes) -> str | None:
        """Section 5.4: collects fragments; the text once it is whole."""
        if opcode == _BINARY:
            raise self._fail(CLOSE_UNSUPPORTED, "a binary message")
        if opcode not in (_TEXT, _CONTINUATION) or (opcode == _TEXT) == self._in_message:
            raise self._fail(CLOSE_PROTOCOL, "an unexpected frame")
        self._message += payload
        self._in_message = not final
        if not final:
            return None
        whole = bytes(self._message)
        self._message.clear()
        try:
            return whole.decode()
        except UnicodeDecodeError:
            raise self._fail(CLOSE_DATA, "text that is not UTF-8") from None

    # ---- section 7: closing ----

    def _closed_by_peer(self, payload: bytes) -> None:
        code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
        self.send_close()
        raise ConnectionClosed(code, payload[2:].decode("utf-8", "replace"))

    def _fail(self, code: int, reason: str) -> ConnectionClosed:
        self.send_close(code)
        return ConnectionClosed(code, f"the server sent {reason}")

    def send_close(self, code: int = CLOSE_NORMAL) -> None:
        """Sends the close frame, once."""
        with self._close_lock:
            if self._close_sent:
                return
            self._close_sent = True
        try:
            self._send_frame(_CLOSE, _close_payload(code))
        except OSError:
            pass

    def abort(self) -> None:
        """Ends the stream under a thread that receives; that thread calls close()."""
        self._transport.shutdown()

    def close(self) -> None:
        self._transport.close()
