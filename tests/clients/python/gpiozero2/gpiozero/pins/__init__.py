"""Factory and Pin as 2.x documents them: properties over _get_… and _set_…, a board instead of a Pi."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Iterator, NamedTuple
from weakref import ref

from ..exc import GPIOPinInUse


class PinInfo(NamedTuple):
    number: int  # of the header
    name: str
    names: frozenset[str]
    pull: str  # of a resistor on the board: "up", "down" or ""
    row: int
    col: int
    interfaces: frozenset[str]


class BoardInfo:
    """The pins of one header, J8."""

    def __init__(self, pins: list[PinInfo]) -> None:
        self._pins = pins

    def find_pin(self, name: Any) -> Iterator[tuple[None, PinInfo]]:
        for info in self._pins:
            if name == info.name or name in info.names:
                yield None, info


class Factory:
    def __init__(self) -> None:
        self._reservations: dict[PinInfo, list[Any]] = defaultdict(list)

    def reserve_pins(self, requester: Any, *names: Any) -> None:
        for name in names:
            for _, info in self.board_info.find_pin(name):
                for other in self._reservations[info]:
                    if other() is not None and requester._conflicts_with(other()):
                        raise GPIOPinInUse(f"pin {info.name} is already in use by {other()!r}")
                self._reservations[info].append(ref(requester))

    def release_pins(self, reserver: Any, *names: Any) -> None:
        for name in names:
            for _, info in self.board_info.find_pin(name):
                self._reservations[info] = [
                    other for other in self._reservations[info] if other() not in (reserver, None)
                ]

    def _get_board_info(self) -> BoardInfo:
        raise NotImplementedError

    @property
    def board_info(self) -> BoardInfo:
        return self._get_board_info()


def _property(name: str) -> property:
    return property(
        lambda self: getattr(self, f"_get_{name}")(),
        lambda self, value: getattr(self, f"_set_{name}")(value),
    )


class Pin:
    function, state, pull = _property("function"), _property("state"), _property("pull")
    frequency, bounce, edges = _property("frequency"), _property("bounce"), _property("edges")
    when_changed = _property("when_changed")

    def output_with_state(self, state: float) -> None:
        self.function = "output"
        self.state = state
