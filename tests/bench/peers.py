"""What the gateway is measured beside: programs that answer the same bytes and do nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from gateway import WAIT_S, Gateway, WebSocket, some

SERVER_CORE, CLIENT_CORE = "0", "1"

TOGGLE = b'{"jsonrpc":"2.0","id":1,"method":"line.toggle","params":{"line":"red"}}'


def pinned(core: str) -> list[str]:
    """Server and client on a core each, where there are two."""
    return ["taskset", "-c", core] if (os.cpu_count() or 1) > 1 else []


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peer:
    """A child that prints its ports and ends with its standard input."""

    def __init__(self, command: list[str], ports: int = 1) -> None:
        self.process = subprocess.Popen([*pinned(SERVER_CORE), *command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.ports = [int(self.process.stdout.readline()) for _ in range(ports)]
        self.pid = self.process.pid

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(WAIT_S)
        self.process.stdout.close()


class Nginx:
    """One worker that returns a fixed body; None of its own files."""

    CONFIG = """
daemon off; master_process off; worker_processes 1; pid %(folder)s/pid; error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 100000000; keepalive_timeout 600; default_type application/json;
    client_body_temp_path %(folder)s/body; proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi; uwsgi_temp_path %(folder)s/uwsgi; scgi_temp_path %(folder)s/scgi;
    server { listen 127.0.0.1:%(port)d; location / { return 200 '%(body)s'; } }
}
"""

    def __init__(self, body: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="gpio-gateway-bench-nginx-")
        self.port = closed_port()
        config = Path(self.folder.name) / "nginx.conf"
        config.write_text(self.CONFIG % {"folder": self.folder.name, "port": self.port, "body": body.strip()},
                          encoding="utf-8")
        self.process = subprocess.Popen(
            [*pinned(SERVER_CORE), "/usr/sbin/nginx", "-c", str(config), "-e", "stderr"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    @staticmethod
    def exists() -> bool:
        return shutil.which("nginx", path="/usr/sbin:/usr/bin") is not None

    def close(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(WAIT_S)
        self.folder.cleanup()


class Requests:
    """The requests of the benchmark as files, in a folder that also has what the bare server says: the
    gateway's own bytes."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="gpio-gateway-bench-requests-")
        self.path = Path(self.folder.name)
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        json_head = head + "Content-Type: application/json\r\nContent-Length: 1\r\n"
        upgrade = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
        self.write("ask-get", f"GET /api/v1/lines/red HTTP/1.1\r\n{head}\r\n")
        self.write("ask-page", f"GET / HTTP/1.1\r\n{head}Accept-Encoding: gzip\r\n\r\n")
        self.write("ask-put0", f"PUT /api/v1/lines/red/value HTTP/1.1\r\n{json_head}\r\n0")
        self.write("ask-put1", f"PUT /api/v1/lines/red/value HTTP/1.1\r\n{json_head}\r\n1")
        self.write("ask-ws", f"GET /ws HTTP/1.1\r\n{head}{upgrade}\r\n")
        self.write("ask-sse", f"GET /api/v1/events HTTP/1.1\r\n{head}\r\n")
        self.write("ask-text", "get red\n")
        self.write("ask-text-toggle", "toggle red\n")
        self.write("ask-auth", f"auth {token}\n")
        self.write("ask-watch", f"auth {token}\nwatch\n")
        self.write("ask-udp", f"@{token} get red\n")
        self.write("ask-toggle", f"POST /api/v1/lines/red/toggle HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n")
        self.write("ask-frame", masked(TOGGLE))
        self.write("ask-nothing", "")
        self.record(gateway, token)

    def write(self, name: str, text: str | bytes) -> None:
        (self.path / name).write_bytes(text.encode() if isinstance(text, str) else text)

    def file(self, name: str) -> str:
        return str(self.path / f"ask-{name}")

    def answer(self, port: int, name: str, quiet_s: float = 0.2) -> bytes:
        """What comes in answer to a request until nothing comes any more."""
        with socket.create_connection(("127.0.0.1", port), WAIT_S) as connection:
            connection.sendall((self.path / f"ask-{name}").read_bytes())
            connection.settimeout(quiet_s)
            answer = b""
            try:
                while got := connection.recv(65536):
                    answer += got
            except TimeoutError:
                pass
            return answer

    def record(self, gateway: Gateway, token: str) -> None:
        http = gateway.ports["http"]
        self.answer(http, "put0")
        self.write("put", self.answer(http, "put1"))
        self.write("get", self.answer(http, "get"))
        self.write("page", self.answer(http, "page"))
        eye = WebSocket(gateway, token)
        stream = socket.create_connection(("127.0.0.1", http), WAIT_S)
        line = socket.create_connection(("127.0.0.1", gateway.ports["line"]), WAIT_S)
        stream.sendall((self.path / "ask-sse").read_bytes())
        line.sendall((self.path / "ask-watch").read_bytes())
        time.sleep(0.2)
        some(stream), some(line)
        self.answer(http, "toggle")
        event = eye.receive()
        self.write("ws", bytes([0x81, 126]) + len(event).to_bytes(2, "big") + event)
        self.write("sse", some(stream))
        self.write("text", some(line))
        eye.socket.sendall((self.path / "ask-frame").read_bytes())
        reply = eye.receive()
        self.write("reply", bytes([0x81, len(reply)]) + reply)
        line.sendall(b"get red\n")
        time.sleep(0.2)
        self.write("answer", some(line).splitlines(keepends=True)[-1])
        eye.close()
        for each in (stream, line):
            each.close()

    def close(self) -> None:
        self.folder.cleanup()


def masked(text: bytes) -> bytes:
    """A text frame as a client sends it, with a mask of zeros (RFC 6455 §5.3)."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text
