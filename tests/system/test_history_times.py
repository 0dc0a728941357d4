"""REST and JSON-RPC: the history by time, from the history file, over restarts."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import StartGateway
from gateway_process import TOP, Gateway, wait_until
from test_docs import block_with, run
from test_rest_history import read_vcd, toggle

KEPT = {"history": {"file": True}}
DOOR = {"name": "door", "chip": "simulator", "offset": 90, "direction": "input"}


def history(gateway: Gateway, **query: Any) -> Any:
    asked = "&".join(f"{key}={quote(str(value))}" for key, value in query.items())
    answer = gateway.get(f"/api/v1/history?{asked}")
    assert answer.status == 200, answer.text
    return answer.json


def toggles(answer: Any) -> list[tuple[str, int]]:
    return [(event["line"], event["value"]) for event in answer["events"]
            if event["cause"] == "toggle"]


def utc(ns: int) -> str:
    whole = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09}Z"


def stored(boot: str, seq: int, line: str, value: int, when: datetime.datetime) -> str:
    """An event as the gateway writes it into its history file."""
    ns = int(when.timestamp()) * 10**9
    return json.dumps({"boot": boot, "seq": seq, "line": line, "value": value, "time": utc(ns),
                       "time_ns": ns, "cause": "edge", "source": "gpio"},
                      separators=(",", ":")) + "\n"


def state_of(folder: Path) -> Path:
    """The state folder of a gateway that is started there later."""
    state = folder / "s" / "gpio-gateway"
    state.mkdir(mode=0o700, parents=True)
    return state


@pytest.fixture
def restarted(start_gateway: StartGateway, tmp_path: Path) -> Gateway:
    """A gateway that toggled red twice, was ended, and toggled green since."""
    first = start_gateway(KEPT, folder=tmp_path / "kept")
    toggle(first, "red", "red")
    assert first.stop() == 0
    gateway = start_gateway(KEPT, folder=tmp_path / "kept")
    toggle(gateway, "green")
    return gateway


def test_from_reaches_behind_a_restart(restarted: Gateway) -> None:
    answer = history(restarted, **{"from": "-1h"})
    assert toggles(answer) == [("red", 1), ("red", 0), ("green", 1)]
    assert answer["complete"] is True and "next" not in answer
    assert len({event["boot"] for event in answer["events"]}) == 2
    assert toggles(history(restarted)) == [("green", 1)], "without a time it is this run's"


def test_events_of_the_file_are_those_that_were_told(start_gateway: StartGateway,
                                                     tmp_path: Path) -> None:
    first = start_gateway(KEPT, folder=tmp_path / "kept")
    toggle(first, "red", "green")
    first.post("/api/v1/lines/red/pwm", {"duty": 0.25, "hz": 50})
    told = history(first)["events"]
    assert first.stop() == 0
    second = start_gateway(KEPT, folder=tmp_path / "kept")
    assert history(second, **{"from": "-1h"})["events"][:len(told)] == told


@pytest.mark.parametrize("kept", [True, False])
def test_from_is_included_and_to_is_not(start_gateway: StartGateway, kept: bool) -> None:
    gateway = start_gateway({"history": {"file": kept}})
    toggle(gateway, *["red"] * 5)
    events = history(gateway, line="red")["events"]
    times = [event["time_ns"] for event in events]
    for begin, end in ((1, 4), (0, len(times) - 1), (2, 3)):
        answer = history(gateway, line="red", **{"from": utc(times[begin]), "to": utc(times[end])})
        assert answer["events"] == events[begin:end]
        assert answer["complete"] is True


def test_without_a_file_the_time_before_the_start_is_not_known(gateway: Gateway) -> None:
    toggle(gateway, "red")
    answer = history(gateway, **{"from": "yesterday"})
    assert toggles(answer) == [("red", 1)] and answer["complete"] is False


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_next_pages_on_from_the_file_to_the_journal(restarted: Gateway, limit: int) -> None:
    everything = history(restarted, **{"from": "-1h"})["events"]
    told: list[Any] = []
    query: dict[str, Any] = {"from": "-1h"}
    while True:
        answer = history(restarted, limit=limit, **query)
        assert len(answer["events"]) <= limit
        told += answer["events"]
        assert answer["complete"] is ("next" not in answer)
        if answer["complete"]:
            break
        query["since"] = answer["next"]
        assert len(told) < 100
    assert told == everything


def test_since_an_event_of_another_run_is_complete_with_a_file(restarted: Gateway) -> None:
    events = history(restarted, **{"from": "-1h"})["events"]
    for place in (0, 3, len(events) - 2):
        cursor = f"{events[place]['boot']}-{events[place]['seq']}"
        answer = history(restarted, since=cursor)
        assert answer["events"] == events[place + 1:] and answer["complete"] is True
    answer = history(restarted, since="00000000-3")
    assert answer["events"] == events and answer["complete"] is False


def test_csv_and_vcd_show_what_the_file_has(restarted: Gateway) -> None:
    events = history(restarted, **{"from": "-1h"})["events"]
    answer = restarted.get("/api/v1/history?from=-1h&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    for key in ("boot", "seq", "line", "value", "cause", "time", "source"):
        assert [row[key] for row in rows] == [str(event[key]) for event in events], key
    changes = read_vcd(restarted.get("/api/v1/history?from=-1h&format=vcd").text)[2]
    drawn = [(line, int(value)) for _, line, value in changes]
    assert drawn == [(event["line"], event["value"]) for event in events]
    answer = restarted.get("/api/v1/history?from=-1h&format=csv&limit=2")
    assert answer.headers["History-Next"] == f"{events[1]['boot']}-{events[1]['seq']}"


def test_json_rpc_takes_times_too(restarted: Gateway) -> None:
    answer = restarted.rpc("history.get", line="red", **{"from": "-1h"})["result"]
    assert toggles(answer) == [("red", 1), ("red", 0)]


@pytest.mark.parametrize("query", [
    "from=tomorrow", "from=2026-02-30", "to=1795741200", "from=-1x",
    "from=2026-01-02&to=2026-01-01", "from=2026-01-02&to=2026-01-02",
])
def test_a_time_that_makes_no_sense_is_400(shared_gateway: Gateway, query: str) -> None:
    answer = shared_gateway.get(f"/api/v1/history?{query}")
    assert answer.status == 400 and answer.json["code"] == "bad-request"


def test_an_offset_may_have_a_plus_as_it_is_or_as_the_url_writes_it(gateway: Gateway) -> None:
    toggle(gateway, "red")
    for text in ("2020-01-01T00:00:00+09:00", "2020-01-01T00:00:00%2B09:00"):
        answer = gateway.get(f"/api/v1/history?line=red&from={text}")
        assert toggles(answer.json) == [("red", 1)]


@pytest.mark.parametrize("page, language", [("docs/circuit.md", "en"), ("docs/circuit.ko.md", "ko")])
def test_how_often_the_door_opened_yesterday_is_one_line(start_gateway: StartGateway, page: str,
                                                         tmp_path: Path, language: str) -> None:
    noon = datetime.datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
    days = [noon - datetime.timedelta(days=ago) for ago in (2, 1, 1, 1, 0)]
    state = state_of(tmp_path / "kept")
    (state / "history.jsonl").write_text("".join(
        stored("aaaaaaaa", 2 * place + 1, "door", 1, day) +
        stored("aaaaaaaa", 2 * place + 2, "door", 0, day) for place, day in enumerate(days)))
    gateway = start_gateway(KEPT | {"auth": {"mode": "none"}}, lines=[DOOR],
                            folder=tmp_path / "kept")
    line = block_with(page, "sh", "from=yesterday").replace("http://localhost:8080", gateway.http)
    assert len(line.strip().splitlines()) == 1
    done = run(gateway, "bash", "-c", line)
    assert done.stdout.strip() == "3", (language, done)


def test_a_fifo_for_a_history_file_stalls_nothing(start_gateway: StartGateway,
                                                  tmp_path: Path) -> None:
    state = state_of(tmp_path / "kept")
    os.mkfifo(state / "history.jsonl", 0o600)
    gateway = start_gateway(KEPT, folder=tmp_path / "kept")
    begin = time.monotonic()
    toggle(gateway, *["red"] * 200)
    assert gateway.get("/healthz").status == 200
    assert time.monotonic() - begin < 5
    lost = re.compile(r"^gpio_gateway_history_lines_lost_total (\d+)$", re.MULTILINE)

    def is_counted() -> bool:
        found = lost.search(gateway.get("/metrics").text)
        return found is not None and int(found[1]) >= 200

    wait_until(is_counted, "the lost lines")
    answer = history(gateway, **{"from": "-1h"})
    assert len(toggles(answer)) == 200 and answer["complete"] is False
    begin = time.monotonic()
    assert gateway.stop(signal.SIGTERM) == 0
    assert time.monotonic() - begin < 2


def test_a_busy_day_is_read_in_pages_that_hold_nothing_up(start_gateway: StartGateway,
                                                          tmp_path: Path) -> None:
    """30,000 events in two files: whatever a page holds, the pages together are everything, once."""
    state = state_of(tmp_path / "kept")
    now = datetime.datetime.now() - datetime.timedelta(hours=20)
    for place, name in enumerate(("history.jsonl.1", "history.jsonl")):
        first = place * 15_000 + 1
        (state / name).write_text("".join(
            stored("aaaaaaaa", seq, "red" if seq % 5 else "green", seq % 2,
                   now + datetime.timedelta(seconds=seq)) for seq in range(first, first + 15_000)))
    gateway = start_gateway(KEPT, folder=tmp_path / "kept")
    for line, count in (("green", 6_000), (None, 30_000)):
        query: dict[str, Any] = {"from": utc(int(now.timestamp() + 1) * 10**9), "limit": 100_000}
        query |= {"line": line} if line else {}
        seqs: list[int] = []
        for _ in range(200):
            answer = history(gateway, **query)
            seqs += [event["seq"] for event in answer["events"] if event["boot"] == "aaaaaaaa"]
            if "next" not in answer:
                break
            query["since"] = answer["next"]
        step = 5 if line else 1
        assert seqs == list(range(step, 30_001, step)) and len(seqs) == count
        assert answer["complete"] is True
