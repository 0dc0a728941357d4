"""Connections that are lost, half open, or made through TLS; gateways that are restarted."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Iterator, Mapping
from urllib.parse import unquote

import pytest
from gateway_process import wait_until
from programs import Proxy

from gpio_gateway import Gap, Gateway, GatewayError, Uncertain, Unauthorized, Unreachable
from gpio_gateway import history, link
from gpio_gateway.events import Place


@pytest.fixture
def proxy(process: Any) -> Iterator[Proxy]:
    made = Proxy((process.host, process.port))
    yield made
    made.close()


# ---- a connection ----


def test_a_connection_lost_in_a_command_leaves_it_uncertain(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token, lease=None) as client:
        proxy.swallow_answers = True
        threading.Timer(0.2, proxy.cut).start()
        with pytest.raises(Uncertain, match="line.toggle: sent, .*may have been done"):
            client.lines["red"].toggle()
        assert process.value("red") == 1


def test_a_command_is_not_sent_again_by_itself(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token, lease=None) as client:
        proxy.swallow_answers = True
        threading.Timer(0.2, proxy.cut).start()
        with pytest.raises(Uncertain):
            client.lines["red"].toggle()
        proxy.swallow_answers = False
        wait_until(lambda: client.connected, "a connection")
        assert client.lines["red"].value == 1


def test_an_answer_that_does_not_come_in_time_is_uncertain(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token, timeout=0.5) as client:
        proxy.swallow_answers = True
        with pytest.raises(Uncertain, match="no answer came"):
            client.lines["red"].on()


def test_a_question_is_asked_again(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token) as client:
        proxy.swallow_answers = True

        def mend() -> None:
            proxy.swallow_answers = False
            proxy.cut()

        threading.Timer(0.2, mend).start()
        assert client.call("line.get", line="red")["name"] == "red"


def test_a_command_waits_for_the_next_connection(proxy: Proxy, process: Any) -> None:
    with Gateway(proxy.url, process.token) as client:
        proxy.target = ("127.0.0.1", 1)
        proxy.cut()
        wait_until(lambda: not client.connected, "a lost connection")

        def mend() -> None:
            proxy.target = (process.host, process.port)

        threading.Timer(0.2, mend).start()
        client.lines["red"].on()
        assert process.value("red") == 1


def test_a_gateway_that_stays_away_is_unreachable_within_the_timeout(
    proxy: Proxy, process: Any
) -> None:
    with Gateway(proxy.url, process.token, timeout=0.5) as client:
        proxy.target = ("127.0.0.1", 1)
        proxy.cut()
        wait_until(lambda: not client.connected, "a lost connection")
        started = time.monotonic()
        with pytest.raises(Unreachable, match="lost"):
            client.lines["red"].on()
        assert time.monotonic() - started < 2


def test_a_peer_that_is_silent_is_given_up(
    proxy: Proxy, process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "PING_S", 0.2)
    monkeypatch.setattr(link, "PONG_S", 0.2)
    with Gateway(proxy.url, process.token, timeout=1) as client:
        time.sleep(0.7)
        assert client.connected  # it answers, if asked
        proxy.swallow_answers = True
        wait_until(lambda: not client.connected, "the end of a half-open connection", 3)


def test_a_closed_client_says_so(client: Gateway) -> None:
    client.close()
    with pytest.raises(GatewayError, match="closed"):
        client.lines["red"].on()


def test_close_ends_what_waits(proxy: Proxy, process: Any) -> None:
    client = Gateway(proxy.url, process.token)
    proxy.target = ("127.0.0.1", 1)
    proxy.cut()
    wait_until(lambda: not client.connected, "a lost connection")
    threading.Timer(0.2, client.close).start()
    started = time.monotonic()
    with pytest.raises(GatewayError, match="closed"):
        client.lines["red"].on()
    assert time.monotonic() - started < 3


def test_https_checks_the_certificate(process: Any, tmp_path: Path) -> None:
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            tmp_path / "key.pem",
            "-out",
            tmp_path / "cert.pem",
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    proxy = Proxy((process.host, process.port), server)
    try:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            Gateway(proxy.url, process.token)
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with Gateway(proxy.url, process.token, context=trusting) as client:
            events = client.watch(timeout=5)
            for _ in range(100):
                client.lines["red"].toggle()
            assert [next(events).value for _ in range(100)] == [1, 0] * 50
    finally:
        proxy.close()


# ---- a gateway ----


def _restart(process: Any, start_gateway: Any, number: int = signal.SIGTERM, **more: Any) -> Any:
    process.stop(number)
    return start_gateway(folder=process.folder, **more)


def _socket(process: Any) -> str:
    return f"unix:{process.unix['http']}"


def test_a_restart_is_told_as_a_gap_of_unknown_size(process: Any, start_gateway: Any) -> None:
    with Gateway(_socket(process)) as client:
        events = client.watch(timeout=5)
        client.lines["red"].on()
        assert next(events).value == 1
        again = _restart(process, start_gateway)
        told = []
        for item in events:
            told.append(item)
            if isinstance(item, Gap):
                break
        assert told[-1].lost is None and told[-1].line is None
        assert told[-1].values["red"] == 0
        client.lines["red"].on()
        assert next(events).value == 1 and again.value("red") == 1


def test_commands_go_on_over_a_restart(process: Any, start_gateway: Any) -> None:
    with Gateway(_socket(process)) as client:
        client.lines["red"].on()
        _restart(process, start_gateway)
        assert client.lines["red"].value == 0
        client.lines["red"].on()
        assert client.lines["red"].value == 1


def test_a_new_token_ends_watchers_and_calls_with_the_remedy(
    process: Any, start_gateway: Any
) -> None:
    proxy = Proxy((process.host, process.port))
    try:
        with Gateway(proxy.url, process.token) as client:
            events = client.watch()
            process.stop()
            (process.state / "token").unlink()
            again = start_gateway(folder=process.folder)
            proxy.target = (again.host, again.port)
            with pytest.raises(Unauthorized, match="token show"):
                list(events)
            with pytest.raises(Unauthorized, match="token show"):
                client.lines["red"].on()
    finally:
        proxy.close()


def test_a_new_token_in_the_file_is_found(
    process: Any, start_gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIO_GATEWAY_TOKEN_FILE", str(process.state / "token"))
    proxy = Proxy((process.host, process.port))
    process.token  # made before the client asks for it
    try:
        with Gateway(proxy.url) as client:
            process.stop()
            (process.state / "token").unlink()
            again = start_gateway(folder=process.folder)
            proxy.target = (again.host, again.port)
            client.lines["red"].on()
            assert again.value("red") == 1
    finally:
        proxy.close()


# ---- what lay between two runs ----


def _event(boot: str, seq: int) -> dict[str, Any]:
    return {
        "boot": boot,
        "seq": seq,
        "line": "red",
        "value": seq % 2,
        "time": f"T{boot}{seq:03}",
        "time_ns": 0,
        "cause": "set",
    }


RECORD = [_event("a", seq) for seq in range(3, 8)] + [_event("b", seq) for seq in range(1, 6)]
SEEN = Place("a", 4, "Ta004")


def _between(record: list[dict[str, Any]], page: int = 4096, seen: Place = SEEN) -> Any:
    """What the client makes of a gateway with this record, that gives `page` events at once."""

    def fetch(query: Mapping[str, Any]) -> dict[str, Any]:
        events = [event for event in record if event["time"] >= query.get("from", "")]
        cursors = [f"{event['boot']}-{event['seq']}" for event in events]
        if query.get("since") in cursors:
            events = events[cursors.index(query["since"]) + 1 :]
        elif str(query.get("since")).endswith("-0"):  # of a run that has begun here, or is not here
            boots = [event["boot"] for event in events]
            boot = query["since"].partition("-")[0]
            events = events[boots.index(boot) if boot in boots else 0 :]
        limit = min(page, query["limit"])
        if len(events) <= limit:
            return {"events": events}
        last = events[limit - 1]
        return {"events": events[:limit], "next": f"{last['boot']}-{last['seq']}"}

    return history.items_between(seen, "b", 5, fetch)


def _places(items: list[Any]) -> list[tuple[str, int]]:
    return [(item.boot, item.seq) for item in items]


WHOLE = [("a", 5), ("a", 6), ("a", 7), ("b", 1), ("b", 2), ("b", 3), ("b", 4), ("b", 5)]


@pytest.mark.parametrize("page", [4096, 3, 1])
def test_a_whole_record_gives_each_event_in_order(page: int) -> None:
    assert _places(_between(RECORD, page)) == WHOLE


def test_a_page_may_be_empty_where_the_gateway_looks_on_for_it() -> None:
    answers = iter([{"events": [], "next": "a-3"}, {"events": RECORD[1:]}])
    told = history.items_between(SEEN, "b", 5, lambda _: next(answers))
    assert told is not None and _places(told) == WHOLE


def test_a_gateway_that_says_no_next_is_asked_after_its_last_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "PAGE_EVENTS", 5)
    answers = iter([{"events": RECORD[1:6]}, {"events": RECORD[6:]}])
    told = history.items_between(SEEN, "b", 5, lambda _: next(answers))
    assert told is not None and _places(told) == WHOLE


@pytest.mark.parametrize("missing, lost", [(2, 1), (3, 1), (5, None), (7, 1)])
def test_a_hole_in_the_record_is_a_gap_at_its_place(missing: int, lost: int | None) -> None:
    told = _between(RECORD[:missing] + RECORD[missing + 1 :])
    assert [item for item in told if isinstance(item, Gap)] == [
        Gap(RECORD[missing]["boot"], RECORD[missing]["seq"], lost)
    ]
    assert _places(told) == WHOLE


def test_a_record_that_ends_too_early_gives_nothing() -> None:
    assert _between(RECORD[:-1]) is None


def test_a_clock_that_went_back_hides_nothing() -> None:
    record = [{**event, "time": "S"} if event["boot"] == "b" else event for event in RECORD]
    assert _places(_between(record)) == WHOLE


def test_a_snapshot_without_a_time_is_a_place_to_begin_at() -> None:
    assert _places(_between(RECORD, seen=Place("a", 4))) == WHOLE
    assert _places(_between(RECORD[5:], seen=Place("b", 0))) == WHOLE[3:]


def test_what_a_killed_gateway_had_not_written_is_a_gap_before_the_next_run() -> None:
    gap, *rest = _between(RECORD[:1] + RECORD[5:])
    assert isinstance(gap, Gap) and (gap.boot, gap.seq, gap.lost) == ("b", 0, None)
    assert not gap.values and _places(rest) == WHOLE[3:]


def test_a_record_that_knows_nothing_of_the_earlier_run_gives_nothing() -> None:
    assert _between(RECORD[5:]) is None


class HistoryByTime(Proxy):
    """In front of a gateway that does not take history by time yet: answers such a question itself,
    from the gateway's own history file and memory."""

    def __init__(self, process: Any) -> None:
        super().__init__((process.host, process.port))
        self.process = process
        self.questions: list[str] = []

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        head = near.recv(65536, socket.MSG_PEEK).decode("latin-1")
        if not head.startswith("GET /api/v1/history?from="):
            super()._pass_on(near, far)
            return
        self.questions.append(head)
        start = unquote(head.split("from=")[1].split("&")[0])
        file = self.process.state / "history.jsonl"
        stored = [json.loads(line) for line in file.read_text().splitlines()]
        known = {(event["boot"], event["seq"]) for event in stored}
        memory = self.process.get("/api/v1/history?limit=4096").json["events"]
        events = stored + [event for event in memory if (event["boot"], event["seq"]) not in known]
        body = json.dumps(
            {"events": [event for event in events if event["time"] >= start]}
        ).encode()
        near.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        near.close()
        far.close()


@pytest.mark.parametrize("by_proxy", [True, False])
def test_history_by_time_fills_a_restart(start_gateway: Any, by_proxy: bool) -> None:
    config = {"history": {"file": True}}
    process = start_gateway(config)
    proxy = HistoryByTime(process) if by_proxy else Proxy((process.host, process.port))
    with Gateway(proxy.url, process.token, timeout=5) as client:
        events = client.watch(timeout=5)
        client.lines["red"].on()
        process.stop()
        again = start_gateway(config, folder=process.folder)
        again.put("/api/v1/lines/yellow/value", 1)
        if isinstance(proxy, HistoryByTime):
            proxy.process = again
        proxy.target = (again.host, again.port)
        client.lines["green"].on()
        told = []
        for item in events:
            told.append(item)
            if item.line == "green" and item.value == 1:
                break
    proxy.close()
    assert not [item for item in told if isinstance(item, Gap)]
    assert ("yellow", 1) in [(event.line, event.value) for event in told]
    runs = [event.boot for event in told]
    assert len(set(runs)) == 2 and runs == sorted(runs, key=runs.index)
    for boot in set(runs):
        seqs = [event.seq for event in told if event.boot == boot]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    if isinstance(proxy, HistoryByTime):
        assert f"Authorization: Bearer {process.token}" in proxy.questions[0]


FILE = {"history": {"file": True}}


def _until(events: Any, line: str) -> list[Any]:
    """The events up to the first 1 of `line`."""
    told: list[Any] = []
    for item in events:
        told.append(item)
        if item.line == line and item.value == 1:
            break
    return told


def _seqs_follow(told: list[Any]) -> None:
    for before, after in zip(told, told[1:]):
        assert after.seq == (before.seq + 1 if after.boot == before.boot else 1), told


def test_history_fills_a_restart_before_the_first_event(start_gateway: Any) -> None:
    process = start_gateway(FILE)
    proxy = Proxy((process.host, process.port))
    with Gateway(proxy.url, process.token) as client:
        events = client.watch(timeout=10)
        proxy.target = ("127.0.0.1", 1)
        proxy.cut()
        wait_until(lambda: not client.connected, "a lost connection")
        process.post("/api/v1/lines/green/toggle")
        process.stop()
        again = start_gateway(FILE, folder=process.folder)
        again.post("/api/v1/lines/yellow/toggle")
        proxy.target = (again.host, again.port)
        told = _until(events, "yellow")
        assert not [item for item in told if isinstance(item, Gap)]
        assert told[0].line == "green" and told[0].value == 1
        _seqs_follow(told)
    proxy.close()


def test_after_kill_9_of_the_gateway_no_edge_of_its_next_run_is_missed(start_gateway: Any) -> None:
    process = start_gateway(FILE)
    wait_until((process.state / "history.jsonl").read_text, "the events of the start in the file")
    proxy = Proxy((process.host, process.port))
    with Gateway(proxy.url, process.token) as client:
        events = client.watch(timeout=10)
        time.sleep(0.3)  # until the gateway looks at its file no more
        process.post("/api/v1/simulator/lines/motion", {"value": 1})
        assert next(events).value == 1  # and its half second in the gateway's memory is not over
        process.stop(signal.SIGKILL)
        again = start_gateway(FILE, folder=process.folder)
        for value in (1, 0, 1):
            again.post("/api/v1/simulator/lines/motion", {"value": value})
        again.post("/api/v1/lines/green/toggle")
        proxy.target = (again.host, again.port)
        told = _until(events, "green")
        assert [item.value for item in told if item.cause == "edge"] == [1, 0, 1]
        # On a slow machine that edge may have been written before.
        assert [item.lost for item in told if isinstance(item, Gap)] in ([None], [])
    proxy.close()


def test_a_cursor_of_the_run_before_is_resumed_from_the_history_file(start_gateway: Any) -> None:
    process = start_gateway(FILE)
    with Gateway(process.http, process.token) as client:
        client.lines["red"].on()
        cursor = client.cursor
        client.lines["yellow"].on()
    process.stop()
    again = start_gateway(FILE, folder=process.folder)
    with Gateway(again.http, again.token) as client:
        events = client.watch(since=cursor, timeout=10)
        client.lines["green"].on()
        told = _until(events, "green")
        assert told[0].line == "yellow" and not [item for item in told if isinstance(item, Gap)]
        _seqs_follow(told)
