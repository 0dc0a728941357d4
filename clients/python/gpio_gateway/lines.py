"""The lines of the circuit as objects: gateway.lines["red"].on()."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from .errors import NotFound

if TYPE_CHECKING:
    from .gateway import Gateway


@dataclass(frozen=True)
class Outcome:
    """What a command did. `seq` is the number of the event that it caused, or of the line's last
    one where nothing changed.
    """

    line: str
    was: int
    value: int
    seq: int


def milliseconds(seconds: float) -> int:
    """For the interface, which counts in whole milliseconds."""
    return round(seconds * 1000)


class Line:
    """One line. Times are in seconds; commands raise Conflict where the circuit forbids them, as on
    an input.
    """

    def __init__(self, gateway: Gateway, name: str) -> None:
        self._gateway = gateway
        self.name = name

    def __repr__(self) -> str:
        return f"<Line {self.name!r}>"

    @property
    def info(self) -> Mapping[str, Any]:
        """State and description, as the gateway tells them: direction, part, pwm, lock, gpio, …"""
        return self._gateway.line_info(self.name)

    @property
    def value(self) -> int:
        """1 or 0, after active_low. Setting it is set()."""
        return int(self.info["value"])

    @value.setter
    def value(self, value: int) -> None:
        self.set(value)

    @property
    def seq(self) -> int:
        """The number of the line's last event; what `expect` compares with."""
        return int(self.info["seq"])

    def set(self, value: int, *, for_s: float | None = None, expect: int | None = None) -> Outcome:
        """Sets the line; `for_s` seconds later it goes back. `expect` refuses with Conflict where
        the line has had an event since that seq.
        """
        more = {} if for_s is None else {"for_ms": milliseconds(for_s)}
        return self._do("line.set", expect, True, value=int(value), **more)

    def on(self) -> Outcome:
        return self.set(1)

    def off(self) -> Outcome:
        return self.set(0)

    def toggle(self, *, expect: int | None = None) -> Outcome:
        return self._do("line.toggle", expect, True)

    def pulse(self, seconds: float, *, expect: int | None = None) -> Outcome:
        """On for a time, then back."""
        return self._do("line.pulse", expect, False, ms=milliseconds(seconds))

    def blink(
        self,
        on_s: float = 1.0,
        off_s: float = 1.0,
        count: int | None = None,
        *,
        expect: int | None = None,
    ) -> Outcome:
        """Blinks `count` times, or until the next command."""
        more = {} if count is None else {"count": count}
        return self._do(
            "line.blink", expect, True, on_ms=milliseconds(on_s), off_ms=milliseconds(off_s), **more
        )

    def pwm(self, duty: float, hz: float | None = None, *, expect: int | None = None) -> Outcome:
        """Dims: `duty` is the share of time on, from 0 to 1."""
        more = {} if hz is None else {"hz": hz}
        return self._do("line.pwm", expect, True, duty=duty, **more)

    def stop(self, *, expect: int | None = None) -> Outcome:
        """Ends what runs: a blink at the value of that moment; PWM goes off."""
        return self._do("line.stop", expect, False)

    def _do(self, method: str, expect: int | None, leased: bool, **params: Any) -> Outcome:
        if expect is not None:
            params["expect"] = expect
        if leased and self._gateway.lease is not None:
            params["lease"] = self._gateway.lease
        result = self._gateway.call(method, line=self.name, **params)
        return Outcome(
            str(result["line"]), int(result["was"]), int(result["value"]), int(result["seq"])
        )


class Lines(Mapping[str, Line]):
    """Lines by name."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __getitem__(self, name: str) -> Line:
        names = self._gateway.line_names()
        if name not in names:
            near = difflib.get_close_matches(str(name), names, 1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"
            )
            raise NotFound(f"There is no line {name!r}: {hint}", "no-such-line")
        return Line(self._gateway, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._gateway.line_names())

    def __len__(self) -> int:
        return len(self._gateway.line_names())
