"""Who uses the gateway of a soak: those who look, each by another protocol, those who change, and those who harm."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import struct
import time
from collections.abc import AsyncIterator
from typing import Any

STAYS_S = 4.0  # how long somebody who looks is there, in the mean
STALLS_S = 1.5
READ_MAX = 1 << 26  # the longest line: a snapshot


def body_size(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


class Stopped(Exception):
    """The round is over."""


class Way:
    """Where the gateway is, and what all clients of a round share."""

    def __init__(self, http: int, line: int, datagram: int, token: str) -> None:
        self.http, self.line, self.datagram, self.token = http, line, datagram, token
        self.arrivals = self.misdeeds = 0
        self.opened: list[asyncio.StreamWriter] = []
        self.begin()

    def begin(self) -> None:
        self.is_loud, self.ends = True, False

    async def open(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Tries again while a gateway takes over from the other."""
        while not self.ends:
            try:
                reader, writing = await asyncio.open_connection("127.0.0.1", port, limit=READ_MAX)
                self.opened = [each for each in self.opened if not each.is_closing()] + [writing]
                return reader, writing
            except OSError:
                await asyncio.sleep(0.1)
        raise Stopped

    def head(self, method: str, path: str, more: str = "", body: bytes = b"") -> bytes:
        return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.http}\r\nAuthorization: Bearer {self.token}\r\n"
                f"{more}Content-Length: {len(body)}\r\n\r\n").encode() + body

    def abort(self) -> None:
        """Nobody is left behind."""
        for writing in self.opened:
            writing.transport.abort()
        self.opened.clear()

    async def circuit(self) -> Any:
        reader, writing = await self.open(self.http)
        writing.write(self.head("GET", "/api/v1/circuit", "Connection: close\r\n"))
        answer = await asyncio.wait_for(reader.read(), 10)
        writing.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], answer[:300]
        return json.loads(body)


class View:
    """Who looks: what came last for each line. Comes, goes, sleeps, stalls, and goes on where it was."""

    def __init__(self, way: Way, number: int) -> None:
        self.way, self.number = way, number
        self.values: dict[str, int] = {}
        self.cursor = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.number} at {self.cursor}"

    def take(self, method: str, params: dict[str, Any]) -> None:
        if method == "snapshot":
            self.values = {line["name"]: line["value"] for line in params["lines"]}
        elif method == "event" and params.get("line"):
            self.values[params["line"]] = params["value"]
        else:
            return
        self.cursor = f"{params['boot']}-{params['seq']}"

    async def messages(self, reader: asyncio.StreamReader, writing: asyncio.StreamWriter
                       ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        raise NotImplementedError
        yield "", {}  # pylint: disable=unreachable

    @property
    def port(self) -> int:
        return self.way.http

    async def run(self) -> None:
        while not self.way.ends:
            reader, writing = await self.way.open(self.port)
            self.way.arrivals += 1
            leaves = time.monotonic() + random.expovariate(1 / STAYS_S)
            try:
                async for method, params in self.messages(reader, writing):
                    self.take(method, params)
                    if not self.way.is_loud:
                        continue
                    if random.random() < 0.0005:
                        await asyncio.sleep(STALLS_S)
                    if time.monotonic() > leaves:
                        break
            except (OSError, EOFError):
                pass
            finally:
                if random.random() < 0.3 or self.way.ends:  # without a word
                    writing.transport.abort()
                else:
                    writing.close()
            if self.way.is_loud:
                await asyncio.sleep(random.random())


class WebSocketView(View):
    async def messages(self, reader: asyncio.StreamReader, writing: asyncio.StreamWriter
                       ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        key = base64.b64encode(os.urandom(16)).decode()
        path = f"/ws?since={self.cursor}" if self.cursor else "/ws"
        writing.write(self.way.head("GET", path, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"))
        if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
            return
        while True:
            first, second = await reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", await reader.readexactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", await reader.readexactly(8))[0]
            payload = await reader.readexactly(size)
            if first & 0x0F == 9:
                writing.write(b"\x8a" + bytes([0x80 | size]) + bytes(4) + payload)
            elif first & 0x0F == 8:
                return
            else:
                message = json.loads(payload)
                yield message["method"], message["params"]


class EventStreamView(View):
    async def messages(self, reader: asyncio.StreamReader, writing: asyncio.StreamWriter
                       ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        if not self.cursor:
            yield "snapshot", await self.way.circuit()
        writing.write(self.way.head("GET", "/api/v1/events", f"Last-Event-ID: {self.cursor}\r\n"))
        if b" 200 " not in await reader.readuntil(b"\r\n\r\n"):
            return
        while True:
            fields = dict(line.split(": ", 1) for line in (await reader.readuntil(b"\n\n")).decode().split("\n")
                          if ": " in line)
            if "data" in fields:
                yield fields.get("event", "event"), json.loads(fields["data"])


class TextView(View):
    @property
    def port(self) -> int:
        return self.way.line

    async def messages(self, reader: asyncio.StreamReader, writing: asyncio.StreamWriter
                       ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        writing.write(f"auth {self.way.token}\nwatch json {self.cursor}\n".encode())
        while line := await reader.readline():
            if line.startswith(b"{"):
                message = json.loads(line)
                yield message["method"], message["params"]


class Poller(View):
    """By requests on one connection, slowly."""

    async def messages(self, reader: asyncio.StreamReader, writing: asyncio.StreamWriter
                       ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        while True:
            writing.write(self.way.head("GET", "/api/v1/circuit"))
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(body_size(head))
            if b" 200 " in head.split(b"\r\n")[0]:
                yield "snapshot", json.loads(body)
            await asyncio.sleep(random.random() / 2)


VIEWS = [WebSocketView, EventStreamView, TextView, WebSocketView, Poller]


async def writer(way: Way, number: int) -> None:
    """Who changes: batches over HTTP, words over TCP, datagrams."""
    calls = json.dumps([{"jsonrpc": "2.0", "id": i, "method": "line.toggle", "params": {"line": f"out{i % 8}"}}
                        for i in range(32)]).encode()
    while not way.ends:
        try:
            if number % 3 == 0:
                reader, writing = await way.open(way.http)
                for _ in range(20):
                    if not way.is_loud:
                        break
                    writing.write(way.head("POST", "/api/v1/rpc", "Content-Type: application/json\r\n", calls))
                    head = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(body_size(head))
                writing.close()
            elif number % 3 == 1:
                reader, writing = await way.open(way.line)
                writing.write(f"auth {way.token}\n".encode())
                await reader.readline()
                for _ in range(200):
                    if not way.is_loud:
                        break
                    writing.write(b"toggle out1\ntoggle out2\n")
                    if not await reader.readline() or not await reader.readline():
                        break
                writing.close()
            else:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.connect(("127.0.0.1", way.datagram))
                    sender.setblocking(False)
                    for i in range(50):
                        if way.is_loud:
                            sender.send(f"@{way.token} toggle out{i % 8}".encode())
                            await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sender, 2000), 1)
        except (OSError, EOFError, asyncio.TimeoutError):
            pass
        await asyncio.sleep(0.05)


async def misbehave(way: Way, number: int) -> None:
    """Who harms: half requests, garbage, frames without a mask, questions whose answers nobody reads, resets."""
    rnd = random.Random(number)
    upgrade = way.head("GET", "/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    deeds = [
        lambda: b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ",
        lambda: rnd.randbytes(300),
        lambda: upgrade + b"\x81\x05hello",
        lambda: upgrade + b"\x81\xfe\xff\xff" + rnd.randbytes(200),
        lambda: way.head("GET", "/api/v1/history?limit=4096") * 8,
        lambda: way.head("POST", "/api/v1/rpc", "Content-Type: application/json\r\n", b"[" * 4000),
        lambda: b"POST /api/v1/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n{",
    ]
    while way.is_loud:
        try:
            port = rnd.choice([way.http, way.http, way.line])
            _, writing = await way.open(port)
            writing.write(rnd.choice(deeds)())
            way.misdeeds += 1
            await asyncio.sleep(rnd.random())
            writing.transport.abort()
        except OSError:
            await asyncio.sleep(0.1)
