"""A gateway process on a free loopback port with a state folder of its own, and two plain clients."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
WAIT_S = 10.0

CONFIG = {
    "circuit": {
        "name": "bench",
        "lines": [
            {"name": "red", "part": "led", "direction": "output"},
            {"name": "green", "part": "led", "direction": "output"},
            {"name": "button", "part": "button", "direction": "input", "bias": "pull-up"},
        ],
    },
    "gpio": {"backend": "simulator"},
    "listen": {"http": ["127.0.0.1:0"], "line": ["tcp:127.0.0.1:0"], "datagram": ["udp:127.0.0.1:0"]},
    "limits": {"connections": 2000, "connections_per_peer": 2000},
}


class Gateway:
    """Starts in the constructor; `ready_ms` is the time from fork to the line `ready`. Without `lines` it
    has those of CONFIG. `before` stands in front of the program, as `taskset -c 0` may; the tokens are those
    of `tokens_of`."""

    def __init__(self, program: str, lines: list[dict[str, object]] | None = None,
                 before: list[str] | None = None, tokens_of: Gateway | None = None,
                 circuit: dict[str, object] | None = None) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="gpio-gateway-bench-")
        home = Path(self.folder.name)
        config = home / "gateway.json"
        circuit = {**CONFIG["circuit"], **({"lines": lines} if lines else {}), **(circuit or {})}
        config.write_text(json.dumps({**CONFIG, "circuit": circuit}), encoding="utf-8")
        if tokens_of:
            (home / "gpio-gateway").mkdir(mode=0o700)
            shutil.copy2(Path(tokens_of.folder.name) / "gpio-gateway" / "token", home / "gpio-gateway")
        environment = {k: v for k, v in os.environ.items() if not k.endswith("_DIRECTORY")}
        environment |= {"XDG_STATE_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "HOME": str(home)}
        self.environment = environment
        self.program = program
        self.errors = open(home / "stderr", "w+", encoding="utf-8")
        built = Path(program).resolve().with_name("www")  # with the twins that the build makes
        www = built if built.is_dir() else TOP / "www"
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [*(before or []), program, "serve", "--config", str(config), "--www", str(www)],
            cwd=TOP, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
        )
        self.port = 0
        self.ports: dict[str, int] = {}
        assert self.process.stdout
        for line in self.process.stdout:
            words = line.split()
            if words[:1] == ["listening"]:
                self.ports[words[1]] = int(words[2].rstrip("/").rsplit(":", 1)[1])
            if words == ["ready"]:
                break
        self.port = self.ports.get("http", 0)
        self.ready_ms = (time.perf_counter() - began) * 1e3
        if not self.port:
            self.errors.seek(0)
            raise RuntimeError(f"the gateway did not start: {self.errors.read()}")

    def __enter__(self) -> Gateway:
        return self

    def close(self) -> None:
        self.__exit__()

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self.errors.close()
        self.folder.cleanup()

    def token(self) -> str:
        shown = subprocess.run(
            [self.program, "token", "show"], cwd=TOP, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S, check=True,
        ).stdout
        return next(line.split()[1] for line in shown.splitlines() if line.startswith("operator "))

    def status(self, key: str) -> int:
        """A number of /proc/PID/status; memory is in kB there."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(key + ":"))

    def resident_mb(self) -> float:
        return self.status("VmRSS") * 1024 / 1e6

    def wake_ups(self, seconds: float) -> int:
        """How often it was put to sleep, and so had been awake, in that time."""
        before = self.status("voluntary_ctxt_switches")
        time.sleep(seconds)
        return self.status("voluntary_ctxt_switches") - before


class Http:
    """One keep-alive connection."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", gateway.port), WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: 127.0.0.1:{gateway.port}\r\nAuthorization: Bearer {token}\r\n"

    def request(self, method: str, path: str) -> bytes:
        self.send(method, path)
        return self.receive()

    def send(self, method: str, path: str) -> None:
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: 0\r\n\r\n".encode())

    def receive(self) -> bytes:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += some(self.socket)
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(f.lower().split(b": ", 1) for f in head.split(b"\r\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += some(self.socket)
        if head.split()[1] != b"200":
            raise RuntimeError(f"{head!r} {body!r}")
        return body

    def close(self) -> None:
        self.socket.close()


class WebSocket:
    """Reads text frames as the server sends them: unmasked, unfragmented."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", gateway.port), WAIT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nAuthorization: Bearer {token}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: gpio-gateway.v1\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += some(self.socket)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if head.split()[1] != b"101":
            raise RuntimeError(f"no upgrade: {head!r} {self.rest!r}")
        self.receive()  # the snapshot

    def receive(self) -> bytes:
        head = self.take(2)
        length = head[1] & 0x7F
        if length == 126:
            [length] = struct.unpack(">H", self.take(2))
        elif length == 127:
            [length] = struct.unpack(">Q", self.take(8))
        return self.take(length)

    def take(self, length: int) -> bytes:
        while len(self.rest) < length:
            self.rest += some(self.socket)
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def close(self) -> None:
        self.socket.close()


def some(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise RuntimeError("the gateway closed the connection")
    return got
