"""A service manager of our own: it keeps what the gateway gives it, and passes that to the next one, as
systemd does with FileDescriptorStoreMax=."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from library import TOP, gateway
from program import Program, config, wait_for

FIRST_FD = 3
KEPT_FROM = 100  # the manager's copies stand far above those that a new process gets


class Managed(Program):
    """A gateway that has the manager's ear, and what the manager kept."""

    def __init__(self, manager: Manager, description: dict[str, Any], state: Path) -> None:
        self.manager = manager
        self.folder = Path(tempfile.mkdtemp(dir="/run/tmp"))
        self.folder.chmod(0o755)
        self.config = self.folder / "gateway.json"
        self.config.write_text(json.dumps(description), encoding="utf-8")
        self.errors = self.folder / "stderr"
        self.port = 0
        kept = list(manager.kept.items())
        # Only the process itself knows its number before it is the gateway.
        words = gateway("serve", "--config", str(self.config), "--www", "www",
                        before=("/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"'))
        environment = dict(os.environ) | {
            "STATE_DIRECTORY": str(state), "NOTIFY_SOCKET": manager.path,
            "LISTEN_FDS": str(len(kept)), "LISTEN_FDNAMES": ":".join(name for name, _ in kept)}

        def place() -> None:
            for i, (_, fd) in enumerate(kept):
                os.dup2(fd, FIRST_FD + i)

        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                words, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env=environment, text=True, preexec_fn=place, close_fds=False)

    def reload(self, description: dict[str, Any]) -> None:
        self.config.write_text(json.dumps(description), encoding="utf-8")
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)
        assert wait_for(self.manager.has_heard_all)


class Manager:
    """`kept` are its descriptors by name; `words` is what it was told, without those."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.path = f"{tempfile.mkdtemp(dir='/run/tmp')}/notify"
        self.kept: dict[str, int] = {}
        self.told: list[str] = []
        self.programs: list[Managed] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.wakes, self.wake = os.pipe()
        self.hearing = threading.Lock()
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self) -> None:
        while self.wakes not in select.select([self.socket, self.wakes], [], [])[0]:
            with self.hearing:
                self.hear()

    def hear(self) -> None:
        text, fds, _, _ = socket.recv_fds(self.socket, 4096, 8)
        words = dict(word.split("=", 1) for word in text.decode().split("\n") if word)
        name = words.get("FDNAME", "")
        if "FDSTORE" in words:
            self.forget(name)
            self.kept[name] = fcntl.fcntl(fds[0], fcntl.F_DUPFD_CLOEXEC, KEPT_FROM)
            self.told.append(f"+{name}")
        elif "FDSTOREREMOVE" in words:
            self.forget(name)
            self.told.append(f"-{name}")
        for fd in fds:  # of a barrier as well: that is its answer
            os.close(fd)

    def has_heard_all(self) -> bool:
        """Whether nothing that was said waits in the socket, or is being done."""
        with self.hearing:
            return not select.select([self.socket], [], [], 0)[0]

    def forget(self, name: str) -> None:
        if name in self.kept:
            os.close(self.kept.pop(name))

    def start(self, *lines: dict[str, Any], **circuit: Any) -> Managed:
        description = config(list(lines))
        description["circuit"] |= circuit
        self.programs.append(Managed(self, description, self.state))
        return self.programs[-1]

    def serve(self, *lines: dict[str, Any], **circuit: Any) -> Managed:
        program = self.start(*lines, **circuit)
        program.serve()
        return program

    def has(self, *names: str) -> bool:
        """Whether it keeps lines under these names, and no others, now or soon."""
        return bool(wait_for(lambda: sorted(self.kept) == sorted(names)))

    def stop(self) -> None:
        for name in list(self.kept):
            self.forget(name)

    def close(self) -> None:
        for program in self.programs:
            program.close()
        os.close(self.wake)
        self.thread.join()
        self.stop()
        self.socket.close()
        os.close(self.wakes)
