"""The datagram protocol over UDP and AF_UNIX: one message a datagram."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from gateway_process import Gateway, wait_until

WAIT_S = 5.0
SILENCE_S = 0.15
IP_RECVTTL = 12  # ip(7); Python 3.11 does not name it


class Peer:
    """A socket that asks and hears; without a token unless it is given one."""

    def __init__(self, gateway: Gateway, token: str = "", family: int = socket.AF_INET) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(gateway.datagram)
        self.prefix = f"@{token} " if token else ""

    def send(self, message: str | bytes) -> None:
        data = message if isinstance(message, bytes) else (self.prefix + message).encode()
        self.socket.send(data)

    def hear(self) -> str:
        data = self.socket.recv(70_000)
        assert data.endswith(b"\n"), data
        return data[:-1].decode()

    def ask(self, message: str | bytes) -> str:
        self.send(message)
        return self.hear()

    def hears_nothing(self) -> bool:
        readable, _, _ = select.select([self.socket], [], [], SILENCE_S)
        return not readable

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def operator(gateway: Gateway) -> Iterator[Peer]:
    peer = Peer(gateway, gateway.token)
    yield peer
    peer.close()


@pytest.fixture
def stranger(gateway: Gateway) -> Iterator[Peer]:
    peer = Peer(gateway)
    yield peer
    peer.close()


def seq_of(answer: str) -> int:
    return int(answer.split()[-1])


# ---- asking ----


def test_the_answer_repeats_the_number(operator: Peer, gateway: Gateway) -> None:
    answer = operator.ask("#17 toggle red")
    assert answer.split()[:4] == ["#17", "ok", "red", "1"]
    assert operator.ask("#18 set red 0") == f"#18 ok red 0 {seq_of(answer) + 1}"
    assert operator.ask("get red") == f"ok red 0 {seq_of(answer) + 1}"
    assert gateway.value("red") == 0


def test_a_list_is_one_datagram(operator: Peer) -> None:
    lines = operator.ask("get").splitlines()
    assert lines[0] == "ok 5 lines" and lines[-1] == "." and len(lines) == 7


def test_blanks_and_line_ends_around_a_message_do_not_matter(operator: Peer) -> None:
    assert operator.ask("  #5   get   red  \r\n").startswith("#5 ok red 0 ")


@pytest.mark.parametrize("words", ["toggle red", "pulse red 50", "blink red 50 50 2"])
def test_what_must_not_happen_twice_needs_a_number(operator: Peer, gateway: Gateway,
                                                   words: str) -> None:
    before = gateway.cursor()
    assert operator.ask(words).startswith("err bad-request")
    assert gateway.cursor() == before
    assert operator.ask("#1 " + words).startswith("#1 ok red 1 ")


def test_the_same_number_acts_once_and_gets_the_same_answer(operator: Peer,
                                                            gateway: Gateway) -> None:
    first = operator.ask("#9 toggle red")
    seq = gateway.cursor()
    for _ in range(5):
        assert operator.ask("#9 toggle red") == first
    assert gateway.cursor() == seq
    other = Peer(gateway, gateway.token)
    assert other.ask("#9 toggle red") != first, "another peer's 9 is another request"
    other.close()


def test_a_number_may_be_used_again_after_five_seconds(operator: Peer) -> None:
    first = operator.ask("#9 toggle red")
    time.sleep(5.1)
    assert operator.ask("#9 toggle red") != first


@pytest.mark.parametrize(("question", "answer"), [
    ("#x get red", "err bad-request"),
    ("#-1 get red", "err bad-request"),
    ("# get red", "err bad-request"),
    ("#99999999999999999999 get red", "err bad-request"),
    ("#3 get purple", "#3 err no-such-line purple"),
    ("#3 frobnicate", "#3 err no-such-method"),
    ("#3", "#3 err bad-request"),
    ("#3 watch 0", "#3 err bad-request"),
    ("#3 watch 3601", "#3 err bad-request"),
    ("#3 auth x", "#3 err bad-request"),
    ("#3 set red 1\nset green 1", "#3 err bad-request"),
])
def test_a_wrong_message_is_told_and_changes_nothing(operator: Peer, gateway: Gateway,
                                                     question: str, answer: str) -> None:
    before = gateway.cursor()
    said = operator.ask(question)
    assert said == answer or said.startswith(answer + " "), said
    assert gateway.cursor() == before


def test_the_token_stands_before_the_number(gateway: Gateway, stranger: Peer) -> None:
    before = gateway.cursor()
    stranger.send(f"#4 @{gateway.token} toggle red")
    assert stranger.hear().startswith("#4 err unauthorized")
    assert gateway.cursor() == before


# ---- who may ----


def test_a_stranger_acts_on_nothing_and_gets_no_more_than_he_sent(gateway: Gateway,
                                                                  stranger: Peer) -> None:
    before = gateway.cursor()
    questions = [b"get", b"help", b"watch 30", b"#1 toggle red", b"x", b"#", b"@", b"{}", b"{",
                 b"@" + b"0" * 32 + b" #2 toggle red", b"list" + b" " * 400, b"#3 get" + b" " * 60,
                 b'{"jsonrpc":"2.0","id":1,"method":"circuit.get"}', b"\0" * 100,
                 b'{"jsonrpc":"2.0","id":1,"method":"circuit.get"}' + b" " * 400]
    heard = 0
    for question in questions:
        stranger.send(question)
        if not stranger.hears_nothing():
            answer = stranger.socket.recv(70_000)
            assert len(answer) <= len(question), (question, answer)
            assert b"unauthorized" in answer, (question, answer)
            heard += 1
    assert heard >= 5
    assert gateway.cursor() == before


def test_a_wrong_token_is_told_as_wrong_and_a_missing_one_as_missing(stranger: Peer) -> None:
    stranger.send("#5 toggle red" + " " * 60)
    assert stranger.hear() == "#5 err unauthorized Put @TOKEN in front."
    stranger.send("@" + "0" * 32 + " #6 toggle red" + " " * 60)
    assert stranger.hear() == "#6 err unauthorized This token is wrong."
    stranger.send("@ #7 toggle red" + " " * 60)
    assert stranger.hear() == "#7 err unauthorized This token is wrong."


def test_a_viewer_may_look_but_not_act(gateway: Gateway) -> None:
    viewer = Peer(gateway, gateway.viewer_token)
    assert viewer.ask("get red").startswith("ok red 0 ")
    assert viewer.ask("#1 toggle red").startswith("#1 err forbidden")
    assert gateway.value("red") == 0
    viewer.close()


def test_in_mode_none_every_peer_is_operator(start_gateway: Any) -> None:
    gateway = start_gateway({"auth": {"mode": "none"}})
    peer = Peer(gateway)
    assert peer.ask("#1 toggle red").startswith("#1 ok red 1 ")
    peer.close()


def unix_pair(gateway: Gateway, folder: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.settimeout(WAIT_S)
    sock.bind(str(folder / "peer.sock"))
    sock.connect(gateway.unix["datagram"])
    return sock


def test_over_unix_the_own_user_is_operator(start_gateway: Any, tmp_path: Path) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    sock = unix_pair(gateway, tmp_path)
    sock.send(b"#1 toggle red")
    assert sock.recv(4096).startswith(b"#1 ok red 1 ")
    sock.send(b"watch 30")
    assert sock.recv(4096) == b"ok\n"
    gateway.post("/api/v1/lines/green/toggle")
    assert sock.recv(4096).startswith(b"event ")
    source = gateway.get("/api/v1/lines/red").json["source"]
    assert source.startswith("datagram:unix:pid=")
    sock.close()
    gateway.post("/api/v1/lines/green/toggle")
    assert gateway.value("green") == 0


def test_an_unnamed_unix_peer_is_obeyed_without_an_answer(start_gateway: Any) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.sendto(b"set red 1", gateway.unix["datagram"])
    wait_until(lambda: gateway.value("red") == 1, "the value")
    sock.close()


# ---- JSON-RPC ----


def test_json_rpc_uses_its_id_as_the_number(operator: Peer, gateway: Gateway) -> None:
    question = '{"jsonrpc":"2.0","id":"a","method":"line.toggle","params":{"line":"red"}}'
    first = json.loads(operator.ask(question))
    assert first["id"] == "a" and first["result"]["value"] == 1
    assert json.loads(operator.ask(question)) == first
    assert gateway.value("red") == 1
    assert operator.ask("#1 get red").startswith("#1 ok red 1")


def test_json_rpc_without_an_id_may_not_toggle(operator: Peer, gateway: Gateway) -> None:
    answer = json.loads(operator.ask(
        '{"jsonrpc":"2.0","method":"line.toggle","params":{"line":"red"}}'))
    assert answer["id"] is None and answer["error"]["code"] == -32600
    operator.send('{"jsonrpc":"2.0","method":"line.set","params":{"line":"green","value":1}}')
    wait_until(lambda: gateway.value("green") == 1, "the value")
    assert gateway.value("red") == 0


def test_an_answer_that_fits_into_no_datagram_is_refused(start_gateway: Any) -> None:
    gateway = start_gateway()
    peer = Peer(gateway, gateway.token)
    line = socket.create_connection(gateway.line)
    line.sendall(f"auth {gateway.token}\n".encode() + b"toggle red\n" * 2000)
    wait_until(lambda: gateway.circuit()["seq"] >= 2000, "2,000 events")
    said = peer.ask('{"jsonrpc":"2.0","id":1,"method":"history.get"}')
    assert said.startswith("err too-large")
    line.close()
    peer.close()


# ---- sizes ----


def test_the_largest_datagram_is_received_whole(operator: Peer) -> None:
    words = (operator.prefix + "#7 get red").encode()
    assert operator.ask(words + b" " * (65_507 - len(words))).startswith("#7 ok red 0 ")


def test_a_cut_datagram_is_refused_and_not_acted_upon(start_gateway: Any, tmp_path: Path) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    sock = unix_pair(gateway, tmp_path)
    sock.send(b"set red 1" + b" " * (65_508 - 9))
    assert sock.recv(4096).startswith(b"err too-large")
    assert gateway.value("red") == 0
    sock.close()


def test_long_words_are_refused(operator: Peer) -> None:
    assert operator.ask("get " + "r" * 5000).startswith("err too-large")


# ---- watching ----


def test_watch_lasts_as_long_as_asked_and_is_renewed(operator: Peer, gateway: Gateway) -> None:
    watcher = Peer(gateway, gateway.viewer_token)
    assert watcher.ask("watch 1") == "ok"
    seq = seq_of(operator.ask("#1 toggle red"))
    assert watcher.hear() == f"event {seq} red 1 toggle"
    time.sleep(0.7)
    assert watcher.ask("watch 1") == "ok"
    time.sleep(0.7)
    operator.ask("#2 toggle red")
    assert watcher.hear() == f"event {seq + 1} red 0 toggle", "renewed, and only once"
    assert watcher.hears_nothing()
    time.sleep(0.5)
    operator.ask("#3 toggle red")
    assert watcher.hears_nothing(), "the second is over"
    watcher.close()


def test_unwatch_ends_it_at_once(operator: Peer, gateway: Gateway) -> None:
    assert operator.ask("#1 watch 30") == "#1 ok"
    assert operator.ask("#2 unwatch") == "#2 ok"
    gateway.post("/api/v1/lines/red/toggle")
    assert operator.hears_nothing()


def test_many_watchers_hear_many_senders(gateway: Gateway) -> None:
    watchers = [Peer(gateway, gateway.token) for _ in range(5)]
    senders = [Peer(gateway, gateway.token) for _ in range(4)]
    for watcher in watchers:
        assert watcher.ask("watch 30") == "ok"
    for number in range(10):
        for sender in senders:
            assert sender.ask(f"#{number} toggle red").startswith(f"#{number} ok red ")
    for watcher in watchers:
        heard = [int(watcher.hear().split()[1]) for _ in range(40)]
        assert heard == list(range(heard[0], heard[0] + 40))
    for peer in (*watchers, *senders):
        peer.close()


def test_a_datagram_cannot_be_watched_by_more_than_the_limit(gateway: Gateway) -> None:
    peers = [Peer(gateway, gateway.token) for _ in range(257)]
    answers = [peer.ask("watch 30") for peer in peers]
    assert answers.count("ok") == 256
    assert answers[-1].startswith("err limit")
    for peer in peers:
        peer.close()


def test_the_end_of_the_gateway_is_told(gateway: Gateway, operator: Peer) -> None:
    operator.ask("#1 set red 1")
    operator.ask("watch 30")
    assert gateway.stop() == 0
    assert operator.hear().endswith("red 0 stop")


def join(family: int, group: str, port: int) -> socket.socket:
    """A member of the group on the loopback interface; the test is skipped where none can be."""
    member = socket.socket(family, socket.SOCK_DGRAM)
    member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    member.settimeout(WAIT_S)
    loopback = socket.if_nametoindex("lo")
    try:
        if family == socket.AF_INET:
            member.bind((group, port))
            member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                              struct.pack("=4sL", socket.inet_aton(group), socket.INADDR_ANY))
            member.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            member.sendto(b"probe", (group, port))
            assert member.recv(16) == b"probe"
        else:
            member.bind((group, port, 0, loopback))
            member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                              socket.inet_pton(family, group) + struct.pack("@I", loopback))
            member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            member.sendto(b"probe", (group, port, 0, loopback))
            assert member.recv(16) == b"probe"
    except (OSError, TimeoutError):
        member.close()
        pytest.skip("this machine has no route for multicast")
    return member


@pytest.mark.parametrize(("family", "group", "address"), [
    (socket.AF_INET, "239.255.70.71", "udp:239.255.70.71:47071"),
    (socket.AF_INET6, "ff12::7071", "udp:[ff12::7071%lo]:47072"),
])
def test_multicast_tells_everybody_in_the_group(start_gateway: Any, family: int, group: str,
                                                address: str) -> None:
    port = int(address.rpartition(":")[2])
    members = [join(family, group, port)]
    members.append(join(family, group, port))  # its probe reaches the first member, too
    gateway = start_gateway({"listen": {"multicast": [address]}})
    assert gateway.post("/api/v1/lines/red/toggle").status == 200
    for member in members:
        heard = ""
        while "red 1 toggle" not in heard:  # the start's own events come first
            data, ancillary, _, _ = member.recvmsg(4096, 64)
            heard = data.decode()
        assert [struct.unpack("i", value)[0] for _, _, value in ancillary] == [1], "one hop"
        member.close()


def test_it_is_served_over_ipv6(start_gateway: Any) -> None:
    gateway = start_gateway({"listen": {"datagram": ["udp:[::1]:0"]}})
    peer = Peer(gateway, gateway.token, socket.AF_INET6)
    assert peer.ask("#1 toggle red").startswith("#1 ok red 1 ")
    source = gateway.get("/api/v1/lines/red").json["source"]
    assert source == f"datagram:[::1]:{peer.socket.getsockname()[1]}"
    peer.close()


# ---- floods ----


def test_watcher_that_never_reads_does_not_keep_the_gateway_awake(
        start_gateway: Any, tmp_path: Path) -> None:
    gateway = start_gateway({"listen": {"datagram": ["unix:d.sock"]}})
    sock = unix_pair(gateway, tmp_path)
    sock.send(b"watch 60")
    assert sock.recv(100).startswith(b"ok")
    for _ in range(400):  # far more than its queue holds
        gateway.post("/api/v1/lines/red/toggle")
    time.sleep(1.5)
    status = Path(f"/proc/{gateway.process.pid}/status")

    def wakes() -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines()
                    if line.startswith("voluntary_ctxt"))

    before = wakes()
    time.sleep(1)
    assert wakes() - before <= 4
    heard = 0
    while heard < 400:
        heard += b"toggle" in sock.recv(1000)
    sock.close()


def test_junk_harms_nobody(gateway: Gateway, operator: Peer) -> None:
    junk = Peer(gateway)
    for length in (0, 1, 2, 7, 100, 1400, 9000):
        for fill in (b"\0", b"\xff", b"#", b"@", b"{", b" ", b"\n"):
            junk.send(fill * length)
    junk.close()
    assert operator.ask("#1 toggle red").startswith("#1 ok red 1 ")


def test_losses_in_the_kernel_are_counted(gateway: Gateway, operator: Peer) -> None:
    for _ in range(20_000):
        operator.socket.send(b"x" * 1200)
    time.sleep(0.3)
    while not operator.hears_nothing():
        operator.socket.recv(70_000)
    assert operator.ask("#1 get red").startswith("#1 ok red 0 ")
    sockets = gateway.get("/api/v1/sockets").json["sockets"]
    found = next(s for s in sockets if s["role"] == "datagram")
    assert found["datagrams"]["in"] > 0
    assert found["datagrams"]["in"] + found["datagrams"]["dropped"] >= 20_001
