"""What a person types after the program's name, and what is said when it is not quite right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path


import pytest

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


@pytest.mark.parametrize("words", [
    [], ["check"], ["token"], ["doctor"], ["serve"], ["get"], ["set", "red"], ["health"],
    ["check", "config/gateway.json"], ["--config", "config/gateway.json"], ["nonsense"],
])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_the_usage_wherever_it_is_asked_for(words: list[str], option: str) -> None:
    done = run(*words, option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("gpio-gateway ") and "Exit codes:" in done.stdout


def test_check_and_doctor_take_a_file_in_both_forms() -> None:
    for words in (["config/gateway.json"], ["--config", "config/gateway.json"],
                  ["--config=config/gateway.json"]):
        done = run("check", *words)
        assert (done.returncode, done.stdout) == (0, "config/gateway.json: good, 8 lines\n"), done
        done = run("doctor", *words)
        assert "config config/gateway.json is good: 8 lines\n" in done.stdout, done
    for words in (["a", "b"], ["--config"], ["--config", "a", "b"], ["--nonsense"]):
        for command in ("check", "doctor"):
            assert run(command, *words).returncode == 2


@pytest.mark.parametrize("http, proxies, is_told", [
    (["127.0.0.1:8080", "unix:http.sock"], [], True), (["[::1]:8080"], [], True),
    (["[::]:8080"], [], False), (["unix:http.sock"], [], False),
    (["127.0.0.1:8080"], ["127.0.0.1"], False), (["127.0.0.1:8080"], ["unix"], False)])
def test_doctor_says_whom_a_proxy_hides(tmp_path: Path, http: list[str], proxies: list[str],
                                        is_told: bool) -> None:
    path = tmp_path / "gateway.json"
    path.write_text(json.dumps({"circuit": {"lines": []}, "gpio": {"backend": "simulator"},
                                "listen": {"http": http}, "proxy": {"from": proxies}}))
    said = run("doctor", str(path)).stdout
    assert ("limits.connections_per_peer lets in 64" in said) == is_told, said


@pytest.mark.skipif(Path("/usr/local/etc/gpio-gateway/gateway.json").exists(),
                    reason="a gateway is installed here")
def test_a_config_that_is_nowhere_is_missed_in_both_places(tmp_path: Path) -> None:
    done = run("serve", folder=tmp_path)
    assert done.returncode == 78 and done.stderr.count("\n") == 1, done
    both = ("config/gateway.json", "/gpio-gateway/gateway.json")
    assert all(name in done.stderr for name in both), done
    done = run("doctor", folder=tmp_path)
    assert done.returncode == 1 and all(name in done.stderr for name in both), done
