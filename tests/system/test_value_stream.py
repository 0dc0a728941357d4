"""One line's value as a stream of events and as a long poll: no event is missed, nothing is blocked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_http import EventStream, RawConnection, request_text

VALUE = "/api/v1/lines/red/value"


def poll(gateway: Gateway, query: str, line: str = "red") -> Any:
    """On a connection of its own, so that others ask meanwhile."""
    with RawConnection(gateway) as connection:
        return connection.ask("GET", f"/api/v1/lines/{line}/value?{query}")


def poll_and_stay(gateway: Gateway, stack: ExitStack) -> None:
    """Begins a poll whose answer nobody awaits."""
    connection = stack.enter_context(RawConnection(gateway))
    connection.send(request_text(gateway, "GET", VALUE + "?wait=50"))


def waiting_polls(gateway: Gateway) -> int:
    return sum(socket.get("owner") == "poll"
               for socket in gateway.get("/api/v1/sockets").json["sockets"])


def toggle(gateway: Gateway, line: str = "red") -> int:
    return int(gateway.post(f"/api/v1/lines/{line}/toggle").json["seq"])


# ---- the stream ----------------------------------------------------------------------------


def test_stream_tells_the_values_of_its_line_alone(gateway: Gateway) -> None:
    boot = gateway.circuit()["boot"]
    with EventStream(gateway, VALUE) as stream:
        assert stream.status == 200
        assert stream.headers["Content-Type"] == "text/event-stream"
        for value in (1, 0, 1):
            toggle(gateway, "green")
            seq = toggle(gateway)
            assert stream.next() == ("value", value, f"{boot}-{seq}")


@pytest.mark.parametrize("by", ["header", "query"])
def test_stream_resumes_with_every_value_in_between(gateway: Gateway, by: str) -> None:
    cursor = gateway.cursor()
    for _ in range(4):
        toggle(gateway)
        toggle(gateway, "green")
    with EventStream(gateway, VALUE + (f"?since={cursor}" if by == "query" else ""),
                     headers={"Last-Event-ID": cursor} if by == "header" else {}) as stream:
        assert [stream.next()[1] for _ in range(4)] == [1, 0, 1, 0]


def test_stream_that_cannot_resume_begins_with_the_value_as_it_is(gateway: Gateway) -> None:
    toggle(gateway)
    with EventStream(gateway, VALUE, headers={"Last-Event-ID": "00000000-1"}) as stream:
        assert stream.next() == ("value", 1, gateway.cursor())


def test_accept_chooses_between_the_value_and_its_stream(gateway: Gateway) -> None:
    for accept in ("*/*", "application/json", "text/plain, application/json"):
        answer = gateway.get(VALUE, headers={"Accept": accept})
        assert (answer.status, answer.text) == (200, "0\n")
    with RawConnection(gateway) as connection:
        answer: Any = connection.ask("HEAD", VALUE, headers={"Accept": "application/json, "
                                                                       "text/event-stream"})
        assert answer.headers["Content-Type"] == "text/event-stream"


def test_stream_of_an_unknown_line_is_refused(gateway: Gateway) -> None:
    answer = gateway.get("/api/v1/lines/rde/value", headers={"Accept": "text/event-stream"})
    assert (answer.status, answer.json["code"]) == \
        (404, "no-such-line")


def test_stream_needs_a_token(gateway: Gateway) -> None:
    with EventStream(gateway, VALUE, token=None) as stream:
        assert stream.status == 401


# ---- the long poll -------------------------------------------------------------------------


def test_poll_waits_for_the_next_event(gateway: Gateway) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, gateway, "wait=20")
        wait_until(lambda: waiting_polls(gateway) == 1, "the poll waits")
        toggle(gateway, "green")
        assert not waiting.done()
        seq = toggle(gateway)
        answer = waiting.result(5)
    assert (answer.status, answer.media_type, answer.json) == (200, "application/json", 1)
    assert answer.headers["Last-Event-ID"] == f"{gateway.circuit()['boot']}-{seq}"


def test_polls_one_after_another_miss_no_event(gateway: Gateway) -> None:
    since, seen = gateway.cursor(), []
    for _ in range(3):
        toggle(gateway)
        toggle(gateway, "green")
    while (answer := poll(gateway, f"since={since}&wait=0")).status == 200:
        since = answer.headers["Last-Event-ID"]
        seen.append(answer.json)
    assert (answer.status, answer.text, seen) == (204, "", [1, 0, 1])


def test_poll_in_which_nothing_came_is_empty_and_says_where_to_go_on(gateway: Gateway) -> None:
    began = time.monotonic()
    toggle(gateway, "green")
    answer = poll(gateway, f"since={gateway.cursor()}&wait=1")
    assert answer.status == 204 and 0.9 < time.monotonic() - began < 3
    assert answer.headers["Last-Event-ID"] == gateway.cursor()


def test_poll_of_another_run_gets_the_value_at_once(gateway: Gateway) -> None:
    toggle(gateway)
    answer = poll(gateway, "since=00000000-7&wait=20")
    assert (answer.status, answer.json) == (200, 1)
    assert answer.headers["Last-Event-ID"] == gateway.cursor()


@pytest.mark.parametrize("query", ["wait=61", "wait=-1", "wait=soon", "since=yesterday", "since=7"])
def test_poll_that_is_misspelt_is_refused(gateway: Gateway, query: str) -> None:
    answer = poll(gateway, query)
    assert (answer.status, answer.json["code"]) == (400, "bad-request")
    assert answer.json["detail"].startswith(query.partition("=")[0] + ": ")


def test_polls_that_wait_keep_nobody_waiting_and_end_with_their_clients(gateway: Gateway) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            poll_and_stay(gateway, stack)
        wait_until(lambda: waiting_polls(gateway) == 10, "ten polls wait")
        began = time.monotonic()
        toggle(gateway, "green")
        assert time.monotonic() - began < 1
    wait_until(lambda: waiting_polls(gateway) == 0, "they have ended")


def test_polls_count_against_the_connections_of_a_host(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 4}})
    with ExitStack() as stack:
        for _ in range(4):
            poll_and_stay(gateway, stack)
            time.sleep(0.05)
        with RawConnection(gateway) as connection:
            assert connection.ask("GET", "/healthz").status == 503


def test_poll_ends_when_the_gateway_does(gateway: Gateway) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poll, gateway, "wait=50", "button")
        time.sleep(0.3)
        gateway.stop()
        assert waiting.result(5).status in (200, 204)
