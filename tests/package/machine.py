"""A Debian system that runs its own systemd, beside a GPIO chip: see boot."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
BOOT_S = 180.0
WAIT_S = 60.0  # a User-Mode Linux kernel is slow, and may share its processor


def wait_for(what: Callable[[], Any], name: str, timeout_s: float = WAIT_S) -> Any:
    """Asks again until the answer is true; fails with `name` when the time is over."""
    ends = time.monotonic() + timeout_s
    while not (answer := what()):
        assert time.monotonic() < ends, f"within {timeout_s} s there was no {name}"
        time.sleep(0.1)
    return answer


class Machine:
    def __init__(self, root: str, shared: Path) -> None:
        self.boot = subprocess.Popen([TOP / "tests/package/boot", root, shared], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL)
        self.pid = wait_for(self.find_init, "first process", BOOT_S)
        wait_for(self.is_up, "end of the start", BOOT_S)

    def find_init(self) -> int:
        """The child of unshare(1), once it is systemd; 0 before."""
        assert self.boot.poll() is None, "tests/package/boot has ended"
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, name, _, parent = stat.read_text(encoding="ascii").split()[:4]
                if (name, parent) == ("(systemd)", str(self.boot.pid)):
                    return int(pid)
        return 0

    def is_up(self) -> bool:
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of the root user there; its output is one text."""
        done = subprocess.run(
            ["nsenter", f"--target={self.pid}", "--all", "--root", "--", "/usr/bin/env", "-i", "LC_ALL=C.UTF-8",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
             "/bin/sh", "-c", 'cd / && exec "$@"', "sh", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        assert not check or done.returncode == 0, f"{words}: {done.stdout}\n{self.log()}"
        return done

    def path(self, path: str) -> Path:
        """The same file, seen from here."""
        return Path(f"/proc/{self.pid}/root{path}")

    def unit(self, name: str) -> str:
        return self.run("systemctl", "show", "--value", f"--property={name}", "gpio-gateway").stdout.strip()

    def log(self) -> str:
        return self.run("journalctl", "--no-pager", "-n", "40", check=False).stdout

    def wait(self, what: Callable[[], Any], name: str) -> Any:
        """As wait_for(); when it fails it shows the system's last words."""
        try:
            return wait_for(what, name)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def get(self, path: str, host: str = "127.0.0.1:8080") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=WAIT_S)
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def health(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.get("/healthz")[1])
        return document

    def close(self) -> None:
        os.kill(self.pid, 9)
        self.boot.wait(WAIT_S)
