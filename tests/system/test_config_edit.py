"""The circuit's file over REST: checked, written, reloaded, undone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from gateway_process import LINES, Answer, Gateway, config_with
from jsonschema import Draft202012Validator

CONFIG = "/api/v1/config"
BLUE: dict[str, Any] = {"name": "blue", "part": "led", "gpio": "GPIO24", "direction": "output"}


def as_admin(gateway: Gateway) -> Gateway:
    """Requests without a token of their own are the admin's."""
    gateway.tokens["was_operator"] = gateway.tokens["operator"]
    gateway.tokens["operator"] = gateway.tokens["admin"]
    return gateway


@pytest.fixture
def gateway(start_gateway: Any) -> Gateway:
    return as_admin(start_gateway())


def text_of(gateway: Gateway) -> str:
    return gateway.config_path.read_text(encoding="utf-8")


def with_blue(gateway: Gateway) -> str:
    """The file with a line more, and a comment."""
    config = json.loads(text_of(gateway))
    config["circuit"]["lines"].append(BLUE)
    return json.dumps({"//": "by hand", **config}, indent=1)


def put(gateway: Gateway, text: str, etag: str | None = "*", **more: Any) -> Answer:
    headers = {"Content-Type": "application/json"}
    if etag is not None:
        headers["If-Match"] = etag
    return gateway.put(CONFIG, text.encode(), headers={**headers, **more.pop("headers", {})}, **more)


def test_file_is_read_as_it_stands_with_its_tag(gateway: Gateway) -> None:
    answer = gateway.get(CONFIG)
    assert answer.text == text_of(gateway)
    assert answer.headers["ETag"].startswith('"')
    again = gateway.get(CONFIG, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


def test_dry_run_tells_what_would_change_and_changes_nothing(gateway: Gateway) -> None:
    before = text_of(gateway)
    answer = gateway.put(CONFIG + "?dry_run=1", with_blue(gateway).encode(),
                         headers={"Content-Type": "application/json"})
    assert answer.status == 200 and answer.json["ok"] is True
    assert {"line": "blue", "is": "added"} in answer.json["changes"]
    assert {"line": "red", "is": "kept"} in answer.json["changes"]
    assert text_of(gateway) == before
    assert gateway.get("/api/v1/lines/blue").status == 404


def test_change_is_written_and_taken_at_once(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    text = with_blue(gateway)
    answer = put(gateway, text, gateway.get(CONFIG).headers["ETag"])
    assert answer.status == 200, answer.text
    assert answer.headers["ETag"] == answer.json["etag"] == gateway.get(CONFIG).headers["ETag"]
    assert text_of(gateway) == text, "comments and the order of keys are as they were sent"
    assert gateway.put("/api/v1/lines/blue/value", 1).status == 200
    assert gateway.value("red") == 1, "a line that stays keeps its value"


def renamed(gateway: Gateway) -> str:
    """The file with the line red called rot."""
    config = json.loads(text_of(gateway))
    for line in config["circuit"]["lines"]:
        if line["name"] == "red":
            line |= {"name": "rot", "was": "red"}
    return json.dumps(config)


def test_a_rename_is_told_and_keeps_value_and_lock(gateway: Gateway) -> None:
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/lines/red/lock", {"reason": "repair"})
    before = gateway.get("/api/v1/lines/red").json
    answer = put(gateway, renamed(gateway))
    assert answer.status == 200, answer.text
    assert {"line": "rot", "is": "renamed", "was": "red"} in answer.json["changes"]
    assert not [change for change in answer.json["changes"] if change["is"] in ("added", "removed")]
    assert gateway.get("/api/v1/lines/red").status == 404
    after = gateway.get("/api/v1/lines/rot").json
    for member in ("value", "seq", "edges", "lock", "changed_at"):
        assert after[member] == before[member], member
    assert gateway.get(CONFIG + "/versions").json["versions"][0]["summary"] == "rot renamed"


def test_a_rename_while_the_gateway_is_down_keeps_what_is_stored(start_gateway: Any,
                                                                 tmp_path: Path) -> None:
    lines = [{"name": "red", "gpio": "GPIO5", "direction": "output", "initial": "last"}]
    first = start_gateway(lines=lines, folder=tmp_path / "kept")
    first.put("/api/v1/lines/red/value", 1)
    first.post("/api/v1/lines/red/lock", {"reason": "repair"})
    edges = first.get("/api/v1/lines/red").json["edges"]
    assert first.stop() == 0
    lines = [{**lines[0], "name": "rot", "was": "red"}]
    for _ in range(2):
        second = start_gateway(lines=lines, folder=tmp_path / "kept")
        rot = second.get("/api/v1/lines/rot").json
        assert (rot["value"], rot["lock"]["reason"]) == (1, "repair")
        assert rot["edges"] >= edges
        assert second.stop() == 0


def test_mode_of_the_file_stays(gateway: Gateway) -> None:
    gateway.config_path.chmod(0o640)
    assert put(gateway, with_blue(gateway)).status == 200
    assert gateway.config_path.stat().st_mode & 0o777 == 0o640


def test_link_stays_and_its_target_is_replaced(gateway: Gateway) -> None:
    target = gateway.config_path.with_name("target.json")
    gateway.config_path.rename(target)
    gateway.config_path.symlink_to(target)
    text = with_blue(gateway)
    assert put(gateway, text).status == 200
    assert gateway.config_path.is_symlink() and target.read_text(encoding="utf-8") == text


def test_change_of_another_version_is_refused(gateway: Gateway) -> None:
    old = gateway.get(CONFIG).headers["ETag"]
    assert put(gateway, with_blue(gateway), old).status == 200
    text = text_of(gateway)
    answer = put(gateway, json.dumps(config_with()), old)
    assert answer.status == 412 and answer.json["code"] == "conflict"
    assert text_of(gateway) == text


def test_change_without_a_tag_is_refused(gateway: Gateway) -> None:
    assert put(gateway, with_blue(gateway), None).status == 428
    assert gateway.get("/api/v1/lines/blue").status == 404


def test_every_error_is_told_with_its_place(gateway: Gateway) -> None:
    config = json.loads(text_of(gateway))
    config["circuit"]["lines"][1]["max_on_ms"] = -1
    config["circuit"]["lines"][2]["part"] = "lamp"
    answer = put(gateway, json.dumps(config))
    assert answer.status == 422 and answer.json["code"] == "bad-config"
    assert [error["path"] for error in answer.json["errors"]] == [
        "circuit.lines[1].max_on_ms", "circuit.lines[2].part"]
    assert all(error["message"] for error in answer.json["errors"])


def test_text_that_is_no_json_is_told_with_line_and_column(gateway: Gateway) -> None:
    answer = put(gateway, '{\n "circuit": }')
    assert answer.status == 400 and answer.json["code"] == "bad-request"
    assert "line 2, column 13" in answer.json["detail"]
    assert put(gateway, "{}", headers={"Content-Type": "text/plain"}).status == 415


def test_config_may_be_longer_than_any_other_request(start_gateway: Any) -> None:
    gateway = as_admin(start_gateway({"limits": {"request_bytes": 256}}))
    config = {"//": "x" * 500_000, **json.loads(text_of(gateway))}
    assert put(gateway, json.dumps(config)).status == 200
    assert put(gateway, json.dumps({**config, "//": "x" * 1_100_000})).status == 413


def test_undo_goes_back_and_can_be_undone(gateway: Gateway) -> None:
    first, second = text_of(gateway), with_blue(gateway)
    assert gateway.post(CONFIG + "/undo").status == 409, "there is nothing before the first"
    put(gateway, second)
    assert gateway.post(CONFIG + "/undo").status == 200
    assert text_of(gateway) == first and gateway.get("/api/v1/lines/blue").status == 404
    assert gateway.post(CONFIG + "/undo").status == 200
    assert text_of(gateway) == second and gateway.get("/api/v1/lines/blue").status == 200
    assert gateway.post(CONFIG + "/undo", headers={"If-Match": '"other"'}).status == 412


def test_undo_of_a_rename_keeps_value_lock_and_count(start_gateway: Any) -> None:
    water = {"name": "water", "gpio": "GPIO6", "direction": "input", "counter": {}}
    gateway = as_admin(start_gateway(lines=[*LINES, water]))
    gateway.put("/api/v1/lines/red/value", 1)
    gateway.post("/api/v1/lines/red/lock", {"reason": "being repaired"})
    for value in (1, 0, 1):
        gateway.post("/api/v1/simulator/lines/water", value)
    seq = gateway.circuit()["seq"]
    config = json.loads(text_of(gateway))
    for line, name in ((config["circuit"]["lines"][0], "lamp"),
                       (config["circuit"]["lines"][-1], "meter")):
        line.update(name=name, was=line["name"])
    assert put(gateway, json.dumps(config)).status == 200
    for names, olds in ((("red", "water"), ("lamp", "meter")), (("lamp", "meter"), ("red", "water")),
                        (("red", "water"), ("lamp", "meter"))):
        answer = gateway.post(CONFIG + "/undo")
        for name, old in zip(names, olds):
            assert {"line": name, "is": "renamed", "was": old} in answer.json["changes"]
        lamp, meter = (gateway.get(f"/api/v1/lines/{name}").json for name in names)
        assert lamp["value"] == 1 and lamp["lock"]["reason"] == "being repaired"
        assert meter["count"] == 2 and meter["edges"] == 3
    assert gateway.circuit()["seq"] == seq, "no pin has moved"
    put(gateway, text_of(gateway).replace('"red"', '"blue"'))  # another name without `was`
    assert gateway.get("/api/v1/lines/blue").json["value"] == 0
    folder = gateway.folder
    gateway.stop()
    again = as_admin(start_gateway(folder=folder, lines=[*LINES, water]))
    assert again.get("/api/v1/lines/water").json["count"] == 2


def test_versions_say_who_changed_what(gateway: Gateway) -> None:
    etag = gateway.get(CONFIG).headers["ETag"]
    size = len(text_of(gateway).encode())
    put(gateway, with_blue(gateway))
    [version] = gateway.get(CONFIG + "/versions").json["versions"]
    assert version["etag"] == etag and version["bytes"] == size
    assert version["summary"] == "blue added" and version["source"].startswith("http:")
    assert version["time"].endswith("Z") and version["role"]


def test_ten_versions_are_kept(gateway: Gateway) -> None:
    for number in range(12):
        config = {**json.loads(text_of(gateway)), "//": number}
        assert put(gateway, json.dumps(config)).status == 200
    versions = gateway.get(CONFIG + "/versions").json["versions"]
    assert len(versions) == 10
    times = [version["time"] for version in versions]
    assert times == sorted(times, reverse=True)


def test_parts_that_need_a_start_are_named(gateway: Gateway) -> None:
    config = json.loads(text_of(gateway))
    config["listen"]["line"] = []
    assert put(gateway, json.dumps(config)).json["waits"] == ["listen"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_file_that_may_not_be_written_is_named_with_the_remedy(gateway: Gateway) -> None:
    gateway.config_path.chmod(0o444)
    answer = put(gateway, with_blue(gateway))
    assert answer.status == 409 and answer.json["code"] == "read-only"


@pytest.mark.parametrize("role", ["viewer", "was_operator"])
def test_only_the_admin_reads_and_writes_the_file(gateway: Gateway, role: str) -> None:
    token = gateway.tokens[role]
    assert gateway.get(CONFIG, token=token).status == 403
    assert put(gateway, with_blue(gateway), token=token).status == 403
    assert gateway.post(CONFIG + "/undo", token=token).status == 403
    assert gateway.get(CONFIG + "/versions", token=token).status == 403
    assert gateway.get(CONFIG + "/schema", token=token).status == 200


# What the schema must not refuse: something in every section, and every form of a rule.
WHOLE: dict[str, Any] = {
    "//": "a comment",
    "circuit": {
        "name": "n", "title": {"en": "T", "ko": "제목"}, "timezone": "UTC", "latitude": -37.5,
        "longitude": 126, "viewers_may_switch_off": True,
        "lines": [
            {"name": "a", "was": "old", "title": "A", "part": "led", "color": "#ff8800",
             "chip": "pinctrl-bcm2711", "offset": 3, "direction": "output", "bias": "as-is",
             "active_low": True, "drive": "open-drain", "initial": "keep", "safe": "hold",
             "max_on_ms": 5, "min_off_ms": 5, "mqtt": "write", "ha": "light"},
            {"name": "p", "gpio": "GPIO18", "direction": "output", "lease_ms": 5,
             "pwm": "/sys/class/pwm/pwmchip0/pwm0"},
            {"name": "c", "gpio": "GPIO7", "direction": "output"},
            {"name": "i", "gpio": "GPIO5", "direction": "input", "bias": "pull-up", "debounce_ms": 5,
             "counter": {"edge": "falling", "per_pulse": 0.45, "unit": "m³"}},
            {"name": "j", "gpio": "GPIO6", "direction": "input", "debounce_off_ms": 3000}],
        "interlocks": [{"name": "x", "mode": "break-before-make", "gap_ms": 0, "lines": ["p", "c"]}],
        "scenes": [
            {"name": "s", "title": {"en": "S"}, "set": {"p": 0}},
            {"name": "q", "again": "restart", "repeat": 0, "steps": [
                {"after_ms": 5, "set": {"p": True}},
                {"after_ms": 5, "do": [{"method": "line.pulse", "line": "c", "ms": 5},
                                       {"method": "scene.apply", "scene": "s"}]}]}],
        "rules": [
            {"when": {"line": ["i", "j"], "edge": "rising"}, "if_still": True, "after_ms": 5,
             "if": {"all": [{"line": "i", "value": 1}, {"not": {"from": "22:00", "to": "06:00"}},
                            {"any": [{"scene": "q", "running": False}]}]},
             "again": "each", "while": True,
             "do": {"method": "line.fade", "line": "c", "to": 0.5, "ms": 5}},
            {"when": {"sun": "sunset", "offset_min": -30, "days": ["mon"]}, "missed": "run",
             "do": {"method": "line.lock", "line": "c", "reason": "x", "off": True}},
            {"when": {"line": "i", "edge": "held", "held_ms": 5},
             "do": [{"method": "line.count", "line": "i", "count": 0}]},
            {"when": {"time": ["06:30", "18:00:15"]}, "do": {"method": "circuit.off"}},
            {"when": {"start": True}, "do": {"method": "scene.stop", "scene": "q"}}]},
    "gpio": {"backend": "auto", "chip": "pinctrl-bcm2711", "consumer": "me"},
    "listen": {"http": ["[::]:8080", "unix:http.sock"], "https": ["[::]:8443"],
               "line": ["tcp:[::1]:7070"], "datagram": ["udp:[::1]:7070"],
               "multicast": ["udp:239.255.71.80:7071"], "socket_mode": "0660",
               "socket_group": "gpio"},
    "auth": {"mode": "token", "allowed_hosts": ["pi.example"],
             "allowed_origins": ["https://pi.example:8443"]},
    "tls": {"certificate": "/a", "key": "/b"}, "proxy": {"from": ["127.0.0.1", "unix"]},
    "limits": {"connections": 5, "history_file_bytes": 65536}, "history": {"file": True},
    "log": {"level": "debug"},
    "mqtt": {"broker": "mqtts://[::1]:8883", "user": "u", "password_file": "p",
             "version": "3.1.1", "id": "0123456789ab", "prefix": "a/b", "discovery": False,
             "language": "ko", "commands": False, "keepalive_s": 5, "rate_hz": 1, "lost_ms": 0,
             "ca_file": "x"},
    "announce": {"mdns": True, "name": "N"},
}


def test_schema_takes_what_the_gateway_takes(gateway: Gateway) -> None:
    answer = gateway.put(CONFIG + "?dry_run=1", WHOLE)
    assert answer.status == 200, answer
    schema = Draft202012Validator(gateway.get(CONFIG + "/schema").json)
    assert [error.message for error in schema.iter_errors(WHOLE)] == []
    for broker in ("mqtt://user:secret@h", "http://h", 5):
        wrong = {**WHOLE, "mqtt": {"broker": broker}}
        assert gateway.put(CONFIG + "?dry_run=1", wrong).status == 422
        assert not schema.is_valid(wrong)


def test_schema_describes_lines_and_allows_comments(gateway: Gateway) -> None:
    schema = gateway.get(CONFIG + "/schema").json
    line = schema["properties"]["circuit"]["properties"]["lines"]["items"]
    assert set(LINES[0]) <= set(line["properties"])
    assert set(line["required"]) >= {"name", "direction"}
    assert "^//" in line["patternProperties"] and line["additionalProperties"] is False
