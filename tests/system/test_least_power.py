"""What the unit and the container let the gateway do, and no more."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import TOP, Gateway, wait_until

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


# ---- what the gateway gives up by itself ----


def threads(gateway: Gateway) -> dict[int, dict[str, str]]:
    """What /proc says of each."""
    return {int(folder.name): dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines()
                                   if ":\t" in line)
            for folder in Path(f"/proc/{gateway.pid}/task").iterdir()}


@pytest.mark.skipif("GATEWAY_SANITIZED" in os.environ, reason="sanitizers make calls of their own")
def test_every_thread_that_reads_or_writes_is_fenced(start_gateway: StartGateway) -> None:
    """One is not: it forks the helpers, and reads nothing of a peer."""
    gateway = start_gateway({"history": {"file": True}})
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200
    found = threads(gateway)
    assert found[gateway.pid]["Seccomp"] == "2" and found[gateway.pid]["NoNewPrivs"] == "1"
    assert [each["Seccomp"] for each in found.values()].count("0") == 1
    assert "sandbox" not in gateway.log


def test_the_fence_can_be_left_away(start_gateway: StartGateway) -> None:
    gateway = start_gateway(env={"GPIO_GATEWAY_SANDBOX": "off"})
    assert {each["Seccomp"] for each in threads(gateway).values()} == {"0"}
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200


@pytest.mark.skipif("GATEWAY_SANITIZED" in os.environ, reason="sanitizers make calls of their own")
def test_everything_is_used_without_a_call_that_is_refused(start_gateway: StartGateway) -> None:
    """The kernel's log names what the filter did not know. clone3(2) it does not: the C library takes clone(2)."""
    before = refused()
    if before is None:
        pytest.skip("the kernel's log cannot be read here")
    gateway = start_gateway({"history": {"file": True}})
    for path in ("/", "/metrics", "/api/v1/circuit", "/api/v1/openapi.json", "/api/v1/sockets", "/api/v1/pins",
                 "/api/v1/history?format=csv", "/api/v1/neighbours"):
        assert gateway.get(path).status == 200, path
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reload done" in gateway.log, "reload")
    gateway.check()
    after = [line for line in refused() or [] if f"pid={gateway.pid} " in line]
    assert not [line for line in after if "syscall=435 " not in line], after


def refused() -> list[str] | None:
    """The lines of the kernel's log, where root may read it."""
    told = subprocess.run(["dmesg"], capture_output=True, text=True, check=False)
    return [line for line in told.stdout.splitlines() if "type=1326" in line] if told.returncode == 0 else None
