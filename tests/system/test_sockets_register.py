"""The socket register against what the kernel's own tools say: ss, tshark, and our own clients."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from gateway_process import PROGRAM, TOP, Gateway, config_with, wait_until


def sockets(gateway: Gateway) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gateway.get("/api/v1/sockets").json["sockets"]
    return found


def of_peer(gateway: Gateway, peer: socket.socket) -> dict[str, Any]:
    host, port = peer.getsockname()[:2]
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return next(s for s in sockets(gateway) if s["peer"] == name)


def calls_since(gateway: Gateway, since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gateway.get(f"/api/v1/sockets/calls?since={since}&limit=1000"
                                              ).json["calls"]
    return found


def line_client(gateway: Gateway) -> socket.socket:
    client = socket.create_connection(gateway.line)
    client.settimeout(5)
    client.sendall(f"auth {gateway.token}\n".encode())
    assert client.recv(100) == b"ok operator\n"
    return client


# ---- the calls ----


def test_a_listener_shows_the_calls_that_made_it(gateway: Gateway) -> None:
    listener = next(s for s in sockets(gateway)
                    if s["role"] == "listener" and s["owner"] == "line" and s["domain"] == "AF_INET")
    fd, (host, port) = listener["fd"], gateway.line
    assert [call["text"] for call in listener["calls"]] == [
        f"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = {fd}",
        f"setsockopt({fd}, SOL_SOCKET, SO_REUSEADDR, 1) = 0",
        f"bind({fd}, {host}:0) = 0",
        f"getsockname({fd}) = {host}:{port}",
        f"listen({fd}, 128) = 0",
    ]
    assert listener["state"] == "LISTEN" and listener["local"] == f"{host}:{port}"


def test_a_connection_begins_with_its_accept_and_ends_with_close(gateway: Gateway) -> None:
    client = line_client(gateway)
    found = of_peer(gateway, client)
    listener = next(s for s in sockets(gateway) if s["id"] == found["opened_by"])
    assert listener["queue"]["accepted"] == 1
    host, port = client.getsockname()
    assert found["calls"][0]["text"] == \
        f"accept4({listener['fd']}) = {found['fd']} from {host}:{port}"
    assert found["calls"][1]["text"] == \
        f"setsockopt({found['fd']}, IPPROTO_TCP, TCP_NODELAY, 1) = 0"
    client.close()
    wait_until(lambda: all(s["id"] != found["id"] for s in sockets(gateway)), "its end")
    mine = [c["text"] for c in calls_since(gateway, 0) if c["socket"] == found["id"]]
    assert mine[0].startswith("accept4(") and mine[-1] == f"close({found['fd']})"


def test_a_websocket_was_handed_over(gateway: Gateway) -> None:
    import base64
    client = socket.create_connection((gateway.host, gateway.port))
    client.sendall((f"GET /ws HTTP/1.1\r\nHost: {gateway.host}:{gateway.port}\r\n"
                    f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    f"Authorization: Bearer {gateway.token}\r\n"
                    f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
                    ).encode())
    assert client.recv(12) == b"HTTP/1.1 101"
    found = of_peer(gateway, client)
    assert found["owner"] == "websocket"
    assert "handed to websocket" in [call["text"] for call in found["calls"]]
    client.close()


def test_calls_go_on_from_a_number(gateway: Gateway) -> None:
    first = gateway.get("/api/v1/sockets/calls").json
    line_client(gateway).close()
    wait_until(lambda: any(c["name"] == "close" for c in calls_since(gateway, first["next"])),
               "the close")
    numbers = [c["n"] for c in calls_since(gateway, first["next"])]
    assert numbers == list(range(first["next"], first["next"] + len(numbers)))


# ---- the kernel's own tools ----


@pytest.mark.skipif(not shutil.which("ss"), reason="ss is not installed")
def test_ss_agrees_on_a_connection(gateway: Gateway) -> None:
    client = line_client(gateway)
    for _ in range(50):
        client.sendall(b"get\n")
        client.recv(4096)
    time.sleep(0.1)  # for the last delayed ACK
    found = of_peer(gateway, client)
    said = subprocess.run(found["ss"], shell=True, capture_output=True, text=True,
                          check=True).stdout
    (_, line) = said.strip().splitlines()[-2:]
    numbers = dict(re.findall(r"(\w+):([\d./]+)", line))
    tcp = found["tcp"]
    assert int(numbers["bytes_received"]) == tcp["bytes_in"]
    assert int(numbers["bytes_acked"]) == tcp["bytes_out"]
    assert int(numbers["segs_in"]) == tcp["segments_in"]
    assert int(numbers["segs_out"]) == tcp["segments_out"]
    assert int(numbers["cwnd"]) == tcp["cwnd"]
    assert int(numbers["mss"]) == tcp["mss"]
    rtt, rttvar = numbers["rtt"].split("/")
    assert abs(float(rtt) * 1000 - tcp["rtt_us"]) <= 1
    assert abs(float(rttvar) * 1000 - tcp["rttvar_us"]) <= 1
    client.close()


@pytest.mark.skipif(not shutil.which("ss"), reason="ss is not installed")
def test_ss_finds_every_kind_of_socket_by_the_command_shown(gateway: Gateway) -> None:
    client = line_client(gateway)
    for found in sockets(gateway):
        said = subprocess.run(found["ss"], shell=True, capture_output=True, text=True, check=True)
        assert said.stderr == "" and len(said.stdout.splitlines()) >= 2, found
    client.close()


def test_bytes_that_wait_in_the_kernel_are_told(gateway: Gateway) -> None:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(gateway.line)
    client.sendall(f"auth {gateway.token}\n".encode() + b"list\n" * 20_000)
    found = wait_until(
        lambda: (s := of_peer(gateway, client))["kernel_queue"]["out"] > 0 and s, "waiting bytes")
    assert found["kernel_queue"]["in"] >= 0
    client.close()


def test_the_accept_queue_and_refusals_are_told(start_gateway: Any) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 3}})
    held = [socket.create_connection(gateway.line) for _ in range(5)]
    listener = wait_until(
        lambda: next((s for s in sockets_by_unix(gateway)
                      if s["role"] == "listener" and s["owner"] == "line" and
                      s["domain"] == "AF_INET" and s["queue"]["refused"] == 2), None),
        "two refusals")
    assert listener["queue"] == {"now": 0, "limit": 128, "accepted": 3, "refused": 2}
    for client in held:
        client.close()


def sockets_by_unix(gateway: Gateway) -> list[dict[str, Any]]:
    said = subprocess.run(
        ["curl", "-sS", "--unix-socket", gateway.unix["http"], "http://gateway/api/v1/sockets"],
        capture_output=True, text=True, check=True, timeout=10).stdout
    found: list[dict[str, Any]] = json.loads(said)["sockets"]
    return found


def test_curl_over_unix_shows_its_own_credentials(gateway: Gateway) -> None:
    found = next(s for s in sockets_by_unix(gateway)
                 if s["domain"] == "AF_UNIX" and s["role"] == "connection")
    assert found["credentials"]["uid"] == os.geteuid()
    assert found["calls"][0]["text"].startswith("accept4(")


# ---- on the wire ----


def may_capture() -> bool:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).close()
    except PermissionError:
        return False
    return True


@pytest.mark.skipif(not may_capture(), reason="needs CAP_NET_RAW")
@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_agrees_with_the_gateways_own_view(gateway: Gateway, tmp_path: Path) -> None:
    client = line_client(gateway)
    port = client.getsockname()[1]
    found = of_peer(gateway, client)
    where = f"/api/v1/sockets/{found['id']}/packets"
    file = tmp_path / "tshark.pcapng"
    tshark = subprocess.Popen(
        ["tshark", "-q", "-i", "lo", "-w", str(file), "-f", f"tcp port {port}"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert tshark.stderr
    while "Capturing" not in tshark.stderr.readline():
        assert tshark.poll() is None
    time.sleep(0.5)
    assert gateway.get(where).json["available"] is True
    client.sendall(b"toggle red\n")
    client.recv(100)
    client.sendall(b"get\nquit\n")
    while client.recv(4096):
        pass
    client.close()
    time.sleep(0.5)
    ours = gateway.get(where).json["packets"]
    saved = gateway.get(where + ".pcapng")
    tshark.terminate()
    tshark.wait(10)
    tshark.stderr.close()

    def read(path: Path) -> list[tuple[int, int, int, int, int, int]]:
        said = subprocess.run(
            ["tshark", "-r", str(path), "-o", "tcp.relative_sequence_numbers:FALSE", "-T", "fields",
             *(word for field in ("tcp.srcport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw",
                                  "tcp.window_size_value", "tcp.len")
               for word in ("-e", field))], capture_output=True, text=True, check=True).stdout
        return [tuple(int(word, 0) for word in line.split("\t"))  # type: ignore[misc]
                for line in said.splitlines()]

    bits = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128}
    told = [(port if p["direction"] == "in" else gateway.line[1], sum(bits[f] for f in p["flags"]),
             p["seq"], p["ack"], p["window"], p["length"]) for p in ours]
    assert len(told) >= 6 and any("FIN" in p["flags"] for p in ours)
    assert read(file) == told
    ours_file = tmp_path / "ours.pcapng"
    ours_file.write_bytes(saved.body)
    assert read(ours_file) == told
    assert b"toggle red" not in saved.body
    assert b"toggle red" in file.read_bytes(), "tshark's own file does hold the payload"


@pytest.mark.skipif(os.geteuid() == 0, reason="root keeps the capability")
def test_without_the_capability_it_says_what_to_do(gateway: Gateway) -> None:
    client = line_client(gateway)
    answer = gateway.get(f"/api/v1/sockets/{of_peer(gateway, client)['id']}/packets").json
    assert answer["available"] is False and "CAP_NET_RAW" in answer["reason"]
    assert answer["reason_key"] == "capture.permission"
    client.close()


# ---- try it ----


@pytest.mark.parametrize(("domain", "type_", "errno"), [
    ("AF_INET", "SOCK_STREAM", None), ("AF_INET", "SOCK_DGRAM", None),
    ("AF_INET6", "SOCK_STREAM", None), ("AF_UNIX", "SOCK_DGRAM", None),
    ("AF_IPX", "SOCK_DGRAM", "EAFNOSUPPORT"), ("AF_PACKET", "SOCK_STREAM", "ESOCKTNOSUPPORT"),
])
def test_try_tells_what_the_kernel_says(gateway: Gateway, domain: str, type_: str,
                                        errno: str | None) -> None:
    answer = gateway.post("/api/v1/sockets/try", {"domain": domain, "type": type_})
    assert answer.status == 200
    said = answer.json
    if errno == "ESOCKTNOSUPPORT" and said["errno"] == "EPERM":
        errno = "EPERM"
    assert said["errno"] == errno
    assert said["call"].startswith(f"socket({domain}, {type_}|")
    assert said["why"]["en"] and said["why"]["key"].startswith("probe.")
    assert gateway.post("/api/v1/sockets/try", {"domain": "AF_X", "type": type_}).status == 400


STEPS = ["socket", "tcp", "udp", "compare", "loss", "many", "limit", "bind", "listen", "accept", "connect", "close"]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_the_lesson_is_played_and_told(gateway: Gateway, step: str) -> None:
    said = gateway.post("/api/v1/sockets/demonstrate", {"step": step}).json
    assert said["step"] == step and said["port"] > 0
    for call in said["calls"]:
        assert call["text"].startswith(call["name"] + "(")
        assert (call["errno"] is None) == (call["result"] >= 0)
        assert len(call["after"]) == len(said["sockets"]) > call["socket"]
    assert [one for one in gateway.get("/api/v1/sockets").json["sockets"] if one["owner"] == "lesson"] == []


def test_an_unknown_step_is_told_the_names(gateway: Gateway) -> None:
    answer = gateway.post("/api/v1/sockets/demonstrate", {"step": "acept"})
    assert answer.status == 400
    assert all(step in answer.json["detail"] for step in STEPS)


def test_a_viewer_makes_no_sockets_for_the_lesson(gateway: Gateway) -> None:
    answer = gateway.post("/api/v1/sockets/demonstrate", {"step": "tcp"}, token=gateway.tokens["viewer"])
    assert answer.status == 403


def test_the_experiment_keeps_what_tcp_keeps_and_loses_what_udp_loses(gateway: Gateway) -> None:
    said = gateway.post("/api/v1/sockets/experiment", {}).json
    assert said["whole"] is True
    assert said["tcp"]["received_messages"] == said["tcp"]["sent"] and said["tcp"]["in_order"]
    assert said["tcp"]["reads_inside_a_message"] > 0
    assert 0 < said["udp"]["lost"] < said["udp"]["sent"] and said["udp"]["in_order"]
    assert said["duration_us"] < 20_000


# ---- faults ----


def test_descriptors_come_back_after_a_crowd(gateway: Gateway) -> None:
    before = gateway.descriptors()
    for _ in range(3):
        crowd = [socket.create_connection(gateway.line) for _ in range(60)]
        for client in crowd:
            client.close()
    wait_until(lambda: gateway.descriptors() <= before + 1, "the descriptors")


def test_it_survives_the_lack_of_descriptors(start_gateway: Any) -> None:
    import resource

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    gateway = start_gateway({"limits": {"connections_per_peer": 1000}}, preexec=few)
    crowd = [socket.create_connection(gateway.line) for _ in range(150)]
    time.sleep(0.2)
    ticks = Path(f"/proc/{gateway.pid}/stat").read_text().split()[13:15]
    time.sleep(0.5)
    later = Path(f"/proc/{gateway.pid}/stat").read_text().split()[13:15]
    assert sum(map(int, later)) - sum(map(int, ticks)) < 10, "it does not spin"
    for client in crowd:
        client.close()
    wait_until(lambda: gateway.descriptors() < 40, "free descriptors")
    client = line_client(gateway)
    client.close()


# ---- socket activation ----


def test_sockets_of_the_service_manager_are_used(tmp_path: Path) -> None:
    """As systemd does it: the descriptors are open from 3 on, LISTEN_PID is the program's."""
    http = socket.socket()
    http.bind(("127.0.0.1", 0))
    http.listen(16)
    line = socket.socket()
    line.bind(("127.0.0.1", 0))
    line.listen(16)
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.bind(("127.0.0.1", 0))
    passed = [http, line, datagram]
    wrapper = tmp_path / "activate"
    wrapper.write_text(f"#!/bin/sh\nexport LISTEN_PID=$$ LISTEN_FDS=3\nexec {PROGRAM} \"$@\"\n")
    wrapper.chmod(0o755)
    ports = [s.getsockname()[1] for s in passed]
    config = config_with({"listen": {
        "http": [f"127.0.0.1:{ports[0]}"], "line": [f"tcp:127.0.0.1:{ports[1]}"],
        "datagram": [f"udp:127.0.0.1:{ports[2]}"]}})
    process = start_with_descriptors(tmp_path, wrapper, config, passed)
    try:
        check_activated(process, ports)
    finally:
        process.terminate()
        status = process.wait(5)
        if process.stdout:
            process.stdout.close()
        for passed_on in passed:
            passed_on.close()
    assert status == 0


def start_with_descriptors(folder: Path, wrapper: Path, config: dict[str, Any],
                           passed: list[socket.socket]) -> subprocess.Popen[str]:
    place = folder / "a"
    for part in (place, place / "s", place / "r"):
        part.mkdir(mode=0o700)
    (place / "gateway.json").write_text(json.dumps(config), encoding="utf-8")
    environment = dict(os.environ, XDG_STATE_HOME=str(place / "s"), XDG_RUNTIME_DIR=str(place / "r"),
                       HOME=str(place))

    def move() -> None:
        spare = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(passed)]
        for i, fd in enumerate(spare):
            os.dup2(fd, 3 + i, inheritable=True)

    return subprocess.Popen(
        [str(wrapper), "serve", "--config", str(place / "gateway.json")], cwd=TOP,
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        preexec_fn=move, close_fds=False)


def check_activated(process: subprocess.Popen[str], ports: list[int]) -> None:
    assert process.stdout
    said = []
    while (line := process.stdout.readline().strip()) != "ready":
        assert process.poll() is None, said
        said.append(line)
    assert f"listening http http://127.0.0.1:{ports[0]}/" in said
    assert f"listening line tcp:127.0.0.1:{ports[1]}" in said
    assert f"listening datagram udp:127.0.0.1:{ports[2]}" in said
    client = socket.create_connection(("127.0.0.1", ports[1]))
    client.settimeout(5)
    client.sendall(b"ping\n")
    assert client.recv(100).startswith(b"err unauthorized")
    client.close()
