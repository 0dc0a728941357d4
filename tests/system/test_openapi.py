"""The OpenAPI document and the health: what they say is how it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_http import RawConnection
from raw_websocket import RawWebSocket

INTERFACE = [
    ("get", "/api/v1/circuit"), ("get", "/api/v1/lines"), ("put", "/api/v1/lines"),
    ("get", "/api/v1/lines/{line}"), ("get", "/api/v1/lines/{line}/value"),
    ("put", "/api/v1/lines/{line}/value"), ("post", "/api/v1/lines/{line}/toggle"),
    ("post", "/api/v1/lines/{line}/pulse"), ("post", "/api/v1/lines/{line}/blink"),
    ("post", "/api/v1/lines/{line}/pwm"), ("post", "/api/v1/lines/{line}/stop"),
    ("post", "/api/v1/off"), ("post", "/api/v1/simulator/lines/{line}"), ("get", "/api/v1/events"),
    ("get", "/api/v1/history"), ("get", "/api/v1/sockets"), ("get", "/api/v1/sockets/{id}"),
    ("get", "/api/v1/sockets/calls"), ("post", "/api/v1/rpc"), ("get", "/healthz"),
    ("get", "/metrics"), ("get", "/api/v1/openapi.json"),
]
SAMPLES: dict[str, Any] = {"value": 1, "ms": 5, "on_ms": 5, "off_ms": 5, "duty": 0.5,
                           "reason": "test", "role": "viewer", "domain": "AF_INET",
                           "type": "SOCK_STREAM"}


@pytest.fixture
def gateway(start_gateway: StartGateway) -> Gateway:
    return start_gateway({"circuit": {"scenes": [{"name": "all", "set": {"red": 1}}],
                                      "rules": [{"name": "light", "when": {"line": "button", "edge": "rising"},
                                                 "do": {"method": "line.set", "line": "red",
                                                        "value": 1}}]}})


def document_of(gateway: Gateway) -> dict[str, Any]:
    answer = gateway.get("/api/v1/openapi.json")
    assert answer.status == 200 and answer.media_type == "application/json"
    return dict(answer.json)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in ("get", "put", "post", "delete", "patch")]


def resolve(document: dict[str, Any], node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for word in node["$ref"].removeprefix("#/").split("/"):
            target = target[word]
        node = target
    return node


def test_document_is_openapi_3_1(gateway: Gateway) -> None:
    document = document_of(gateway)
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"] and document["info"]["version"]
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_document_describes_every_request_of_the_interface(gateway: Gateway) -> None:
    described = {(method, path) for method, path, _ in operations(document_of(gateway))}
    assert set(INTERFACE) <= described


def test_every_reference_in_the_document_leads_somewhere(gateway: Gateway) -> None:
    document = document_of(gateway)

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                assert resolve(document, node) is not None
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
    walk(document)


def test_every_place_in_a_path_is_a_parameter(gateway: Gateway) -> None:
    document = document_of(gateway)
    for method, path, operation in operations(document):
        in_path = {found["name"] for found in
                   (resolve(document, p) for p in operation.get("parameters", []))
                   if found["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def fill(gateway: Gateway, path: str) -> str:
    socket = gateway.get("/api/v1/sockets").json["sockets"][0]["id"]
    line = "button" if "simulator" in path else "red"
    return path.format(line=line, id=socket, scene="all", rule="light", pin="GPIO5")


def body_for(document: dict[str, Any], operation: dict[str, Any], path: str) -> Any:
    if path.endswith("/rpc"):
        return {"jsonrpc": "2.0", "id": 1, "method": "system.ping"}
    if path.endswith("/session"):
        return None
    body = resolve(document, operation.get("requestBody"))
    if not body:
        return None
    schema = resolve(document, body["content"]["application/json"]["schema"])
    for branch in schema.get("anyOf", schema.get("oneOf", [schema])):
        branch = resolve(document, branch)
        if branch.get("type") == "object":
            schema = branch
    if path == "/api/v1/lines":
        return {"red": 1}
    return {name: sample(name, resolve(document, schema["properties"][name]))
            for name in schema.get("required", [])}


def sample(name: str, schema: dict[str, Any]) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    if "enum" in schema:
        return schema["enum"][0]
    return schema.get("minimum", 1) if schema.get("type") in ("integer", "number") else "x"


def test_every_route_answers_as_it_is_described(gateway: Gateway) -> None:
    document = document_of(gateway)
    for method, path, operation in operations(document):
        if path == "/ws":
            with RawWebSocket(gateway) as socket:
                assert "101" in operation["responses"] and socket.answer.status == 101
            continue
        if path == "/api/v1/events":
            with RawConnection(gateway) as connection:
                answer: Any = connection.ask("HEAD", path)
        else:
            body = body_for(document, operation, path)
            if path.endswith("/session") and method == "post":
                body = {"token": gateway.token}
            answer = gateway.request(method.upper(), fill(gateway, path), body)
        responses = operation["responses"]
        if answer.status >= 300:  # what else there is may have its own conditions
            assert (method, path) not in INTERFACE, (method, path, answer)
            assert answer.media_type in responses["default"]["content"], (method, path, answer)
            continue
        described = responses.get(str(answer.status)) or responses.get("2XX")
        assert described, f"{method} {path}: {answer.status} is not among {sorted(responses)}"
        content = described.get("content", {})
        if answer.body:
            assert answer.media_type in content, (method, path, answer.media_type, list(content))
        gateway.post("/api/v1/lines/red/unlock", {})


def test_every_failure_is_as_it_is_described(gateway: Gateway) -> None:
    document = document_of(gateway)
    for method, path, operation in operations(document):
        answer = gateway.request(method.upper(), fill(gateway, path),
                                 headers={"Host": "evil.example"})
        assert answer.status == 421
        described = operation["responses"].get("421") or operation["responses"]["default"]
        assert answer.media_type in described["content"], (method, path)


def test_routes_without_security_need_no_token_and_the_others_do(gateway: Gateway) -> None:
    document = document_of(gateway)
    for method, path, operation in operations(document):
        needs = operation.get("security", document.get("security")) not in ([], [{}])
        answer = gateway.request(method.upper(), fill(gateway, path), token=None)
        if needs:
            assert answer.status == 401, (method, path, answer)
        elif not path.endswith("/session"):
            assert answer.status == 200, (method, path, answer)


def test_role_that_is_named_is_the_role_that_is_needed(gateway: Gateway) -> None:
    document = document_of(gateway)
    for method, path, operation in operations(document):
        if (method, path) not in INTERFACE or path in ("/api/v1/off", "/api/v1/events"):
            continue  # off: the config decides
        answer = gateway.request(method.upper(), fill(gateway, path),
                                 body_for(document, operation, path), token=gateway.viewer_token)
        assert (answer.status == 403) == (operation["x-role"] == "operator"), (method, path)


def test_required_members_are_required(gateway: Gateway) -> None:
    document = document_of(gateway)
    checked = 0
    for method, path, operation in operations(document):
        body = body_for(document, operation, path)
        if not isinstance(body, dict) or (method, path) not in INTERFACE \
                or path in ("/api/v1/lines", "/api/v1/rpc"):
            continue
        for name in body:
            less = {key: value for key, value in body.items() if key != name}
            answer = gateway.request(method.upper(), fill(gateway, path), less)
            assert answer.status == 400, (method, path, name, answer)
            checked += 1
    assert checked >= 6


def test_what_http_refuses_is_offered_to_connections_alone(gateway: Gateway) -> None:
    refused = gateway.put("/api/v1/lines/red/value", {"value": 1, "lease": "connection"})
    assert refused.status == 400
    offered = set()
    for _, path, operation in operations(document_of(gateway)):
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for form in media["schema"].get("anyOf", [media["schema"]]):
                names |= set(form.get("properties", {}))
        assert "lease" not in names, path
        if "lease" in operation.get("x-connection", {}):
            assert operation["x-connection"]["lease"]["enum"] == ["connection"]
            offered.add(operation["x-method"])
    assert offered >= {"line.set", "line.toggle", "lines.set", "scene.apply"}
    for action in gateway.get("/api/v1/thing").json["actions"].values():
        assert "lease" not in action.get("input", {}).get("properties", {})


def test_batch_of_no_calls_is_none(gateway: Gateway) -> None:
    assert gateway.post("/api/v1/rpc", b"[]").json["error"]["code"] == -32600
    schemas = document_of(gateway)["components"]["schemas"]
    for name in ("rpc_calls", "rpc_results"):
        [batch] = [form for form in schemas[name]["anyOf"] if form.get("type") == "array"]
        assert batch["minItems"] == 1, name


# ---- health --------------------------------------------------------------------------------


def test_health_is_ok_for_everybody(gateway: Gateway) -> None:
    answer = gateway.get("/healthz", token=None)
    assert answer.status == 200 and answer.json["status"] == "ok"


def test_health_tells_a_stranger_nothing_secret(gateway: Gateway) -> None:
    text = gateway.get("/healthz", token=None).text
    for secret in (gateway.token, gateway.circuit()["boot"], "red", str(gateway.folder)):
        assert secret not in text
