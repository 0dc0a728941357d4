"""What README.md shows can be pasted: its configs are good ones, and README.ko.md shows the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from gateway_process import PROGRAM, TOP

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> list[tuple[str, str]]:
    """Language and text of each block of code."""
    return FENCED.findall((TOP / name).read_text(encoding="utf-8"))


def headings(name: str) -> list[str]:
    """Their levels, in order."""
    prose = FENCED.sub("", (TOP / name).read_text(encoding="utf-8"))
    return re.findall(r"^(#+) ", prose, re.MULTILINE)


RECIPES = [text for language, text in blocks("README.md") if language == "json"]


def test_every_recipe_is_there() -> None:
    assert len(RECIPES) >= 6


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_is_a_good_config(tmp_path: Path, number: int) -> None:
    file = tmp_path / "gateway.json"
    file.write_text(RECIPES[number], encoding="utf-8")
    done = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True, timeout=10,
                          check=False)
    assert (done.returncode, done.stderr) == (0, ""), RECIPES[number]


def test_both_languages_show_the_same_code() -> None:
    assert blocks("README.md") == blocks("README.ko.md")


def test_both_languages_have_the_same_sections() -> None:
    assert headings("README.md") == headings("README.ko.md")
