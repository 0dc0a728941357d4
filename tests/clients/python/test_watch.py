"""Events: in order, resumed by a cursor, and told where some were lost."""

from __future__ import annotations

import gc
import socket
from typing import Any, Iterator

import pytest
from gateway_process import wait_until
from programs import Proxy

from gpio_gateway import Event, Gap, Gateway, watch
from gpio_gateway.state import CircuitState
from gpio_gateway.watch import Watch


@pytest.fixture
def proxy(process: Any) -> Iterator[Proxy]:
    made = Proxy((process.host, process.port))
    yield made
    made.close()


def test_an_event_tells_line_value_seq_time_cause_and_source(client: Gateway, process: Any) -> None:
    events = client.watch(timeout=5)
    process.post("/api/v1/lines/red/toggle")
    event = next(events)
    assert (event.line, event.value, event.cause) == ("red", 1, "toggle")
    assert event.seq == process.circuit()["seq"] and event.source.startswith("http:127.0.0.1")
    assert event.time.endswith("Z") and abs(event.when.timestamp() * 1e9 - event.time_ns) < 1e6
    assert not hasattr(event, "lost")


def test_a_watch_begins_when_it_is_made(client: Gateway) -> None:
    client.lines["red"].on()
    events = client.watch(timeout=0.2)
    client.lines["red"].off()
    client.lines["green"].on()
    assert [(event.line, event.value) for event in events] == [("red", 0), ("green", 1)]


def test_a_watch_may_be_of_some_lines(client: Gateway) -> None:
    events = client.watch(lines=["green"], timeout=0.2)
    client.lines["red"].on()
    client.lines["green"].on()
    assert [event.line for event in events] == ["green"]


def test_a_watch_goes_on_after_a_cursor(client: Gateway) -> None:
    client.lines["red"].on()
    cursor = client.cursor
    client.lines["red"].off()
    client.lines["red"].on()
    events = client.watch(since=cursor, timeout=0.3)
    client.lines["red"].off()
    assert [event.value for event in events] == [0, 1, 0]


def test_a_watch_goes_on_over_many_pages(client: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpio_gateway.history.PAGE_EVENTS", 7)
    cursor = client.cursor
    for _ in range(40):
        client.lines["red"].toggle()
    events = list(client.watch(since=cursor, timeout=0.2))
    assert [event.value for event in events] == [1, 0] * 20


def test_a_cursor_of_another_run_tells_a_gap_first(client: Gateway) -> None:
    client.lines["red"].on()
    first, *rest = client.watch(since="00000000-3", timeout=0.2)
    assert isinstance(first, Gap) and first.lost is None
    assert [event.line for event in rest][-1] == "red"


def test_a_cursor_that_fell_out_of_memory_tells_how_many_are_lost(
    start_gateway: Any, connect: Any
) -> None:
    client = connect(start_gateway({"limits": {"journal_events": 16}}))
    cursor = client.cursor
    for _ in range(50):
        client.lines["red"].toggle()
    first, *rest = client.watch(since=cursor, timeout=0.2)
    assert isinstance(first, Gap) and first.lost == 50 - len(rest) > 0


def test_a_closed_watch_ends(client: Gateway) -> None:
    events = client.watch()
    client.lines["red"].on()
    events.close()
    assert [event.value for event in events] == [1]


def test_a_watch_that_is_left_is_not_filled_for_ever(client: Gateway) -> None:
    client.lines["red"].on()
    for _ in client.watch(since="00000000-0"):
        break
    gc.collect()
    assert not client._link._watches


def test_a_watch_ends_with_its_client(client: Gateway) -> None:
    events = client.watch()
    client.close()
    assert list(events) == []


def test_after_a_lost_connection_no_event_is_missed(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token) as client:
        events = client.watch(timeout=5)
        process.post("/api/v1/lines/red/toggle")
        assert next(events).value == 1
        proxy.cut()
        for _ in range(20):
            process.post("/api/v1/lines/red/toggle")
        told = [next(events) for _ in range(20)]
        assert [event.value for event in told] == [0, 1] * 10
        assert [event.seq for event in told] == list(range(told[0].seq, told[0].seq + 20))


def test_what_fell_out_of_memory_meanwhile_is_told_as_lost(start_gateway: Any) -> None:
    process = start_gateway({"limits": {"journal_events": 16}})
    proxy = Proxy((process.host, process.port))
    with Gateway(proxy.url, process.token) as client:
        events = client.watch(timeout=5)
        nowhere = socket.create_server(("127.0.0.1", 0))
        nowhere.close()
        proxy.target = ("127.0.0.1", 1)
        proxy.cut()
        wait_until(lambda: not client.connected, "a lost connection")
        for _ in range(51):
            process.post("/api/v1/lines/red/toggle")
        proxy.target = (process.host, process.port)
        gap = next(events)
        assert isinstance(gap, Gap) and gap.lost == 51 and gap.values["red"] == 1
        client.lines["red"].off()
        assert next(events).value == 0
    proxy.close()


def test_a_watcher_that_is_slow_is_told_how_many_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUEUE_EVENTS", 4)
    slow = Watch(None, 0, lambda _: None)
    for seq in range(10):
        slow.put([Event("b", seq, "red", seq % 2, "", 0, "set", None)])
    first, *rest = slow
    assert isinstance(first, Gap) and first.lost == 10 - len(rest)
    assert [event.seq for event in rest] == list(range(10 - len(rest), 10))


def _snapshot(boot: str, seq: int, value: int = 0) -> dict[str, Any]:
    return {"boot": boot, "seq": seq, "lines": [{"name": "red", "value": value, "seq": seq}]}


def _event(boot: str, seq: int, value: int) -> dict[str, Any]:
    return {"boot": boot, "seq": seq, "line": "red", "value": value, "time": "", "cause": "set"}


def test_an_event_that_is_known_is_not_told_again() -> None:
    state = CircuitState()
    state.take_snapshot(_snapshot("a", 5))
    assert state.take_event(_event("a", 5, 1)) == (None, None)
    assert state.lines["red"]["value"] == 0


def test_a_jump_of_the_numbers_is_a_gap_before_the_event() -> None:
    state = CircuitState()
    state.take_snapshot(_snapshot("a", 5))
    gap, event = state.take_event(_event("a", 9, 1))
    assert gap and gap.lost == 3 and event and event.seq == 9


def test_a_snapshot_of_the_same_place_is_no_gap() -> None:
    state = CircuitState()
    assert state.take_snapshot(_snapshot("a", 5)) is None
    assert state.take_snapshot(_snapshot("a", 5, 1)) is None
    assert state.lines["red"]["value"] == 1


def test_a_snapshot_of_another_run_is_a_gap_of_unknown_size() -> None:
    state = CircuitState()
    state.take_snapshot(_snapshot("a", 5))
    gap = state.take_snapshot(_snapshot("b", 900, 1))
    assert gap and gap.lost is None and gap.values == {"red": 1}
