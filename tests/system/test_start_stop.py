"""Starting: what is said, and what is kept between two runs."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import LINES, Gateway, config_with, wait_until


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


def test_store_that_cannot_be_written_is_told_soon(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[{"name": "last", "gpio": "GPIO2", "direction": "output",
                                    "initial": "last"}])
    (gateway.state / "lines.json" / "in the way").mkdir(parents=True)
    gateway.put("/api/v1/lines/last/value", 1)
    wait_until(lambda: "last values and counters not stored" in gateway.log, "the warning")


def test_counter_of_edges_goes_on_over_a_restart(start_gateway: StartGateway) -> None:
    first = start_gateway()
    for _ in range(3):
        first.post("/api/v1/lines/red/toggle")
    first.post("/api/v1/simulator/lines/button", {"value": 1})
    first.stop()
    second = start_gateway(folder=first.folder)
    counted = {line["name"]: line["edges"] for line in second.circuit()["lines"]}
    assert (counted["red"], counted["button"], counted["green"]) == (4, 1, 0), "with the one to `safe`"
    second.post("/api/v1/lines/red/toggle")
    assert second.get("/api/v1/lines/red").json["edges"] == 5


def test_broken_token_file_refuses_and_is_kept(start_gateway: StartGateway) -> None:
    first = start_gateway()
    first.stop()
    (first.state / "token").write_text("nonsense")
    second = Gateway(first.folder, config_with())
    assert second.process.wait(5) not in (0, None)
    assert second.process.stdout
    second.process.stdout.close()
    assert "token" in second.log.splitlines()[-1]
    assert (first.state / "token").read_text() == "nonsense"
