"""HTTP by bytes, for what no polite client sends."""

from __future__ import annotations

import http.client
import io
import json
import socket
from typing import Any, Mapping

from gateway_process import WAIT_S, Answer, Gateway


def request_text(gateway: Gateway, method: str, path: str, *, token: str | None = "",
                 headers: Mapping[str, str | None] | None = None, body: bytes | None = None,
                 host: str | None = "") -> bytes:
    """`host`: the gateway's own where it is not given, no such header where it is None.
    A body is JSON where `headers` does not say otherwise; a header that is None is left out."""
    fields: list[str] = []
    if host is not None:
        fields.append(f"Host: {host or f'{gateway.host}:{gateway.port}'}")
    if token is not None:
        fields.append(f"Authorization: Bearer {token or gateway.token}")
    if body and not any(name.lower() == "content-type" for name in headers or {}):
        fields.append("Content-Type: application/json")
    fields += [f"{name}: {value}" for name, value in (headers or {}).items() if value is not None]
    if body is not None and not any(f.lower().startswith("content-length") for f in fields):
        fields.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *fields, "", ""])
    return head.encode("latin-1") + (body or b"")


class RawConnection:
    """One TCP (or AF_UNIX) connection; what was read and not yet taken is in `pending`."""

    def __init__(self, gateway: Gateway, *, path: str = "", receive_buffer: int = 0) -> None:
        self.gateway = gateway
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(path or (gateway.host, gateway.port))
        if not path:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        self.send(request_text(self.gateway, method, path, **more))
        return self.read_answer(method)

    def fill(self) -> bool:
        """Reads once; False at the end."""
        got = self.socket.recv(65536)
        self.pending += got
        return bool(got)

    def read_until(self, mark: bytes) -> bytes:
        while mark not in self.pending:
            if not self.fill():
                raise EOFError(f"ended before {mark!r}: {self.pending!r}")
        taken, self.pending = self.pending.split(mark, 1)
        return taken

    def read_exactly(self, size: int) -> bytes:
        while len(self.pending) < size:
            if not self.fill():
                raise EOFError(f"{len(self.pending)} of {size} bytes came")
        taken, self.pending = self.pending[:size], self.pending[size:]
        return taken

    def read_to_end(self) -> bytes:
        while self.fill():
            pass
        taken, self.pending = self.pending, b""
        return taken

    def read_answer(self, method: str = "GET") -> Answer:
        head = self.read_until(b"\r\n\r\n")
        start, _, fields = head.partition(b"\r\n")
        status = int(start.split()[1])
        headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
        if method == "HEAD" or status < 200 or status in (204, 304):
            body = b""
        elif headers["Content-Length"] is not None:
            body = self.read_exactly(int(headers["Content-Length"]))
        else:
            body = self.read_to_end()
        return Answer(status, headers, body)

    def ended(self) -> bool:
        """True when the other side closes without another byte, False when bytes come."""
        try:
            return not self.pending and not self.fill()
        except ConnectionResetError:
            return True


class EventStream:
    """Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    def __init__(self, gateway: Gateway, path: str = "/api/v1/events", **more: Any) -> None:
        self.connection = RawConnection(gateway)
        more["headers"] = {"Accept": "text/event-stream", **more.get("headers", {})}
        self.connection.send(request_text(gateway, "GET", path, **more))
        head = self.connection.read_until(b"\r\n\r\n")
        start, _, fields = head.partition(b"\r\n")
        self.status = int(start.split()[1])
        self.headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
        self.last_id = ""

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def next(self) -> tuple[str, Any, str]:
        """(event name, data as JSON, last event id); comments and empty blocks are passed over."""
        while True:
            name, data = "message", []
            for line in self.connection.read_until(b"\n\n").decode("utf-8").split("\n"):
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if field == "id":
                    self.last_id = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data.append(value)
            if data:
                return name, json.loads("\n".join(data)), self.last_id

    def next_event(self) -> dict[str, Any]:
        name, data, _ = self.next()
        assert name != "snapshot", data
        found: dict[str, Any] = data
        return found
