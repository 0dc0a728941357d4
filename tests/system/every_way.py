"""Fixtures for what holds over every way in: `way` to a circuit that has everything, or the `kind`
of a way to a gateway that the test starts itself."""

from __future__ import annotations

from typing import Any, Iterator

import pytest
from gateway_process import LINES, Gateway, config_with
from ways import WAYS, Way

FULL = ("rest", "websocket")  # their events have every member
OUTPUTS = [{"name": name, "chip": "simulator", "offset": 100 + place, "direction": "output", **more}
           for place, (name, more) in enumerate({
               "brake": {"initial": 1, "safe": 1}, "door": {"max_on_ms": 50},
               "pump": {"min_off_ms": 300}, "left": {}, "right": {}, "up": {}, "down": {},
           }.items())]
WORKSHOP: dict[str, Any] = {"circuit": {
    "viewers_may_switch_off": True,
    "interlocks": [{"lines": ["left", "right"]},
                   {"mode": "break-before-make", "gap_ms": 50, "lines": ["up", "down"]}],
    "scenes": [
        {"name": "evening", "steps": [{"set": {"red": 1}},
                                      {"after_ms": 50, "set": {"green": 1, "red": 0}},
                                      {"after_ms": 40, "set": {"green": 0}}]},
        {"name": "turn", "set": {"yellow": 1, "left": 1}}],
}}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for the tests of a file; by `way` each finds it switched off."""
    gateway = Gateway(tmp_path_factory.mktemp("w") / "g",
                      config_with(WORKSHOP, [*LINES, *OUTPUTS])).start()
    yield gateway
    gateway.check()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, workshop: Gateway) -> Iterator[Way]:
    workshop.post("/api/v1/lines/red/unlock")
    workshop.post("/api/v1/off")
    found = WAYS[request.param](workshop)
    yield found
    found.close()


@pytest.fixture(params=WAYS)
def kind(request: pytest.FixtureRequest) -> type[Way]:
    """Of a way to a gateway that a test starts itself."""
    return WAYS[request.param]
