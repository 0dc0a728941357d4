"""The browser as somebody's tool: pages of other origins, ports and schemes, and links that log in."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import EventStream, RawConnection
from raw_websocket import RawWebSocket

OWN_NAME = os.uname().nodename.split(".")[0]
LAB = "https://lab.example"
TOGGLE = ("POST", "/api/v1/lines/red/toggle")


def status(gateway: Gateway, method: str, path: str, **more: Any) -> int:
    with RawConnection(gateway) as connection:
        return connection.ask(method, path, **more).status


# ---- Host ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1%evil.com", "[::1%25eth0]", "localhost:", "localhost:0",
                                  "localhost:99999999", "localhost:65536", "[localhost]",
                                  "[127.0.0.1]", "127.0.0.1%25lo", "local host", "localhost\\"])
def test_host_that_is_no_authority_is_refused(shared_gateway: Gateway, host: str) -> None:
    assert status(shared_gateway, "GET", "/healthz", host=host, token=None) in (400, 421)


@pytest.mark.parametrize("name", ["{own}-2.local", "{own}-2", "{own}-17.local:8080", "::1"])
def test_name_that_avahi_gave_and_bare_ipv6_are_served(shared_gateway: Gateway, name: str) -> None:
    host = name.format(own=OWN_NAME)
    assert status(shared_gateway, "GET", "/healthz", host=host, token=None) == 200


@pytest.mark.parametrize("name", ["{own}-.local", "{own}-x.local", "{own}-2x", "{own}-2.evil.example",
                                  "{own}--2", "{own}2.local"])
def test_name_that_only_looks_renamed_is_not_served(shared_gateway: Gateway, name: str) -> None:
    host = name.format(own=OWN_NAME)
    assert status(shared_gateway, "GET", "/healthz", host=host, token=None) == 421


# ---- Origin ----------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["http://pi.school:9999", "https://pi.school:9999",
                                    "http://pi.school", "http://127.0.0.1:{port}"])
def test_allowed_host_does_not_allow_its_other_ports(start_gateway: StartGateway,
                                                     origin: str) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.school"]}})
    more: dict[str, Any] = {"host": f"pi.school:{gateway.port}",
                            "headers": {"Origin": origin.format(port=gateway.port)}}
    assert status(gateway, *TOGGLE, **more) == 403
    assert status(gateway, "GET", "/ws", **more) == 403
    more["headers"] = {"Origin": f"http://pi.school:{gateway.port}"}
    assert status(gateway, *TOGGLE, **more) == 200


def test_https_origin_is_foreign_to_an_http_port(shared_gateway: Gateway) -> None:
    origin = {"Origin": f"https://127.0.0.1:{shared_gateway.port}"}
    assert shared_gateway.post("/api/v1/lines/red/toggle", headers=origin).status == 403


def test_refused_origin_is_told_the_key(shared_gateway: Gateway) -> None:
    answer = shared_gateway.get("/api/v1/circuit", headers={"Origin": LAB})
    assert answer.status == 403 and "auth.allowed_origins" in answer.json["detail"]



def test_allowed_origin_reads_the_answers(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_origins": [LAB]}})
    for method, path, code in (("GET", "/api/v1/circuit", 200), ("GET", "/api/v1/nothing", 404),
                               ("POST", "/api/v1/lines/red/toggle", 200)):
        answer = gateway.request(method, path, headers={
            "Origin": LAB, "Sec-Fetch-Site": "cross-site",
            "Authorization": f"Bearer {gateway.token}"})
        assert answer.status == code
        assert answer.headers["Access-Control-Allow-Origin"] == LAB
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in ", ".join(answer.headers.get_all("Vary"))
    with EventStream(gateway, headers={"Origin": LAB}) as stream:
        assert stream.headers["Access-Control-Allow-Origin"] == LAB
    with RawWebSocket(gateway, headers={"Origin": LAB}) as socket:
        assert socket.answer.status == 101


def test_same_answer_has_the_origin_of_who_asks(start_gateway: StartGateway) -> None:
    """An answer may be given again to others, but not with their fields."""
    other = "https://other.example"
    gateway = start_gateway({"auth": {"allowed_origins": [LAB, other]}})
    for origin in (None, LAB, other, None):
        answer = gateway.get("/api/v1/lines/red", headers={"Origin": origin} if origin else {})
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origin", ["http://lab.example", f"{LAB}:8443", f"{LAB}.evil.example",
                                    "https://xlab.example", f"{LAB}/", "null"])
def test_origin_that_is_nearly_allowed_is_foreign(start_gateway: StartGateway,
                                                  origin: str) -> None:
    gateway = start_gateway({"auth": {"allowed_origins": [LAB]}})
    answer = gateway.get("/api/v1/circuit", headers={"Origin": origin})
    assert answer.status == 403 and answer.headers["Access-Control-Allow-Origin"] is None


def test_preflight_of_an_allowed_origin_names_methods_and_fields(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_origins": [LAB]}})
    asked = {"Origin": LAB, "Access-Control-Request-Method": "PUT",
             "Access-Control-Request-Headers": "authorization,content-type"}
    answer = gateway.request("OPTIONS", "/api/v1/lines/red/value", token=None, headers=asked)
    assert answer.status == 204
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    fields = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in fields and "content-type" in fields
    assert "if-match" in fields and "if-none-match" in fields  # of PUT /api/v1/config
    assert answer.headers["Access-Control-Allow-Origin"] == LAB
    answer = gateway.request("OPTIONS", "/api/v1/lines/red/value", token=None,
                             headers={"Origin": gateway.http})
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Methods"] is None


def test_page_of_an_allowed_origin_reads_where_its_next_request_goes_on(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_origins": [LAB]}})
    cursor = gateway.cursor()
    gateway.put("/api/v1/lines/red/value", 1)
    for path, field in ((f"lines/red/value?wait=1&since={cursor}", "Last-Event-ID"),
                        ("history?format=csv&from=today&limit=1", "History-Next")):
        answer = gateway.get(f"/api/v1/{path}", headers={"Origin": LAB})
        assert answer.headers[field], path
        assert field in answer.headers["Access-Control-Expose-Headers"], path


# ---- the second fence ------------------------------------------------------------------------


@pytest.mark.parametrize("site, code", [("cross-site", 403), ("same-site", 403), ("weird", 403),
                                        ("same-origin", 200), ("none", 200)])
def test_browser_that_names_a_foreign_page_does_not_act(shared_gateway: Gateway, site: str,
                                                        code: int) -> None:
    fetch = {"Sec-Fetch-Site": site}
    assert shared_gateway.post("/api/v1/lines/red/toggle", headers=fetch).status == code
    assert shared_gateway.put("/api/v1/lines/red/value", 1, headers=fetch).status == code
    assert shared_gateway.get("/api/v1/circuit", headers=fetch).status == 200


@pytest.mark.parametrize("method, path, body", [
    ("PUT", "/api/v1/lines/red/value", b"1"), ("PUT", "/api/v1/lines", b'{"red":1}'),
    ("POST", "/api/v1/lines/red/toggle", b"{}"), ("POST", "/api/v1/off", b"{}"),
    ("POST", "/api/v1/rpc", b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}'),
    ("POST", "/api/v1/session", b'{"token":"x"}'), ("POST", "/api/v1/share", b'{"role":"viewer"}'),
])
@pytest.mark.parametrize("fields", [
    {"Content-Type": None}, {"Content-Type": ""}, {"Content-Type": "text/plain"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "application/json", "Content-Encoding": "gzip"}])
def test_body_needs_its_type(shared_gateway: Gateway, method: str, path: str, body: bytes,
                             fields: dict[str, str | None]) -> None:
    assert status(shared_gateway, method, path, body=body, headers=fields) == 415


def test_empty_body_needs_no_type(shared_gateway: Gateway) -> None:
    assert status(shared_gateway, *TOGGLE) == 200
    assert status(shared_gateway, *TOGGLE, body=b"") == 200
    assert status(shared_gateway, *TOGGLE, headers={"Content-Type": "text/plain"}) == 200


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/circuit", "/nothing", "/", "/main.js"])
def test_no_answer_may_be_embedded_elsewhere(shared_gateway: Gateway, path: str) -> None:
    answer = shared_gateway.get(path)
    assert answer.headers.get_all("Cross-Origin-Resource-Policy") == ["same-origin"]
    frames = answer.headers["X-Frame-Options"] or answer.headers["Content-Security-Policy"]
    assert "DENY" in frames or "frame-ancestors 'none'" in frames


# ---- logging in by a link --------------------------------------------------------------------


def test_link_on_another_site_shows_the_page_and_logs_nobody_in(gateway: Gateway) -> None:
    for site in ("cross-site", "same-site"):
        answer = gateway.get(f"/?token={gateway.viewer_token}", token=None,
                             headers={"Sec-Fetch-Site": site})
        assert answer.status == 200 and "<html" in answer.text
        assert answer.headers["Set-Cookie"] is None
    answer = gateway.get(f"/?token={gateway.viewer_token}", token=None,
                         headers={"Sec-Fetch-Site": "none"})
    assert answer.status == 303 and answer.headers["Set-Cookie"]


def test_head_logs_nobody_in(gateway: Gateway) -> None:
    answer = gateway.request("HEAD", f"/?token={gateway.token}", token=None)
    assert answer.headers["Set-Cookie"] is None


def test_link_of_a_lesser_role_takes_nothing_away(gateway: Gateway) -> None:
    cookie = gateway.get(f"/?token={gateway.token}", token=None).headers["Set-Cookie"]
    answer = gateway.get(f"/?token={gateway.viewer_token}", token=None,
                         headers={"Cookie": cookie.partition(";")[0]})
    assert answer.status == 303 and answer.headers["Set-Cookie"] is None


def test_link_redirects_to_a_relative_address(gateway: Gateway) -> None:
    """So that it works below a path that a proxy put in front."""
    assert gateway.get(f"/?token={gateway.token}",
                       token=None).headers["Location"] == "./"


def test_foreign_page_cannot_log_in(gateway: Gateway) -> None:
    for fields in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = gateway.post("/api/v1/session", {"token": gateway.token}, token=None,
                              headers=fields)
        assert answer.status == 403 and answer.headers["Set-Cookie"] is None


# ---- what stands between ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/main.js", "/page.css"])
def test_page_files_come_whatever_the_origin(shared_gateway: Gateway, path: str) -> None:
    """So that the page can say that a proxy changes the Host."""
    answer = shared_gateway.get(path, token=None, headers={"Origin": "http://127.0.0.1"})
    assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("fields", [
    ["Connection: keep-alive", "Connection: Upgrade"], ["Connection: Upgrade", "Connection: close, x"],
    ["Connection: a,b", "Connection: keep-alive, upgrade"]])
def test_connection_in_several_lines_is_one_list(gateway: Gateway, fields: list[str]) -> None:
    with RawConnection(gateway) as connection:
        connection.send("\r\n".join([
            "GET /ws HTTP/1.1", f"Host: {gateway.host}:{gateway.port}",
            f"Authorization: Bearer {gateway.token}", *fields, "Upgrade: websocket",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""
        ]).encode())
        assert connection.read_answer().status == 101


@pytest.mark.parametrize("path, code", [("/", 200), ("/api/v1/circuit", 200), ("/ws", 426)])
def test_header_of_16_kilobytes_and_more_is_taken(shared_gateway: Gateway, path: str, code: int) -> None:
    cookie = {"Cookie": "ext=" + "x" * 16384}
    assert status(shared_gateway, "GET", path, headers=cookie) == code
    many = {"Cookie": "; ".join(f"name{i}={'x' * 150}" for i in range(120))}
    assert status(shared_gateway, "GET", path, headers=many) == code


@pytest.mark.parametrize("size", [20_500, 21_000, 30_000, 35_000, 200_000])
def test_larger_header_is_431_and_says_what_helps(shared_gateway: Gateway, size: int) -> None:
    for path in ("/", "/api/v1/circuit", "/ws"):
        with RawConnection(shared_gateway) as connection:
            answer = connection.ask("GET", path, headers={"Cookie": "ext=" + "x" * size})
        assert answer.status == 431 and "clear the cookies" in answer.json["detail"]


def test_options_of_the_whole_server_is_answered(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        answer = connection.ask("OPTIONS", "*", token=None)
    assert answer.status == 204 and "GET" in answer.headers["Allow"]


# ---- share -----------------------------------------------------------------------------------


def links(gateway: Gateway, host: str, origin: str | None = None) -> list[str]:
    fields = {"Content-Type": "application/json", **({"Origin": origin} if origin else {})}
    with RawConnection(gateway) as connection:
        answer = connection.ask("POST", "/api/v1/share", host=host, headers=fields,
                                body=json.dumps({"role": "viewer"}).encode())
    assert answer.status == 200
    return [link["url"].partition("?")[0] for link in answer.json["links"]]


def test_shared_link_begins_with_the_origin_that_was_asked(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.school"]}})
    assert links(gateway, "pi.school:8443", "https://pi.school:8443")[0] == \
        "https://pi.school:8443/"
    assert links(gateway, "localhost:8443")[0] == "http://localhost:8443/"
    assert links(gateway, "[2001:db8::7]")[0] == "http://[2001:db8::7]/"


def test_shared_link_is_no_loopback_for_who_came_from_elsewhere(gateway: Gateway) -> None:
    for url in links(gateway, f"192.168.1.7:{gateway.port}"):
        assert "127.0.0.1" not in url and "localhost" not in url
    own = f"127.0.0.1:{gateway.port}"
    assert links(gateway, own).count(f"http://{own}/") == 1
