"""A WebSocket by frames (RFC 6455): a test can send with it what no library would."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from typing import Any, Mapping

from gateway_process import Answer, Gateway
from raw_http import RawConnection, request_text

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def upgrade_headers(**changes: str | None) -> dict[str, str]:
    """Those of a right handshake; `Sec_WebSocket_Version="8"` changes one, None drops it."""
    fields: dict[str, str | None] = {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    return {name: value for name, value in fields.items() if value is not None}


def accept_of(key: str) -> str:
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> bytes:
    size = len(payload)
    head = bytes([opcode | (0x80 if final else 0)])
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    mask = int.from_bytes((key * (size // 4 + 1))[:size], "big") if size else 0
    return head + key + (int.from_bytes(payload, "big") ^ mask).to_bytes(size, "big")


class RawWebSocket:
    """Opened by the constructor unless the answer is no 101: then `answer` tells it."""

    def __init__(self, gateway: Gateway, path: str = "/ws", *,
                 connection: RawConnection | None = None, token: str | None = "",
                 headers: Mapping[str, str] | None = None, receive_buffer: int = 0,
                 **changes: str | None) -> None:
        self.connection = connection or RawConnection(gateway, receive_buffer=receive_buffer)
        self.fields = {**upgrade_headers(**changes), **(headers or {})}
        self.connection.send(request_text(gateway, "GET", path, token=token, headers=self.fields))
        self.take_answer()

    @classmethod
    def over(cls, connection: RawConnection, fields: Mapping[str, str]) -> RawWebSocket:
        """For a handshake that was sent by hand."""
        self = cls.__new__(cls)
        self.connection = connection
        self.fields = dict(fields)
        self.take_answer()
        return self

    def take_answer(self) -> None:
        self.answer: Answer = self.connection.read_answer()
        self.calls = 0
        self.waiting: list[dict[str, Any]] = []
        if self.answer.status == 101:
            assert self.answer.headers["Sec-WebSocket-Accept"] == \
                accept_of(self.fields["Sec-WebSocket-Key"])

    def __enter__(self) -> RawWebSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    # ---- frames ----

    def send(self, opcode: int, payload: bytes, **more: bool) -> None:
        self.connection.send(frame(opcode, payload, **more))

    def send_text(self, text: str) -> None:
        self.send(TEXT, text.encode())

    def read_frame(self) -> tuple[int, bytes, bool]:
        """(opcode, payload, final)"""
        first, second = self.connection.read_exactly(2)
        assert not second & 0x80, "a server's frames have no mask"
        assert not first & 0x70, "no extension was agreed"
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.connection.read_exactly(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.connection.read_exactly(8))[0]
        return first & 0x0F, self.connection.read_exactly(size), bool(first & 0x80)

    def read_message(self) -> tuple[int, bytes]:
        """The next text, binary or close message; pings are answered."""
        whole, kind = b"", 0
        while True:
            opcode, payload, final = self.read_frame()
            if opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                return opcode, payload
            elif opcode != PONG:
                whole += payload
                kind = opcode or kind
                if final:
                    return kind, whole

    def read_close(self) -> int:
        """The close code; what comes before it is passed over."""
        while True:
            opcode, payload = self.read_message()
            if opcode == CLOSE:
                return int(struct.unpack(">H", payload[:2])[0]) if payload else 1005

    # ---- JSON-RPC ----

    def read_json(self) -> Any:
        opcode, payload = self.read_message()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    def next(self) -> dict[str, Any]:
        """The next notification, also one that came while a call waited for its answer."""
        if self.waiting:
            return self.waiting.pop(0)
        found = self.read_json()
        assert "method" in found, found
        return dict(found)

    def snapshot(self) -> dict[str, Any]:
        found = self.next()
        assert found["method"] == "snapshot", found
        return dict(found["params"])

    def event(self) -> dict[str, Any]:
        found = self.next()
        assert found["method"] == "event", found
        return dict(found["params"])

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, with `result` or `error`."""
        self.calls += 1
        self.send_text(json.dumps({"jsonrpc": "2.0", "id": self.calls, "method": method,
                                   "params": params}))
        return self.answer_to(self.calls)

    def answer_to(self, number: Any) -> dict[str, Any]:
        while True:
            found = self.read_json()
            if "method" not in found:
                assert found["id"] == number, found
                return dict(found)
            self.waiting.append(found)
