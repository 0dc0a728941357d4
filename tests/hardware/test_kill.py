"""The gateway is killed at random moments under a mixed load, and a service manager keeps its descriptors,
so that every pin still has the level of the kill when the next gateway begins.

GATEWAY_KILLS sets how often, GATEWAY_SEED what happens.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from manager import Managed, Manager
from program import wait_for
from sim import Chip

KILLS = int(os.environ.get("GATEWAY_KILLS", "50"))
DURABLE_S = 0.1  # what must not be forgotten is on the disk within 50 ms; that of a test may be busy
SOON_S = 2.0  # after `ready`, on a kernel that shares its processor

PINS = {"steady": 17, "pulsed": 18, "leased": 19, "program": 20, "delayed": 21, "held": 22}
LINES: list[dict[str, Any]] = [
    {"name": name, "gpio": f"GPIO{offset}", "direction": "output"} for name, offset in PINS.items()]
CIRCUIT: dict[str, Any] = {
    "scenes": [{"name": "water", "again": "restart",
                "steps": [{"set": {"program": 1}}, {"after_ms": 5000, "set": {"program": 0}}]}],
    "rules": [{"name": "off", "when": {"line": "delayed", "edge": "rising"}, "after_ms": 60,
               "do": {"method": "line.set", "line": "delayed", "value": 0}}]}

# What switches a line on, and whether that ends by itself, within 60 ms or when the gateway is killed.
ON: dict[str, tuple[str, str, Any, bool]] = {
    "steady": ("PUT", "lines/steady/value", 1, False),
    "pulsed": ("POST", "lines/pulsed/pulse", {"ms": 60}, True),
    "leased": ("PUT", "lines/leased/value", {"value": 1, "lease_ms": 50}, True),
    "program": ("POST", "scenes/water", None, True),
    "delayed": ("PUT", "lines/delayed/value", 1, True),
    "held": ("PUT", "lines/held/value", {"value": 1, "for_ms": 60}, True)}


def load(gateway: Managed, chance: random.Random) -> dict[str, float]:
    """Some commands. The lines that were commanded off or whose being on ends by itself, each with the time,
    by the monotonic clock, from which a kill must not make anybody forget that."""
    ends: dict[str, float] = {}
    for _ in range(chance.randint(1, 6)):
        name = chance.choice(list(PINS))
        method, path, body, does_end = ON[name]
        if chance.random() < 0.4:
            gateway.set(name, 0)
            does_end = True
        else:
            status, answer = gateway.ask(method, path, body)
            assert status == 200, answer
        ends.pop(name, None)
        if does_end:
            ends[name] = time.monotonic() + DURABLE_S
    return ends


def test_no_pin_stays_high_after_a_kill_that_was_commanded_off_or_had_ended(
        manager: Manager, chip: Chip) -> None:
    seed = int(os.environ.get("GATEWAY_SEED", "20261127"))
    chance = random.Random(seed)
    gateway = manager.serve(*LINES, **CIRCUIT)
    were_high = 0
    for kill in range(KILLS):
        ends = load(gateway, chance)
        time.sleep(chance.random() * 2 * DURABLE_S)
        killed_at = time.monotonic()
        gateway.kill()
        were_high += sum(chip.level(offset) for offset in PINS.values())
        gateway = manager.serve(*LINES, **CIRCUIT)

        def high() -> list[str]:
            return [name for name, known_at in ends.items()
                    if known_at < killed_at and chip.level(PINS[name])]

        assert wait_for(lambda: not high(), SOON_S), (seed, kill, ends, high())
        assert not list(manager.state.glob("*.bad")), "a damaged state file"
    assert were_high > KILLS / 4  # else nothing was tried
