"""Free pins of a chip, tried by the gateway and seen from outside."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from typing import Any

import websockets

from program import Program, config, wait_for
from sim import Chip

Launch = Callable[..., Program]

RED = {"name": "red", "gpio": "GPIO17", "direction": "output"}


def serve(launch: Launch) -> Program:
    return launch(config([RED])).serve()


def pins_of(gateway: Program) -> dict[str, dict[str, Any]]:
    status, answer = gateway.ask("GET", "pins")
    assert status == 200, answer
    return {pin["name"]: pin for pin in answer["pins"]}


async def notices(gateway: Program, count: int, work: Callable[[], None]) -> list[dict[str, Any]]:
    async with websockets.connect(f"ws://127.0.0.1:{gateway.port}/ws") as socket:
        assert json.loads(await socket.recv())["method"] == "snapshot"
        work()
        return [json.loads(await asyncio.wait_for(socket.recv(), 5)) for _ in range(count)]


def test_header_tells_lines_and_other_programs(launch: Launch, chip: Chip) -> None:
    gateway = serve(launch)
    with chip.held(4, "onewire"):
        pins = pins_of(gateway)
        assert len([pin for pin in pins.values() if pin["chip"] == chip.name]) == 28
        assert (pins["GPIO17"]["line"], pins["GPIO17"]["held_by"]) == ("red", None)
        assert (pins["GPIO4"]["line"], pins["GPIO4"]["held_by"]) == (None, "onewire")
        assert (pins["GPIO4"]["safe_to_try"], pins["GPIO5"]["safe_to_try"]) == (False, True)
        status, refused = gateway.ask("POST", "pins/GPIO4/wiggle", {})
        assert (status, refused["code"]) == (409, "conflict") and "onewire" in refused["detail"]


def test_wiggled_pin_goes_on_and_off_and_is_an_input_again(launch: Launch, chip: Chip) -> None:
    gateway = serve(launch)
    with chip.observed(5) as seen:
        status, _ = gateway.ask("POST", "pins/GPIO5/wiggle", {"ms": 600})
        assert status == 200
        assert {"used", "output"} <= chip.flags(5)
        wait_for(lambda: "used" not in chip.flags(5))
    assert seen == [0, 1, 0, 1, 0]
    assert "output" not in chip.flags(5)


def test_end_of_the_gateway_makes_a_wiggled_pin_an_input(launch: Launch, chip: Chip) -> None:
    gateway = serve(launch)
    assert gateway.ask("POST", "pins/GPIO5/wiggle", {"ms": 10000})[0] == 200
    assert gateway.stop(signal.SIGTERM) == 0
    assert not {"used", "output"} & chip.flags(5)


def test_watch_names_the_pin_that_moves_and_touches_no_other(launch: Launch, chip: Chip) -> None:
    gateway = serve(launch)
    with chip.held(4, "onewire"):

        def press() -> None:
            status, answer = gateway.ask("POST", "pins/watch", {"seconds": 1})
            assert status == 200 and "GPIO5" in answer["watching"]
            assert not {"GPIO2", "GPIO4", "GPIO17"} & set(answer["watching"])
            assert {"used", "input", "pull-up"} <= chip.flags(5)
            assert chip.consumer(4) == "onewire" and "used" not in chip.flags(2)
            chip.pull(5, False)

        moved, end = asyncio.run(notices(gateway, 2, press))
    assert moved["params"] == {"pin": "GPIO5", "rest": 1, "value": 0, "bias": "pull-up", "active_low": True}
    assert end["method"] == "pins.watched"
    wait_for(lambda: "used" not in chip.flags(5))


def test_reload_takes_a_pin_that_is_watched(launch: Launch, chip: Chip) -> None:
    gateway = serve(launch)
    assert gateway.ask("POST", "pins/watch", {"seconds": 60})[0] == 200
    button = {"name": "button", "gpio": "GPIO5", "direction": "input"}
    (gateway.folder / "gateway.json").write_text(json.dumps(config([RED, button])), encoding="utf-8")
    gateway.process.send_signal(signal.SIGHUP)
    wait_for(lambda: gateway.ask("GET", "lines/button")[0] == 200)
    assert "used" in chip.flags(5) and "used" not in chip.flags(6)
