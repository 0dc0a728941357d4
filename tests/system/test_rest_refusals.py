"""REST: every way to be refused, and what the refusal says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import Gateway
from hypothesis import given
from hypothesis import strategies as st
from raw_http import RawConnection, request_text

ROUTES = {
    "/api/v1/circuit": {"GET"},
    "/api/v1/lines": {"GET", "PUT"},
    "/api/v1/lines/red": {"GET"},
    "/api/v1/lines/red/value": {"GET", "PUT"},
    "/api/v1/lines/red/toggle": {"POST"},
    "/api/v1/lines/red/pulse": {"POST"},
    "/api/v1/lines/red/blink": {"POST"},
    "/api/v1/lines/red/pwm": {"POST"},
    "/api/v1/lines/red/stop": {"POST"},
    "/api/v1/off": {"POST"},
    "/api/v1/simulator/lines/button": {"POST"},
    "/api/v1/events": {"GET"},
    "/api/v1/history": {"GET"},
    "/api/v1/sockets": {"GET"},
    "/api/v1/sockets/1": {"GET"},
    "/api/v1/sockets/calls": {"GET"},
    "/api/v1/rpc": {"POST"},
    "/healthz": {"GET"},
    "/metrics": {"GET"},
    "/api/v1/openapi.json": {"GET"},
    "/": {"GET"},
}
CODES = {"bad-request", "no-such-line", "not-an-output", "conflict", "interlock", "unauthorized",
         "forbidden", "too-large", "limit", "gpio", "no-such-method"}
WITH_BODY = [("PUT", "/api/v1/lines/red/value"), ("PUT", "/api/v1/lines"),
             ("POST", "/api/v1/lines/red/pulse"), ("POST", "/api/v1/simulator/lines/button"),
             ("POST", "/api/v1/rpc")]


def assert_problem(answer: Any, status: int, code: str | None = None) -> None:
    """RFC 9457, with the members that the interface promises."""
    assert answer.status == status, answer
    assert answer.media_type == "application/problem+json", answer
    problem = answer.json
    assert problem["status"] == status
    assert all(isinstance(problem[key], str) and problem[key] for key in
               ("type", "title", "detail", "code")), problem
    assert code is None or problem["code"] == code, problem


# ---- methods -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ROUTES)
def test_other_methods_are_405_with_allow(shared_gateway: Gateway, path: str) -> None:
    for method in {"GET", "PUT", "POST", "DELETE", "PATCH", "BREW"} - ROUTES[path]:
        answer = shared_gateway.request(method, path)
        assert_problem(answer, 405)
        allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
        assert allowed >= ROUTES[path] and method not in allowed, (method, answer.headers["Allow"])
        assert ("HEAD" in allowed) == ("GET" in ROUTES[path])


@pytest.mark.parametrize("path", ROUTES)
def test_options_tells_what_is_allowed(shared_gateway: Gateway, path: str) -> None:
    answer = shared_gateway.request("OPTIONS", path)
    assert answer.status in (200, 204) and not answer.body
    allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
    assert allowed >= ROUTES[path] | {"OPTIONS"}


@pytest.mark.parametrize("path", [path for path in ROUTES if "GET" in ROUTES[path]])
def test_head_is_get_without_the_body(shared_gateway: Gateway, path: str) -> None:
    with RawConnection(shared_gateway) as connection:
        head = connection.ask("HEAD", path)
        # A body would be taken for the start of the next answer.
        after = connection.ask("GET", "/api/v1/lines/red/value")
    assert after.status == 200 and after.text.strip() == "0"
    if path == "/api/v1/events":
        assert head.status == 200 and head.media_type == "text/event-stream"
        return
    answer = shared_gateway.get(path)
    assert (head.status, head.media_type) == (answer.status, answer.media_type)


def test_head_of_what_is_not_there_is_404(shared_gateway: Gateway) -> None:
    assert shared_gateway.request("HEAD", "/api/v1/lines/purple").status == 404
    assert shared_gateway.request("HEAD", "/nothing").status == 404


@pytest.mark.parametrize("path", [
    "/nothing", "/api", "/api/v1", "/api/v1/", "/api/v1/linesx", "/api/v1/lines/red/",
    "/api/v1/lines/red/value/x", "/api/v1/lines//value", "/api/v2/circuit", "/API/v1/circuit",
    "/api/v1/sockets/999999999", "//api/v1/circuit", "/healthz/",
])
def test_what_is_not_there_is_404(shared_gateway: Gateway, path: str) -> None:
    answer = shared_gateway.get(path)
    assert_problem(answer, 404)


def test_long_line_name_is_404(shared_gateway: Gateway) -> None:
    for length in (32, 33, 64, 200, 2000):
        assert_problem(shared_gateway.get(f"/api/v1/lines/{'a' * length}"), 404)


# ---- bodies --------------------------------------------------------------------------------


BAD_VALUES = [
    b"", b" ", b"2", b"-1", b"1.5", b"01", b"1e400", b"-1e400", b"+1", b"1x", b"1 1", b"1,", b"1\0",
    b"\xef\xbb\xbf1", b"null", b'"1"', b"[1]", b"[]", b"{}", b"NaN", b"Infinity", b"0x1", b"True",
    b"tru", b"'1'", b'{"value":2}', b'{"value":"1"}', b'{"value":null}', b'{"value":[1]}',
    b'{"value":1}}', b'{"value":1}{"value":1}', b'{"value":1', b'{"value":01}', b'{"value":1,}',
    b'{value:1}', b"{'value':1}", b'{"value":1e400}', b'{"Value":1}', b'{"VALUE":1}',
    b'{"value":1,"value":1}', b'{"value":1,"value":0}', b'{"value":1,"\\u0076alue":0}',
    b'{"value":1,"for_ms":0}', b'{"value":1,"for_ms":-5}', b'{"value":1,"for_ms":1.5}',
    b'{"value":1,"for_ms":"500"}', b'{"value":1,"for_ms":1e30}', b'{"value":1,"for_ms":null}',
    b'{"value":1,"expect":-1}', b'{"value":1,"expect":"1"}', b'{"value":1,"expect":1.5}',
    b'{"value":1,"expect":1e300}', b'{"value":1,"valve":1}', b'{"value":1,"for_ms ":5}',
    b'{"value":1,"line":"green"}', b'// c\n1', b'/* c */1', b'{"value":1,"x":"\xff"}',
    b'{"value":1,"x":"\xc0\xaf"}', b'{"value":1,"x":"\xed\xa0\x80"}', b'{"value":1,"x":"\\ud800"}',
    b'{"value":1,"x":"\\q"}', b'{"value":1,"x":"\n"}', b'{"value":1,"\\u0000":1}', b"\xff\xfe1\x00",
]


@pytest.mark.parametrize("body", BAD_VALUES, ids=lambda body: repr(body)[2:-1][:40])
def test_value_that_is_none_is_a_bad_request(shared_gateway: Gateway, body: bytes) -> None:
    before = shared_gateway.circuit()["seq"]
    answer = shared_gateway.put("/api/v1/lines/red/value", body)
    assert_problem(answer, 400, "bad-request")
    assert shared_gateway.circuit()["seq"] == before


@pytest.mark.parametrize("path, body", [
    ("pulse", b""), ("pulse", b"{}"), ("pulse", b"500"), ("pulse", b'{"ms":0}'),
    ("pulse", b'{"ms":-1}'), ("pulse", b'{"ms":"500"}'), ("pulse", b'{"ms":0.5}'),
    ("pulse", b'{"ms":5,"ms":6}'), ("pulse", b'{"ms":99999999999999}'),
    ("blink", b'{"on_ms":5}'), ("blink", b'{"on_ms":0,"off_ms":5}'),
    ("blink", b'{"on_ms":5,"off_ms":5,"count":0}'), ("blink", b'{"on_ms":5,"off_ms":5,"count":-1}'),
    ("pwm", b'{"duty":1.5,"hz":10}'), ("pwm", b'{"duty":-0.1,"hz":10}'), ("pwm", b'{"hz":10}'),
    ("pwm", b'{"duty":0.5,"hz":0}'), ("pwm", b'{"duty":0.5,"hz":501}'),
    ("pwm", b'{"duty":0.5,"hz":0.05}'), ("pwm", b'{"duty":"0.5","hz":10}'),
    ("toggle", b"1"), ("toggle", b'{"value":1}'), ("toggle", b"nonsense"), ("stop", b"[]"),
])
def test_action_with_a_wrong_parameter_is_a_bad_request(shared_gateway: Gateway, path: str,
                                                        body: bytes) -> None:
    before = shared_gateway.circuit()["seq"]
    answer = shared_gateway.post(f"/api/v1/lines/red/{path}", body)
    assert_problem(answer, 400, "bad-request")
    assert shared_gateway.circuit()["seq"] == before


@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_a_bad_request(shared_gateway: Gateway, opening: bytes,
                                       closing: bytes) -> None:
    for depth in (100, 1000, 10000):
        body = opening * depth + b"1" + closing * depth
        for method, path in WITH_BODY[:3]:
            assert_problem(shared_gateway.request(method, path, body), 400, "bad-request")
        assert_problem(shared_gateway.put("/api/v1/lines/red/value", opening * depth), 400)
    assert shared_gateway.value("red") == 0


@given(st.one_of(st.binary(max_size=64), st.text(max_size=64).map(str.encode),
                 st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=4),
                              lambda inner: st.lists(inner, max_size=3)
                              | st.dictionaries(st.sampled_from(["value", "for_ms", "expect", "x"]),
                                                inner, max_size=3))
                 .map(lambda value: json.dumps(value).encode())))
def test_no_body_breaks_the_gateway(shared_gateway: Gateway, body: bytes) -> None:
    for method, path in (("PUT", "/api/v1/lines/green/value"), ("POST", "/api/v1/rpc"),
                         ("PUT", "/api/v1/lines")):
        answer = shared_gateway.request(method, path, body)
        assert answer.status in (200, 204, 400, 404, 409), answer
        if answer.status >= 400:
            assert_problem(answer, answer.status)
            assert answer.json["code"] in CODES


@pytest.mark.parametrize("method, path", WITH_BODY)
@pytest.mark.parametrize("media_type", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/xml", "application/jsonx", "text/json", "application/octet-stream", "json",
])
def test_other_media_types_are_415(shared_gateway: Gateway, method: str, path: str,
                                   media_type: str) -> None:
    answer = shared_gateway.request(method, path, b"1", headers={"Content-Type": media_type})
    assert_problem(answer, 415)
    assert shared_gateway.value("red") == 0


@pytest.mark.parametrize("media_type", [
    "application/json", "application/json; charset=utf-8", "Application/JSON",
    "application/json;charset=UTF-8", "application/json ; charset=utf-8",
])
def test_json_is_taken_however_its_media_type_is_spelt(shared_gateway: Gateway,
                                                       media_type: str) -> None:
    answer = shared_gateway.put("/api/v1/lines/red/value", b"0",
                                headers={"Content-Type": media_type})
    assert answer.status == 200


def test_body_over_the_limit_is_413(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"request_bytes": 1024}})
    fits = b'{"value":1}' + b" " * (1024 - 11)
    assert gateway.put("/api/v1/lines/red/value", fits).status == 200
    for size in (1025, 5000, 300_000):
        answer = gateway.put("/api/v1/lines/red/value", b"0" + b" " * (size - 1))
        assert_problem(answer, 413, "too-large")
    assert gateway.value("red") == 1


def test_body_over_the_limit_in_chunks_is_413(start_gateway: StartGateway) -> None:
    gateway = start_gateway({"limits": {"request_bytes": 1024}})
    with RawConnection(gateway) as connection:
        connection.send(
            f"PUT /api/v1/lines/red/value HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(20):
            connection.send(b"64\r\n" + b" " * 100 + b"\r\n")
        connection.send(b"1\r\n1\r\n0\r\n\r\n")
        assert_problem(connection.read_answer(), 413, "too-large")
    assert gateway.value("red") == 0


def test_body_in_chunks_is_put_together(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        connection.send(
            f"PUT /api/v1/lines/red/value HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode())
        for byte in b'{"value":1}':
            connection.send(b"1\r\n" + bytes([byte]) + b"\r\n")
        connection.send(b"0\r\n\r\n")
        assert connection.read_answer().json["value"] == 1


def test_huge_body_is_refused_before_it_is_sent(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        answer = connection.ask("PUT", "/api/v1/lines/red/value", headers={
            "Content-Type": "application/json", "Content-Length": str(10**12)})
        assert_problem(answer, 413, "too-large")


def test_expect_continue_is_answered(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        answer = connection.ask("PUT", "/api/v1/lines/red/value", headers={
            "Content-Type": "application/json", "Content-Length": "1", "Expect": "100-continue"})
        assert answer.status == 100
        connection.send(b"1")
        assert connection.read_answer().json["value"] == 1


def test_headers_over_the_limit_are_431(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        connection.send(f"GET /api/v1/circuit HTTP/1.1\r\nHost: {shared_gateway.host}\r\n".encode())
        try:
            for number in range(40):
                connection.send(f"X-Filler-{number}: {'x' * 1000}\r\n".encode())
            connection.send(b"\r\n")
        except ConnectionError:
            pass
        assert connection.read_answer().status == 431
    assert shared_gateway.get("/healthz").status == 200


def head_of(gateway: Gateway, size: int) -> bytes:
    """A request whose line and fields have `size` bytes together, most of them cookies."""
    bare = request_text(gateway, "GET", "/api/v1/circuit", headers={"Cookie": "a="})
    return bare.replace(b"a=", b"a=" + b"x" * (size - len(bare)))


def test_head_of_20480_bytes_is_taken_and_one_more_is_not(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        for _ in range(3):
            connection.send(head_of(shared_gateway, 20480))
            assert connection.read_answer().status == 200
        connection.send(head_of(shared_gateway, 20481))
        assert connection.read_answer().status == 431 and connection.ended()


def test_large_head_in_pieces_is_431_before_its_end(shared_gateway: Gateway) -> None:
    with RawConnection(shared_gateway) as connection:
        head = head_of(shared_gateway, 40000)
        for at in range(0, 22000, 1000):
            connection.send(head[at:at + 1000])
        answer = connection.read_answer()
        assert answer.status == 431 and "clear the cookies" in answer.json["detail"]


@pytest.mark.parametrize("cut", range(1, 5))
def test_large_body_is_no_head(shared_gateway: Gateway, cut: int) -> None:
    """Wherever the head is cut: its end may come with more of the body than a head may have."""
    body = json.dumps({"jsonrpc": "2.0", "id": "x" * 60000, "method": "system.ping"}).encode()
    request = request_text(shared_gateway, "POST", "/api/v1/rpc", body=body)
    head = len(request) - len(body)
    with RawConnection(shared_gateway) as connection:
        connection.send(request[:head - cut])
        assert shared_gateway.get("/healthz").status == 200  # who is answered came after that
        connection.send(request[head - cut:])
        assert connection.read_answer().status == 200


@pytest.mark.parametrize("text", [
    b"\r\n\r\n\r\n", b"GARBAGE\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"\x16\x03\x01\x02\x00",
    b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1x\r\n\r\n",
    b"PUT /api/v1/lines HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 100, b"\xff" * 9000 + b"\r\n\r\n",
], ids=lambda text: repr(text)[2:42])
def test_what_is_no_http_harms_nobody(shared_gateway: Gateway, text: bytes) -> None:
    with RawConnection(shared_gateway) as connection:
        connection.send(text)
        assert shared_gateway.get("/healthz").status == 200
        connection.socket.setblocking(False)
        try:
            connection.fill()
        except (BlockingIOError, ConnectionResetError):
            pass
        assert connection.pending[:7] in (b"", b"HTTP/1."), connection.pending
    assert shared_gateway.get("/healthz").status == 200


def test_length_and_chunks_together_smuggle_no_request(gateway: Gateway) -> None:
    """RFC 9112 §6.3: such a request is an attack, or else its chunks count."""
    hidden = f"POST /api/v1/lines/green/toggle HTTP/1.1\r\nHost: {gateway.host}\r\n" \
             f"Authorization: Bearer {gateway.token}\r\n\r\n"
    chunks = f"1\r\n1\r\n0\r\n\r\n{hidden}"
    with RawConnection(gateway) as connection:
        connection.send(
            f"PUT /api/v1/lines/red/value HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(chunks)}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}".encode())
        first = connection.read_answer()
        rest = b"" if connection.ended() else connection.pending
    # Whichever it goes by, what follows may be no request: one answer, and the end.
    assert first.status in (200, 400) and not rest, (first, rest)
    assert gateway.value("green") == 0


def test_a_problem_carries_no_markup_of_the_request(shared_gateway: Gateway) -> None:
    answer = shared_gateway.get("/%3Cscript%3Ealert(1)%3C/script%3E%22%00%0a")
    assert_problem(answer, 404)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_conditional_answers_are_not_kept_by_anybody(shared_gateway: Gateway) -> None:
    for path in ("/api/v1/circuit", "/api/v1/lines/red/value", "/api/v1/lines/purple"):
        assert "no-store" in shared_gateway.get(path).headers["Cache-Control"]


def test_requests_on_one_connection_are_answered_in_order(gateway: Gateway) -> None:
    asked = "".join(
        f"POST /api/v1/lines/red/toggle HTTP/1.1\r\nHost: {gateway.host}\r\n"
        f"Authorization: Bearer {gateway.token}\r\nContent-Length: 0\r\n\r\n" for _ in range(20))
    with RawConnection(gateway) as connection:
        connection.send(asked.encode())
        seqs = [connection.read_answer().json["seq"] for _ in range(20)]
    assert seqs == list(range(seqs[0], seqs[0] + 20))


def test_two_content_lengths_are_refused(gateway: Gateway) -> None:
    with RawConnection(gateway) as connection:
        connection.send(
            f"PUT /api/v1/lines/red/value HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\nContent-Type: application/json\r\n"
            "Content-Length: 1\r\nContent-Length: 30\r\n\r\n1".encode() + b" " * 29)
        assert connection.read_answer().status == 400
    assert gateway.value("red") == 0


@pytest.mark.parametrize("field", ["Transfer-Encoding : chunked", "Content-Length : 1",
                                   "Content-Length\t: 1"])
def test_space_before_the_colon_is_400(gateway: Gateway, field: str) -> None:
    """RFC 9112 §5.1: else a proxy and the gateway could see different ends of a request."""
    with RawConnection(gateway) as connection:
        connection.send(
            f"POST /api/v1/lines/red/toggle HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\n{field}\r\n\r\n".encode())
        assert connection.read_answer().status == 400
    assert gateway.value("red") == 0


@pytest.mark.parametrize("coding", ["gzip, chunked", "identity", "xchunked", "chunked, gzip"])
def test_other_transfer_codings_are_refused_at_once(gateway: Gateway, coding: str) -> None:
    """RFC 9112 §6.1, §6.3: a length that cannot be known is 400, a coding that is not 501."""
    with RawConnection(gateway) as connection:
        connection.send(
            f"PUT /api/v1/lines/red/value HTTP/1.1\r\nHost: {gateway.host}\r\n"
            f"Authorization: Bearer {gateway.token}\r\nContent-Type: application/json\r\n"
            f"Transfer-Encoding: {coding}\r\n\r\n1\r\n1\r\n0\r\n\r\n".encode())
        connection.socket.settimeout(2)
        assert connection.read_answer().status in (400, 501)
    assert gateway.value("red") == 0
