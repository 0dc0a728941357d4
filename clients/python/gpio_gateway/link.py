"""One WebSocket to the gateway, kept open: calls, the circuit's state, watchers, reconnection.

A thread of its own receives. After a loss it connects anew, resumes with the cursor of the last
event that it saw, and goes on. Calls that come meanwhile wait for it.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import sys
import threading
import time
import weakref
from typing import Any, Collection, Mapping

from . import history
from .address import Address, find_token
from .clock import ClockOffset
from .errors import GatewayError, Uncertain, Unauthorized, Unreachable, error_from_rpc
from .events import Gap, Place
from .session import open_websocket
from .state import CircuitState
from .watch import Item, Watch
from .websocket import WebSocket

PING_S = 15.0  # between questions that measure the clock and prove that the other side lives
PONG_S = 10.0  # a gateway that is silent for longer after one counts as gone
RETRY_FIRST_S, RETRY_MAX_S = 0.05, 2.0  # between attempts to connect
ENDING_S = 2.0  # from a refusal by a gateway that ends until its connection ends
HISTORY_S = 5.0  # for reading what lay between two runs
_CLOCK_PINGS = 3
_NOT_OURS = (AttributeError, KeyError, TypeError, ValueError)  # from reading what is no message


class _Pending:
    """A call whose answer is awaited."""

    def __init__(self, sock: WebSocket) -> None:
        self.socket = sock
        self.answer: Mapping[str, Any] | None = None
        self.lost = False  # with the connection that it was sent on


class Link:
    """`timeout` (seconds) bounds each connect, call, and wait for a connection."""

    def __init__(
        self, address: Address, token: str | None, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self.address = address
        self.clock = ClockOffset()
        self._token = token
        self._timeout = timeout
        self._context = context
        self._changed = threading.Condition()  # guards everything below
        self._state = CircuitState()
        self._socket: WebSocket | None = None  # while calls may be made
        self._raw: WebSocket | None = None  # while there is a connection at all
        self._refused: GatewayError | None = None  # why the last attempt failed, if it will again
        self._pending: dict[int, _Pending] = {}
        self._next_id = 1
        # A watch that nobody iterates over any more goes without a close().
        self._watches: weakref.WeakSet[Watch] = weakref.WeakSet()
        self._closed = threading.Event()
        self._ping_sent_ns = 0  # while a question is open
        self._told_boot, self._told_seq = "", 0  # by the last answer to one
        self._begin(self._connect())
        self._thread = threading.Thread(target=self._run, name="gpio-gateway", daemon=True)
        self._thread.start()

    # ---- what others ask ----

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def call(self, method: str, params: Mapping[str, Any], *, repeat: bool = False) -> Any:
        """The result of a JSON-RPC call; when it returns, the state holds what it changed.

        It waits for a connection. Raises Unreachable when there is none within the timeout,
        Uncertain when the call was sent and no answer came (`repeat` sends it again instead: for
        what may be done twice), or the refusal.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                pending = self._call_once(method, params, deadline)
            except Uncertain:
                if not repeat or time.monotonic() >= deadline or self._closed.is_set():
                    raise
                continue
            if pending is None:  # it could not be sent: wait for the next connection
                continue
            assert pending.answer is not None
            if "error" not in pending.answer:
                return pending.answer.get("result")
            error = error_from_rpc(method, pending.answer["error"])
            if not self._is_ending(error, pending.socket):
                raise error

    def _call_once(
        self, method: str, params: Mapping[str, Any], deadline: float
    ) -> _Pending | None:
        """Answered, or None where it was not sent."""
        with self._changed:
            self._wait_connected(deadline)
            sock, number = self._socket, self._next_id
            assert sock is not None
            self._next_id += 1
            pending = _Pending(sock)
            self._pending[number] = pending
        try:
            text = json.dumps(
                {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params)},
                separators=(",", ":"),
            )
            try:
                sock.send(text)
            except OSError:
                # A frame that was not sent whole is not acted upon.
                sock.abort()
                with self._changed:
                    if self._socket is sock:
                        self._socket = None
                return None
            with self._changed:
                while not pending.lost and not self._is_settled(pending):
                    left = deadline - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
            if pending.answer is None:
                reason = "the connection was lost" if pending.lost else "no answer came"
                raise Uncertain(f"{method}: sent, then {reason}; it may have been done or not")
            return pending
        finally:
            with self._changed:
                self._pending.pop(number, None)

    def _is_settled(self, pending: _Pending) -> bool:
        """Answered, and the event that it caused has been seen."""
        if pending.answer is None:
            return False
        result = pending.answer.get("result")
        seq = result.get("seq") if isinstance(result, dict) else None
        return not isinstance(seq, int) or seq <= self._state.seq

    def _is_ending(self, error: GatewayError, sock: WebSocket) -> bool:
        """A gateway that ends refuses commands with ESHUTDOWN, and then closes: what it refused was
        not done, and waits for the next one.
        """
        if error.data.get("errno") != "ESHUTDOWN":
            return False
        with self._changed:
            return self._changed.wait_for(lambda: self._socket is not sock, ENDING_S)

    def _wait_connected(self, deadline: float) -> None:
        if sys.is_finalizing():  # the thread that receives does not run any more
            raise GatewayError("the program is ending")
        while self._socket is None:
            if self._closed.is_set():
                raise GatewayError("this Gateway is closed")
            if self._refused:
                raise self._refused
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unreachable(
                    f"The connection to {self.address.text} is lost, and no gateway "
                    f"has answered there for {self._timeout:g} s"
                )
            self._changed.wait(left)

    def line(self, name: str) -> dict[str, Any] | None:
        """A copy of a line's state; waits for a connection as a call does."""
        with self._changed:
            self._wait_connected(time.monotonic() + self._timeout)
            line = self._state.lines.get(name)
            return None if line is None else dict(line)

    def line_names(self) -> list[str]:
        with self._changed:
            self._wait_connected(time.monotonic() + self._timeout)
            return list(self._state.lines)

    @property
    def cursor(self) -> str | None:
        """That of the last event seen."""
        with self._changed:
            return self._state.cursor

    def watch(self, lines: Collection[str] | None, timeout: float | None) -> tuple[Watch, str, int]:
        """A watcher, and where it begins: the run and the last event that it does not get."""
        watch = Watch(lines, timeout, self._forget)
        with self._changed:
            if self._closed.is_set():
                raise GatewayError("this Gateway is closed")
            self._watches.add(watch)
            return watch, str(self._state.boot), self._state.seq

    def _forget(self, watch: Watch) -> None:
        with self._changed:
            self._watches.discard(watch)

    def close(self) -> None:
        """Ends the connection, and with it the leases; calls and watchers end."""
        self._closed.set()
        with self._changed:
            raw = self._raw
            self._changed.notify_all()
        if raw:
            raw.send_close()
            raw.abort()
        if threading.current_thread() is not self._thread and not sys.is_finalizing():
            self._thread.join(self._timeout)

    # ---- the thread ----

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._receive_until_lost()
            except OSError:
                pass
            self._drop()
            self._reconnect()
        self._drop()
        with self._changed:
            watches = list(self._watches)
            self._watches.clear()
        for watch in watches:
            watch.end()

    def _drop(self) -> None:
        """What was sent and not answered is uncertain from now on."""
        with self._changed:
            raw, self._raw, self._socket = self._raw, None, None
            for pending in self._pending.values():
                pending.lost = True
            self._changed.notify_all()
        if raw:
            raw.close()

    def _reconnect(self) -> None:
        pause = RETRY_FIRST_S
        while not self._closed.wait(pause * random.uniform(0.5, 1.0)):
            try:
                self._begin(self._connect())
                return
            except (GatewayError, OSError) as error:
                self._drop()
                self._note_refusal(error)
            pause = min(pause * 1.6, RETRY_MAX_S)

    def _note_refusal(self, error: Exception) -> None:
        """A token that the gateway refused will be refused again: whoever waits is told at once."""
        refused = error if isinstance(error, Unauthorized) and error.code else None
        with self._changed:
            self._refused = refused
            watches = list(self._watches) if refused else []
            self._changed.notify_all()
        for watch in watches:
            watch.end(refused)
            self._forget(watch)

    def _connect(self) -> WebSocket:
        token = find_token(self.address, self._token)
        return open_websocket(self.address, token, self._state.cursor, self._timeout, self._context)

    def _begin(self, sock: WebSocket) -> None:
        """Measures the clock, waits until the state is that of now, and lets calls through."""
        with self._changed:
            self._raw = sock
        deadline = time.monotonic() + self._timeout
        try:
            for _ in range(_CLOCK_PINGS):
                self._send_ping(sock)
                while self._ping_sent_ns:
                    self._take_message(sock.receive(deadline - time.monotonic()))
            while self._state.boot != self._told_boot or self._state.seq < self._told_seq:
                self._take_message(sock.receive(deadline - time.monotonic()))
        except (OSError, *_NOT_OURS) as error:
            sock.close()
            raise Unreachable(
                f"{self.address.text}: the connection ended, or what came was not of "
                f"a gateway: {error}"
            ) from error
        with self._changed:
            self._socket, self._refused = sock, None
            self._changed.notify_all()

    def _receive_until_lost(self) -> None:
        sock, asked = self._raw, False
        deadline = time.monotonic() + PING_S
        while sock and not self._closed.is_set():
            try:
                self._take_message(sock.receive(max(0.0, deadline - time.monotonic())))
            except TimeoutError:
                if asked:
                    return  # half open: asked, and not answered since
                self._send_ping(sock)
                asked, deadline = True, time.monotonic() + PONG_S
            except _NOT_OURS:
                return  # not our protocol: connect anew
            if asked and not self._ping_sent_ns:
                asked, deadline = False, time.monotonic() + PING_S

    def _send_ping(self, sock: WebSocket) -> None:
        self._ping_sent_ns = time.monotonic_ns()
        sock.send('{"jsonrpc":"2.0","id":0,"method":"system.ping"}')

    # ---- what comes ----

    def _take_message(self, text: str) -> None:
        message = json.loads(text)
        method = message.get("method")
        if method == "event":
            self._take_event(message["params"])
        elif method == "snapshot":
            self._take_snapshot(message["params"])
        elif message.get("id") == 0:
            self._take_ping(message["result"])
        elif "id" in message:
            with self._changed:
                pending = self._pending.get(message["id"])
                if pending:
                    pending.answer = message
                    if self._is_settled(pending):
                        self._changed.notify_all()

    def _take_ping(self, result: Mapping[str, Any]) -> None:
        self.clock.add(self._ping_sent_ns, time.monotonic_ns(), int(result["time_ns"]))
        self._told_boot, self._told_seq = str(result["boot"]), int(result["seq"])
        self._ping_sent_ns = 0

    def _take_event(self, params: Mapping[str, Any]) -> None:
        with self._changed:
            gap, event = self._state.take_event(params)
            self._changed.notify_all()
            items: list[Item] = [item for item in (gap, event) if item]
            for watch in self._watches:
                watch.put(items)

    def _take_snapshot(self, params: Mapping[str, Any]) -> None:
        with self._changed:
            seen = self._state.place
            gap = self._state.take_snapshot(params)
            wanted = bool(gap and self._watches)
            self._changed.notify_all()
        if gap is None or seen is None or not wanted:
            return
        items = self._read_history(seen, gap) or [gap]
        with self._changed:
            for watch in self._watches:
                watch.put(items)

    def _read_history(self, seen: Place, gap: Gap) -> list[Item] | None:
        """What lies in the gap, from the gateway's history file where it keeps one."""
        deadline = time.monotonic() + HISTORY_S

        def fetch(query: Mapping[str, Any]) -> Mapping[str, Any]:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            token = find_token(self.address, self._token)
            return history.fetch_page(self.address, token, query, left, self._context)

        try:
            return history.items_between(seen, gap.boot, gap.seq, fetch)
        except (GatewayError, OSError, http.client.HTTPException, *_NOT_OURS):
            return None
