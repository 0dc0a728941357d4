"""`gateway` is a running one; `start_gateway(config, args, env)` makes more. Each must end well."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

sys.path.insert(0, str(Path(__file__).parent))

from gateway_process import PROGRAM, Gateway, config_with  # noqa: E402

StartGateway = Callable[..., Gateway]

# The same examples in every run, and nothing written beside the tests.
hypothesis.settings.register_profile(
    "gateway", database=None, deadline=None, derandomize=True, max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
hypothesis.settings.load_profile("gateway")
SCRATCH = tempfile.TemporaryDirectory(prefix="gpio-gateway-tests-")


def pytest_configure(config: pytest.Config) -> None:
    set_hypothesis_home_dir(SCRATCH.name)  # its tables of characters
    if not Path(PROGRAM).is_file():
        raise pytest.UsageError(f"there is no {PROGRAM}: build the gateway, or set GATEWAY_BIN")


def pytest_unconfigure() -> None:
    SCRATCH.cleanup()


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[StartGateway]:
    """start_gateway(config=…, lines=…, args=…, env=…, folder=…): `config` is laid over the default
    one. A second start with the same `folder` has the first one's state. Every gateway that a test
    has not ended itself gets SIGTERM after it, and must exit with 0 within two seconds."""
    started: list[Gateway] = []

    def start(config: Mapping[str, Any] | None = None, args: tuple[str, ...] | list[str] = (),
              env: Mapping[str, str] | None = None, *, lines: list[dict[str, Any]] | None = None,
              folder: Path | None = None, **more: Any) -> Gateway:
        place = folder or tmp_path / f"g{len(started)}"
        gateway = Gateway(place, config_with(config, lines), args, env, **more)
        started.append(gateway)
        return gateway.start()

    yield start
    problems = []
    for gateway in started:
        try:
            gateway.check()
        except AssertionError as problem:
            problems.append(str(problem))
    assert not problems, "\n".join(problems)


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway of this test's own, with the default config."""
    return start_gateway()


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for the tests of a file that leave no trace which another would see."""
    gateway = Gateway(tmp_path_factory.mktemp("s") / "g", config_with()).start()
    yield gateway
    gateway.check()
