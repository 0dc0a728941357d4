"""What a person sees who starts it by hand, and what nobody else sees."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import Gateway, config_with, wait_until


def read_terminal(fd: int, until: str, seconds: float = 10) -> str:
    text, end = "", time.monotonic() + seconds
    while until not in text and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                text += os.read(fd, 65536).decode()
            except OSError:
                break
    return text


def start_on_a_terminal(folder: Path, http: str, mode: str = "token") -> tuple[Gateway, str]:
    leader, follower = pty.openpty()
    gateway = Gateway(folder, config_with({"listen": {"http": [http]}, "auth": {"mode": mode}}),
                      stdout=follower)
    os.close(follower)
    try:
        text = read_terminal(leader, "\nready")
        for line in text.replace("\r", "").splitlines():
            gateway._take_line(line)
        assert gateway.is_ready, text
    finally:
        os.close(leader)
    return gateway, text


def qr_blocks(text: str) -> list[str]:
    """Rows of half blocks, as QR codes are drawn."""
    return [row for row in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
            if len(re.findall("[█▀▄]", row)) > 10]


def test_on_a_terminal_the_address_with_its_token_is_printed(tmp_path: Path) -> None:
    gateway, text = start_on_a_terminal(tmp_path / "g", "127.0.0.1:0")
    try:
        token = gateway.tokens["admin"]
        assert f"{gateway.http}/?token={token}" in text
        answer = gateway.get(f"/?token={token}", token=None)
        assert answer.headers["Set-Cookie"]
    finally:
        gateway.check()


def test_on_a_terminal_the_first_network_address_has_the_qr_code(tmp_path: Path) -> None:
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True,
                               check=False).stdout.split()
    if not addresses:
        pytest.skip("this machine has no address but loopback")
    gateway, text = start_on_a_terminal(tmp_path / "g", "0.0.0.0:0")
    try:
        port = gateway.port
        token = gateway.tokens["admin"]
        shown = [address for address in addresses if ":" not in address]
        assert f"http://{shown[0]}:{port}/?token={token}" in text
        rows = qr_blocks(text)
        assert 15 <= len(rows) <= 21, "one code, and no more"
        assert len({len(row.strip()) for row in rows}) < len(rows)
    finally:
        gateway.check()


def test_what_a_terminal_shows_fits_on_it(tmp_path: Path) -> None:
    gateway, text = start_on_a_terminal(tmp_path / "g", "0.0.0.0:0")
    try:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r", "").splitlines()
        written = [row for row in plain if row not in qr_blocks(text)]
        assert len(written) <= 12, text
        links = [row for row in plain if "?token=" in row]
        assert links and all(len(row) <= 80 for row in links), "a broken link cannot be copied"
        assert written[-1] == "ready"
    finally:
        gateway.check()


def test_a_closed_terminal_ends_the_gateway_that_was_started_on_it(tmp_path: Path) -> None:
    leader, follower = pty.openpty()

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)

    gateway = Gateway(tmp_path / "g", config_with({}), preexec=take_terminal,
                      stdout=os.dup(follower))
    os.close(follower)
    assert "\nready" in read_terminal(leader, "\nready")
    os.close(leader)
    assert gateway.process.wait(10) == 0, "nobody would see that the pins are still driven"


def test_without_a_terminal_no_token_and_no_qr_code_is_printed(gateway: Gateway) -> None:
    wait_until(lambda: "token show" in gateway.log, "word on where the token is found")
    text = "\n".join(gateway.stdout_lines) + gateway.log
    assert gateway.token not in text and gateway.viewer_token not in text
    assert not qr_blocks(text)


def test_mode_none_prints_the_address_without_a_token(tmp_path: Path) -> None:
    gateway, text = start_on_a_terminal(tmp_path / "g", "127.0.0.1:0", "none")
    try:
        assert gateway.http in text and "token=" not in text
    finally:
        gateway.check()


def test_token_show_prints_what_opens_the_gateway(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    shown = gateway.run("token", "show")
    assert shown.returncode == 0
    lines = dict(line.split(" ", 1) for line in shown.stdout.splitlines()[:2])
    assert set(lines) == {"operator", "viewer"}
    assert gateway.get("/api/v1/circuit", token=gateway.tokens["admin"]).json["role"] == "admin"
    assert gateway.get("/api/v1/circuit", token=lines["operator"]).json["role"] == "operator"
    assert gateway.get("/api/v1/circuit", token=lines["viewer"]).json["role"] == "viewer"


def test_token_show_prints_the_addresses_to_open(gateway: Gateway) -> None:
    shown = gateway.run("token", "show").stdout
    assert f"{gateway.http}/?token={gateway.tokens['admin']}" in shown
    assert not qr_blocks(shown), "no QR code where there is no terminal"
