"""What can go wrong, as one family of exceptions below GatewayError."""

from __future__ import annotations

from typing import Any, Mapping, Type


class GatewayError(Exception):
    """The gateway refused, or something between here and there did not work.

    `code` is the interface's word for it ("interlock", "bad-request", …), or None where the refusal
    did not come from a gateway. `data` holds what the gateway told besides, as `blocked_by`.
    """

    def __init__(
        self, message: str, code: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.data: Mapping[str, Any] = data or {}

    def __str__(self) -> str:
        return str(self.args[0])


class Unauthorized(GatewayError):
    """No token, a wrong one, or one whose role does not allow this."""


class NotFound(GatewayError, KeyError):
    """There is no such line, scene or method."""


class Conflict(GatewayError):
    """The circuit does not allow this now: `expect` failed, an interlock, a lock, an input."""


class Uncertain(GatewayError):
    """The command was sent, and its answer did not come: it may have been done or not."""


class Unreachable(GatewayError):
    """No gateway answers at this address."""


_CLASSES: Mapping[str, Type[GatewayError]] = {
    "unauthorized": Unauthorized,
    "forbidden": Unauthorized,
    "no-such-line": NotFound,
    "no-such-scene": NotFound,
    "no-such-rule": NotFound,
    "no-such-method": NotFound,
    "not-found": NotFound,
    "conflict": Conflict,
    "not-an-output": Conflict,
    "interlock": Conflict,
    "locked": Conflict,
    "not-simulated": Conflict,
    "forbidden-pin": Conflict,
    "read-only": Conflict,
}
_METHOD_NOT_FOUND = -32601  # JSON-RPC 2.0, section 5.1


def error_from_rpc(method: str, error: Mapping[str, Any]) -> GatewayError:
    """The exception for a JSON-RPC error object that answered `method`."""
    data = error.get("data")
    data = data if isinstance(data, Mapping) else {}
    code = str(data.get("code") or error.get("message") or "error")
    if error.get("code") == _METHOD_NOT_FOUND:
        return NotFound(
            f"{method}: this gateway does not know the method; it may be older than " "the client",
            "no-such-method",
            data,
        )
    detail = str(data.get("detail") or error.get("message") or "refused")
    if data.get("blocked_by") and str(data["blocked_by"]) not in detail:
        detail += f" (blocked by {data['blocked_by']})"
    if code == "forbidden":
        detail += " `gpio-gateway token show` prints the operator's token."
    return _CLASSES.get(code, GatewayError)(f"{method}: {detail}", code, data)
