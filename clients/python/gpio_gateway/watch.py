"""One watcher's queue of events."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Callable, Collection, Deque, Iterable, Iterator, Union

from .errors import GatewayError
from .events import Event, Gap

QUEUE_EVENTS = 65536  # what a watcher may be behind; beyond it a gap takes the oldest one's place

Item = Union[Event, Gap]


class Watch(Iterator[Item]):
    """Iterates over events as they come, for ever: until close(), the gateway's close(), or
    `timeout` seconds in which nothing came. `lines` leaves out the others' events, never gaps.
    """

    def __init__(
        self,
        lines: Collection[str] | None,
        timeout: float | None,
        on_close: Callable[[Watch], None],
    ) -> None:
        self._lines = None if lines is None else frozenset(lines)
        self._timeout = timeout
        self._on_close = on_close
        self._items: Deque[Item] = deque()
        self._ready = threading.Condition()
        self._ended = False
        self._error: GatewayError | None = None

    def put(self, items: Iterable[Item]) -> None:
        """Adds to the queue; called by the connection's thread."""
        with self._ready:
            for item in items:
                if isinstance(item, Gap) or self._lines is None or item.line in self._lines:
                    self._items.append(item)
            if len(self._items) > QUEUE_EVENTS:
                self._drop_oldest()
            self._ready.notify()

    def put_first(self, items: Iterable[Item]) -> None:
        """Puts what lay before the queue's own beginning in front of it."""
        with self._ready:
            self._items.extendleft(
                reversed(
                    [
                        item
                        for item in items
                        if isinstance(item, Gap) or self._lines is None or item.line in self._lines
                    ]
                )
            )

    def _drop_oldest(self) -> None:
        lost: int | None = 0
        while len(self._items) >= QUEUE_EVENTS:
            item = self._items.popleft()
            more = item.lost if isinstance(item, Gap) else 1
            lost = None if lost is None or more is None else lost + more
        self._items.appendleft(Gap(item.boot, item.seq, lost))

    def end(self, error: GatewayError | None = None) -> None:
        """No more will come: the iteration ends once the queue is empty, with `error` if there is
        one.
        """
        with self._ready:
            self._ended = True
            self._error = self._error or error
            self._ready.notify_all()

    def close(self) -> None:
        """Ends the iteration, in whatever thread it waits."""
        self._on_close(self)
        self.end()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> Item:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        with self._ready:
            while not self._items:
                if self._error:
                    raise self._error
                if self._ended:
                    raise StopIteration
                # A wait without a limit could not be interrupted on every system.
                left = 3600.0 if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    raise StopIteration
                self._ready.wait(left)
            return self._items.popleft()
