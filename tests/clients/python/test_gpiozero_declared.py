"""A pin is what the config says; what a script wants else is told with the line to write."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

import pytest

gpiozero = pytest.importorskip("gpiozero")

from gpiozero import (  # noqa: E402
    LED,
    Button,
    DigitalInputDevice,
    MCP3008,
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidFunction,
    PinInvalidPin,
    PinSetInput,
    PinSPIUnsupported,
)

from gpio_gateway.gpiozero import GatewayFactory  # noqa: E402


@pytest.fixture
def factory(process: Any) -> Iterator[GatewayFactory]:
    made = GatewayFactory(process.http, process.token)
    yield made
    made.close()


def _told_line(error: BaseException) -> dict[str, Any]:
    found = re.search(r"\{.*\}", str(error))
    assert found, str(error)
    line: dict[str, Any] = json.loads(found[0])
    return line


def _check(process: Any, line: dict[str, Any]) -> None:
    """The gateway itself takes the line."""
    file = process.folder / "told.json"
    file.write_text(json.dumps({"circuit": {"lines": [line]}}))
    checked = process.run("check", str(file))
    assert checked.returncode == 0, checked.stderr


def test_an_undeclared_pin_is_told_with_those_there_are(process: Any, factory: Any) -> None:
    with pytest.raises(PinInvalidPin, match=r"GPIO4 is not.*GPIO17 \(red\)") as caught:
        LED(4, pin_factory=factory)
    line = _told_line(caught.value)
    assert line == {"name": "gpio4", "gpio": "GPIO4", "direction": "output"}
    _check(process, line)


def test_an_input_used_as_output_is_told_with_the_line_to_write(process: Any, factory: Any) -> None:
    with pytest.raises(PinInvalidFunction, match="declared as input") as caught:
        LED(22, pin_factory=factory)
    line = _told_line(caught.value)
    assert line == {"name": "button", "gpio": "GPIO22", "direction": "output", "active_low": True}
    _check(process, line)


def test_an_output_used_as_input_is_told_with_the_line_to_write(process: Any, factory: Any) -> None:
    with pytest.raises(PinInvalidFunction, match="declared as output") as caught:
        Button(17, pin_factory=factory)
    assert _told_line(caught.value)["direction"] == "input"
    _check(process, _told_line(caught.value))


@pytest.mark.parametrize("pull_up, bias", [(False, "pull-down"), (None, "disabled")])
def test_another_pull_is_told_with_the_line_to_write(
    process: Any, factory: Any, bias: str, pull_up: bool | None
) -> None:
    with pytest.raises(PinFixedPull, match="declared with pull up") as caught:
        DigitalInputDevice(
            22,
            pull_up=pull_up,
            active_state=None if pull_up is False else True,
            pin_factory=factory,
        )
    line = _told_line(caught.value)
    assert line == {
        "name": "button",
        "gpio": "GPIO22",
        "direction": "input",
        "bias": bias,
        "debounce_ms": 5,
        "active_low": True,
    }
    _check(process, line)


def test_the_declared_pull_and_bounce_are_fine(factory: Any) -> None:
    button = Button(22, pull_up=True, bounce_time=0.005, pin_factory=factory)
    assert button.pull_up and button.pin.bounce == 0.005


def test_another_bounce_is_told_with_the_line_to_write(process: Any, factory: Any) -> None:
    with pytest.raises(PinInvalidBounce, match="0.005") as caught:
        Button(22, bounce_time=0.05, pin_factory=factory)
    assert _told_line(caught.value)["debounce_ms"] == 50
    _check(process, _told_line(caught.value))


def test_an_input_is_not_set(factory: Any) -> None:
    with pytest.raises(PinSetInput):
        factory.pin("GPIO22").state = 1


def test_there_is_no_spi(factory: Any) -> None:
    with pytest.raises(PinSPIUnsupported):
        MCP3008(channel=0, pin_factory=factory)


def test_a_pin_has_many_names_and_is_one(factory: Any) -> None:
    assert factory.pin(17) is factory.pin("BCM17") is factory.pin("BOARD11") is factory.pin("J8:11")
