"""Every row of the table of verbs is there by every way in, and every way refuses the same values with the
same sentence."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from gateway_process import LINES, PROGRAM, Gateway, config_with
from test_line_protocol import Line

SCENES = {"circuit": {"scenes": [{"name": "evening", "set": {"yellow": 1}}],
                      "rules": [{"name": "light", "when": {"line": "motion", "edge": "rising"},
                                 "do": {"method": "line.toggle", "line": "red"}}]}}
WATER = {"name": "water", "chip": "simulator", "offset": 90, "direction": "input", "counter": {}}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("b") / "g", config_with(SCENES, [*LINES, WATER])).start()
    yield gateway
    gateway.check()


@pytest.fixture(autouse=True)
def start_afresh(bench: Gateway) -> None:
    bench.post("/api/v1/lines/red/unlock")
    bench.post("/api/v1/off")


@pytest.fixture(scope="module")
def table(bench: Gateway) -> list[Row]:
    rows: list[Row] = bench.rpc("system.methods")["result"]["methods"]
    return [row for row in rows if row["word"]]


def good_values(row: Row) -> dict[str, Any]:
    """What the method needs, each as small as it may be."""
    def value(param: Row) -> Any:
        schema = param["schema"]
        if param["name"] == "line":
            return {"simulate": "button", "count": "water"}.get(row["word"], "red")
        if param["name"] == "scene":
            return "evening"
        if param["name"] == "rule":
            return "light"
        return schema["enum"][1] if "enum" in schema else schema.get("minimum", "wet")
    return {param["name"]: value(param) for param in row["params"] if param["required"]}


# ---- a way in: does it, or returns why not ----

Call = Callable[[Gateway, Row, dict[str, Any]], str]


def by_rest(gateway: Gateway, row: Row, values: dict[str, Any]) -> str:
    left = dict(values)
    path = row["path"]
    for name in list(left):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", left.pop(name))
    answer = gateway.request(row["rest"], path, left if row["rest"] != "GET" else None)
    return "" if answer.status == 200 else str(answer.json["detail"])


def by_rpc(gateway: Gateway, row: Row, values: dict[str, Any]) -> str:
    answer = gateway.rpc(row["name"], **values)
    return str(answer["error"]["data"]["detail"]) if "error" in answer else ""


def suffix(row: Row) -> list[str]:
    """What stands behind the arguments in words."""
    return [row["suffix"]] if row["suffix"] else []


def by_text(gateway: Gateway, row: Row, values: dict[str, Any]) -> str:
    line = Line(gateway.line, gateway.token)
    said = line.ask(" ".join([row["word"], *(f"{name}={value}" for name, value in values.items()), *suffix(row)]))
    line.close()
    return "" if said.startswith("ok") else said.removeprefix("err bad-request ")


def by_client(gateway: Gateway, row: Row, values: dict[str, Any]) -> str:
    host, port = gateway.line
    done = gateway.run(row["word"], *(f"{name}={value}" for name, value in values.items()), *suffix(row),
                       "--to", f"tcp:{host}:{port}", "--token", gateway.token)
    assert done.returncode == (1 if done.stderr else 0), done
    return done.stderr.strip().removeprefix("gpio-gateway: bad-request ")


def by_rule(gateway: Gateway, row: Row, values: dict[str, Any]) -> str:
    rule = {"when": {"line": "motion", "edge": "rising"}, "do": {"method": row["name"], **values}}
    config = config_with({"circuit": {**SCENES["circuit"], "rules": [rule]}}, [*LINES, WATER])
    file = Path(gateway.folder) / "rule.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    done = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True, timeout=10,
                          check=False)
    return done.stderr.strip().removeprefix(f"{file}: circuit.rules[0].do.")


WAYS: dict[str, Call] = {"rest": by_rest, "rpc": by_rpc, "text": by_text, "client": by_client,
                         "rule": by_rule}


def has(way: str, row: Row) -> bool:
    return bool(row["path"]) if way == "rest" else bool(row["in_rules"]) if way == "rule" else True


@pytest.mark.parametrize("way", WAYS)
def test_every_verb_is_reached(bench: Gateway, table: list[Row], way: str) -> None:
    reached = [row["name"] for row in table if has(way, row)]
    for row in table:
        if has(way, row):
            bench.post("/api/v1/lines/red/unlock")
            assert WAYS[way](bench, row, good_values(row)) == "", row
    assert len(reached) >= 10


@pytest.mark.parametrize("way", WAYS)
def test_every_range_refuses_what_is_outside(bench: Gateway, table: list[Row], way: str) -> None:
    refused = 0
    for row in table:
        for param in row["params"]:
            schema = param["schema"]
            if "minimum" not in schema or not has(way, row) or \
                    (way == "rule" and param["name"] == "expect"):
                continue
            unit = f" ({schema['x-unit']})" if "x-unit" in schema else ""
            step = 1 if schema["type"] == "integer" else 0.01
            outside = [(schema["minimum"] - step, "below the minimum", schema["minimum"]),
                       (schema["maximum"] + step, "above the maximum", schema["maximum"])]
            for value, side, bound in outside[:1 if bound_is_last(schema) else 2]:
                # First, since a sentence takes all words behind it.
                values = {param["name"]: value, **good_values(row)} | {param["name"]: value}
                said = WAYS[way](bench, row, values)
                assert said == f"{param['name']}: {value} is {side} {bound}{unit}", (row, said)
                refused += 1
    assert refused >= 16


def bound_is_last(schema: Row) -> bool:
    """Beyond it a number of JSON is no longer exact."""
    return bool(schema["maximum"] == 2**53 - 1)


@pytest.mark.parametrize("way", ["text", "client"])
def test_plain_values_need_no_name(bench: Gateway, table: list[Row], way: str) -> None:
    for row in table:
        bench.post("/api/v1/lines/red/unlock")
        values = good_values(row)
        words = [str(values[param["name"]]) for param in row["params"]
                 if param["plain"] and param["required"]]
        if way == "text":
            line = Line(bench.line, bench.token)
            assert line.ask(" ".join([row["word"], *words, *suffix(row)])).startswith("ok"), row
            line.close()
        else:
            host, port = bench.line
            done = bench.run(row["word"], *words, *suffix(row), "--to", f"tcp:{host}:{port}", "--token",
                             bench.token)
            assert done.returncode == 0, (row, done)


def test_on_and_off_are_values_in_text(bench: Gateway) -> None:
    line = Line(bench.line, bench.token)
    assert line.ask("set red on").startswith("ok red 1 ")
    assert line.ask("set red OFF").startswith("ok red 0 ")
    assert line.ask("simulate button On").startswith("ok button 1 ")
    assert line.ask("set red yes").startswith("err bad-request")
    line.close()


def test_on_and_off_are_no_values_in_json(bench: Gateway) -> None:
    assert bench.rpc("line.set", line="red", value="on")["error"]["data"]["code"] == "bad-request"
    assert bench.put("/api/v1/lines/red/value", "on").status == 400


def test_the_table_tells_numbers_exactly(bench: Gateway) -> None:
    answer = bench.post("/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": "system.methods"})
    assert '"maximum":9007199254740991' in answer.text
    assert "e+" not in answer.text


def test_the_table_tells_what_a_missing_value_means(table: list[Row]) -> None:
    [pwm] = [row for row in table if row["word"] == "pwm"]
    [hz] = [param["schema"] for param in pwm["params"] if param["name"] == "hz"]
    assert (hz["minimum"], hz["maximum"], hz["default"], hz["x-unit"]) == (0.1, 500, 200, "Hz")
    assert (pwm["usage"], pwm["path"], pwm["once"]) == (
        "pwm LINE DUTY [HZ]", "/api/v1/lines/{line}/pwm", False)
