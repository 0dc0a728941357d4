"""What lay between two runs of a gateway that keeps a history file, asked by time over HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any, Callable, Iterable, Mapping
from urllib.parse import urlencode

from .address import Address
from .errors import GatewayError
from .events import Event, event_from
from .transport import open_socket

PAGE_EVENTS = 4096  # the most that the gateway gives in one answer
_BODY_MAX_BYTES = 16 * 1024 * 1024  # an event has some 300
PAGES_MAX = 16  # 65,536 events: beyond them a gap is told

FetchPage = Callable[[str], Iterable[Mapping[str, Any]]]


class _Connection(http.client.HTTPConnection):
    """http.client over a socket that is connected already."""

    def __init__(self, address: Address, sock: socket.socket) -> None:
        super().__init__(address.host)
        self.sock = sock


def fetch_page(
    address: Address,
    token: str | None,
    start: str,
    timeout: float,
    context: ssl.SSLContext | None = None,
) -> list[Mapping[str, Any]]:
    """The events from the time `start` on, oldest first: fewer than PAGE_EVENTS where there are no
    more. Raises GatewayError where the gateway does not take `from`, OSError or
    http.client.HTTPException where it does not answer.
    """
    query = {"from": start, "limit": PAGE_EVENTS}
    events: list[Mapping[str, Any]] = []
    while len(events) < PAGE_EVENTS:
        answer = _ask(address, token, query, timeout, context)
        events += answer["events"]
        # A gateway gives less than it was asked for where the rest would take it too long.
        if answer.get("next") is None or answer["next"] == query.get("since"):
            break
        query["since"] = answer["next"]
    return events


def _ask(
    address: Address,
    token: str | None,
    query: Mapping[str, Any],
    timeout: float,
    context: ssl.SSLContext | None,
) -> Any:
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
    return json.loads(body)


def events_between(seen: Event, boot: str, seq: int, fetch: FetchPage) -> list[Event] | None:
    """Every event after `seen` up to `seq` of the run `boot`, or None where some are missing.

    It is known to be whole when the record holds `seen` itself and the numbers of each run follow
    each other from there on, those of a new run from 1.
    """
    found: dict[tuple[str, int], Event] = {}
    start = seen.time
    for _ in range(PAGES_MAX):
        page = [event_from(params) for params in fetch(start)]
        fresh = [event for event in page if (event.boot, event.seq) not in found]
        found.update({(event.boot, event.seq): event for event in fresh})
        if (boot, seq) in found:
            return _whole_after(seen, list(found.values()), boot, seq)
        if not fresh or len(page) < PAGE_EVENTS:
            return None
        start = page[-1].time
    return None


def _whole_after(seen: Event, events: list[Event], boot: str, seq: int) -> list[Event] | None:
    places = [
        index
        for index, event in enumerate(events)
        if (event.boot, event.seq) == (seen.boot, seen.seq)
    ]
    if not places:
        return None
    between: list[Event] = []
    last = seen
    for event in events[places[0] + 1 :]:
        if event.seq != (last.seq + 1 if event.boot == last.boot else 1):
            return None
        between.append(event)
        last = event
        if (event.boot, event.seq) == (boot, seq):
            return between
    return None
