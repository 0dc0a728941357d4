"""Whole scripts: found by GPIOZERO_PIN_FACTORY, killed, and outliving their gateway."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from gateway_process import wait_until
from programs import Script, environment

pytest.importorskip("gpiozero")

HOLD = """
from signal import pause
from gpiozero import LED, PWMLED, Motor
led, lamp, alarm = LED(17), PWMLED(27), LED(25, initial_value=None)
led.on(); lamp.value = .5; alarm.off()
print("ready"); pause()
"""


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Any:
    """run(source, env): scripts that are killed after the test."""

    def start(source: str, env: dict[str, str]) -> Script:
        script = Script(source, env)
        request.addfinalizer(script.kill)
        return script

    return start


def _values(process: Any) -> list[int]:
    return [process.value(name) for name in ("red", "yellow", "alarm")]


def test_the_environment_is_all_that_a_script_needs(process: Any, run: Any) -> None:
    script = run(
        """
from gpiozero import LED, Device
led = LED(17)
led.blink(.02, .02, n=3, background=False)
print(type(Device.pin_factory).__name__, led.pin)
""",
        environment(process),
    )
    script.wait_for("GatewayFactory GPIO17")
    assert script.finish() == 0
    assert (
        len(
            [
                event
                for event in process.get("/api/v1/history?line=red").json["events"]
                if event["value"] == 1
            ]
        )
        == 3
    )


def test_a_killed_script_leaves_its_outputs_safe_in_less_than_a_second(
    process: Any, run: Any
) -> None:
    script = run(HOLD, environment(process))
    script.wait_for("ready")
    assert process.value("red") == 1 and process.value("alarm") == 0
    started = time.monotonic()
    script.kill()
    wait_until(lambda: _values(process) == [0, 0, 1], "safe outputs", 1)
    assert time.monotonic() - started < 1


def test_a_script_that_ends_leaves_its_outputs_safe(process: Any, run: Any) -> None:
    assert run(HOLD.replace("pause()", ""), environment(process)).finish() == 0
    assert _values(process) == [0, 0, 1]


@pytest.mark.parametrize("ending", ["", "; raise SystemExit(0)", "; del led, factory"])
def test_a_script_with_a_factory_of_its_own_ends_at_once(
    process: Any, run: Any, ending: str
) -> None:
    script = run(
        "from gpiozero import LED; from gpio_gateway.gpiozero import GatewayFactory\n"
        "factory = GatewayFactory(); led = LED(17, pin_factory=factory); led.on()" + ending,
        environment(process),
    )
    started = time.monotonic()
    assert script.finish() == 0 and script.lines == []
    assert time.monotonic() - started < 3
    wait_until(lambda: process.value("red") == 0, "a safe output", 1)


def test_a_script_that_ends_in_a_blink_ends_quietly(process: Any, run: Any) -> None:
    script = run(
        """
import time
from gpiozero import LED, PWMLED
led, lamp = LED(17), PWMLED(27)
led.blink(.001, .001); lamp.pulse(.1, .1)
time.sleep(.3)
""",
        environment(process),
    )
    assert script.finish() == 0 and script.lines == []
    wait_until(lambda: _values(process)[:2] == [0, 0], "safe outputs", 1)


def test_a_running_script_goes_on_after_a_restart_of_the_gateway(
    process: Any, run: Any, start_gateway: Any
) -> None:
    script = run(
        """
from signal import pause
from gpiozero import LED, Button
led, button = LED(17), Button(22)
led.blink(.02, .02)
button.when_pressed = lambda: print("pressed")
button.when_released = lambda: print("released")
print("ready"); pause()
""",
        {"GPIO_GATEWAY_URL": f"unix:{process.unix['http']}"},
    )
    script.wait_for("ready")
    process.post("/api/v1/simulator/lines/button", {"value": 1})
    script.wait_for("pressed")
    process.stop()
    again = start_gateway(folder=process.folder)  # its button is not pressed
    script.wait_for("released")
    wait_until(
        lambda: again.get("/api/v1/lines/red").json["edges"] > 6, f"blink: {script.lines}", 2
    )
    again.post("/api/v1/simulator/lines/button", {"value": 1})
    wait_until(lambda: script.lines.count("pressed") == 2, "the next press")
    assert script.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_script_misses_no_edge_of_a_gateway_that_is_restarted_under_it(
    run: Any, start_gateway: Any, number: int
) -> None:
    config = {"history": {"file": True}}
    process = start_gateway(config)
    script = run(
        """
from signal import pause
from gpiozero import DigitalInputDevice
sensor = DigitalInputDevice(26)
sensor.when_activated = lambda: print("on")
sensor.when_deactivated = lambda: print("off")
print("ready"); pause()
""",
        {"GPIO_GATEWAY_URL": f"unix:{process.unix['http']}"},
    )
    script.wait_for("ready")

    def drive(gateway: Any, values: list[int]) -> None:
        for value in values:
            gateway.post("/api/v1/simulator/lines/motion", {"value": value})

    drive(process, [1])
    script.wait_for("on")
    time.sleep(0.8)  # it is in the file
    drive(process, [0])
    script.wait_for("off")
    process.stop(number)
    again = start_gateway(config, folder=process.folder)
    drive(again, [1, 0] * 10)
    wait_until(lambda: len(script.lines) >= 23, "every edge", 10)
    assert script.lines[1:] == ["on", "off"] * 11


@pytest.mark.parametrize("killed", [True, False])
def test_of_two_scripts_the_last_command_counts(process: Any, run: Any, killed: bool) -> None:
    source = HOLD if killed else HOLD.replace("pause()", "import time; time.sleep(1.5)")
    first = run(source, environment(process))
    first.wait_for("ready")
    second = run(HOLD, environment(process))
    second.wait_for("ready")
    if killed:
        first.kill()
    else:
        assert first.finish() == 0
    time.sleep(0.3)
    assert process.value("red") == 1 and process.value("alarm") == 0
    assert process.get("/api/v1/lines/yellow").json["pwm"]["duty"] == 0.5
    second.kill()
    wait_until(lambda: _values(process) == [0, 0, 1], "safe outputs", 1)


@pytest.mark.parametrize(
    "env, told",
    [
        ({"GPIO_GATEWAY_TOKEN": ""}, "asks for a token"),
        ({"GPIO_GATEWAY_TOKEN": "wrong"}, "does not take this token"),
        ({"GPIO_GATEWAY_URL": "http://127.0.0.1:1"}, "No gateway answers at http://127.0.0.1:1"),
    ],
)
def test_a_script_that_may_not_is_told_in_one_sentence(
    process: Any, run: Any, env: dict[str, str], told: str
) -> None:
    script = run("from gpiozero import LED; LED(17).on()", {**environment(process), **env})
    assert script.finish() == 1
    assert told in script.lines[-1]
