"""How late what cuts an output off comes while others flood the gateway: a limit (max_on_ms), a lease, the gap of an
interlock, and the end of PWM, under each flood and under all of them together."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

from gateway import Gateway, Http
from peers import CLIENT_CORE, SERVER_CORE, pinned
from rows import told

LIMIT_MS = 100
CONNECTIONS = 16
GOAL_MS = 10.0
LINES: list[dict[str, object]] = [
    {"name": "pump", "direction": "output", "max_on_ms": LIMIT_MS},
    {"name": "held", "direction": "output", "lease_ms": LIMIT_MS},
    {"name": "open", "direction": "output"},
    {"name": "close", "direction": "output"},
    {"name": "lamp", "direction": "output", "lease_ms": LIMIT_MS},
    {"name": "red", "direction": "output"},
    {"name": "button", "direction": "input"},
]
INTERLOCKS = [{"name": "door", "mode": "break-before-make", "gap_ms": LIMIT_MS, "lines": ["open", "close"]}]


def calls(method: str, count: int, **params: object) -> str:
    return json.dumps([{"jsonrpc": "2.0", "id": number, "method": method, "params": params} for number in range(count)])


FLOODS = {
    "histories of a line without events": calls("history.get", 64, line="button", limit=4096),
    "long histories": calls("history.get", 8, limit=4096),
    "whole circuits": calls("circuit.get", 64),
    "lists of sockets that nobody hears": json.dumps([{"jsonrpc": "2.0", "method": "sockets.list"}] * 64),
    "demonstrations": calls("sockets.demonstrate", 4, step=1),
    "toggles": calls("line.toggle", 64, line="red"),
}


def flood(port: int, token: str, bodies: list[str]) -> None:
    """A process of its own, until it is killed: requests on many connections, each asked again once it has answered."""
    def request(body: str) -> bytes:
        return (f"POST /api/v1/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: "
                f"application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}").encode()

    import selectors
    chosen = selectors.DefaultSelector()

    def begin(number: int) -> None:
        client = socket.create_connection(("127.0.0.1", port), 10)
        client.sendall(request(bodies[number % len(bodies)]))
        client.setblocking(False)
        chosen.register(client, selectors.EVENT_READ, number)

    for number in range(CONNECTIONS):
        begin(number)
    while True:
        for key, _ in chosen.select(1):
            assert isinstance(key.fileobj, socket.socket)
            try:
                if key.fileobj.recv(1 << 20):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            chosen.unregister(key.fileobj)
            key.fileobj.close()
            try:
                begin(key.data)
            except OSError:
                time.sleep(0.05)
                begin(key.data)


class Hand:
    """The one whose outputs they are."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        self.http = Http(gateway, token)

    def ask(self, method: str, path: str, body: str = "") -> bytes:
        self.http.socket.sendall(f"{method} {path} HTTP/1.1\r\n{self.http.head}Content-Type: application/json\r\n"
                                 f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return self.http.receive()

    def events(self, line: str) -> list[dict[str, object]]:
        answer = self.ask("GET", f"/api/v1/history?line={line}&limit=8")
        found: list[dict[str, object]] = json.loads(answer[answer.index(b"{"):])["events"]
        return found

    def lateness_ms(self) -> dict[str, float] | None:
        """Each once, at the same time; None where a flood of events has pushed theirs out of the history."""
        self.ask("PUT", "/api/v1/lines/open/value", "1")
        self.ask("PUT", "/api/v1/lines/pump/value", "1")
        self.ask("PUT", "/api/v1/lines/held/value", "1")
        self.ask("POST", "/api/v1/lines/lamp/pwm", '{"duty": 0.5}')
        self.ask("PUT", "/api/v1/lines/close/value", "1")
        time.sleep(3 * LIMIT_MS / 1000)
        times = {line: [int(str(event["time_ns"])) / 1e6 for event in self.events(line)[-2:]]
                 for line in ("pump", "held", "lamp", "open", "close")}
        self.ask("PUT", "/api/v1/lines/close/value", "0")
        if not all(len(of_line) == 2 for of_line in times.values()):
            return None
        late = {"max_on_ms": times["pump"], "a lease": times["held"], "PWM": times["lamp"],
                "an interlock's gap": [times["open"][-1], times["close"][-1]]}
        return {name: last - first - LIMIT_MS for name, (first, last) in late.items()}


def under(program: str, bodies: list[str], times: int) -> dict[str, float]:
    """The worst of so many; nothing where none could be seen."""
    with Gateway(program, LINES, before=pinned(SERVER_CORE), circuit={"interlocks": INTERLOCKS}) as gateway:
        token = gateway.token()
        hand = Hand(gateway, token)
        for _ in range(100):
            hand.ask("POST", "/api/v1/rpc", FLOODS["toggles"])
        flooding = subprocess.Popen([*pinned(CLIENT_CORE), sys.executable, __file__, str(gateway.port), token],
                                    stdin=subprocess.PIPE, text=True)
        assert flooding.stdin
        flooding.stdin.write(json.dumps(bodies))
        flooding.stdin.close()
        time.sleep(0.3)
        try:
            found = [late for late in (hand.lateness_ms() for _ in range(times)) if late]
        finally:
            flooding.kill()
            flooding.wait()
    return {name: max(each[name] for each in found) for each in found[:1] for name in each}


def measure(program: str, quick: bool) -> None:
    print("\nwhat cuts an output off, under floods")
    for name, bodies in [*((name, [body]) for name, body in FLOODS.items()), ("all of them", list(FLOODS.values()))]:
        late = under(program, bodies, 3 if quick else 10)
        if not late:
            print(f"latest cut-off under {name}: not seen, its events leave the history too soon")
            continue
        worst = max(late, key=lambda what: late[what])
        told(f"latest cut-off under {name}", late[worst], "ms", GOAL_MS,
             ", ".join(f"{what} {value:.2f}" for what, value in late.items()))


if __name__ == "__main__":
    flood(int(sys.argv[1]), sys.argv[2], json.loads(sys.stdin.read()))
