"""Reads our C for includes and calls, and finds circles: files of one layer that need each other.

A file is `foo.c` together with `foo.h`. It includes another one by a header, and it calls another one
when its `.c` names a function that is defined there, also as a pointer in a table.
"""

import re
from collections import defaultdict
from pathlib import Path

from includes import INCLUDE, blank

# A definition: a head that begins in the first column, and a body whose brace stands there.
DEFINITION = re.compile(r"^(?P<static>static\s)?[A-Za-z_][\w\s*]*?\b(?P<name>\w+)\([^;{}]*\)\n\{", re.MULTILINE)
# A name, but for a member and for the tag of a type, which may be the name of a function as well.
WORD = re.compile(r"(?<![\w.>])(?:(?:struct|enum|union)\s+\w+|([A-Za-z_]\w*))")

Graph = dict[str, set[str]]


def stem(path: Path, layer: Path) -> str:
    return path.relative_to(layer).with_suffix("").as_posix()


def include_graph(gateway: Path, layer: str) -> Graph:
    """Which file includes a header of which other one."""
    graph: Graph = defaultdict(set)
    folder = gateway / layer
    for path in sorted(folder.rglob("*.[ch]")):
        for match in INCLUDE.finditer(blank(path.read_text(encoding="utf-8"), comments_only=True)):
            other = gateway / (match[1] or "")
            if match[1] and other.is_relative_to(folder) and stem(other, folder) != stem(path, folder):
                graph[stem(path, folder)].add(stem(other, folder))
    return graph


def call_graph(gateway: Path, layer: str) -> Graph:
    """Which file calls a function of which other one."""
    folder = gateway / layer
    texts = {stem(p, folder): blank(p.read_text(encoding="utf-8")) for p in sorted(folder.rglob("*.c"))}
    home = {
        match["name"]: name
        for name, text in texts.items()
        for match in DEFINITION.finditer(text)
        if not match["static"]
    }
    graph: Graph = defaultdict(set)
    for name, text in texts.items():
        own = {match["name"] for match in DEFINITION.finditer(text)}
        for word in set(WORD.findall(text)) - own - {""}:
            if home.get(word, name) != name:
                graph[name].add(home[word])
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Ways along the graph that lead back to their beginning, one for each file that closes one."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> None:
        if name in way:
            found.append([*way[way.index(name) :], name])
        elif name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, [*way, name])
            done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found
