"""The command-line client: get, set, toggle, pulse, watch over tcp, udp and unix."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any

import pytest

from gateway_process import LINES, PROGRAM, Gateway, wait_until


def to(gateway: Gateway, way: str) -> str:
    if way == "unix":
        return f"unix:{gateway.unix['line']}"
    host, port = gateway.line if way == "tcp" else gateway.datagram
    return f"{way}:{host}:{port}"


WAYS = pytest.mark.parametrize("way", ["tcp", "udp", "unix"])


@WAYS
def test_the_words_act_over_every_way(gateway: Gateway, way: str) -> None:
    def client(*words: str) -> str:
        done = gateway.run(*words, "--to", to(gateway, way), "--token", gateway.token)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout.strip()

    first = client("toggle", "red")
    seq = int(first.split()[2])
    assert first == f"red 1 {seq}"
    assert client("get", "red") == first
    assert client("set", "red", "0") == f"red 0 {seq + 1}"
    assert client("pulse", "red", "50") == f"red 1 {seq + 2}"
    lines = client("get").splitlines()
    assert [line.split()[0] for line in lines] == ["red", "yellow", "green", "button", "motion"]
    wait_until(lambda: gateway.value("red") == 0, "end of the pulse")


@WAYS
def test_on_and_off_are_values_in_any_case(gateway: Gateway, way: str) -> None:
    def client(*words: str) -> str:
        done = gateway.run(*words, "--to", to(gateway, way), "--token", gateway.token)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[1]

    values = [client("set", "red", word) for word in ("on", "OFF", "On", "off", "ON", "false")]
    assert values == ["1", "0", "1", "0", "1", "0"]
    assert client("simulate", "button", "On") == "1"
    wait_until(lambda: gateway.value("button") == 1, "the button")
    assert gateway.run("set", "red", "on", "--json").returncode == 0
    assert gateway.value("red") == 1
    done = gateway.run("set", "red", "onn", "--to", to(gateway, way), "--token", gateway.token)
    assert done.returncode == 1 and '"onn" is not a value' in done.stderr, done


@WAYS
def test_json_is_the_result_of_the_call(gateway: Gateway, way: str) -> None:
    def client(*words: str) -> Any:
        done = gateway.run(*words, "--json", "--to", to(gateway, way), "--token", gateway.token)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert client("toggle", "red")["value"] == 1
    assert client("set", "red", "0")["was"] == 1
    assert client("get", "red")["part"] == "led"
    assert len(client("get")["lines"]) == 5


@WAYS
def test_off_puts_every_output_to_its_safe_value(gateway: Gateway, way: str) -> None:
    where = ("--to", to(gateway, way), "--token", gateway.token)
    for words in (["off"], ["off", "--json"]):
        assert gateway.run("set", "red", "1").returncode == 0
        assert gateway.run("set", "green", "1").returncode == 0
        done = gateway.run(*words, *where)
        assert done.returncode == 0 and done.stderr == "", done
        assert (gateway.value("red"), gateway.value("green")) == (0, 0)
        assert "red" in done.stdout and "green" in done.stdout
    assert sorted(json.loads(done.stdout)["changed"]) == ["green", "red"]
    assert gateway.run("off", "red", *where).returncode == 2


@WAYS
def test_a_misspelt_line_is_told_with_the_nearest_one(gateway: Gateway, way: str) -> None:
    for words in (("get", "redd"), ("toggle", "redd"), ("watch", "redd")):
        done = gateway.run(*words, "--to", to(gateway, way), "--token", gateway.token)
        assert done.returncode == 1, done
        assert done.stderr == "gpio-gateway: no-such-line redd did you mean red?\n"


def test_without_to_and_token_it_finds_the_gateway_of_this_user(gateway: Gateway) -> None:
    done = gateway.run("toggle", "red")
    assert done.returncode == 0 and done.stdout.startswith("red 1 "), done.stderr


def test_the_token_of_the_state_folder_is_shown_on_loopback(gateway: Gateway) -> None:
    done = gateway.run("get", "red", "--to", to(gateway, "tcp"))
    assert done.returncode == 0, done.stderr


def test_the_token_may_come_from_the_environment(gateway: Gateway) -> None:
    gateway.environment["GPIO_GATEWAY_TOKEN"] = gateway.viewer_token
    assert gateway.run("get", "red", "--to", to(gateway, "tcp")).returncode == 0
    done = gateway.run("toggle", "red", "--to", to(gateway, "tcp"))
    assert done.returncode == 77 and "forbidden" in done.stderr


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_a_wrong_token_is_77(gateway: Gateway, way: str) -> None:
    done = gateway.run("get", "--to", to(gateway, way), "--token", "0" * 32)
    assert done.returncode == 77 and "unauthorized" in done.stderr
    done = gateway.run("get", "--json", "--to", to(gateway, way), "--token", "0" * 32)
    assert done.returncode == 77


@WAYS
def test_an_error_of_the_gateway_is_1(gateway: Gateway, way: str) -> None:
    for words in (("get", "purple"), ("set", "button", "1"), ("set", "red", "2"),
                  ("watch", "purple")):
        done = gateway.run(*words, "--to", to(gateway, way), "--token", gateway.token)
        assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    done = gateway.run("get", "purple", "--json", "--to", to(gateway, way), "--token",
                       gateway.token)
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == -32001


@pytest.mark.parametrize("words", [
    ["set", "red"], ["set", "red", "1", "2"], ["toggle"], ["pulse", "red"], ["get", "a", "b"],
    ["get", "--nonsense"], ["get", "--to"], ["get", "--to", "nonsense"], ["toggle", "red\noff"],
    ["toggle", ""], ["get", "--to", "tcp:127.0.0.1:99999"], ["get", "--to", "[::1]:7070"],
])
def test_wrong_usage_is_2(gateway: Gateway, words: list[str]) -> None:
    done = gateway.run(*words)
    assert done.returncode == 2 and done.stderr, done


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_localhost_is_found_by_either_protocol(start_gateway: Any, host: str, way: str) -> None:
    gateway = start_gateway({"listen": {"line": [f"tcp:{host}:0"], "datagram": [f"udp:{host}:0"]}})
    port = to(gateway, way).rpartition(":")[2]
    done = gateway.run("toggle", "red", "--to", f"{way}:localhost:{port}")
    assert done.returncode == 0 and done.stdout.startswith("red 1 "), done
    assert gateway.value("red") == 1


@pytest.mark.parametrize("where", ["localhost:7070", "[::1]:7070", "192.168.1.7:7070"])
def test_an_address_without_its_way_is_told_with_it(gateway: Gateway, where: str) -> None:
    done = gateway.run("get", "--to", where)
    assert done.returncode == 2
    assert done.stderr == f"gpio-gateway: --to {where}: write tcp:{where}, or udp:{where}\n"


def test_no_gateway_is_69(gateway: Gateway) -> None:
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    for where in (f"tcp:127.0.0.1:{port}", f"udp:127.0.0.1:{port}", "unix:/tmp/no/such.sock",
                  f"tcp:localhost:{port}"):
        begin = time.monotonic()
        done = gateway.run("get", "--to", where)
        assert done.returncode == 69 and done.stderr, (where, done)
        assert time.monotonic() - begin < 2
    free.close()


def test_a_silent_udp_peer_is_asked_again_and_then_69(gateway: Gateway) -> None:
    mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mute.bind(("127.0.0.1", 0))
    client = subprocess.Popen(
        [PROGRAM, "toggle", "red", "--token", "t", "--to", f"udp:127.0.0.1:{mute.getsockname()[1]}"],
        env=gateway.environment, stderr=subprocess.PIPE, text=True)
    mute.settimeout(5)
    questions = {mute.recv(4096) for _ in range(4)}
    assert len(questions) == 1, "the same number in each"
    question = questions.pop()
    assert question.startswith(b"@t #") and len(question) >= 512
    client.kill()
    client.communicate()
    mute.close()


def test_a_lost_answer_does_not_act_twice(gateway: Gateway) -> None:
    """A relay that loses the first answer: the question comes twice, the pin moves once."""
    relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.bind(("127.0.0.1", 0))
    relay.settimeout(5)
    onward = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    onward.connect(gateway.datagram)
    onward.settimeout(5)
    client = subprocess.Popen(
        [PROGRAM, "toggle", "red", "--token", gateway.token, "--to",
         f"udp:127.0.0.1:{relay.getsockname()[1]}"],
        env=gateway.environment, stdout=subprocess.PIPE, text=True)
    for turn in range(2):
        question, peer = relay.recvfrom(4096)
        onward.send(question)
        answer = onward.recv(4096)
        if turn == 1:
            relay.sendto(answer, peer)
    said, _ = client.communicate(timeout=5)
    assert client.returncode == 0 and said.startswith("red 1 ")
    assert gateway.value("red") == 1
    relay.close()
    onward.close()


# ---- watch ----


class Watch:
    def __init__(self, gateway: Gateway, *words: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "watch", *words, "--token", gateway.token], env=gateway.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # A shell that runs this in the background ignores Ctrl-C for all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return status


def toggle_until_heard(gateway: Gateway, watch: Watch, line: str = "red") -> str:
    """The watcher needs a moment to ask."""
    for _ in range(100):
        gateway.post(f"/api/v1/lines/{line}/toggle")
        assert watch.process.stdout
        if select.select([watch.process.stdout], [], [], 0.05)[0]:
            return watch.read()
    raise AssertionError("nothing heard")


@WAYS
def test_watch_prints_every_event(gateway: Gateway, way: str) -> None:
    watch = Watch(gateway, "--to", to(gateway, way))
    heard = toggle_until_heard(gateway, watch).split()
    assert heard[0] == "event" and heard[2] == "red" and heard[4] == "toggle"
    watch.end()


@WAYS
def test_watch_prints_json(gateway: Gateway, way: str) -> None:
    watch = Watch(gateway, "--json", "--to", to(gateway, way))
    event = json.loads(toggle_until_heard(gateway, watch))
    assert event["line"] == "red" and event["cause"] == "toggle" and event["value"] in (0, 1)
    watch.end()


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_watch_prints_programs_and_counts_as_json(start_gateway: Any, way: str) -> None:
    gateway = start_gateway(
        {"circuit": {"scenes": [{"name": "garden", "steps": [{"set": {"red": 1}}]}]}},
        lines=[*LINES, {"name": "water", "gpio": "GPIO6", "direction": "input", "counter": {}},
               {"name": "scene", "gpio": "GPIO12", "direction": "output"}])
    watch = Watch(gateway, "--json", "--to", to(gateway, way))
    toggle_until_heard(gateway, watch, "scene")
    value = 1 - gateway.value("scene")
    gateway.put("/api/v1/lines/scene/value", value)
    gateway.post("/api/v1/scenes/garden")
    gateway.post("/api/v1/simulator/lines/water", 1)
    gateway.put("/api/v1/lines/red/value", 0)
    heard = []
    while not heard or heard[-1].get("line") != "red" or heard[-1]["value"] != 0:
        heard.append(json.loads(watch.read()))
    watch.end()
    told = [{key: value for key, value in event.items() if key != "seq"} for event in heard]
    assert {"line": "scene", "value": value, "cause": "set"} in told
    assert {"line": None, "scene": "garden", "state": "started"} in told
    assert {"line": None, "scene": "garden", "state": "ended"} in told
    assert {"line": "water", "value": 1, "cause": "edge", "count": 1} in told


def test_watch_may_be_of_some_lines(gateway: Gateway) -> None:
    watch = Watch(gateway, "green", "--to", to(gateway, "tcp"))
    toggle_until_heard(gateway, watch, "green")
    gateway.post("/api/v1/lines/red/toggle")
    gateway.post("/api/v1/lines/green/toggle")
    assert watch.read().split()[2] == "green"
    watch.end()


def test_watch_ends_with_the_gateway(gateway: Gateway) -> None:
    watch = Watch(gateway, "--to", to(gateway, "unix"))
    toggle_until_heard(gateway, watch)
    assert gateway.stop() == 0
    watch.process.communicate(timeout=5)
    assert watch.process.returncode == 69


# ---- explain ----


def test_explain_prints_each_socket_call(gateway: Gateway) -> None:
    done = gateway.run("toggle", "red", "--explain", "--to", to(gateway, "tcp"), "--token",
                       gateway.token)
    assert done.returncode == 0 and done.stdout.startswith("red 1 ")
    host, port = gateway.line
    calls = done.stderr.splitlines()
    fd = calls[0].rpartition(" = ")[2]
    assert calls[0] == f"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = {fd}"
    assert calls[1] in (f"connect({fd}, {host}:{port}) = EINPROGRESS",
                        f"connect({fd}, {host}:{port}) = 0")
    assert any(call.startswith(f"send({fd}, ") for call in calls)
    assert any(call.startswith(f"recv({fd}, ") for call in calls)
    assert calls[-1] == f"close({fd})"
    assert gateway.token not in done.stderr


def test_explain_is_what_strace_would_say_for_udp(gateway: Gateway) -> None:
    done = gateway.run("get", "red", "--explain", "--to", to(gateway, "udp"), "--token",
                       gateway.token)
    names = [call.split("(")[0] for call in done.stderr.splitlines()]
    assert names == ["socket", "connect", "send", "recv", "close"]


def test_explain_names_the_errno(gateway: Gateway) -> None:
    done = gateway.run("get", "--explain", "--to", "unix:/tmp/no/such.sock")
    assert any(line.endswith(" = ENOENT") for line in done.stderr.splitlines())


# ---- datagrams over AF_UNIX, and health ----


def test_a_unix_datagram_socket_is_found_out(start_gateway: Any) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    done = gateway.run("toggle", "red", "--to", f"unix:{gateway.unix['datagram']}")
    assert done.returncode == 0 and done.stdout.startswith("red 1 "), done.stderr


def test_health_is_0_while_the_gateway_serves(gateway: Gateway) -> None:
    assert gateway.run("health", "--to", gateway.http).returncode == 0
    assert gateway.run("health", "--to", f"unix:{gateway.unix['http']}").returncode == 0
    assert gateway.run("health", "--to", "ftp://x").returncode == 2
    where = gateway.http
    gateway.stop()
    assert gateway.run("health", "--to", where).returncode == 69


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
@pytest.mark.parametrize("kind", ["line", "datagram"])
def test_a_client_of_another_user_is_not_allowed(start_gateway: Any, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = f"{folder}/gateway.sock"
        gateway = start_gateway({"listen": {kind: [f"unix:{path}"], "socket_mode": "0666"}})
        program = shutil.copy(PROGRAM, folder)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--clear-groups", program, "toggle", "red", "--to",
             f"unix:{path}"], capture_output=True, text=True, timeout=10, check=False)
        assert done.returncode == 77 and "unauthorized" in done.stderr, done
        assert gateway.value("red") == 0
