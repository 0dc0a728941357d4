"""The pin factory under the API of gpiozero 2.x, by a stand-in for it (gpiozero2/)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from built import SITE
from gateway_process import wait_until
from programs import Script, environment

STAND_IN = Path(__file__).parent / "gpiozero2"


@pytest.fixture
def run(request: pytest.FixtureRequest, process: Any) -> Any:
    """run(source): a script against `process`, killed after the test."""

    def start(source: str) -> Script:
        script = Script(source, {**environment(process), "PYTHONPATH": f"{STAND_IN}:{SITE}"})
        request.addfinalizer(script.kill)
        return script

    return start


def test_pins_are_built_from_their_info(process: Any, run: Any) -> None:
    script = run(
        """
from gpiozero import LED, Device
led = LED("BOARD11"); led.on()
print(type(Device.pin_factory).__name__, led.pin, led.pin.info.number, led.value)
print(Device.pin_factory.pin(17) is led.pin)
"""
    )
    script.wait_for("GatewayFactory GPIO17 11 1")
    assert script.finish() == 0 and script.lines[-1] == "True"


def test_leds_dim_and_buttons_call(process: Any, run: Any) -> None:
    script = run(
        """
from signal import pause
from gpiozero import PWMLED, LED, Button
lamp, relay = PWMLED(27, initial_value=.25), LED(24, active_high=False)
button = Button(22, bounce_time=.005)
button.when_pressed, button.when_released = relay.on, relay.off
print("ready", lamp.value, button.is_pressed); pause()
"""
    )
    script.wait_for("ready 0.25 False")
    assert process.get("/api/v1/lines/yellow").json["pwm"] == {"duty": 0.25, "hz": 100}
    for value in (1, 0):
        process.post("/api/v1/simulator/lines/button", {"value": value})
        wait_until(lambda: process.value("relay") == value, "the relay")
    process.put("/api/v1/lines/relay/value", 1)
    script.kill()
    wait_until(lambda: process.value("yellow") == 0, "safe outputs", 1)


def test_refusals_are_those_of_gpiozero(run: Any) -> None:
    script = run(
        """
import gpiozero
for build in (lambda: gpiozero.LED(4), lambda: gpiozero.LED(22), lambda: gpiozero.Button(22, False),
              lambda: gpiozero.Button(22, bounce_time=1),
              lambda: gpiozero.PWMLED(17, frequency=5000), lambda: gpiozero.LED(99), lambda: gpiozero.Device.pin_factory.spi()):
    try:
        build()
    except gpiozero.PinError as error:
        print(type(error).__name__)
"""
    )
    assert script.finish() == 0
    assert script.lines == [
        "PinInvalidPin",
        "PinInvalidFunction",
        "PinFixedPull",
        "PinInvalidBounce",
        "PinPWMUnsupported",
        "PinInvalidPin",
        "PinSPIUnsupported",
    ]


def test_a_closed_device_may_be_made_again(process: Any, run: Any) -> None:
    script = run(
        """
from gpiozero import LED, PWMLED
lamp = PWMLED(17, initial_value=.5); lamp.close()
led = LED(17, initial_value=True)
print(led.value)
"""
    )
    assert script.finish() == 0 and script.lines == ["1"]
