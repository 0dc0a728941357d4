"""The outside of the chip, seen from Python: gpio-sim's folders (see uml-init of tests/lab)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

CONFIGFS = Path("/sys/kernel/config/gpio-sim")

# Linux uAPI gpio.h, second ABI.
GET_LINEINFO = 0xC100B405
GET_LINE = 0xC250B407
GET_LINEINFO_WATCH = 0xC100B406  # told of every request, release and new configuration
FLAGS = {
    "used": 1 << 0,
    "active_low": 1 << 1,
    "input": 1 << 2,
    "output": 1 << 3,
    "open-drain": 1 << 6,
    "open-source": 1 << 7,
    "pull-up": 1 << 8,
    "pull-down": 1 << 9,
    "disabled": 1 << 10,
}


class Chip:
    """One device of gpio-sim with one bank; plugged in while it is used as a context."""

    def __init__(self, device: str, label: str, lines: dict[int, str], count: int) -> None:
        self.folder = CONFIGFS / device
        self.bank = self.folder / "bank0"
        if self.folder.exists():
            self.plug(False)
        self.bank.mkdir(parents=True, exist_ok=True)
        (self.bank / "num_lines").write_text(str(count))
        (self.bank / "label").write_text(label)
        for offset, name in lines.items():
            (self.bank / f"line{offset}").mkdir(exist_ok=True)
            (self.bank / f"line{offset}" / "name").write_text(name)
        self.plug(True)

    def plug(self, into: bool) -> None:
        live = self.folder / "live"
        if (live.read_text().strip() == "1") != into:
            live.write_text("1" if into else "0")

    def remove(self) -> None:
        self.plug(False)
        for line in self.bank.glob("line*"):
            line.rmdir()
        self.bank.rmdir()
        self.folder.rmdir()

    @property
    def name(self) -> str:
        return (self.bank / "chip_name").read_text().strip()

    def pin(self, offset: int) -> Path:
        device = (self.folder / "dev_name").read_text().strip()
        return Path("/sys/devices/platform") / device / self.name / f"sim_gpio{offset}"

    def pull(self, offset: int, up: bool) -> None:
        (self.pin(offset) / "pull").write_text("pull-up" if up else "pull-down")

    def level(self, offset: int) -> int:
        return int((self.pin(offset) / "value").read_text())

    def flags(self, offset: int) -> set[str]:
        """What the kernel says of a line, as gpioinfo(1) would print it."""
        return self._info(offset)[0]

    def consumer(self, offset: int) -> str:
        return self._info(offset)[1]

    def _info(self, offset: int) -> tuple[set[str], str]:
        info = bytearray(256)
        struct.pack_into("I", info, 64, offset)
        with open(f"/dev/{self.name}", "rb", buffering=0) as chip:
            fcntl.ioctl(chip, GET_LINEINFO, info)
        consumer = bytes(info[32:64]).split(b"\0")[0].decode()
        (flags,) = struct.unpack_from("Q", info, 72)
        return {name for name, bit in FLAGS.items() if flags & bit}, consumer

    @contextlib.contextmanager
    def held(self, offset: int, consumer: str) -> Iterator[None]:
        """Another program claims the line as an input."""
        request = bytearray(592)
        struct.pack_into("I", request, 0, offset)
        request[256:256 + len(consumer)] = consumer.encode()
        struct.pack_into("Q", request, 288, FLAGS["input"])
        struct.pack_into("I", request, 560, 1)
        with open(f"/dev/{self.name}", "rb", buffering=0) as chip:
            fcntl.ioctl(chip, GET_LINE, request)
        (fd,) = struct.unpack_from("i", request, 588)
        try:
            yield
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def observed(self, offset: int) -> Iterator[list[int]]:
        """Looks at a pin all the time, and once more at the end; the list grows with each level that
        differs from the last."""
        seen = [self.level(offset)]
        ends = threading.Event()
        value = os.open(self.pin(offset) / "value", os.O_RDONLY)

        def look() -> None:
            is_last = False
            while not is_last:
                is_last = ends.is_set()
                level = int(os.pread(value, 8, 0))
                if level != seen[-1]:
                    seen.append(level)
                time.sleep(0)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield seen
        finally:
            ends.set()
            thread.join()
            os.close(value)


def served() -> int:
    """Edges that the kernel has served so far on all pins. It does so at its tick, 100 times a second,
    and two changes of a pin before that are none."""
    rows = Path("/proc/interrupts").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if "irq_sim" in row)


def wait_until_served(wanted: int, patience_s: float = 2.0) -> None:
    ends = time.monotonic() + patience_s
    while served() < wanted and time.monotonic() < ends:
        time.sleep(0.001)


def pi() -> Chip:
    """A Pi's own chip: GPIO2 to GPIO27 by name, all pins pulled down."""
    return Chip("pi", "pinctrl-bcm2711", {offset: f"GPIO{offset}" for offset in range(2, 28)}, 58)


@contextlib.contextmanager
def untouched(chip: Chip, *offsets: int) -> Iterator[None]:
    """Nobody changes a level, and the kernel tells of no release, request or new configuration."""
    with contextlib.ExitStack() as stack:
        device = stack.enter_context(open(f"/dev/{chip.name}", "rb", buffering=0))
        for offset in offsets:
            info = bytearray(256)
            struct.pack_into("I", info, 64, offset)
            fcntl.ioctl(device, GET_LINEINFO_WATCH, info)
        seen = [stack.enter_context(chip.observed(offset)) for offset in offsets]
        yield
        assert [len(levels) for levels in seen] == [1] * len(offsets), seen
        assert not select.select([device], [], [], 0)[0]
