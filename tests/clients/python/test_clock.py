"""The gateway's clock, measured by pings."""

from __future__ import annotations

import time

from gpio_gateway.clock import ClockOffset

SECOND = 1_000_000_000


def test_the_offset_is_taken_at_the_middle_of_a_ping() -> None:
    clock = ClockOffset()
    clock.add(100, 300, 5_000)
    assert clock.offset_ns == 4_800


def test_a_slower_ping_changes_nothing() -> None:
    clock = ClockOffset()
    clock.add(100, 300, 5_000)
    clock.add(1_000, 9_000, 50_000)
    assert clock.offset_ns == 4_800


def test_a_slower_ping_counts_once_the_clocks_may_have_drifted() -> None:
    clock = ClockOffset()
    clock.add(0, 200, SECOND)
    later = 60 * SECOND
    clock.add(later, later + 2_000_000, later + 2 * SECOND)
    assert clock.offset_ns == 2 * SECOND - 1_000_000


def test_now_is_this_machines_monotonic_clock_and_the_offset() -> None:
    clock = ClockOffset()
    before = time.monotonic_ns()
    clock.add(before, before, 7 * SECOND)
    assert 0 <= clock.now_ns() - 7 * SECOND < SECOND
