"""The built wheel on the path, a real gateway in the simulator, and what ends them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "system"), str(Path(__file__).parent)]

from built import SITE, build, clean  # noqa: E402
from gateway_process import PROGRAM, Gateway as Process, config_with  # noqa: E402

LINES: list[dict[str, Any]] = [
    {"name": "red", "part": "led", "gpio": "GPIO17", "direction": "output"},
    {"name": "yellow", "part": "led", "gpio": "GPIO27", "direction": "output"},
    {"name": "green", "part": "led", "gpio": "GPIO23", "direction": "output"},
    {"name": "relay", "part": "relay", "gpio": "GPIO24", "direction": "output", "active_low": True},
    {
        "name": "alarm",
        "part": "buzzer",
        "gpio": "GPIO25",
        "direction": "output",
        "initial": 1,
        "safe": 1,
    },
    {
        "name": "button",
        "part": "button",
        "gpio": "GPIO22",
        "direction": "input",
        "bias": "pull-up",
        "active_low": True,
        "debounce_ms": 5,
    },
    {
        "name": "motion",
        "part": "motion",
        "gpio": "GPIO26",
        "direction": "input",
        "bias": "pull-down",
    },
]


def pytest_configure(config: pytest.Config) -> None:
    if not Path(PROGRAM).is_file():
        raise pytest.UsageError(f"there is no {PROGRAM}: build the gateway, or set GATEWAY_BIN")
    for name in [name for name in os.environ if name.startswith("GPIO_GATEWAY_")]:
        del os.environ[name]
    # No gateway of this machine is found by chance.
    os.environ["XDG_RUNTIME_DIR"] = os.environ["XDG_STATE_HOME"] = str(build())
    sys.path.insert(0, str(SITE))


def pytest_unconfigure() -> None:
    clean()


StartGateway = Callable[..., Process]


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[StartGateway]:
    """start_gateway(config=…, lines=…, folder=…): a second start with the same `folder` has the
    first one's state and sockets."""
    started: list[Process] = []

    def start(
        config: Mapping[str, Any] | None = None,
        *,
        lines: list[dict[str, Any]] | None = None,
        folder: Path | None = None,
        **more: Any,
    ) -> Process:
        process = Process(
            folder or tmp_path / f"g{len(started)}",
            config_with(config, LINES if lines is None else lines),
            **more,
        )
        started.append(process)
        return process.start()

    yield start
    for process in started:
        process.check()


@pytest.fixture
def process(start_gateway: StartGateway) -> Process:
    """A gateway of this test's own."""
    return start_gateway()


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """connect(process, …): clients that are closed after the test."""
    from gpio_gateway import Gateway

    made: list[Gateway] = []

    def connect(to: Process, **more: Any) -> Gateway:
        client = Gateway(to.http, to.token, **more)
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()


@pytest.fixture
def client(process: Process, connect: Callable[..., Any]) -> Any:
    """A client of `process`."""
    return connect(process)
