"""Heads of requests that two parsers may read differently: none of them is believed (RFC 9112 §11.2)."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Answer, Gateway, config_with
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket, upgrade_headers

TOGGLE = "POST /api/v1/lines/red/toggle HTTP/1.1\r\n"


def is_refused(gateway: Gateway, text: str, *, host: bool = True, start: str = TOGGLE,
               codes: tuple[int, ...] = (400,)) -> None:
    """Sends one request and a second that must never be heard; `text` is what is wrong with it."""
    before = gateway.value("red")
    head = start + (f"Host: {gateway.host}:{gateway.port}\r\n" if host else "")
    head += f"Authorization: Bearer {gateway.token}\r\n{text}"
    hidden = (f"{TOGGLE}Host: {gateway.host}\r\nAuthorization: Bearer {gateway.token}\r\n"
              "Content-Length: 0\r\n\r\n")
    with RawConnection(gateway) as connection:
        connection.send((head + hidden).encode("latin-1"))
        try:
            said = connection.read_to_end()
        except ConnectionResetError:
            said = b""
    statuses = [int(line.split()[1]) for line in said.split(b"\r\n") if line.startswith(b"HTTP/")]
    assert set(statuses) <= set(codes), said
    assert gateway.value("red") == before, said


@pytest.mark.parametrize("fold", [" chunked", "\tchunked", " ", "\t", " x", " Content-Length: 0",
                                  " Transfer-Encoding: chunked"])
@pytest.mark.parametrize("name", ["Transfer-Encoding", "Content-Length", "X-Other"])
def test_folded_line_is_refused(shared_gateway: Gateway, name: str, fold: str) -> None:
    is_refused(shared_gateway, f"{name}:\r\n{fold}\r\n\r\n")
    is_refused(shared_gateway, f"{name}: 0\r\n{fold}\r\nContent-Length: 0\r\n\r\n")


def test_fold_before_the_first_field_is_refused(shared_gateway: Gateway) -> None:
    is_refused(shared_gateway, "\r\n", start=TOGGLE + " X: y\r\n")


@pytest.mark.parametrize("text", [
    "X: a\nContent-Length: 0\r\n\r\n", "X: a\rContent-Length: 0\r\n\r\n", "Content-Length: 0\n\n",
    "Content-Length: 0\r\n\n", "X: a\r\r\nContent-Length: 0\r\n\r\n", "X: a\n\r\nY: b\r\n\r\n",
])
def test_line_that_ends_otherwise_than_with_crlf_is_refused(shared_gateway: Gateway,
                                                             text: str) -> None:
    is_refused(shared_gateway, text)


@pytest.mark.parametrize("text", ["X: a\0b\r\n\r\n", "X\0: a\r\n\r\n", "X: a\0\r\n\r\n", "X: \0\r\n\r\n",
                                  "\0X: a\r\n\r\n", "X: a\x01\r\n\r\n", "X: \x7f\r\n\r\n",
                                  "X: a\x0b\r\n\r\n"])
def test_control_character_in_a_field_is_refused(shared_gateway: Gateway, text: str) -> None:
    is_refused(shared_gateway, text)


@pytest.mark.parametrize("name", ["", "X(y)", "X y", "X\"", "[x]", "\x80", "X,", "X;y", "X/y"])
def test_field_name_that_is_no_token_is_refused(shared_gateway: Gateway, name: str) -> None:
    is_refused(shared_gateway, f"{name}: a\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("end", ["\0", "\0x", " x", "\0\0"])
def test_token_with_something_behind_it_is_none(shared_gateway: Gateway, end: str) -> None:
    with RawConnection(shared_gateway) as connection:
        answer = connection.ask("GET", "/api/v1/circuit", token=None, headers={
            "Authorization": f"Bearer {shared_gateway.token}{end}"})
        assert answer.status in (400, 401)


@pytest.mark.parametrize("field", [
    "Host: {host}", "Content-Length: 0\r\nContent-Length: 0", "Authorization: Bearer {token}",
    "Authorization: Bearer x", "Content-Type: application/json\r\nContent-Type: text/plain",
    "Origin: http://{host}\r\nOrigin: http://evil.example", "content-length: 0\r\nCONTENT-LENGTH: 0",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"])
def test_field_that_comes_twice_is_refused(shared_gateway: Gateway, field: str) -> None:
    host = f"{shared_gateway.host}:{shared_gateway.port}"
    is_refused(shared_gateway, field.format(host=host, token=shared_gateway.token) + "\r\n\r\n")


@pytest.mark.parametrize("length", ["+0", "-1", "0x0", "0 0", "0, 0", "", "0;", "1e1", "٠",
                                    "18446744073709551616", "99999999999999999999999"])
def test_length_that_is_no_number_is_refused(shared_gateway: Gateway, length: str) -> None:
    is_refused(shared_gateway,
               f"Content-Length: {length}\r\n\r\n".encode().decode("latin-1"), codes=(400, 413))


@pytest.mark.parametrize("start", [
    "POST  /api/v1/lines/red/toggle HTTP/1.1\r\n", "POST\t/api/v1/lines/red/toggle HTTP/1.1\r\n",
    "POST /api/v1/lines/red/toggle  HTTP/1.1\r\n", "POST /api/v1/lines/red/toggle HTTP/1.1 \r\n",
    "POST /api/v1/lines/red/tog gle HTTP/1.1\r\n", "POST /api/v1/lines/red/toggle http/1.1\r\n",
    "POST /api/v1/lines/red/toggle#x HTTP/1.1\r\n", "POST /api/v1/lines/red/toggle%0 HTTP/1.1\r\n",
    "POST /api/v1/lines/red/toggle HTTP/2.0\r\n", "POST /api/v1/lines/red/toggle HTTP/1.1x\r\n",
    "POST /api/v1/lines/red/toggle HTTP/11\r\n", "POST /api/v1/lines/red/toggle\r\n",
    "POST /api/v1/lines/red/toggle\x01 HTTP/1.1\r\n", "POST /api/v1/lines/red/toggle?%zz HTTP/1.1\r\n",
])
def test_odd_request_line_is_refused(shared_gateway: Gateway, start: str) -> None:
    is_refused(shared_gateway, "Content-Length: 0\r\nConnection: close\r\n\r\n", start=start,
               codes=(400, 404, 505))


def test_chunks_in_http_1_0_are_refused(shared_gateway: Gateway) -> None:
    is_refused(shared_gateway, "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               start=TOGGLE.replace("1.1", "1.0"))


@pytest.mark.parametrize("field", ["X:a", "X:  a", "X:\ta\t", "X: a  ", "X:", "X: ", "X: a\tb",
                                   "X: \u00e9\u00ff", "x!#$%&'*+-.^_`|~9: a"])
def test_odd_field_that_the_rules_allow_is_served(shared_gateway: Gateway, field: str) -> None:
    text = f"GET /healthz HTTP/1.1\r\n{field}\r\nHost: {shared_gateway.host}\r\n{field}\r\n\r\n"
    with RawConnection(shared_gateway) as connection:
        for _ in range(3):
            connection.send(text.encode("latin-1"))
            assert connection.read_answer().status == 200


# ---- bodies ----------------------------------------------------------------------------------


def answers_by(gateway: Gateway, way: str, request: bytes) -> list[Answer]:
    """What comes back until the connection ends."""
    connection = RawConnection(gateway, path=gateway.unix["http"] if way == "unix" else "")
    if way == "TLS":
        connection.close()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", urlsplit(gateway.address("https")).port or 443), 10)
        connection.socket = context.wrap_socket(plain)
    answers = []
    with connection:
        connection.send(request)
        try:
            while True:
                answers.append(connection.read_answer())
        except (EOFError, ConnectionResetError):
            assert not connection.pending, "an answer was cut"
    return answers


@pytest.fixture(scope="module")
def by_every_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("w") / "g"
    state = folder / "s" / "gpio-gateway"
    state.mkdir(parents=True, mode=0o700)
    subprocess.run([PROGRAM, "tls", "new"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "STATE_DIRECTORY": str(state)})
    gateway = Gateway(folder, config_with({"listen": {"https": ["127.0.0.1:0"]}})).start()
    yield gateway
    gateway.check()


WAYS = ["TCP", "unix", "TLS"]
CHUNKS = ["1\n1\r\n0\r\n\r\n", "1\r\n1\n0\r\n\r\n", "1;\n1\r\n0\r\n\r\n", "1;a=b\n1\r\n0\r\n\r\n", "1\r\n1\r\n0\n\n",
          "1\r\n1\r\n0\r\n\n", "1\r\n1\r\n0\r\nX: a\nY: b\r\n\r\n", "1\r\r\n1\r\n0\r\n\r\n", "1\r\n11\r\n0\r\n\r\n",
          "1;a=\x01\r\n1\r\n0\r\n\r\n", "+1\r\n1\r\n0\r\n\r\n", "1 \r\n1\r\n0\r\n\r\n", "\r\n1\r\n1\r\n0\r\n\r\n",
          "0x1\r\n1\r\n0\r\n\r\n", "1\r\n1\r\n0\r\nX\0: a\r\n\r\n", "fffffffffffffffff\r\n1"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chunks", CHUNKS)
def test_chunk_that_can_be_read_in_two_ways_is_refused(by_every_way: Gateway, chunks: str, way: str) -> None:
    """RFC 9112 §7.1: a proxy that takes another end for the line's would see another request behind it."""
    head = request_text(by_every_way, "PUT", "/api/v1/lines/red/value", body=None, headers={
        "Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    before = by_every_way.value("red")
    body = chunks.replace("1\r\n0", f"{1 - before}\r\n0").encode("latin-1")
    [answer] = answers_by(by_every_way, way, head + body + request_text(by_every_way, "POST",
                                                                        "/api/v1/lines/red/toggle"))
    assert answer.status == 400 and answer.json["code"] == "bad-request", answer
    assert by_every_way.value("red") == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chunks", ["1\r\n1\r\n0\r\n\r\n", "01;a=\"b;c\"\r\n1\r\n00;x\r\n\r\n",
                                    "1\r\n1\r\n0\r\nExpires: never\r\nHost: evil.example\r\n\r\n"])
def test_chunks_are_taken_and_the_next_request_is_found(by_every_way: Gateway, chunks: str, way: str) -> None:
    head = request_text(by_every_way, "PUT", "/api/v1/lines/green/value", body=None, headers={
        "Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    last = request_text(by_every_way, "GET", "/api/v1/lines/green", headers={"Connection": "close"})
    answers = answers_by(by_every_way, way, (head + chunks.encode()) * 2 + last)
    statuses = [answer.status for answer in answers]
    # libmicrohttpd 1.0 takes no extension: it refuses the first request, and serves no other.
    assert statuses == [200, 200, 200] or (";" in chunks and statuses == [400]), answers
    assert statuses == [400] or answers[2].json["value"] == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", ["0, 0", "+0", "0x0", "", "-1", "1e1", "0 0", "99999999999999999999999"])
def test_length_that_is_none_gets_one_answer(by_every_way: Gateway, length: str, way: str) -> None:
    [answer] = answers_by(by_every_way, way, request_text(
        by_every_way, "POST", "/api/v1/lines/yellow/toggle", headers={"Content-Length": length}))
    assert answer.status == 400 and answer.json["code"] == "bad-request", answer


# ---- upgrades --------------------------------------------------------------------------------


def test_http_1_0_is_not_upgraded(shared_gateway: Gateway) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in upgrade_headers().items())
    with RawConnection(shared_gateway) as connection:
        connection.send(f"GET /ws HTTP/1.0\r\nHost: {shared_gateway.host}\r\n{fields}"
                        f"Authorization: Bearer {shared_gateway.token}\r\n\r\n".encode())
        assert connection.read_answer().status == 426


@pytest.mark.parametrize("name", ["GPIO-Gateway.v1", "gpio-gateway.V1", "gpio-gateway.v1x"])
def test_subprotocol_is_compared_with_its_case(shared_gateway: Gateway, name: str) -> None:
    with RawWebSocket(shared_gateway, Sec_WebSocket_Protocol=name) as socket:
        assert socket.answer.status == 400


@pytest.mark.parametrize("path", ["/%ff%fe", "/api/v1/lines/%ed%a0%80/value", "/api/v1/lines/%c0%af",
                                  "/api/v1/history?line=%ff", "/api/v1/history?since=%fe",
                                  "/api/v1/sockets/%ff", "/api/v1/scenes/%f4%90%80%80/apply"])
def test_path_that_is_no_utf8_is_told_in_utf8(shared_gateway: Gateway, path: str) -> None:
    answer = shared_gateway.get(path)
    assert answer.status >= 400
    assert answer.json["code"]


def test_gateway_that_refused_all_this_still_serves(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    descriptors = gateway.descriptors()
    for _ in range(40):
        is_refused(gateway, "X: a\r\n b\r\n\r\n")
    assert gateway.get("/healthz").status == 200
    assert gateway.descriptors() <= descriptors + 2
