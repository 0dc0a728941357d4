"""A reader finds every noun that a file name uses: in the glossary of docs/architecture.md."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# Words that need no explanation to a C programmer who knows sockets, HTTP and GPIO.
KNOWN = set("""
    address addresses answer api audit base buffer c capture check chip clean client clock command compare
    completion config connection constant count data datagram demo description diag dispatch doctor editor encode
    error escape event file files find folder folders gateway gpio hash history http id input internal interned json
    kernel kind lab label libgpiod1 libgpiod2 library limit line lines list location log loop main make man manual
    many markdown mdns method metrics model mqtt name names nested net network notify number open openapi
    options packet page parse pcapng peer plain print process program programs protocol pwm qr queue random
    read reader real receive remember report rest rpc scan sd server set show signal simulator small socket start
    startup state stats stop store stream system table tcp terminal test text thread time token tokens udp unix
    upgrade url urls user utf8 version versions view watch web websocket word words write writer xml
""".split())


def nouns() -> dict[str, str]:
    """Each noun of a file name, and one file that has it."""
    found: dict[str, str] = {}
    for path in sorted((TOP / "gateway").rglob("*.[ch]")):
        for word in path.stem.split("_"):
            found.setdefault(word, str(path.relative_to(TOP)))
    return found


def explained() -> set[str]:
    """The words of the glossary's terms, not of their meanings."""
    text = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8").lower()
    terms = re.findall(r"^\| ([^|`]+) \|", text.partition("## glossary")[2], re.MULTILINE)
    return {word for term in terms for word in re.findall(r"[a-z0-9]+", term)}


def test_every_noun_of_a_file_name_is_explained() -> None:
    words = explained()
    missing = {noun: path for noun, path in nouns().items()
               if noun not in words and noun.rstrip("s") not in words and noun not in KNOWN}
    assert missing == {}
