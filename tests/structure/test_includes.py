"""The direction of the layers holds, and the check that says so can fail."""

import re
from pathlib import Path

import pytest
from includes import MAY_INCLUDE, ROOT, violations

GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
MAP = (GATEWAY.parent / "docs/architecture.md").read_text(encoding="utf-8").partition("## The map")[2].partition("\n## ")[0]


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def reasons(folder: Path, files: dict[str, str]) -> list[str]:
    return [v.reason for v in violations(tree(folder, files))]


def test_gateway_keeps_its_layers() -> None:
    assert GATEWAY.is_dir()
    assert [str(v) for v in violations(GATEWAY)] == []


def test_every_layer_of_the_plan_is_there() -> None:
    layers = {p.parent.name for p in GATEWAY.glob("*/*.c")}
    assert layers >= {"base", "loop", "net", "gpio", "circuit", "protocol", "config"}


def test_the_map_has_every_layer_with_what_it_may_include() -> None:
    rows = re.findall(r"^\| `(\w+)/` \| .* \| (.*) \|$", MAP, re.MULTILINE)
    drawn = {layer: [] if names == "nothing of ours" else names.split(", ") for layer, names in rows}
    assert drawn == {layer: [name.removesuffix("/*") for name in names]
                     for layer, names in MAY_INCLUDE.items() if layer != ROOT}


def test_the_map_has_every_file_of_the_composition_root() -> None:
    files = {path.stem for path in GATEWAY.glob("*.[ch]")}
    assert files == {Path(name).stem for name in re.findall(r"`(\w+\.[ch])`", MAP.partition("composition root")[2])}


@pytest.mark.parametrize(
    "file, header",
    [
        ("loop/loop.c", "base/log.h"),
        ("net/listener.c", "loop/loop.h"),
        ("gpio/simulator.c", "base/log.h"),
        ("circuit/circuit.c", "gpio/gpio.h"),
        ("circuit/circuit.c", "circuit/journal.h"),
        ("protocol/http.c", "circuit/circuit.h"),
        ("protocol/http.c", "net/listener.h"),
        ("protocol/http/route.c", "circuit/circuit.h"),
        ("protocol/http/route.c", "protocol/auth.h"),
        ("protocol/http/route.c", "protocol/http/http_exchange.h"),
        ("protocol/http/route.c", "protocol/method/method.h"),
        ("protocol/http/route.c", "protocol/websocket/websocket_server.h"),
        ("gateway.c", "protocol/http/http_server.h"),
        ("config/config.c", "protocol/http.h"),
        ("client/client.c", "net/address.h"),
        ("gateway.c", "protocol/http.h"),
        ("main.c", "gateway.h"),
    ],
)
def test_downward_includes_pass(tmp_path: Path, file: str, header: str) -> None:
    assert reasons(tmp_path, {file: f'#include "{header}"\n', header: ""}) == []


@pytest.mark.parametrize(
    "file, header",
    [
        ("base/log.c", "loop/loop.h"),
        ("base/log.h", "net/listener.h"),
        ("loop/loop.c", "net/listener.h"),
        ("net/listener.c", "protocol/http.h"),
        ("net/listener.c", "gpio/gpio.h"),
        ("gpio/simulator.c", "loop/loop.h"),
        ("gpio/gpio.h", "circuit/circuit.h"),
        ("circuit/circuit.c", "gpio/simulator.h"),
        ("circuit/circuit.c", "net/listener.h"),
        ("circuit/circuit.c", "protocol/json_encode.h"),
        ("protocol/http.c", "gpio/gpio.h"),
        ("protocol/http.c", "config/config.h"),
        ("protocol/http.c", "gateway.h"),
        ("config/config.c", "client/client.h"),
        ("client/client.c", "loop/loop.h"),
        ("client/client.c", "circuit/circuit.h"),
    ],
)
def test_upward_and_sideways_includes_fail(tmp_path: Path, file: str, header: str) -> None:
    layer = file.split("/")[0]
    found = reasons(tmp_path, {file: f'#include "{header}"\n', header: ""})
    assert found == [f"{layer} may not include {header}"]


@pytest.mark.parametrize(
    "file, header",
    [
        ("protocol/auth.h", "protocol/http/http_exchange.h"),
        ("protocol/feed.c", "protocol/method/method.h"),
        ("protocol/method/method.c", "protocol/http/route.h"),
        ("protocol/websocket/websocket_server.c", "protocol/http/http_exchange.h"),
        ("protocol/text/text_command.c", "protocol/datagram/datagram_server.h"),
    ],
)
def test_a_module_looks_only_where_the_plan_says(tmp_path: Path, file: str, header: str) -> None:
    found = reasons(tmp_path, {file: f'#include "{header}"\n', header: ""})
    assert found == [f"{file.rpartition('/')[0]} may not include {header}"]


def test_a_folder_that_is_no_room_fails(tmp_path: Path) -> None:
    found = reasons(tmp_path, {"protocol/misc/a.c": "", "circuit/deep/b.c": "", "base/c.c": ""})
    assert found == ["circuit/deep/ is no module of the plan", "protocol/misc/ is no module of the plan"]


@pytest.mark.parametrize(
    "file, header",
    [
        ("base/number.c", "cjson/cJSON.h"),
        ("protocol/json_encode.c", "cjson/cJSON.h"),
        ("base/json.c", "cJSON.h"),
        ("gpio/gpio.h", "gpiod.h"),
        ("circuit/circuit.c", "gpiod.h"),
        ("net/listener.c", "microhttpd.h"),
        ("gateway.c", "microhttpd.h"),
        ("gateway.c", "libwebsockets.h"),
        ("protocol/http/route.c", "microhttpd.h"),
        ("protocol/http/http_server.c", "libwebsockets.h"),
        ("protocol/websocket/websocket_server.c", "zlib.h"),
        ("loop/loop.c", "uv.h"),
        ("base/log.c", "systemd/sd-daemon.h"),
    ],
)
def test_a_library_outside_its_layer_fails(tmp_path: Path, file: str, header: str) -> None:
    [found] = reasons(tmp_path, {file: f"#include <{header}>\n"})
    assert found.startswith(f"{header} belongs to")


@pytest.mark.parametrize(
    "file, header",
    [
        ("base/json.c", "cjson/cJSON.h"),
        ("gpio/libgpiod2.c", "gpiod.h"),
        ("net/listener.c", "sys/epoll.h"),
        ("circuit/circuit.c", "string.h"),
    ],
)
def test_a_library_on_its_layer_passes(tmp_path: Path, file: str, header: str) -> None:
    assert reasons(tmp_path, {file: f"#  include <{header}>\n"}) == []


@pytest.mark.parametrize(
    "call, layer",
    [
        ("socket(AF_INET, 0, 0)", "net"),
        ("bind (fd, a, n)", "net"),
        ("listen(fd, 1)", "net"),
        ("accept4(fd, a, n, 0)", "net"),
        ("connect(fd, a, n)", "net"),
        ("sendto(fd, b, n, 0, a, m)", "net"),
        ("recvfrom(fd, b, n, 0, a, m)", "net"),
        ("setsockopt(fd, 1, 2, b, n)", "net"),
        ("getsockopt(fd, 1, 2, b, n)", "net"),
        ("epoll_wait(fd, e, n, -1)", "loop"),
        ("timerfd_create(CLOCK_MONOTONIC, 0)", "loop"),
        ("signalfd(-1, mask, 0)", "loop"),
    ],
)
def test_a_system_call_stands_on_its_layer_alone(tmp_path: Path, call: str, layer: str) -> None:
    text = f"int f(void)\n{{\n    return {call};\n}}\n"
    [found] = violations(tree(tmp_path, {"protocol/http.c": text, f"{layer}/own.c": text}))
    assert found.file == "protocol/http.c"
    assert found.line == 3
    assert found.reason.endswith(f"() belongs to {layer}/")


@pytest.mark.parametrize(
    "text",
    [
        "/* accept4(2) is called below; then\n * bind(2) */\n",
        "// connect(2)\n",
        'static const char *word = "socket(";\n',
        "void f(struct x *x) { x->connect(x); (*x).listen(x); }\n",
        "void f(void) { stream_connect(1); listener_bind(2); rebind(3); }\n",
    ],
)
def test_what_only_looks_like_such_a_call_passes(tmp_path: Path, text: str) -> None:
    assert reasons(tmp_path, {"protocol/http.c": text}) == []


def test_an_include_in_a_comment_is_none(tmp_path: Path) -> None:
    assert reasons(tmp_path, {"base/log.c": '/*\n#include "net/listener.h"\n*/\n'}) == []


def test_a_path_that_climbs_or_leads_nowhere_fails(tmp_path: Path) -> None:
    found = reasons(
        tmp_path,
        {"base/log.c": '#include "../base/clock.h"\n#include "missing.h"\n', "base/clock.h": ""},
    )
    assert len(found) == 2


def test_a_folder_that_is_no_layer_fails(tmp_path: Path) -> None:
    assert reasons(tmp_path, {"utils/misc.c": ""}) == ["utils/ is no layer of the plan"]
