"""What the unit and the container let the gateway do, and no more."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from gateway_process import TOP

UNIT = TOP / "config" / "gpio-gateway.service"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
def test_unit_is_exposed_by_1_5_at_most() -> None:
    """systemd rates it itself (systemd-analyze(1), security)."""
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
                          capture_output=True, text=True, check=False).stdout
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", told)
    assert found and float(found[1]) <= 1.5, told


def test_container_has_the_same_fences() -> None:
    compose = (TOP / "config" / "compose.yaml").read_text(encoding="utf-8")
    for fence in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "pids_limit:", "mem_limit: 128m",
                  "max-size:"):
        assert fence in compose
    user = re.search(r"--uid (\d+)", (TOP / "Dockerfile").read_text(encoding="utf-8"))
    assert user and f"uid={user[1]},gid={user[1]}" in compose
