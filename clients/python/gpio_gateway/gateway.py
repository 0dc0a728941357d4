"""Gateway: the one object that a program needs."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Any, Collection, Iterator, Mapping

from .address import parse_address
from .errors import NotFound
from .events import Event, Gap, Place, event_from
from .history import items_between, read_events
from .lines import Lines
from .link import Link
from .watch import Item, Watch

TIMEOUT_S = 10.0

# What changes nothing may be asked again after a lost connection.
_READS = frozenset(
    {
        "circuit.get",
        "line.get",
        "lines.get",
        "history.get",
        "system.ping",
        "system.methods",
        "sockets.list",
        "sockets.calls",
    }
)


class Gateway:
    """A connection to a gateway. After a loss it is made anew, and calls wait for that.

    `url` is http://HOST:8080, https://HOST or unix:PATH; without it $GPIO_GATEWAY_URL, else a
    gateway on this machine. `token` is what `gpio-gateway token show` prints; without it
    $GPIO_GATEWAY_TOKEN or the file $GPIO_GATEWAY_TOKEN_FILE; a socket of the same user needs none.
    `lease` ties what this program switches on to its connection ("connection"): when the program
    ends, in whatever way, those outputs go to their safe value. None leaves them as they are.
    `timeout` (seconds) bounds each call and each wait for the connection. `context` replaces
    ssl.create_default_context() for https.

    Safe to use from several threads.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        lease: str | None = "connection",
        timeout: float = TIMEOUT_S,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.lease = lease
        self.lines = Lines(self)
        self._link = Link(parse_address(url), token, timeout, context)

    # ---- commands ----

    def call(self, method: str, **params: Any) -> Any:
        """Any method of the interface (`system.methods` lists them), with its parameters as
        there.
        """
        return self._link.call(method, params, repeat=method in _READS)

    def set(self, values: Mapping[str, int], *, expect: int | None = None) -> list[str]:
        """Sets several lines, all or none; the names of those that changed."""
        params: dict[str, Any] = {"lines": {name: int(value) for name, value in values.items()}}
        return self._call_leased("lines.set", params, expect)

    def scene(self, name: str, *, expect: int | None = None) -> list[str]:
        """Applies a scene of the config; the names of the lines that changed."""
        return self._call_leased("scene.apply", {"scene": name}, expect)

    def off(self) -> list[str]:
        """Every output to its safe value; the names of those that changed."""
        return list(self.call("circuit.off")["changed"])

    def repeat(self, method: str, **params: Any) -> Any:
        """As call(), and sends it again where a lost connection swallowed the answer: for commands
        that may be done twice, as setting a value.
        """
        return self._link.call(method, params, repeat=True)

    def _call_leased(self, method: str, params: dict[str, Any], expect: int | None) -> list[str]:
        if self.lease is not None:
            params["lease"] = self.lease
        if expect is not None:
            params["expect"] = expect
        return list(self.call(method, **params)["changed"])

    # ---- state ----

    def line_names(self) -> list[str]:
        return self._link.line_names()

    def line_info(self, name: str) -> dict[str, Any]:
        """State and description of a line, as last told. Raises NotFound."""
        line = self._link.line(name)
        if line is None:
            raise NotFound(f"There is no line {name!r}", "no-such-line")
        return line

    @property
    def connected(self) -> bool:
        """False while a lost connection is being made anew."""
        return self._link.connected

    @property
    def address(self) -> str:
        return self._link.address.text

    @property
    def cursor(self) -> str | None:
        """That of the last event known here; watch(since=…) goes on after it."""
        return self._link.cursor

    def now_ns(self) -> int:
        """The gateway's wall clock in nanoseconds since 1970, as measured over the connection."""
        return self._link.clock.now_ns()

    # ---- events ----

    def watch(
        self,
        since: str | None = None,
        *,
        lines: Collection[str] | None = None,
        timeout: float | None = None,
    ) -> Watch:
        """Iterates over events from now on, or from after the cursor `since`; a Gap stands where
        some were lost. `lines` names the lines that count; without an event for `timeout` seconds
        it ends.
        """
        watch, boot, seq = self._link.watch(lines, timeout)
        if since is not None:
            try:
                watch.put_first(list(self._missed(since, boot, seq)))
            except BaseException:
                watch.close()
                raise
        return watch

    def _missed(self, since: str, boot: str, seq: int) -> Iterator[Item]:
        """What lies after `since`, up to the event `seq` of the run `boot`."""
        last_boot, _, number = since.rpartition("-")
        last = Place(last_boot, int(number) if number.isdigit() else 0)
        if (last.boot, last.seq) == (boot, seq):
            return

        def fetch(query: Mapping[str, Any]) -> Mapping[str, Any]:
            page: Mapping[str, Any] = self.call("history.get", **query)
            return page

        if last.boot != boot:
            between = items_between(last, boot, seq, fetch)
            if between is not None:
                yield from between
                return
        is_known = last.boot == boot and last.seq < seq
        if not is_known:
            last = Place(boot, 0)
        for event in read_events(fetch, {"since": last.cursor}, (boot, seq)):
            if event.boot != boot or event.seq <= last.seq:
                continue
            if not is_known or event.seq > last.seq + 1:
                yield Gap(boot, event.seq - 1, event.seq - 1 - last.seq if is_known else None)
            yield event
            last, is_known = Place(boot, event.seq), True
        if last.seq < seq:
            yield Gap(boot, seq, seq - last.seq if is_known else None)

    def history(
        self, line: str | None = None, since: str | None = None, limit: int | None = None
    ) -> list[Event]:
        """Past events that the gateway still has in memory, oldest first."""
        params = {"line": line, "since": since, "limit": limit}
        given = {key: value for key, value in params.items() if value is not None}
        return [event_from(event) for event in self.call("history.get", **given)["events"]]

    # ---- the end ----

    def close(self) -> None:
        """Ends the connection: leased outputs go to their safe values, watchers end."""
        self._link.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
