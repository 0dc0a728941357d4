"""The rules of the port in C (gateway/gpio/gpio.h) on the kernel's own GPIO device: each case of
test_port.c, on both libgpiods."""

from __future__ import annotations

import re
import subprocess
from functools import cache

import pytest

from library import Library, libraries

# The longest case, the burst, takes three seconds.
WAIT_S = 120


def cases(library: Library) -> list[str]:
    return subprocess.check_output(library.port("--list"), text=True, timeout=WAIT_S).split()


@cache
def run_all(library: Library) -> dict[str, str]:
    """The words of each case, all run by one process as one list."""
    ran = subprocess.run(library.port(), text=True, timeout=WAIT_S, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    parts = re.split(r"^\[ RUN      \] (\w+)$", ran.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    pairs = [(library, case) for library in libraries() for case in cases(library)]
    metafunc.parametrize("system,case", pairs, ids=[f"{a}-{b}" for a, b in pairs])


def test_port(system: Library, case: str) -> None:
    words = run_all(system).get(case, "it did not run: the process ended before")
    assert f"[       OK ] {case}" in words, words
