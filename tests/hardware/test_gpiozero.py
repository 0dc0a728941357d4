"""gpiozero's own recipes, through the gateway, seen at the pins."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from library import TOP
from program import Program, config, wait_for
from sim import Chip

SITE = TOP / "build/hardware/site"  # the client's wheel, unpacked by tests/hardware/run
sys.path.insert(0, str(SITE))

gpiozero = pytest.importorskip("gpiozero")

from gpiozero import (  # noqa: E402
    LED,
    PWMLED,
    RGBLED,
    Button,
    Device,
    DigitalOutputDevice,
    LEDBoard,
    Motor,
    TrafficLights,
)
from gpiozero.tools import negated  # noqa: E402

from gpio_gateway.gpiozero import GatewayFactory  # noqa: E402

OUTPUTS = {"red": 17, "yellow": 27, "green": 23, "forward": 5, "backward": 6}
RELAY, ALARM, BUTTON = 24, 25, 22
LINES: list[dict[str, Any]] = [
    *({"name": name, "gpio": f"GPIO{offset}", "direction": "output"} for name, offset in OUTPUTS.items()),
    {"name": "relay", "gpio": f"GPIO{RELAY}", "direction": "output", "active_low": True},
    {"name": "alarm", "gpio": f"GPIO{ALARM}", "direction": "output", "initial": 1, "safe": 1},
    {"name": "button", "gpio": f"GPIO{BUTTON}", "direction": "input", "bias": "pull-up", "active_low": True},
]


@pytest.fixture
def gateway(launch: Callable[..., Program], chip: Chip) -> Program:
    return launch(config(LINES)).serve()


@pytest.fixture
def factory(gateway: Program) -> Iterator[GatewayFactory]:
    made = GatewayFactory(f"http://127.0.0.1:{gateway.port}")
    Device.pin_factory = made
    yield made
    Device.pin_factory = None
    made.close()


def _levels(chip: Chip, *names: str) -> list[int]:
    return [chip.level(OUTPUTS[name]) for name in names]


def _press(chip: Chip, is_pressed: bool) -> None:
    chip.pull(BUTTON, not is_pressed)


def _dims(chip: Chip, offset: int) -> bool:
    """Whether the pin goes up and down by itself."""
    with chip.observed(offset) as seen:
        wait_for(lambda: len(seen) > 4)
    return len(seen) > 4


def test_led_and_blink(chip: Chip, factory: GatewayFactory) -> None:
    led = LED(17)
    led.on()
    assert chip.level(17) == 1
    led.off()
    with chip.observed(17) as seen:
        led.blink(0.1, 0.1, n=3, background=False)
    assert seen == [0, 1, 0, 1, 0, 1, 0]


def test_an_active_low_relay(chip: Chip, factory: GatewayFactory) -> None:
    relay = DigitalOutputDevice(RELAY, active_high=False)
    assert chip.level(RELAY) == 1
    relay.on()
    assert chip.level(RELAY) == 0


def test_pwmled_dims(chip: Chip, factory: GatewayFactory) -> None:
    led = PWMLED(17, frequency=10)
    led.value = 0.5
    assert _dims(chip, 17)
    led.value = 1
    assert wait_for(lambda: chip.level(17))
    with chip.observed(17) as seen:
        time.sleep(0.3)
    assert seen == [1]


def test_rgbled_mixes(chip: Chip, factory: GatewayFactory) -> None:
    led = RGBLED(17, 27, 23, pwm=False)
    led.color = (1, 0, 1)
    assert _levels(chip, "red", "yellow", "green") == [1, 0, 1]
    led.close()
    led = RGBLED(17, 27, 23)
    led.color = (1, 0.5, 0)
    assert wait_for(lambda: _levels(chip, "red", "green") == [1, 0]) and _dims(chip, 27)


def test_motor_turns_both_ways_and_stops(chip: Chip, factory: GatewayFactory) -> None:
    motor = Motor(5, 6)
    motor.forward()
    assert wait_for(lambda: _levels(chip, "forward", "backward") == [1, 0])
    motor.backward()
    assert wait_for(lambda: _levels(chip, "forward", "backward") == [0, 1])
    motor.stop()
    assert wait_for(lambda: _levels(chip, "forward", "backward") == [0, 0])


def test_ledboard_and_trafficlights(chip: Chip, factory: GatewayFactory) -> None:
    board = LEDBoard(17, 27, 23)
    board.value = (1, 0, 1)
    assert _levels(chip, "red", "yellow", "green") == [1, 0, 1]
    board.close()
    lights = TrafficLights(17, 27, 23)
    lights.amber.on()
    assert _levels(chip, "red", "yellow", "green") == [0, 1, 0]


def test_button_calls_back_at_each_press(chip: Chip, factory: GatewayFactory) -> None:
    button, told = Button(BUTTON), []
    assert not button.is_pressed
    button.when_pressed = lambda: told.append("pressed")
    button.when_released = lambda: told.append("released")
    for round_ in range(3):
        _press(chip, True)
        assert wait_for(lambda: len(told) == 2 * round_ + 1) and button.is_pressed
        _press(chip, False)
        assert wait_for(lambda: len(told) == 2 * round_ + 2)
    assert told == ["pressed", "released"] * 3


def test_a_chain_of_sources(chip: Chip, factory: GatewayFactory) -> None:
    button, red, green = Button(BUTTON), LED(17), LED(23)
    red.source = button
    green.source = negated(red)
    assert wait_for(lambda: _levels(chip, "red", "green") == [0, 1])
    _press(chip, True)
    assert wait_for(lambda: _levels(chip, "red", "green") == [1, 0])
    _press(chip, False)
    assert wait_for(lambda: _levels(chip, "red", "green") == [0, 1])
    red.source = green.source = None


SCRIPT = """
from signal import pause
from gpiozero import LED, PWMLED, Motor
led, lamp, alarm, motor = LED(17), PWMLED(27), LED(25, initial_value=None), Motor(5, 6)
led.blink(.02, .02); lamp.value = .5; alarm.off(); motor.forward()
print("ready", flush=True); pause()
"""


def test_a_killed_script_leaves_the_pins_safe_in_less_than_a_second(
        chip: Chip, gateway: Program, tmp_path: Path) -> None:
    (tmp_path / "blink.py").write_text(SCRIPT)
    script = subprocess.Popen(
        ["/usr/bin/python3", tmp_path / "blink.py"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, text=True,
        env=dict(os.environ) | {"GPIOZERO_PIN_FACTORY": "gateway", "PYTHONPATH": str(SITE),
                                "GPIO_GATEWAY_URL": f"http://127.0.0.1:{gateway.port}"})
    try:
        assert script.stdout and script.stdout.readline() == "ready\n"
        assert chip.level(ALARM) == 0 and wait_for(lambda: chip.level(5))
        assert _dims(chip, 17) and _dims(chip, 27)
    finally:
        script.kill()
    killed = time.monotonic()
    pins = {17: 0, 27: 0, 5: 0, 6: 0, ALARM: 1}
    assert wait_for(lambda: all(chip.level(pin) == safe for pin, safe in pins.items()), 1.0)
    assert time.monotonic() - killed < 1
    script.communicate()
    with chip.observed(17) as red, chip.observed(27) as yellow:
        time.sleep(0.3)
    assert red == yellow == [0]
