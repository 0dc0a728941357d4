from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manager import Manager
from program import Program
from sim import Chip, pi


@pytest.fixture
def chip() -> Iterator[Chip]:
    """A Pi's own chip, whose number grows when a test left another one in use."""
    yield pi()


@pytest.fixture
def expander() -> Iterator[Chip]:
    """A small chip beside it, to be unplugged: Linux 6.1 never gives back the line numbers of a chip
    that went away in use, and has 512."""
    chip = Chip("expander", "expander", {offset: f"X{offset}" for offset in range(4)}, 4)
    yield chip
    chip.remove()


@pytest.fixture
def state() -> Path:
    """A state folder that outlives a gateway."""
    folder = Path(tempfile.mkdtemp(dir="/run/tmp"))
    folder.chmod(0o700)
    return folder


@pytest.fixture
def manager(state: Path) -> Iterator[Manager]:
    made = Manager(state)
    yield made
    made.close()


@pytest.fixture
def launch(state: Path) -> Iterator[Callable[..., Program]]:
    """Starts gateways that end with the test; `.serve()` waits until one is ready."""
    programs: list[Program] = []

    def start(description: dict[str, Any], **more: Any) -> Program:
        programs.append(Program(description, state, **more))
        return programs[-1]

    yield start
    for program in programs:
        program.close()
