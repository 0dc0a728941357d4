"""Each operation of the OpenAPI document is asked with values made from its schemas, and each answer is
held against the document: nothing is missing in it, nothing more is there, nothing is of another kind."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

import pytest
from conftest import StartGateway
from gateway_process import Answer, Gateway, wait_until
from openapi_document import Document
from raw_http import EventStream
from raw_websocket import RawWebSocket

LINES: list[dict[str, Any]] = [
    {"name": "red", "title": {"en": "Red", "ko": "빨강"}, "part": "led", "color": "red",
     "group": "부엌",
     "gpio": "GPIO17", "direction": "output"},
    {"name": "pump", "part": "relay", "gpio": "GPIO27", "direction": "output", "max_on_ms": 60000,
     "min_off_ms": 1, "mqtt": "write", "ha": "switch", "safe": "hold"},
    {"name": "up", "part": "motor", "gpio": "GPIO23", "direction": "output"},
    {"name": "down", "part": "motor", "gpio": "GPIO24", "direction": "output"},
    {"name": "leased", "gpio": "GPIO25", "direction": "output", "lease_ms": 60000},
    {"name": "button", "part": "button", "gpio": "GPIO22", "direction": "input", "debounce_ms": 1},
    {"name": "water", "gpio": "GPIO6", "direction": "input", "debounce_on_ms": 0,
     "debounce_off_ms": 1,
     "counter": {"edge": "rising", "per_pulse": 0.45, "unit": "L"}},
]
CIRCUIT: dict[str, Any] = {
    "lines": LINES,
    "interlocks": [{"name": "hoist", "mode": "break-before-make", "gap_ms": 60000,
                    "lines": ["up", "down"]}],
    "scenes": [{"name": "all", "set": {"red": 1}},
               {"name": "garden", "again": "ignore",
                "steps": [{"set": {"red": 1}}, {"after_ms": 60000, "set": {"red": 0}}]}],
    "rules": [{"name": "stairs", "when": {"line": "button", "edge": "rising"},
               "do": {"method": "line.toggle", "line": "red"}},
              {"name": "morning", "when": {"time": ["06:30", "07:15:30"], "days": ["mon", "fri"]},
               "do": {"method": "line.set", "line": "red", "value": 1}},
              {"name": "long", "when": {"line": "button", "edge": "held", "held_ms": 60000},
               "do": {"method": "circuit.off"}},
              {"name": "hourly", "when": {"every_ms": 3600000}, "do": {"method": "circuit.off"}},
              {"name": "first", "when": {"start": True},
               "do": {"method": "line.set", "line": "red", "value": 0}}],
}
# What only a broken or busy machine shows: a lost chip, a full queue, a stranger's packets.
RARE = {"line.lost", "event.lost", "line.unavailable_reason", "event.unavailable_reason",
        "event.available", "when.sun", "when.offset_min", "problem.errno", "problem.retry_after", "problem.errors"}


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    gateway = start_gateway({"circuit": CIRCUIT})
    gateway.tokens["operator"] = gateway.tokens["admin"]
    return gateway


@pytest.fixture
def document(gateway: Gateway) -> Document:
    return Document(gateway.get("/api/v1/openapi.json").json)


def known_values(gateway: Gateway) -> dict[str, list[Any]]:
    """Of names that stand for something of this gateway."""
    return {
        "line": ["red"], "scene": ["all"], "rule": ["stairs"], "since": [gateway.cursor(), "00000000-1"],
        "token": [gateway.tokens["admin"]], "lines": [{"red": 1}], "wait": [0],
        "domain": ["AF_INET", "AF_UNIX", "AF_NETLINK"], "type": ["SOCK_STREAM", "SOCK_RAW"],
        "step": ["tcp", "udp"], "messages": [3], "pins": [["GPIO5"]], "ms": [50, 500],
        "seconds": [1], "reason": ["being tested"],
    }


def bodies(document: Document, gateway: Gateway, path: str, operation: dict[str, Any]) -> list[Any]:
    if "requestBody" not in operation:
        return [None]
    if path == "/api/v1/rpc":
        call = {"jsonrpc": "2.0", "id": 1, "method": "system.ping"}
        return [call, [call, {**call, "method": "line.teleport"}], {**call, "method": "none"},
                {"jsonrpc": "2.0", "method": "system.ping"}]
    if path == "/api/v1/config":
        return [json.loads(gateway.config_path.read_text(encoding="utf-8"))]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if path == "/api/v1/lines":
        document.check({"red": 1}, schema, path)
        return [{"red": 1}, {"red": True, "pump": 0}]
    found = document.values(schema, "", known_values(gateway))
    for body in found:
        document.check(body, schema, path)
    return found


def queries(document: Document, gateway: Gateway, path: str,
            operation: dict[str, Any]) -> Iterator[str]:
    least: list[str] = []
    several: list[str] = []
    for parameter in operation["parameters"]:
        if parameter["in"] != "query":
            continue
        known = known_values(gateway)
        if path.endswith(("/calls", "/packets")):
            known["since"] = [0, 1]
        if path.endswith("/history"):
            known |= {"from": ["yesterday", "-24h"], "to": ["2026-11-26T06:30:00+09:00"]}
        for value in document.values(parameter["schema"], parameter["name"], known):
            text = f"{parameter['name']}={json.dumps(value).strip(chr(34))}"
            several.append(text)
        if parameter["required"]:
            least.append(several[-1])
    yield "&".join(least)
    yield from several


def fill(gateway: Gateway, path: str) -> str:
    inputs = {"simulator": "button", "count": "water"}
    words = path.split("/")
    found = {"line": next((line for word, line in inputs.items() if word in words), "red"),
             "scene": "garden" if path.endswith("/stop") else "all", "id": "", "pin": "GPIO5",
             "rule": "stairs"}
    if "sessions" in path:
        gateway.post("/api/v1/session", {"token": gateway.tokens["admin"]})
        found["id"] = gateway.get("/api/v1/sessions").json["sessions"][-1]["id"]
    elif "{id}" in path:
        found["id"] = next(socket["id"] for socket in gateway.get("/api/v1/sockets").json["sockets"]
                           if socket["you"])
    return path.format(**found)


def judge(document: Document, answer: Answer, operation: dict[str, Any], what: str) -> None:
    responses = operation["responses"]
    described = responses.get(str(answer.status))
    if described is None and answer.status in (431, 500):
        described = responses["default"]
    assert described, f"{what}: {answer} is not among {sorted(responses)}"
    content = described.get("content", {})
    assert bool(answer.body) == bool(content), (what, answer)
    if answer.body:
        assert answer.media_type in content, (what, answer)
        if answer.media_type.endswith("json"):
            document.check(answer.json, content[answer.media_type]["schema"], what)


def ask(gateway: Gateway, method: str, path: str, body: Any) -> Answer:
    headers = {}
    if path.startswith("/api/v1/config") and method != "get":
        headers["If-Match"] = gateway.get("/api/v1/config").headers["ETag"]
    return gateway.request(method.upper(), path, body, headers=headers)


def test_each_answer_is_what_the_document_says(gateway: Gateway, document: Document) -> None:
    succeeded, asked = set(), set()
    for method, path, operation in document.operations():
        if path in ("/ws", "/api/v1/events"):
            continue  # they do not end; see below
        asked.add((method, path))
        for body in bodies(document, gateway, path, operation):
            for query in queries(document, gateway, path, operation):
                gateway.post("/api/v1/lines/red/unlock", {})
                target = fill(gateway, path) + ("?" + query if query else "")
                answer = ask(gateway, method, target, body)
                judge(document, answer, operation, f"{method} {target} {body}")
                if answer.status < 300:
                    succeeded.add((method, path))
    assert asked - succeeded <= {("post", "/api/v1/config/undo"),
                                 ("get", "/api/v1/sockets/{id}/packets.pcapng")}


def test_refusals_are_what_the_document_says(gateway: Gateway, document: Document) -> None:
    gateway.post("/api/v1/lines/red/lock", {"reason": "being tested"})
    gateway.put("/api/v1/lines/up/value", 1)
    for method, path, operation in document.operations():
        body = (bodies(document, gateway, path, operation) or [None])[0]
        requests = [
            {"token": None}, {"token": gateway.viewer_token},
            {"headers": {"Host": "evil.example"}},
            {"body": b"{"}, {"body": {"nonsense": 1}}, {"body": b"1" * 2000000},
            {"body": b"1", "headers": {"Content-Type": "text/plain"}},
        ]
        if path == "/api/v1/circuit":  # the gateway takes its time for each wrong token
            requests.append({"token": "0" * 32})
        for request in requests:
            if "requestBody" not in operation and "body" in request:
                continue
            if path in ("/ws", "/api/v1/events") and request == {"token": gateway.viewer_token}:
                continue  # they do not end
            request = {"body": body, **request}
            for target in (fill(gateway, path), re.sub(r"\{\w+\}", "nothing", path)):
                try:
                    answer = gateway.request(method.upper(), target, **request)
                except (BrokenPipeError, ConnectionResetError):
                    continue  # it did not want the rest of a body that is too large
                judge(document, answer, operation, f"{method} {target} {str(request)[:200]}")
        gateway.post("/api/v1/lines/red/lock", {"reason": "being tested"})


def change_everything(gateway: Gateway) -> None:
    """Brings lines, events and scenes into each of their forms."""
    def drive(value: int) -> None:
        before = gateway.get("/api/v1/lines/button").json["value"]
        gateway.post("/api/v1/simulator/lines/button", value)
        # Two edges within its debounce would be none, and set off no rule.
        wait_until(lambda: gateway.get("/api/v1/lines/button").json["value"] != before, "the button's edge")
    commands: list[tuple[str, Any]] = [
        ("lines/red/pulse", {"ms": 60000}), ("lines/red/stop", {}),
        ("lines/red/blink", {"on_ms": 30000, "off_ms": 30000, "count": 3}),
        ("lines/red/pwm", {"duty": 0.25}), ("lines/leased/fade", {"to": 0.5, "ms": 60000}),
        ("lines/pump/blink", {"on_ms": 5000, "off_ms": 5000}),
        ("lines/leased/toggle", {"lease_ms": 50000}), ("lines/up/toggle", {}),
        ("lines/down/toggle", {}), ("scenes/garden", {}), ("scenes/garden/stop", {}),
        ("lines/up/lock", {"reason": "being tested"}),
    ]
    for path, body in commands:
        answer = gateway.post(f"/api/v1/{path}", body)
        assert answer.status == 200, (path, answer)
    gateway.put("/api/v1/lines/red/value", {"value": 1, "for_ms": 60000})
    gateway.post("/api/v1/lines/red/lock", {"reason": "being tested"})
    for value in (1, 0, 1):
        drive(value)
    gateway.post("/api/v1/lines/red/unlock", {})
    drive(0)
    drive(1)
    gateway.post("/api/v1/simulator/lines/water", 1)
    gateway.post("/api/v1/lines/water/count", {"count": 7})
    gateway.post("/api/v1/lines/red/pwm", {"duty": 0.5})


def test_snapshots_and_events_are_what_the_document_says(gateway: Gateway,
                                                         document: Document) -> None:
    with RawWebSocket(gateway) as socket, EventStream(gateway) as stream:
        document.check_shape(socket.snapshot(), "circuit")
        change_everything(gateway)
        last = gateway.circuit()["seq"]
        while (event := socket.event())["seq"] < last:
            document.check_shape(event, "event")
        while (event := stream.next_event())["seq"] < last:
            document.check_shape(event, "event")
    document.check_shape(gateway.circuit(), "circuit")
    for path, shape in (("history?limit=4096", "history"), ("history?from=-24h&limit=1", "history"),
                        ("scenes", "scenes"), ("rules", "rules"),
                        ("lines", "lines")):
        document.check_shape(gateway.get(f"/api/v1/{path}").json, shape)
    interlocked = gateway.put("/api/v1/lines/down/value", 1)
    document.check_shape(interlocked.json, "problem" if interlocked.status > 299 else "outcome")
    expected = {name for name in document.members() if re.match(
        r"(line|event|action|pwm|lease|lock|gpio|circuit|scene|history|rules?|when)\.", name)} - RARE
    assert expected <= document.seen, f"never seen: {sorted(expected - document.seen)}"


def test_methods_without_a_path_answer_what_their_shape_says(gateway: Gateway,
                                                             document: Document) -> None:
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        for method, shape, params in (("system.ping", "ping", {}),
                                      ("system.methods", "method_list", {}),
                                      ("sockets.follow", "socket_next", {"on": 1})):
            document.check_shape(socket.call(method, **params)["result"], shape)


def test_fields_of_a_config_that_is_wrong_are_described(gateway: Gateway,
                                                        document: Document) -> None:
    answer = gateway.request("PUT", "/api/v1/config?dry_run=1", {"circuit": {"lines": [{}]}})
    assert answer.status == 422
    document.check_shape(answer.json, "problem")
    assert "problem.errors" in document.seen
