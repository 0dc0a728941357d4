"""What a watcher is handed: events, and gaps where events were lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Mapping


@dataclass(frozen=True)
class Place:
    """A place among the events: after the event `seq` of the run `boot`. `time`, where it is known,
    is not later than that event.
    """

    boot: str
    seq: int
    time: str | None = None

    @property
    def cursor(self) -> str:
        return f"{self.boot}-{self.seq}"


@dataclass(frozen=True)
class Event:
    """Something happened on a line. `raw` is the whole of what the gateway told."""

    boot: str
    seq: int
    line: str
    value: int
    time: str  # wall clock, RFC 3339, UTC
    time_ns: int  # the same in nanoseconds since 1970
    cause: str
    source: str | None
    edge_ns: int | None = None  # of an edge: the kernel's monotonic clock at the gateway
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def cursor(self) -> str:
        """What watch(since=…) takes to go on after this event."""
        return f"{self.boot}-{self.seq}"

    @property
    def when(self) -> datetime:
        """`time` as a datetime with its zone."""
        return datetime.fromisoformat(self.time.replace("Z", "+00:00"))


@dataclass(frozen=True)
class Gap:
    """Events are missing here. `lost` is how many, None where nobody knows (a gateway that was
    restarted). `values` is what the lines have now; empty where events of before follow.
    """

    boot: str
    seq: int
    lost: int | None
    values: Mapping[str, int] = field(default_factory=dict, repr=False)
    line: None = None
    value: None = None
    time: None = None
    cause: str = "gap"
    source: None = None

    @property
    def cursor(self) -> str:
        return f"{self.boot}-{self.seq}"


def event_from(params: Mapping[str, Any]) -> Event:
    """Reads an event of the interface. What this client does not know stays in `raw`."""
    return Event(
        boot=str(params["boot"]),
        seq=int(params["seq"]),
        line=str(params.get("line") or ""),
        value=int(params.get("value") or 0),
        time=str(params.get("time", "")),
        time_ns=int(params.get("time_ns", 0)),
        cause=str(params.get("cause", "")),
        source=params.get("source"),
        edge_ns=params.get("edge_ns"),
        raw=params,
    )
