"""Opens the gateway's WebSocket, and says in words why it cannot."""

from __future__ import annotations

import json
import ssl

from .address import Address
from .errors import GatewayError, Unauthorized, Unreachable
from .transport import Transport, open_socket
from .websocket import HandshakeRefused, WebSocket

PROTOCOL = "gpio-gateway.v1"
_REMEDY = (
    "`gpio-gateway token show` prints the token there; give it as GPIO_GATEWAY_TOKEN, "
    "GPIO_GATEWAY_TOKEN_FILE or Gateway(url, token)."
)


def open_websocket(
    address: Address,
    token: str | None,
    since: str | None,
    timeout: float,
    context: ssl.SSLContext | None,
) -> WebSocket:
    """Connects within `timeout` seconds, resuming after the cursor `since`. Raises Unreachable,
    Unauthorized, or GatewayError where something else than a gateway of this protocol answers.
    """
    transport = Transport(open_socket(address, timeout, context))
    sock = WebSocket(transport, timeout)
    headers = {"Host": address.host_header}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    path = f"{address.prefix}/ws" + (f"?since={since}" if since else "")
    try:
        sock.upgrade(path, headers, PROTOCOL)
    except HandshakeRefused as refused:
        sock.close()
        raise _explain(address, refused, bool(token)) from None
    except OSError as error:
        sock.close()
        raise Unreachable(f"{address.text} does not answer as a gateway does: {error}") from error
    return sock


def _detail(body: bytes) -> str:
    """The detail of RFC 9457 problem details, or nothing."""
    try:
        problem = json.loads(body)
    except ValueError:
        return ""
    return str(problem.get("detail", "")) if isinstance(problem, dict) else ""


def _explain(address: Address, refused: HandshakeRefused, has_token: bool) -> GatewayError:
    status = refused.status
    if status == 401:
        told = "does not take this token" if has_token else "asks for a token"
        return Unauthorized(f"The gateway at {address.text} {told}. {_REMEDY}", "unauthorized")
    detail = _detail(refused.body)
    if status == 403:
        return Unauthorized(
            f"The gateway at {address.text} does not allow this: {detail} {_REMEDY}", "forbidden"
        )
    if status == 421:
        return Unreachable(f"The gateway at {address.text} does not serve this host name. {detail}")
    if status in (429, 502, 503, 504):
        return Unreachable(f"{address.text} takes no connection now (HTTP {status}). {detail}")
    return GatewayError(
        f"What answers at {address.text} (HTTP {status}) does not speak "
        f"{PROTOCOL}: it is no gateway, or one of another version. {detail}".rstrip()
    )
