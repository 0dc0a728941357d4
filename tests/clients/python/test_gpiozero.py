"""gpiozero's own devices at the gateway."""

from __future__ import annotations

import threading
import time
from typing import Any, Iterator

import pytest
from gateway_process import wait_until

gpiozero = pytest.importorskip("gpiozero")

from gpiozero import (  # noqa: E402
    LED,
    RGBLED,
    Button,
    Device,
    DigitalInputDevice,
    DigitalOutputDevice,
    LEDBoard,
    Motor,
    MotionSensor,
    PWMLED,
    TrafficLights,
)
from gpiozero.tools import negated  # noqa: E402

from gpio_gateway.gpiozero import GatewayFactory  # noqa: E402


@pytest.fixture
def factory(process: Any) -> Iterator[GatewayFactory]:
    made = GatewayFactory(process.http, process.token)
    Device.pin_factory = made  # 1.6.2's Motor does not hand pin_factory on to itself
    yield made
    Device.pin_factory = None
    made.close()


def _press(process: Any, value: int, line: str = "button") -> None:
    assert process.post(f"/api/v1/simulator/lines/{line}", {"value": value}).status == 200


def _pwm(process: Any, line: str) -> Any:
    return process.get(f"/api/v1/lines/{line}").json["pwm"]


# ---- outputs ----


def test_led_switches_the_line_of_its_pin(process: Any, factory: Any) -> None:
    led = LED(17, pin_factory=factory)
    led.on()
    assert process.value("red") == 1 and led.value == 1 and led.is_lit
    led.toggle()
    assert process.value("red") == 0 and led.value == 0


def test_led_blinks(process: Any, factory: Any) -> None:
    since = process.cursor()
    LED(17, pin_factory=factory).blink(0.02, 0.02, n=3, background=False)
    events = process.get(f"/api/v1/history?line=red&since={since}").json["events"]
    assert [event["value"] for event in events][-6:] == [1, 0, 1, 0, 1, 0]


def test_active_low_lines_have_physical_levels(process: Any, factory: Any) -> None:
    relay = DigitalOutputDevice(24, active_high=False, pin_factory=factory)
    relay.on()
    assert relay.pin.state == 0 and process.value("relay") == 1
    relay.off()
    assert relay.pin.state == 1 and process.value("relay") == 0


def test_an_active_low_line_dims_the_other_way(process: Any, factory: Any) -> None:
    lamp = PWMLED(24, active_high=False, pin_factory=factory)
    lamp.value = 0.3
    assert _pwm(process, "relay") == {"duty": 0.3, "hz": 100} and lamp.value == pytest.approx(0.3)
    assert lamp.pin.state == pytest.approx(0.7)


def test_digital_output_with_its_first_value(process: Any, factory: Any) -> None:
    device = DigitalOutputDevice(17, initial_value=True, pin_factory=factory)
    assert process.value("red") == 1
    device.off()
    assert process.value("red") == 0


def test_pwmled_dims(process: Any, factory: Any) -> None:
    led = PWMLED(17, frequency=200, pin_factory=factory)
    led.value = 0.25
    assert _pwm(process, "red") == {"duty": 0.25, "hz": 200}
    assert led.value == 0.25 and led.frequency == 200
    led.on()
    assert led.value == 1


def test_frequency_none_ends_pwm(process: Any, factory: Any) -> None:
    led = PWMLED(17, initial_value=0.5, pin_factory=factory)
    led.pin.frequency = None
    assert _pwm(process, "red") is None and process.value("red") == 0


def test_beginning_pwm_does_not_blink(process: Any, factory: Any) -> None:
    led = LED(17, initial_value=True, pin_factory=factory)
    since = process.cursor()
    led.pin.frequency = 100
    led.pin.state = 1
    events = process.get(f"/api/v1/history?line=red&since={since}").json["events"]
    assert all(event["value"] == 1 for event in events)


def test_pwmled_pulses(process: Any, factory: Any) -> None:
    led = PWMLED(17, pin_factory=factory)
    since = process.cursor()
    led.pulse(0.1, 0.1, n=1, background=False)
    events = process.get(f"/api/v1/history?line=red&since={since}").json["events"]
    assert len([event for event in events if event["cause"] == "pwm"]) >= 4


def test_a_frequency_that_the_gateway_has_not_is_told(factory: Any) -> None:
    with pytest.raises(gpiozero.PinPWMUnsupported, match="500"):
        PWMLED(17, frequency=5000, pin_factory=factory)


def test_rgbled_mixes(process: Any, factory: Any) -> None:
    led = RGBLED(17, 27, 23, pin_factory=factory)
    led.color = (1, 0.5, 0)
    assert [(_pwm(process, name) or {}).get("duty") for name in ("red", "yellow", "green")] == [
        1,
        0.5,
        0,
    ]
    assert led.value == (1, 0.5, 0)


def test_motor_turns_both_ways_and_stops(process: Any, factory: Any) -> None:
    motor = Motor(17, 27, pin_factory=factory)
    motor.forward(0.6)
    assert (_pwm(process, "red")["duty"], _pwm(process, "yellow")["duty"]) == (0.6, 0)
    motor.backward()
    assert (_pwm(process, "red")["duty"], _pwm(process, "yellow")["duty"]) == (0, 1)
    motor.stop()
    assert (process.value("red"), process.value("yellow")) == (0, 0)


def test_motor_without_pwm(process: Any, factory: Any) -> None:
    motor = Motor(17, 27, pwm=False, pin_factory=factory)
    motor.forward()
    assert (process.value("red"), process.value("yellow")) == (1, 0)
    motor.reverse()
    assert (process.value("red"), process.value("yellow")) == (0, 1)


def test_ledboard_takes_a_tuple(process: Any, factory: Any) -> None:
    board = LEDBoard(17, 27, 23, pin_factory=factory)
    board.value = (1, 0, 1)
    assert [process.value(name) for name in ("red", "yellow", "green")] == [1, 0, 1]
    board.off()
    assert board.value == (0, 0, 0)


def test_trafficlights(process: Any, factory: Any) -> None:
    lights = TrafficLights(17, 27, 23, pin_factory=factory)
    lights.amber.on()
    lights.green.on()
    assert [process.value(name) for name in ("red", "yellow", "green")] == [0, 1, 1]


# ---- inputs ----


def test_button_is_pressed_when_its_line_is_active(process: Any, factory: Any) -> None:
    button = Button(22, pin_factory=factory)
    assert not button.is_pressed and button.pin.state == 1
    _press(process, 1)
    assert button.wait_for_press(5) and button.is_pressed and button.pin.state == 0


def test_button_calls_back_and_may_use_pins_there(process: Any, factory: Any) -> None:
    button, led = Button(22, pin_factory=factory), LED(17, pin_factory=factory)
    button.when_pressed, button.when_released = led.on, led.off
    _press(process, 1)
    wait_until(lambda: process.value("red") == 1, "light")
    _press(process, 0)
    wait_until(lambda: process.value("red") == 0, "dark")


def test_each_edge_is_told_once_and_in_order(process: Any, factory: Any) -> None:
    told: list[int] = []
    sensor = DigitalInputDevice(26, pin_factory=factory)
    sensor.when_activated = lambda: told.append(1)
    sensor.when_deactivated = lambda: told.append(0)
    for _ in range(50):
        _press(process, 1, "motion")
        _press(process, 0, "motion")
    wait_until(lambda: len(told) == 100, "every edge")
    assert told == [1, 0] * 50


def test_edges_may_be_of_one_sort(process: Any, factory: Any) -> None:
    told: list[tuple[float, int]] = []
    pin = factory.pin("GPIO26")

    def changed(ticks: float, state: int) -> None:
        told.append((ticks, state))

    pin.edges = "falling"
    pin.when_changed = changed
    for value in (1, 0, 1, 0):
        _press(process, value, "motion")
    wait_until(lambda: len(told) == 2, "two edges")
    assert [state for _, state in told] == [0, 0]


def test_a_level_that_is_known_is_not_told_again(factory: Any) -> None:
    told: list[int] = []
    pin = factory.pin("GPIO26")

    def changed(ticks: float, state: int) -> None:
        told.append(state)

    pin.when_changed = changed
    for value in (0, 1, 1, 0, 0):  # as after a gap in which nothing changed
        pin.changed(0.0, value)
    assert told == [1, 0]


def test_ticks_of_edges_are_those_of_now(process: Any, factory: Any) -> None:
    told: list[float] = []
    pin = factory.pin("GPIO26")

    def changed(ticks: float, state: int) -> None:
        told.append(ticks)

    pin.when_changed = changed
    before = factory.ticks()
    _press(process, 1, "motion")
    time.sleep(0.2)
    _press(process, 0, "motion")
    wait_until(lambda: len(told) == 2, "two edges")
    assert -0.02 < factory.ticks_diff(told[0], before) < 0.2
    assert 0.19 < factory.ticks_diff(told[1], told[0]) < 0.5
    assert factory.ticks_diff(before, told[1]) == 0


def test_button_is_held(process: Any, factory: Any) -> None:
    held = threading.Event()
    button = Button(22, hold_time=0.1, pin_factory=factory)
    button.when_held = held.set
    _press(process, 1)
    assert held.wait(5) and button.held_time is not None and button.held_time < 5


def test_an_error_in_a_callback_does_not_silence_the_pin(
    process: Any, factory: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = threading.Event()
    sensor = DigitalInputDevice(26, pin_factory=factory)

    def fail() -> None:
        raise RuntimeError("of the script")

    sensor.when_activated, sensor.when_deactivated = fail, told.set
    _press(process, 1, "motion")
    _press(process, 0, "motion")
    assert told.wait(5)
    assert "of the script" in capsys.readouterr().err


def test_motion_sensor(process: Any, factory: Any) -> None:
    sensor = MotionSensor(26, pin_factory=factory)
    _press(process, 1, "motion")
    assert sensor.wait_for_motion(5)


# ---- chains ----


def test_a_button_is_the_source_of_a_led(process: Any, factory: Any) -> None:
    led, button = LED(17, pin_factory=factory), Button(22, pin_factory=factory)
    led.source = button
    _press(process, 1)
    wait_until(lambda: process.value("red") == 1, "light")
    _press(process, 0)
    wait_until(lambda: process.value("red") == 0, "dark")
    led.source = None


def test_values_may_pass_through_a_tool(process: Any, factory: Any) -> None:
    led, button = LED(17, pin_factory=factory), Button(22, pin_factory=factory)
    led.source = negated(button.values)
    wait_until(lambda: process.value("red") == 1, "light")
    _press(process, 1)
    wait_until(lambda: process.value("red") == 0, "dark")
    led.source = None


# ---- the end ----


def test_a_closed_device_leaves_its_line_safe(process: Any, factory: Any) -> None:
    led, alarm = LED(17, pin_factory=factory), LED(25, initial_value=None, pin_factory=factory)
    led.on()
    alarm.off()
    led.close()
    alarm.close()
    assert (process.value("red"), process.value("alarm")) == (0, 1)


def test_a_closed_device_leaves_what_another_has_commanded_since(
    process: Any, factory: Any
) -> None:
    led = LED(17, pin_factory=factory)
    led.off()
    process.put("/api/v1/lines/red/value", 1)
    led.close()
    assert process.value("red") == 1


def test_a_closed_pwm_device_leaves_its_line_safe(process: Any, factory: Any) -> None:
    PWMLED(17, initial_value=0.5, pin_factory=factory).close()
    assert process.value("red") == 0 and _pwm(process, "red") is None


def test_a_closed_pin_may_be_used_again(process: Any, factory: Any) -> None:
    LED(17, pin_factory=factory).close()
    led = LED(17, pin_factory=factory)
    led.on()
    assert process.value("red") == 1


def test_a_closed_factory_leaves_its_lines_safe(process: Any, factory: Any) -> None:
    led = LED(17, pin_factory=factory)
    led.on()
    factory.close()
    assert led.closed is False and process.value("red") == 0
