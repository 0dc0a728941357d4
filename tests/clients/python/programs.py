"""Programs that use the client, and a proxy between them and the gateway."""

from __future__ import annotations

import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
from typing import Any, Mapping

from built import SITE


class Script:
    """A Python program with the client installed. What it prints is read line by line."""

    def __init__(self, source: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", source],
            stdin=subprocess.DEVNULL,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(SITE), "GPIOZERO_PIN_FACTORY": "gateway", **env},
        )
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line.rstrip())
                self._more.notify_all()

    def wait_for(self, line: str, seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        with self._more:
            while line not in self.lines:
                left = end - time.monotonic()
                assert left > 0, f"no {line!r} in {self.lines}"
                self._more.wait(left)

    def finish(self, seconds: float = 15.0) -> int:
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        return status

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Proxy:
    """Passes bytes on to `target`, so that a test can take them away. With `context` it is the TLS
    side of a reverse proxy."""

    def __init__(self, target: tuple[str, int], context: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.swallow_answers = False  # what the gateway says is read and dropped
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                if self._context:
                    near = self._context.wrap_socket(near, server_side=True)
                far = socket.create_connection(self.target, 5)
            except ValueError:
                return
            except OSError:
                if self._listener.fileno() < 0:
                    return
                near.close()
                continue
            self._pairs.append((near, far))
            threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while True:
                pending = isinstance(near, ssl.SSLSocket) and near.pending()
                readable = [near] if pending else select.select([near, far], [], [])[0]
                for source in readable:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is near:
                        far.sendall(data)
                    elif not self.swallow_answers:
                        near.sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            near.close()
            far.close()

    def cut(self) -> None:
        """Ends every connection."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self) -> None:
        self._listener.close()
        self.cut()


def environment(process: Any) -> dict[str, str]:
    """What a script needs to find the gateway."""
    return {"GPIO_GATEWAY_URL": process.http, "GPIO_GATEWAY_TOKEN": process.token}
