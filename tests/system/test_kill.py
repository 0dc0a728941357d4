"""The gateway is killed at random moments under a mixed load. The pins are simulated and start low, so that
an output that is on afterwards was switched on because the state folder says so.

GATEWAY_KILLS sets how often; each kill takes about a sixth of a second.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from gateway_process import Gateway, config_with, wait_until

KILLS = int(os.environ.get("GATEWAY_KILLS", "40"))
DURABLE_S = 0.2  # off is on the disk within 50 ms of its answer; the disk of a test may be busy

NAMES = ("steady", "pulsed", "leased", "program", "dimmed", "delayed")
LINES: list[dict[str, Any]] = [
    {"name": name, "gpio": f"GPIO{17 + i}", "direction": "output", "initial": "last"}
    for i, name in enumerate(NAMES)]
SCENES = [{"name": "water", "again": "restart",
           "steps": [{"set": {"program": 1}}, {"after_ms": 5000, "set": {"program": 0}}]}]


RULES = [{"name": "off", "when": {"line": "delayed", "edge": "rising"}, "after_ms": 60,
          "do": {"method": "line.set", "line": "delayed", "value": 0}}]


class Runs:
    """One run after another with the same config and state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = config_with({"auth": {"mode": "none"}}, LINES)
        self.config["circuit"] |= {"scenes": SCENES, "rules": RULES}
        self.gateway = Gateway(folder, self.config).start()

    def kill(self) -> None:
        self.gateway.kill()

    def start(self) -> Gateway:
        self.gateway = Gateway(self.folder, self.config).start()
        return self.gateway


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path / "g")
    yield runs
    runs.kill()


def load(gateway: Gateway, chance: random.Random) -> dict[str, float]:
    """Some commands. Answers when each line was last commanded off, or went off by itself, whatever the
    disk has, by the monotonic clock; a pulse or a lease that the disk does not have yet is off, too."""
    off: dict[str, float] = {}
    for _ in range(chance.randint(1, 6)):
        name = chance.choice(NAMES)
        path = f"/api/v1/lines/{name}"
        if chance.random() < 0.5:
            gateway.put(f"{path}/value", 0)
            off[name] = time.monotonic() + DURABLE_S
            continue
        off.pop(name, None)
        if name == "steady":
            gateway.put(f"{path}/value", 1)
        elif name == "pulsed":
            gateway.post(f"{path}/pulse", {"ms": 60})
            off[name] = time.monotonic() + 0.06
        elif name == "leased":
            gateway.put(f"{path}/value", {"value": 1, "lease_ms": 50})
            off[name] = time.monotonic() + 0.05
        elif name == "delayed":
            gateway.put(f"{path}/value", 1)
            off[name] = time.monotonic() + 0.06
        elif name == "program":
            gateway.post("/api/v1/scenes/water")
            off[name] = 0.0  # a kill unwinds it, or it never was on
        else:
            gateway.post(f"{path}/pwm", {"duty": 0.4, "hz": 50})
    return off


def test_no_output_is_on_after_a_kill_that_was_commanded_off_or_had_ended(runs: Runs) -> None:
    seed = int(os.environ.get("GATEWAY_SEED", "20261122"))
    chance = random.Random(seed)
    for kill in range(KILLS):
        off = load(runs.gateway, chance)
        time.sleep(chance.random() * 0.12)
        killed_at = time.monotonic()
        runs.kill()
        store = runs.gateway.state / "lines.json"
        assert not store.exists() or json.loads(store.read_text())["version"] == 2
        gateway = runs.start()
        assert not list(gateway.state.glob("*.bad")), "a damaged state file"
        started_at = time.monotonic()
        lines = {line["name"]: line for line in gateway.get("/api/v1/lines").json["lines"]}
        for name, at in off.items():
            # Before `at` an earlier command may count, and what was stored of it.
            if at < killed_at and started_at > at:
                assert lines[name]["value"] == 0, (seed, kill, name, off, lines[name])
        dimmed = lines["dimmed"]
        assert not dimmed["value"] or dimmed["pwm"]["duty"] == 0.4, (seed, kill, dimmed)


def test_lock_outlives_kill_and_end(runs: Runs) -> None:
    runs.gateway.post("/api/v1/lines/steady/lock", {"reason": "maintenance"})
    store = runs.gateway.state / "lines.json"
    wait_until(lambda: store.exists() and "maintenance" in store.read_text(), "the stored lock")
    for end in (runs.kill, lambda: runs.gateway.stop()):
        end()
        refused = runs.start().put("/api/v1/lines/steady/value", 1)
        assert refused.status == 409 and "maintenance" in refused.json["detail"]


def test_pulse_goes_on_after_a_kill_until_its_time(runs: Runs) -> None:
    runs.gateway.post("/api/v1/lines/pulsed/pulse", {"ms": 2500})
    ends_at = time.monotonic() + 2.5
    time.sleep(1.2)
    runs.kill()
    gateway = runs.start()
    line = gateway.get("/api/v1/lines/pulsed").json
    assert line["value"] == 1 and line["action"]["kind"] == "pulse"
    time.sleep(max(0.0, ends_at - time.monotonic()) + 0.1)
    assert gateway.get("/api/v1/lines/pulsed").json["value"] == 0


def test_store_of_another_version_is_kept_aside_and_told(runs: Runs) -> None:
    runs.gateway.stop()
    store = runs.gateway.state / "lines.json"
    store.parent.mkdir(exist_ok=True)
    store.write_text('{"version": 99, "lines": {}}')
    store.chmod(0o600)
    gateway = runs.start()
    assert store.with_suffix(".json.bad").read_text().startswith('{"version": 99')
    assert "lines.json" in gateway.log
