"""HTTPS in the gateway: listen.https, `tls new`, certificates that change, and who speaks no TLS."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import StartGateway
from gateway_process import CONFIG, PROGRAM, TOP, Gateway, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket, upgrade_headers


def make_certificate(state: Path, *names: str) -> str:
    state.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([PROGRAM, "tls", "new", *names], capture_output=True, text=True, check=True,
                          env={**os.environ, "STATE_DIRECTORY": str(state)})
    return made.stdout


class Secure(RawConnection):
    """A connection over TLS, with the authority of the gateway alone."""

    def __init__(self, gateway: Gateway, *, host: str = "127.0.0.1", **options: Any) -> None:
        self.gateway = gateway
        self.pending = b""
        context = ssl.create_default_context(cafile=str(gateway.state / "tls" / "ca.pem"))
        for name, value in options.items():
            setattr(context, name, value)
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", secure_port(gateway)), 10),
                                          server_hostname=host)


def secure_port(gateway: Gateway) -> int:
    return int(dict(gateway.listening)["https"].rstrip("/").rsplit(":", 1)[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tls"
    folder.mkdir()
    make_certificate(folder / "s" / "gpio-gateway", "pi.example")
    return folder


@pytest.fixture
def gateway(start_gateway: StartGateway, folder: Path) -> Iterator[Gateway]:
    yield start_gateway({"listen": {"https": ["127.0.0.1:0"]}}, folder=folder)


def origin(gateway: Gateway, scheme: str = "https") -> dict[str, str]:
    return {"Origin": f"{scheme}://127.0.0.1:{secure_port(gateway)}"}


def test_every_kind_of_request_is_served_over_tls(gateway: Gateway) -> None:
    host = f"127.0.0.1:{secure_port(gateway)}"
    with Secure(gateway) as connection:
        assert connection.socket.version() == "TLSv1.3"
        for _ in range(3):
            assert connection.ask("GET", "/healthz", host=host, token=None).status == 200
        assert connection.ask("GET", "/", host=host, token=None).headers["ETag"]
        answer = connection.ask("POST", "/api/v1/lines/red/toggle", host=host, headers=origin(gateway))
        assert answer.status == 200
        assert connection.ask("POST", "/api/v1/lines/red/toggle", host=host,
                              headers=origin(gateway, "http")).status == 403
        assert connection.ask("POST", "/api/v1/lines/red/toggle", host=host, token=None).status == 401
    source = gateway.get("/api/v1/lines/red").json["source"]
    assert source.startswith("http:127.0.0.1:"), "the peer's own address"


def test_tls_1_2_is_spoken_and_older_ones_are_not(gateway: Gateway) -> None:
    with Secure(gateway, maximum_version=ssl.TLSVersion.TLSv1_2) as connection:
        assert connection.socket.version() == "TLSv1.2"
        assert connection.socket.cipher()[0].startswith("ECDHE")
        assert connection.ask("GET", "/healthz", token=None).status == 200
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Secure(gateway, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_websocket_over_tls(gateway: Gateway) -> None:
    with Secure(gateway) as connection:
        fields = upgrade_headers()
        connection.send(request_text(gateway, "GET", "/ws", headers=fields | origin(gateway),
                                     host=f"127.0.0.1:{secure_port(gateway)}"))
        websocket = RawWebSocket.over(connection, fields)
        assert websocket.answer.status == 101
        websocket.snapshot()
        for value in (1, 0, 1):
            assert websocket.call("line.toggle", line="red")["result"]["value"] == value
            websocket.event()
        assert gateway.stop() == 0
        assert websocket.read_close() == 1001


def test_large_answers_come_whole_to_slow_readers(gateway: Gateway) -> None:
    for _ in range(8):
        batch = [{"jsonrpc": "2.0", "method": "line.toggle", "params": {"line": "red"}}] * 64
        gateway.post("/api/v1/rpc", batch)
    plain = gateway.get("/api/v1/history?limit=512").json
    connections = [Secure(gateway) for _ in range(5)]
    for connection in connections:
        for _ in range(4):
            connection.send(request_text(gateway, "GET", "/api/v1/history?limit=512"))
    time.sleep(0.3)
    for connection in connections:
        for _ in range(4):
            assert connection.read_answer().json["events"] == plain["events"]
        connection.close()


def test_cookie_over_tls_is_secure_and_of_this_host(gateway: Gateway) -> None:
    with Secure(gateway) as connection:
        answer = connection.ask("GET", f"/?token={gateway.token}", token=None)
        assert answer.status == 303
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-gpio_gateway_") and "; Secure" in cookie
        answer = connection.ask("GET", "/api/v1/session", token=None,
                                headers={"Cookie": cookie.split(";")[0]})
        assert answer.json["role"] == "operator"


# ---- who speaks no TLS -----------------------------------------------------------------------


def plain(gateway: Gateway, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", secure_port(gateway)), 10) as client:
        client.sendall(text)
        said = b""
        while got := client.recv(4096):
            said += got
        return said


def test_plain_http_is_told_the_right_link(gateway: Gateway) -> None:
    host = f"127.0.0.1:{secure_port(gateway)}"
    said = plain(gateway, f"GET /x/y?token=secret HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 307 ") and f"\r\nLocation: https://{host}/x/y\r\n".encode() in said
    assert b"secret" not in said
    said = plain(gateway, f"POST /api/v1/off HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 400 ") and f"https://{host}/".encode() in said
    for text in (b"GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n",
                 b"nonsense\r\n", b"\0\0\0\0", b"G"):
        said = plain(gateway, text)
        assert said.startswith(b"HTTP/1.1 400 ") and b"Location" not in said


def test_handshake_that_does_not_end_is_closed(gateway: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", secure_port(gateway)), 20) as silent, \
            socket.create_connection(("127.0.0.1", secure_port(gateway)), 20) as half:
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        begin = time.monotonic()
        assert silent.recv(10) == b"" and half.recv(10) == b""
        assert 8 < time.monotonic() - begin < 14


def test_bytes_that_are_no_handshake_harm_nobody(gateway: Gateway) -> None:
    before = gateway.descriptors()
    for text in (b"\x16", b"\x16" + os.urandom(5000), b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x03\xff\xff" * 900):
        with socket.create_connection(("127.0.0.1", secure_port(gateway)), 10) as client:
            client.sendall(text)
            client.shutdown(socket.SHUT_WR)
            try:
                while client.recv(4096):
                    pass
            except ConnectionResetError:
                pass
    for _ in range(20):
        connection = Secure(gateway)
        connection.send(b"GET / HT")
        connection.close()
    wait_until(lambda: gateway.descriptors() <= before, "closed connections")
    with Secure(gateway) as connection:
        assert connection.ask("GET", "/healthz", token=None).status == 200


def test_connections_over_tls_count_against_the_limits(start_gateway: StartGateway, folder: Path) -> None:
    gateway = start_gateway({"listen": {"https": ["127.0.0.1:0"]}, "limits": {
        "connections": 50, "connections_per_peer": 4}}, folder=folder)
    held = [Secure(gateway) for _ in range(4)]
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        Secure(gateway).ask("GET", "/healthz", token=None)
    held[0].close()
    for connection in held[1:]:
        assert connection.ask("GET", "/healthz", token=None).status == 200
        connection.close()


# ---- certificates ----------------------------------------------------------------------------


def serial(gateway: Gateway) -> str:
    with Secure(gateway) as connection:
        found = connection.socket.getpeercert()
        assert found
        return str(found["serialNumber"])


def test_certificate_names_what_the_machine_is_called(gateway: Gateway) -> None:
    with Secure(gateway) as connection:
        found = connection.socket.getpeercert() or {}
    names = {value for _, value in found["subjectAltName"]}
    assert {"localhost", "127.0.0.1", "pi.example"} <= names
    with Secure(gateway, host="pi.example") as connection:
        assert connection.ask("GET", "/healthz", token=None).status == 200


def test_new_certificate_is_taken_without_a_restart(gateway: Gateway) -> None:
    first = serial(gateway)
    with Secure(gateway) as kept:
        assert "as before" in make_certificate(gateway.state)
        time.sleep(1.1)
        wait_until(lambda: serial(gateway) != first, "the new certificate")
        assert kept.ask("GET", "/healthz", token=None).status == 200


def test_bad_pair_keeps_the_old_one(gateway: Gateway) -> None:
    first = serial(gateway)
    path = gateway.state / "tls" / "certificate.pem"
    good = path.read_bytes()
    for bad in (b"", b"nonsense", good[:200], (gateway.state / "tls" / "ca.pem").read_bytes()):
        path.write_bytes(bad)
        gateway.process.send_signal(signal.SIGHUP)
        time.sleep(1.1)
        assert serial(gateway) == first
    assert "the certificate stays as it was" in gateway.log
    path.write_bytes(good)


def test_keys_are_private_and_the_fingerprint_is_the_authoritys(folder: Path) -> None:
    tls = folder / "s" / "gpio-gateway" / "tls"
    for name in ("key.pem", "ca.key"):
        assert (tls / name).stat().st_mode & 0o777 == 0o600
    told = make_certificate(tls.parent)
    found = subprocess.run(["openssl", "x509", "-in", str(tls / "ca.pem"), "-noout", "-fingerprint", "-sha256"],
                           capture_output=True, text=True, check=True).stdout
    assert found.strip().split("=")[1] in told
    verified = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", str(tls / "ca.pem"),
                               str(tls / "certificate.pem")], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr


def test_authority_is_given_without_a_token_and_never_its_key(gateway: Gateway) -> None:
    pem = (gateway.state / "tls" / "ca.pem").read_text()
    answer = gateway.get("/ca.crt", token=None)
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert answer.body == ssl.PEM_cert_to_DER_cert(pem)
    fingerprint, = re.findall("fingerprint ([0-9A-F:]+)", make_certificate(gateway.state))
    for fields, path, word in (({}, "/ca", "Compare"), ({"Accept-Language": "ko-KR,ko;q=0.9"}, "/ca", "지문"),
                               ({"Accept-Language": "ko"}, "/ca?language=en", "Compare")):
        page = gateway.get(path, token=None, headers=fields)
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
        assert fingerprint in page.text.replace("\n", "") and word in page.text
        assert "gpio-gateway CA of" in page.text and 'href="ca.crt"' in page.text
        assert "{{" not in page.text
        with Secure(gateway) as connection:
            assert connection.ask("GET", path, token=None, headers=fields).body == page.body
    assert gateway.request("POST", "/ca.crt", token=None).status == 404
    with Secure(gateway) as connection:
        assert connection.ask("GET", "/ca.crt", token=None).body == answer.body
    path = gateway.state / "tls" / "certificate.pem"
    path.write_text(path.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: gateway.get("/ca.crt", token=None).status == 404, "a chain without an authority")


def test_without_https_there_is_no_authority(shared_gateway: Gateway) -> None:
    for path in ("/ca.crt", "/ca"):
        answer = shared_gateway.get(path, token=None)
        assert answer.status == 404 and "tls new" in answer.text
    korean = shared_gateway.get("/ca", token=None, headers={"Accept-Language": "ko"})
    assert korean.status == 404 and "인증 기관" in korean.text and korean.media_type == "text/html"


@pytest.fixture
def www(tmp_path: Path) -> Path:
    """A page of somebody's own, without anything for /ca."""
    www = tmp_path / "mine"
    (www / "ca").mkdir(parents=True)
    (www / "index.html").write_text("<!doctype html><title>Mine</title>")
    return www


def own(start_gateway: StartGateway, folder: Path, www: Path) -> Gateway:
    return start_gateway({"listen": {"https": ["127.0.0.1:0"]}}, folder=folder, www=www)


def test_own_page_without_files_for_the_authority_has_its_fingerprint(
        start_gateway: StartGateway, folder: Path, www: Path) -> None:
    gateway = own(start_gateway, folder, www)
    fingerprint, = re.findall("fingerprint ([0-9A-F:]+)", make_certificate(gateway.state))
    answer = gateway.get("/ca", token=None, headers={"Accept-Language": "ko"})
    assert answer.status == 200 and answer.media_type == "text/plain"
    assert fingerprint in answer.text.replace("\n", "")
    assert "/ca.crt" in answer.text and "ca/en.html" in answer.text
    assert re.search(r"valid until 20\d\d-\d\d-\d\d\n", answer.text)


def test_own_page_without_files_and_without_authority_tells_the_remedy(
        start_gateway: StartGateway, www: Path) -> None:
    answer = start_gateway(www=www).get("/ca", token=None)
    assert answer.status == 404 and "tls new" in answer.json["detail"]


def test_own_page_says_it_in_its_own_languages(start_gateway: StartGateway, folder: Path,
                                               www: Path) -> None:
    (www / "ca" / "en.html").write_text("<p>Own {{name}} until {{valid_until}}{{")
    (www / "ca" / "de.html").write_text("<p>Eigen {{fingerprint}}{{other}} {name}")
    gateway = own(start_gateway, folder, www)
    fingerprint, = re.findall("fingerprint ([0-9A-F:]+)", make_certificate(gateway.state))
    german = gateway.get("/ca", token=None, headers={"Accept-Language": "DE-at,en;q=0.5"})
    lines = "\n".join(fingerprint[at:at + 24] for at in range(0, len(fingerprint), 24))
    assert german.status == 200 and german.media_type == "text/html"
    assert german.text == f"<p>Eigen {lines}\n{{{{other}}}} {{name}}"
    for fields in ({}, {"Accept-Language": "ko"}, {"Accept-Language": "../"}, {"Accept-Language": "x"}):
        english = gateway.get("/ca", token=None, headers=fields)
        assert re.fullmatch(r"<p>Own gpio-gateway CA of .* until \d{4}-\d\d-\d\d\{\{", english.text)


def test_texts_for_the_authority_are_there_in_each_language_and_whole() -> None:
    for language in ("en", "ko"):
        text = (TOP / "www" / "ca" / f"{language}.html").read_text(encoding="utf-8")
        for place in ("{{name}}", "{{fingerprint}}", "{{valid_until}}"):
            assert text.count(place) == 1
        assert "<script" not in text and f'<html lang="{language}">' in text
        none = (TOP / "www" / "ca" / f"{language}-none.html").read_text(encoding="utf-8")
        assert "{{" not in none and "tls new" in none and f'<html lang="{language}">' in none


@pytest.mark.parametrize("remove", ["certificate.pem", "key.pem"])
def test_start_without_a_certificate_tells_the_remedy(start_gateway: StartGateway, folder: Path,
                                                      remove: str) -> None:
    (folder / "s" / "gpio-gateway" / "tls" / remove).unlink()
    config = {**CONFIG, "listen": {"https": ["127.0.0.1:0"]}}
    gateway = Gateway(folder, config)
    assert gateway.process.wait(10) == 69
    assert "tls new" in gateway.log
    shutil.rmtree(folder / "s" / "gpio-gateway" / "tls")
    if gateway.process.stdout:
        gateway.process.stdout.close()


@pytest.mark.parametrize("words", [["tls"], ["tls", "show"], ["tls", "new", "-x"], ["tls", "new", "a b"],
                                   ["tls", "new", "a,DNS:b"]])
def test_wrong_words_are_told(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                          env={**os.environ, "STATE_DIRECTORY": str(tmp_path)})
    assert done.returncode == 2 and done.stderr
