"""`doctor` tells what the machine offers and what is in the way, and touches nothing."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from library import LIBRARY, TOP, gateway
from program import config
from sim import Chip

RED = {"name": "red", "gpio": "GPIO17", "direction": "output", "safe": 1}
FAN = {"name": "fan", "gpio": "GPIO27", "direction": "output", "active_low": True}


def doctor(*lines: dict[str, Any], before: tuple[str, ...] = ()) -> tuple[int, str]:
    folder = Path(tempfile.mkdtemp(dir="/run/tmp"))
    folder.chmod(0o755)
    path = folder / "gateway.json"
    path.write_text(json.dumps(config(list(lines))))
    done = subprocess.run(gateway("doctor", "--config", str(path), before=before), cwd=TOP, text=True,
                          stdout=subprocess.PIPE, timeout=20, check=False)
    return done.returncode, done.stdout


def test_doctor_prints_chips_lines_and_where_those_of_the_config_are(chip: Chip) -> None:
    status, said = doctor(RED, FAN)
    assert status == 0, said
    assert f'chip /dev/{chip.name}  label "pinctrl-bcm2711"  58 lines  may be used' in said
    assert "   17 GPIO17           input" in said
    assert f"line red: GPIO17, {chip.name} 17\n" in said
    assert "on this machine: http://" in said


def test_doctor_names_the_libgpiod_and_what_it_can_do(chip: Chip) -> None:
    said = doctor(RED)[1]
    version = {"1": "libgpiod 1.", "2": "libgpiod 2."}[LIBRARY]
    ability = {"1": "debounce is done by the gateway", "2": "the kernel debounces"}[LIBRARY]
    (line,) = [line for line in said.splitlines() if line.startswith("libgpiod")]
    assert line.startswith(version) and ability in line


def test_doctor_prints_the_boot_line_that_keeps_each_output_at_its_safe_value(chip: Chip) -> None:
    said = doctor(RED, FAN)[1]
    assert "gpio=17=op,dh    # red\n" in said
    assert "gpio=27=op,dh    # fan\n" in said
    assert "gpio=17=op,dl    # red\n" in doctor(RED | {"safe": 0})[1]


def test_doctor_names_who_holds_a_line_and_every_line_that_is_not_there(chip: Chip) -> None:
    with chip.held(17, "kettle"):
        status, said = doctor(RED, FAN | {"gpio": "GPOI27"}, FAN | {"name": "free", "gpio": "GPIO22"})
    assert status == 1
    assert 'line red: GPIO17' in said and 'in use by "kettle": end that first' in said
    assert 'line fan: no line "GPOI27"; did you mean GPIO27' in said
    assert "line free: GPIO22" in said


def test_doctor_tells_a_permission_that_is_missing_with_its_remedy(chip: Chip) -> None:
    os.chown(f"/dev/{chip.name}", 0, 20)  # dialout
    os.chmod(f"/dev/{chip.name}", 0o660)
    as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    status, said = doctor(RED, before=as_nobody)
    assert status == 1
    assert "cannot be opened" in said and "usermod -aG dialout" in said


def test_doctor_touches_no_pin(chip: Chip) -> None:
    chip.pull(17, True)
    with chip.observed(17) as seen:
        assert doctor(RED)[0] == 0
        assert "used" not in chip.flags(17) and "output" not in chip.flags(17)
    assert seen == [1]
