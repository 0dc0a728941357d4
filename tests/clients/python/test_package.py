"""The wheel and the Debian package hold what a script needs."""

from __future__ import annotations

import ast
import email
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from built import DIST, SITE, TOP

SOURCES = sorted((TOP / "clients" / "python" / "gpio_gateway").glob("*.py"))


def test_each_source_is_in_the_wheel() -> None:
    assert [path.name for path in sorted((SITE / "gpio_gateway").glob("*.py"))] == [
        path.name for path in SOURCES
    ]
    assert (SITE / "gpio_gateway" / "py.typed").exists()


def test_the_versions_of_package_and_gateway_are_one() -> None:
    project = re.search(
        r"project\(gpio-gateway VERSION (\S+)", (TOP / "CMakeLists.txt").read_text()
    )
    with zipfile.ZipFile(next(DIST.glob("*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(wheel.read(name))
    assert project and metadata["Version"] == project[1]
    assert metadata["Requires-Python"] == ">=3.9"


def test_the_package_needs_nothing_but_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names) | {"gpiozero"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] in allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sources_are_of_python_3_9(path: Path) -> None:
    text = path.read_text()
    ast.parse(text, feature_version=(3, 9))
    assert (
        path.name in ("__init__.py", "version.py") or "from __future__ import annotations" in text
    )


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [TOP / "clients" / "python" / "build", tmp_path], check=True, capture_output=True
    )
    for again in tmp_path.iterdir():
        assert again.read_bytes() == (DIST / again.name).read_bytes()
    assert {path.suffix for path in tmp_path.iterdir()} == {".whl", ".deb"}


def test_building_leaves_nothing_beside_the_sources() -> None:
    assert sorted(path.name for path in (TOP / "clients" / "python").iterdir()) == [
        "README.md",
        "build",
        "gpio_gateway",
        "pyproject.toml",
    ]
