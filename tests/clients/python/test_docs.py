"""The lines of docs/clients.md, section Python, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable

import pytest
from built import SITE, TOP
from gateway_process import wait_until
from programs import Script, environment

SECTION = re.search(
    r"^## Python\n(.*?)(?=^## |\Z)", (TOP / "docs" / "clients.md").read_text(), re.M | re.S
)[
    1
]  # type: ignore[index]
PROGRAMS = {
    text.split("\n", 1)[0].removeprefix("# "): text
    for text in re.findall(r"^```python\n(.*?)^```", SECTION, re.M | re.S)
}
(SHELL,) = re.findall(r"^```sh\n(.*?)^```", SECTION, re.M | re.S)


@pytest.fixture
def run(process: Any, request: pytest.FixtureRequest) -> Callable[[str], Script]:
    """run(name): the program of that name, with the address and the token of `process`."""

    def start(name: str) -> Script:
        text = PROGRAMS[name].replace("http://raspberrypi.local:8080", process.http)
        script = Script(text.replace('"TOKEN"', f'"{process.token}"'), environment(process))
        request.addfinalizer(script.kill)
        return script

    return start


def _history(process: Any) -> list[tuple[str, int]]:
    events = process.get("/api/v1/history?line=red").json["events"]
    return [(event["cause"], event["value"]) for event in events]


def test_two_gateways(process: Any, run: Any) -> None:
    pytest.importorskip("gpiozero")
    assert run("two_gateways.py").finish() == 0
    assert _history(process).count(("set", 1)) == 5


def test_lines(process: Any, run: Any) -> None:
    script = run("lines.py")
    assert script.finish() == 0
    assert re.fullmatch(r"1 \d+", script.lines[-1])
    assert {cause for cause, _ in _history(process)} >= {"set", "toggle", "pulse", "blink", "pwm"}
    assert process.value("red") == 0


def test_events(process: Any, run: Any) -> None:
    script = run("events.py")
    wait_until(lambda: process.post("/api/v1/lines/red/toggle") and script.lines, "an event")
    assert re.fullmatch(r"\d+ red [01] toggle http:\S+ \S+Z", script.lines[0])


def test_careful(process: Any, run: Any) -> None:
    script = run("careful.py")
    assert script.finish() == 0 and script.lines == []
    assert ("toggle", 1) in _history(process)


def test_the_first_success_takes_no_more_than_five_lines(process: Any, tmp_path: Path) -> None:
    pytest.importorskip("gpiozero")
    build, install, export, blink = SHELL.splitlines()
    subprocess.run(f"{build} {tmp_path / 'build' / 'clients'}", shell=True, cwd=TOP, check=True)
    package = next(word for word in install.split() if word.endswith(".deb"))
    assert (tmp_path / package).is_file()
    if shutil.which("apt-get"):
        asked = subprocess.run(
            ["apt-get", "install", "--simulate", package],
            cwd=tmp_path,
            text=True,
            capture_output=True,
        )
        assert "Inst python3-gpio-gateway" in asked.stdout, asked.stderr
    export = export.replace("http://raspberrypi.local:8080", process.http).replace(
        "=TOKEN", f"={process.token}"
    )
    subprocess.run(
        f"{export}\n{blink}",
        shell=True,
        check=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(SITE), "PATH": f"/usr/bin:{os.environ['PATH']}"},
    )
    assert _history(process).count(("set", 1)) == 3


def test_no_program_is_left_untried() -> None:
    assert {f"test_{name}" for name in PROGRAMS} <= {f"{name}.py" for name in globals()}
