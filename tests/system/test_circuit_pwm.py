"""PWM on a line with a channel of the kernel, simulated: clients see what they see of any other PWM."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from conftest import StartGateway
from gateway_process import Gateway, config_with, wait_until
from raw_websocket import RawWebSocket

FAN = {"name": "fan", "gpio": "GPIO18", "direction": "output",
       "pwm": "/sys/class/pwm/pwmchip0/pwm0"}
LAMP = {"name": "lamp", "gpio": "GPIO17", "direction": "output"}

Do = Callable[..., Any]


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    return start_gateway(lines=[FAN, LAMP])


@pytest.fixture(params=["rest", "websocket"])
def do(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Do]:
    """do("stop"), do("pwm", duty=0.5, hz=200): on the fan, and it must be done."""
    if request.param == "rest":
        def by_rest(word: str, **params: Any) -> None:
            verb = ("PUT", "value") if word == "set" else ("POST", word)
            answer = gateway.request(verb[0], f"/api/v1/lines/fan/{verb[1]}", params)
            assert answer.status == 200, answer
        yield by_rest
        return
    with RawWebSocket(gateway) as socket:
        socket.snapshot()

        def by_websocket(word: str, **params: Any) -> None:
            answer = socket.call(f"line.{word}", line="fan", **params)
            assert "result" in answer, answer
        yield by_websocket


def fan(gateway: Gateway) -> dict[str, Any]:
    return dict(gateway.get("/api/v1/lines/fan").json)


def reload(gateway: Gateway, *lines: dict[str, Any]) -> str:
    """What the log says of it."""
    before = len(gateway.log)
    gateway.write_config(config_with(lines=list(lines)))
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: any(word in gateway.log[before:] for word in ("done", "refused")),
               "word of the reload")
    return gateway.log[before:]


def wake_ups(gateway: Gateway, seconds: float) -> int:
    def count() -> int:
        status = Path(f"/proc/{gateway.pid}/status").read_text(encoding="ascii")
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    before = count()
    time.sleep(seconds)
    return count() - before


def test_line_of_a_channel_is_an_output_like_any_other(do: Do, gateway: Gateway) -> None:
    line = fan(gateway)
    assert (line["direction"], line["value"], line["available"]) == ("output", 0, True)
    assert line["gpio"]["chip"] == "pwmchip0" and line["gpio"]["name"] == "GPIO18"
    for value in (1, 0):
        do("set", value=value)
        assert fan(gateway)["value"] == value


def test_pwm_of_a_channel_is_one_event_at_start_change_and_end(do: Do, gateway: Gateway) -> None:
    with RawWebSocket(gateway) as watch:
        watch.snapshot()
        do("pwm", duty=0.25, hz=200)
        start = watch.event()
        assert (start["line"], start["cause"], start["value"]) == ("fan", "pwm", 1)
        assert start["pwm"] == {"duty": 0.25, "hz": 200}
        assert fan(gateway)["pwm"] == {"duty": 0.25, "hz": 200}
        do("pwm", duty=0.5, hz=100)
        change = watch.event()
        assert change["seq"] == start["seq"] + 1 and change["pwm"] == {"duty": 0.5, "hz": 100}
        do("stop")
        end = watch.event()
        assert end["seq"] == change["seq"] + 1 and end["pwm"] is None
        assert (end["value"], fan(gateway)["value"]) == (0, 0)
        do("pwm", duty=0, hz=100)
        assert watch.event()["value"] == 0
        do("stop")
        assert watch.event()["value"] == 0 and fan(gateway)["value"] == 0


def test_lease_off_and_limit_end_the_pwm_of_a_channel(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=[FAN | {"max_on_ms": 400}])
    for more, end in (({"lease_ms": 100}, "lease"), ({}, "limit")):
        assert gateway.post("/api/v1/lines/fan/pwm", {"duty": 0.5, "hz": 200} | more).status == 200
        assert fan(gateway)["value"] == 1
        wait_until(lambda: fan(gateway)["value"] == 0, f"end by {end}")
        event = gateway.get("/api/v1/history?line=fan").json["events"][-1]
        assert (event["cause"], event["pwm"]) == (end, None)
    assert gateway.post("/api/v1/lines/fan/pwm", {"duty": 0.5, "hz": 200}).status == 200
    assert gateway.post("/api/v1/off", {}).status == 200
    assert fan(gateway)["value"] == 0


def test_channel_needs_no_time_of_the_gateway(gateway: Gateway) -> None:
    """By itself it wakes up a thousand times a second for this; for the kernel's channel never."""
    assert gateway.post("/api/v1/lines/fan/pwm", {"duty": 0.5, "hz": 500}).status == 200
    time.sleep(0.1)
    assert wake_ups(gateway, 0.5) < 10
    assert gateway.post("/api/v1/lines/lamp/pwm", {"duty": 0.5, "hz": 500}).status == 200
    assert wake_ups(gateway, 0.5) > 50


def test_reload_keeps_the_pwm_of_a_channel_and_claims_another_anew(gateway: Gateway) -> None:
    gateway.post("/api/v1/lines/fan/pwm", {"duty": 0.25, "hz": 200})
    reload(gateway, FAN | {"title": "Fan"}, LAMP)
    assert fan(gateway)["pwm"] == {"duty": 0.25, "hz": 200}
    reload(gateway, FAN | {"pwm": "/sys/class/pwm/pwmchip0/pwm1"}, LAMP)
    line = fan(gateway)
    assert (line["value"], line["pwm"], line["gpio"]["offset"]) == (0, None, 1)


def test_channel_passes_to_a_line_of_another_name(gateway: Gateway) -> None:
    gateway.post("/api/v1/lines/fan/pwm", {"duty": 0.25, "hz": 200})
    log = reload(gateway, FAN | {"name": "ventilator", "gpio": "GPIO12"}, LAMP)
    assert "refused" not in log
    line = gateway.get("/api/v1/lines/ventilator").json
    assert (line["value"], line["pwm"], line["gpio"]["name"]) == (0, None, "GPIO12")


def test_second_line_on_a_channel_is_refused(gateway: Gateway) -> None:
    log = reload(gateway, FAN, LAMP | {"pwm": FAN["pwm"]})
    assert "line lamp: line fan is at the same place, pwmchip0 offset 0" in log
    assert fan(gateway)["available"]


def test_fade_tells_where_it_goes_and_when_it_is_there(gateway: Gateway, do: Do) -> None:
    with RawWebSocket(gateway) as watcher:
        watcher.snapshot()
        do("pwm", duty=0.25, hz=100)
        assert "to" not in fan(gateway)["pwm"]
        do("fade", to=0.75, ms=60000, hz=100)
        pwm = fan(gateway)["pwm"]
        assert 0.25 <= pwm["duty"] < 0.5 and pwm["to"] == 0.75
        told = [watcher.event()["pwm"] for _ in range(2)]
        assert told == [{"duty": 0.25, "hz": 100},
                        {"duty": 0.25, "hz": 100, "to": 0.75, "ends_at": pwm["ends_at"]}]
        do("fade", to=1, ms=1, hz=100)
        assert "to" in watcher.event()["pwm"]
        assert watcher.event()["pwm"] == {"duty": 1, "hz": 100}
        assert "to" not in fan(gateway)["pwm"]
    # What is past is no longer on its way.
    past = gateway.get("/api/v1/history?line=fan").json["events"]
    assert all("to" not in (event.get("pwm") or {}) for event in past)
