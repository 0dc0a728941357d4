"""What the gateway's config says of a pin, in gpiozero's words, and the JSON that would say it."""

from __future__ import annotations

import json
from typing import Any, Mapping

from .gateway import Gateway

BIAS_OF_PULL = {"up": "pull-up", "down": "pull-down", "floating": "disabled"}
_PULL_OF_BIAS = {"pull-up": "up", "pull-down": "down"}
_PI_CHIPS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")  # their offsets are GPIO numbers


def declared_pull(info: Mapping[str, Any]) -> str:
    """gpiozero's word for the line's bias; "as-is" and "disabled" are "floating"."""
    return _PULL_OF_BIAS.get(info["gpio"].get("bias", "as-is"), "floating")


def find_line(gateway: Gateway, name: str) -> dict[str, Any] | None:
    """The line behind a pin such as "GPIO17": by the kernel's name, else by the offset on a chip
    of a Raspberry Pi, where the kernel may call a pin by its other function.
    """
    by_offset = None
    for line in gateway.line_names():
        info = gateway.line_info(line)
        gpio = info.get("gpio", {})
        if gpio.get("name") == name:
            return info
        if gpio.get("label") in _PI_CHIPS and f"GPIO{gpio.get('offset')}" == name:
            by_offset = info
    return by_offset


def config_line(name: str, info: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """The entry of `circuit.lines` for the pin `name`: as it is declared (`info`), with
    `changes`.
    """
    line: dict[str, Any] = {"name": name.lower(), "gpio": name, "direction": "output"}
    if info is not None:
        gpio = info["gpio"]
        line.update(name=info["name"], direction=info["direction"])
        if info["direction"] == "input":
            line["bias"] = gpio.get("bias", "as-is")
            if gpio.get("debounce_ms"):
                line["debounce_ms"] = gpio["debounce_ms"]
        if gpio.get("active_low"):
            line["active_low"] = True
    line.update(changes)
    if line["direction"] == "output":
        for key in ("bias", "debounce_ms"):
            line.pop(key, None)
    return json.dumps(line)
