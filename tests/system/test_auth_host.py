"""Which names are served, and which pages may talk to them."""

from __future__ import annotations

import os
import socket as sockets

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import RawConnection
from raw_websocket import RawWebSocket

OWN_NAME = os.uname().nodename.split(".")[0]
ROUTES = ["/", "/main.js", "/nothing", "/healthz", "/metrics", "/api/v1/circuit", "/api/v1/lines",
          "/api/v1/events", "/api/v1/openapi.json", "/api/v1/history", "/api/v1/sockets", "/ws"]
FOREIGN = ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example",
           "xlocalhost", "localhostx", f"{OWN_NAME}.evil.example", f"x{OWN_NAME}",
           f"{OWN_NAME}.localx", "", " ", "[::1", "::1]", "[]", "localhost:80x", "localhost:80:80",
           "user@localhost", "localhost/", "127.0.0.1:80, evil.example", "0x7f.1x", "evil"]


def ask(gateway: Gateway, host: str | None, path: str = "/api/v1/circuit",
        method: str = "GET") -> int:
    with RawConnection(gateway) as connection:
        extra = {"Host": host} if host is not None else {}
        return connection.ask(method, path, host=None, headers=extra).status


@pytest.mark.parametrize("path", ROUTES)
def test_foreign_host_is_421_on_every_route(shared_gateway: Gateway, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
        assert ask(shared_gateway, "evil.example", path, method) == 421, method
    with RawConnection(shared_gateway) as connection:
        answer = connection.ask("GET", path, host="evil.example", token=None)
    assert answer.status == 421 and answer.media_type == "application/problem+json"
    assert answer.json["status"] == 421


def test_foreign_host_is_421_for_an_upgrade(shared_gateway: Gateway) -> None:
    with RawWebSocket(shared_gateway, headers={"Host": "evil.example"}) as socket:
        # Two Host fields, the first its own: refused one way or the other.
        assert socket.answer.status in (400, 421)


@pytest.mark.parametrize("host", FOREIGN)
def test_what_is_no_name_of_the_gateway_is_refused(shared_gateway: Gateway, host: str) -> None:
    assert ask(shared_gateway, host) in (400, 421)


def test_request_without_host_is_refused(shared_gateway: Gateway) -> None:
    """RFC 9112 §3.2: HTTP/1.1 without Host is 400."""
    assert ask(shared_gateway, None) in (400, 421)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "localhost.", "[::1]", "[::1]:8080",
    "192.168.1.7", "10.0.0.1:80", "[fe80::1]", "[2001:db8::7]:8080", OWN_NAME, f"{OWN_NAME}:8080",
    f"{OWN_NAME}.local", f"{OWN_NAME}.local:8080", OWN_NAME.upper() + ".LOCAL",
])
def test_addresses_localhost_and_the_own_name_are_served(shared_gateway: Gateway,
                                                         host: str) -> None:
    assert ask(shared_gateway, host) == 200


def test_allowed_hosts_are_served_besides(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.example", "lab"]}})
    for host in ("pi.example", "PI.example", "pi.example:8443", "lab", "127.0.0.1", "localhost"):
        assert ask(gateway, host) == 200, host
    for host in ("x.pi.example", "pi.example.x", "example", "labs", "evil.example"):
        assert ask(gateway, host) == 421, host


@pytest.mark.parametrize("origin", [
    "http://evil.example", "https://evil.example", "null", "", "file://", "http://",
    "http://127.0.0.1.evil.example", "http://localhost.evil.example", "chrome-extension://abcdef",
    "http://{host}.evil.example", "http://user@{host}:{port}", "http://{host}:1",
    "http://evil.example/http://{host}:{port}", "ftp://{host}:{port}", "{host}:{port}",
    "http://{host}:{port}, http://evil.example",
])
def test_foreign_origin_is_403_on_rest_and_websocket(shared_gateway: Gateway,
                                                     origin: str) -> None:
    text = origin.format(host=shared_gateway.host, port=shared_gateway.port)
    before = shared_gateway.circuit()["seq"]
    for method, path in (("GET", "/api/v1/circuit"), ("POST", "/api/v1/lines/red/toggle"),
                         ("GET", "/api/v1/events"), ("POST", "/api/v1/rpc")):
        answer = shared_gateway.request(method, path, headers={"Origin": text})
        assert answer.status == 403, (method, path)
        assert answer.json["code"] == "forbidden"
        assert answer.headers["Access-Control-Allow-Origin"] is None
    with RawWebSocket(shared_gateway, headers={"Origin": text}) as socket:
        assert socket.answer.status == 403
    assert shared_gateway.circuit()["seq"] == before


def test_own_origin_is_served_on_rest_and_websocket(shared_gateway: Gateway) -> None:
    own = {"Origin": shared_gateway.http}
    assert shared_gateway.post("/api/v1/lines/green/toggle", headers=own).status == 200
    with RawWebSocket(shared_gateway, headers=own) as socket:
        assert socket.answer.status == 101


def test_origin_of_a_name_is_own_under_that_name_only(shared_gateway: Gateway) -> None:
    port = shared_gateway.port
    with RawConnection(shared_gateway) as connection:
        for host, origin, status in (
                (f"localhost:{port}", f"http://localhost:{port}", 200),
                (f"{OWN_NAME}.local:{port}", f"http://{OWN_NAME}.local:{port}", 200),
                (f"[::1]:{port}", f"http://[::1]:{port}", 200),
                (f"localhost:{port}", f"http://localhost:{port + 1}", 403)):
            answer = connection.ask("GET", "/api/v1/circuit", host=host,
                                    headers={"Origin": origin})
            assert answer.status == status, (host, origin)


def test_allowed_host_is_an_origin_under_its_own_port_also_behind_tls(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.example"]}})
    with RawConnection(gateway) as connection:
        answer = connection.ask("GET", "/api/v1/circuit", host="pi.example",
                                headers={"Origin": "https://pi.example"})
        assert answer.status == 200


@pytest.mark.parametrize("origin", ["http://pi.example:9999", "https://pi.example:9999",
                                    "http://pi.example:80", "ftp://pi.example:8080"])
def test_another_port_of_an_allowed_host_is_another_page(start_gateway: StartGateway,
                                                         origin: str) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.example"]}})
    with RawConnection(gateway) as connection:
        answer = connection.ask("POST", "/api/v1/lines/red/toggle", host="pi.example:8080",
                                headers={"Origin": origin})
        assert answer.status == 403


def test_allowed_origin_is_served_from_another_host(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"auth": {"allowed_origins": ["https://panel.example:8443"]}})
    with RawConnection(gateway) as connection:
        for origin, status in (("https://panel.example:8443", 200), ("https://panel.example", 403),
                               ("http://panel.example:8443", 403)):
            answer = connection.ask("GET", "/api/v1/circuit", headers={"Origin": origin})
            assert answer.status == status, origin


def test_preflight_of_a_foreign_page_is_refused(shared_gateway: Gateway) -> None:
    answer = shared_gateway.request("OPTIONS", "/api/v1/lines/red/value", token=None, headers={
        "Origin": "http://evil.example", "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,authorization"})
    assert answer.status == 403
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_foreign_page_cannot_switch_with_a_plain_form(gateway: Gateway) -> None:
    """What a page elsewhere can send without asking: a form, with the cookie at worst."""
    cookie = gateway.get(f"/?token={gateway.token}", token=None).headers["Set-Cookie"].split(";")[0]
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = gateway.post("/api/v1/lines/red/toggle", b"x=1", headers={
            "Cookie": cookie, "Content-Type": media_type, "Origin": "http://evil.example"})
        assert answer.status == 403
    assert gateway.value("red") == 0


def test_listening_on_all_addresses_serves_both_families(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"listen": {"http": ["[::]:0"]}})
    port = int(gateway.address("http").rstrip("/").rsplit(":", 1)[1])
    for family, host in ((sockets.AF_INET, "127.0.0.1"), (sockets.AF_INET6, "::1")):
        with sockets.socket(family) as connection:
            connection.settimeout(5)
            connection.connect((host, port))
            shown = f"[{host}]" if ":" in host else host
            connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {shown}:{port}\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
