"""The two libgpiods: 1.6 on the machine's own system, 2 in a Debian 13 root, on the same kernel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


class Library:
    """`version` is "1" or "2"; `root` the folder of the system that has it."""

    def __init__(self, version: str, root: str, program: str = "") -> None:
        self.version = version
        self.root = root
        self.top = "/src" if root != "/" else str(TOP)
        self.build = f"{self.top}/build/hardware/{version}"
        self.program = program or f"{self.build}/gpio-gateway"

    def __repr__(self) -> str:
        return f"libgpiod{self.version}"

    def enter(self) -> None:
        """The Debian 13 root sees this kernel's chips, files and folders; once."""
        if self.root == "/" or os.path.ismount(f"{self.root}/run"):
            return
        for folder in ("/dev", "/proc", "/sys", "/run"):
            subprocess.run(["mount", "--rbind", folder, self.root + folder], check=True)
        subprocess.run(["mount", "--bind", TOP, f"{self.root}/src"], check=True)

    def command(self, *words: str) -> list[str]:
        """What runs `words` there, in the top folder."""
        if self.root == "/":
            return list(words)
        self.enter()
        script = 'cd /src && exec "$@"'
        return ["chroot", self.root, "/bin/sh", "-c", script, "sh", *words]

    def gateway(self, *words: str) -> list[str]:
        return self.command(self.program, *words)


def libraries() -> list[Library]:
    wanted = os.environ.get("HARDWARE_LIBRARIES", "1").split()
    root = os.environ.get("HARDWARE_DEBIAN13", "")
    known = [Library("1", "/", os.environ.get("GATEWAY_BIN", "")), Library("2", root)]
    return [library for library in known if library.version in wanted and library.root]
