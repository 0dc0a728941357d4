"""Where the gateway is and which token opens it: arguments, environment, well-known places."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator
from urllib.parse import parse_qs, urlsplit

from .errors import Unauthorized, Unreachable

DEFAULT_PORT = 8080  # of the gateway's own default `listen.http`
_FORMS = "http://HOST:8080, https://HOST or unix:PATH"
_ROLES = ("operator", "admin", "viewer")  # of a token file; the first that it has is taken


@dataclass(frozen=True)
class Address:
    """A place to connect to. `path` is that of an AF_UNIX socket, and then host and port are
    unused. `prefix` stands before /ws and /api where a proxy serves the gateway below a folder.
    """

    text: str
    host: str = "gateway"
    port: int = 0
    path: str | None = None
    tls: bool = False
    prefix: str = ""
    token: str | None = None  # of a login link, …/?token=…

    @property
    def host_header(self) -> str:
        """The Host of RFC 9110: with brackets around IPv6, without the scheme's own port."""
        if self.path is not None:
            return self.host
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.tls else 80) else f"{name}:{self.port}"


def runtime_folders() -> Iterator[Path]:
    """Where a gateway on this machine may have its sockets: the service's folder first."""
    yield Path("/run/gpio-gateway")
    if os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(os.environ["XDG_RUNTIME_DIR"]) / "gpio-gateway"
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    yield Path(state).expanduser() / "gpio-gateway"


def _find_socket(name: str) -> str | None:
    for folder in runtime_folders():
        path = folder / name
        if os.access(path, os.W_OK):
            return str(path)
    return None


def _default_url() -> str:
    """The socket of a gateway on this machine (it asks for no token), else its default port."""
    path = _find_socket("http.sock")
    return f"unix:{path}" if path else f"http://localhost:{DEFAULT_PORT}"


def parse_address(url: str | None = None) -> Address:
    """Reads `url`, else $GPIO_GATEWAY_URL, else finds a gateway on this machine.

    "unix:http.sock" is looked for in the runtime folders, "HOST" and "HOST:PORT" mean http. Raises
    Unreachable where it is no address.
    """
    text = url or os.environ.get("GPIO_GATEWAY_URL") or _default_url()
    if text.startswith("unix:"):
        path = re.sub("^//", "", text[len("unix:") :])
        if not path:
            raise Unreachable(f"{text!r} names no socket: write unix:PATH")
        if not path.startswith("/"):
            path = _find_socket(path) or path
        return Address(f"unix:{path}", path=path)
    bare = "://" not in text
    try:
        parts = urlsplit(f"http://{text}" if bare else text)
        port = parts.port
    except ValueError as error:
        raise Unreachable(f"{text!r} is no address ({error}): write {_FORMS}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreachable(f"{text!r} is no address: write {_FORMS}")
    tls = parts.scheme == "https"
    if port is None:
        port = DEFAULT_PORT if bare else 443 if tls else 80
    told = parse_qs(parts.query).get("token")
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    return Address(
        shown,
        parts.hostname,
        port,
        tls=tls,
        prefix=parts.path.rstrip("/"),
        token=told[0] if told else None,
    )


def _token_in(text: str) -> str | None:
    """Of a file with a token alone, or of the gateway's own with a line `ROLE TOKEN` each."""
    words = [line.split() for line in text.splitlines() if line.strip()]
    by_role = {pair[0]: pair[1] for pair in words if len(pair) == 2}
    for role in _ROLES:
        if role in by_role:
            return by_role[role]
    return words[0][0] if words and len(words[0]) == 1 else None


def find_token(address: Address, token: str | None = None) -> str | None:
    """`token`, else the address's own, else $GPIO_GATEWAY_TOKEN, else what $GPIO_GATEWAY_TOKEN_FILE
    holds now; None where there is none. It is asked anew for each connection, so that a token which
    was replaced in the file is found. Raises Unauthorized where the file cannot be read.
    """
    found = (token or address.token or os.environ.get("GPIO_GATEWAY_TOKEN") or "").strip()
    file = os.environ.get("GPIO_GATEWAY_TOKEN_FILE")
    if not found and file:
        try:
            found = _token_in(Path(file).read_text(encoding="ascii")) or ""
        except (OSError, UnicodeDecodeError) as error:
            raise Unauthorized(f"GPIO_GATEWAY_TOKEN_FILE: cannot read {file}: {error}") from None
        if not found:
            raise Unauthorized(
                f"GPIO_GATEWAY_TOKEN_FILE: {file} holds no token; write the token " "alone into it"
            )
    if found and not re.fullmatch(r"[\x21-\x7e]+", found):
        raise Unauthorized(
            "The token has characters that no token has: copy it again from "
            "`gpio-gateway token show`"
        )
    return found or None
