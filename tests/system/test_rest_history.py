"""REST: the history as JSON, CSV and VCD."""

from __future__ import annotations

import csv
import io

import pytest
from conftest import StartGateway
from gateway_process import LINES, Gateway


def toggle(gateway: Gateway, *lines: str) -> list[int]:
    return [gateway.post(f"/api/v1/lines/{line}/toggle").json["seq"] for line in lines]


def test_history_tells_all_events_oldest_first(gateway: Gateway) -> None:
    toggle(gateway, "red", "green", "red")
    answer = gateway.get("/api/v1/history").json
    circuit = gateway.circuit()
    assert (answer["boot"], answer["seq"]) == (circuit["boot"], circuit["seq"])
    assert [event["seq"] for event in answer["events"]] == list(range(1, circuit["seq"] + 1))
    assert answer["complete"] is True
    assert len({event["time_ns"] for event in answer["events"]} - {0}) >= 3


def test_line_picks_one(gateway: Gateway) -> None:
    toggle(gateway, "red", "green", "red")
    events = gateway.get("/api/v1/history?line=red").json["events"]
    assert [(event["line"], event["cause"]) for event in events] == \
        [("red", "start"), ("red", "toggle"), ("red", "toggle")]


def test_since_tells_only_what_came_after(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    assert gateway.get(f"/api/v1/history?since={cursor}").json["events"] == []
    seqs = toggle(gateway, "red", "green", "yellow")
    answer = gateway.get(f"/api/v1/history?since={cursor}").json
    assert [event["seq"] for event in answer["events"]] == seqs and answer["complete"] is True
    answer = gateway.get(f"/api/v1/history?since={cursor}&line=green").json
    assert [event["seq"] for event in answer["events"]] == [seqs[1]]


def test_limit_with_since_pages_on_from_the_oldest(gateway: Gateway) -> None:
    cursor, boot = gateway.cursor(), gateway.circuit()["boot"]
    seqs = toggle(gateway, *["red"] * 7)
    told: list[int] = []
    while len(told) < len(seqs):
        answer = gateway.get(f"/api/v1/history?since={cursor}&limit=3").json
        assert 1 <= len(answer["events"]) <= 3
        told += [event["seq"] for event in answer["events"]]
        assert answer["complete"] is (told == seqs)
        cursor = f"{boot}-{told[-1]}"
    assert told == seqs


def test_limit_is_the_most_that_is_told(gateway: Gateway) -> None:
    toggle(gateway, *["red"] * 5)
    for limit in (1, 2, 5):
        answer = gateway.get(f"/api/v1/history?limit={limit}").json
        assert len(answer["events"]) == limit and answer["complete"] is False
    answer = gateway.get("/api/v1/history?limit=10000").json
    assert len(answer["events"]) == len(LINES) + 5 and answer["complete"] is True


@pytest.mark.parametrize("query", [
    "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=01x", "limit=99999999999999999999",
    "since=x", "since=1", "since=9f3c61d2", "format=xml", "format=JSON5", "since=9f3c61d2-x",
])
def test_what_makes_no_sense_is_400(shared_gateway: Gateway, query: str) -> None:
    answer = shared_gateway.get(f"/api/v1/history?{query}")
    assert answer.status == 400 and answer.json["code"] == "bad-request"


def test_words_of_the_query_that_are_empty_do_not_count(shared_gateway: Gateway) -> None:
    whole = shared_gateway.get("/api/v1/history").json
    answer = shared_gateway.get("/api/v1/history?line=&since=&limit=&from=&to=&format=")
    assert answer.status == 200 and answer.json["events"] == whole["events"]


def test_history_of_an_unknown_line_is_404(shared_gateway: Gateway) -> None:
    for format_ in ("json", "csv", "vcd"):
        answer = shared_gateway.get(f"/api/v1/history?line=purple&format={format_}")
        assert answer.status == 404 and answer.json["code"] == "no-such-line"


def test_history_since_another_run_is_not_complete(gateway: Gateway) -> None:
    answer = gateway.get("/api/v1/history?since=00000000-3").json
    assert answer["complete"] is False
    assert [event["seq"] for event in answer["events"]] == list(range(1, len(LINES) + 1))


def test_history_that_fell_out_of_the_ring_is_not_complete(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"journal_events": 64}})
    cursor = gateway.cursor()
    toggle(gateway, *["red"] * 100)
    last = gateway.circuit()["seq"]
    answer = gateway.get(f"/api/v1/history?since={cursor}").json
    assert answer["complete"] is False
    seqs = [event["seq"] for event in answer["events"]]
    assert seqs == list(range(seqs[0], last + 1)) and 1 < len(seqs) <= 64
    assert gateway.get("/api/v1/history").json["complete"] is False


def test_history_as_csv_holds_the_same_events(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    toggle(gateway, "red", "green")
    gateway.post("/api/v1/simulator/lines/button", {"value": 1})
    answer = gateway.get(f"/api/v1/history?since={cursor}&format=csv")
    assert answer.status == 200 and answer.media_type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    events = gateway.get(f"/api/v1/history?since={cursor}").json["events"]
    for key in ("seq", "line", "value", "cause", "time", "source"):
        assert [row[key] for row in rows] == [str(event[key]) for event in events], key


def test_history_as_csv_tells_programs_by_name_and_state(start_gateway: StartGateway) -> None:
    config = {"circuit": {"scenes": [{"name": "garden", "steps": [{"set": {"red": 1}}]}]},
              "history": {"file": True}}
    gateway = start_gateway(config)
    gateway.post("/api/v1/scenes/garden")
    folder = gateway.folder
    gateway.stop()
    gateway = start_gateway(config, folder=folder)
    gateway.post("/api/v1/scenes/garden")
    text = gateway.get("/api/v1/history?from=today&format=csv").text
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["cause"] == "scene"]
    told = [(row["scene"], row["state"], row["line"], row["value"]) for row in rows]
    # The first run's from the file, the second's from memory.
    assert told == [("garden", state, "", "") for state in ("started", "ended")] * 2


def test_history_as_csv_takes_line_and_limit(gateway: Gateway) -> None:
    toggle(gateway, "red", "green", "red")
    text = gateway.get("/api/v1/history?format=csv&line=red&limit=2").text
    assert [row["line"] for row in csv.DictReader(io.StringIO(text))] == ["red", "red"]


def read_vcd(text: str) -> tuple[str, dict[str, str], list[tuple[int, str, str]]]:
    """(timescale, name by code, changes) of a value change dump, IEEE 1364-2005 §18."""
    head, _, body = text.partition("$enddefinitions $end")
    words = head.split()
    timescale = "".join(words[words.index("$timescale") + 1:words.index("$end")])
    names = {words[i + 3]: words[i + 4] for i, word in enumerate(words) if word == "$var"}
    changes, at = [], 0
    for word in body.split():
        if word.startswith("#"):
            assert int(word[1:]) >= at, "time does not go back"
            at = int(word[1:])
        elif word[0] in "01xz":
            changes.append((at, names[word[1:]], word[0]))
        else:
            assert word.startswith("$"), word
    return timescale, names, changes


def test_history_as_vcd_draws_the_same_events(gateway: Gateway) -> None:
    cursor = gateway.cursor()
    toggle(gateway, "red", "green", "red")
    answer = gateway.get(f"/api/v1/history?since={cursor}&format=vcd")
    assert answer.status == 200
    timescale, names, changes = read_vcd(answer.text)
    assert timescale in ("1ns", "1us") and sorted(names.values()) == \
        sorted(line["name"] for line in LINES)
    events = gateway.get(f"/api/v1/history?since={cursor}").json["events"]
    drawn = [(line, value) for _, line, value in changes
             if value in "01"][-len(events):]
    assert drawn == [(event["line"], str(event["value"])) for event in events]
    unit = 1 if timescale == "1ns" else 1000
    spread = (events[-1]["time_ns"] - events[0]["time_ns"]) // unit
    assert abs((changes[-1][0] - changes[-len(events)][0]) - spread) <= 1


def test_vcd_shows_many_lines_apart(start_gateway: StartGateway) -> None:
    lines = [{"name": f"l{n}", "chip": "simulator", "offset": n, "direction": "output"}
             for n in range(200)]
    gateway = start_gateway(lines=lines)
    cursor = gateway.cursor()
    gateway.put("/api/v1/lines", {f"l{n}": 1 for n in range(0, 200, 7)})
    _, names, changes = read_vcd(gateway.get(f"/api/v1/history?since={cursor}&format=vcd").text)
    assert len(names) == 200
    assert {line for _, line, value in changes if value == "1"} == \
        {f"l{n}" for n in range(0, 200, 7)}
