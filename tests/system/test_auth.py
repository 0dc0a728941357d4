"""Who may do what: tokens, cookies, roles, the peer's user."""

from __future__ import annotations

import os
import re
import subprocess
from http.cookies import SimpleCookie
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket

GUARDED = [
    ("GET", "/api/v1/circuit"), ("GET", "/api/v1/lines"), ("GET", "/api/v1/lines/red"),
    ("GET", "/api/v1/lines/red/value"), ("PUT", "/api/v1/lines/red/value"),
    ("POST", "/api/v1/lines/red/toggle"), ("POST", "/api/v1/lines/red/pulse"),
    ("POST", "/api/v1/lines/red/blink"), ("POST", "/api/v1/lines/red/pwm"),
    ("POST", "/api/v1/lines/red/stop"), ("PUT", "/api/v1/lines"), ("POST", "/api/v1/off"),
    ("POST", "/api/v1/simulator/lines/button"), ("GET", "/api/v1/events"),
    ("GET", "/api/v1/history"), ("GET", "/api/v1/sockets"), ("GET", "/api/v1/sockets/1"),
    ("GET", "/api/v1/sockets/calls"), ("POST", "/api/v1/rpc"), ("GET", "/metrics"),
]
ACTING = [
    ("PUT", "/api/v1/lines/red/value", 1), ("POST", "/api/v1/lines/red/toggle", None),
    ("POST", "/api/v1/lines/red/pulse", {"ms": 5}),
    ("POST", "/api/v1/lines/red/blink", {"on_ms": 5, "off_ms": 5}),
    ("POST", "/api/v1/lines/red/pwm", {"duty": 0.5, "hz": 10}),
    ("POST", "/api/v1/lines/red/stop", None), ("PUT", "/api/v1/lines", {"red": 1}),
    ("POST", "/api/v1/off", None), ("POST", "/api/v1/simulator/lines/button", {"value": 1}),
    ("POST", "/api/v1/share", {"role": "operator"}),  # else it could make itself one
]


def cookie_of(answer: Any) -> SimpleCookie:
    cookie: SimpleCookie = SimpleCookie()
    cookie.load(answer.headers["Set-Cookie"])
    return cookie


# ---- without a token -----------------------------------------------------------------------


@pytest.mark.parametrize("method, path", GUARDED)
def test_without_a_token_it_is_401(shared_gateway: Gateway, method: str, path: str) -> None:
    before = shared_gateway.circuit()["seq"]
    answer = shared_gateway.request(method, path, b"1" if method != "GET" else None, token=None)
    assert answer.status == 401 and answer.json["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert shared_gateway.circuit()["seq"] == before


def test_without_a_token_a_websocket_is_401(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway, token=None) as socket:
        assert socket.answer.status == 401 and socket.answer.json["code"] == "unauthorized"


def test_page_files_and_health_need_no_token(shared_gateway: Gateway) -> None:
    for path in ("/", "/index.html", "/main.js", "/page.css", "/manifest.webmanifest", "/healthz"):
        assert shared_gateway.get(path, token=None).status == 200, path


@pytest.mark.parametrize("field", [
    "Bearer", "Bearer ", "Bearer x", "Bearer {token}x", "Bearer {short}", "Basic {token}",
    "{token}", "Bearer {upper}", "Token {token}", "Bearer \"{token}\"", "Bearer {zeros}",
    "Bearer {token},x", "bearer: {token}",
])
def test_what_is_no_token_is_401(shared_gateway: Gateway, field: str) -> None:
    token = shared_gateway.token
    upper = token.upper() if token.upper() != token else token + "A"
    text = field.format(token=token, short=token[:-1], upper=upper, zeros="0" * len(token))
    assert shared_gateway.get("/api/v1/circuit",
                              headers={"Authorization": text}).status == 401


def test_token_comes_as_bearer_whatever_the_schemes_case(shared_gateway: Gateway) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert shared_gateway.get("/api/v1/circuit", headers={
            "Authorization": f"{scheme} {shared_gateway.token}"}).status == 200


def test_token_does_not_come_in_the_query_of_other_routes(shared_gateway: Gateway) -> None:
    for path in ("/api/v1/circuit", "/ws", "/api/v1/events"):
        answer = shared_gateway.get(f"{path}?token={shared_gateway.token}", token=None)
        assert answer.status == 401, path


# ---- the cookie ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_link_with_a_token_sets_the_cookie_and_redirects_to_the_page(gateway: Gateway,
                                                                     role: str) -> None:
    token = gateway.token if role == "operator" else gateway.viewer_token
    answer = gateway.get(f"/?token={token}", token=None)
    assert answer.status in (302, 303, 307) and answer.headers["Location"] == "./"
    assert token not in answer.text
    [(name, morsel)] = cookie_of(answer).items()
    assert morsel["httponly"] and morsel["samesite"] == "Strict"
    assert morsel["path"] == "/" and not morsel["domain"]
    look = {"Cookie": f"other=1; {name}={morsel.value}; more=2"}
    assert gateway.get("/api/v1/circuit", headers=look).status == 200
    with RawWebSocket(gateway, token=None, headers=look) as socket:
        assert socket.answer.status == 101
        socket.snapshot()
        answered = socket.call("line.toggle", line="red")
    acted = gateway.put("/api/v1/lines/red/value", 1, headers=look)
    if role == "operator":
        assert acted.status == 200 and answered["result"]["value"] == 1
    else:
        assert acted.status == 403 and answered["error"]["code"] == -32006


def test_link_with_a_wrong_token_sets_no_cookie(gateway: Gateway) -> None:
    for token in ("", "x", gateway.token[:-1], gateway.token + "0", "%00", gateway.token + "%00"):
        answer = gateway.get(f"/?token={token}", token=None)
        assert answer.headers["Set-Cookie"] is None, token
        assert answer.status in (200, 401, 403), token


@pytest.mark.parametrize("value", ["", "x", "{short}", "{token}x", "\"{token}"])
def test_wrong_cookie_is_401(gateway: Gateway, value: str) -> None:
    [name] = cookie_of(gateway.get(f"/?token={gateway.token}", token=None))
    text = value.format(token=gateway.token, short=gateway.token[:-1])
    answer = gateway.get("/api/v1/circuit", headers={"Cookie": f"{name}={text}"})
    assert answer.status == 401


def test_cookie_of_a_longer_name_does_not_count(gateway: Gateway) -> None:
    [name] = cookie_of(gateway.get(f"/?token={gateway.token}", token=None))
    for other in (f"x{name}", f"{name}x", f"{name} x", name.upper()):
        answer = gateway.get("/api/v1/circuit", headers={"Cookie": f"{other}={gateway.token}"})
        assert answer.status == 401, other


# ---- roles ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method, path, body", ACTING)
def test_viewer_may_not_act(shared_gateway: Gateway, method: str, path: str, body: Any) -> None:
    before = shared_gateway.circuit()["seq"]
    answer = shared_gateway.request(method, path, body, token=shared_gateway.viewer_token)
    assert answer.status == 403 and answer.json["code"] == "forbidden"
    assert shared_gateway.circuit()["seq"] == before


@pytest.mark.parametrize("path", [
    "circuit", "lines", "lines/red", "lines/red/value", "history", "sockets", "sockets/calls",
])
def test_viewer_may_look(shared_gateway: Gateway, path: str) -> None:
    assert shared_gateway.get(f"/api/v1/{path}",
                              token=shared_gateway.viewer_token).status == 200


def test_tokens_are_two_of_at_least_128_bits(gateway: Gateway) -> None:
    assert gateway.token != gateway.viewer_token
    for token in (gateway.token, gateway.viewer_token):
        bits = 4 if re.fullmatch("[0-9a-f]+", token) else 5
        assert re.fullmatch("[A-Za-z0-9_-]+", token) and len(token) * bits >= 128


def test_every_installation_has_its_own_tokens(start_gateway: StartGateway) -> None:
    one, two = start_gateway(), start_gateway()
    assert one.token != two.token
    assert two.get("/api/v1/circuit", token=one.token).status == 401


def test_mode_none_lets_everybody_act_without_a_token(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"mode": "none"}})
    assert gateway.put("/api/v1/lines/red/value", 1, token=None).json["value"] == 1
    with RawWebSocket(gateway, token=None) as socket:
        socket.snapshot()
        assert socket.call("line.toggle", line="red")["result"]["value"] == 0
    assert not (gateway.state / "token").exists(), "nothing to keep, so nothing is kept"


def test_mode_none_still_guards_host_and_origin(start_gateway: StartGateway) -> None:
    """Else any page in the user's browser could switch the relay."""
    gateway = start_gateway({"auth": {"mode": "none"}})
    evil = {"Origin": "http://evil.example"}
    assert gateway.put("/api/v1/lines/red/value", 1, token=None, headers=evil).status == 403
    with RawWebSocket(gateway, token=None, headers=evil) as socket:
        assert socket.answer.status == 403
    assert gateway.get("/api/v1/circuit", token=None,
                       headers={"Host": "evil.example"}).status == 421
    assert gateway.value("red") == 0


# ---- AF_UNIX -------------------------------------------------------------------------------


def test_curl_over_the_unix_socket_needs_no_token(gateway: Gateway) -> None:
    def curl(*words: str) -> str:
        return subprocess.run(["curl", "-sS", "--unix-socket", gateway.unix["http"], *words],
                              capture_output=True, text=True, check=True, timeout=10).stdout
    assert '"lines"' in curl("http://gateway/api/v1/lines")
    assert '"value":1' in curl("-X", "POST", "http://gateway/api/v1/lines/red/toggle")
    assert gateway.value("red") == 1
    line = gateway.get("/api/v1/lines/red").json
    assert line["source"].startswith("http:") and "127.0.0.1" not in line["source"]


def test_host_is_not_checked_over_the_unix_socket(gateway: Gateway) -> None:
    for host, token, status in (("gateway", None, 200), ("x", None, 200), ("localhost", None, 200),
                                ("127.0.0.1:8080", None, 200), ("[::1]", None, 200), ("evil.example", "", 200),
                                ("evil.example", None, 401), ("192.168.1.5:8080", None, 401),
                                ("192.168.1.5:8080", "", 200), ("[2001:db8::1]", None, 401), ("pi.local", None, 401),
                                ("a%2eb", None, 401), ("localhost.evil.example", None, 401)):
        with RawConnection(gateway, path=gateway.unix["http"]) as connection:
            answer = connection.ask("GET", "/api/v1/circuit", token=token, host=host)
            assert answer.status == status, host


@pytest.mark.parametrize("field", [
    "Forwarded: for=203.0.113.9", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https",
    "X-Forwarded-Host: pi.example", "X-Real-IP: 203.0.113.9", "Via: 1.1 proxy",
    "Origin: http://gateway", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "X-Client-IP: 203.0.113.9",
    "CF-Connecting-IP: 203.0.113.9", "True-Client-IP: 203.0.113.9", "X-Forwarded-Ssl: on", "X-Original-Host: pi",
    "Referer: http://gateway/", "Upgrade-Insecure-Requests: 1", "Sec-Fetch-User: ?1"])
def test_request_that_a_proxy_passed_on_over_the_unix_socket_needs_a_token(
        gateway: Gateway, field: str) -> None:
    """The proxy's user is not who asks."""
    name, _, value = field.partition(": ")
    for token, status in ((None, 401), ("", 200)):
        with RawConnection(gateway, path=gateway.unix["http"]) as connection:
            assert connection.ask("POST", "/api/v1/lines/red/toggle", token=token, host="gateway",
                                  headers={name: value}).status == status


def test_wrong_token_over_the_unix_socket_takes_nothing_away(gateway: Gateway) -> None:
    with RawConnection(gateway, path=gateway.unix["http"]) as connection:
        answer = connection.ask("POST", "/api/v1/lines/red/toggle", token="wrong")
    assert answer.status == 200


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_needs_a_token_over_the_unix_socket(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"listen": {"socket_mode": "0666"}})
    gateway.runtime.chmod(0o711)

    def ask(*words: str) -> str:
        # From within the folder: those above it are closed to others.
        return subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-s", "-o",
             "/dev/null", "-w", "%{http_code}", "--unix-socket", "http.sock", *words,
             "http://gateway/api/v1/circuit"], cwd=gateway.runtime, capture_output=True, text=True,
            timeout=10, check=False).stdout

    assert ask() == "401"
    assert ask("-H", f"Authorization: Bearer {gateway.token}") == "200"


# ---- what it keeps to itself ---------------------------------------------------------------


def test_token_is_written_nowhere_that_others_read(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"log": {"level": "debug"}})
    gateway.get(f"/?token={gateway.token}", token=None)
    gateway.get(f"/?token={gateway.token}x", token=None)
    gateway.get(f"/?token={gateway.viewer_token}", token=None)
    gateway.get(f"/api/v1/circuit?token={gateway.token}")
    gateway.post("/api/v1/rpc", gateway.token.encode())
    gateway.request("GET", "/api/v1/circuit", headers={"Authorization": f"Basic {gateway.token}"})
    with RawWebSocket(gateway, f"/ws?token={gateway.token}", token=None):
        pass
    told = [gateway.get(path).text for path in
            ("/api/v1/circuit", "/api/v1/history", "/api/v1/sockets", "/api/v1/sockets/calls",
             "/metrics", "/healthz", "/api/v1/openapi.json")]
    gateway.stop()
    for text in (*told, gateway.log, *gateway.stdout_lines):
        assert gateway.token not in text and gateway.viewer_token not in text


def test_token_is_in_no_argument_and_no_variable_of_the_process(gateway: Gateway) -> None:
    for name in ("cmdline", "environ"):
        with open(f"/proc/{gateway.pid}/{name}", "rb") as file:
            assert gateway.token.encode() not in file.read()


def test_two_requests_of_different_roles_on_one_connection(gateway: Gateway) -> None:
    """What one request may do says nothing of the next."""
    with RawConnection(gateway) as connection:
        assert connection.ask("GET", "/api/v1/circuit").status == 200
        assert connection.ask("GET", "/api/v1/circuit", token=None).status == 401
        toggle = ("POST", "/api/v1/lines/red/toggle")
        assert connection.ask(*toggle, token=gateway.viewer_token).status == 403
        assert connection.ask(*toggle).status == 200
        connection.send(request_text(gateway, *toggle, token=None)
                        + request_text(gateway, "GET", "/api/v1/lines/red/value"))
        assert connection.read_answer().status == 401
        assert connection.read_answer().text.strip() == "1"
