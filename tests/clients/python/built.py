"""The packages under test: built once, the wheel unpacked as an installer would."""

from __future__ import annotations

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
        [TOP / "clients" / "python" / "build", DIST], check=True, stdout=subprocess.DEVNULL
    )
    with zipfile.ZipFile(next(DIST.glob("*.whl"))) as wheel:
        wheel.extractall(SITE)
    return Path(_SCRATCH.name)


def clean() -> None:
    _SCRATCH.cleanup()
