"""WebSocket: how a connection becomes one."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
import websockets
from gateway_process import Gateway, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket, upgrade_headers

# The library renamed it with its version 14.
HEADERS = "extra_headers" if int(websockets.__version__.split(".")[0]) < 14 else "additional_headers"


def test_a_library_that_people_use_connects_toggles_and_closes(gateway: Gateway) -> None:
    async def talk() -> list[Any]:
        async with websockets.connect(
                gateway.ws, subprotocols=["gpio-gateway.v1"],  # type: ignore[list-item]
                **{HEADERS: {"Authorization": f"Bearer {gateway.token}"}}) as socket:
            snapshot = json.loads(await socket.recv())
            await socket.send('{"jsonrpc":"2.0","id":7,"method":"line.toggle",'
                              '"params":{"line":"red"}}')
            answers = [json.loads(await socket.recv()) for _ in range(2)]
            pong = await socket.ping()
            await asyncio.wait_for(pong, 5)
            assert socket.subprotocol == "gpio-gateway.v1"
        return [snapshot, *answers, socket.close_code]

    snapshot, *answers, code = asyncio.run(talk())
    assert snapshot["method"] == "snapshot"
    result = next(answer for answer in answers if "id" in answer)
    event = next(answer for answer in answers if "method" in answer)
    seq = snapshot["params"]["seq"] + 1
    assert result == {"jsonrpc": "2.0", "id": 7,
                      "result": {"line": "red", "was": 0, "value": 1, "seq": seq}}
    assert event["method"] == "event" and event["params"]["seq"] == seq
    assert code == 1000


def test_library_that_offers_compression_is_served_without(gateway: Gateway) -> None:
    with RawWebSocket(gateway, headers={
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}) as socket:
        assert socket.answer.status == 101
        assert socket.answer.headers["Sec-WebSocket-Extensions"] is None
        socket.snapshot()


def test_subprotocol_is_chosen_among_others(gateway: Gateway) -> None:
    for offered in ("gpio-gateway.v1", "chat, gpio-gateway.v1", "gpio-gateway.v1,chat"):
        with RawWebSocket(gateway, Sec_WebSocket_Protocol=offered) as socket:
            assert socket.answer.status == 101
            assert socket.answer.headers["Sec-WebSocket-Protocol"] == "gpio-gateway.v1"
            socket.snapshot()


def test_without_subprotocol_none_is_named(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket:
        assert socket.answer.status == 101
        assert socket.answer.headers["Sec-WebSocket-Protocol"] is None
        socket.snapshot()


@pytest.mark.parametrize("offered", ["chat", "gpio-gateway.v2", "gpio-gateway", "chat, soap"])
def test_unknown_subprotocol_is_400(shared_gateway: Gateway, offered: str) -> None:
    with RawWebSocket(shared_gateway, Sec_WebSocket_Protocol=offered) as socket:
        assert socket.answer.status == 400 and socket.answer.json["code"] == "bad-request"


@pytest.mark.parametrize("version", ["8", "7", "14", "0", "", None])
def test_other_versions_are_426(shared_gateway: Gateway, version: str | None) -> None:
    with RawWebSocket(shared_gateway, Sec_WebSocket_Version=version) as socket:
        assert socket.answer.status == 426
        assert socket.answer.headers["Sec-WebSocket-Version"] == "13"
        assert socket.answer.media_type == "application/problem+json"


@pytest.mark.parametrize("changes", [
    {"Upgrade": None}, {"Connection": None}, {"Upgrade": "h2c"}, {"Connection": "keep-alive"},
    {"Upgrade": None, "Connection": None},
])
def test_ws_without_upgrade_is_426(shared_gateway: Gateway, changes: dict[str, Any]) -> None:
    with RawWebSocket(shared_gateway, **changes) as socket:
        assert socket.answer.status == 426
        assert socket.answer.headers["Upgrade"].lower() == "websocket"


@pytest.mark.parametrize("key", [None, "", "x", "dGhlIHNhbXBsZSBub25jZ", "A" * 24, "=" * 24,
                                 "dGhlIHNhbXBsZSBub25jZQ==dGhl"])
def test_wrong_key_is_400(shared_gateway: Gateway, key: str | None) -> None:
    with RawWebSocket(shared_gateway, Sec_WebSocket_Key=key) as socket:
        assert socket.answer.status == 400


def test_header_words_are_taken_whatever_their_case(gateway: Gateway) -> None:
    with RawWebSocket(gateway, Upgrade="WebSocket", Connection="keep-alive, UPGRADE") as socket:
        assert socket.answer.status == 101
        socket.snapshot()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_ws_takes_get_only(shared_gateway: Gateway, method: str) -> None:
    answer = shared_gateway.request(method, "/ws", headers=upgrade_headers())
    assert answer.status == 405 and "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/api/v1/circuit", "/api/v1/lines/red/value"])
def test_upgrade_elsewhere_is_no_upgrade(shared_gateway: Gateway, path: str) -> None:
    with RawWebSocket(shared_gateway, path) as socket:
        assert socket.answer.status == 200


@pytest.mark.parametrize("path", ["/ws/", "/wsx", "/WS"])
def test_only_ws_is_the_websocket(shared_gateway: Gateway, path: str) -> None:
    with RawWebSocket(shared_gateway, path) as socket:
        assert socket.answer.status == 404


@pytest.mark.parametrize("path", ["/ws?since=", "/ws?x=1", "/ws?"])
def test_query_that_says_nothing_is_passed_over(shared_gateway: Gateway, path: str) -> None:
    with RawWebSocket(shared_gateway, path) as socket:
        assert socket.answer.status == 101
        socket.snapshot()


def test_upgrade_on_a_connection_that_was_used_before(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        for _ in range(5):
            assert connection.ask("GET", "/api/v1/lines/red/value").text.strip() == "0"
        assert connection.ask("PUT", "/api/v1/lines/red/value", body=b"1").status == 200
        socket = RawWebSocket(gateway, connection=connection)
        assert socket.answer.status == 101
        assert socket.snapshot()["lines"][0]["value"] == 1
        assert socket.call("line.toggle", line="red")["result"]["value"] == 0


def test_upgrade_after_a_refused_one_on_the_same_connection(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        refused = RawWebSocket(gateway, connection=connection, Sec_WebSocket_Version="8")
        assert refused.answer.status == 426
        if refused.answer.headers["Connection"] == "close":
            return
        socket = RawWebSocket(gateway, connection=connection)
        assert socket.answer.status == 101
        socket.snapshot()


@pytest.mark.parametrize("requests", [1, 3])
def test_requests_and_upgrade_in_one_segment(gateway: Gateway, requests: int) -> None:
    fields = upgrade_headers()
    with RawConnection(gateway) as connection:
        connection.send(request_text(gateway, "GET", "/api/v1/lines/red/value") * requests
                        + request_text(gateway, "GET", "/ws", headers=fields))
        for _ in range(requests):
            assert connection.read_answer().text.strip() == "0"
        socket = RawWebSocket.over(connection, fields)
        assert socket.answer.status == 101
        socket.snapshot()
        assert socket.call("system.ping")["result"]


def test_post_with_a_body_and_upgrade_in_one_segment(gateway: Gateway) -> None:
    fields = upgrade_headers()
    with RawConnection(gateway) as connection:
        connection.send(request_text(gateway, "PUT", "/api/v1/lines/red/value", body=b"1")
                        + request_text(gateway, "GET", "/ws", headers=fields))
        assert connection.read_answer().json["value"] == 1
        socket = RawWebSocket.over(connection, fields)
        assert socket.snapshot()["lines"][0]["value"] == 1


def test_upgrade_that_comes_byte_by_byte(gateway: Gateway) -> None:
    fields = upgrade_headers()
    with RawConnection(gateway) as connection:
        for byte in request_text(gateway, "GET", "/ws", headers=fields):
            connection.send(bytes([byte]))
        socket = RawWebSocket.over(connection, fields)
        assert socket.answer.status == 101
        socket.snapshot()


def test_two_hundred_quick_connections_leave_nothing_behind(gateway: Gateway) -> None:
    gateway.get("/healthz")
    before = gateway.descriptors()
    for number in range(200):
        with RawWebSocket(gateway) as socket:
            assert socket.answer.status == 101
            if number % 2:
                socket.snapshot()
    wait_until(lambda: gateway.descriptors() <= before, "end of the descriptors")
    assert gateway.get("/healthz").status == 200


def test_clients_that_go_in_the_middle_of_the_upgrade_leave_nothing_behind(
        gateway: Gateway) -> None:
    gateway.get("/healthz")
    before = gateway.descriptors()
    text = request_text(gateway, "GET", "/ws", headers=upgrade_headers())
    for length in range(1, len(text) + 1, 7):
        with RawConnection(gateway) as connection:
            connection.send(text[:length])
    with RawConnection(gateway) as connection:
        connection.send(text)
    wait_until(lambda: gateway.descriptors() <= before, "end of the descriptors")


def test_upgrade_over_the_unix_socket_needs_no_token(gateway: Gateway) -> None:
    with RawConnection(gateway, path=gateway.unix["http"]) as connection:
        socket = RawWebSocket(gateway, connection=connection, token=None)
        assert socket.answer.status == 101
        socket.snapshot()
        assert socket.call("line.set", line="red", value=1)["result"]["value"] == 1


def test_toggle_reaches_another_client_at_once(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as one, RawWebSocket(gateway) as other:
        one.snapshot()
        other.snapshot()
        took = []
        for _ in range(20):
            began = time.perf_counter()
            one.call("line.toggle", line="red")
            other.event()
            took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.02, took
