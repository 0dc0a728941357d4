"""A reader finds every noun that a file name uses: in the map or the glossary of docs/architecture.md."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# Words that need no explanation to a C programmer who knows sockets, HTTP and GPIO.
KNOWN = set("""
    address api base buffer c check chip client clock config connection data datagram dispatch encode error event
    hash versions version editor export file files find folder folders gateway gpio history http id internal json library limit log loop main
    manual memory method mqtt name names net nested network notify number open openapi options packet parse pcapng peer
    print protocol pwm qr queue random read reader real replay request rest rpc sd server set show simulator socket
    start state stats stop store stream table tcp demo text time token tokens udp unix url urls utf8 value watch
    web websocket word words write writer xml
    action addresses answer audit capture clean command compare completion constant diag doctor driver entry escape
    execute file find interned kernel keys kind label lines list markdown man mdns model nearest owner page
    place places program programs queue report run scan source startup terminal test upgrade user view
    linger libgpiod1 libgpiod2 lab line home exchange conflict scene circuit commit describe input many
    reload remember rule safety signal trigger health options print watch link location lookup metrics
""".split())


def nouns() -> dict[str, str]:
    """Each noun of a file name, and one file that has it."""
    found: dict[str, str] = {}
    for path in sorted((TOP / "gateway").rglob("*.[ch]")):
        for word in path.stem.split("_"):
            found.setdefault(word, str(path.relative_to(TOP)))
    return found


def explained() -> set[str]:
    text = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8").lower()
    return set(re.findall(r"[a-z0-9]+", text))


def test_every_noun_of_a_file_name_is_explained() -> None:
    words = explained()
    missing = {noun: path for noun, path in nouns().items()
               if noun not in words and noun.rstrip("s") not in words and noun not in KNOWN}
    assert missing == {}
