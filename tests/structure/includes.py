"""Walks the includes and the system calls of gateway/ and reports what breaks the layers."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Iterator, NamedTuple

# Which layers, or which single headers, a layer may include besides its own. The composition root is
# the files that stand in gateway/ itself.
ROOT = "gateway"
MAY_INCLUDE = {
    "base": [],
    "loop": ["base/*"],
    "net": ["base/*", "loop/*"],
    "lab": ["base/*", "loop/*", "net/*"],
    "gpio": ["base/*"],
    "circuit": ["base/*", "gpio/gpio.h"],
    "state": ["base/*", "loop/*", "circuit/*"],
    "protocol": ["base/*", "loop/*", "net/*", "lab/*", "circuit/*", "state/*"],
    "config": ["base/*", "loop/*", "net/*", "gpio/*", "circuit/*", "protocol/*"],
    "client": ["base/*", "net/*", "circuit/verbs.h"],
    "mqtt": ["base/*", "loop/*"],
    "manual": ["base/*", "circuit/*", "protocol/*", "config/*", "client/*"],
    ROOT: ["*"],
}

# A layer may have modules: folders in it. Which others of its own layer each may include; the layer's own
# files are those that every module may include, and that include none of them.
MODULES = {
    "protocol/method": ["protocol"],
    "protocol/text": ["protocol", "protocol/method"],
    "protocol/datagram": ["protocol", "protocol/method", "protocol/text"],
    "protocol/websocket": ["protocol", "protocol/method"],
    "protocol/http": ["protocol", "protocol/method", "protocol/websocket"],
}

# Where a library's header may stand. What is not named here is the C library or the kernel.
LIBRARY_HEADERS = {
    "cjson/*": ["base/json.c"],
    "cJSON.h": [],  # it is written cjson/cJSON.h
    "gpiod.h": ["gpio/libgpiod1.c", "gpio/libgpiod2.c"],
    "linux/gpio.h": ["gpio/*"],
    "microhttpd.h": ["protocol/http/http_library.h"],
    "libwebsockets.h": ["protocol/websocket/*"],
    "uv.h": ["protocol/websocket/*"],
    "qrencode.h": ["protocol/qr.c"],
    "mosquitto.h": ["mqtt/broker.c"],
    "mqtt_protocol.h": ["mqtt/broker.c"],
    "zlib.h": ["protocol/http/page_twin.c", "protocol/http/gzip.c"],
    "systemd/*": ["gateway.c", "startup_urls.c", "sd_notify.c"],
    "openssl/*": ["net/*"],
}

# System calls that are made on one layer only: the raw sockets of the program, and its one loop.
CALLS = {
    "net": (
        "socket socketpair bind listen accept accept4 connect send sendto sendmsg sendmmsg "
        "recv recvfrom recvmsg recvmmsg setsockopt getsockopt"
    ),
    "loop": (
        "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 "
        "timerfd_create timerfd_settime signalfd"
    ),
}
LAYER_OF_CALL = {call: layer for layer, calls in CALLS.items() for call in calls.split()}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
# A call of the function itself: not a member (x->connect(), x.bind()), not a longer name.
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(LAYER_OF_CALL))
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


class Violation(NamedTuple):
    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"gateway/{self.file}:{self.line}: {self.reason}"


def violations(gateway: Path) -> list[Violation]:
    """Everything in the folder `gateway` that stands on the wrong layer."""
    found: list[Violation] = []
    for path in sources(gateway):
        name = path.relative_to(gateway).as_posix()
        text = path.read_text(encoding="utf-8")
        found += wrong_includes(gateway, name, text)
        found += wrong_calls(name, text)
    return found


def sources(gateway: Path) -> list[Path]:
    return sorted(p for p in gateway.rglob("*") if p.suffix in (".c", ".h"))


def layer_of(name: str) -> str:
    return name.split("/")[0] if "/" in name else ROOT


def module_of(name: str) -> str:
    return name.rpartition("/")[0] or ROOT


def wrong_includes(gateway: Path, name: str, text: str) -> Iterator[Violation]:
    layer = layer_of(name)
    if layer not in MAY_INCLUDE:
        yield Violation(name, 1, f"{layer}/ is no layer of the plan")
        return
    if module_of(name) not in (layer, *MODULES):
        yield Violation(name, 1, f"{module_of(name)}/ is no module of the plan")
    for match in INCLUDE.finditer(blank(text, comments_only=True)):
        ours, theirs = match.groups()
        line = line_of(text, match.start())
        if ours is not None:
            if not (gateway / ours).is_file() or ".." in ours:
                yield Violation(name, line, f'"{ours}" is no header of ours, named from gateway/')
            elif not may_include(layer, ours):
                yield Violation(name, line, f"{layer} may not include {ours}")
            elif not looks_into(module_of(name), module_of(ours)):
                yield Violation(name, line, f"{module_of(name)} may not include {ours}")
        for header, places in LIBRARY_HEADERS.items():
            if fnmatch(ours or theirs, header) and not any(fnmatch(name, p) for p in places):
                where = ", ".join(places) or "no file"
                yield Violation(name, line, f"{ours or theirs} belongs to {where}")


def may_include(layer: str, header: str) -> bool:
    return layer_of(header) == layer or any(fnmatch(header, p) for p in MAY_INCLUDE[layer])


def looks_into(module: str, other: str) -> bool:
    """Whether a module may see another one of its layer."""
    return module == other or layer_of(module + "/") != layer_of(other + "/") or other in MODULES.get(module, [])


def wrong_calls(name: str, text: str) -> Iterator[Violation]:
    for match in CALL.finditer(blank(text)):
        layer = LAYER_OF_CALL[match[1]]
        if layer_of(name) != layer:
            yield Violation(name, line_of(text, match.start()), f"{match[1]}() belongs to {layer}/")


def blank(text: str, comments_only: bool = False) -> str:
    """The text with comments, and string and character constants, as spaces: positions stay."""

    def spaces(match: re.Match[str]) -> str:
        if comments_only and match[0][0] in "\"'":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return COMMENT_OR_TEXT.sub(spaces, text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
