"""Measures the gateway on loopback and prints each number beside its goal.

    GATEWAY_BIN=build/gpio-gateway /usr/bin/python3 tests/bench/bench.py

About a minute. The exit status is 1 when a goal is missed. Times are medians, so that a busy
machine spoils little; the slowest are printed for reading.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from typing import Callable

import page
import pwm
from gateway import TOP, Gateway, Http, WebSocket
from rows import missed, part, told

STARTS = 20
TOGGLES = 1000
FAN_OUTS = 20
IDLE_S = 5.0
WEB_SOCKETS = 1000
WRK_S = 3


def start(program: str) -> None:
    took = []
    for _ in range(STARTS):
        with Gateway(program) as gateway:
            took.append(gateway.ready_ms)
    told("start to ready, p50", statistics.median(took), "ms", 100, f"slowest of {STARTS}: {max(took):.1f} ms")


def idle(gateway: Gateway) -> None:
    time.sleep(1)
    told(f"wake-ups in {IDLE_S:g} s, idle", gateway.wake_ups(IDLE_S), "", 0)
    told("resident, idle", gateway.resident_mb(), "MB", 9)


def toggle(gateway: Gateway, token: str) -> None:
    hand, eye = Http(gateway, token), WebSocket(gateway, token)
    took = []
    for _ in range(TOGGLES):
        began = time.perf_counter()
        hand.send("POST", "/api/v1/lines/red/toggle")
        eye.receive()
        took.append((time.perf_counter() - began) * 1e3)
        hand.receive()
    hand.close()
    eye.close()
    told("toggle by REST to another WebSocket, p50", statistics.median(took), "ms", 20)
    told("toggle by REST to another WebSocket, p99", part(took, 0.99), "ms", 20,
         f"slowest of {TOGGLES}: {max(took):.2f} ms")


def many(gateway: Gateway, token: str) -> None:
    began = time.perf_counter()
    eyes = [WebSocket(gateway, token) for _ in range(WEB_SOCKETS)]
    told(f"{WEB_SOCKETS} WebSockets opened, one after another", time.perf_counter() - began, "s")
    time.sleep(1)
    told(f"wake-ups in {IDLE_S:g} s, {WEB_SOCKETS} idle WebSockets", gateway.wake_ups(IDLE_S), "", 0)
    told(f"resident, {WEB_SOCKETS} WebSockets", gateway.resident_mb(), "MB", 16)
    hand, took = Http(gateway, token), []
    for _ in range(FAN_OUTS):
        began = time.perf_counter()
        hand.request("POST", "/api/v1/lines/red/toggle")
        for eye in eyes:
            eye.receive()
        took.append((time.perf_counter() - began) * 1e3)
    told(f"toggle to the last of {WEB_SOCKETS} WebSockets, p50", statistics.median(took), "ms", None,
         "the reader is one Python thread")
    told(f"resident, {WEB_SOCKETS} WebSockets after {FAN_OUTS} events", gateway.resident_mb(), "MB", 16)
    hand.close()
    for eye in eyes:
        eye.close()


def rate(gateway: Gateway, token: str) -> None:
    if not shutil.which("wrk"):
        print("requests/s: wrk is not installed")
        return
    for path in ("/api/v1/lines/red", "/healthz"):
        shown = subprocess.run(
            ["wrk", "-t1", "-c16", f"-d{WRK_S}s", "--latency", "-H", f"Authorization: Bearer {token}",
             f"http://127.0.0.1:{gateway.port}{path}"],
            text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=WRK_S + 20, check=True,
        ).stdout
        per_second = re.search(r"Requests/sec:\s+([\d.]+)", shown)
        slow = re.search(r"99%\s+(\S+)", shown)
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", shown)
        if not per_second or wrong:
            raise RuntimeError(f"{path}: {shown}")
        told(f"GET {path}, 16 connections", float(per_second[1]), "req/s", None,
             f"p99 {slow[1] if slow else '?'}")


def main() -> int:
    program = os.environ.get("GATEWAY_BIN", str(TOP / "build/gpio-gateway"))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    start(program)
    measures: list[Callable[[Gateway, str], None]] = [toggle, many, rate]
    with Gateway(program) as gateway:
        idle(gateway)
        token = gateway.token()
        for measure in measures:
            measure(gateway, token)
    pwm.measure(program)
    page.measure(program)
    if missed:
        print("missed: " + ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
