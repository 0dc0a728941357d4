"""State folders that are full, read-only or slow: outputs still switch, and the log says what was not stored."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StartGateway
from faults import SHIM, Faults
from gateway_process import Gateway, config_with, wait_until

SMALL_BYTES = 256 * 1024
LAST = [{"name": "red", "direction": "output", "initial": "last"}]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a gateway whose state has a small file system of its own."""
    state = tmp_path / "g" / "s" / "gpio-gateway"
    state.mkdir(parents=True, mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES},mode=700", "none", str(state)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root, and to mount")
    yield tmp_path / "g"
    subprocess.run(["umount", "--lazy", str(state)], check=True)


def fill(state: Path) -> Path:
    """Takes what is left, to the last byte."""
    path = state / "ballast"
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def set_red(gateway: Gateway, value: int) -> None:
    began = time.monotonic()
    answer = gateway.put("/api/v1/lines/red/value", value)
    assert answer.status == 200 and gateway.value("red") == value, answer
    assert time.monotonic() - began < 2, "the file system is waited for"


def test_a_full_disk_stops_no_output_and_is_written_when_there_is_room(start_gateway: StartGateway,
                                                                       disk: Path) -> None:
    gateway = start_gateway({"history": {"file": True}}, lines=LAST, folder=disk)
    ballast = fill(gateway.state)
    set_red(gateway, 1)
    wait_until(lambda: "No space left" in gateway.log, "word of the full disk")
    assert gateway.post("/api/v1/session", {"token": gateway.token}, token=None).status == 200
    set_red(gateway, 0)
    ballast.unlink()
    wait_until(lambda: _keeps(gateway), "values on the disk", 30)
    gateway.check()
    assert start_gateway(lines=LAST, folder=disk).value("red") == 1


def _keeps(gateway: Gateway) -> bool:
    set_red(gateway, 1)
    path = gateway.state / "lines.json"
    return path.is_file() and path.stat().st_size > 0 and '"red"' in path.read_text(encoding="utf-8")


def test_a_disk_that_becomes_read_only_stops_no_output(start_gateway: StartGateway, disk: Path) -> None:
    gateway = start_gateway(folder=disk)
    assert gateway.token
    remount = ["mount", "-o", "remount,ro", str(gateway.state)]
    wait_until(lambda: subprocess.run(remount, capture_output=True, check=False).returncode == 0, "nobody who writes")
    set_red(gateway, 1)
    wait_until(lambda: "Read-only file system" in gateway.log, "word of it")
    set_red(gateway, 0)
    gateway.check()


def test_a_read_only_disk_refuses_the_start_with_its_remedy(disk: Path) -> None:
    state = disk / "s" / "gpio-gateway"
    assert subprocess.run(["mount", "-o", "remount,ro", str(state)], check=False).returncode == 0
    gateway = Gateway(disk, config_with({"auth": {"mode": "none"}}))
    assert gateway.process.wait(10) == 78
    assert "read-only" in gateway.log and "STATE_DIRECTORY" in gateway.log
    gateway.check()


@pytest.mark.parametrize("kind", ["write", "fsync", "rename"])
def test_a_slow_disk_is_waited_for_by_nobody(start_gateway: StartGateway, tmp_path: Path, kind: str) -> None:
    if not SHIM.is_file():
        pytest.skip("sanitizers have their own malloc")
    faults = Faults(tmp_path / "plan")
    gateway = start_gateway({"history": {"file": True}}, env=faults.environment)
    gateway.environment = {name: value for name, value in gateway.environment.items()
                           if name not in faults.environment}
    assert gateway.token
    faults.slow_down(kind, 3000)
    for value in (1, 0, 1):
        set_red(gateway, value)
    faults.disarm()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_long_history_is_read_is_for_the_loop(start_gateway: StartGateway, number: int) -> None:
    """The thread that reads was made before the loop blocked them: the default would end the process at once."""
    history = {"history": {"file": True}}
    first = start_gateway(history)
    first.put("/api/v1/lines/red/value", 1)
    first.check()
    path = first.state / "history.jsonl"
    path.write_bytes(path.read_bytes() * (15_000_000 // path.stat().st_size))
    gateway = start_gateway(history, folder=first.folder)
    gateway.process.send_signal(number)
    if number == signal.SIGHUP:
        wait_until(lambda: "reload done" in gateway.log, "reload")
    gateway.check()
