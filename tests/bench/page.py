"""Measures the page in Chromium, with the circuit that the gateway comes with.

    GATEWAY_BIN=build/gpio-gateway /usr/bin/python3 tests/bench/page.py

About ten seconds. The exit status is 1 when a goal is missed. Until the page's own thread has painted: no
screen is there to be waited for.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys

from gateway import TOP, Gateway
from rows import missed, told

LOADS = 15
TOGGLES = 30


def measure(program: str) -> None:
    sys.path.append(str(TOP / "tests/browser"))
    try:
        from chromium import chromium
        from swiftness import loads, toggles
    except ImportError:
        print("the page: selenium is not installed")
        return
    if not shutil.which("chromedriver"):
        print("the page: Chromium's driver is not installed")
        return
    lines = json.loads((TOP / "config/gateway.json").read_text(encoding="utf-8"))["circuit"]["lines"]
    with Gateway(program, lines) as gateway, chromium("--window-size=1280,900") as browser:
        address = f"http://127.0.0.1:{gateway.port}/?token={gateway.token()}"
        took = loads(browser, address, LOADS)
        told("page opened to first live state, p50", statistics.median(took), "ms", 300,
             f"slowest of {LOADS}: {max(took):.0f} ms; cold cache")
        took = toggles(browser, address, lines[0]["name"], TOGGLES)
        told("toggle in a page to another page, p50", statistics.median(took), "ms", 20,
             f"slowest of {TOGGLES}: {max(took):.1f} ms")


if __name__ == "__main__":
    measure(os.environ.get("GATEWAY_BIN", str(TOP / "build/gpio-gateway")))
    sys.exit(1 if missed else 0)
