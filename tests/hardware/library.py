"""The system whose libgpiod is tested: this machine's own with 1.6, or a Debian 13 root with 2."""

from __future__ import annotations

import os
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# "1" or "2", and where the system that has it stands. tests/hardware/run sets both.
LIBRARY = os.environ.get("HARDWARE_LIBRARY", "1")
ROOT = os.environ.get("HARDWARE_ROOT", "/")


def gateway(*words: str, before: tuple[str, ...] = ()) -> list[str]:
    """The command that runs the gateway there, in the top folder; `before` stands in front of it."""
    program = f"build/hardware/{LIBRARY}/gpio-gateway"
    if ROOT == "/":
        program = os.environ.get("GATEWAY_BIN") or program
    return ["tests/hardware/inside", ROOT, *before, program, *words]
