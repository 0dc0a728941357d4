"""A byte stream to the gateway that one thread may read while another writes: TCP, TLS, AF_UNIX."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time

from .address import Address
from .errors import Unreachable

_READ_BYTES = 65536


class Transport:
    """A connected, non-blocking socket.

    Only the calls on the socket itself are made under a lock (an SSL object must not be used by two
    threads at once); both sides wait outside of it.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()

    def receive(self, timeout: float) -> bytes:
        """What has come, b"" at the end of the stream. Raises TimeoutError after `timeout` seconds,
        or OSError.
        """
        deadline = time.monotonic() + timeout
        while True:
            wanted = select.POLLIN
            try:
                with self._lock:
                    return self._socket.recv(_READ_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            except ssl.SSLWantWriteError:
                wanted = select.POLLOUT
            except ssl.SSLEOFError:
                return b""
            self._wait(wanted, deadline)

    def send(self, data: bytes, timeout: float) -> None:
        """All of `data`, or OSError: then the peer has not got all of it."""
        deadline = time.monotonic() + timeout
        with self._write_lock:
            view = memoryview(data)
            while view:
                wanted = select.POLLOUT
                try:
                    with self._lock:
                        view = view[self._socket.send(view) :]
                    continue
                except (BlockingIOError, ssl.SSLWantWriteError):
                    pass
                except ssl.SSLWantReadError:
                    wanted = select.POLLIN
                self._wait(wanted, deadline)

    def _wait(self, wanted: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._socket, wanted)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError("the gateway is silent")

    def shutdown(self) -> None:
        """Ends both directions, so that whoever waits in here returns. The descriptor stays."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        self._socket.close()


def open_socket(
    address: Address, timeout: float, context: ssl.SSLContext | None = None
) -> socket.socket:
    """Connects within `timeout` seconds. Raises Unreachable with the reason."""
    try:
        if address.path is not None:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(timeout)
            try:
                sock.connect(address.path)
            except BaseException:
                sock.close()
                raise
            return sock
        sock = socket.create_connection((address.host, address.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not address.tls:
            return sock
        try:
            return (context or ssl.create_default_context()).wrap_socket(
                sock, server_hostname=address.host
            )
        except BaseException:
            sock.close()
            raise
    except (OSError, UnicodeError) as error:
        raise Unreachable(
            f"No gateway answers at {address.text}: {error}. Is it running, and is the "
            "address right? GPIO_GATEWAY_URL or Gateway(url) names it."
        ) from error
