"""Chips that come and go, are held, shut or many."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import websockets

from library import TOP
from program import Program, config, wait_for
from sim import Chip

Launch = Callable[..., Program]

RED = {"name": "red", "part": "led", "gpio": "GPIO17", "direction": "output"}
LAMP = {"name": "lamp", "gpio": "X0", "direction": "output", "safe": "hold"}
DOOR = {"name": "door", "gpio": "X1", "direction": "input", "active_low": True, "bias": "pull-up"}


# ---- 6: gone and back -------------------------------------------------------------------------


def test_gateway_outlives_its_chip_and_takes_it_back(
        launch: Launch, chip: Chip, expander: Chip) -> None:
    gateway = launch(config([RED, LAMP | {"active_low": True}, DOOR])).serve()
    gateway.set("lamp", 1)
    assert expander.level(0) == 0
    expander.plug(False)
    assert wait_for(lambda: not gateway.line("lamp")["available"])
    assert not gateway.line("door")["available"]
    status, problem = gateway.ask("PUT", "lines/lamp/value", 0)
    assert (status, problem["code"]) == (503, "gpio")
    assert "is gone" in json.dumps(problem)
    gateway.set("red", 1)  # the other chip goes on
    assert chip.level(17) == 1
    expander.plug(True)
    assert wait_for(lambda: gateway.line("lamp")["available"])
    assert gateway.line("lamp")["value"] == 1
    assert expander.level(0) == 0
    assert expander.flags(0) == {"used", "output", "active_low"}
    assert expander.flags(1) == {"used", "input", "active_low", "pull-up"}
    expander.pull(1, False)
    assert wait_for(lambda: gateway.line("door")["value"] == 1)
    gateway.set("lamp", 0)
    assert expander.level(0) == 1


async def events_while(gateway: Program, act: Callable[[], None]) -> list[dict[str, object]]:
    told = []
    async with websockets.connect(f"ws://127.0.0.1:{gateway.port}/ws") as socket:
        await socket.recv()
        act()
        while not told or told[-1]["available"] is not False:
            told.append(json.loads(await asyncio.wait_for(socket.recv(), 5))["params"])
    return told


def test_line_that_goes_is_an_event(launch: Launch, chip: Chip, expander: Chip) -> None:
    gateway = launch(config([LAMP])).serve()
    told = asyncio.run(events_while(gateway, lambda: expander.plug(False)))
    assert told[-1]["line"] == "lamp"


# ---- 7: held, shut, unknown -------------------------------------------------------------------


def test_line_that_another_program_holds_names_it(launch: Launch, chip: Chip) -> None:
    with chip.held(17, "kettle"):
        status, said = launch(config([RED])).ended()
    assert status not in (0, 70)
    assert "red" in said and "GPIO17" in said and '"kettle"' in said


def test_missing_permission_names_device_group_and_command(
        launch: Launch, chip: Chip, state: Path) -> None:
    os.chown(state, 65534, 65534)
    os.chown(f"/dev/{chip.name}", 0, 20)  # dialout
    os.chmod(f"/dev/{chip.name}", 0o660)
    as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    status, said = launch(config([RED]), before=as_nobody).ended()
    assert status == 77
    assert f"/dev/{chip.name}" in said and "dialout" in said
    assert "sudo usermod -aG dialout nobody" in said


def test_wrong_name_is_answered_with_the_nearest(launch: Launch, chip: Chip) -> None:
    status, said = launch(config([RED | {"gpio": "GPOI17"}])).ended()
    assert status in (69, 78)
    assert "red" in said and '"GPOI17"' in said and "did you mean GPIO17" in said


# ---- 8: found ---------------------------------------------------------------------------------


def swap_numbers(chip: Chip, expander: Chip) -> None:
    chip.plug(False)
    expander.plug(False)
    expander.plug(True)
    chip.plug(True)


@pytest.mark.parametrize("swapped", [False, True])
def test_lines_are_found_by_label_name_path_and_line_name(
        launch: Launch, chip: Chip, expander: Chip, swapped: bool) -> None:
    if swapped:
        swap_numbers(chip, expander)
    assert (int(chip.name[8:]) > int(expander.name[8:])) == swapped
    lines = [
        RED,
        {"name": "by-line", "gpio": "X0", "direction": "output"},
        {"name": "by-label", "chip": "expander", "offset": 1, "direction": "output"},
        {"name": "by-name", "chip": expander.name, "offset": 2, "direction": "output"},
        {"name": "by-path", "chip": f"/dev/{expander.name}", "offset": 3, "direction": "output"},
    ]
    gateway = launch(config(lines)).serve()
    for i, line in enumerate(lines[1:]):
        gateway.set(line["name"], 1)
        assert [expander.level(j) for j in range(4)] == [1] * (i + 1) + [0] * (3 - i)
    gateway.set("red", 1)
    assert chip.level(17) == 1


@pytest.mark.parametrize("label", ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"])
def test_gpio4_is_found_where_the_kernel_names_it_gpio_gclk(
        launch: Launch, chip: Chip, label: str) -> None:
    chip = Chip("pi", label, {4: "GPIO_GCLK"}, 58)
    gateway = launch(config([RED | {"gpio": "GPIO4"}])).serve()
    gateway.set("red", 1)
    assert chip.level(4) == 1
    place = gateway.line("red")["gpio"]
    assert (place["offset"], place["name"], place["label"]) == (4, "GPIO_GCLK", label)


def test_default_config_starts_on_a_pi(launch: Launch, chip: Chip) -> None:
    description = json.loads((TOP / "config/gateway.json").read_text())
    description["listen"] = config([])["listen"]
    description["auth"] = {"mode": "none"}
    gateway = launch(description).serve()
    for line in gateway.ask("GET", "lines")[1]["lines"]:
        assert line["available"] and "used" in chip.flags(line["gpio"]["offset"])
