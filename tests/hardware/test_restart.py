"""A restart that no relay notices, under the service manager of manager.py."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manager import KEPT_FROM, Manager
from program import Program, config, wait_for
from sim import Chip, untouched

HANDED_OVER = 75  # EX_TEMPFAIL, and RestartForceExitStatus= of the unit

RED = {"name": "red", "part": "relay", "gpio": "GPIO17", "direction": "output", "safe": 0}
GREEN = RED | {"name": "green", "gpio": "GPIO27"}
PUMP = {"name": "pump", "part": "relay", "gpio": "X0", "direction": "output"}


def kept_name(chip: Chip, offset: int) -> str:
    """The name under which the manager keeps a request of one line."""
    return f"{chip.name}/{offset}"


def first_event(program: Program, line: str) -> dict[str, Any]:
    status, answer = program.ask("GET", f"history?line={line}")
    assert status == 200, answer
    event: dict[str, Any] = answer["events"][0]
    return event


@pytest.mark.parametrize("value", [0, 1])
def test_kill_9_and_the_restart_after_it_change_no_pin_whatever_initial_says(
        manager: Manager, chip: Chip, value: int) -> None:
    lines = {name: RED | {"name": name, "gpio": f"GPIO{offset}", "initial": initial}
             for offset, (name, initial) in enumerate(
                 [("off", 0), ("on", 1), ("keep", "keep"), ("last", "last")], 17)}
    lines["keep"]["active_low"] = True
    levels = {17: value, 18: value, 19: 1 - value, 20: value}
    gateway = manager.serve(*lines.values())
    for name in lines:
        gateway.set(name, value)
    assert wait_for(lambda: manager.kept)
    for offset, level in levels.items():
        chip.pull(offset, not level)  # a pin that is let go of, if only for a moment, changes
    with untouched(chip, *levels):
        gateway.kill()
        gateway = manager.serve(*lines.values())
        for name in lines:
            assert gateway.line(name)["value"] == value
            event = first_event(gateway, name)
            assert (event["cause"], event["value"]) == ("start", value)
    assert {offset: chip.level(offset) for offset in levels} == levels
    gateway.set("off", 1 - value)
    assert chip.level(17) == 1 - value


def test_kept_line_can_be_restarted_again_and_again(manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    gateway.set("red", 1)
    with untouched(chip, 17):
        for _ in range(3):
            gateway.kill()
            gateway = manager.serve(RED)
            assert gateway.line("red")["value"] == 1
    assert manager.has(kept_name(chip, 17))


def test_handover_changes_no_pin_whatever_initial_and_safe_say(
        manager: Manager, chip: Chip) -> None:
    lines = {name: RED | {"name": name, "gpio": f"GPIO{offset}", "initial": initial, "safe": safe}
             for offset, (name, initial, safe) in enumerate(
                 [("off", 0, 0), ("on", 1, 0), ("keep", "keep", 0), ("last", "last", "hold"),
                  ("high", 0, 1)], 17)}
    gateway = manager.serve(*lines.values())
    for name in lines:
        gateway.set(name, name != "high")
    for offset in range(17, 22):
        chip.pull(offset, offset == 21)  # a pin that is let go of, if only for a moment, changes
    with untouched(chip, *range(17, 22)):
        for _ in range(3):
            assert gateway.stop(signal.SIGUSR2) == HANDED_OVER
            gateway = manager.serve(*lines.values())
            for name in lines:
                assert gateway.line(name)["value"] == (name != "high")


def test_what_runs_goes_on_after_a_handover_and_ends_at_its_time(
        manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    assert gateway.ask("POST", "lines/red/pulse", {"ms": 3000})[0] == 200
    with chip.observed(17) as seen:
        assert gateway.stop(signal.SIGUSR2) == HANDED_OVER
        gateway = manager.serve(RED)
        assert gateway.line("red")["action"]["kind"] == "pulse"
        assert wait_for(lambda: chip.level(17) == 0)
    assert seen == [1, 0]


def test_pwm_of_the_gateway_rests_low_during_a_handover(manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    assert gateway.ask("POST", "lines/red/pwm", {"duty": 0.9, "hz": 1})[0] == 200
    assert gateway.stop(signal.SIGUSR2) == HANDED_OVER
    assert chip.level(17) == 0
    assert manager.serve(RED).line("red")["pwm"]["duty"] == 0.9


def test_handover_is_refused_where_nobody_keeps_the_outputs(state: Path, chip: Chip) -> None:
    gateway = Program(config([RED]), state)
    try:
        gateway.serve().set("red", 1)
        with untouched(chip, 17):
            gateway.process.send_signal(signal.SIGUSR2)
            assert wait_for(lambda: "hand-over refused" in gateway.said())
            assert gateway.line("red")["value"] == 1
        assert "FileDescriptorStoreMax=" in gateway.said()
        assert gateway.process.poll() is None
    finally:
        gateway.close()


def test_line_that_holds_rides_through_sigterm(manager: Manager, chip: Chip) -> None:
    lines = [RED | {"safe": "hold"}]
    gateway = manager.serve(*lines)
    gateway.set("red", 1)
    with untouched(chip, 17):
        assert gateway.stop() == 0
        gateway = manager.serve(*lines)
        assert gateway.line("red")["value"] == 1


@pytest.mark.parametrize("safe", [0, 1])
def test_sigterm_leaves_the_safe_value_and_the_manager_holds_it_there(
        manager: Manager, chip: Chip, safe: int) -> None:
    lines = [RED | {"safe": safe, "initial": "keep"}]
    gateway = manager.serve(*lines)
    gateway.set("red", 1 - safe)
    with chip.observed(17) as seen:
        assert gateway.stop() == 0
        chip.pull(17, not safe)
        assert "used" in chip.flags(17) and chip.level(17) == safe
        gateway = manager.serve(*lines)
    assert seen == [1 - safe, safe]
    assert gateway.line("red")["value"] == safe


@pytest.mark.parametrize("safe", [0, 1])
def test_after_sigterm_outputs_begin_with_initial(manager: Manager, chip: Chip, safe: int) -> None:
    begins = {"off": (0, 1, 0), "on": (1, 0, 1), "last-0": ("last", 0, 0), "last-1": ("last", 1, 1)}
    lines = [RED | {"name": name, "gpio": f"GPIO{offset}", "initial": initial, "safe": safe}
             for offset, (name, (initial, _, _)) in enumerate(begins.items(), 17)]
    gateway = manager.serve(*lines)
    for name, (_, value, _) in begins.items():
        gateway.set(name, value)
    assert gateway.stop() == 0
    assert [chip.level(offset) for offset in range(17, 21)] == [safe] * 4
    gateway = manager.serve(*lines)
    for offset, (name, (_, _, wanted)) in enumerate(begins.items(), 17):
        assert gateway.line(name)["value"] == chip.level(offset) == wanted
        gateway.set(name, 1 - wanted)
    gateway.kill()  # which is no end in order, though the one before was
    gateway = manager.serve(*lines)
    for offset, (name, (_, _, wanted)) in enumerate(begins.items(), 17):
        assert gateway.line(name)["value"] == chip.level(offset) == 1 - wanted


def test_value_that_was_not_stored_yet_survives_kill_9(manager: Manager, chip: Chip) -> None:
    lines = [RED | {"initial": "last"}]
    gateway = manager.serve(*lines)
    gateway.set("red", 1)
    assert gateway.stop() == 0
    gateway = manager.serve(*lines)
    gateway.set("red", 0)
    with untouched(chip, 17):
        gateway.kill()
        assert manager.serve(*lines).line("red")["value"] == 0


def test_stopped_service_holds_no_line(manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    assert manager.has(kept_name(chip, 17))
    gateway.kill()
    assert "used" in chip.flags(17)
    manager.stop()
    assert wait_for(lambda: "used" not in chip.flags(17))


def test_changed_config_is_applied_in_place_at_the_restart(manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    gateway.set("red", 1)
    with chip.observed(17) as seen:
        gateway.kill()
        gateway = manager.serve(RED | {"active_low": True})
        assert gateway.line("red")["value"] == 0
    assert seen == [1]


def test_line_that_left_the_config_is_given_back_by_the_manager_too(
        manager: Manager, chip: Chip) -> None:
    manager.serve(RED).kill()
    manager.serve(GREEN)
    assert manager.has(kept_name(chip, 27))
    assert "used" not in chip.flags(17)


def test_last_line_that_left_the_config_is_given_back_too(manager: Manager, chip: Chip) -> None:
    manager.serve(RED).kill()
    manager.serve()
    assert manager.has()
    assert "used" not in chip.flags(17)


def test_one_line_of_several_that_left_the_config_is_an_input(
        manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED, GREEN)
    gateway.set("red", 1)
    gateway.kill()
    assert chip.flags(27) == {"used", "output"}
    with chip.observed(17) as seen:
        manager.serve(RED)
        assert wait_for(lambda: "output" not in chip.flags(27))
    assert seen == [1]


def test_line_that_a_reload_brings_to_a_kept_descriptor_begins_with_initial(
        manager: Manager, chip: Chip) -> None:
    lines = [RED | {"safe": 1}, GREEN]
    manager.serve(*lines).kill()
    gateway = manager.serve(*lines)
    gateway.set("red", 1)
    gateway.reload(config([RED | {"name": "blue", "initial": 0}, GREEN]))
    assert wait_for(lambda: gateway.ask("GET", "lines/blue")[0] == 200)
    assert gateway.line("blue")["value"] == chip.level(17) == 0


def test_reload_keeps_new_lines_and_forgets_those_that_left(manager: Manager, chip: Chip) -> None:
    gateway = manager.serve(RED)
    gateway.reload(config([RED, GREEN]))
    assert manager.has(kept_name(chip, 17), kept_name(chip, 27))
    gateway.set("green", 1)
    gateway.reload(config([GREEN]))
    assert manager.has(kept_name(chip, 27))
    assert wait_for(lambda: "used" not in chip.flags(17))
    with untouched(chip, 27):
        gateway.kill()
        assert manager.serve(GREEN).line("green")["value"] == 1


def test_chip_that_came_back_is_kept_anew(manager: Manager, chip: Chip, expander: Chip) -> None:
    gateway = manager.serve(PUMP)
    gateway.set("pump", 1)
    (name,) = manager.kept
    expander.plug(False)
    assert manager.has()
    expander.plug(True)
    assert wait_for(lambda: gateway.line("pump").get("available", True))
    assert wait_for(lambda: len(manager.kept) == 1)
    assert manager.told[:2] == [f"+{name}", f"-{name}"]
    with untouched(expander, 0):
        gateway.kill()
        assert manager.serve(PUMP).line("pump")["value"] == 1


def test_descriptor_that_is_refused_is_let_go_before_its_line_is_claimed(
        manager: Manager, chip: Chip) -> None:
    manager.serve(RED).kill()
    wrong = kept_name(chip, 17) + ",99"
    manager.kept[wrong] = manager.kept.pop(kept_name(chip, 17))
    gateway = manager.serve(RED)
    assert f'lines not taken over name="{wrong}"' in gateway.said()
    assert manager.has(kept_name(chip, 17))
    assert chip.consumer(17) == "gpio-gateway"


def test_descriptor_of_another_name_is_closed_and_said(manager: Manager, chip: Chip) -> None:
    manager.kept["stored"] = fcntl.fcntl(manager.wakes, fcntl.F_DUPFD_CLOEXEC, KEPT_FROM)
    gateway = manager.serve(RED)
    assert 'nothing here uses it name="stored"' in gateway.said()
    pipe = os.stat(f"/proc/self/fd/{manager.wakes}")
    for each in Path(f"/proc/{gateway.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has closed that one meanwhile
            assert not os.path.samestat(os.stat(each), pipe)
