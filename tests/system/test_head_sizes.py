"""Heads of all sizes on one connection: the library's memory for a small one is small, and a connection moves to a
larger one with the first head that needs it. Nobody may notice."""

from __future__ import annotations

import itertools
import random
import socket
import time

import pytest

from gateway_process import Gateway
from raw_http import RawConnection, request_text

LINE = "/api/v1/lines/green"


def padded(size: int, cookies: int = 1, fields: int = 0) -> dict[str, str]:
    """Fields that make a head about so long."""
    crumbs = "; ".join(f"c{i}={'y' * (size // cookies)}" for i in range(cookies))
    return {"Cookie": crumbs} | {f"X-{i}": "1" for i in range(fields)}


def get(gateway: Gateway, **headers: str) -> bytes:
    return request_text(gateway, "GET", LINE, headers=headers)


def put(gateway: Gateway, value: int, **headers: str) -> bytes:
    return request_text(gateway, "PUT", f"{LINE}/value", body=b"%d" % value, headers=headers)


SIZES = [0, 500, 2000, 2600, 2700, 2800, 2900, 3000, 3100, 3500, 4096, 7600, 8119, 12000, 16384, 19800]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cookies", [1, 5, 30])
@pytest.mark.parametrize("fields", [0, 25])
def test_head_of_any_size_is_answered(shared_gateway: Gateway, size: int, cookies: int, fields: int) -> None:
    more = padded(size, cookies, fields)
    for before in (0, 1, 3):  # small ones on the same connection
        with RawConnection(shared_gateway) as connection:
            for _ in range(before):
                assert connection.ask("GET", LINE).status == 200
            for _ in range(2):
                assert connection.ask("GET", LINE, headers=more).status == 200
            assert connection.ask("GET", LINE).json["name"] == "green"


def test_body_is_taken_behind_heads_of_any_size(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        for round_, (size, value) in enumerate(itertools.product(SIZES, (1, 0))):
            connection.send(put(shared_gateway, value, **padded(size)))
            answer = connection.read_answer("PUT")
            assert (answer.status, answer.json["value"]) == (200, value), (round_, size)


@pytest.mark.parametrize("seed", range(8))
def test_requests_in_pieces_and_ahead_of_their_answers(shared_gateway: Gateway, seed: int) -> None:
    """Whatever the kernel reports at once: parts of a head, many requests, the end of one with the begin of another."""
    chance = random.Random(seed)
    asked = []
    for _ in range(40):
        size = chance.choice([0, 0, 0, 200, 1500, 4000, 9000])
        value = chance.choice([None, 0, 1])
        asked.append((value, get(shared_gateway, **padded(size)) if value is None
                      else put(shared_gateway, value, **padded(size))))
    stream = b"".join(text for _, text in asked)
    with RawConnection(shared_gateway) as connection:
        while stream:
            cut = chance.choice([1, 2, 7, 100, 700, 1400, 6000])
            connection.send(stream[:cut])
            stream = stream[cut:]
            if chance.random() < 0.3:
                time.sleep(0.002)
        for value, _ in asked:
            answer = connection.read_answer()
            assert answer.status == 200 and (value is None or answer.json["value"] == value)


@pytest.mark.parametrize("size", [500, 5000])
def test_chunks_and_then_heads_of_any_size(shared_gateway: Gateway, size: int) -> None:
    chunked = request_text(shared_gateway, "PUT", f"{LINE}/value", headers={
        "Transfer-Encoding": "chunked", "Content-Type": "application/json"})
    with RawConnection(shared_gateway) as connection:
        for value in (1, 0):
            connection.send(chunked + b"1\r\n%d\r\n0\r\n\r\n" % value)
            assert connection.read_answer("PUT").json["value"] == value
            assert connection.ask("GET", LINE, headers=padded(size)).json["value"] == value


def test_end_of_the_peer_right_behind_a_large_head_has_its_answer(shared_gateway: Gateway) -> None:
    for before, size in itertools.product((0, 2), (100, 3500, 9000)):
        with RawConnection(shared_gateway) as connection:
            for _ in range(before):
                assert connection.ask("GET", LINE).status == 200
            connection.send(get(shared_gateway, **padded(size)))
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.read_answer().status == 200
            assert connection.ended()


def test_large_head_that_never_ends_is_closed_in_time_and_leaves_nothing(shared_gateway: Gateway) -> None:
    before = shared_gateway.descriptors()
    for _ in range(20):
        with RawConnection(shared_gateway) as connection:
            assert connection.ask("GET", LINE).status == 200
            connection.send(get(shared_gateway, **padded(5000))[:-10])
    deadline = time.monotonic() + 5
    while shared_gateway.descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shared_gateway.descriptors() <= before


def test_websocket_and_event_stream_begin_behind_a_large_head(shared_gateway: Gateway) -> None:
    for before in (0, 1):
        with RawConnection(shared_gateway) as connection:
            for _ in range(before):
                assert connection.ask("GET", LINE).status == 200
            connection.send(request_text(shared_gateway, "GET", "/ws", headers={
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} | padded(9000)))
            assert b" 101 " in connection.read_until(b"\r\n\r\n")
        with RawConnection(shared_gateway) as connection:
            for _ in range(before):
                assert connection.ask("GET", LINE).status == 200
            connection.send(request_text(shared_gateway, "GET", "/api/v1/events", headers=padded(9000)))
            assert b" 200 " in connection.read_until(b"\r\n\r\n")
            assert shared_gateway.post(f"{LINE}/toggle").status == 200
            connection.read_until(b'"line":"green"')
