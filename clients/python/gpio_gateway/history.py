"""What lay between two events of a gateway that keeps a history file: asked for page by page, and
held against the numbers of the events.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any, Callable, Iterator, Mapping, Union
from urllib.parse import urlencode

from .address import Address
from .errors import GatewayError
from .events import Event, Gap, Place, event_from
from .transport import open_socket

PAGE_EVENTS = 4096  # the most that the gateway gives in one answer
_BODY_MAX_BYTES = 16 * 1024 * 1024  # an event has some 300
EVENTS_MAX = 65536  # beyond them a gap is told

# Asks for past events with these parameters of history.get; the answer has `events` and, where
# there are more, `next`.
Fetch = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Item = Union[Event, Gap]


class _Connection(http.client.HTTPConnection):
    """http.client over a socket that is connected already."""

    def __init__(self, address: Address, sock: socket.socket) -> None:
        super().__init__(address.host)
        self.sock = sock


def fetch_page(
    address: Address,
    token: str | None,
    query: Mapping[str, Any],
    timeout: float,
    context: ssl.SSLContext | None = None,
) -> Mapping[str, Any]:
    """One answer over HTTP. Raises GatewayError where the gateway does not take the parameters,
    OSError or http.client.HTTPException where it does not answer.
    """
    headers = {"Host": address.host_header, "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = _Connection(address, open_socket(address, timeout, context))
    try:
        path = f"{address.prefix}/api/v1/history?{urlencode(query)}"
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read(_BODY_MAX_BYTES)
    finally:
        connection.close()
    if answer.status != 200:
        raise GatewayError(f"history: HTTP {answer.status}")
    page: Mapping[str, Any] = json.loads(body)
    return page


def read_events(fetch: Fetch, query: Mapping[str, Any], until: tuple[str, int]) -> Iterator[Event]:
    """The events that `query` asks for, oldest first, up to the event `until` (boot and seq). A
    page may hold less than it was asked for, even nothing, and has a `next` then.
    """
    asked = {**query, "limit": query.get("limit", PAGE_EVENTS)}
    count = 0
    while count < EVENTS_MAX:
        answer = fetch(asked)
        last = None
        for params in answer["events"]:
            last = event_from(params)
            yield last
            if (last.boot, last.seq) == until:
                return
        count += len(answer["events"])
        following = answer.get("next")
        if following is None and last and len(answer["events"]) >= asked["limit"]:
            following = last.cursor  # of a gateway that does not tell `next`
        if following is None or following == asked.get("since"):
            return
        asked["since"] = following


def items_between(seen: Place, boot: str, seq: int, fetch: Fetch) -> list[Item] | None:
    """Every event after `seen` up to `seq` of the run `boot`; with gaps where some are missing and
    `seen` is of an earlier run. None where the record does not know that run, or tells nothing new.

    They are whole when the record holds `seen` itself and the numbers of each run follow each other
    from there on, those of a new run from 1. A gateway that was killed had not written its last
    half second: then a gap stands before the events of the next run.
    """
    by_time: list[Event] = []
    if seen.time:
        by_time = list(read_events(fetch, {"from": seen.time}, (boot, seq)))
        whole = _after(seen, by_time, boot, seq)
        if whole is not None:
            return list(whole)
    whole = _by_cursor(seen, boot, seq, fetch)
    if whole is not None:
        return list(whole)
    if seen.boot == boot or not by_time or (by_time[-1].boot, by_time[-1].seq) != (boot, seq):
        return None
    return _with_gaps(seen, by_time) if _is_recorded(seen.boot, fetch) else None


def _with_gaps(seen: Place, events: list[Event]) -> list[Item]:
    """The events after `seen`, and gaps where their numbers do not follow each other."""
    places = [(event.boot, event.seq) for event in events]
    is_known = (seen.boot, seen.seq) in places  # up to the end of its run
    items: list[Item] = []
    last: Place | Event = seen
    for event in events:
        if event.boot == seen.boot and event.seq <= seen.seq:
            continue
        lost: int | None = event.seq - 1
        if event.boot == last.boot:
            lost = event.seq - last.seq - 1
        elif lost or not is_known:
            lost = None
        if lost != 0:
            items.append(Gap(event.boot, event.seq - 1, lost))
        items.append(event)
        last, is_known = event, True
    return items


def _by_cursor(seen: Place, boot: str, seq: int, fetch: Fetch) -> list[Event] | None:
    """In the order of the record: also where the wall clock went back, as that of a Raspberry Pi
    may after a power cut.
    """
    before = f"{seen.boot}-{seen.seq - 1 if seen.seq else 0}"
    found: list[Event] = []
    for event in read_events(fetch, {"since": before}, (boot, seq)):
        if not found and (event.boot, event.seq) != (seen.boot, max(seen.seq, 1)):
            return None  # without that event the gateway answers from its oldest one on
        found.append(event)
    return _after(seen, found, boot, seq)


def _is_recorded(boot: str, fetch: Fetch) -> bool:
    """Whether the record has anything of that run."""
    first = fetch({"since": f"{boot}-0", "limit": 1})["events"]
    return bool(first) and first[0]["boot"] == boot


def _after(seen: Place, events: list[Event], boot: str, seq: int) -> list[Event] | None:
    for index, event in enumerate(events):
        if (event.boot, event.seq) == (seen.boot, seen.seq):
            return _follow(event, events[index + 1 :], boot, seq)
    return _follow(seen, events, boot, seq) if seen.seq == 0 else None


def _follow(last: Place | Event, events: list[Event], boot: str, seq: int) -> list[Event] | None:
    """`events`, if they follow `last` without a hole and end at `seq` of the run `boot`."""
    for event in events:
        if event.seq != (last.seq + 1 if event.boot == last.boot else 1):
            return None
        last = event
    return events if (last.boot, last.seq) == (boot, seq) else None
