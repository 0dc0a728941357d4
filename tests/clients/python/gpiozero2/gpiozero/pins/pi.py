"""PiFactory and PiPin: pin_class(factory, info), found by name on a board."""

from __future__ import annotations

from threading import RLock
from types import MethodType
from typing import Any
from weakref import WeakMethod, ref

from ..exc import PinInvalidPin
from . import BoardInfo, Factory, Pin, PinInfo

# Of the header's pins those that the tests use; GPIO28 is on no header's pin with an interface.
_PINS = {11: 17, 13: 27, 15: 22, 16: 23, 18: 24, 22: 25, 37: 26, 7: 4}


class PiFactory(Factory):
    def __init__(self) -> None:
        super().__init__()
        self._info: BoardInfo | None = None
        self.pins: dict[PinInfo, Any] = {}
        self.pin_class: Any = None

    def close(self) -> None:
        for pin in self.pins.values():
            pin.close()
        self.pins.clear()

    def pin(self, name: Any) -> Any:
        for _, info in self.board_info.find_pin(name):
            if info not in self.pins:
                self.pins[info] = self.pin_class(self, info)
            return self.pins[info]
        raise PinInvalidPin(f"{name} is not a valid pin name")

    def _get_revision(self) -> int:
        raise NotImplementedError

    def _get_board_info(self) -> BoardInfo:
        if self._info is None:
            if self._get_revision() != 0xC03111:
                raise ValueError("a 4B is expected")
            self._info = BoardInfo(
                [
                    PinInfo(
                        pin,
                        f"GPIO{n}",
                        frozenset({str(n), n, f"BCM{n}", f"BOARD{pin}", f"J8:{pin}"}),
                        "",
                        pin // 2,
                        pin % 2,
                        frozenset({"gpio"}),
                    )
                    for pin, n in _PINS.items()
                ]
            )
        return self._info


class PiPin(Pin):
    def __init__(self, factory: Any, info: PinInfo) -> None:
        if "gpio" not in info.interfaces:
            raise PinInvalidPin(f"{info} is not a GPIO pin")
        self._factory = factory
        self._info = info
        self._number = int(info.name[4:])
        self._when_changed_lock = RLock()
        self._when_changed: Any = None

    @property
    def info(self) -> PinInfo:
        return self._info

    @property
    def factory(self) -> Any:
        return self._factory

    def __repr__(self) -> str:
        return self._info.name

    def _call_when_changed(self, ticks: float, state: int) -> None:
        method = self._when_changed()
        if method is None:
            self.when_changed = None
        else:
            method(ticks, state)

    def _get_when_changed(self) -> Any:
        return None if self._when_changed is None else self._when_changed()

    def _set_when_changed(self, value: Any) -> None:
        with self._when_changed_lock:
            if value is None:
                if self._when_changed is not None:
                    self._disable_event_detect()
                self._when_changed = None
                return
            enabled = self._when_changed is not None
            self._when_changed = WeakMethod(value) if isinstance(value, MethodType) else ref(value)
            if not enabled:
                self._enable_event_detect()

    def _enable_event_detect(self) -> None:
        raise NotImplementedError

    def _disable_event_detect(self) -> None:
        raise NotImplementedError
