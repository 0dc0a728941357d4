"""Inputs of the gateway, driven from outside."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import websockets

from library import LIBRARY
from program import Program, config, wait_for
from sim import Chip, served, wait_until_served

Launch = Callable[..., Program]

BUTTON = {"name": "button", "part": "button", "gpio": "GPIO22", "direction": "input"}


def first_edge_of_stream(stream: http.client.HTTPResponse) -> dict[str, Any]:
    for line in stream:
        if line.startswith(b"data:") and b'"edge"' in line:
            return json.loads(line[5:])
    raise AssertionError("the stream ended")


async def edge_by_websocket(gateway: Program, press: Callable[[], None]) -> dict[str, Any]:
    async with websockets.connect(f"ws://127.0.0.1:{gateway.port}/ws") as socket:
        assert json.loads(await socket.recv())["method"] == "snapshot"
        press()
        message = json.loads(await asyncio.wait_for(socket.recv(), 5))
        assert message["method"] == "event"
        return message["params"]


def test_edge_reaches_websocket_stream_and_history_with_the_kernels_time(
        launch: Launch, chip: Chip) -> None:
    gateway = launch(config([BUTTON])).serve()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("GET", "/api/v1/events")
    stream = connection.getresponse()
    before_ns = time.monotonic_ns() - 20_000_000  # the kernel's clock has a grain of a tick
    told = asyncio.run(edge_by_websocket(gateway, lambda: chip.pull(22, True)))
    after_ns = time.monotonic_ns()
    assert (told["line"], told["value"], told["cause"]) == ("button", 1, "edge")
    assert before_ns <= told["edge_ns"] <= after_ns
    streamed = first_edge_of_stream(stream)
    connection.close()
    assert streamed == told
    assert gateway.edges("button") == [told]


def bounce(chip: Chip, changes: int) -> None:
    before = served()
    for i in range(changes):
        chip.pull(22, i % 2 == 0)
        wait_until_served(before + i + 1)


def test_bounces_are_swallowed_alike(launch: Launch, chip: Chip) -> None:
    """In the kernel with libgpiod 2, in the gateway with libgpiod 1.6."""
    gateway = launch(config([BUTTON | {"debounce_ms": 100}])).serve()
    bounce(chip, 6)  # ends where it began
    time.sleep(0.3)
    assert gateway.edges("button") == []
    bounce(chip, 5)
    assert wait_for(lambda: gateway.edges("button"))
    time.sleep(0.3)
    assert [edge["value"] for edge in gateway.edges("button")] == [1]
    chip.pull(22, False)
    assert wait_for(lambda: len(gateway.edges("button")) == 2)
    assert gateway.line("button")["value"] == 0


# ---- a burst ----------------------------------------------------------------------------------

PINS = range(10, 50)


def burst(chip: Chip, changes: int) -> None:
    before = served()
    pulls = [os.open(chip.pin(offset) / "pull", os.O_WRONLY) for offset in PINS]
    for i in range(changes):
        for pull in pulls:
            os.write(pull, b"pull-up" if i % 2 == 0 else b"pull-down")
        wait_until_served(before + (i + 1) * len(PINS))
    for pull in pulls:
        os.close(pull)


def inputs() -> list[dict[str, Any]]:
    return [{"name": f"pin-{offset}", "chip": "pinctrl-bcm2711", "offset": offset,
             "direction": "input"} for offset in PINS]


def counted(gateway: Program) -> tuple[int, int]:
    lines = gateway.ask("GET", "lines")[1]["lines"]
    return sum(line["edges"] for line in lines), sum(line.get("lost", 0) for line in lines)


def test_10000_edges_in_a_burst_are_counted_or_told_as_lost(launch: Launch, chip: Chip) -> None:
    """All are counted as long as the machine gives the gateway its time."""
    gateway = launch(config(inputs())).serve()
    burst(chip, 250)
    wait_for(lambda: sum(counted(gateway)) >= 10_000)
    edges, lost = counted(gateway)
    print(f"{edges} edges counted, {lost} told as lost")
    assert edges >= 5_000
    if LIBRARY == "2":
        # After a gap, an edge to the value that the line had already is no change of it.
        assert 10_000 - lost <= edges + lost <= 10_000
    else:
        assert edges == 10_000 or lost > 0


def test_edges_that_nobody_could_read_are_told_as_lost(launch: Launch, chip: Chip) -> None:
    gateway = launch(config(inputs())).serve()
    gateway.process.send_signal(signal.SIGSTOP)
    burst(chip, 61)
    gateway.process.send_signal(signal.SIGCONT)
    time.sleep(1)
    edges, lost = counted(gateway)
    assert edges < 61 * len(PINS)
    assert lost >= 1
    lines = gateway.ask("GET", "lines")[1]["lines"]
    assert [line["value"] for line in lines] == [1] * len(PINS)  # the last word is the true one
    if LIBRARY == "2":
        # An edge to the value that the line had already, after a gap, is no change of it.
        assert 60 * len(PINS) <= edges + lost <= 61 * len(PINS)
    else:
        assert all(line["lost"] >= 1 for line in lines)
