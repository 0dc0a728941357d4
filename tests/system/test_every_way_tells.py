"""Inputs, history, several people at once, and a reload: over every way in that tells of them."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from every_way import FULL, kind, way, workshop  # noqa: F401 (fixtures)
from gateway_process import LINES, Answer, Gateway, UnixHTTPConnection, config_with, wait_until
from test_circuit_actions import LATE_MS
from test_circuit_reload import BLUE, names, reload
from test_rest_history import read_vcd
from ways import WAYS, Way, told

# ---- 5: inputs -----------------------------------------------------------------------------


def test_input_counts_its_edges(way: Way) -> None:
    before = way.line("button")["edges"]
    for _ in range(3):
        way.press("button", 0)
    assert way.line("button")["edges"] == before + 6


def test_input_tells_how_long_the_last_press_was(way: Way) -> None:
    way.press("button", 60)
    assert 60 <= way.line("button")["last_press_ms"] <= 60 + LATE_MS
    way.press("button", 0)
    assert way.line("button")["last_press_ms"] < 60


def test_input_tells_frequency_and_duty(start_gateway: StartGateway, kind: type[Way]) -> None:
    way = kind(start_gateway())
    began = time.monotonic()
    assert (way.line("motion")["hz"], way.line("motion")["duty"]) == (0, 0)
    for _ in range(5):
        way.press("motion", 15)
        time.sleep(0.005)
    found, took = way.line("motion"), time.monotonic() - began
    assert 5 / (took + 0.5) <= found["hz"] <= 5 / took
    assert 0.075 / (took + 0.5) <= found["duty"] < 1
    way.close()


def test_every_way_tells_that_an_input_is_held(workshop: Gateway) -> None:
    ways = [kind(workshop) for kind in WAYS.values()]
    ways[0].call("simulator.set", line="button", value=1)
    assert [way.line("button")["held"] for way in ways] == [False] * len(ways)
    time.sleep(1.05)
    assert [way.line("button")["held"] for way in ways] == [True] * len(ways)
    ways[-1].call("simulator.set", line="button", value=0)
    assert [way.line("button")["held"] for way in ways] == [False] * len(ways)
    for way in ways:
        way.close()


# ---- 6: history ----------------------------------------------------------------------------


def test_history_is_asked_by_line_since_and_limit(way: Way) -> None:
    since = way.cursor()
    seqs = [way.call("line.toggle", line=name)["seq"] for name in ("red", "green", "red", "red")]

    def asked(**params: Any) -> list[int]:
        return [event["seq"] for event in way.call("history.get", **params)["events"]]
    assert asked(since=since) == seqs
    assert asked(since=since, line="green") == seqs[1:2]
    assert asked(since=since, limit=2) == seqs[:2], "a reader pages on"
    assert asked(line="red", limit=2) == seqs[2:], "the newest"


def test_history_tells_who_did_it(way: Way) -> None:
    since = way.cursor()
    way.call("line.toggle", line="red")
    way.call("simulator.set", line="button", value=1)
    way.call("simulator.set", line="button", value=0)
    assert told(way.events(since, 3), "cause", "source") == \
        [("toggle", way.source), ("edge", way.source), ("edge", way.source)]


@pytest.mark.parametrize("door", ["tcp", "unix"])
def test_history_is_exported_as_csv_and_vcd(workshop: Gateway, door: str) -> None:
    def get(query: str) -> Answer:
        path = f"/api/v1/history?{query}"
        if door == "tcp":
            return workshop.get(path)
        connection = UnixHTTPConnection(workshop.unix["http"])
        connection.request("GET", path)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer
    since = workshop.cursor()
    for name in ("red", "green", "red"):
        workshop.post(f"/api/v1/lines/{name}/toggle")
    found = get(f"since={since}").json["events"]
    rows = list(csv.DictReader(io.StringIO(get(f"since={since}&format=csv").text)))
    drawn = read_vcd(get(f"since={since}&format=vcd").text)[2][-len(found):]
    for member in ("seq", "line", "value", "cause", "source"):
        assert [row[member] for row in rows] == [str(event[member]) for event in found]
    assert [change[1:] for change in drawn] == \
        [(event["line"], str(event["value"])) for event in found]


def test_history_file_is_only_appended_to(start_gateway: StartGateway, kind: type[Way],
                                          tmp_path: Path) -> None:
    before, wrote = "", []
    for _ in range(2):
        gateway = start_gateway({"history": {"file": True}}, folder=tmp_path / "g")
        way = kind(gateway)
        wrote.append((way.call("line.toggle", line="red")["seq"], way.source))
        way.close()
        assert gateway.stop() == 0
        file = next(path for path in gateway.state.iterdir() if "history" in path.name)
        text = file.read_text(encoding="utf-8")
        assert text.startswith(before)
        before = text
    found = [json.loads(row) for row in before.splitlines()]
    toggles = [event for event in found if event["cause"] == "toggle"]
    assert told(toggles, "seq", "source") == wrote and len({event["boot"] for event in found}) == 2


# ---- 7: several people at once -------------------------------------------------------------


@pytest.mark.parametrize("method, params", [
    ("line.set", {"value": 1}), ("line.toggle", {}), ("line.pulse", {"ms": 10_000}),
    ("line.blink", {"on_ms": 10_000, "off_ms": 10_000}), ("line.pwm", {"duty": 0.5, "hz": 10}),
    ("line.stop", {}), ("line.unlock", {}),
])
def test_every_change_takes_an_expectation(way: Way, method: str, params: dict[str, Any]) -> None:
    seen = way.line("red")["seq"]
    since = way.cursor()
    refused = way.refusal(method, line="red", **params, expect=seen - 1)
    assert refused.code == "conflict" and way.cursor() == since
    assert way.call(method, line="red", **params, expect=seen)["line"] == "red"


def test_scene_takes_the_newest_seq_that_was_seen(way: Way) -> None:
    way.call("line.toggle", line="red")
    seen = way.line("red")["seq"]
    since = way.cursor()
    refused = way.refusal("scene.apply", scene="evening", expect=seen - 1)
    assert refused.code == "conflict" and way.cursor() == since
    assert "changed" in way.call("scene.apply", scene="evening", expect=seen)
    way.call("circuit.off")


@pytest.mark.parametrize("kind", FULL)
def test_several_lines_take_the_newest_seq_that_was_seen(workshop: Gateway, kind: str) -> None:
    way = WAYS[kind](workshop)
    way.call("circuit.off")
    seen = way.call("line.toggle", line="red")["seq"]
    values = {"red": 1, "green": 1}
    since = way.cursor()
    refused = way.refusal("lines.set", lines=values, expect=seen - 1)
    assert refused.code == "conflict" and way.cursor() == since
    assert way.call("lines.set", lines=values, expect=seen)["changed"] == ["green"]
    way.close()


@pytest.mark.parametrize("kind", FULL)
def test_several_lines_take_a_lease(workshop: Gateway, kind: str) -> None:
    way = WAYS[kind](workshop)
    way.call("circuit.off")
    way.call("lines.set", lines={"red": 1, "green": 1}, lease_ms=100)
    assert way.line("green")["lease"]["ms"] == 100
    wait_until(lambda: (way.line("red")["value"], way.line("green")["value"]) == (0, 0), "safe")
    way.close()


@pytest.mark.parametrize("kind", FULL)
def test_lock_takes_an_expectation(workshop: Gateway, kind: str) -> None:
    way = WAYS[kind](workshop)
    seen = way.line("red")["seq"]
    assert way.refusal("line.lock", line="red", reason="x", expect=seen - 1).code == "conflict"
    assert way.call("line.toggle", line="red")["line"] == "red", "it is not locked"
    way.close()


@pytest.mark.parametrize("listener", FULL)
def test_event_names_who_did_it(way: Way, workshop: Gateway, listener: str) -> None:
    other = WAYS[listener](workshop)
    other.watch()
    seq = way.call("line.toggle", line="red")["seq"]
    _, event = other.hear()
    assert (event["seq"], event["source"]) == (seq, way.source)
    other.close()


@pytest.mark.parametrize("kinds", [("rest", "websocket"), ("websocket", "line"), ("unix", "rest"),
                                   ("line", "datagram"), ("datagram", "websocket")])
def test_toggles_at_one_moment_have_one_order_that_both_see(workshop: Gateway,
                                                            kinds: tuple[str, str]) -> None:
    workshop.post("/api/v1/off")
    ways = [WAYS[name](workshop) for name in kinds]
    for way in ways:
        way.watch()
    since = ways[0].cursor()
    start = threading.Barrier(len(ways))
    answers: dict[int, list[tuple[int, int]]] = {}

    def play(number: int) -> None:
        start.wait()
        answers[number] = [(found["seq"], found["value"]) for found in
                           (ways[number].call("line.toggle", line="red") for _ in range(20))]
    threads = [threading.Thread(target=play, args=(number,)) for number in range(len(ways))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    first = int(since.split("-")[1]) + 1
    order = [(first + number, (number + 1) % 2) for number in range(40)]
    assert sorted(answers[0] + answers[1]) == order, "each was done once, after another"
    for way in ways:
        assert told([way.hear()[1] for _ in order], "seq", "value") == order
    did = [event["source"] for event in ways[1].events(since, 40)]
    for number, way in enumerate(ways):
        assert {seq for seq, _ in answers[number]} == \
            {first + place for place, source in enumerate(did) if source == way.source}
        way.close()


# ---- 8: a new config while it runs ---------------------------------------------------------


def test_reload_keeps_what_unchanged_lines_do(gateway: Gateway, kind: type[Way]) -> None:
    way = kind(gateway)
    way.call("line.blink", line="red", on_ms=10_000, off_ms=10_000)
    way.call("line.pwm", line="green", duty=0.5, hz=10)
    way.call("simulator.set", line="button", value=1)
    members = ("value", "seq", "changed_at", "edges", "action", "pwm", "gpio", "available")
    before = [{key: way.line(name).get(key) for key in members}
              for name in ("red", "green", "button")]
    since = way.cursor()
    log = reload(gateway, config_with(lines=[*LINES, BLUE]))
    assert all(f"line={name} is=kept" in log for name in ("red", "green", "button")), log
    assert [{key: way.line(name).get(key) for key in members}
            for name in ("red", "green", "button")] == before
    assert {event["line"] for event in way.call("history.get", since=since)["events"]} <= {"blue"}
    way.close()


def test_reload_keeps_connections_and_brings_a_snapshot(gateway: Gateway, kind: type[Way]) -> None:
    way = kind(gateway)
    way.watch()
    log = reload(gateway, config_with(lines=[{**LINES[0], "safe": 1}, *LINES[2:], BLUE]))
    for name, word in (("red", "changed"), ("yellow", "removed"), ("green", "kept"),
                       ("blue", "added")):
        assert f"line={name} is={word}" in log
    heard, snapshot = way.hear()
    while heard != "snapshot":
        heard, snapshot = way.hear()
    assert [found["name"] for found in snapshot["lines"]] == names(gateway)
    seq = way.call("line.set", line="blue", value=1)["seq"]
    heard, event = way.hear()
    assert (heard, event["seq"], event["line"]) == ("event", seq, "blue")
    way.close()


def test_reload_of_a_bad_config_changes_nothing_and_says_why(gateway: Gateway,
                                                             kind: type[Way]) -> None:
    way = kind(gateway)
    way.call("line.blink", line="red", on_ms=10_000, off_ms=10_000)
    before, since = way.line("red"), way.cursor()
    way.watch()
    config = config_with(lines=[*LINES, {**BLUE, "direction": "sideways"}])
    log = reload(gateway, config)
    assert "refused" in log and "circuit.lines[5].direction" in log
    assert (way.line("red"), way.cursor()) == (before, since)
    seq = way.call("line.toggle", line="green")["seq"]
    heard, event = way.hear()
    assert (heard, event["seq"]) == ("event", seq), "and no snapshot before it"
    way.close()
