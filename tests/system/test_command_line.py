"""What a person types after the program's name, and what is said when it is not quite right."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


from gateway_process import PROGRAM, TOP


def run(*words: str, program: str = PROGRAM,
        folder: Path = TOP) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *words], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=10, check=False)


def test_a_program_that_is_not_on_the_path_is_named_by_its_own(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    shutil.copy(PROGRAM, tmp_path / "build" / "gpio-gateway")
    config = str(TOP / "config" / "gateway.json")
    called = "build/gpio-gateway"
    for words in (["nonsense"], ["check"], ["serve", "--nonsense"]):
        done = run(*words, program=called, folder=tmp_path)
        assert done.returncode == 2 and f"try {called} --help" in done.stderr, done
    done = run("doctor", "--config", config, program=called, folder=tmp_path)
    assert f"`{called} token show` has the token" in done.stdout
    path = f"{tmp_path / 'build'}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", 'gpio-gateway doctor --config "$1"', "sh", config],
                          env=dict(os.environ, PATH=path), text=True, capture_output=True,
                          timeout=10, check=False)
    assert "`gpio-gateway token show` has the token" in done.stdout, done
