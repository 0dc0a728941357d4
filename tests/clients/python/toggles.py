"""1,000 toggles, one after another, over loopback: how long each takes until its answer is here.

usage: GATEWAY_BIN=build/gpio-gateway /usr/bin/python3 tests/clients/python/toggles.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

TOP = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "clients" / "python"), str(TOP / "tests" / "system")]

from gateway_process import Gateway as Process, config_with  # noqa: E402

from gpio_gateway import Gateway  # noqa: E402

COUNT = 1000


def measure(what: str, toggle: Callable[[], object]) -> None:
    for _ in range(50):
        toggle()
    times = []
    for _ in range(COUNT):
        begun = time.perf_counter_ns()
        toggle()
        times.append((time.perf_counter_ns() - begun) / 1e6)
    times.sort()
    print(f"{what}: p50 {times[COUNT // 2]:.3f} ms, p99 {times[COUNT * 99 // 100]:.3f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        process = Process(Path(folder) / "g", config_with()).start()
        with Gateway(process.http, process.token) as gateway:
            measure("Line.toggle(), TCP", gateway.lines["red"].toggle)
        with Gateway(f"unix:{process.unix['http']}") as gateway:
            measure("Line.toggle(), AF_UNIX", gateway.lines["red"].toggle)
        try:
            from gpiozero import LED
            from gpio_gateway.gpiozero import GatewayFactory
        except ImportError:
            print("gpiozero is not installed: LED.toggle() is left out")
        else:
            factory = GatewayFactory(process.http, process.token)
            measure("gpiozero LED.toggle(), TCP", LED(17, pin_factory=factory).toggle)
            factory.close()
        process.check()


if __name__ == "__main__":
    main()
