"""A real gateway process with folders of its own, and what a test asks of it."""

from __future__ import annotations

import contextlib
import copy
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping
from urllib.parse import urlsplit

TOP = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(os.environ.get("GATEWAY_BIN", TOP / "build" / "gpio-gateway")).resolve())
BUILT = Path(PROGRAM).with_name("www")  # with the twins that the build makes
WWW = BUILT if BUILT.is_dir() else TOP / "www"

WAIT_S = 10.0  # for what happens at once on a machine that is not busy
STOP_S = 2.0  # the gateway's own promise
REPORTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")

# Three LEDs, two of everything that a test might want to keep apart, and inputs of both senses.
LINES: list[dict[str, Any]] = [
    {"name": "red", "title": {"en": "Red LED", "ko": "빨간 LED"}, "part": "led", "color": "red",
     "gpio": "GPIO17", "direction": "output", "initial": 0, "safe": 0},
    {"name": "yellow", "part": "led", "color": "gold", "gpio": "GPIO27", "direction": "output"},
    {"name": "green", "part": "led", "color": "green", "gpio": "GPIO23", "direction": "output"},
    {"name": "button", "part": "button", "gpio": "GPIO22", "direction": "input", "bias": "pull-up",
     "active_low": True},
    {"name": "motion", "part": "motion", "gpio": "GPIO26", "direction": "input",
     "bias": "pull-down"},
]
CONFIG: dict[str, Any] = {
    "circuit": {"name": "breadboard", "title": {"en": "Breadboard", "ko": "브레드보드"},
                "lines": LINES},
    "gpio": {"backend": "simulator"},
    "listen": {"http": ["127.0.0.1:0", "unix:http.sock"],
               "line": ["tcp:127.0.0.1:0", "unix:gateway.sock"],
               "datagram": ["udp:127.0.0.1:0"]},
}


def config_with(changes: Mapping[str, Any] | None = None,
                lines: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """CONFIG with `changes` laid over it, section by section; `lines` replaces the circuit's."""
    merged = copy.deepcopy(CONFIG)

    def lay(below: dict[str, Any], over: Mapping[str, Any]) -> None:
        for key, value in over.items():
            if isinstance(value, Mapping) and isinstance(below.get(key), dict):
                lay(below[key], value)
            else:
                below[key] = copy.deepcopy(value)

    lay(merged, changes or {})
    if lines is not None:
        merged["circuit"]["lines"] = copy.deepcopy(lines)
    return merged


def wait_until(condition: Callable[[], Any], what: str, seconds: float = WAIT_S) -> Any:
    """Looks again and again; fails with `what` when it does not come."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"within {seconds} s there was no {what}"
        time.sleep(0.005)


class Answer:
    """Of an HTTP request. `headers` looks a name up whatever its case."""

    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return (self.headers["Content-Type"] or "").split(";")[0].strip()

    def __repr__(self) -> str:
        return f"<{self.status} {self.media_type} {self.body[:300]!r}>"


class UnixHTTPConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float = WAIT_S) -> None:
        super().__init__("gateway", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Gateway:
    """One run. `start()` returns once the line `ready` was read, or the process has ended."""

    def __init__(self, folder: Path, config: Mapping[str, Any] | None = None,
                 args: Iterable[str] = (), env: Mapping[str, str] | None = None, *,
                 www: Path | str | None = WWW, preexec: Callable[[], None] | None = None,
                 program: str = PROGRAM, stdout: int = subprocess.PIPE) -> None:
        self.folder = folder
        self.state = folder / "s" / "gpio-gateway"
        self.runtime = folder / "r" / "gpio-gateway"  # short: a socket's path has 107 bytes
        self.config_path = folder / "gateway.json"
        self.program = program
        self.stdout_lines: list[str] = []
        self.listening: list[tuple[str, str]] = []
        self.is_ready = False
        self._output = b""
        self._connection: http.client.HTTPConnection | None = None
        for path in (folder, self.state.parent, self.runtime.parent):
            path.mkdir(exist_ok=True, mode=0o700)
        if config is not None:
            self.write_config(config)
        self.environment = {
            key: value for key, value in os.environ.items()
            if not key.endswith("_DIRECTORY") and key not in ("JOURNAL_STREAM", "NOTIFY_SOCKET",
                                                              "LISTEN_FDS", "LISTEN_PID")
        }
        self.environment |= {"XDG_STATE_HOME": str(self.state.parent),
                             "XDG_RUNTIME_DIR": str(self.runtime.parent), "HOME": str(folder)}
        self.environment |= dict(env or {})
        self.log_path = folder / f"stderr-{len(list(folder.glob('stderr-*')))}"
        command = [program, "serve"]
        if config is not None:
            command += ["--config", str(self.config_path)]
        if www is not None:
            command += ["--www", str(www)]
        with open(self.log_path, "wb") as errors:
            self.process = subprocess.Popen(
                [*command, *args], cwd=TOP, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=stdout, stderr=errors, preexec_fn=preexec)

    # ---- life ----

    def write_config(self, config: Mapping[str, Any]) -> None:
        self.config_path.write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")

    def read_lines(self, until: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Reads standard output until `until`, its end, or the time is up."""
        if not self.process.stdout:
            return
        fd = self.process.stdout.fileno()
        end = time.monotonic() + seconds
        while not until():
            readable, _, _ = select.select([fd], [], [], max(0.0, end - time.monotonic()))
            got = os.read(fd, 65536) if readable else b""
            if not got:
                return
            self._output += got
            *whole, self._output = self._output.split(b"\n")
            for line in whole:
                self._take_line(line.decode("utf-8"))

    def _take_line(self, line: str) -> None:
        self.stdout_lines.append(line)
        words = line.split()
        if words[:1] == ["listening"] and len(words) == 3:
            self.listening.append((words[1], words[2]))
        self.is_ready = self.is_ready or line == "ready"

    def start(self) -> Gateway:
        self.read_lines(lambda: self.is_ready)
        if not self.is_ready:
            ended = self.process.poll()
            self.kill()
            raise AssertionError(f"the gateway did not say ready (exit {ended}): {self.log}")
        return self

    def stop(self, number: int = signal.SIGTERM, seconds: float = STOP_S) -> int:
        """Ends the run; its exit status. It must end by itself within its promise."""
        if self._connection:
            self._connection.close()
            self._connection = None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not end within {seconds} s: {self.log}") from None
        self.read_lines(lambda: False, 0.5)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def check(self) -> None:
        """Ends it, and holds it to the end's promise: status 0, and no sanitizer's report."""
        if self.process.returncode is None:
            status = self.stop()
            assert status == 0, f"exit {status} after SIGTERM: {self.log}"
        elif self.process.stdout:
            self.process.stdout.close()
        found = [line for line in self.log.splitlines() if any(word in line for word in REPORTS)]
        assert not found, self.log

    # ---- where it is ----

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def address(self, kind: str, family: str = "") -> str:
        """The first printed address of a kind ("http", "line", "datagram")."""
        for name, address in self.listening:
            if name == kind and address.startswith("unix:") == (family == "unix"):
                return address
        raise AssertionError(f"nothing listens: {kind} {family} in {self.listening}")

    @property
    def http(self) -> str:
        """As http://127.0.0.1:43121, without the last slash."""
        return self.address("http").rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.http).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.http).port or 80

    @property
    def ws(self) -> str:
        return "ws" + self.http.removeprefix("http") + "/ws"

    @staticmethod
    def _pair(address: str) -> tuple[str, int]:
        host, _, port = address.split(":", 1)[1].rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def line(self) -> tuple[str, int]:
        """Host and port of the line protocol over TCP."""
        return self._pair(self.address("line"))

    @property
    def datagram(self) -> tuple[str, int]:
        """Host and port of the datagram protocol over UDP."""
        return self._pair(self.address("datagram"))

    @property
    def unix(self) -> dict[str, str]:
        """Paths of the AF_UNIX sockets by kind."""
        found: dict[str, str] = {}
        for kind, address in self.listening:
            if address.startswith("unix:"):
                found.setdefault(kind, address.removeprefix("unix:"))
        return found

    # ---- tokens ----

    def run(self, *words: str, seconds: float = WAIT_S) -> subprocess.CompletedProcess[str]:
        """Another run of the program with the same folders."""
        return subprocess.run([self.program, *words], cwd=TOP, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
                              check=False)

    @property
    def tokens(self) -> dict[str, str]:
        """The first token of each role."""
        if not hasattr(self, "_tokens"):
            shown = self.run("token", "show")
            assert shown.returncode == 0, shown.stderr
            self._tokens = dict(
                line.split() for line in shown.stdout.splitlines()
                if line.startswith(("operator ", "viewer ", "admin ")))
        return self._tokens

    @property
    def token(self) -> str:
        """The operator's."""
        return self.tokens["operator"]

    @property
    def viewer_token(self) -> str:
        return self.tokens["viewer"]

    # ---- HTTP ----

    def request(self, method: str, path: str, body: Any = None, *, token: str | None = "",
                headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a kept connection. `body`: bytes as they are, anything else as JSON.
        `token`: the operator's where it is not given, none where it is None."""
        fields = dict(headers or {})
        if token is not None and not any(key.lower() in ("authorization", "cookie")
                                         for key in fields):
            fields["Authorization"] = f"Bearer {token or self.token}"
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
        if data is not None and not any(key.lower() == "content-type" for key in fields):
            fields["Content-Type"] = "application/json"
        for attempt in range(2):
            reused = self._connection is not None
            if not self._connection:
                self._connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT_S)
            try:
                self._connection.request(method, path, data, fields)
                response = self._connection.getresponse()
                answer = Answer(response.status, response.headers, response.read())
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # A kept connection may have been closed meanwhile; a fresh one must answer.
                self._connection.close()
                self._connection = None
                if not reused or attempt:
                    raise
        if self._connection and response.will_close:
            self._connection.close()
            self._connection = None
        return answer

    def get(self, path: str, **more: Any) -> Answer:
        return self.request("GET", path, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.request("PUT", path, body, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.request("POST", path, body, **more)

    def value(self, line: str) -> int:
        return int(self.get(f"/api/v1/lines/{line}/value").json)

    def circuit(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/api/v1/circuit").json
        return found

    def cursor(self) -> str:
        """`<boot>-<seq>` of this moment."""
        circuit = self.circuit()
        return f"{circuit['boot']}-{circuit['seq']}"

    def rpc(self, method: str, **params: Any) -> Any:
        """A call over HTTP; the whole answer."""
        return self.post("/api/v1/rpc",
                         {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).json

    # ---- what the kernel says of it ----

    def resident_kb(self) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in text.splitlines()
                    if line.startswith("VmRSS:"))

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def open_files(self) -> list[str]:
        """What its descriptors are, without those that it closes meanwhile."""
        found = []
        for each in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found.append(os.readlink(each))
        return found
