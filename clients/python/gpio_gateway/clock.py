"""The gateway's clock, seen from here."""

from __future__ import annotations

import time

_DRIFT = 1e-4  # seconds a second: what two cheap clocks may go apart


class ClockOffset:
    """How far the gateway's wall clock is from this machine's monotonic clock, from the pings whose
    answers came back soonest.
    """

    def __init__(self) -> None:
        self.offset_ns = time.time_ns() - time.monotonic_ns()
        self._error_ns: float | None = None
        self._measured_ns = 0

    def add(self, sent_ns: int, received_ns: int, gateway_ns: int) -> None:
        """A ping that left and came back at these monotonic times; its answer tells
        `gateway_ns`.
        """
        error = (received_ns - sent_ns) / 2
        if self._error_ns is not None:
            age = received_ns - self._measured_ns
            if error > self._error_ns + age * _DRIFT:
                return
        self._error_ns, self._measured_ns = error, received_ns
        self.offset_ns = gateway_ns - (sent_ns + received_ns) // 2

    def now_ns(self) -> int:
        """What the gateway's wall clock shows now, by the last measurement."""
        return time.monotonic_ns() + self.offset_ns
