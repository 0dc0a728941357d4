"""Behind nginx, which keeps its connections and upgrades on one that served others before."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from conftest import StartGateway
from gateway_process import TOP, Gateway, wait_until
from raw_http import EventStream, RawConnection, request_text
from raw_websocket import RawWebSocket, upgrade_headers

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONF = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream gateway {{ server 127.0.0.1:{port}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{own};
        location / {{
            proxy_pass http://gateway;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"""


def recipe(folder: Path, unix: str, port: int) -> str:
    """The block of docs/security.md, with this test's paths and port."""
    text = (TOP / "docs" / "security.md").read_text(encoding="utf-8")
    block = text.split("```nginx\n")[1].split("```")[0]
    for old, new in (("/run/gpio-gateway/http.sock", unix), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
                     ("/etc/ssl/pi.example.org.pem", str(folder / "cert.pem")),
                     ("/etc/ssl/private/pi.example.org.key", str(folder / "key.pem"))):
        assert old in block, old
        block = block.replace(old, new)
    head = CONF.split("    map $http_upgrade")[0].format(folder=folder)
    return head + block + "}\n"


class Proxied:
    """Looks like a gateway to the raw clients: the same token, the proxy's port."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.gateway = gateway
        self.token = gateway.token
        self.host, self.port = "127.0.0.1", port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Callable[[Gateway], Any]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(gateway: Gateway) -> Any:
        folder = tmp_path / "nginx"
        folder.mkdir()
        port = free_port()
        (folder / "nginx.conf").write_text(CONF.format(folder=folder, port=gateway.port, own=port))
        process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"),
                                    "-e", str(folder / "error.log")], stderr=subprocess.DEVNULL)
        running.append(process)

        def listens() -> bool:
            assert process.poll() is None, (folder / "error.log").read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(listens, "nginx")
        return Proxied(gateway, port)

    yield start
    for process in running:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def upstream_ports(gateway: Gateway) -> set[int]:
    """Peers that the register of sockets knows, but for the test's own connection."""
    return {int(found["peer"].rsplit(":", 1)[1])
            for found in gateway.get("/api/v1/sockets").json["sockets"]
            if found["peer"] and found["peer"].startswith("127.0.0.1:") and not found["you"]}


def test_requests_go_through_and_keep_one_connection(gateway: Gateway,
                                                     proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    with RawConnection(through) as connection:
        for _ in range(10):
            assert connection.ask("POST", "/api/v1/lines/red/toggle").status == 200
        assert connection.ask("PUT", "/api/v1/lines/red/value", body=b"1",
                              headers={"Content-Type": "application/json"}).json["value"] == 1
        assert connection.ask("GET", "/").headers["ETag"]
        sources = {event["source"] for event in gateway.get(
            "/api/v1/history?line=red").json["events"] if event["cause"] == "toggle"}
    assert len(sources) == 1, "nginx kept one connection"


def test_upgrade_on_a_connection_that_nginx_had_kept(gateway: Gateway,
                                                     proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    with RawConnection(through) as connection:
        for _ in range(5):
            assert connection.ask("GET", "/api/v1/lines/red/value").text.strip() == "0"
        before = upstream_ports(gateway)
        assert before, "nginx keeps a connection"
        socket_ = RawWebSocket(through, connection=connection)
        assert socket_.answer.status == 101
        socket_.snapshot()
        assert socket_.call("line.toggle", line="red")["result"]["value"] == 1
        event = socket_.event()
        assert int(event["source"].rsplit(":", 1)[1]) in before, "and used it for the upgrade"


def test_several_websockets_and_requests_mix(gateway: Gateway,
                                             proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    sockets = []
    for number in range(12):
        with RawConnection(through) as connection:
            assert connection.ask("GET", "/api/v1/circuit").status == 200
        socket_ = RawWebSocket(through)
        assert socket_.answer.status == 101, number
        socket_.snapshot()
        sockets.append(socket_)
    with RawConnection(through) as connection:
        seq = connection.ask("POST", "/api/v1/lines/green/toggle").json["seq"]
    for socket_ in sockets:
        assert socket_.event()["seq"] == seq
        socket_.connection.close()


def test_refused_upgrades_come_through_with_their_status(gateway: Gateway,
                                                         proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    for token, changes, status in ((None, {}, 401), ("wrong", {}, 401),
                                   ("", {"Sec_WebSocket_Version": "8"}, 426),
                                   ("", {"Sec_WebSocket_Protocol": "chat"}, 400)):
        with RawWebSocket(through, token=token, **changes) as socket_:
            assert socket_.answer.status == status
    with RawWebSocket(through, headers={"Origin": "http://evil.example"}) as socket_:
        assert socket_.answer.status == 403
    with RawWebSocket(through, headers={"Origin": f"http://127.0.0.1:{through.port}"}) as socket_:
        assert socket_.answer.status == 101


def test_public_name_of_the_proxy_needs_allowed_hosts(start_gateway: StartGateway,
                                                      proxy: Callable[[Gateway], Any]) -> None:
    gateway = start_gateway({"auth": {"allowed_hosts": ["pi.example"]}})
    through = proxy(gateway)
    with RawConnection(through) as connection:
        assert connection.ask("GET", "/api/v1/circuit", host="pi.example",
                              headers={"Origin": "https://pi.example"}).status == 200
        assert connection.ask("GET", "/api/v1/circuit", host="evil.example").status == 421
        connection.send(b"GET /ws HTTP/1.1\r\nHost: pi.example\r\nOrigin: https://pi.example\r\n"
                        + f"Authorization: Bearer {gateway.token}\r\n".encode()
                        + "".join(f"{k}: {v}\r\n" for k, v in upgrade_headers().items()).encode()
                        + b"\r\n")
        assert connection.read_answer().status == 101


def test_events_come_through_as_they_happen(gateway: Gateway,
                                            proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    with EventStream(through, f"/api/v1/events?since={gateway.cursor()}") as stream:
        assert stream.status == 200
        for _ in range(3):
            seq = gateway.post("/api/v1/lines/red/toggle").json["seq"]
            assert stream.next_event()["seq"] == seq


def test_end_of_the_gateway_reaches_the_websocket_behind_nginx(
        gateway: Gateway, proxy: Callable[[Gateway], Any]) -> None:
    through = proxy(gateway)
    with RawWebSocket(through) as socket_:
        socket_.snapshot()
        assert gateway.stop() == 0
        assert socket_.read_close() == 1001


# ---- the recipe of the docs ------------------------------------------------------------------


def secure_connection(gateway: Gateway, port: int, authority: Path) -> RawConnection:
    context = ssl.create_default_context(cafile=str(authority))
    connection = RawConnection.__new__(RawConnection)
    connection.gateway = gateway
    connection.pending = b""
    connection.socket = context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), 10), server_hostname="pi.example.org")
    return connection


def is_served_as_promised(gateway: Gateway, port: int, authority: Path) -> None:
    """Page and WebSocket over TLS, for who has a token, and with the client's own address."""
    host = f"pi.example.org:{port}"
    own = {"Origin": f"https://{host}"}
    with secure_connection(gateway, port, authority) as connection:
        # Caddy asks for gzip by itself, and unpacks it for who does not.
        packed = {"Accept-Encoding": "gzip"}
        assert connection.ask("GET", "/", host=host, token=None, headers=packed).status == 200
        assert connection.ask("POST", "/api/v1/lines/red/toggle", host=host, token=None).status == 401
        answer = connection.ask("POST", "/api/v1/lines/red/toggle", host=host, headers=own)
        assert answer.status == 200
        assert connection.ask("POST", "/api/v1/lines/red/toggle", host=host, headers={
            "Origin": "https://evil.example"}).status == 403
        assert gateway.get("/api/v1/lines/red").json["source"] == "http:127.0.0.1"
        answer = connection.ask("GET", f"/?token={gateway.token}", host=host, token=None)
        assert answer.status == 303 and answer.headers["Set-Cookie"].startswith("__Host-")
    with secure_connection(gateway, port, authority) as connection:
        fields = upgrade_headers()
        connection.send(request_text(gateway, "GET", "/ws", host=host, headers=fields | own))
        websocket = RawWebSocket.over(connection, fields)
        assert websocket.answer.status == 101
        websocket.snapshot()
        assert websocket.call("line.toggle", line="red")["result"]["value"] == 0


@pytest.fixture
def run_until_done() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a program, and waits until it listens on a port."""
    running: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], port: int, log: Path, **environment: str) -> subprocess.Popen[bytes]:
        with open(log, "wb") as written:
            process = subprocess.Popen(command, stdout=written, stderr=written, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **environment})
        running.append(process)

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(listens, command[0], 30)
        return process

    yield start
    for process in reversed(running):
        process.terminate()
        process.wait(10)


def test_recipe_for_nginx_serves_the_page_and_the_websocket_over_tls(
        start_gateway: StartGateway, tmp_path: Path, run_until_done: Callable[..., Any]) -> None:
    gateway = start_gateway({"proxy": {"from": ["unix"]}, "auth": {"allowed_hosts": ["pi.example.org"]}})
    folder = tmp_path / "recipe"
    folder.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=pi.example.org", "-addext", "subjectAltName=DNS:pi.example.org",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, capture_output=True)
    port = free_port()
    (folder / "nginx.conf").write_text(recipe(folder, gateway.unix["http"], port))
    run_until_done([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
                   port, folder / "output")
    is_served_as_promised(gateway, port, folder / "cert.pem")


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_recipe_for_caddy_serves_the_page_and_the_websocket_over_tls(
        start_gateway: StartGateway, tmp_path: Path, run_until_done: Callable[..., Any]) -> None:
    """Its own authority signs here, since nobody on the internet can ask for pi.example.org."""
    gateway = start_gateway({"proxy": {"from": ["unix"]}, "auth": {"allowed_hosts": ["pi.example.org"]}})
    folder = tmp_path / "caddy"
    folder.mkdir()
    port = free_port()
    block = (TOP / "docs" / "security.md").read_text(encoding="utf-8").split("```\npi.example.org {")[1].split("```")[0]
    assert "/run/gpio-gateway/http.sock" in block
    block = block.replace("/run/gpio-gateway/http.sock", gateway.unix["http"])
    (folder / "Caddyfile").write_text(f"""{{
    admin off
    auto_https disable_redirects
    local_certs
    skip_install_trust
    storage file_system {folder}
}}
https://pi.example.org:{port} {{{block}""")
    run_until_done(["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], port,
                   folder / "output", HOME=str(folder))
    authority = folder / "pki" / "authorities" / "local" / "root.crt"
    wait_until(lambda: authority.exists() and list(folder.glob("certificates/**/*.crt")), "Caddy's certificate", 30)
    is_served_as_promised(gateway, port, authority)


# A server of ssh that lets who has the key open connections, and nothing else.
SSH_SERVER = """
import asyncio, sys, asyncssh
port, host_key, keys = sys.argv[1:]
class Server(asyncssh.SSHServer):
    def connection_requested(self, *where):
        return True
async def serve():
    await asyncssh.listen("127.0.0.1", int(port), server_factory=Server, server_host_keys=[host_key],
                          authorized_client_keys=keys)
    await asyncio.Event().wait()
asyncio.run(serve())
"""


@pytest.mark.skipif(not (shutil.which("ssh") and importlib.util.find_spec("asyncssh")),
                    reason="ssh or python3-asyncssh is not installed")
def test_tunnel_by_ssh_serves_the_page_and_the_websocket(
        gateway: Gateway, tmp_path: Path, run_until_done: Callable[..., Any]) -> None:
    """The line of the docs, with this test's ports, keys and host."""
    for name in ("host", "own"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    server, own = free_port(), free_port()
    line = next(line for line in (TOP / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
                if line.startswith("ssh -N -L "))
    line = line.replace("8080:localhost:8080", f"{own}:127.0.0.1:{gateway.port}").replace(
        "pi@raspberrypi.local", "pi@127.0.0.1")
    run_until_done([sys.executable, "-c", SSH_SERVER, str(server), str(tmp_path / "host"),
                    str(tmp_path / "own.pub")], server, tmp_path / "server")
    run_until_done([*line.split(), "-i", str(tmp_path / "own"), "-p", str(server), "-F", "none", "-o", "BatchMode=yes",
                    "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"], own,
                   tmp_path / "client")
    through = Proxied(gateway, own)
    with RawConnection(through) as connection:
        host = f"localhost:{own}"
        assert connection.ask("GET", "/", host=host, token=None).status == 200
        assert connection.ask("GET", "/api/v1/circuit", host=host, token=None).status == 401
        assert connection.ask("POST", "/api/v1/lines/red/toggle", host=host).status == 200
    with RawWebSocket(through) as websocket:
        websocket.snapshot()
        assert websocket.call("line.toggle", line="red")["result"]["value"] == 0
