#!/usr/bin/env python3
"""Changes without end, by clients that come, go, sleep, stall and misbehave, over reloads and hand-overs. After each
round everybody falls silent: what each client has seen must be what the gateway says, and once they have gone, the
gateway's descriptors and memory must be what they were.

    soak.py [--seconds 60 | --hours 1] [--clients 40] [--watchers 160] [--writers 4] PROGRAM

`--watchers` of them, and who changes most, are those of soak-watch (watch.c, beside PROGRAM), which cost little: each of
their events must be the one behind the last. The others are those of clients.py.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from clients import VIEWS, Stopped, Way, misbehave, writer  # noqa: E402

TOP = Path(__file__).resolve().parents[2]
ROUND_S = 10.0
CATCH_UP_S = 20.0
RELOAD_S = 2.0
JOURNAL_EVENTS = 4096  # soon full, so that it neither grows nor spares those who stall a snapshot
MEMORY_SLACK_KB = 4096  # of what a round may leave: the allocator's fragments
LINES = [{"name": f"out{i}", "direction": "output", "initial": "last"} for i in range(8)]
LINES += [{"name": f"in{i}", "direction": "input"} for i in range(4)]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Gateway:
    """The process, and each that takes over from it: the same folder, the same ports."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder
        self.http, self.line, self.datagram = free_ports(3)
        self.process: asyncio.subprocess.Process | None = None
        self.reloads = self.handovers = 0
        self.environment = {key: value for key, value in os.environ.items() if not key.endswith("_DIRECTORY")}
        self.environment |= {"XDG_STATE_HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        self.write_config()

    def write_config(self) -> None:
        """Every second one has another line."""
        lines = LINES + [{"name": "other", "direction": "output"}] * (self.reloads % 2)
        config = {"circuit": {"lines": lines}, "gpio": {"backend": "simulator"}, "history": {"file": True},
                  "listen": {"http": [f"127.0.0.1:{self.http}"], "line": [f"tcp:127.0.0.1:{self.line}"],
                             "datagram": [f"udp:127.0.0.1:{self.datagram}"]},
                  "limits": {"connections": 1000, "connections_per_peer": 900, "journal_events": JOURNAL_EVENTS}}
        (self.folder / "gateway.json").write_text(json.dumps(config), encoding="utf-8")

    async def start(self) -> None:
        with open(self.folder / "log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.program, "serve", "--config", str(self.folder / "gateway.json"), "--www", str(TOP / "www"),
                cwd=TOP, env=self.environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=log)
        assert self.process.stdout
        async for line in self.process.stdout:
            if line == b"ready\n":
                return
        raise RuntimeError(f"the gateway did not start: {self.log()}")

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-3000:]

    async def token(self) -> str:
        shown = await asyncio.create_subprocess_exec(self.program, "token", "show", env=self.environment,
                                                     stdout=asyncio.subprocess.PIPE)
        out, _ = await shown.communicate()
        return next(line.split()[1] for line in out.decode().splitlines() if line.startswith("operator "))

    def reload(self) -> None:
        assert self.process
        self.reloads += 1
        self.write_config()
        self.process.send_signal(signal.SIGHUP)

    async def hand_over(self) -> None:
        assert self.process
        self.handovers += 1
        self.process.send_signal(signal.SIGUSR2)
        status = await asyncio.wait_for(self.process.wait(), 10)
        assert status == 75, f"a hand-over ended with {status}: {self.log()}"
        await self.start()

    async def stop(self) -> None:
        assert self.process
        self.process.terminate()
        status = await asyncio.wait_for(self.process.wait(), 10)
        assert status == 0, f"the end had status {status}: {self.log()}"

    def check(self) -> None:
        assert self.process
        assert self.process.returncode is None, f"it has ended with {self.process.returncode}: {self.log()}"

    def descriptors(self) -> int:
        assert self.process
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def open_files(self) -> str:
        """What each descriptor is."""
        assert self.process
        folder = Path(f"/proc/{self.process.pid}/fd")
        found = []
        for each in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.append(f"{each.name}={os.readlink(each)}")
        return ", ".join(sorted(found))

    def resident_kb(self) -> int:
        assert self.process
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:"))


class Watchers:
    """A run of soak-watch."""

    def __init__(self, program: Path, count: int) -> None:
        self.program, self.count = program, count
        self.process: asyncio.subprocess.Process | None = None
        self.arrivals = self.messages = 0

    async def start(self, way: Way, writers: int) -> None:
        self.process = await asyncio.create_subprocess_exec(
            str(self.program), str(way.http), str(way.line), way.token, str(self.count), str(writers),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)

    async def ask(self, command: str) -> str:
        assert self.process and self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{command}\n".encode())
        answer = (await asyncio.wait_for(self.process.stdout.readline(), 20)).decode().strip()
        assert answer and not answer.startswith("wrong"), answer
        return answer

    async def see(self, circuit: dict[str, Any]) -> str:
        """Empty when all of them see this, else who does not."""
        values = " ".join(f"{line['name']}={line['value']}" for line in circuit["lines"])
        answer = await self.ask(f"check {circuit['seq']} {values}")
        if not answer.startswith("right"):
            return answer
        counts = dict(word.split("=") for word in answer.split()[1:])
        self.arrivals, self.messages = int(counts["arrivals"]), int(counts["messages"])
        return ""

    async def stop(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            await self.process.wait()


class Soak:
    def __init__(self, gateway: Gateway, way: Way, clients: int, watchers: Watchers) -> None:
        self.gateway, self.way, self.clients, self.watchers = gateway, way, clients, watchers
        self.rounds = self.changes = self.compared = 0
        self.began_at = 0
        self.descriptors = self.first_kb = self.last_kb = 0

    async def run(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        length = min(ROUND_S, seconds / 5)
        while self.rounds < 3 or time.monotonic() < ends:
            # The last process stands for two rounds at least, so that its memory can be compared.
            fresh = self.rounds == 0 or (self.rounds % 3 == 1 and time.monotonic() + 2 * length < ends)
            await self.round(length, hands_over=fresh and self.rounds > 0)
            await self.measure(fresh)
            self.rounds += 1

    async def round(self, seconds: float, hands_over: bool) -> None:
        self.way.begin()
        views = [VIEWS[number % len(VIEWS)](self.way, number) for number in range(self.clients)]
        tasks = [asyncio.create_task(view.run()) for view in views]
        tasks += [asyncio.create_task(writer(self.way, number)) for number in range(3)]
        tasks += [asyncio.create_task(misbehave(self.way, number)) for number in range(8)]
        await self.watchers.ask("go")
        began = time.monotonic()
        handed_over = not hands_over
        while time.monotonic() < began + seconds:
            await asyncio.sleep(min(RELOAD_S, seconds / 3))
            self.gateway.check()
            if not handed_over and time.monotonic() > began + seconds / 2:
                handed_over = True
                await self.gateway.hand_over()
            self.gateway.reload()
        self.way.is_loud = False
        await self.watchers.ask("quiet")
        await self.compare(views)
        self.way.ends = True
        await self.watchers.ask("stop")
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, (OSError, EOFError, Stopped)):
                raise result
        self.way.abort()

    async def compare(self, views: list[Any]) -> None:
        """Everybody's view is the gateway's."""
        deadline = time.monotonic() + CATCH_UP_S
        while True:
            await asyncio.sleep(0.2)
            circuit = await self.way.circuit()
            truth = {line["name"]: line["value"] for line in circuit["lines"]}
            wrong = [view for view in views if view.values != truth]
            other = "" if wrong else await self.watchers.see(circuit)
            if not wrong and not other and circuit["seq"] == (await self.way.circuit())["seq"]:
                self.compared += len(views) + self.watchers.count
                self.changes = circuit["seq"] - self.began_at  # a hand-over goes on counting
                return
            assert time.monotonic() < deadline, other or \
                f"{len(wrong)} of {len(views)} see what is not: {wrong[0]}: {wrong[0].values} and not {truth}"

    async def measure(self, fresh: bool) -> None:
        """Once all have gone."""
        deadline = time.monotonic() + 10
        first = self.descriptors or self.gateway.descriptors()
        while self.descriptors and self.gateway.descriptors() > self.descriptors:
            assert time.monotonic() < deadline, \
                f"{self.gateway.descriptors()} descriptors, {first} at the beginning: {self.gateway.open_files()}"
            await asyncio.sleep(0.1)
        self.gateway.check()
        self.last_kb = self.gateway.resident_kb()
        if fresh:
            self.first_kb = self.last_kb
        assert self.last_kb <= self.first_kb + MEMORY_SLACK_KB, f"{self.first_kb} kB became {self.last_kb}"


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--watchers", type=int, default=160)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("program")
    options = parser.parse_args()
    random.seed(12)
    with tempfile.TemporaryDirectory(prefix="gpio-gateway-soak-") as folder:
        gateway = Gateway(str(Path(options.program).resolve()), Path(folder))
        await gateway.start()
        way = Way(gateway.http, gateway.line, gateway.datagram, await gateway.token())
        watchers = Watchers(Path(options.program).resolve().parent / "soak-watch", options.watchers)
        await watchers.start(way, options.writers)
        soak = Soak(gateway, way, options.clients, watchers)
        soak.began_at = (await way.circuit())["seq"]
        await asyncio.sleep(0.5)
        soak.descriptors = gateway.descriptors()
        began = time.monotonic()
        try:
            await soak.run(options.hours * 3600 if options.hours else options.seconds)
            await watchers.stop()
            await gateway.stop()
        finally:
            if watchers.process and watchers.process.returncode is None:
                watchers.process.kill()
            if gateway.process and gateway.process.returncode is None:
                gateway.process.kill()
                await gateway.process.wait()
    seconds = time.monotonic() - began
    print(f"{soak.changes} changes in {seconds:.0f} s ({soak.changes / seconds:.0f} a second); {options.clients} + "
          f"{options.watchers} clients, who came {way.arrivals} + {watchers.arrivals} times and were right "
          f"{soak.compared} times of {soak.compared}, {watchers.messages} messages in their order; {way.misdeeds} misdeeds, "
          f"{gateway.reloads} reloads, {gateway.handovers} hand-overs; descriptors {soak.descriptors} as at the "
          f"beginning, memory {soak.first_kb} kB after the last process's first round, {soak.last_kb} kB at the end")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
