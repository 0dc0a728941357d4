"""Rules by the clock, with conditions and delays, in the real process."""

from __future__ import annotations

import json
import signal
import socket
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Iterator

import pytest
from gateway_process import Gateway, config_with, wait_until

OFF: dict[str, Any] = {"method": "line.set", "line": "red", "value": 0}
ON: dict[str, Any] = {"method": "line.set", "line": "red", "value": 1}
LATE_S = 1.0  # of a rule by the clock, on a machine that has other work


class Runs:
    """One run after another in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway: Gateway | None = None

    def start(self, *rules: dict[str, Any], **circuit: Any) -> Gateway:
        config = config_with({"auth": {"mode": "none"}})
        config["circuit"] |= {"rules": list(rules), **circuit}
        self.gateway = Gateway(self.folder, config).start()
        assert self.gateway.is_ready, self.gateway.log
        return self.gateway


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path / "g")
    yield runs
    if runs.gateway:
        runs.gateway.kill()


def rule_of(gateway: Gateway, name: str) -> dict[str, Any]:
    rules = gateway.get("/api/v1/rules").json["rules"]
    return next(rule for rule in rules if rule["name"] == name)


def ask(gateway: Gateway, name: str, what: str) -> Any:
    return gateway.post(f"/api/v1/rules/{name}/{what}")


def press(gateway: Gateway, line: str = "button", value: int = 1) -> None:
    assert gateway.post(f"/api/v1/simulator/lines/{line}", value).status == 200


def switches(gateway: Gateway) -> int:
    status = Path(f"/proc/{gateway.pid}/status").read_text(encoding="ascii")
    return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])


def test_rule_by_the_clock_is_due_at_its_second(runs: Runs) -> None:
    due = (datetime.now(timezone.utc) + timedelta(seconds=3)).replace(microsecond=0)
    gateway = runs.start({"name": "soon", "when": {"time": due.strftime("%H:%M:%S")}, "do": ON},
                         timezone="UTC")
    assert rule_of(gateway, "soon")["next_at"] == due.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    wait_until(lambda: gateway.value("red") == 1, "light", 8)
    event = gateway.get("/api/v1/history?line=red").json["events"][-1]
    late = datetime.fromisoformat(event["time"].replace("Z", "+00:00")) - due
    assert timedelta() <= late < timedelta(seconds=LATE_S), late
    assert event["source"] == "rule:soon" and event["cause"] == "rule"
    told = rule_of(gateway, "soon")
    assert told["last_result"] == "done" and told["last_at"][:19] == due.isoformat()[:19]
    assert told["next_at"][:10] == (due + timedelta(days=1)).isoformat()[:10]


def test_zone_of_the_config_is_that_of_the_rules(runs: Runs) -> None:
    rule = {"name": "morning", "when": {"time": "06:30"}, "do": ON}
    gateway = runs.start(rule, timezone="Asia/Seoul")
    assert rule_of(gateway, "morning")["next_at"][11:16] == "21:30"
    config = json.loads(gateway.config_path.read_text())
    config["circuit"]["timezone"] = "Asia/Kolkata"
    gateway.write_config(config)
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: rule_of(gateway, "morning")["next_at"][11:16] == "01:00", "other zone")


def test_hundred_rules_and_fifty_delays_wake_up_once_and_in_time(runs: Runs) -> None:
    due = (datetime.now(timezone.utc) + timedelta(seconds=8)).replace(microsecond=0)
    later = [(due + timedelta(minutes=10 + 14 * i)).strftime("%H:%M:%S") for i in range(100)]
    gateway = runs.start(
        {"name": "due", "when": {"time": due.strftime("%H:%M:%S")}, "do": ON},
        *({"name": f"later-{i}", "when": {"time": at}, "do": ON} for i, at in enumerate(later)),
        *({"name": f"delay-{i}", "when": {"line": "button", "edge": "both"}, "after_ms": 600_000,
           "again": "each", "do": {"method": "line.set", "line": "green", "value": 1}}
          for i in range(10)),
        timezone="UTC")
    for i in range(5):
        press(gateway, value=1 - i % 2)
    time.sleep(2.5)  # what the start and the presses leave to do later
    before = switches(gateway)
    time.sleep(3)
    assert datetime.now(timezone.utc) < due, "the start took too long for what is measured here"
    assert switches(gateway) == before
    wait_until(lambda: gateway.value("red") == 1, "the rule that is due", seconds=10)
    changed_at = gateway.get("/api/v1/lines/red").json["changed_at"]
    late_s = (datetime.fromisoformat(changed_at.replace("Z", "+00:00")) - due).total_seconds()
    print(f"late by {late_s * 1000:.0f} ms")
    assert 0 <= late_s < LATE_S


def test_interval_and_start(runs: Runs) -> None:
    gateway = runs.start({"name": "hello", "when": {"start": True}, "do": ON},
                         {"name": "beat", "when": {"every_ms": 100},
                          "do": {"method": "line.toggle", "line": "green"}})
    assert gateway.value("red") == 1
    wait_until(lambda: gateway.get("/api/v1/lines/green").json["edges"] >= 5, "beats")


def test_rule_is_disabled_over_a_restart_and_enabled_again(runs: Runs) -> None:
    rule = {"name": "follow", "when": {"line": "button", "edge": "rising"}, "do": ON}
    gateway = runs.start(rule)
    answer = ask(gateway, "follow", "disable")
    assert answer.status == 200 and answer.json["enabled"] is False
    time.sleep(1.2)
    gateway.kill()
    gateway = runs.start(rule)
    assert rule_of(gateway, "follow")["enabled"] is False
    press(gateway)
    assert gateway.value("red") == 0
    assert ask(gateway, "follow", "enable").json["enabled"] is True
    press(gateway, value=0)
    press(gateway)
    assert gateway.value("red") == 1


def test_rule_is_tried(runs: Runs) -> None:
    gateway = runs.start({"name": "light", "when": {"line": "button", "edge": "rising"},
                          "if": {"line": "motion", "value": 1}, "after_ms": 60000, "do": ON})
    answer = ask(gateway, "light", "run")
    assert answer.status == 200 and answer.json["last_result"] == "done", answer
    assert gateway.value("red") == 1
    gateway.post("/api/v1/lines/red/lock", {"reason": "being repaired"})
    answer = ask(gateway, "light", "run")
    assert answer.status == 409 and answer.json["code"] == "locked"
    told = rule_of(gateway, "light")
    assert told["last_result"] == "locked" and "being repaired" in told["last_detail"]


@pytest.mark.parametrize("what", ["run", "enable", "disable"])
def test_misspelt_rule_gets_the_nearest(runs: Runs, what: str) -> None:
    gateway = runs.start({"name": "garden", "when": {"start": True}, "do": OFF})
    answer = ask(gateway, "gardn", what)
    assert answer.status == 404 and 'did you mean "garden"?' in answer.json["detail"]


def test_every_way_in_has_the_rules(runs: Runs) -> None:
    gateway = runs.start({"name": "light", "when": {"line": "button", "edge": "rising"}, "do": ON})
    with socket.create_connection(gateway.line) as connection:
        lines = connection.makefile("rw", encoding="utf-8", newline="\n")

        def ask_line(text: str) -> str:
            lines.write(text + "\n")
            lines.flush()
            return lines.readline()

        assert ask_line("rule light run").startswith("ok")
        assert ask_line("rule light disable").startswith("ok")
        assert ask_line("rule light").startswith("err bad-request rule RULE run")
        assert ask_line("rule ligt run").startswith("err not-found")
    assert gateway.value("red") == 1
    told = gateway.rpc("rule.list")["result"]["rules"]
    assert [rule["name"] for rule in told] == ["light"] and told[0]["enabled"] is False
    assert gateway.rpc("rule.enable", rule="light")["result"]["enabled"] is True


def test_list_tells_conditions_and_commands_as_the_config_has_them(runs: Runs) -> None:
    condition = {"any": [{"line": "button", "value": 0},
                         {"all": [{"not": {"scene": "garden", "running": True}},
                                  {"from": "22:00", "to": "06:00:30"}, {"line": "red", "value": 1}]},
                         {"line": "motion", "value": 1}]}
    commands = [{"method": "line.blink", "line": "red", "on_ms": 20, "off_ms": 30, "count": 2},
                {"method": "line.pwm", "line": "red", "duty": 0.25, "hz": 50},
                {"method": "line.lock", "line": "red", "reason": "night", "off": True},
                {"method": "line.set", "line": "red", "value": 0, "for_ms": 500},
                {"method": "scene.apply", "scene": "garden"}, {"method": "circuit.off"}]
    told = rule_of(runs.start(
        {"name": "night", "when": {"time": "22:30"}, "if": condition, "after_ms": 1500, "do": commands},
        scenes=[{"name": "garden", "steps": [{"set": {"red": 1}}, {"after_ms": 9, "set": {"red": 0}}]}]),
        "night")
    assert told["if"] == condition and told["after_ms"] == 1500 and told["do"] == commands


def test_what_will_switch_off_does_so_after_a_crash(runs: Runs) -> None:
    """The light that runs on is on when the gateway is killed, and goes off at its time or at once."""
    rules = [{"name": "runs-on", "when": {"line": "button", "edge": "falling"}, "after_ms": 2500,
              "do": OFF},
             {"name": "never", "when": {"line": "button", "edge": "falling"}, "after_ms": 2500,
              "do": {"method": "line.set", "line": "green", "value": 1}}]
    lines = [{**line, "initial": "last"} if line["direction"] == "output" else line
             for line in config_with()["circuit"]["lines"]]
    gateway = runs.start(*rules, lines=lines)
    gateway.put("/api/v1/lines/red/value", 1)
    press(gateway, value=1)
    time.sleep(1.2)  # the value is on the disk
    press(gateway, value=0)
    time.sleep(0.3)  # and so is the promise
    gateway.kill()
    gateway = runs.start(*rules, lines=lines)
    assert gateway.value("red") == 1
    assert rule_of(gateway, "runs-on")["waiting"] == 1
    assert rule_of(gateway, "never")["waiting"] == 0
    wait_until(lambda: gateway.value("red") == 0, "end of the light", 6)
    assert gateway.value("green") == 0


def test_clock_is_told_to_be_set(runs: Runs) -> None:
    gateway = runs.start({"name": "morning", "when": {"time": "06:30"}, "do": ON})
    assert gateway.get("/api/v1/rules").json["clock_is_set"] is True
