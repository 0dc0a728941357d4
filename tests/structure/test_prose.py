"""Prose for people stands in files of the page or in documents: C says what it says in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]"
                    r"|\\u(11[0-9a-f]{2}|a[c-f][0-9a-f]{2}|[bc][0-9a-f]{3}|d[0-7][0-9a-f]{2})"
                    r"|\\xe[a-d]", re.IGNORECASE)  # the last is how the syllables begin in UTF-8


def lines_with_hangul(folder: Path) -> list[str]:
    return [f"{path.relative_to(folder)}:{number}"
            for path in sorted(folder.rglob("*.[ch]"))
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if HANGUL.search(line)]


def test_no_file_of_the_program_has_hangul() -> None:
    assert (TOP / "gateway" / "main.c").is_file()
    assert lines_with_hangul(TOP / "gateway") == []


@pytest.mark.parametrize("text", ['"한국어"', "/* 주석 */", '"ㄱ"', '"\\uac00"', '"\\xEA\\xB0\\x80"'])
def test_hangul_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.c").write_text(f"int a;\nconst char *b = {text};\n", encoding="utf-8")
    assert lines_with_hangul(tmp_path) == ["a.c:2"]


@pytest.mark.parametrize("text", ['"µs → “a”…"', '"\\u2026"', '"日本"', '"\\x0a"'])
def test_what_is_no_hangul_passes(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.c").write_text(f"const char *b = {text};\n", encoding="utf-8")
    assert lines_with_hangul(tmp_path) == []
