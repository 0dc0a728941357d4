"""The lines of the circuit as objects."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from gateway_process import wait_until

from gpio_gateway import Conflict, Gateway, GatewayError, NotFound


def test_on_and_off_set_the_line_and_tell_what_it_was(client: Gateway, process: Any) -> None:
    first = client.lines["red"].on()
    assert (first.line, first.was, first.value) == ("red", 0, 1)
    assert process.value("red") == 1
    assert client.lines["red"].off().was == 1
    assert process.value("red") == 0


def test_value_is_that_of_the_command_before(client: Gateway) -> None:
    red = client.lines["red"]
    for _ in range(200):
        red.toggle()
        was = red.value
        red.toggle()
        assert red.value == 1 - was


def test_value_may_be_assigned(client: Gateway, process: Any) -> None:
    client.lines["red"].value = 1
    assert process.value("red") == 1


def test_value_follows_what_others_do(client: Gateway, process: Any) -> None:
    process.put("/api/v1/lines/red/value", 1)
    wait_until(lambda: client.lines["red"].value == 1, "news of the line")


def test_a_pulse_counts_in_seconds_and_goes_back(client: Gateway) -> None:
    client.lines["red"].pulse(0.1)
    assert client.lines["red"].value == 1
    wait_until(lambda: client.lines["red"].value == 0, "end of the pulse")


def test_a_blink_counts_in_seconds(client: Gateway) -> None:
    events = client.watch(lines=["red"], timeout=5)
    client.lines["red"].blink(0.02, 0.06, count=2)
    told = [next(events) for _ in range(4)]
    assert [event.value for event in told] == [1, 0, 1, 0]
    assert told[2].time_ns - told[1].time_ns >= 50_000_000


def test_pwm_takes_duty_and_frequency(client: Gateway) -> None:
    client.lines["red"].pwm(0.3, 100)
    assert client.lines["red"].info["pwm"] == {"duty": 0.3, "hz": 100}
    client.lines["red"].stop()
    assert client.lines["red"].info["pwm"] is None


def test_a_value_for_a_time_goes_back(client: Gateway) -> None:
    client.lines["red"].set(1, for_s=0.05)
    wait_until(lambda: client.lines["red"].value == 0, "the value before")


def test_several_lines_are_set_at_once(client: Gateway, process: Any) -> None:
    assert sorted(client.set({"red": 1, "green": 1})) == ["green", "red"]
    assert (process.value("red"), process.value("green")) == (1, 1)
    client.off()
    assert (process.value("red"), process.value("green")) == (0, 0)


def test_lines_are_a_mapping(client: Gateway) -> None:
    assert "red" in client.lines and "purple" not in client.lines
    assert list(client.lines)[0] == "red" and len(client.lines) == 7
    assert client.lines.get("purple") is None


def test_an_undeclared_line_is_told_with_the_nearest(client: Gateway) -> None:
    with pytest.raises(NotFound, match="did you mean 'red'"):
        client.lines["redd"]


def test_an_input_cannot_be_set(client: Gateway) -> None:
    with pytest.raises(Conflict, match="input") as caught:
        client.lines["button"].on()
    assert caught.value.code == "not-an-output"


def test_expect_refuses_what_has_changed_since(client: Gateway) -> None:
    red = client.lines["red"]
    seq = red.seq
    red.on()
    with pytest.raises(Conflict) as caught:
        red.set(0, expect=seq)
    assert caught.value.code == "conflict" and red.value == 1


def test_an_unknown_method_is_not_found(client: Gateway) -> None:
    with pytest.raises(NotFound, match="older"):
        client.call("line.teleport", line="red")


def test_a_bad_parameter_is_told_in_the_gateways_words(client: Gateway) -> None:
    with pytest.raises(GatewayError, match="hz.*500"):
        client.lines["red"].pwm(0.5, 9999)


def test_outputs_go_to_safe_when_the_client_is_closed(client: Gateway, process: Any) -> None:
    client.lines["red"].on()
    client.lines["alarm"].off()
    client.close()
    wait_until(lambda: process.value("red") == 0 and process.value("alarm") == 1, "safe values", 1)


def test_without_a_lease_outputs_stay(process: Any, connect: Any) -> None:
    client = connect(process, lease=None)
    client.lines["red"].on()
    client.close()
    wait_until(
        lambda: not [
            s for s in process.get("/api/v1/sockets").json["sockets"] if "websocket" in str(s)
        ],
        "the end of the connection",
    )
    assert process.value("red") == 1


def test_many_threads_may_use_one_client(client: Gateway) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for _ in range(50):
                client.lines[name].toggle()
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=work, args=(name,)) for name in ("red", "yellow", "green") * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failed
    assert (
        sum(event.line == "red" for event in client.history("red")) == 151
    )  # and that of the start
