"""The packages of packaging/build, installed as an installer does, and the first script from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, Callable

import pytest
from built import DIST, TOP
from programs import environment

PYTHON = "/usr/bin/python3"
FIRST = "from gpiozero import LED; LED(17).blink(.02, .02, n=3, background=False)"


@pytest.fixture
def succeed(process: Any) -> Callable[..., None]:
    """succeed(python, env): the first script blinks three times there."""
    pytest.importorskip("gpiozero")

    def run(python: str | Path, **env: str) -> None:
        known = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        ran = subprocess.run(
            [python, "-c", FIRST],
            cwd="/",
            text=True,
            capture_output=True,
            timeout=30,
            env={**known, **environment(process), "GPIOZERO_PIN_FACTORY": "gateway", **env},
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        events = process.get("/api/v1/history?line=red").json["events"]
        assert [event["value"] for event in events if event["cause"] == "set"].count(1) == 3

    return run


def test_the_wheel_is_installed_by_pip_without_a_network(
    tmp_path: Path, succeed: Callable[..., None]
) -> None:
    site = tmp_path / "site"
    pip = [PYTHON, "-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "-q", "install"]
    subprocess.run(
        [*pip, "--no-index", "--target", site, next(DIST.glob("*.whl"))], check=True
    )
    assert (site / "gpio_gateway" / "py.typed").is_file()
    succeed(PYTHON, PYTHONPATH=str(site))


def test_the_debian_package_is_installed_by_dpkg(
    tmp_path: Path, succeed: Callable[..., None]
) -> None:
    root = tmp_path / "root"
    data = root / "var/lib/dpkg"
    for folder in ("info", "updates", "triggers"):
        (data / folder).mkdir(parents=True)
    for name in ("status", "available"):
        (data / name).touch()
    # What it depends on is on this machine, not below that root, which py3compile does not know.
    compiled, stub = tmp_path / "compiled", tmp_path / "bin" / "py3compile"
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\necho "$@" >{compiled}\n')
    stub.chmod(0o755)
    dpkg = ["dpkg", f"--root={root}", "--force-not-root,depends,script-chrootless,bad-path"]
    subprocess.run(
        [*dpkg, "--log=/dev/null", "--install", next(DIST.glob("*.deb"))],
        check=True,
        capture_output=True,
        env={"PATH": f"{stub.parent}:/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    assert compiled.read_text() == "-p python3-gpio-gateway\n"
    listed = subprocess.run(
        ["dpkg-query", f"--admindir={data}", "-W", "-f", "${db:Status-Abbrev}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert listed.stdout == "ii "
    succeed(PYTHON, PYTHONPATH=str(root / "usr/lib/python3/dist-packages"))


@pytest.mark.skipif(not shutil.which("npm"), reason="no npm here")
def test_the_tarballs_hold_what_their_packages_name() -> None:
    """They are installed by tests/clients/run-javascript, and all of its tests run from there."""
    tarballs = sorted(DIST.glob("*.tgz"))
    assert len(tarballs) == 2
    project = (TOP / "CMakeLists.txt").read_text()
    version = project.split("project(gpio-gateway VERSION ")[1].split()[0]
    for tarball in tarballs:
        with tarfile.open(tarball) as archive:
            names = set(archive.getnames())
            file = archive.extractfile("package/package.json")
            assert file
            package = json.load(file)
        assert package["version"] == version
        assert {"package/README.md", "package/LICENSE"} <= names
        targets = [*package.get("node-red", {}).get("nodes", {}).values()]
        targets += [*package.get("exports", {}).get(".", {}).values()]
        assert targets and {f"package/{target.removeprefix('./')}" for target in targets} <= names
