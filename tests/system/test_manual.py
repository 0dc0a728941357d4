"""`gpio-gateway print WHAT`: the manual that the program prints of itself."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from gateway_process import PROGRAM

PAGES = ["keys", "methods", "words", "errors", "man", "man-config", "completion"]


def page(name: str) -> str:
    done = subprocess.run([PROGRAM, "print", name], capture_output=True, text=True, timeout=10,
                          check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("name", PAGES)
def test_a_page_ends_its_last_line(name: str) -> None:
    assert page(name).endswith("\n")


@pytest.mark.parametrize("words", [[], ["nonsense"], ["keys", "words"]])
def test_print_of_something_else_lists_the_pages(words: list[str]) -> None:
    done = subprocess.run([PROGRAM, "print", *words], capture_output=True, text=True, timeout=10,
                          check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in PAGES)


@pytest.mark.parametrize("name", ["keys", "methods", "words", "errors"])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    cells = 0
    for line in page(name).replace("\\|", "").splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        found = line.count("|")
        assert cells in (0, found), line
        cells = found


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
@pytest.mark.parametrize("name", ["man", "man-config"])
def test_a_man_page_is_read_without_a_warning(name: str) -> None:
    done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=page(name),
                          capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def complete(*words: str) -> list[str]:
    """What bash offers for the last of the words."""
    script = page("completion") + f"""
COMP_WORDS=({' '.join(f"'{word}'" for word in words)}) COMP_CWORD={len(words) - 1}
_gpio_gateway gpio-gateway '{words[-1]}' ''
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=10,
                          check=False)
    assert done.stderr == "", done
    return done.stdout.split()


def test_completion_offers_words_options_and_pages() -> None:
    assert complete("gpio-gateway", "to") == ["token", "toggle"]
    assert complete("gpio-gateway", "blink", "--j") == ["--json"]
    assert complete("gpio-gateway", "serve", "--") == ["--config", "--www", "--http"]
    assert complete("gpio-gateway", "print", "man") == ["man", "man-config"]
