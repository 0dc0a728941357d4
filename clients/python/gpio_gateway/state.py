"""The circuit as this client knows it: a snapshot, and each event laid over it."""

from __future__ import annotations

from typing import Any, Mapping

from .events import Event, Gap, Place, event_from

# What an event may tell of a line besides its value; the rest of a line changes with a snapshot
# only.
_CARRIED = ("value", "seq", "pwm", "action", "lease", "lock", "source", "role")


class CircuitState:
    """Not for several threads by itself: its owner locks."""

    def __init__(self) -> None:
        self.place: Place | None = None  # of the last event that the state has
        self.lines: dict[str, dict[str, Any]] = {}

    @property
    def boot(self) -> str | None:
        return self.place.boot if self.place else None

    @property
    def seq(self) -> int:
        return self.place.seq if self.place else 0

    @property
    def cursor(self) -> str | None:
        return self.place.cursor if self.place else None

    def take_snapshot(self, params: Mapping[str, Any]) -> Gap | None:
        """Replaces everything. A gap where events lie between what was known and this."""
        boot, seq = str(params["boot"]), int(params["seq"])
        lost: int | None = 0
        if self.boot is not None:
            lost = seq - self.seq if boot == self.boot else None
        self.lines = {str(line["name"]): dict(line) for line in params["lines"]}
        times = [str(line["changed_at"]) for line in params["lines"] if line.get("changed_at")]
        self.place = Place(boot, seq, max(times, default=None))
        return None if lost == 0 else self._gap(lost)

    def take_event(self, params: Mapping[str, Any]) -> tuple[Gap | None, Event | None]:
        """Lays an event over the state. A gap where its seq is not the next one; no event where it
        is known already.
        """
        event = event_from(params)
        if event.boot != self.boot or event.seq <= self.seq:
            return None, None
        lost = event.seq - self.seq - 1
        self.place = Place(event.boot, event.seq, event.time)
        line = self.lines.get(event.line)
        if line is not None:
            line.update({key: params[key] for key in _CARRIED if key in params})
            line["changed_at"] = event.time
        return (self._gap(lost) if lost else None), event

    def _gap(self, lost: int | None) -> Gap:
        values = {name: int(line["value"]) for name, line in self.lines.items()}
        return Gap(str(self.boot), self.seq, lost, values)
