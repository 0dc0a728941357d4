"""Browsers that are logged in: a session in a cookie, listed, ended, kept over a restart."""

from __future__ import annotations

import os
import signal
import stat
from http.cookies import SimpleCookie
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_http import EventStream, RawConnection
from raw_websocket import RawWebSocket

POLICY_VIOLATION = 1008


def log_in(gateway: Gateway, token: str, cookie: str = "") -> str:
    """Follows a link; the cookie as a browser sends it back."""
    answer = gateway.get(f"/?token={token}", token=None,
                         headers={"Cookie": cookie} if cookie else {})
    assert answer.status == 303
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def role(gateway: Gateway, cookie: str) -> str | None:
    answer = gateway.get("/api/v1/session", headers={"Cookie": cookie})
    assert answer.status in (200, 401)
    return answer.json.get("role") if answer.status == 200 else None


def sessions(gateway: Gateway, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gateway.get("/api/v1/sessions", **more).json["sessions"]
    return found


def admin_token(gateway: Gateway) -> str:
    shown = gateway.run("token", "show").stdout
    return next(line.split()[1] for line in shown.splitlines() if line.startswith("admin "))


# ---- the cookie ------------------------------------------------------------------------------


def test_cookie_is_no_token(gateway: Gateway) -> None:
    name, _, value = log_in(gateway, gateway.token).partition("=")
    assert gateway.token not in value and len(value) * 4 >= 128
    with RawConnection(gateway) as connection:
        for text in (f"Bearer {value}", f"Bearer {name}={value}"):
            assert connection.ask("GET", "/api/v1/circuit", token=None,
                                  headers={"Authorization": text}).status == 401
    assert gateway.get(f"/?token={value}", token=None).status == 401


def test_every_login_is_another_session(gateway: Gateway) -> None:
    assert log_in(gateway, gateway.token) != log_in(gateway, gateway.token)


def test_two_gateways_on_one_host_stay_logged_in(start_gateway: StartGateway) -> None:
    one, two = start_gateway(), start_gateway()
    jar = "; ".join([log_in(one, one.token), log_in(two, two.viewer_token)])
    assert role(one, jar) == "operator" and role(two, jar) == "viewer"


@pytest.mark.parametrize("form", ["{name}=x; {right}", "{right}; {name}=x",
                                  "{name}=; {right}; {name}={zeros}"])
def test_wrong_twin_of_the_cookie_takes_nothing_away(gateway: Gateway, form: str) -> None:
    right = log_in(gateway, gateway.token)
    name = right.partition("=")[0]
    assert role(gateway, form.format(name=name, right=right, zeros="0" * 32)) == "operator"


def test_cookie_in_a_second_line_counts(gateway: Gateway) -> None:
    right = log_in(gateway, gateway.token)
    with RawConnection(gateway) as connection:
        connection.send(f"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nCookie: a=1\r\n"
                        f"Cookie: {right}\r\n\r\n".encode())
        assert connection.read_answer().status == 200


def test_cookie_of_the_time_before_sessions_is_read_and_replaced(gateway: Gateway) -> None:
    old = f"gpio_gateway={gateway.token}"
    assert role(gateway, old) == "operator"
    assert role(gateway, f"gpio_gateway={gateway.token}x") is None
    new = log_in(gateway, gateway.token, old)
    assert not new.startswith("gpio_gateway=") and role(gateway, new) == "operator"


# ---- ends ------------------------------------------------------------------------------------


def test_logging_out_ends_the_session_and_its_connections(gateway: Gateway) -> None:
    cookie = log_in(gateway, gateway.token)
    other = log_in(gateway, gateway.token)
    with RawWebSocket(gateway, token=None, headers={"Cookie": cookie}) as mine, \
            RawWebSocket(gateway, token=None, headers={"Cookie": other}) as theirs, \
            EventStream(gateway, token=None, headers={"Cookie": cookie}) as stream:
        mine.snapshot()
        theirs.snapshot()
        answer = gateway.request("DELETE", "/api/v1/session", headers={"Cookie": cookie})
        assert answer.status == 204
        cleared = SimpleCookie()
        for field in answer.headers.get_all("Set-Cookie"):
            cleared.load(field)
        assert cookie.partition("=")[0] in cleared and "gpio_gateway" in cleared
        assert all(morsel["max-age"] == "0" for morsel in cleared.values())
        assert role(gateway, cookie) is None and role(gateway, other) == "operator"
        assert mine.read_close() == POLICY_VIOLATION
        stream.connection.read_to_end()
        assert theirs.call("line.toggle", line="red")["result"]["value"] == 1


def test_sessions_are_listed_without_their_secrets(gateway: Gateway) -> None:
    cookie = log_in(gateway, gateway.token)
    log_in(gateway, gateway.token)
    listed = sessions(gateway, headers={"Cookie": cookie})
    assert [found["current"] for found in listed] == [True, False]
    assert {found["role"] for found in listed} == {"operator"}
    assert listed[0]["source"].startswith("127.0.0.1:")
    answer = gateway.get("/api/v1/sessions", headers={"Cookie": cookie})
    assert cookie.partition("=")[2] not in answer.text and gateway.token not in answer.text


def test_admin_sees_all_sessions_and_others_those_of_their_token(gateway: Gateway) -> None:
    log_in(gateway, gateway.token)
    viewer = log_in(gateway, gateway.viewer_token)
    assert len(sessions(gateway, token=admin_token(gateway))) == 2
    [own] = sessions(gateway, headers={"Cookie": viewer})
    assert own["role"] == "viewer"
    [foreign] = sessions(gateway)
    path = f"/api/v1/sessions/{foreign['id']}"
    assert gateway.request("DELETE", path, headers={"Cookie": viewer}).status == 404
    assert gateway.request("DELETE", path, token=None).status == 401
    assert gateway.request("DELETE", path).status == 204
    assert gateway.request("DELETE", path).status == 404


def test_ended_session_is_out_at_once(gateway: Gateway) -> None:
    cookie = log_in(gateway, gateway.viewer_token)
    with RawWebSocket(gateway, token=None, headers={"Cookie": cookie}) as socket:
        socket.snapshot()
        [listed] = sessions(gateway, token=admin_token(gateway))
        assert gateway.request("DELETE", f"/api/v1/sessions/{listed['id']}",
                               token=admin_token(gateway)).status == 204
        assert socket.read_close() == POLICY_VIOLATION
    assert role(gateway, cookie) is None


# ---- a restart -------------------------------------------------------------------------------


def test_restart_keeps_people_logged_in(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    cookie, gone = log_in(gateway, gateway.token), log_in(gateway, gateway.viewer_token)
    gateway.request("DELETE", "/api/v1/session", headers={"Cookie": gone})
    assert gateway.stop() == 0
    path = gateway.state / "sessions"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert gateway.token not in path.read_text()
    again = start_gateway(folder=gateway.folder)
    assert role(again, cookie) == "operator" and role(again, gone) is None


@pytest.mark.parametrize("text", ["nonsense\n", "", "\0", "a b c d e f g\n", "x" * 100_000])
def test_damaged_file_of_sessions_logs_everybody_out_and_no_more(start_gateway: StartGateway,
                                                                 text: str) -> None:
    gateway = start_gateway()
    cookie = log_in(gateway, gateway.token)
    assert gateway.stop() == 0
    (gateway.state / "sessions").write_text(text)
    again = start_gateway(folder=gateway.folder)
    assert role(again, cookie) is None
    assert role(again, log_in(again, again.token)) == "operator"


def test_fifo_in_place_of_the_sessions_does_not_hold_the_start(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    assert gateway.stop() == 0
    path = gateway.state / "sessions"
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    again = start_gateway(folder=gateway.folder)
    assert again.get("/healthz", token=None).status == 200


def test_most_sessions_are_256_and_the_oldest_goes(gateway: Gateway) -> None:
    first = log_in(gateway, gateway.token)
    second = log_in(gateway, gateway.token)
    for _ in range(255):
        log_in(gateway, gateway.token)
    assert role(gateway, first) is None and role(gateway, second) == "operator"
    assert len(sessions(gateway)) == 256


# ---- tokens ----------------------------------------------------------------------------------


def test_revoked_token_is_out_at_once(gateway: Gateway) -> None:
    """Open WebSockets, streams, lines and sessions, too; others stay."""
    assert gateway.token, "the first operator's, read before there is a second one"
    token = gateway.run("token", "new", "operator", "hall").stdout.split()[0]
    wait_until(lambda: gateway.get("/api/v1/circuit", token=token).status == 200, "the new token")
    cookie = log_in(gateway, token)
    with RawWebSocket(gateway, token=token) as mine, RawWebSocket(gateway) as other, \
            RawWebSocket(gateway, token=None, headers={"Cookie": cookie}) as browser, \
            EventStream(gateway, token=token) as stream:
        for socket in (mine, other, browser):
            socket.snapshot()
        assert gateway.run("token", "revoke", "hall").returncode == 0
        assert mine.read_close() == POLICY_VIOLATION
        assert browser.read_close() == POLICY_VIOLATION
        stream.connection.read_to_end()
        assert other.call("line.toggle", line="red")["result"]["value"] == 1
    assert gateway.get("/api/v1/circuit", token=token).status == 401
    assert role(gateway, cookie) is None


def test_file_that_holds_no_tokens_changes_nothing(gateway: Gateway) -> None:
    token = gateway.token
    (gateway.state / "token").write_text("nonsense\n")
    wait_until(lambda: "tokens unchanged" in gateway.log, "the log")
    assert gateway.get("/api/v1/circuit", token=token).status == 200


def test_removed_tokens_are_made_anew_by_a_reload(gateway: Gateway) -> None:
    token = gateway.token
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        (gateway.state / "token").unlink()
        os.kill(gateway.pid, signal.SIGHUP)
        assert socket.read_close() == POLICY_VIOLATION
    assert gateway.get("/api/v1/circuit", token=token).status == 401
    assert (gateway.state / "token").exists()
