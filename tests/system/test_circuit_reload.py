"""SIGHUP: the new config is taken whole, or not at all."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from gateway_process import CONFIG, LINES, Gateway, config_with, wait_until
from raw_http import EventStream
from raw_websocket import RawWebSocket

BLUE: dict[str, Any] = {"name": "blue", "part": "led", "gpio": "GPIO24", "direction": "output"}


def reload(gateway: Gateway, config: dict[str, Any] | str) -> str:
    """What the log says of it."""
    before = len(gateway.log)
    if isinstance(config, str):
        gateway.config_path.write_text(config)
    else:
        gateway.write_config(config)
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reload" in gateway.log[before:] and ("done" in gateway.log[before:] or
                                                             "refused" in gateway.log[before:]),
               "word of the reload")
    return gateway.log[before:]


def names(gateway: Gateway) -> list[str]:
    return [line["name"] for line in gateway.circuit()["lines"]]


def test_lines_come_and_go_and_the_others_keep_their_values(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines", {"red": 1, "green": 1})
    boot = gateway.circuit()["boot"]
    log = reload(gateway, config_with(lines=[LINES[0], *LINES[2:], BLUE]))
    assert names(gateway) == ["red", "green", "button", "motion", "blue"]
    assert [gateway.value(line) for line in ("red", "green", "blue")] == [1, 1, 0]
    assert gateway.circuit()["boot"] == boot
    for line, word in (("yellow", "removed"), ("blue", "added"), ("red", "kept")):
        assert any(line in row and word in row for row in log.splitlines()), (line, log)
    assert gateway.put("/api/v1/lines/blue/value", 1).status == 200
    assert gateway.get("/api/v1/lines/yellow").status == 404


def test_line_that_changed_is_named(gateway: Gateway) -> None:
    log = reload(gateway, config_with(lines=[{**LINES[0], "gpio": "GPIO25"}, *LINES[1:]]))
    assert any("red" in row and "changed" in row for row in log.splitlines()), log
    assert gateway.get("/api/v1/lines/red").json["gpio"]["name"] == "GPIO25"


def test_what_waits_for_the_next_start_is_named(gateway: Gateway) -> None:
    assert "next start" not in reload(gateway, config_with(lines=[*LINES, BLUE]))
    log = reload(gateway, config_with({"listen": {"http": ["127.0.0.1:0", "[::1]:0"]},
                                       "auth": {"mode": "none"}, "limits": {"ping_s": 7}}))
    for part in ("listen", "auth", "limits"):
        assert f'"{part}" has changed and is taken at the next start only' in log
    assert '"gpio"' not in log and '"history"' not in log
    assert gateway.get("/api/v1/circuit", token=None).status == 401


def test_errors_stand_in_the_log_line_by_line(gateway: Gateway) -> None:
    log = reload(gateway, '{"circuit": {"lines": [{"name": "A"}, {"name": "b"}]}}')
    rows = [row for row in log.splitlines() if "reload refused, nothing changed: " in row]
    assert len(rows) >= 3 and not any(row.endswith("?") for row in rows), rows


def test_counter_of_a_line_that_leaves_and_comes_back_goes_on(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.post("/api/v1/lines/green/toggle")
    green = next(line for line in LINES if line["name"] == "green")
    reload(gateway, config_with(lines=[line for line in LINES if line is not green]))
    reload(gateway, config_with())
    assert gateway.get("/api/v1/lines/green").json["edges"] >= 3


def test_running_action_goes_on(gateway: Gateway) -> None:
    gateway.post("/api/v1/lines/red/blink", {"on_ms": 20, "off_ms": 20})
    reload(gateway, config_with(lines=[*LINES, BLUE]))
    with RawWebSocket(gateway, f"/ws?since={gateway.cursor()}") as socket:
        events = [socket.event() for _ in range(6)]
    assert {(event["line"], event["cause"]) for event in events} == {("red", "blink")}


@pytest.mark.parametrize("config", [
    "{", "", '{"circuit":{"lines":[{"name":"a"}]}}', '{"circuit":{"lines":[],"nonsense":1}}',
], ids=["no-json", "empty", "no-direction", "unknown-key"])
def test_bad_config_changes_nothing_and_says_why(gateway: Gateway, config: str) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    before = gateway.circuit()
    log = reload(gateway, config)
    assert str(gateway.config_path) in log
    after = gateway.circuit()
    assert (after["seq"], after["lines"]) == (before["seq"], before["lines"])


def test_missing_config_changes_nothing(gateway: Gateway) -> None:
    before = gateway.circuit()
    size = len(gateway.log)
    gateway.config_path.unlink()
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "refused" in gateway.log[size:], "refusal")
    assert gateway.circuit()["lines"] == before["lines"]


def test_connections_stay_open_and_get_a_snapshot(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as socket, EventStream(
            gateway, f"/api/v1/events?since={gateway.cursor()}") as stream:
        socket.snapshot()
        reload(gateway, config_with(lines=[*LINES[1:], BLUE]))

        def take_snapshot() -> dict[str, Any]:
            while True:
                found = socket.next()
                if found["method"] == "snapshot":
                    return dict(found["params"])
        told = take_snapshot()
        assert [line["name"] for line in told["lines"]] == names(gateway)
        while True:
            name, data, _ = stream.next()
            if name == "snapshot":
                break
        assert [line["name"] for line in data["lines"]] == names(gateway)
        answer = socket.call("line.set", line="blue", value=1)
        assert answer["result"]["value"] == 1
        assert socket.event()["line"] == "blue"


def test_seq_has_no_gap_over_a_reload(gateway: Gateway) -> None:
    cursor, seq = gateway.cursor(), gateway.circuit()["seq"]
    gateway.post("/api/v1/lines/red/toggle")
    reload(gateway, config_with(lines=[*LINES, BLUE]))
    gateway.post("/api/v1/lines/blue/toggle")
    answer = gateway.get(f"/api/v1/history?since={cursor}").json
    assert [event["seq"] for event in answer["events"]] == \
        list(range(seq + 1, gateway.circuit()["seq"] + 1))


def test_line_is_put_into_another_group_without_a_change_of_its_value(gateway: Gateway) -> None:
    assert "group" not in gateway.get("/api/v1/lines/red").json
    gateway.put("/api/v1/lines", {"red": 1})
    reload(gateway, config_with(lines=[{**LINES[0], "group": "Kitchen"}, *LINES[1:]]))
    line = gateway.get("/api/v1/lines/red").json
    assert (line["group"], line["value"]) == ("Kitchen", 1)
    reload(gateway, config_with(lines=[{**LINES[0], "group": ""}, *LINES[1:]]))
    assert "group" not in gateway.get("/api/v1/lines/red").json


def test_title_and_safety_follow_the_new_config(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    lines = [{**LINES[0], "title": "Main light", "safe": 1}, *LINES[1:]]
    reload(gateway, config_with({"circuit": {"interlocks": [{"lines": ["yellow", "green"]}]}},
                                lines=lines))
    assert gateway.get("/api/v1/lines/red").json["title"] == "Main light"
    gateway.post("/api/v1/off")
    assert gateway.value("red") == 1
    gateway.put("/api/v1/lines/yellow/value", 1)
    assert gateway.put("/api/v1/lines/green/value", 1).json["code"] == "interlock"


def test_many_reloads_leave_nothing_behind(gateway: Gateway) -> None:
    gateway.get("/healthz")
    before = gateway.descriptors()
    for number in range(10):
        reload(gateway, config_with(lines=[*LINES, BLUE] if number % 2 else LINES))
    assert gateway.descriptors() <= before
    assert names(gateway)[-1] == "blue" and CONFIG["circuit"]["lines"] is LINES
