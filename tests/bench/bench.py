"""Measures the gateway on loopback beside programs that answer the same bytes and do nothing else.

    /usr/bin/python3 tests/bench/bench.py [--quick] [--against PROGRAM] [FOLDER]

FOLDER is a build folder with gpio-gateway and the targets `bench` (bench-load, bench-bare, bench-mhd,
bench-inside); build/ when it is missing. About five minutes, with --quick under two. The server runs on one
core, the client on another. Each figure is the median of rounds in which the servers take turns, so that
what the machine does besides spoils all of them alike; a ratio is the gateway's figure by the bare epoll
server's. Processor times are those of the server, the kernel's work for it included. With --against the
other server is an earlier gateway, and the goal of every row is to be no more than 5 % above it. The exit
status is 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import alone
import page
import pwm
from gateway import TOP, Gateway
from others import Other, installed
from peers import CLIENT_CORE, SERVER_CORE, Nginx, Peer, Requests, pinned
from rows import compared, figures, missed, told

Figures = dict[str, float]

WORSE = 1.05  # the most that a figure may be above the earlier gateway's


class Bench:
    """The servers, running side by side, and the client that asks them."""

    def __init__(self, folder: Path, quick: bool, against: str | None) -> None:
        self.folder = folder
        self.rounds = 1 if quick else 3
        self.share = 4 if quick else 1
        self.base = "before" if against else "bare"
        self.peers: list[Any] = []
        # The earlier one makes the tokens: a later one reads them.
        before = Gateway(against, before=pinned(SERVER_CORE)) if against else None
        self.gateway = Gateway(str(folder / "gpio-gateway"), before=pinned(SERVER_CORE), tokens_of=before)
        self.token = self.gateway.token()
        self.requests = Requests(self.gateway, self.token)
        self.pids = {"gateway": self.gateway.process.pid}
        self.ports = {"gateway": self.gateway.ports}
        if before:
            self.rounds = 5
            self.peers.append(before)
            self.pids["before"], self.ports["before"] = before.process.pid, before.ports
        else:
            self.add_peers(folder)

    def add_peers(self, folder: Path) -> None:
        bare = Peer([str(folder / "bench-bare"), str(self.requests.path)], 3)
        body = self.requests.path / "body"
        body.write_bytes((self.requests.path / "get").read_bytes().partition(b"\r\n\r\n")[2])
        mhd = Peer([str(folder / "bench-mhd"), str(body)])
        self.peers += [bare, mhd]
        self.pids |= {"bare": bare.pid, "mhd": mhd.pid}
        self.ports |= {"bare": dict(zip(("http", "line", "datagram"), bare.ports)), "mhd": {"http": mhd.ports[0]}}
        if Nginx.exists():
            nginx = Nginx(body.read_text(encoding="utf-8"))
            self.peers.append(nginx)
            self.pids["nginx"] = nginx.pid
            self.ports["nginx"] = {"http": nginx.port}

    def close(self) -> None:
        for peer in self.peers:
            peer.close()
        self.requests.close()
        self.gateway.__exit__()

    def load(self, how: str, server: str, port: str, *arguments: object, count: int) -> Figures:
        """One run of the client: see load.c. In `arguments`, COUNT and PID stand for themselves."""
        words = [str(count // self.share) if word == "COUNT" else str(self.pids[server]) if word == "PID"
                 else str(word) for word in arguments]
        shown = subprocess.run(
            [*pinned(CLIENT_CORE), str(self.folder / "bench-load"), how, str(self.ports[server][port]), *words],
            text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
        if shown.returncode:
            raise RuntimeError(f"{how} {server} {words}: {shown.stderr}")
        return dict(json.loads(shown.stdout))

    def rounds_of(self, servers: list[str], how: str, port: str, *arguments: object,
                  count: int) -> dict[str, Figures]:
        """Medians of rounds in which the servers take turns."""
        runs: dict[str, list[Figures]] = {server: [] for server in servers}
        for _ in range(self.rounds):
            for server in servers:
                runs[server].append(self.load(how, server, port, *arguments, count=count))
        return {server: {key: statistics.median(run[key] for run in several) for key in several[0]}
                for server, several in runs.items()}


    def row(self, name: str, values: dict[str, float], goal: float | None = None) -> None:
        compared(name, values, "us", WORSE if self.base == "before" else goal, self.base)


def pick(several: dict[str, Figures], key: str) -> dict[str, float]:
    return {server: values[key] for server, values in several.items()}


def requests(bench: Bench) -> None:
    file = bench.requests.file
    every = list(bench.pids)
    pair = ["gateway", bench.base]
    print("\nrequests, 16 connections at once: processor time of the server for one")
    shown = bench.rounds_of(every, "rate", "http", 16, "COUNT", "PID", file("get"), count=40000)
    bench.row("GET /api/v1/lines/red, token checked", pick(shown, "cpu_us"), 1.25)
    shown = bench.rounds_of(pair, "rate", "http", 16, "COUNT", "PID", file("put0"), file("put1"), count=40000)
    bench.row("PUT /api/v1/lines/red/value", pick(shown, "cpu_us"), 1.5)
    shown = bench.rounds_of(pair, "rate", "http", 16, "COUNT", "PID", file("page"), count=20000)
    bench.row("GET / (the page, gzip)", pick(shown, "cpu_us"))
    print("\none question after another: until the answer is there")
    for name, port, kind, asked in (("GET", "http", "http", ["get"]), ("PUT", "http", "http", ["put0", "put1"]),
                                    ("text", "line", "text", ["text"]), ("datagram", "datagram", "udp", ["udp"])):
        goal = 1.2 if name in ("text", "datagram") else None
        shown = bench.rounds_of(pair, "ask", port, kind, "COUNT", "PID", *map(file, asked), count=10000)
        bench.row(f"{name}, round trip p50", pick(shown, "p50_us"), goal)


def pushes(bench: Bench) -> None:
    file = bench.requests.file
    pair = ["gateway", bench.base]
    print("\na change by one connection until another hears of it")
    ways = (
        ("REST -> WebSocket", "http", "http", "http", "ws", "nothing", ["toggle"]),
        ("WebSocket -> WebSocket", "http", "ws", "http", "ws", "ws", ["frame"]),
        ("text -> text", "line", "text", "line", "watch", "auth", ["text-toggle"]),
    )
    for name, port, kind, watched, hello, first, asked in ways:
        runs: dict[str, list[Figures]] = {server: [] for server in pair}
        for _ in range(bench.rounds):
            for server in pair:
                runs[server].append(bench.load(
                    "push", server, port, kind, "COUNT", "PID", bench.ports[server][watched], file(hello),
                    file(first), *map(file, asked), count=5000))
        for key, goal in (("p50_us", 1.2), ("p99_us", 1.5)):
            values = {server: statistics.median(run[key] for run in several) for server, several in runs.items()}
            bench.row(f"{name}, {key.split('_')[0]}", values, goal)


def fan_outs(bench: Bench) -> None:
    file = bench.requests.file
    watchers = 1000 // bench.share
    print(f"\none change to {watchers} watchers: processor time for each message")
    for name, port, hello, kind, first, asked in (
            ("WebSockets", "http", "ws", "http", "nothing", ["toggle"]),
            ("event streams", "http", "sse", "http", "nothing", ["toggle"]),
            ("text over TCP", "line", "watch", "text", "auth", ["text-toggle"])):
        shown = bench.rounds_of(["gateway", bench.base], "fan", port, kind, "COUNT", "PID", watchers,
                                file(hello), file(first), *map(file, asked), count=60)
        values = {server: cpu / watchers for server, cpu in pick(shown, "cpu_us").items()}
        bench.row(f"{name}, {watchers} of them", values, 1.15)


def others(bench: Bench) -> None:
    """The same question to what a user may pick instead."""
    print("\nthe same GET, answered by what one may write instead: processor time for one, and its memory")
    body = (bench.requests.path / "body").read_text(encoding="utf-8")
    for name, command in installed().items():
        other = Other(command, bench.token, body)
        try:
            bench.pids[name], bench.ports[name] = other.pid, {"http": other.port}
            shown = bench.load("rate", name, "http", 16, "COUNT", "PID", bench.requests.file("get"), count=8000)
            resident = next(int(line.split()[1]) for line in Path(f"/proc/{other.pid}/status").read_text().splitlines()
                            if line.startswith("VmRSS:")) * 1024 / 1e6
            told(name, shown["cpu_us"], "us", None, f"{resident:.0f} MB")
        finally:
            other.close()


def machine() -> None:
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    print(f"{model}, {platform.system()} {platform.release()}, {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} "
          f"descriptors; figures are medians, goals are multiples of the other server's")


def by_itself_beside(bench: Bench, against: str, folder: Path, quick: bool) -> None:
    """What both cost by themselves, one after the other, then each figure beside its earlier one."""
    kept = list(missed)
    before = bench.folder / "before"
    before.mkdir(exist_ok=True)
    for name in ("gpio-gateway", "bench-inside"):
        (before / name).unlink(missing_ok=True)
    (before / "gpio-gateway").symlink_to(Path(against).resolve())
    print("\nthe earlier one", end="")
    alone.measure(before, quick)
    earlier = dict(figures)
    figures.clear()
    print("\nthis one", end="")
    alone.measure(folder, quick)
    missed[:] = kept  # of the rows that follow, each has one goal: the earlier figure
    print("\nby itself, beside the earlier one")
    for name, (value, unit) in figures.items():
        if name in earlier and earlier[name][0] > 0:
            compared(name, {"gateway": value, "before": earlier[name][0]}, unit, WORSE, "before")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--without-page", action="store_true", help="no Chromium")
    parser.add_argument("--against", metavar="PROGRAM", help="an earlier gateway to compare with")
    parser.add_argument("folder", nargs="?", type=Path, default=TOP / "build")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    machine()
    bench = Bench(options.folder, options.quick, options.against)
    try:
        requests(bench)
        pushes(bench)
        fan_outs(bench)
        if not options.against:
            others(bench)
    finally:
        bench.close()
    if options.against:
        by_itself_beside(bench, options.against, options.folder, options.quick)
    else:
        alone.measure(options.folder, options.quick)
    if not options.quick and not options.against:
        pwm.measure(str(options.folder / "gpio-gateway"))
        if not options.without_page:
            page.measure(str(options.folder / "gpio-gateway"))
    if missed:
        print("\nmissed: " + ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
