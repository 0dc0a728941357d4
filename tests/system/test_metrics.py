"""GET /metrics: what it says is how it is."""

from __future__ import annotations

import gzip
import os
import re
import time

from conftest import StartGateway
from gateway_process import Gateway, wait_until
from raw_websocket import RawWebSocket
from test_line_protocol import Line

BOUNDS = ["0.00005", "0.0001", "0.00025", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.1", "1",
          "+Inf"]
PAGE_MAX_BYTES = 120_000

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^{}]*\})? (-?[0-9.e+]+|NaN|\+Inf)( \d+)?')


def read_metrics(gateway: Gateway) -> dict[str, float]:
    """Prometheus' text format, read strictly."""
    answer = gateway.get("/metrics")
    assert answer.status == 200 and answer.media_type == "text/plain"
    assert "version=0.0.4" in answer.headers["Content-Type"] and answer.text.endswith("\n")
    types: dict[str, str] = {}
    found: dict[str, float] = {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped")
            assert name not in types, f"{name} has two types"
            types[name] = kind
        elif line and not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match, line
            base = match[1]
            assert base in types or re.sub("_(bucket|sum|count)$", "", base) in types, line
            key = base + (match[2] or "")
            assert key not in found, f"{key} comes twice"
            found[key] = float(match[3])
    return found


def test_metrics_parse_and_count(gateway: Gateway) -> None:
    before = read_metrics(gateway)
    for _ in range(4):
        gateway.post("/api/v1/lines/red/toggle")
    gateway.put("/api/v1/lines/green/value", 1)
    gateway.get("/api/v1/lines/purple")
    after = read_metrics(gateway)
    assert set(before) <= set(after)

    def grown(part: str) -> float:
        return sum(after[key] - before.get(key, 0) for key in after if part in key)
    assert grown("events_total") == 5
    assert grown('edges_total{line="red"}') == 4
    assert after[next(key for key in after if 'value{line="green"}' in key)] == 1
    assert grown("requests_total") == 7, "six requests and the first look itself"


def test_metrics_of_connections_come_and_go(gateway: Gateway) -> None:
    def connections() -> float:
        return read_metrics(gateway)['gpio_gateway_connections{door="websocket"}']
    before = connections()
    with RawWebSocket(gateway) as client:
        client.snapshot()
        assert connections() == before + 1


def family(name: str, **labels: str) -> str:
    text = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"gpio_gateway_{name}{{{text}}}" if text else f"gpio_gateway_{name}"


def buckets(found: dict[str, float], name: str, **labels: str) -> list[float]:
    """The counts of a histogram's buckets, which must be those that are promised."""
    counts = [found[family(f"{name}_bucket", **labels, le=bound)] for bound in BOUNDS]
    assert counts == sorted(counts), "each bucket counts those below"
    assert counts[-1] == found[family(f"{name}_count", **labels)]
    assert (found[family(f"{name}_sum", **labels)] > 0) == (counts[-1] > 0)
    return counts


def test_requests_are_timed_by_method_and_counted_by_class(gateway: Gateway) -> None:
    before = read_metrics(gateway)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other"):
        buckets(before, "http_request_duration_seconds", method=method)
    gateway.post("/api/v1/lines/red/toggle")
    gateway.post("/api/v1/lines/purple/toggle")
    gateway.request("BREW", "/api/v1/lines/red")
    with RawWebSocket(gateway) as client:
        client.snapshot()
        after = read_metrics(gateway)

    def grown(name: str, **labels: str) -> float:
        return after[family(name, **labels)] - before[family(name, **labels)]
    for method, count in (("GET", 2), ("POST", 2), ("other", 1), ("PUT", 0)):
        assert grown("http_request_duration_seconds_count", method=method) == count, method
        buckets(after, "http_request_duration_seconds", method=method)
    assert [grown("http_responses_total", **{"class": f"{i}xx"}) for i in range(1, 6)] == \
        [1, 2, 0, 2, 0], "the WebSocket; a look and a toggle; no such line and method"


def test_calls_are_counted_by_way_in_and_result(gateway: Gateway) -> None:
    before = read_metrics(gateway)
    for door in ("http", "websocket", "line", "datagram", "mqtt"):
        for result in ("ok", "interlock", "no-such-line", "limit", "internal"):
            assert before[family("calls_total", door=door, result=result)] == 0
    gateway.post("/api/v1/lines/red/toggle")
    gateway.post("/api/v1/lines/purple/toggle")
    gateway.post("/api/v1/lines/button/toggle")
    with RawWebSocket(gateway) as client:
        client.snapshot()
        client.call("line.toggle", line="red")
    line = Line(gateway.line, gateway.token)
    line.ask("toggle red")
    line.close()
    after = read_metrics(gateway)
    changed = {key: after[key] - before[key] for key in after
               if "_calls_total" in key and after[key] != before[key]}
    assert changed == {
        family("calls_total", door="http", result="ok"): 1,
        family("calls_total", door="http", result="no-such-line"): 1,
        family("calls_total", door="http", result="not-an-output"): 1,
        family("calls_total", door="websocket", result="ok"): 1,
        family("calls_total", door="line", result="ok"): 1,
    }


def test_commands_and_edges_are_timed_until_they_are_told(gateway: Gateway) -> None:
    names = ("command_to_event_seconds", "edge_latency_seconds", "loop_turn_seconds")
    before = [buckets(read_metrics(gateway), name)[-1] for name in names]
    for _ in range(3):
        gateway.post("/api/v1/lines/red/toggle")
    gateway.put("/api/v1/lines/red/value", gateway.value("red"))  # changes nothing: no event
    for value in (1, 0):
        gateway.post("/api/v1/simulator/lines/motion", {"value": value})
    after = read_metrics(gateway)
    grown = [buckets(after, name)[-1] - old for name, old in zip(names, before, strict=True)]
    assert grown[0] in (3, 5), "three toggles, and edges that were events at once"
    assert grown[1] == 2
    assert grown[2] > 5
    assert after[family("edge_latency_seconds_sum")] < 2 * len(BOUNDS)


def test_lines_tell_how_long_they_were_on(gateway: Gateway) -> None:
    on = family("line_on_seconds_total", line="red")
    assert read_metrics(gateway)[on] == 0
    gateway.put("/api/v1/lines/red/value", 1)
    began = time.monotonic()
    time.sleep(0.3)
    present = read_metrics(gateway)
    assert 0.3 <= present[on] <= time.monotonic() - began + 0.2
    assert present[family("line_duty_ratio", line="red")] == 1
    gateway.put("/api/v1/lines/red/value", 0)
    first = read_metrics(gateway)[on]
    time.sleep(0.1)
    after = read_metrics(gateway)
    assert after[on] == first >= 0.3, "time that is off does not count"
    assert after[family("line_duty_ratio", line="red")] == 0


def test_lines_tell_duty_and_lock(gateway: Gateway) -> None:
    gateway.post("/api/v1/lines/red/pwm", {"duty": 0.25, "hz": 100})
    gateway.post("/api/v1/lines/green/lock", {"reason": "wet paint"})
    found = read_metrics(gateway)
    assert found[family("line_duty_ratio", line="red")] == 0.25
    assert found[family("line_locked", line="green")] == 1
    assert found[family("line_locked", line="red")] == 0


def test_an_input_tells_how_long_it_was_on(gateway: Gateway) -> None:
    for value in (1, 0):
        gateway.post("/api/v1/simulator/lines/motion", {"value": value})
        time.sleep(0.2)
    wait_until(lambda: gateway.value("motion") == 0, "motion is off")
    found = read_metrics(gateway)
    assert 0.15 <= found[family("line_on_seconds_total", line="motion")] <= 2
    assert 0 < found[family("line_duty_ratio", line="motion")] < 1


def test_connections_are_counted_by_door(gateway: Gateway) -> None:
    before = read_metrics(gateway)
    for door in ("websocket", "http", "events", "poll", "line", "mqtt"):
        assert family("connections", door=door) in before
    line = Line(gateway.line, gateway.token)
    with RawWebSocket(gateway) as client:
        client.snapshot()
        present = read_metrics(gateway)
    line.close()
    for door in ("websocket", "line"):
        key = family("connections", door=door)
        assert present[key] == before[key] + 1


def test_each_helper_has_one_state(gateway: Gateway) -> None:
    found = read_metrics(gateway)
    states = {"mqtt": ("connected", "connecting", "refused", "off"), "mdns": ("announced", "missing", "off")}
    for helper, names in states.items():
        told = {name: found[family("helper_state", helper=helper, state=name)] for name in names}
        assert told == {name: float(name == "off") for name in names}
    assert found[family("mqtt_connected")] == 0


def test_the_process_tells_what_it_uses(gateway: Gateway) -> None:
    found = read_metrics(gateway)
    pid = gateway.process.pid
    fds = len(os.listdir(f"/proc/{pid}/fd"))
    assert abs(found["process_open_fds"] - fds) <= 4
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    assert 0.5 * resident <= found["process_resident_memory_bytes"] <= 2 * resident
    assert 0 < found["process_cpu_seconds_total"] < 60
    start = found[family("start_time_seconds")]
    assert abs(start - (time.time() - found[family("uptime_seconds")])) < 3
    time.sleep(0.05)
    assert read_metrics(gateway)[family("start_time_seconds")] == start, "no look is a restart"


def test_a_page_of_256_lines_is_small(start_gateway: StartGateway) -> None:
    lines = [{"name": f"greenhouse-relay-{i}", "chip": "simulator", "offset": i,
              "direction": "output"} for i in range(256)]
    gateway = start_gateway(lines=lines)
    text = gateway.get("/metrics").text
    assert text.count("gpio_gateway_line_on_seconds_total{") == 256
    assert len(text.encode()) <= PAGE_MAX_BYTES


def test_a_page_is_packed_for_those_who_accept_it(gateway: Gateway) -> None:
    plain = gateway.get("/metrics", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert plain.headers["Content-Encoding"] is None
    packed = gateway.get("/metrics", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
    text = gzip.decompress(packed.body).decode()
    names = [[line.split(" ")[0] for line in page.splitlines()] for page in (plain.text, text)]
    assert names[0] == names[1]
    assert len(packed.body) < len(plain.body) / 5
