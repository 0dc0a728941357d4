"""Makes the n-th call of a kind fail inside a gateway (tests/faults/shim.c), and what may then be seen of it."""

from __future__ import annotations

import ctypes
import errno
import mmap
from collections.abc import Callable
from pathlib import Path

from gateway_process import PROGRAM

SHIM = Path(PROGRAM).parent / "libfaults.so"
# A build with sanitizers has it in a program, since they have their own malloc.
SANITIZED = Path(PROGRAM).parent / "gpio-gateway-faults"
FAULTY = str(SANITIZED) if SANITIZED.is_file() else PROGRAM

# In the order of the shim's enum, with the error that each gets.
KINDS = {"alloc": errno.ENOMEM, "write": errno.ENOSPC, "fsync": errno.EIO, "accept4": errno.EMFILE,
         "epoll_ctl": errno.ENOMEM, "recvmsg": errno.ENOBUFS, "receive": errno.ENOMEM, "send": errno.ENOBUFS,
         "open": errno.EMFILE, "rename": errno.EROFS, "descriptor": errno.EMFILE,
         "thread": errno.EAGAIN, "socket": errno.ENOBUFS, "file": errno.EIO, "fence": errno.ENOMEM,
         "random": errno.EIO}


class Plan(ctypes.Structure):
    """struct plan of the shim."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("kind", "nth", "number", "slow_ms", "seen")]


class Faults:
    """A file that the test and the gateway map."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(4096))
        self.environment = {"GATEWAY_FAULTS": str(path)} | ({"LD_PRELOAD": str(SHIM)} if FAULTY == PROGRAM else {})
        if FAULTY != PROGRAM:  # what libraries leave behind where one of their own allocations fails
            suppressions = path.with_suffix(".lsan")
            suppressions.write_text("leak:libcrypto.so\nleak:libssl.so\nleak:libuv.so\nleak:scandir\n", encoding="ascii")
            self.environment["LSAN_OPTIONS"] = f"print_suppressions=0:suppressions={suppressions}"
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.plan = Plan.from_buffer(self.memory)
        self.disarm()

    def arm(self, kind: str, nth: int) -> None:
        """The `nth` call of this kind fails; 0 for none, which only counts them."""
        self.disarm()
        self.plan.nth, self.plan.number = nth, KINDS[kind]
        self.plan.seen = 0
        self.plan.kind = list(KINDS).index(kind)

    def slow_down(self, kind: str, slow_ms: int) -> None:
        """Each call of this kind takes so long."""
        self.arm(kind, 0)
        self.plan.slow_ms = slow_ms

    def disarm(self) -> None:
        self.plan.kind = len(KINDS)
        self.plan.slow_ms = 0

    def count(self, kind: str, work: Callable[[], object]) -> int:
        """How many calls of a kind `work` makes, none of which fails."""
        self.arm(kind, 0)
        work()
        self.disarm()
        return int(self.plan.seen)


class Outcome(Exception):
    """An answer that no fault explains."""

