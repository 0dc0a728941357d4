"""A wrong address, a wrong token, another program at the address."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from gpio_gateway import Gateway, GatewayError, Unauthorized, Unreachable


def test_a_missing_token_is_told_with_the_remedy(process: Any) -> None:
    with pytest.raises(Unauthorized, match="asks for a token.*token show.*GPIO_GATEWAY_TOKEN"):
        Gateway(process.http)


def test_a_wrong_token_is_told_as_wrong(process: Any) -> None:
    with pytest.raises(Unauthorized, match="does not take this token"):
        Gateway(process.http, "wrong")


def test_a_viewer_may_look_and_not_act(process: Any) -> None:
    with Gateway(process.http, process.viewer_token) as client:
        assert client.lines["red"].value == 0
        with pytest.raises(Unauthorized, match="operator") as caught:
            client.lines["red"].on()
        assert caught.value.code == "forbidden"


def test_an_address_where_nothing_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}.*GPIO_GATEWAY_URL"):
        Gateway(f"http://127.0.0.1:{port}", "token")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pi",
        "http://",
        "http://pi:port",
        "unix:",
        "unix:/none.sock",
        "http://no-such-host.invalid:8080",
    ],
)
def test_what_is_no_address_is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable, match="(?i)address|socket"):
        Gateway(url, "token")


def _answer_once(answer: bytes) -> str:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as peer:
            peer.recv(65536)
            peer.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: nonsense\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
def test_another_program_is_told_as_no_gateway(answer: bytes) -> None:
    with pytest.raises(GatewayError, match="does not speak gpio-gateway.v1"):
        Gateway(_answer_once(answer), "token")


@pytest.mark.parametrize("text", [b"[]", b"1", b"no JSON", b'{"method":"snapshot","params":{}}'])
def test_a_websocket_of_something_else_is_told_as_no_gateway(text: bytes) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as peer:
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.recv(65536))
            assert key
            digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            peer.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: gpio-gateway.v1\r\n"
                b"sec-websocket-accept: %s\r\n\r\n\x81%c%s"
                % (base64.b64encode(digest), len(text), text)
            )
            peer.recv(65536)

    threading.Thread(target=serve, daemon=True).start()
    with pytest.raises(GatewayError, match="not of a gateway"):
        Gateway(f"http://127.0.0.1:{server.getsockname()[1]}", "token")


def test_a_peer_that_ends_at_once_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="does not answer as a gateway does"):
        Gateway(_answer_once(b""), "token")


def test_address_and_token_come_from_the_environment(
    process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIO_GATEWAY_URL", process.http)
    monkeypatch.setenv("GPIO_GATEWAY_TOKEN", process.token)
    with Gateway() as client:
        client.lines["red"].on()
        assert process.value("red") == 1


def test_a_token_may_end_with_its_line(process: Any) -> None:
    with Gateway(process.http, f"{process.token}\n") as client:
        assert client.lines["red"].value == 0
    with pytest.raises(Unauthorized, match="token show"):
        Gateway(process.http, "two words")


@pytest.mark.parametrize("text", ["{0}\n", "operator {0}\nviewer 0123\n"])
def test_the_token_may_come_from_a_file(
    process: Any, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(text.format(process.token))
    monkeypatch.setenv("GPIO_GATEWAY_TOKEN_FILE", str(file))
    with Gateway(process.http) as client:
        client.lines["red"].on()


def test_a_token_file_that_is_missing_is_told(
    process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIO_GATEWAY_TOKEN_FILE", "/none/token")
    with pytest.raises(Unauthorized, match="cannot read /none/token"):
        Gateway(process.http)


def test_a_login_link_is_an_address_with_its_token(process: Any) -> None:
    with Gateway(f"{process.http}/?token={process.token}") as client:
        assert process.token not in client.address
        client.lines["red"].on()


def test_a_socket_of_the_same_user_needs_no_token(process: Any) -> None:
    with Gateway(f"unix:{process.unix['http']}") as client:
        client.lines["red"].on()
        assert process.value("red") == 1


def test_without_an_address_a_gateway_of_this_machine_is_found(
    process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(process.runtime.parent))
    with Gateway() as client:
        assert client.address == f"unix:{process.unix['http']}"
    with Gateway("unix:http.sock") as client:
        assert client.lines["red"].value == 0
