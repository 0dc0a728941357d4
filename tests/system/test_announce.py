"""The announcement by mDNS: avahi's programs are started as helpers, and what they find are neighbours.

The programs are stand-ins of a few lines, since a test must not speak in the network of the machine."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway, wait_until

# What avahi-browse -p -r writes for another gateway, and for one that calls itself a page of a thief.
FOUND = (
    '+;eth0;IPv4;Greenhouse;_http._tcp;local\n'
    '=;eth0;IPv4;Greenhouse\\032two;_http._tcp;local;pi.local;192.168.1.7;8080;'
    '"path=/" "auth=token" "api=1" "v=0.2.0" "id=3f9a1c20be77"\n'
    '=;eth0;IPv4;Thief;_http._tcp;local;pi.local;192.168.1.8;8080;'
    '"path=//evil.example/" "auth=none" "api=1" "v=<b>" "id=javascript:1"\n'
)
REACHABLE = {"listen": {"http": ["0.0.0.0:0", "127.0.0.1:0"]}}


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with both programs: each notes its arguments, one a line, and its pid."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "found").write_text(FOUND, encoding="utf-8")
    for name in ("avahi-publish", "avahi-browse"):
        program = folder / name
        says = f'cat "{folder}/found"\n' if name == "avahi-browse" else ""
        program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/$$.{name}"\n{says}exec sleep 1000\n', encoding="utf-8")
        program.chmod(0o755)
    return folder


def path_with(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def started(tools: Path, name: str) -> list[tuple[int, list[str]]]:
    """Pid and arguments of every run so far that has noted them whole."""
    runs = [(int(note.stem), note.read_text(encoding="utf-8").splitlines()) for note in tools.glob(f"*.{name}")]
    return [run for run in runs if run[1]]


def state(gateway: Gateway) -> str:
    return str(gateway.get("/healthz").json["helpers"]["mdns"])


def test_each_port_that_others_reach_is_announced_without_a_token(start_gateway: StartGateway, tools: Path) -> None:
    gateway = start_gateway({**REACHABLE, "announce": {"name": "Kitchen"}}, env=path_with(tools))
    wait_until(lambda: started(tools, "avahi-publish"), "announcement")
    [(_, words)] = started(tools, "avahi-publish")
    port = next(url.rstrip("/").rsplit(":", 1)[1] for kind, url in gateway.listening
                if kind == "http" and "0.0.0.0" in url)
    identity = (gateway.state / "id").read_text(encoding="ascii").strip()
    assert words[:6] == ["-s", "--subtype", "_gpio-gateway._sub._http._tcp", "Kitchen", "_http._tcp", port]
    assert set(words[6:]) == {f"id={identity}", words[7], "api=1", "auth=token", "path=/"}
    assert words[7].startswith("v=")
    assert not any(token in " ".join(words) for token in gateway.tokens.values())
    assert state(gateway) == "announced"


def test_what_is_found_is_a_neighbour_as_text(start_gateway: StartGateway, tools: Path) -> None:
    gateway = start_gateway(REACHABLE, env=path_with(tools))
    wait_until(lambda: gateway.get("/api/v1/neighbours").json["neighbours"], "neighbour")
    [found] = gateway.get("/api/v1/neighbours").json["neighbours"]
    assert (found["name"], found["url"]) == ("Greenhouse two", "http://192.168.1.7:8080/")


@pytest.mark.parametrize("config", [
    {}, {**REACHABLE, "announce": {"mdns": False}}], ids=["loopback", "switched off"])
def test_nothing_is_started_where_nobody_is_to_know(start_gateway: StartGateway, tools: Path,
                                                    config: dict[str, Any]) -> None:
    gateway = start_gateway(config, env=path_with(tools))
    assert state(gateway) == "off"
    assert gateway.stop() == 0
    assert not started(tools, "avahi-publish") and not started(tools, "avahi-browse")


def test_without_the_programs_one_line_names_the_package(start_gateway: StartGateway, tmp_path: Path) -> None:
    gateway = start_gateway(REACHABLE, env={"PATH": str(tmp_path / "none")})
    assert state(gateway) == "missing"
    assert gateway.log.count("avahi-utils") == 1
    assert "avahi-utils" in gateway.run("doctor", "--config", str(gateway.config_path)).stdout


def test_a_program_that_ended_is_told_and_started_again(start_gateway: StartGateway, tools: Path) -> None:
    gateway = start_gateway(REACHABLE, env=path_with(tools))
    wait_until(lambda: gateway.get("/api/v1/neighbours").json["neighbours"], "neighbour")
    wait_until(lambda: started(tools, "avahi-publish"), "announcement")
    [(pid, _)] = started(tools, "avahi-publish")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: state(gateway) == "missing", "word of the end")
    wait_until(lambda: len(started(tools, "avahi-publish")) == 2, "second start")


def test_the_programs_end_with_the_gateway(start_gateway: StartGateway, tools: Path) -> None:
    gateway = start_gateway(REACHABLE, env=path_with(tools))
    wait_until(lambda: started(tools, "avahi-publish") and started(tools, "avahi-browse"), "start")
    pids = [pid for name in ("avahi-publish", "avahi-browse") for pid, _ in started(tools, name)]
    assert gateway.stop() == 0
    for pid in pids:
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), f"end of {pid}")
