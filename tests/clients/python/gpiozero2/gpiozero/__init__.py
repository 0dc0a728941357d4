"""A stand-in for gpiozero 2.x, written from its documentation: as much of the API between devices and
pin factories as a factory meets. The pins' names, the way a factory is found, and the order in which
devices use a pin are those of 2.x; everything else is left out."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from typing import Any

from .exc import *  # noqa: F401,F403
from .exc import BadPinFactory, GPIOPinInUse, PinInvalidState


def _default_pin_factory() -> Any:
    name = os.environ["GPIOZERO_PIN_FACTORY"]
    group = "gpiozero_pin_factories"
    for entry in entry_points(group=group):
        if entry.name == name.lower():
            return entry.load()()
    raise BadPinFactory(f'Unable to find pin factory "{name}"')


class Device:
    pin_factory: Any = None

    def __init__(self, pin: Any, pin_factory: Any = None) -> None:
        if pin_factory is None:
            if Device.pin_factory is None:
                Device.pin_factory = _default_pin_factory()
            pin_factory = Device.pin_factory
        self.pin_factory = pin_factory
        self.pin_factory.reserve_pins(self, pin)
        self.pin = self.pin_factory.pin(pin)

    def _conflicts_with(self, other: Any) -> bool:
        return True

    def close(self) -> None:
        if self.pin is not None:
            self.pin_factory.release_pins(self, self.pin.info.name)
            self.pin.close()
            self.pin = None


class LED(Device):
    def __init__(
        self,
        pin: Any,
        active_high: bool = True,
        initial_value: bool | None = False,
        pin_factory: Any = None,
    ) -> None:
        super().__init__(pin, pin_factory)
        self._active = active_high
        if initial_value is None:
            self.pin.function = "output"
        else:
            self.pin.output_with_state(int(initial_value == active_high))

    def on(self) -> None:
        self.pin.state = int(self._active)

    def off(self) -> None:
        self.pin.state = int(not self._active)

    @property
    def value(self) -> float:
        state = self.pin.state
        return state if self._active else 1 - state


class PWMLED(LED):
    def __init__(
        self,
        pin: Any,
        active_high: bool = True,
        initial_value: float = 0,
        frequency: float = 100,
        pin_factory: Any = None,
    ) -> None:
        super().__init__(pin, active_high, None, pin_factory)
        if not 0 <= initial_value <= 1:
            raise PinInvalidState("0 to 1")
        self.pin.frequency = frequency
        self.dim(initial_value)

    def dim(self, value: float) -> None:
        self.pin.state = value if self._active else 1 - value

    def close(self) -> None:
        if self.pin is not None:
            self.pin.frequency = None
        super().close()


class Button(Device):
    def __init__(
        self,
        pin: Any,
        pull_up: bool = True,
        bounce_time: float | None = None,
        pin_factory: Any = None,
    ) -> None:
        super().__init__(pin, pin_factory)
        self._active = not pull_up
        self.when_pressed: Any = None
        self.when_released: Any = None
        self.pin.function = "input"
        pull = "up" if pull_up else "down"
        if self.pin.pull != pull:
            self.pin.pull = pull
        self.pin.bounce = bounce_time
        self.pin.edges = "both"
        self.pin.when_changed = self._changed
        self.pin_factory.ticks()

    @property
    def is_pressed(self) -> bool:
        return bool(self.pin.state == self._active)

    def _changed(self, ticks: float, state: int) -> None:
        self.pin_factory.ticks_diff(self.pin_factory.ticks(), ticks)
        call = self.when_pressed if state == self._active else self.when_released
        if call:
            call()


__all__ = ["Button", "Device", "GPIOPinInUse", "LED", "PWMLED"]
