"""Comments of the C code name what is there."""

from __future__ import annotations

import re
from pathlib import Path

GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# `word` alone, or word(): an identifier. Text in backticks with a blank or a sign is an example.
NAMED = re.compile(r"`([a-z_][a-z0-9_]*)`|\b([a-z][a-z0-9_]+)\(\)")


def sources() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(GATEWAY.rglob("*.[ch]"))}


def test_each_name_in_a_comment_is_a_word_of_the_code() -> None:
    texts = sources()
    words = {word for text in texts.values() for word in re.findall(r"[a-z_][a-z0-9_]*", COMMENT.sub("", text))}
    stale = [f"{path.relative_to(GATEWAY)}: {found[0]}"
             for path, text in texts.items()
             for comment in COMMENT.findall(text)
             for found in NAMED.finditer(comment)
             if (found[1] or found[2]) not in words]
    assert stale == []
