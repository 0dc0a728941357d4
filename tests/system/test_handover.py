"""SIGUSR2: the gateway stores what runs, closes its clients, and exits with 75; the next process goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import PROGRAM, Gateway
from raw_http import EventStream
from raw_websocket import RawWebSocket

HANDED_OVER = 75  # EX_TEMPFAIL of sysexits.h, and RestartForceExitStatus= of the unit

LAST: list[dict[str, Any]] = [
    {"name": name, "gpio": f"GPIO{number}", "direction": "output", "initial": "last", "safe": 0}
    for number, name in enumerate(("red", "green", "blue"), 17)]


def hand_over(gateway: Gateway) -> None:
    assert gateway.stop(signal.SIGUSR2) == HANDED_OVER


def test_handover_stores_what_runs_and_the_next_process_goes_on(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=LAST)
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/lines/green/pulse", {"ms": 60000})
    gateway.post("/api/v1/lines/blue/pwm", {"duty": 0.25})
    gateway.post("/api/v1/lines/red/lock", {"reason": "by hand"})
    ends = gateway.get("/api/v1/lines/green").json["action"]["ends_at"]
    hand_over(gateway)
    gateway = start_gateway(lines=LAST, folder=gateway.folder)
    red, green, blue = (gateway.get(f"/api/v1/lines/{name}").json
                        for name in ("red", "green", "blue"))
    assert (red["value"], red["lock"]["reason"]) == (1, "by hand")
    assert (green["value"], green["action"]["kind"]) == (1, "pulse")
    assert green["action"]["ends_at"][:18] == ends[:18]
    assert blue["pwm"]["duty"] == 0.25


def test_handover_makes_no_event_while_an_end_in_order_would(start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=LAST)
    gateway.put("/api/v1/lines/red/value", 1)
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.process.send_signal(signal.SIGUSR2)
        assert client.read_close() == 1001
    assert gateway.process.wait(2) == HANDED_OVER


def test_program_that_runs_unwinds_in_the_next_process(start_gateway: StartGateway) -> None:
    scene = {"name": "show", "steps": [{"set": {"red": 1}}, {"after_ms": 60000, "set": {"red": 0}}]}
    changes = {"circuit": {"scenes": [scene]}}
    gateway = start_gateway(changes, lines=LAST)
    gateway.post("/api/v1/scenes/show")
    assert gateway.get("/api/v1/lines/red").json["value"] == 1
    hand_over(gateway)
    gateway = start_gateway(changes, lines=LAST, folder=gateway.folder)
    assert gateway.get("/api/v1/lines/red").json["value"] == 0


def test_event_streams_and_text_connections_end_in_order(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    with EventStream(gateway) as stream, socket.create_connection(gateway.line, 5) as text:
        text.sendall(f"auth {gateway.token}\n".encode())
        assert text.recv(100)
        gateway.process.send_signal(signal.SIGUSR2)
        rest = text.recv(100)
        while rest:  # a reset would be an exception
            rest = text.recv(100)
        assert stream.connection.read_to_end().endswith(b": the gateway ends\n\n")
    assert gateway.process.wait(2) == HANDED_OVER


def test_client_that_does_not_answer_delays_it_by_less_than_half_a_second(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as client:
        client.snapshot()
        begun = time.monotonic()
        hand_over(gateway)
        assert time.monotonic() - begun < 0.8


def test_second_signal_changes_nothing_and_sigterm_still_makes_outputs_safe(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway(lines=LAST)
    gateway.put("/api/v1/lines/red/value", 1)
    with RawWebSocket(gateway) as client:
        client.snapshot()
        gateway.process.send_signal(signal.SIGUSR2)
        gateway.process.send_signal(signal.SIGUSR2)
        assert gateway.stop(signal.SIGTERM) in (0, HANDED_OVER)
    assert "hand-over begins" in gateway.log
    assert gateway.log.count("hand-over begins") == 1


def test_client_that_comes_back_with_its_cursor_misses_no_event(
        start_gateway: StartGateway) -> None:
    gateway = start_gateway({"history": {"file": True}}, lines=LAST)
    for value in (1, 0, 1):
        gateway.put("/api/v1/lines/green/value", value)
    with RawWebSocket(gateway) as client:
        snapshot = client.snapshot()
        cursor = f'{snapshot["boot"]}-{snapshot["seq"]}'
        client.send(8, b"\x03\xe8")
    for value in (1, 0, 1):
        gateway.put("/api/v1/lines/red/value", value)
    hand_over(gateway)
    gateway = start_gateway({"history": {"file": True}}, lines=LAST, folder=gateway.folder)
    gateway.put("/api/v1/lines/red/value", 0)
    with RawWebSocket(gateway, f"/ws?since={cursor}") as client:
        events = [client.event() for _ in range(7)]
    assert [event["seq"] for event in events] == list(
        range(snapshot["seq"] + 1, snapshot["seq"] + 8))
    assert [event["value"] for event in events if event["cause"] == "set"] == [1, 0, 1, 0]
    assert [event["line"] for event in events if event["cause"] == "start"] == [
        "red", "green", "blue"]
    with EventStream(gateway, f"/api/v1/events?since={cursor}") as stream:
        assert [stream.next_event()["seq"] for _ in range(7)] == [event["seq"] for event in events]
    assert not (gateway.state / "journal.json").exists()


def test_history_file_has_each_event_once(start_gateway: StartGateway) -> None:
    changes = {"history": {"file": True}}
    gateway = start_gateway(changes, lines=LAST)
    gateway.put("/api/v1/lines/red/value", 1)
    for _ in range(2):
        hand_over(gateway)
        gateway = start_gateway(changes, lines=LAST, folder=gateway.folder)
    gateway.put("/api/v1/lines/red/value", 0)
    assert gateway.stop() == 0
    found = [json.loads(line) for path in gateway.state.glob("history*")
             for line in path.read_text(encoding="utf-8").splitlines()]
    seen = [event["seq"] for event in found if "seq" in event]
    assert sorted(seen) == list(range(1, max(seen) + 1))
    assert len({event["boot"] for event in found}) == 1


@pytest.mark.parametrize("text", [
    "{", "[]", '{"boot":"x","before":0,"events":[]}', '{"boot":"9f3c61d2","before":-1,"events":[]}',
    '{"boot":"9f3c61d2","before":0,"events":[[1]]}', '{"boot":"9f3c61d2","before":0,"events":[null]}'])
def test_damaged_journal_begins_a_run_of_its_own(start_gateway: StartGateway, text: str) -> None:
    gateway = start_gateway(lines=LAST)
    hand_over(gateway)
    (gateway.state / "journal.json").write_text(text, encoding="utf-8")
    gateway = start_gateway(lines=LAST, folder=gateway.folder)
    with RawWebSocket(gateway) as client:
        snapshot = client.snapshot()
    assert (snapshot["boot"] != "9f3c61d2", snapshot["seq"]) == (True, 3)
    assert not (gateway.state / "journal.json").exists()


# ---- gpio-gateway handover ----

SYSTEMCTL = """#!/bin/sh
# A systemctl of a machine with one service, whose process is in the file `pid`.
[ "$1" = show ] || exit 2
echo "MainPID=$(cat {folder}/pid)"
echo "ActiveState=active"
echo "RestartForceExitStatus={restarts}"
echo "FileDescriptorStoreMax={kept}"
"""


def with_systemctl(gateway: Gateway, restarts: str = "75", kept: int = 64) -> None:
    folder = gateway.folder / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "pid").write_text(str(gateway.pid), encoding="utf-8")
    script = folder / "systemctl"
    script.write_text(SYSTEMCTL.format(folder=folder, restarts=restarts, kept=kept),
                      encoding="utf-8")
    script.chmod(0o755)
    gateway.environment["PATH"] = f"{folder}:{os.environ['PATH']}"


def test_command_hands_over_a_process_by_its_number(gateway: Gateway) -> None:
    done = gateway.run("handover", "--pid", str(gateway.pid))
    assert done.returncode == 0, done.stderr
    assert f"process {gateway.pid} has ended" in done.stdout
    assert gateway.process.wait(2) == HANDED_OVER


def test_command_finds_the_service_and_waits_for_the_next_process(
        start_gateway: StartGateway) -> None:
    old = start_gateway()
    with_systemctl(old)
    asking = subprocess.Popen([old.program, "handover"], env=old.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert old.process.wait(5) == HANDED_OVER
    assert asking.poll() is None
    new = start_gateway(folder=old.folder)
    (old.folder / "bin" / "pid").write_text(str(new.pid), encoding="utf-8")
    said, errors = asking.communicate(timeout=10)
    assert asking.returncode == 0, errors
    assert said == f"handed over: process {old.pid} has ended, {new.pid} goes on\n"


def test_bad_config_leaves_the_old_process_alone_and_says_why(gateway: Gateway) -> None:
    gateway.config_path.write_text('{"circuit": {"name": "x", "lines": [}', encoding="utf-8")
    with_systemctl(gateway)
    refused = gateway.run("handover")
    assert refused.returncode == 78
    assert "the old process goes on; mend" in refused.stderr
    assert str(gateway.config_path) in refused.stderr
    assert gateway.get("/api/v1/lines").status == 200


@pytest.mark.parametrize(("restarts", "kept", "lack"), [
    ("", 64, "RestartForceExitStatus=75"), ("75", 0, "FileDescriptorStoreMax=64")])
def test_unit_that_would_let_go_of_the_outputs_is_refused(
        gateway: Gateway, restarts: str, kept: int, lack: str) -> None:
    with_systemctl(gateway, restarts, kept)
    refused = gateway.run("handover")
    assert (refused.returncode, lack in refused.stderr) == (1, True), refused.stderr
    assert gateway.get("/api/v1/lines").status == 200


def test_nothing_to_hand_over_is_69_with_the_remedy(gateway: Gateway) -> None:
    with_systemctl(gateway)
    (gateway.folder / "bin" / "pid").write_text("0", encoding="utf-8")
    stopped = gateway.run("handover")
    assert (stopped.returncode, "systemctl start" in stopped.stderr) == (69, True)
    gateway.environment["PATH"] = str(gateway.folder / "empty")
    without = gateway.run("handover")
    assert (without.returncode, "--pid" in without.stderr) == (69, True)


def test_if_outdated_spares_a_process_that_runs_this_very_program(
        start_gateway: StartGateway, tmp_path: Path) -> None:
    copy = tmp_path / "gpio-gateway"
    shutil.copy2(PROGRAM, copy)
    gateway = start_gateway(program=str(copy))
    with_systemctl(gateway)
    spared = gateway.run("handover", "--if-outdated")
    assert (spared.returncode, spared.stdout + spared.stderr) == (0, "")
    assert gateway.get("/api/v1/lines").status == 200
    replaced = tmp_path / "new"
    shutil.copy2(PROGRAM, replaced)
    replaced.rename(copy)  # as dpkg does
    asking = subprocess.Popen([copy, "handover", "--if-outdated"], env=gateway.environment)
    assert gateway.process.wait(5) == HANDED_OVER
    asking.kill()
    asking.wait()


def test_if_outdated_says_nothing_where_no_gateway_runs(gateway: Gateway) -> None:
    with_systemctl(gateway)
    (gateway.folder / "bin" / "pid").write_text("0", encoding="utf-8")
    done = gateway.run("handover", "--if-outdated")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_process_that_is_no_gateway_gets_no_signal(gateway: Gateway) -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        refused = gateway.run("handover", "--config", str(gateway.config_path),
                              "--pid", str(other.pid))
        assert refused.returncode == 69
        assert "is no gpio-gateway" in refused.stderr
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("words", [("--pid", "0"), ("--pid", "x"), ("--pdi", "1"), ("now",),
                                   ("--config",)])
def test_misspelt_words_of_handover_are_wrong_usage(gateway: Gateway, words: tuple[str]) -> None:
    refused = gateway.run("handover", *words)
    assert refused.returncode == 2
    assert "handover" in refused.stderr
