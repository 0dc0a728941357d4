"""Under a service manager: what it is told (sd_notify(3)), and what it passes at the start."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Gateway, wait_until

try:
    ctypes.CDLL("libsystemd.so.0")
except OSError:
    pytest.skip("there is no libsystemd here: nobody is told anything", allow_module_level=True)


class Manager:
    """`told` is every word in its order, `stored` the names of the descriptors that came."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "notify")
        self.told: list[dict[str, str]] = []
        self.stored: list[str] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.wakes, self.wake = os.pipe()
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self) -> None:
        while self.wakes not in select.select([self.socket, self.wakes], [], [])[0]:
            text, fds, _, _ = socket.recv_fds(self.socket, 4096, 8)
            words = dict(word.split("=", 1) for word in text.decode().split("\n") if word)
            for fd in fds:  # a barrier waits for this as well
                os.close(fd)
            if "FDSTORE" in words:
                self.stored.append(words["FDNAME"])
            if "BARRIER" not in words:
                self.told.append(words)

    def close(self) -> None:
        os.close(self.wake)
        self.thread.join()
        self.socket.close()
        os.close(self.wakes)

    @property
    def states(self) -> list[str]:
        return [next(iter(words)) for words in self.told]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path)
    yield made
    made.close()


def passing(folder: Path, *names: str) -> str:
    """A program that is the gateway with a manager's descriptors, each of the file `folder`/kept."""
    script = folder / "passing"
    (folder / "kept").touch()
    opens = "".join(f"exec {3 + i}<'{folder}/kept'\n" for i in range(len(names)))
    script.write_text(f"#!/bin/sh\n{opens}export LISTEN_PID=$$ LISTEN_FDS={len(names)} "
                      f"LISTEN_FDNAMES={':'.join(names)}\nexec '{PROGRAM}' \"$@\"\n",
                      encoding="utf-8")
    script.chmod(0o755)
    return str(script)


def is_open(gateway: Gateway, path: Path) -> bool:
    return str(path) in gateway.open_files()


def test_manager_is_told_of_start_reload_and_end(
        start_gateway: StartGateway, manager: Manager) -> None:
    gateway = start_gateway(env={"NOTIFY_SOCKET": manager.path})
    wait_until(lambda: manager.states == ["READY"], "READY=1")
    before_us = time.monotonic_ns() // 1000
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: manager.states == ["READY", "RELOADING", "READY"], "RELOADING=1, READY=1")
    assert before_us <= int(manager.told[1]["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert gateway.stop() == 0
    wait_until(lambda: manager.states[3:] == ["STOPPING"], "STOPPING=1")


def test_simulator_has_nothing_to_keep(start_gateway: StartGateway, manager: Manager) -> None:
    gateway = start_gateway(env={"NOTIFY_SOCKET": manager.path})
    gateway.put("/api/v1/lines/red/value", 1)
    assert gateway.stop() == 0
    wait_until(lambda: "STOPPING" in manager.states, "STOPPING=1")
    assert manager.stored == []


def test_lines_of_a_chip_are_forgotten_where_the_simulator_runs(
        start_gateway: StartGateway, manager: Manager, tmp_path: Path) -> None:
    gateway = start_gateway(env={"NOTIFY_SOCKET": manager.path},
                            program=passing(tmp_path, "gpiochip0/17"))
    assert 'lines not taken over name="gpiochip0/17"' in gateway.log
    wait_until(lambda: "READY" in manager.states, "READY=1")
    assert manager.told[0] == {"FDSTOREREMOVE": "1", "FDNAME": "gpiochip0/17"}
    assert not is_open(gateway, tmp_path / "kept")


def test_descriptor_that_nobody_knows_is_closed_and_said(
        start_gateway: StartGateway, tmp_path: Path) -> None:
    gateway = start_gateway(program=passing(tmp_path, "stored", "other"))
    for name in ("stored", "other"):
        assert f'nothing here uses it name="{name}"' in gateway.log
    assert not is_open(gateway, tmp_path / "kept")


def test_manager_that_tells_no_names_does_not_stop_the_start(
        start_gateway: StartGateway, tmp_path: Path) -> None:
    script = Path(passing(tmp_path, "any"))
    script.write_text(script.read_text(encoding="utf-8").replace("LISTEN_FDNAMES=any", ""),
                      encoding="utf-8")
    gateway = start_gateway(program=str(script))
    assert 'nothing here uses it name=""' in gateway.log
