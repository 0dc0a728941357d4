"""`gpio-gateway check`: exit codes, and every error of a file in one run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from gateway_process import PROGRAM, config_with

ROOT = Path(__file__).resolve().parents[2]


def check(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "check", *args], capture_output=True, text=True, timeout=10,
                          check=False)


def test_config_of_the_repository_is_good() -> None:
    done = check(str(ROOT / "config" / "gateway.json"))
    assert (done.returncode, done.stderr) == (0, "")


def test_missing_file_is_78_and_one_line(tmp_path: Path) -> None:
    done = check(str(tmp_path / "none.json"))
    assert done.returncode == 78
    assert done.stderr == f"{tmp_path}/none.json: cannot be read: No such file or directory\n"


def test_syntax_error_has_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text('{\n  "circuit": {"lines": [1,]}\n}\n')
    done = check(str(file))
    assert done.returncode == 78
    assert done.stderr == f"{file}:2:27: error: expected a value: remove the comma before it\n"


def test_all_errors_are_told_in_one_run_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text(json.dumps({
        "limits": {"connections": 0},
        "circuit": {"lines": [
            {"name": "red", "direction": "output"},
            {"name": "red", "direction": "input"},
            {"name": "button", "direction": "input", "debounce_ms": -1},
        ]},
        "lisen": {},
    }))
    done = check(str(file))
    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        f"{file}: limits.connections: 0 is below the minimum 1",
        f'{file}: circuit.lines[1].name: "red" is taken by circuit.lines[0]',
        f"{file}: circuit.lines[2].debounce_ms: -1 is below the minimum 0 (ms)",
        f'{file}: lisen: unknown key; did you mean "listen"?',
    ]


def test_serve_refuses_what_check_refuses(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text('{"circuit": {"lines": []}, "circuit": {"lines": []}}')
    done = subprocess.run([PROGRAM, "serve", "--config", str(file)], capture_output=True, text=True,
                          timeout=10, check=False)
    assert done.returncode == 78
    assert f"{file}: circuit: this key stands twice" in done.stderr
    assert done.stdout == ""


def test_warning_leaves_the_exit_code_at_0(tmp_path: Path) -> None:
    config = config_with({"circuit": {
        "scenes": [{"name": "s", "set": {"red": 1, "green": 1}}],
        "rules": [{"name": "r", "when": {"line": "red", "edge": "rising"},
                   "do": {"method": "line.set", "line": "green", "value": 0}}]}})
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    done = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True, timeout=10,
                          check=False)
    assert done.returncode == 0 and "good" in done.stdout
    assert done.stderr == (f"{file}: warning: circuit.scenes[0]: setting red sets off the rule r, "
                           "which changes green against the scene\n")
