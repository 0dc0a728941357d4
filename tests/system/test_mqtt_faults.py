"""A broker that is away, deaf or a fiction, and a helper that dies: the pins never notice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Gateway, config_with, wait_until
from mqtt_broker import Broker, Listener

ID = "3f9a1c20be77"
BASE = f"gpio-gateway/{ID}"
# What sanitizers keep of freed memory is no queue.
GROWTH_BYTES = 1024 * 1024 * (64 if os.environ.get("GATEWAY_SANITIZED") else 1)
NAME_S = 60.0  # a resolver that asks servers which do not answer takes its time


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    yield broker
    broker.stop()


def start(start_gateway: StartGateway, url: str, **more: Any) -> Gateway:
    return start_gateway({"mqtt": {"broker": url, "id": ID, **more}})


def state(gateway: Gateway) -> str:
    return str(gateway.get("/healthz").json["helpers"]["mqtt"])


def helper(gateway: Gateway) -> int:
    """Its pid, 0 while none runs."""
    children = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text(encoding="ascii").split()
    return int(children[0]) if children else 0


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def change_often(gateway: Gateway, times: int) -> None:
    """Ends with red on where `times` is even; nobody waits for a broker meanwhile, however busy the machine is."""
    began = time.monotonic()
    for i in range(times):
        assert gateway.put("/api/v1/lines/red/value", i % 2).status == 200
    assert time.monotonic() - began < 2 + times / 50


def test_broker_that_is_down_at_the_start_is_told_and_joined_later(
        start_gateway: StartGateway, broker: Broker) -> None:
    broker.stop()
    gateway = start(start_gateway, broker.url)
    wait_until(lambda: "Connection refused" in gateway.log, f"reason in {gateway.log}")
    assert state(gateway) == "connecting"
    change_often(gateway, 2)
    broker.start()
    listener = Listener(broker)
    listener.wait_json(f"{BASE}/lines/red/state", state="ON")
    listener.wait(f"{BASE}/status", b"online")
    listener.close()


def test_doctor_asks_the_broker(start_gateway: StartGateway, broker: Broker) -> None:
    gateway = start(start_gateway, broker.url)
    words = ("doctor", "--config", str(gateway.config_path))
    assert f"broker 127.0.0.1:{broker.port} answers" in gateway.run(*words).stdout
    broker.stop()
    done = gateway.run(*words)
    assert f"broker 127.0.0.1:{broker.port} does not let us in: Connection refused" in done.stdout
    assert done.returncode == 1


def test_nothing_but_the_last_state_is_kept_for_a_broker_that_is_away(
        start_gateway: StartGateway, broker: Broker) -> None:
    gateway = start(start_gateway, broker.url)
    wait_until(lambda: state(gateway) == "connected", "connection")
    change_often(gateway, 200)
    broker.stop()
    wait_until(lambda: state(gateway) == "connecting", "loss of the broker")
    before = resident_bytes(helper(gateway))
    change_often(gateway, 1000)
    assert resident_bytes(helper(gateway)) - before < GROWTH_BYTES
    broker.start()
    listener = Listener(broker)
    listener.wait_json(f"{BASE}/lines/red/state", state="ON", edges=1199)
    assert listener.count(f"{BASE}/lines/red/state") <= 3
    listener.close()


def test_name_that_does_not_resolve_costs_the_pins_nothing(start_gateway: StartGateway) -> None:
    gateway = start(start_gateway, "mqtt://broker.invalid")
    change_often(gateway, 100)
    wait_until(lambda: "Lookup error" in gateway.log, f"reason in {gateway.log}", NAME_S)
    assert state(gateway) == "connecting"
    assert gateway.stop() == 0


def test_broker_that_stops_reading_costs_the_pins_nothing_and_learns_the_last_state(
        start_gateway: StartGateway, broker: Broker) -> None:
    gateway = start(start_gateway, broker.url, rate_hz=100)
    wait_until(lambda: state(gateway) == "connected", "connection")
    assert broker.process
    broker.process.send_signal(signal.SIGSTOP)
    try:
        before = resident_bytes(helper(gateway))
        change_often(gateway, 1000)
        assert resident_bytes(helper(gateway)) - before < GROWTH_BYTES
    finally:
        broker.process.send_signal(signal.SIGCONT)
    listener = Listener(broker)
    listener.wait_json(f"{BASE}/lines/red/state", state="ON", edges=999)
    listener.close()


def test_broker_that_closes_whatever_it_is_told_is_not_asked_all_the_time(start_gateway: StartGateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        gateway = start(start_gateway, f"mqtt://127.0.0.1:{server.getsockname()[1]}")
        asked = []
        for _ in range(3):
            connection, _ = server.accept()
            asked.append(time.monotonic())
            connection.recv(1)
            connection.close()
    assert asked[2] - asked[1] >= 0.75, "only the other version is tried at once"
    assert "The connection was lost" in gateway.log


def test_helper_that_is_killed_again_and_again_is_started_later_and_later(
        start_gateway: StartGateway, broker: Broker) -> None:
    gateway = start(start_gateway, broker.url)
    waited = []
    for _ in range(2):
        pid = wait_until(lambda: helper(gateway), "helper")
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: helper(gateway) not in (0, pid), "next helper")
        waited.append(time.monotonic() - killed)
        change_often(gateway, 10)
    assert all(wait >= least for wait, least in zip(waited, (0.8, 1.6), strict=True)), waited
    wait_until(lambda: state(gateway) == "connected", "connection")
    assert gateway.log.count("helper=mqtt ended signal=9") == 1, "one line for ends that are the same"


@pytest.mark.parametrize("key", ["discovery", "prefix"])
@pytest.mark.parametrize("value", ["home/#", "home/+", "$SYS/home", "/home", "home/", ""])
def test_prefix_with_wildcards_is_refused_by_check(tmp_path: Path, key: str, value: str) -> None:
    config = tmp_path / "gateway.json"
    config.write_text(json.dumps(config_with({"mqtt": {"broker": "mqtt://127.0.0.1", key: value}})),
                      encoding="utf-8")
    done = subprocess.run([PROGRAM, "check", str(config)], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 78 and f"mqtt.{key}" in done.stderr


class Crowd:
    """Helpers of many gateways at a broker that lets all of them in, and throws all of them out at once."""

    COUNT = 8
    CONNACK = b"\x20\x02\x00\x00"  # MQTT 3.1.1: accepted

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.listener.settimeout(20)
        config = folder / "gateway.json"
        config.write_text(json.dumps(config_with({"mqtt": {
            "broker": f"mqtt://127.0.0.1:{self.listener.getsockname()[1]}", "version": "3.1.1"}})), encoding="utf-8")
        for i in range(self.COUNT):
            stack.callback(self.end, *self.start(config, f"{i:012x}"))

    @staticmethod
    def start(config: Path, identity: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                ["/bin/bash", "-c", f'exec "$0" "$@" 3<&{theirs.fileno()} {theirs.fileno()}<&-', PROGRAM, "mqtt",
                 "--config", str(config), "--id", identity], pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        return process, ours

    @staticmethod
    def end(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        ours.close()
        process.kill()
        process.wait()

    def let_in(self) -> tuple[list[socket.socket], list[float]]:
        """All of them, and when each came."""
        inside, times = [], []
        for _ in range(self.COUNT):
            connection, _ = self.listener.accept()
            times.append(time.monotonic())
            connection.sendall(self.CONNACK)
            inside.append(connection)
        return inside, times


def test_many_that_lost_the_broker_do_not_come_back_in_one_moment(tmp_path: Path) -> None:
    with ExitStack() as stack:
        crowd = Crowd(tmp_path, stack)
        inside, _ = crowd.let_in()
        for connection in inside:
            connection.settimeout(5)
            assert connection.recv(1)  # of CONNECT: none is still on its way
        lost = time.monotonic()
        for connection in inside:
            connection.close()
        inside, times = crowd.let_in()
        for connection in inside:
            connection.close()
    assert min(times) - lost >= 0.7
    assert max(times) - min(times) >= 0.06, "eight of 400 ms fall into 60 ms once in 70,000 times"
