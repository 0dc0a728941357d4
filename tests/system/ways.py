"""The ways into the gateway, each in its own words: the same calls, refusals and events.

`call("line.set", line="red", value=1)` gives the result or raises Refused. `watch()` begins to
listen on a connection beside it, and `hear()` tells what comes, as ("event" or "snapshot", its
members): the words of lines and datagrams have fewer of these than the JSON of the others."""

from __future__ import annotations

import itertools
import json
import os
import socket
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from gateway_process import Gateway, wait_until
from raw_http import EventStream, RawConnection
from raw_websocket import RawWebSocket
from test_datagram_protocol import Peer
from test_line_protocol import Line as LineClient

Heard = tuple[str, dict[str, Any]]


class Refused(Exception):
    """`blocked_by` is the line that an interlock names."""

    def __init__(self, code: str, text: str, blocked_by: str | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.blocked_by = blocked_by


def told(events: list[dict[str, Any]], *members: str) -> list[tuple[Any, ...]]:
    return [tuple(event[member] for member in members) for event in events]


class Way:
    protocol = ""  # as the source of an event names it
    peer: socket.socket  # that the gateway sees
    ears: Any = None

    def __init__(self, gateway: Gateway, token: str = "") -> None:
        self.gateway = gateway
        self.token = token or gateway.token
        self.opened: list[Any] = []
        self.open()

    def close(self) -> None:
        for one in self.opened:
            one.close()

    def open(self) -> None:
        raise NotImplementedError

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        raise NotImplementedError

    def watch(self) -> None:
        raise NotImplementedError

    def hear(self) -> Heard:
        raise NotImplementedError

    @property
    def source(self) -> str:
        """What an event says of who did it."""
        host, port = self.peer.getsockname()
        return f"{self.protocol}:{host}:{port}"

    # ---- what tests ask, by this way alone ----

    def refusal(self, method: str, **params: Any) -> Refused:
        with pytest.raises(Refused) as found:
            self.call(method, **params)
        return found.value

    def line(self, name: str) -> dict[str, Any]:
        return self.call("line.get", line=name)

    def cursor(self) -> str:
        circuit = self.call("circuit.get")
        return f"{circuit['boot']}-{circuit['seq']}"

    def events(self, since: str, count: int) -> list[dict[str, Any]]:
        """Those after `since`, once there are so many; more would be wrong."""
        def look() -> list[dict[str, Any]] | None:
            found: list[dict[str, Any]] = self.call("history.get", since=since)["events"]
            return found if len(found) >= count else None
        wait_until(lambda: look() is not None, f"{count} events")
        found = look()
        assert found is not None and len(found) == count, found
        return found

    def press(self, name: str, ms: int) -> None:
        self.call("simulator.set", line=name, value=1)
        time.sleep(ms / 1000)
        self.call("simulator.set", line=name, value=0)


def result_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Of a JSON-RPC answer."""
    if "error" in answer:
        data = answer["error"]["data"]
        raise Refused(data["code"], json.dumps(answer["error"], ensure_ascii=False),
                      data.get("blocked_by"))
    return dict(answer["result"])


class Rest(Way):
    """HTTP, and server-sent events beside it."""

    protocol = "http"
    routes = {
        "circuit.get": ("GET", "circuit"), "circuit.off": ("POST", "off"),
        "history.get": ("GET", "history"), "line.get": ("GET", "lines/{line}"),
        "line.set": ("PUT", "lines/{line}/value"), "lines.set": ("PUT", "lines"),
        "scene.apply": ("POST", "scenes/{scene}"),
        "scene.list": ("GET", "scenes"), "scene.stop": ("POST", "scenes/{scene}/stop"),
        "simulator.set": ("POST", "simulator/lines/{line}"),
    }

    def open(self) -> None:
        self.connection = RawConnection(self.gateway)
        self.opened.append(self.connection)
        self.peer = self.connection.socket

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        verb, path = self.routes.get(method, ("POST", "lines/{line}/" + method.split(".")[1]))
        body = {name: value for name, value in params.items() if f"{{{name}}}" not in path}
        path = "/api/v1/" + path.format(**params)
        if verb == "GET":
            answer = self.connection.ask(verb, f"{path}?{urlencode(body)}", token=self.token)
        else:
            if method == "lines.set":  # the body is the lines, and the query the rest
                body = body.pop("lines")
                path += "?" + urlencode({name: value for name, value in params.items()
                                         if name != "lines"})
            answer = self.connection.ask(verb, path, token=self.token,
                                         headers={"Content-Type": "application/json"},
                                         body=json.dumps(body).encode())
        if answer.status != 200:
            problem = answer.json
            raise Refused(problem["code"], problem["detail"], problem.get("blocked_by"))
        return dict(answer.json)

    def watch(self) -> None:
        self.ears = EventStream(self.gateway, f"/api/v1/events?since={self.gateway.cursor()}",
                                token=self.token)
        self.opened.append(self.ears.connection)

    def hear(self) -> Heard:
        name, data, _ = self.ears.next()
        return "snapshot" if name == "snapshot" else "event", data


class WebSocket(Way):
    protocol = "websocket"

    def open(self) -> None:
        self.client = RawWebSocket(self.gateway, token=self.token)
        self.opened.append(self.client.connection)
        self.peer = self.client.connection.socket

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return result_of(self.client.call(method, **params))

    def watch(self) -> None:
        self.ears = RawWebSocket(self.gateway, token=self.token)
        self.opened.append(self.ears.connection)
        self.ears.snapshot()

    def hear(self) -> Heard:
        found = self.ears.next()
        return found["method"], found["params"]


class Words(Way):
    """What has a word is said in words, else in JSON-RPC."""

    words = {"circuit.off": "off", "scene.apply": "scene", "simulator.set": "simulate"} | {
        f"line.{word}": word
        for word in ("set", "toggle", "pulse", "blink", "pwm", "stop", "lock", "unlock")}
    named = ("for_ms", "expect", "lease_ms", "lease")
    # One row for all: a new socket may have the port of one that is gone, whose answers are remembered.
    numbers = itertools.count(1)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        if method not in self.words:
            return result_of(json.loads(self.ask_json(json.dumps(
                {"jsonrpc": "2.0", "id": self.next_number(), "method": method,
                 "params": params}))))
        arguments = [f"{name}={value}" if name in self.named else str(value)
                     for name, value in params.items()]
        kind, *rest = self.ask_words(" ".join([self.words[method], *arguments])).split()
        if kind == "err":
            code, *text = rest
            raise Refused(code, " ".join(text), text[0] if code == "interlock" else None)
        assert kind == "ok", (kind, rest)
        if method in ("circuit.off", "scene.apply"):
            return {"seq": int(rest[0]), "changed": rest[1:]}
        line, value, seq = rest
        return {"line": line, "value": int(value), "seq": int(seq)}

    def next_number(self) -> int:
        return next(self.numbers)

    def ask_words(self, words: str) -> str:
        raise NotImplementedError

    def ask_json(self, question: str) -> str:
        raise NotImplementedError

    def read(self) -> str:
        """A line that the ears hear."""
        raise NotImplementedError

    def hear(self) -> Heard:
        kind, seq, *rest = self.read().split()
        if kind == "event":
            line, value, cause = rest
            return kind, {"seq": int(seq), "line": line, "value": int(value), "cause": cause}
        rows = []
        while (row := self.read()) != ".":
            name, value, line_seq = row.split()
            rows.append({"name": name, "value": int(value), "seq": int(line_seq)})
        return kind, {"seq": int(seq), "lines": rows}


class Line(Words):
    """The line protocol over TCP."""

    protocol = "line"

    def connect(self) -> LineClient:
        return LineClient(self.gateway.line, self.token)

    def open(self) -> None:
        self.client = self.connect()
        self.opened.append(self.client)
        self.peer = self.client.socket

    def ask_words(self, words: str) -> str:
        return self.client.ask(words)

    ask_json = ask_words

    def watch(self) -> None:
        self.ears = self.connect()
        self.opened.append(self.ears)
        assert self.ears.ask("watch") == "ok"

    def read(self) -> str:
        return str(self.ears.read())


class Unix(Line):
    """The line protocol over AF_UNIX: the kernel says who asks."""

    def connect(self) -> LineClient:
        return LineClient(self.gateway.unix["line"])

    @property
    def source(self) -> str:
        return f"line:unix:pid={os.getpid()}"


class Datagram(Words):
    """UDP; each question has a number of its own."""

    protocol = "datagram"

    def open(self) -> None:
        self.client = Peer(self.gateway, self.token)
        self.opened.append(self.client)
        self.peer = self.client.socket
        self.unread: list[str] = []

    def ask_words(self, words: str) -> str:
        number = f"#{self.next_number()} "
        answer = self.client.ask(number + words)
        assert answer.startswith(number), answer
        return answer.removeprefix(number)

    def ask_json(self, question: str) -> str:
        return self.client.ask(question)

    def watch(self) -> None:
        self.ears = Peer(self.gateway, self.token)
        self.opened.append(self.ears)
        assert self.ears.ask("watch 30") == "ok"

    def read(self) -> str:
        if not self.unread:
            self.unread = self.ears.hear().split("\n")
        return self.unread.pop(0)


WAYS: dict[str, type[Way]] = {"rest": Rest, "websocket": WebSocket, "line": Line, "unix": Unix,
                              "datagram": Datagram}
