"""The packages under test: built once, the wheel unpacked as an installer would."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
_SCRATCH = tempfile.TemporaryDirectory(prefix="gpio-gateway-clients-")
SITE = Path(_SCRATCH.name) / "site"
DIST = Path(_SCRATCH.name) / "dist"


def build() -> Path:
    """Builds; the folder that holds it all."""
    subprocess.run(
        [TOP / "packaging" / "build", "clients"],
        check=True,
        capture_output=True,
        env={**os.environ, "PACKAGES": str(DIST)},
    )
    with zipfile.ZipFile(next(DIST.glob("*.whl"))) as wheel:
        wheel.extractall(SITE)
    return Path(_SCRATCH.name)


def clean() -> None:
    _SCRATCH.cleanup()
