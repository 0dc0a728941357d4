from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The chip's outside, and the validator of Home Assistant's documents.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("hardware", "system")]

from machine import Machine  # noqa: E402
from sim import Chip, pi  # noqa: E402

SHARED = Path(os.environ["PACKAGE_FOLDER"])


@pytest.fixture(scope="session")
def chip() -> Chip:
    return pi()


@pytest.fixture(scope="session")
def machine(chip: Chip) -> Iterator[Machine]:
    """One for all tests: each goes on where the one before has ended."""
    made = Machine(os.environ["PACKAGE_ROOT"], SHARED)
    yield made
    made.close()
