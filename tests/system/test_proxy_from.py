"""What a trusted proxy says of its clients (proxy.from), and what nobody else may say."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import RawConnection
from raw_websocket import RawWebSocket

CLIENT = "203.0.113.9"


@pytest.fixture
def trusting(start_gateway: StartGateway) -> Gateway:
    return start_gateway({"proxy": {"from": ["127.0.0.1", "unix"]},
                          "auth": {"allowed_hosts": ["pi.example"]},
                          "limits": {"connections": 100, "connections_per_peer": 8}})


def toggled_by(gateway: Gateway, **headers: str) -> str:
    answer = gateway.post("/api/v1/lines/red/toggle", headers={
        name.replace("_", "-"): value for name, value in headers.items()} | {
        "Authorization": f"Bearer {gateway.token}"})
    assert answer.status == 200, answer
    return str(gateway.get("/api/v1/lines/red").json["source"])


@pytest.mark.parametrize("fields", [
    {"X_Forwarded_For": CLIENT}, {"X_Forwarded_For": f"10.9.9.9, {CLIENT}"},
    {"X_Forwarded_For": f"{CLIENT}, 127.0.0.1"}, {"X_Forwarded_For": f"{CLIENT}:4711"},
    {"Forwarded": f"for={CLIENT}"}, {"Forwarded": f'For="{CLIENT}:80";proto=http;by=127.0.0.1'},
    {"Forwarded": f"for=10.0.0.1, for={CLIENT}"},
    {"Forwarded": f"for={CLIENT}", "X_Forwarded_For": CLIENT}])
def test_source_is_the_client_that_the_proxy_names(trusting: Gateway, fields: dict[str, str]) -> None:
    assert toggled_by(trusting, **fields) == f"http:{CLIENT}"


def test_ipv6_client_is_named(trusting: Gateway) -> None:
    assert toggled_by(trusting, Forwarded='for="[2001:db8::1]:99"') == "http:2001:db8::1"
    assert toggled_by(trusting, X_Forwarded_For="2001:db8::1") == "http:2001:db8::1"


def test_nobody_else_is_believed(gateway: Gateway) -> None:
    assert toggled_by(gateway, X_Forwarded_For=CLIENT).startswith("http:127.0.0.1:")
    answer = gateway.get("/api/v1/circuit", headers={
        "X-Forwarded-Host": "pi.example", "Host": "evil.example", "X-Forwarded-For": CLIENT})
    assert answer.status == 421


@pytest.mark.parametrize("fields", [
    {"X-Forwarded-For": "unknown"}, {"X-Forwarded-For": f"{CLIENT}, _x"}, {"Forwarded": "proto=https"},
    {"Forwarded": "for=evil"}, {"X-Forwarded-For": "1.2.3.4.5"},
    {"X-Forwarded-For": CLIENT, "Forwarded": "for=10.0.0.1"},
    {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "gopher"},
    {"X-Forwarded-For": CLIENT, "X-Forwarded-Host": "x" * 300}])
def test_what_a_proxy_cannot_mean_is_refused(trusting: Gateway, fields: dict[str, str]) -> None:
    assert trusting.get("/healthz", headers=fields).status == 400


def test_host_and_scheme_are_those_of_the_client(trusting: Gateway) -> None:
    said = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "pi.example",
            "Host": "upstream.internal"}
    assert trusting.get("/api/v1/circuit", headers=said).status == 200
    for origin, status in (("https://pi.example", 200), ("http://pi.example", 403),
                           ("https://pi.example:8443", 403), ("https://upstream.internal", 403)):
        answer = trusting.post("/api/v1/lines/red/toggle", headers=said | {"Origin": origin})
        assert answer.status == status, origin
    said["X-Forwarded-Host"] = "evil.example"
    assert trusting.get("/api/v1/circuit", headers=said).status == 421


def test_cookie_behind_tls_is_secure_and_of_this_host(trusting: Gateway) -> None:
    said = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "pi.example"}
    answer = trusting.post("/api/v1/session", {"token": trusting.token}, token=None, headers=said)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-gpio_gateway") and "; Secure" in cookie and "Path=/" in cookie
    assert "Domain" not in cookie
    pair = cookie.split(";")[0]
    assert trusting.get("/api/v1/circuit", headers=said | {"Cookie": pair}).status == 200
    answer = trusting.request("DELETE", "/api/v1/session", headers=said | {"Cookie": pair})
    assert any(value.startswith("__Host-") for value in answer.headers.get_all("Set-Cookie"))
    assert trusting.get("/api/v1/circuit", headers=said | {"Cookie": pair}).status == 401
    plain = trusting.post("/api/v1/session", {"token": trusting.token}, token=None)
    assert not plain.headers["Set-Cookie"].startswith("__Host-")


def test_proxy_is_not_counted_as_one_peer(trusting: Gateway) -> None:
    connections = [RawConnection(trusting) for _ in range(30)]
    for connection in connections:
        assert connection.ask("GET", "/healthz", headers={"X-Forwarded-For": CLIENT}).status == 200
        connection.close()


def test_each_client_behind_the_proxy_has_its_own_limit(trusting: Gateway) -> None:
    opened: list[RawWebSocket] = []

    def connect(client: str) -> int:
        opened.append(RawWebSocket(trusting, headers={"X-Forwarded-For": client}))
        return opened[-1].answer.status

    assert [connect(CLIENT) for _ in range(9)] == [101] * 8 + [503]
    assert connect("203.0.113.10") == 101
    assert trusting.get("/healthz").status == 200
    opened[0].connection.close()
    opened[0].connection = RawConnection(trusting)
    for _ in range(50):
        if connect(CLIENT) == 101:
            break
    else:
        raise AssertionError("the place of a client that left is free again")
    for socket_ in opened:
        socket_.connection.close()


def test_request_that_a_proxy_sent_over_the_unix_socket_needs_a_token(trusting: Gateway) -> None:
    def ask(**more: Any) -> int:
        with RawConnection(trusting, path=trusting.unix["http"]) as connection:
            return connection.ask("POST", "/api/v1/lines/red/toggle", **more).status

    assert ask(token=None, host="gateway") == 200
    for field in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        value = f"for={CLIENT}" if field == "Forwarded" else CLIENT
        assert ask(token=None, host="gateway", headers={field: value}) == 401
        assert ask(host="gateway", headers={field: value}) == 200


@pytest.mark.parametrize("value, part", [(["10.0.0.1/8"], "10.0.0.1/8"), (["example.org"], "example.org"),
                                         ("127.0.0.1", "list of addresses"), ([7], "an address"),
                                         (["127.0.0.1"] * 17, "more than 16")])
def test_wrong_proxy_is_told(start_gateway: StartGateway, gateway: Gateway, value: Any,
                             part: str) -> None:
    path = gateway.folder / "other.json"
    path.write_text(json.dumps({
        "circuit": {"lines": [{"name": "a", "direction": "output"}]}, "proxy": {"from": value}}))
    checked = gateway.run("check", str(path))
    assert checked.returncode == 78 and part in checked.stderr + checked.stdout


def test_guessing_through_a_proxy_slows_that_client_alone(trusting: Gateway) -> None:
    for _ in range(21):
        assert trusting.get("/api/v1/circuit", token="wrong", headers={
            "X-Forwarded-For": CLIENT, "Authorization": "Bearer wrong"}).status == 401
    begin = time.monotonic()
    assert trusting.get("/api/v1/circuit", headers={
        "X-Forwarded-For": "203.0.113.77", "Authorization": "Bearer wrong"}).status == 401
    assert time.monotonic() - begin < 0.5
