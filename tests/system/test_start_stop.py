"""Starting and stopping: what is said, with which exit code, and what stays behind."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import LINES, Gateway, config_with, wait_until
from raw_http import RawConnection, request_text
from raw_websocket import RawWebSocket


@pytest.fixture
def try_start(tmp_path: Path) -> Any:
    """try_start(config, args, …) → (exit code, standard error, standard output) of a start that
    must fail at once."""
    def run(config: Any = None, args: tuple[str, ...] = (), **more: Any) -> tuple[int, str, str]:
        number = len(list(tmp_path.glob("t*")))
        gateway = Gateway(tmp_path / f"t{number}", config, args, **more)
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


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=10,
                          stdin=subprocess.DEVNULL, check=False)


# ---- what is printed -----------------------------------------------------------------------


def test_a_line_for_each_listener_then_ready(gateway: Gateway) -> None:
    assert gateway.stdout_lines[-1] == "ready"
    assert all(line.startswith("listening ") for line in gateway.stdout_lines[:-1])
    kinds = sorted(kind for kind, address in gateway.listening if kind != "datagram")
    assert kinds == ["http", "http", "line", "line"]
    assert gateway.address("http").startswith("http://127.0.0.1:")
    assert gateway.address("http").endswith("/")
    assert gateway.address("line").startswith("tcp:127.0.0.1:")
    assert gateway.unix["http"] == str(gateway.runtime / "http.sock")
    assert gateway.unix["line"] == str(gateway.runtime / "gateway.sock")


def test_datagram_listener_is_printed_too(gateway: Gateway) -> None:
    assert gateway.address("datagram").startswith("udp:127.0.0.1:")
    assert 1 <= gateway.datagram[1] <= 65535


def test_when_it_says_ready_it_serves(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    with socket.create_connection((gateway.host, gateway.port), timeout=2):
        pass
    for path in gateway.unix.values():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)


def test_http_option_replaces_the_listeners_of_the_config(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"listen": {"http": ["127.0.0.2:0"]}}, ["--http", "127.0.0.1:0"])
    assert [address for kind, address in gateway.listening if kind == "http"] == [
        f"http://127.0.0.1:{gateway.port}/"]
    assert gateway.get("/healthz").status == 200


def test_http_option_may_be_repeated(start_gateway: StartGateway, tmp_path: Path) -> None:
    path = tmp_path / "h.sock"
    gateway = start_gateway(args=["--http", "127.0.0.1:0", "--http", f"unix:{path}", "--http",
                                  "[::1]:0"])
    http = [address for kind, address in gateway.listening if kind == "http"]
    assert len(http) == 3 and http[0].startswith("http://127.0.0.1:")
    assert http[1] == f"unix:{path}" and http[2].startswith("http://[::1]:")


def test_serve_is_what_it_does_without_a_word(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "g", config_with())
    words = [word for word in gateway.process.args if word != "serve"]  # type: ignore[union-attr]
    gateway.kill()
    process = subprocess.Popen(words, env=gateway.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout
    try:
        for line in process.stdout:
            if line == b"ready\n":
                break
        else:
            raise AssertionError(process.communicate())
    finally:
        process.terminate()
        process.communicate(timeout=5)
    assert process.returncode == 0


@pytest.mark.parametrize("words, status", [
    (["--version"], 0), (["--help"], 0), (["check", "{config}"], 0), (["check"], 2),
    (["check", "a", "b"], 2), (["dance"], 2), (["--dance"], 2), (["serve", "dance"], 2),
    (["serve", "--config"], 2), (["--http"], 2), (["--http", "nonsense::::"], 2),
    (["serve", "--http", "127.0.0.1:99999"], 2), (["token"], 2), (["token", "dance"], 2),
    (["check", "{missing}"], 78),
])
def test_exit_codes_of_the_program(gateway: Gateway, words: list[str], status: int) -> None:
    filled = [word.format(config=gateway.config_path, missing=gateway.folder / "no.json")
              for word in words]
    if "--http" in filled:
        filled += ["--config", str(gateway.config_path)]
    done = gateway.run(*filled)
    assert done.returncode == status, (done.stdout, done.stderr)
    if status:
        assert len(done.stderr.splitlines()) == 1 and not done.stdout, (done.stdout, done.stderr)
    else:
        assert done.stdout and not done.stderr


def test_version_names_the_program(gateway: Gateway) -> None:
    assert gateway.run("--version").stdout.startswith("gpio-gateway ")


# ---- starts that fail ----------------------------------------------------------------------


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


# ---- state ---------------------------------------------------------------------------------


def test_state_is_for_its_owner_only(gateway: Gateway) -> None:
    assert stat.S_IMODE(gateway.state.stat().st_mode) == 0o700
    files = [path for path in gateway.state.iterdir() if path.is_file()]
    assert files
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_state_is_for_its_owner_only_whatever_the_umask(start_gateway: StartGateway) -> None:
    gateway = start_gateway(preexec=lambda: os.umask(0) and None)
    assert stat.S_IMODE(gateway.state.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in gateway.state.iterdir())
    assert stat.S_IMODE(os.stat(gateway.unix["http"]).st_mode) & 0o007 == 0


def test_token_stays_over_a_restart(start_gateway: StartGateway) -> None:
    first = start_gateway()
    token, viewer = first.token, first.viewer_token
    first.stop()
    second = start_gateway(folder=first.folder)
    assert (second.token, second.viewer_token) == (token, viewer)
    assert second.get("/api/v1/circuit", token=token).status == 200


def test_each_run_has_its_own_boot_and_begins_its_seq_anew(start_gateway: StartGateway) -> None:
    first = start_gateway()
    boot = first.circuit()["boot"]
    for _ in range(5):
        first.post("/api/v1/lines/red/toggle")
    first.stop()
    second = start_gateway(folder=first.folder)
    circuit = second.circuit()
    assert circuit["boot"] != boot and circuit["seq"] == len(LINES)


def test_state_directory_is_preferred_as_systemd_sets_it(start_gateway: StartGateway,
                                                         tmp_path: Path) -> None:
    state, runtime = tmp_path / "systemd-state", tmp_path / "systemd-run"
    state.mkdir()
    runtime.mkdir()
    gateway = start_gateway(env={"STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(runtime)})
    assert (state / "token").is_file() and not (gateway.state / "token").exists()
    assert gateway.unix["http"] == str(runtime / "http.sock")


def test_without_a_runtime_folder_sockets_stand_in_the_state_folder(
        tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "g", config_with(), env={"XDG_RUNTIME_DIR": ""}).start()
    try:
        assert gateway.unix["http"] == str(gateway.state / "http.sock")
    finally:
        gateway.check()


def test_last_value_comes_back_and_not_the_safe_one(start_gateway: StartGateway) -> None:
    lines = [{"name": "last", "gpio": "GPIO2", "direction": "output", "initial": "last", "safe": 0},
             {"name": "zero", "gpio": "GPIO3", "direction": "output", "initial": 0},
             {"name": "one", "gpio": "GPIO4", "direction": "output", "initial": 1}]
    first = start_gateway(lines=lines)
    assert first.value("last") == 0
    first.put("/api/v1/lines", {"last": 1, "zero": 1, "one": 0})
    first.stop()
    second = start_gateway(lines=lines, folder=first.folder)
    assert [second.value(name) for name in ("last", "zero", "one")] == [1, 0, 1]
    second.post("/api/v1/off")
    second.stop()
    third = start_gateway(lines=lines, folder=first.folder)
    assert third.value("last") in (0, 1)  # whether off is a command, the interface leaves open


def test_broken_token_file_refuses_and_is_kept(start_gateway: StartGateway,
                                               try_start: Any, tmp_path: Path) -> None:
    first = start_gateway()
    first.stop()
    (first.state / "token").write_text("nonsense")
    second = Gateway(first.folder, config_with())
    assert second.process.wait(5) not in (0, None)
    assert second.process.stdout
    second.process.stdout.close()
    assert len(errors_of(second.log)) == 1
    assert (first.state / "token").read_text() == "nonsense"


# ---- the end -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_with_0_within_two_seconds(gateway: Gateway,
                                                  number: signal.Signals) -> None:
    assert gateway.stop(number) == 0


def test_end_removes_the_socket_files(gateway: Gateway) -> None:
    paths = list(gateway.unix.values())
    assert gateway.stop() == 0
    assert not any(Path(path).exists() for path in paths)


def test_end_makes_a_stop_event_for_each_output_that_changes(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[
        {"name": "low", "gpio": "GPIO2", "direction": "output", "initial": 1, "safe": 0},
        {"name": "high", "gpio": "GPIO3", "direction": "output", "initial": 0, "safe": 1},
        {"name": "held", "gpio": "GPIO4", "direction": "output", "initial": 1, "safe": "hold"},
        {"name": "same", "gpio": "GPIO5", "direction": "output", "initial": 0, "safe": 0},
        {"name": "plain", "gpio": "GPIO6", "direction": "output", "initial": 1},
        {"name": "input", "gpio": "GPIO7", "direction": "input"},
    ])
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.process.send_signal(signal.SIGTERM)
        told = {}
        for _ in range(3):
            event = client.event()
            assert event["cause"] == "stop"
            told[event["line"]] = event["value"]
        assert told == {"low": 0, "high": 1, "plain": 0}
    assert gateway.stop() == 0


def test_end_comes_in_time_with_many_open_clients(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"connections": 500, "connections_per_peer": 500}})
    clients: list[Any] = []
    for number in range(240):
        connection = RawConnection(gateway)
        clients.append(connection)
        if number % 3 == 0:
            RawWebSocket(gateway, connection=connection)
        elif number % 3 == 1:
            connection.send(request_text(gateway, "GET", "/api/v1/events"))
        elif number % 2:
            connection.send(b"GET / HT")
    assert gateway.stop() == 0
    for connection in clients:
        connection.close()


def test_end_comes_in_time_while_clients_leave_their_answers_unread(gateway: Gateway) -> None:
    clients = []
    for _ in range(8):
        connection = RawConnection(gateway, receive_buffer=2048)
        connection.socket.settimeout(0.3)
        try:
            for _ in range(300):
                connection.send(request_text(gateway, "GET", "/api/v1/openapi.json"))
        except TimeoutError:
            pass
        clients.append(connection)
    assert gateway.stop() == 0
    for connection in clients:
        connection.close()


def test_end_comes_in_time_while_others_ask_on(gateway: Gateway) -> None:
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                with RawConnection(gateway) as connection:
                    for _ in range(50):
                        connection.ask("POST", "/api/v1/lines/red/toggle")
            except (OSError, EOFError):
                if gateway.process.poll() is not None:
                    return

    assert gateway.token
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: gateway.get("/api/v1/circuit").json["seq"] > 50, "toggles")
        assert gateway.stop() == 0
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)


def test_request_that_is_under_way_is_answered_before_the_end(gateway: Gateway) -> None:
    """A restart must not leave a client to wonder whether its toggle was made."""
    with RawConnection(gateway) as connection:
        assert connection.ask("GET", "/healthz").status == 200
        os.kill(gateway.pid, signal.SIGSTOP)
        connection.send(request_text(gateway, "POST", "/api/v1/lines/red/toggle"))
        gateway.process.send_signal(signal.SIGTERM)
        os.kill(gateway.pid, signal.SIGCONT)
        try:
            answer: Any = connection.read_answer()
        except (EOFError, ConnectionResetError):
            answer = None
        assert answer is None or answer.status in (200, 503)
    assert gateway.stop() == 0


def test_second_signal_does_not_harm_the_end(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.process.send_signal(signal.SIGTERM)
    assert gateway.stop() == 0


def test_no_new_connection_is_taken_once_the_end_has_begun(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.put("/api/v1/lines/red/value", 1)
        client.event()
        gateway.process.send_signal(signal.SIGTERM)
        assert client.event()["cause"] == "stop"
        with pytest.raises(OSError):
            socket.create_connection((gateway.host, gateway.port), timeout=1)


def test_restart_on_the_same_port_needs_no_wait(start_gateway: StartGateway) -> None:
    first = start_gateway()
    port = first.port
    with RawWebSocket(first) as client:
        client.snapshot()
        first.stop()  # the gateway closes first, so its side waits in the kernel
        second = start_gateway({"listen": {"http": [f"127.0.0.1:{port}"]}}, folder=first.folder)
    assert second.port == port and second.get("/healthz").status == 200


def test_start_takes_less_than_100_ms(start_gateway: StartGateway) -> None:
    if os.environ.get("GATEWAY_SANITIZED"):
        pytest.skip("not with sanitizers")
    times = []
    for _ in range(5):
        began = time.perf_counter()
        start_gateway()
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1, times


def test_closed_standard_output_does_not_end_it(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "g", config_with()).start()
    try:
        assert gateway.process.stdout
        gateway.process.stdout.close()
        gateway.process.stdout = None
        assert gateway.get("/healthz").status == 200
    finally:
        gateway.check()


def test_reading_nothing_from_standard_error_does_not_hold_it_up(tmp_path: Path) -> None:
    """A full pipe loses lines, not time."""
    gateway = Gateway(tmp_path / "g", config_with({"log": {"level": "debug"}}))
    gateway.kill()
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write_end, True)
    # A sanitizer that told what it kept quiet about would wait for the pipe.
    environment = {**gateway.environment, "LSAN_OPTIONS": "print_suppressions=0"}
    process = subprocess.Popen(gateway.process.args, env=environment, stderr=write_end,
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(write_end)
    gateway.process = process
    try:
        gateway.start()
        assert gateway.get("/healthz", token=None).status == 200
    finally:
        process.terminate()
        try:
            status = process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
        os.close(read_end)
        assert process.stdout
        process.stdout.close()
    assert status == 0
