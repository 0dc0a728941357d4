"""The command-line client says a token without showing it to others."""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path

import pytest
from gateway_process import PROGRAM, Gateway


def arguments(gateway: Gateway, *words: str) -> list[str]:
    return [PROGRAM, *words, "--to", f"tcp:127.0.0.1:{gateway.line[1]}"]


def ask(gateway: Gateway, *words: str, given: str = "",
        env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments(gateway, "toggle", "red") + list(words), input=given,
                          env={"PATH": "/usr/bin", "HOME": "/nonexistent", **(env or {})},
                          capture_output=True, text=True, timeout=10, check=False)


def test_token_comes_by_option_file_input_and_environment(gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{gateway.token}\nanother line\n")
    assert ask(gateway).returncode == 77
    for done in (ask(gateway, "--token", gateway.token), ask(gateway, f"--token={gateway.token}"),
                 ask(gateway, "--token-file", str(file)),
                 ask(gateway, "--token", "-", given=f"{gateway.token}\r\n"),
                 ask(gateway, env={"GPIO_GATEWAY_TOKEN": gateway.token})):
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", [["--token", "{token}"], ["--token={token}"]])
def test_token_of_the_command_line_is_not_seen_in_the_list_of_processes(
        gateway: Gateway, form: list[str]) -> None:
    words = [word.format(token=gateway.token) for word in form]
    process = subprocess.Popen(arguments(gateway, "watch") + words, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        until = time.monotonic() + 5
        while time.monotonic() < until:
            gateway.post("/api/v1/lines/red/toggle")
            if select.select([process.stdout], [], [], 0.1)[0]:
                break
        assert os.read(process.stdout.fileno(), 100), "it is let in, so it has read its options"
        command_line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert b"watch" in command_line and gateway.token.encode() not in command_line
    finally:
        process.terminate()
        process.wait(5)


@pytest.mark.parametrize("words, given", [(["--token-file", "/nonexistent"], ""),
                                          (["--token-file", "/dev/null"], ""),
                                          (["--token", "-"], ""), (["--token", "-"], "\n")])
def test_token_that_cannot_be_read_is_told(gateway: Gateway, words: list[str], given: str) -> None:
    done = ask(gateway, *words, given=given)
    assert done.returncode == 2 and words[0] in done.stderr
