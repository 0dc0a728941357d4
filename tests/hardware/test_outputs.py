"""Outputs of the gateway, seen at the pin."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from program import Program, config, wait_for
from sim import Chip

Launch = Callable[..., Program]

RED = {"name": "red", "part": "led", "gpio": "GPIO17", "direction": "output"}


def test_output_is_seen_at_the_pin(launch: Launch, chip: Chip) -> None:
    gateway = launch(config([RED])).serve()
    for value in (1, 0, 1):
        gateway.set("red", value)
        assert chip.level(17) == value
        assert gateway.line("red")["value"] == value


def test_active_low_output_is_inverted_at_the_pin(launch: Launch, chip: Chip) -> None:
    gateway = launch(config([RED | {"active_low": True}])).serve()
    assert chip.level(17) == 1
    gateway.set("red", 1)
    assert chip.level(17) == 0


def test_every_bias_and_drive_of_the_config_reaches_the_kernel(launch: Launch, chip: Chip) -> None:
    biases = ["as-is", "disabled", "pull-up", "pull-down"]
    drives = ["push-pull", "open-drain", "open-source"]
    lines = [
        RED | {"name": f"line-{5 + i}", "gpio": f"GPIO{5 + i}", "bias": bias, "drive": drive}
        for i, (bias, drive) in enumerate((bias, drive) for bias in biases for drive in drives)
    ]
    launch(config(lines)).serve()
    for i, line in enumerate(lines):
        wanted = {"used", "output", line["bias"], line["drive"]} - {"as-is", "push-pull"}
        assert chip.flags(5 + i) == wanted
        assert chip.consumer(5 + i) == "gpio-gateway"


def test_lines_set_in_one_request_carry_their_values(launch: Launch, chip: Chip) -> None:
    lines = [RED | {"name": f"l{i}", "gpio": f"GPIO{i}"} for i in range(5, 13)]
    gateway = launch(config(lines)).serve()
    status, answer = gateway.ask("PUT", "lines", {f"l{i}": i % 2 for i in range(5, 13)})
    assert status == 200 and len(answer["changed"]) == 4
    assert [chip.level(i) for i in range(5, 13)] == [i % 2 for i in range(5, 13)]


# ---- no glitch --------------------------------------------------------------------------------


def test_initial_1_never_shows_0(launch: Launch, chip: Chip) -> None:
    chip.pull(17, True)
    with chip.observed(17) as seen:
        launch(config([RED | {"initial": 1}])).serve()
    assert seen == [1]


@pytest.mark.parametrize("level", [0, 1])
def test_initial_keep_takes_over_the_value_of_the_pin(launch: Launch, chip: Chip, level: int) -> None:
    chip.pull(17, bool(level))
    with chip.observed(17) as seen:
        gateway = launch(config([RED | {"initial": "keep"}])).serve()
        assert gateway.line("red")["value"] == level
        assert "output" in chip.flags(17)
    assert seen == [level]


def test_initial_last_restores_the_value_that_was_commanded(launch: Launch, chip: Chip) -> None:
    lines = [RED | {"initial": "last", "safe": 0}]
    gateway = launch(config(lines)).serve()
    gateway.set("red", 1)
    assert gateway.stop() == 0
    chip.pull(17, True)
    with chip.observed(17) as seen:
        gateway = launch(config(lines)).serve()
        assert gateway.line("red")["value"] == 1
    assert seen == [1]


def test_damaged_store_of_last_values_is_said_and_ignored(
        launch: Launch, chip: Chip, state: Path) -> None:
    lines = [RED | {"initial": "last"}]
    gateway = launch(config(lines)).serve()
    gateway.set("red", 1)
    gateway.stop()
    stores = [path for path in state.rglob("*") if path.is_file() and "red" in path.read_text()]
    assert len(stores) == 1
    stores[0].write_text(stores[0].read_text()[:-4] + "\0\0")
    gateway = launch(config(lines)).serve()
    assert gateway.line("red")["value"] == 0
    assert stores[0].name in gateway.said()


# ---- the end ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value,safe,seen_levels", [
    (1, 0, [1, 0, 1]),  # safe, and then the pull-up of the pin that the kernel has back
    (0, 1, [0, 1]),
    (1, "hold", [1]),
    (0, "hold", [0, 1]),  # kept until the very end: only the released pin goes up
])
def test_sigterm_leaves_the_safe_value(
        launch: Launch, chip: Chip, value: int, safe: int | str, seen_levels: list[int]) -> None:
    gateway = launch(config([RED | {"safe": safe}])).serve()
    gateway.set("red", value)
    chip.pull(17, True)
    with chip.observed(17) as seen:
        assert gateway.stop() == 0
        wait_for(lambda: "used" not in chip.flags(17))
    assert seen == seen_levels


def test_after_kill_9_the_line_is_the_drivers_at_once(launch: Launch, chip: Chip) -> None:
    gateway = launch(config([RED | {"safe": 1}])).serve()
    gateway.set("red", 1)
    assert chip.level(17) == 1
    gateway.stop(signal.SIGKILL)
    assert wait_for(lambda: "used" not in chip.flags(17))
    assert chip.level(17) == 0  # gpio-sim gives the pin back to its pull
