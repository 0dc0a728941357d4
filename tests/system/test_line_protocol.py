"""The line protocol, as a program of a few lines or a person with nc uses it."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from gateway_process import PROGRAM, Gateway, wait_until

WAIT_S = 5.0

# A sanitizer keeps freed memory for a while: nothing to measure there.
IS_SANITIZED = b"__asan_init" in Path(PROGRAM).read_bytes()


def assert_little_more(gateway: Gateway, before_kb: int, kb: int) -> None:
    if not IS_SANITIZED:
        grown_kb = gateway.resident_kb() - before_kb
        assert grown_kb < kb, f"{grown_kb} kB more"


class Line:
    """A client of the line protocol."""

    def __init__(self, where: Any, token: str = "") -> None:
        family = socket.AF_UNIX if isinstance(where, str) else \
            socket.AF_INET6 if ":" in where[0] else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(where)
        self.file = self.socket.makefile("rb")
        if token:
            assert self.ask(f"auth {token}").startswith("ok ")

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def read(self) -> str:
        line = self.file.readline()
        assert line.endswith(b"\n"), f"the stream ended with {line!r}"
        return line[:-1].decode()

    def ask(self, message: str) -> str:
        self.send(message + "\n")
        return self.read()

    def ask_list(self, message: str) -> tuple[str, list[str]]:
        first = self.ask(message)
        lines = []
        while (line := self.read()) != ".":
            lines.append(line)
        return first, lines

    def at_end(self) -> bool:
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def operator(gateway: Gateway) -> Iterator[Line]:
    line = Line(gateway.line, gateway.token)
    yield line
    line.close()


@pytest.fixture
def local(gateway: Gateway) -> Iterator[Line]:
    line = Line(gateway.unix["line"])
    yield line
    line.close()


def seq_of(answer: str) -> int:
    return int(answer.split()[3])


# ---- words ----


def test_words_act_and_answer_with_line_value_and_seq(operator: Line, gateway: Gateway) -> None:
    first = operator.ask("toggle red")
    assert first.split()[:3] == ["ok", "red", "1"]
    second = operator.ask("set red 0")
    assert second == f"ok red 0 {seq_of(first) + 1}"
    assert operator.ask("set red 0") == second, "a value that is there already makes no event"
    assert operator.ask("get red") == second
    assert gateway.value("red") == 0


def test_get_lists_every_line_and_ends_with_a_lone_dot(operator: Line) -> None:
    operator.ask("set yellow 1")
    first, lines = operator.ask_list("get")
    assert first == "ok 5 lines"
    assert [line.split()[:2] for line in lines] == [
        ["red", "0"], ["yellow", "1"], ["green", "0"], ["button", "0"], ["motion", "0"]]
    assert all(len(line.split()) == 3 for line in lines)


def test_list_describes_every_line(operator: Line) -> None:
    first, lines = operator.ask_list("list")
    assert first == "ok 5 lines"
    assert lines[0].startswith("red output led 0 ")
    assert lines[0].endswith(" Red LED")


def test_a_pulse_comes_back_by_itself(operator: Line, gateway: Gateway) -> None:
    assert operator.ask("pulse red 50").split()[:3] == ["ok", "red", "1"]
    wait_until(lambda: gateway.value("red") == 0, "end of the pulse", 2)


def test_off_tells_what_it_changed(operator: Line) -> None:
    operator.ask("set red 1")
    operator.ask("set green 1")
    words = operator.ask("off").split()
    assert words[0] == "ok" and sorted(words[2:]) == ["green", "red"]


def test_arguments_may_be_named(operator: Line) -> None:
    seq = seq_of(operator.ask("set red 1"))
    assert operator.ask(f"set red 0 expect={seq + 7}").startswith("err conflict")
    assert operator.ask(f"set red 0 expect={seq}") == f"ok red 0 {seq + 1}"


@pytest.mark.parametrize(("question", "answer"), [
    ("set purple 1", "err no-such-line purple"),
    ("get purple", "err no-such-line purple"),
    ("set redd 1", "err no-such-line redd did you mean red?"),
    ("lock gren wet", "err no-such-line gren did you mean green?"),
    ("set button 1", "err not-an-output"),
    ("set red", "err bad-request"),
    ("set red 2", "err bad-request"),
    ("set red 1 2 3 4 5 6", "err bad-request"),
    ("set red 1 500", "err bad-request set LINE 0|1 [for_ms=MS] [expect=SEQ] [lease_ms=MS | "
                      "lease=connection]: too many words"),
    ("toggle red 2", "err bad-request"),
    ("stop red 2", "err bad-request"),
    ("unlock red 2", "err bad-request"),
    ("blink red 200 300 5 6", "err bad-request"),
    ("pulse red", "err bad-request"),
    ("pulse red 0", "err bad-request"),
    ("pulse red 99999999999999999999", "err bad-request"),
    ("pulse red -5", "err bad-request"),
    ("pulse red 5e2", "err bad-request"),
    ("frobnicate", "err no-such-method"),
    ("TOGGLE red", "err no-such-method"),
    ("set red 1\0", "err bad-request"),
    ("set r\x1bed 1", "err bad-request"),
    ("set red 1\x7f", "err bad-request"),
])
def test_a_wrong_message_is_told_and_changes_nothing(operator: Line, gateway: Gateway,
                                                     question: str, answer: str) -> None:
    before = gateway.cursor()
    said = operator.ask(question)
    assert said == answer or said.startswith(answer + " "), said
    assert gateway.cursor() == before


def test_bytes_that_are_no_text_are_refused(operator: Line) -> None:
    operator.send(b"set red\xff 1\n\xc3\x28\n")
    assert operator.read().startswith("err bad-request")
    assert operator.read().startswith("err bad-request")


@pytest.mark.parametrize("words", [
    "set red 1 for_ms=500", "pulse red 500", "blink red 200 300 5", "pwm red 0.5 100", "lock red it is wet",
    "pulse red ms=500", "simulate button 1", "stop red", "toggle red",
])
def test_what_is_plain_needs_no_name(operator: Line, words: str) -> None:
    assert operator.ask(words).startswith("ok "), words


def test_blanks_behind_the_last_word_do_not_matter(start_gateway: Any) -> None:
    gateway = start_gateway({"circuit": {"scenes": [{"name": "s", "steps": [{"set": {"red": 1}}]}]}})
    line = Line(gateway.line, gateway.token)
    for words in ("scene s  ", "scene s stop ", "scene s\tstop\t ", "set red 1 ", "get red\t"):
        assert line.ask(words).startswith("ok "), words
    line.close()


def test_help_tells_what_a_pulse_is(operator: Line) -> None:
    assert "pulse LINE MS - on for a time, then what it was" in operator.ask_list("help")[1]


def test_help_and_quit(operator: Line) -> None:
    first, lines = operator.ask_list("help")
    assert int(first.split()[1]) == len(lines)
    assert any(line.startswith("toggle LINE") for line in lines)
    assert operator.ask("quit") == "ok"
    assert operator.at_end()


def test_empty_lines_and_crlf_are_accepted(operator: Line) -> None:
    operator.send("\n\r\n   \ntoggle red\r\n")
    assert operator.read().startswith("ok red 1 ")


# ---- who may ----


@pytest.mark.parametrize("cut", range(3))
@pytest.mark.parametrize("words", ["{}", "{} red", "get {}", "set red {}", "scene {}", "pulse red 50 {}", "auth {}",
                                   '{{"jsonrpc":"2.0","id":1,"method":"{}"}}'])
def test_what_is_cut_off_is_cut_between_characters(operator: Line, words: str, cut: int) -> None:
    """Of a long Korean word an answer tells the beginning."""
    operator.socket.sendall((words.format("x" * cut + "빨" * 200) + "\nlist\n").encode())
    answer = b""
    while b"ok 5 lines" not in answer:
        answer += operator.socket.recv(65536)
    assert "빨" in answer.decode("utf-8") or words.startswith(("auth", "set", "scene", "pulse", "get"))


def test_a_stranger_over_tcp_may_do_nothing(gateway: Gateway) -> None:
    line = Line(gateway.line)
    for question in ("get", "get red", "list", "toggle red", "off", "watch", "ping"):
        assert line.ask(question).startswith("err unauthorized"), question
    assert line.ask("auth " + "0" * 32).startswith("err unauthorized")
    assert line.ask("auth " + gateway.token[:-1]).startswith("err unauthorized")
    assert line.ask("auth").startswith("err unauthorized")
    assert line.ask("auth " + gateway.token + "x" * 200).startswith("err unauthorized")
    assert gateway.value("red") == 0
    line.close()


def test_a_viewer_may_look_but_not_act(gateway: Gateway) -> None:
    line = Line(gateway.line, gateway.viewer_token)
    assert line.ask("get red").startswith("ok red 0 ")
    assert line.ask("toggle red").startswith("err forbidden")
    assert gateway.value("red") == 0
    line.close()


def test_over_unix_the_own_user_is_operator(local: Line) -> None:
    assert local.ask("toggle red").startswith("ok red 1 ")


def test_the_source_names_protocol_and_peer(operator: Line, local: Line, gateway: Gateway) -> None:
    operator.ask("toggle red")
    host, port = operator.socket.getsockname()
    assert gateway.get("/api/v1/lines/red").json["source"] == f"line:{host}:{port}"
    local.ask("toggle red")
    assert gateway.get("/api/v1/lines/red").json["source"].startswith("line:unix:pid=")


def test_it_is_served_over_ipv6(start_gateway: Any) -> None:
    gateway = start_gateway({"listen": {"line": ["tcp:[::1]:0"]}})
    line = Line(gateway.line, gateway.token)
    assert line.ask("toggle red").startswith("ok red 1 ")
    port = line.socket.getsockname()[1]
    assert gateway.get("/api/v1/lines/red").json["source"] == f"line:[::1]:{port}"
    line.close()


# ---- a stream has no message borders ----


def test_a_message_may_come_one_byte_at_a_time(operator: Line) -> None:
    operator.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"set red 1\r\n":
        operator.send(bytes([byte]))
        time.sleep(0.002)
    assert operator.read().startswith("ok red 1 ")


def test_a_thousand_commands_may_come_in_one_segment(operator: Line) -> None:
    operator.send("toggle red\n" * 1000)
    answers = [operator.read() for _ in range(1000)]
    first = seq_of(answers[0])
    assert answers == [f"ok red {(i + 1) % 2} {first + i}" for i in range(1000)]


def test_a_line_of_4096_bytes_is_taken_and_a_longer_one_skipped(operator: Line) -> None:
    longest = "get " + " " * (4096 - 7) + "red"
    assert len(longest) == 4096
    assert operator.ask(longest).startswith("ok red 0 ")
    assert operator.ask(longest + " ") == "err too-large"
    operator.send(b"x" * 100_000)
    assert operator.read() == "err too-large"
    operator.send(b"x" * 100_000 + b"\ntoggle red\n")
    assert operator.read().startswith("ok red 1 ")


def test_half_a_command_at_the_end_is_not_obeyed(gateway: Gateway) -> None:
    line = Line(gateway.unix["line"])
    line.send("set red 1\nset yellow 1")
    line.socket.shutdown(socket.SHUT_WR)
    assert line.read().startswith("ok red 1 ")
    assert line.at_end()
    assert gateway.value("yellow") == 0
    line.close()


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_a_command_is_obeyed_though_its_sender_has_gone(gateway: Gateway, family: str) -> None:
    where: Any = gateway.line if family == "tcp" else gateway.unix["line"]
    for i in range(20):
        line = Line(where)
        line.send(f"auth {gateway.token}\nset red {i % 2}\nset green {i % 2}\n")
        line.close()
        wait_until(lambda: gateway.value("green") == i % 2, f"command {i}", 2)


# ---- JSON-RPC ----


def test_a_line_that_begins_with_a_brace_is_json_rpc(operator: Line) -> None:
    answer = json.loads(operator.ask(
        '{"jsonrpc":"2.0","id":7,"method":"line.toggle","params":{"line":"red"}}'))
    assert answer["id"] == 7
    assert (answer["result"]["line"], answer["result"]["value"]) == ("red", 1)
    answer = json.loads(operator.ask('{"jsonrpc":"2.0","id":8,"method":"system.methods"}'))
    assert len(answer["result"]["methods"]) > 10
    assert json.loads(operator.ask("{nonsense"))["error"]["code"] == -32700
    operator.send('{"jsonrpc":"2.0","method":"line.toggle","params":{"line":"red"}}\nget red\n')
    assert operator.read().startswith("ok red 0 "), "a notification is not answered"


def test_json_rpc_of_a_stranger_is_refused(gateway: Gateway) -> None:
    line = Line(gateway.line)
    answer = json.loads(line.ask('{"jsonrpc":"2.0","id":1,"method":"circuit.get"}'))
    assert answer["error"]["code"] == -32005
    line.close()


# ---- watching ----


def test_watch_tells_every_event_in_order(operator: Line, gateway: Gateway) -> None:
    watcher = Line(gateway.line, gateway.viewer_token)
    assert watcher.ask("watch") == "ok"
    first = seq_of(operator.ask("toggle red"))
    operator.ask("set green 1")
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    assert watcher.read() == f"event {first} red 1 toggle"
    assert watcher.read() == f"event {first + 1} green 1 set"
    assert watcher.read() == f"event {first + 2} button 1 edge"
    assert watcher.ask("unwatch") == "ok"
    operator.ask("toggle red")
    assert watcher.ask("ping") == "ok"
    watcher.close()


def test_an_answer_comes_before_the_event_that_it_caused(operator: Line) -> None:
    operator.ask("watch")
    operator.send("toggle red\ntoggle red\n")
    heard = [operator.read() for _ in range(4)]
    seq = seq_of(heard[0])
    assert heard.index(f"ok red 1 {seq}") < heard.index(f"event {seq} red 1 toggle")
    assert heard.index(f"event {seq} red 1 toggle") < heard.index(f"event {seq + 1} red 0 toggle")


def test_watch_goes_on_after_a_cursor(operator: Line, gateway: Gateway) -> None:
    cursor = gateway.cursor()
    seq = seq_of(operator.ask("toggle red"))
    assert operator.ask(f"watch {cursor}") == "ok"
    assert operator.read() == f"event {seq} red 1 toggle"
    assert operator.ask("watch 00000000-1") == "ok"
    assert operator.read() == f"snapshot {seq} 5 lines"
    assert operator.ask("watch yesterday").split()[0] != "ok"


def test_a_watcher_that_never_reads_costs_nothing_and_gets_a_snapshot(
        start_gateway: Any) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    sleeper = Line(gateway.line, gateway.token)
    sleeper.ask("watch")
    busy = Line(gateway.unix["line"])
    before = gateway.resident_kb()
    rounds, each = 300, 1000
    for _ in range(rounds):
        busy.send("toggle red\n" * each)
        for _ in range(each):
            busy.read()
    assert_little_more(gateway, before, 4096)
    last = seq_of(busy.ask("get red"))
    told, snapshots = 0, 0
    while told < last:
        words = sleeper.read().split()
        told = int(words[1])
        if words[0] == "snapshot":
            snapshots += 1
            while sleeper.read() != ".":
                pass
    assert told == last and snapshots > 0
    busy.close()
    sleeper.close()


def test_a_client_that_asks_and_never_reads_is_bounded(gateway: Gateway) -> None:
    """It is not read from any more; the others go on."""
    greedy = Line(gateway.line, gateway.token)
    greedy.socket.settimeout(0.5)
    before = gateway.resident_kb()
    sent = 0
    try:
        for _ in range(400):
            greedy.send("list\n" * 10_000)
            sent += 10_000
    except TimeoutError:
        pass
    assert_little_more(gateway, before, 6144)
    other = Line(gateway.line, gateway.token)
    assert other.ask("toggle red").startswith("ok red 1 ")
    other.close()
    greedy.close()
    wait_until(lambda: len(gateway.rpc("sockets.list")["result"]["sockets"]) > 0, "an answer")


# ---- limits and ends ----


def test_over_the_limit_it_says_so_and_ends(start_gateway: Any) -> None:
    gateway = start_gateway({"limits": {"connections_per_peer": 2}})
    held = [Line(gateway.line) for _ in range(2)]
    wait_until(lambda: held[1].ask("help"), "an answer")
    while held[1].read() != ".":
        pass
    third = Line(gateway.line)
    third.send("get\n")
    assert third.read() == "err limit"
    assert third.at_end()
    third.close()
    held.pop().close()
    time.sleep(0.1)
    again = Line(gateway.line)
    assert again.ask("ping").startswith("err unauthorized")
    for line in (*held, again):
        line.close()


def test_a_reset_in_the_middle_harms_nobody(gateway: Gateway) -> None:
    other = Line(gateway.line, gateway.token)
    other.ask("watch")
    for _ in range(50):
        line = Line(gateway.line, gateway.token)
        line.send("watch\nlist\ntoggle red\nset re")
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.close()
    fresh = Line(gateway.line, gateway.token)
    assert fresh.ask("ping") == "ok"
    fresh.close()
    other.close()


def test_the_end_of_the_gateway_is_told_before_the_connection_ends(gateway: Gateway) -> None:
    line = Line(gateway.line, gateway.token)
    line.ask("set red 1")
    line.ask("watch")
    assert gateway.stop() == 0
    heard = [line.read()]
    assert heard[0].endswith("red 0 stop")
    while (rest := line.file.readline()):
        heard.append(rest.decode())
    line.close()


def test_a_lease_on_the_connection_ends_with_it(gateway: Gateway) -> None:
    line = Line(gateway.unix["line"])
    assert line.ask("set red 1 lease=connection").startswith("ok red 1 ")
    line.close()
    wait_until(lambda: gateway.value("red") == 0, "the safe value", 2)


# ---- other people's programs ----


def test_nc_over_tcp(gateway: Gateway) -> None:
    host, port = gateway.line
    said = subprocess.run(["nc", "-N", host, str(port)], text=True, capture_output=True, timeout=10,
                          input=f"auth {gateway.token}\ntoggle red\n", check=True).stdout
    assert said.splitlines()[0] == "ok operator"
    assert said.splitlines()[1].startswith("ok red 1 ")


def test_socat_over_unix(gateway: Gateway) -> None:
    said = subprocess.run(["socat", "-t2", "-", f"UNIX-CONNECT:{gateway.unix['line']}"], text=True,
                          capture_output=True, timeout=10, input="toggle red\nget\nquit\n",
                          check=True).stdout
    assert said.startswith("ok red 1 ")
    assert said.endswith(".\nok\n")


def test_a_stranger_who_tries_one_token_after_another_is_shown_out(gateway: Gateway) -> None:
    line = Line(gateway.line)
    for attempt in range(4):
        assert line.ask("auth " + str(attempt) * 32).startswith("err unauthorized")
    line.send(b"auth " + b"9" * 32 + b"\nping\n")
    assert line.read().startswith("err unauthorized") and line.at_end()
    line.close()
