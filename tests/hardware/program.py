"""A gateway process on the chip, started as a person would, and a plain HTTP client for it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from library import TOP, gateway

WAIT_S = 20.0


def wait_for(what: Callable[[], Any], timeout_s: float = 5.0) -> Any:
    """Asks again until the answer is true, or the time is over; returns the last answer."""
    ends = time.monotonic() + timeout_s
    while not (answer := what()) and time.monotonic() < ends:
        time.sleep(0.02)
    return answer


def config(lines: list[dict[str, Any]], **gpio: str) -> dict[str, Any]:
    return {
        "circuit": {"name": "bench", "lines": lines},
        "gpio": {"backend": "auto"} | gpio,
        "listen": {"http": ["127.0.0.1:0"], "line": [], "datagram": []},
        "auth": {"mode": "none"},
    }


class Program:
    """`ended()` tells exit status and standard error of one that does not serve."""

    def __init__(self, description: dict[str, Any], state: Path,
                 before: tuple[str, ...] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(dir="/run/tmp"))
        self.folder.chmod(0o755)
        (self.folder / "gateway.json").write_text(json.dumps(description), encoding="utf-8")
        self.errors = self.folder / "stderr"
        words = gateway("serve", "--config", f"{self.folder}/gateway.json", "--www", "www",
                        before=before)
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                words, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env=dict(os.environ) | {"STATE_DIRECTORY": str(state)}, text=True)
        self.port = 0

    def serve(self) -> Program:
        """Waits for the line `ready`."""
        assert self.process.stdout
        limit = threading.Timer(WAIT_S, self.process.kill)
        limit.start()
        for line in self.process.stdout:
            words = line.split()
            if words[:2] == ["listening", "http"]:
                self.port = int(words[2].rstrip("/").rsplit(":", 1)[1])
            if words == ["ready"]:
                break
        limit.cancel()
        assert self.port, self.said()
        return self

    def said(self) -> str:
        return self.errors.read_text(encoding="utf-8")

    def ended(self) -> tuple[int, str]:
        return self.process.wait(WAIT_S), self.said()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body),
                               headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def line(self, name: str) -> dict[str, Any]:
        status, line = self.ask("GET", f"lines/{name}")
        assert status == 200, line
        return line

    def set(self, name: str, value: int) -> None:
        status, answer = self.ask("PUT", f"lines/{name}/value", value)
        assert status == 200, answer

    def edges(self, name: str) -> list[dict[str, Any]]:
        """What the history knows of a line since the start, without its first value."""
        status, answer = self.ask("GET", f"history?line={name}")
        assert status == 200, answer
        return [event for event in answer["events"] if event["cause"] == "edge"]
