"""Starts that must not succeed: the exit code, one line why, and nothing touched."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, config_with
from raw_http import RawConnection


@pytest.fixture
def try_start(tmp_path: Path) -> Any:
    """try_start(config, args, …) → (exit code, standard error, standard output) of a start that
    must fail at once."""
    count = 0

    def run(config: Any = None, args: tuple[str, ...] = (), **more: Any) -> tuple[int, str, str]:
        nonlocal count
        gateway = Gateway(tmp_path / f"t{count}", config, args, **more)
        count += 1
        try:
            status = gateway.process.wait(5)
        except subprocess.TimeoutExpired:
            gateway.kill()
            raise AssertionError(f"it started: {gateway.log}") from None
        gateway.read_lines(lambda: False, 1)
        if gateway.process.stdout:
            gateway.process.stdout.close()
        return status, gateway.log, "\n".join(gateway.stdout_lines)
    return run


def errors_of(log: str) -> list[str]:
    """Its lines that are no log entries (those begin with their time)."""
    return [line for line in log.splitlines() if not line[:4].isdigit()]


def test_missing_config_is_78_in_one_line(try_start: Any, tmp_path: Path) -> None:
    missing = str(tmp_path / "no.json")
    status, log, out = try_start(None, ("--config", missing))
    assert status == 78 and not out
    assert len(log.splitlines()) == 1 and missing in log


def test_missing_www_refuses_in_one_line(try_start: Any, tmp_path: Path) -> None:
    missing = tmp_path / "no-www"
    status, log, out = try_start(config_with(), www=missing)
    assert status not in (0, None) and not out
    assert len(errors_of(log)) == 1 and str(missing) in log


def test_www_without_index_refuses(try_start: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, log, _ = try_start(config_with(), www=tmp_path / "empty")
    assert status != 0 and len(errors_of(log)) == 1


def test_wrong_config_is_78_and_nothing_listens(try_start: Any) -> None:
    status, log, out = try_start(config_with({"limits": {"connections": 0}}))
    assert status == 78 and not out
    assert "limits.connections" in log


def test_port_in_use_is_69_and_the_first_goes_on(gateway: Gateway, try_start: Any) -> None:
    status, log, out = try_start(config_with({"listen": {
        "http": [f"127.0.0.1:{gateway.port}"], "line": [], "datagram": []}}))
    assert status == 69 and "ready" not in out
    [line] = errors_of(log)
    assert str(gateway.port) in line
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200


def test_unix_path_in_use_is_69_and_the_first_keeps_it(gateway: Gateway, try_start: Any) -> None:
    path = gateway.unix["http"]
    before = os.stat(path)
    status, log, _ = try_start(config_with({"listen": {
        "http": ["127.0.0.1:0", f"unix:{path}"], "line": [], "datagram": []}}))
    assert status == 69
    [line] = errors_of(log)
    assert path in line
    assert os.stat(path).st_ino == before.st_ino
    with RawConnection(gateway, path=path) as connection:
        assert connection.ask("GET", "/api/v1/circuit", token=None).status == 200


def test_second_start_with_the_same_folders_does_not_touch_the_first(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    token = (gateway.state / "token").read_bytes()
    second = Gateway(gateway.folder, config_with())
    assert second.process.wait(5) == 69
    assert second.process.stdout
    second.process.stdout.close()
    assert len(errors_of(second.log)) == 1
    assert (gateway.state / "token").read_bytes() == token
    assert gateway.value("red") == 1
    for path in gateway.unix.values():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)


def test_a_failed_start_leaves_no_socket_file(try_start: Any, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, _, _ = try_start(config_with({"listen": {
            "http": ["unix:http.sock", f"127.0.0.1:{port}"]}}))
    assert status == 69
    assert [path for path in tmp_path.rglob("*.sock")] == []


def test_file_that_is_no_socket_is_not_removed(try_start: Any, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    status, log, _ = try_start(config_with({"listen": {"http": [f"unix:{precious}"]}}))
    assert status == 69 and str(precious) in log
    assert precious.read_text() == "mine"


def test_socket_file_of_a_killed_gateway_is_taken_over(start_gateway: StartGateway) -> None:
    first = start_gateway()
    first.kill()
    assert Path(first.unix["http"]).is_socket()
    second = Gateway(first.folder, config_with()).start()
    try:
        with RawConnection(second, path=second.unix["http"]) as connection:
            assert connection.ask("GET", "/healthz", token=None).status == 200
    finally:
        second.check()


def test_address_that_is_not_here_is_69(try_start: Any) -> None:
    status, log, _ = try_start(config_with({"listen": {"http": ["203.0.113.7:0"]}}))
    assert status == 69 and "203.0.113.7" in errors_of(log)[0]


def test_line_needs_only_a_name_and_a_direction_on_the_simulator(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[{"name": "a", "direction": "output"},
                                   {"name": "b", "direction": "input"}])
    assert gateway.put("/api/v1/lines/a/value", 1).status == 200
    assert gateway.post("/api/v1/simulator/lines/b", {"value": 1}).status == 200
    assert gateway.get("/api/v1/lines/a").json["part"] == "generic"


def test_config_of_lines_alone_listens_at_the_default_addresses(tmp_path: Path) -> None:
    """Checked, not started: the default ports may be taken."""
    gateway = Gateway(tmp_path / "g", {"circuit": {"lines": [
        {"name": "a", "direction": "output", "gpio": "GPIO2"}]}}, www=None)
    gateway.kill()
    assert gateway.run("check", str(gateway.config_path)).returncode == 0


def test_256_lines_start_and_257_do_not(start_gateway: StartGateway, try_start: Any) -> None:
    lines = [{"name": f"l{n}", "chip": "simulator", "offset": n, "direction": "output"}
             for n in range(257)]
    gateway = start_gateway(lines=lines[:256])
    assert len(gateway.circuit()["lines"]) == 256
    status, log, _ = try_start(config_with(lines=lines))
    assert status == 78 and "circuit.lines" in log


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_a_port_in_use_names_the_gateway_that_has_it(gateway: Gateway, tmp_path: Path,
                                                     address: str) -> None:
    first = Gateway(tmp_path / "first", config_with({"listen": {"http": [f"{address}:0"]}}))
    first.start()
    try:
        second = first.run("--config", str(first.config_path), "--http", f"{address}:{first.port}")
        assert second.returncode == 69
        assert f"another gateway (process {first.pid})" in second.stderr
    finally:
        first.check()


def with_state(tmp_path: Path) -> Path:
    """The state folder of the first start of try_start, made as the program makes it."""
    folder = tmp_path / "t0" / "s" / "gpio-gateway"
    folder.mkdir(parents=True, mode=0o700)
    return folder


# Without tokens, so that nothing but the stored values needs the folder.
OPEN = {"auth": {"mode": "none"}}


def put(place: Path, kind: str) -> None:
    if kind == "link":
        place.symlink_to("/etc/hostname")
    elif kind == "FIFO":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["link", "FIFO", "folder", "device"])
def test_store_that_is_no_file_refuses_and_stays(try_start: Any, tmp_path: Path, kind: str) -> None:
    place = with_state(tmp_path) / "lines.json"
    put(place, kind)
    status, log, out = try_start(config_with(OPEN))
    assert status == 78 and "ready" not in out
    assert errors_of(log) == [f"{place}: is not a file; remove it, and start again"]
    assert place.is_symlink() or place.is_fifo() or place.is_dir()


@pytest.mark.parametrize("kind", ["link", "FIFO", "folder", "device"])
def test_history_that_is_no_file_is_told_and_no_pin_waits(start_gateway: StartGateway, tmp_path: Path,
                                                          kind: str) -> None:
    """Outputs do not depend on the history, as they do on lines.json."""
    place = tmp_path / "g" / "s" / "gpio-gateway" / "history.jsonl"
    place.parent.mkdir(parents=True, mode=0o700)
    put(place, kind)
    gateway = start_gateway({"history": {"file": True}}, folder=tmp_path / "g")
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200
    assert str(place) in gateway.log and "history not written" in gateway.log
    assert place.is_symlink() or place.is_fifo() or place.is_dir()


def test_state_folder_that_is_a_file_refuses(try_start: Any, tmp_path: Path) -> None:
    place = with_state(tmp_path)
    place.rmdir()
    place.write_text("keep me", encoding="utf-8")
    status, log, out = try_start(config_with(OPEN))
    assert status == 78 and "ready" not in out
    assert errors_of(log) == [f"{place}: is not a folder; remove it, and start again"]
    assert place.read_text(encoding="utf-8") == "keep me"


def drop_root() -> None:
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


def test_state_folder_that_may_not_be_written_refuses(try_start: Any, tmp_path: Path) -> None:
    place = with_state(tmp_path)
    place.chmod(0o555)
    for folder in place.parents:  # pytest's own folders are closed to others
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(0o755)
    listen = {"http": ["127.0.0.1:0"], "line": [], "datagram": []}
    status, log, out = try_start(config_with({**OPEN, "listen": listen}), preexec=drop_root)
    assert status == 77 and "ready" not in out
    [error] = errors_of(log)
    assert str(place) in error and "chown" in error and "STATE_DIRECTORY" in error
