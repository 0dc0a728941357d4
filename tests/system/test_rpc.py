"""JSON-RPC 2.0: the same answers over HTTP and over the WebSocket."""

from __future__ import annotations

import json
from typing import Any, Callable, Iterator

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from raw_websocket import RawWebSocket

Ask = Callable[[str], Any]
METHODS = {
    "circuit.get", "circuit.off", "line.get", "line.set", "line.toggle", "line.pulse",
    "line.blink", "line.pwm", "line.stop", "lines.set", "history.get", "sockets.list",
    "sockets.calls", "system.ping", "system.methods",
}


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Gateway:
    assert shared_gateway.post("/api/v1/off").status == 200
    return shared_gateway


@pytest.fixture(params=["http", "websocket"])
def ask(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Ask]:
    """Sends a text, returns the parsed answer, None where there is none."""
    if request.param == "http":
        def over_http(text: str) -> Any:
            answer = gateway.post("/api/v1/rpc", text.encode())
            assert answer.status == (200 if answer.body else 204), answer
            return answer.json if answer.body else None
        yield over_http
        return
    with RawWebSocket(gateway) as socket:
        socket.snapshot()

        def over_websocket(text: str) -> Any:
            # What is asked after it is answered after it: so an answer that is not there shows.
            socket.send_text(text)
            socket.send_text('{"jsonrpc":"2.0","id":"fence","method":"system.ping"}')
            answers = []
            while True:
                found = socket.read_json()
                if isinstance(found, dict) and found.get("id") == "fence":
                    break
                if isinstance(found, list) or "method" not in found:
                    answers.append(found)
            assert len(answers) <= 1, answers
            return answers[0] if answers else None
        yield over_websocket


def request(method: str, params: Any = None, **more: Any) -> str:
    call = {"jsonrpc": "2.0", "method": method, **more}
    if params is not None:
        call["params"] = params
    return json.dumps(call)


# ---- one call ------------------------------------------------------------------------------


def test_result_carries_the_id_and_nothing_else(ask: Ask) -> None:
    for number in (7, 0, -1, "a", "", 1.5, 9007199254740991):
        answer = ask(request("line.get", {"line": "red"}, id=number))
        assert set(answer) == {"jsonrpc", "id", "result"}
        assert answer["jsonrpc"] == "2.0" and answer["id"] == number
        assert answer["result"]["name"] == "red"


def test_toggle_answers_as_rest_does(ask: Ask, gateway: Gateway) -> None:
    seq = gateway.circuit()["seq"]
    answer = ask(request("line.toggle", {"line": "red"}, id=7))
    assert answer == {"jsonrpc": "2.0", "id": 7,
                      "result": {"line": "red", "was": 0, "value": 1, "seq": seq + 1}}


def test_lines_set_takes_an_object_of_lines(ask: Ask, gateway: Gateway) -> None:
    seq = gateway.circuit()["seq"]
    answer = ask(request("lines.set", {"lines": {"red": 1, "green": 0}}, id=1))
    assert answer["result"] == {"seq": seq + 1, "changed": ["red"]}


def test_params_by_position_mean_the_same(ask: Ask) -> None:
    assert ask(request("line.set", ["red", 1], id=1))["result"]["value"] == 1


@pytest.mark.parametrize("method, params, code, word", [
    ("line.get", {"line": "purple"}, -32001, "no-such-line"),
    ("line.toggle", {"line": "purple"}, -32001, "no-such-line"),
    ("lines.set", {"lines": {"purple": 1}}, -32001, "no-such-line"),
    ("history.get", {"line": "purple"}, -32001, "no-such-line"),
    ("line.set", {"line": "button", "value": 1}, -32002, "not-an-output"),
    ("line.set", {"line": "red", "value": 1, "expect": 9999}, -32003, "conflict"),
    ("line.set", {"line": "red", "value": 2}, -32602, "bad-request"),
    ("line.set", {"line": "red"}, -32602, "bad-request"),
    ("line.set", {"value": 1}, -32602, "bad-request"),
    ("line.set", {"line": 5, "value": 1}, -32602, "bad-request"),
    ("line.set", {"line": "red", "value": 1, "nonsense": 1}, -32602, "bad-request"),
    ("line.set", ["red", 1, 5, 1, 5, 6, 7, 8, 9, 10], -32602, "bad-request"),
    ("line.pulse", {"line": "red"}, -32602, "bad-request"),
    ("line.pwm", {"line": "red", "duty": 2, "hz": 5}, -32602, "bad-request"),
    ("history.get", {"since": "x"}, -32602, "bad-request"),
    ("line.fly", {}, -32601, "no-such-method"),
    ("", {}, -32601, "no-such-method"),
    ("Line.get", {"line": "red"}, -32601, "no-such-method"),
])
def test_error_has_its_number_and_its_code(ask: Ask, method: str, params: Any, code: int,
                                           word: str) -> None:
    answer = ask(request(method, params, id=8))
    assert set(answer) == {"jsonrpc", "id", "error"} and answer["id"] == 8
    assert answer["error"]["code"] == code and answer["error"]["data"]["code"] == word
    assert isinstance(answer["error"]["message"], str) and answer["error"]["message"]


def test_interlock_names_the_line_that_blocks(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"circuit": {"interlocks": [{"lines": ["red", "green"]}]}})
    gateway.put("/api/v1/lines/red/value", 1)
    with RawWebSocket(gateway) as socket:
        socket.snapshot()
        for answer in (socket.call("line.set", line="green", value=1),
                       gateway.rpc("line.set", line="green", value=1)):
            error = answer["error"]
            assert error["code"] == -32004
            assert error["data"]["code"] == "interlock" and error["data"]["blocked_by"] == "red"
    refused = gateway.put("/api/v1/lines/green/value", 1)
    assert refused.status == 409 and refused.json["code"] == "interlock"
    assert "red" in refused.json["detail"]


@pytest.mark.parametrize("text", [
    "", " ", "{", "nonsense", "[1,", '{"jsonrpc":"2.0","id":1,"method":"system.ping"',
    '{"jsonrpc":"2.0","id":1,"method":"system.ping"}}', "01", "1e400",
    '{"jsonrpc":"2.0","id":1,"method":"line.toggle","params":{"line":"red","line":"green"}}',
    '{"jsonrpc":"2.0","id":1,"id":2,"method":"system.ping"}', "[" * 5000 + "]" * 5000,
], ids=lambda text: text[:60])
def test_what_is_no_json_is_a_parse_error(ask: Ask, gateway: Gateway, text: str) -> None:
    before = gateway.circuit()["seq"]
    answer = ask(text)
    assert answer["error"]["code"] == -32700 and answer["id"] is None
    assert gateway.circuit()["seq"] == before


@pytest.mark.parametrize("text", [
    "1", "null", '"text"', "[]", "{}", '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":1}',
    '{"jsonrpc":"1.0","id":1,"method":"system.ping"}', '{"id":1,"method":"system.ping"}',
    '{"jsonrpc":2.0,"id":1,"method":"system.ping"}',
    '{"jsonrpc":"2.0","id":{},"method":"system.ping"}',
    '{"jsonrpc":"2.0","id":[1],"method":"system.ping"}',
    '{"jsonrpc":"2.0","id":true,"method":"system.ping"}',
    '{"jsonrpc":"2.0","id":1,"method":"system.ping","params":5}',
    '{"jsonrpc":"2.0","id":1,"method":"system.ping","params":null}',
], ids=lambda text: text[:60])
def test_what_is_no_request_is_an_invalid_request(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer["error"]["code"] in (-32600, -32602)
    if '"params"' not in text:
        assert answer["error"]["code"] == -32600


# ---- notifications and batches -------------------------------------------------------------


def test_notification_acts_and_is_not_answered(ask: Ask, gateway: Gateway) -> None:
    assert ask(request("line.toggle", {"line": "red"})) is None
    assert gateway.value("red") == 1


def test_notification_that_fails_is_not_answered(ask: Ask) -> None:
    assert ask(request("line.toggle", {"line": "purple"})) is None
    assert ask(request("no.such.method")) is None
    assert ask(request("line.set", {"line": "red", "value": "x"})) is None


def test_batch_is_answered_by_a_list_without_its_notifications(ask: Ask, gateway: Gateway) -> None:
    batch = [json.loads(request("line.set", {"line": "red", "value": 1}, id=1)),
             json.loads(request("line.set", {"line": "green", "value": 1})),
             json.loads(request("line.fly", id=2)), 5,
             json.loads(request("line.get", {"line": "red"}, id="three"))]
    answers = ask(json.dumps(batch))
    assert isinstance(answers, list) and len(answers) == 4
    by_id = {json.dumps(answer["id"]): answer for answer in answers}
    assert by_id["1"]["result"]["value"] == 1
    assert by_id["2"]["error"]["code"] == -32601
    assert by_id["null"]["error"]["code"] == -32600
    assert by_id['"three"']["result"]["value"] == 1
    assert gateway.value("green") == 1


def test_batch_is_done_in_its_order(ask: Ask, gateway: Gateway) -> None:
    batch = [json.loads(request("line.toggle", {"line": "red"}, id=n)) for n in range(10)]
    answers = ask(json.dumps(batch))
    assert [answer["id"] for answer in answers] == list(range(10))
    seqs = [answer["result"]["seq"] for answer in answers]
    assert seqs == list(range(seqs[0], seqs[0] + 10))


def test_batch_of_notifications_is_not_answered(ask: Ask, gateway: Gateway) -> None:
    batch = [json.loads(request("line.toggle", {"line": line})) for line in ("red", "green")]
    assert ask(json.dumps(batch)) is None
    assert (gateway.value("red"), gateway.value("green")) == (1, 1)


def test_batch_of_nothing_but_rubbish_has_an_error_for_each(ask: Ask) -> None:
    answers = ask("[1,2,3]")
    assert [answer["error"]["code"] for answer in answers] == [-32600] * 3
    assert [answer["id"] for answer in answers] == [None] * 3


def test_huge_batch_is_refused_or_answered_but_never_kept_waiting(ask: Ask) -> None:
    call = json.loads(request("system.ping", id=1))
    text = json.dumps([call] * 1000, separators=(",", ":"))
    answer = ask(text)
    assert isinstance(answer, (list, dict))
    if isinstance(answer, dict):
        assert answer["error"]["code"] in (-32600, -32008)
    else:
        assert len(answer) == 1000


# ---- the table of methods ------------------------------------------------------------------


def test_methods_lists_every_method_of_the_interface(ask: Ask) -> None:
    answer = ask(request("system.methods", id=1))["result"]
    names = [method["name"] for method in answer["methods"]]
    assert METHODS <= set(names) and len(names) == len(set(names))


def test_every_listed_method_can_be_called(ask: Ask, gateway: Gateway) -> None:
    values: dict[str, Any] = {
        "line": "red", "value": 1, "ms": 5, "on_ms": 5, "off_ms": 5, "count": 1, "duty": 0.5,
        "hz": 10, "lines": {"red": 1}, "reason": "test", "since": 0,
        "id": gateway.get("/api/v1/sockets").json["sockets"][0]["id"],
    }
    for method in ask(request("system.methods", id=1))["result"]["methods"]:
        wanted = {param["name"]: values.get(param["name"], param["schema"].get("enum", ["x"])[0])
                  for param in method["params"] if param["required"]}
        if method["name"].startswith("simulator."):
            wanted["line"] = "button"
        answer = ask(request(method["name"], wanted, id=1))
        if "error" in answer:  # as for a scene: this circuit has none
            assert answer["error"]["code"] not in (-32601, -32603), (method, answer)
            assert method["name"] not in METHODS, (method["name"], answer)
        ask(request("line.unlock", {"line": "red"}, id=1))


def test_every_listed_method_wants_what_it_says_it_requires(ask: Ask) -> None:
    for method in ask(request("system.methods", id=1))["result"]["methods"]:
        if any(param["required"] for param in method["params"]):
            answer = ask(request(method["name"], {}, id=1))
            wanted = -32006 if method["role"] == "admin" else -32602  # those who ask are operators
            assert answer["error"]["code"] == wanted, method


def test_viewer_may_call_what_looks_and_not_what_acts(gateway: Gateway) -> None:
    before = gateway.circuit()["seq"]
    acting = {"line.set", "line.toggle", "line.pulse", "line.blink", "line.pwm", "line.stop",
              "lines.set", "circuit.off"}
    params: dict[str, Any] = {
        "line.set": {"line": "red", "value": 1}, "line.toggle": {"line": "red"},
        "line.get": {"line": "red"}, "line.pulse": {"line": "red", "ms": 5},
        "line.blink": {"line": "red", "on_ms": 5, "off_ms": 5},
        "line.pwm": {"line": "red", "duty": 0.5, "hz": 5}, "line.stop": {"line": "red"},
        "lines.set": {"lines": {"red": 1}},
    }
    with RawWebSocket(gateway, token=gateway.viewer_token) as socket:
        socket.snapshot()
        for method in sorted(METHODS):
            wanted = params.get(method, {})
            answer = socket.call(method, **wanted)
            over_http = gateway.post("/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": method,
                                                     "params": wanted}, token=gateway.viewer_token)
            assert over_http.status == 200
            if method in acting:
                assert answer["error"]["code"] == -32006, method
                assert answer["error"]["data"]["code"] == "forbidden"
                assert over_http.json["error"]["code"] == -32006, method
            else:
                assert "result" in answer and "result" in over_http.json, method
    assert gateway.circuit()["seq"] == before
