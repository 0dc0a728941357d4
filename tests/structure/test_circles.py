"""The files of a layer do not need each other in a circle, and the check that says so can fail."""

from pathlib import Path

import pytest
from circles import call_graph, circles, include_graph

GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
LAYERS = ["circuit", "net", "client"]


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("layer", LAYERS)
def test_includes_of_a_layer_have_no_circle(layer: str) -> None:
    graph = include_graph(GATEWAY, layer)
    assert len(graph) > 2
    assert [" → ".join(circle) for circle in circles(graph)] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_calls_of_a_layer_have_no_circle(layer: str) -> None:
    graph = call_graph(GATEWAY, layer)
    assert len(graph) > 2
    assert [" → ".join(circle) for circle in circles(graph)] == []


def test_a_circle_of_includes_is_found(tmp_path: Path) -> None:
    files = {
        "net/a.c": '#include "net/b.h"\n',
        "net/a.h": "",
        "net/b.h": '#include "net/c.h"\n',
        "net/c.h": "",
        "net/c.c": '#include "net/a.h"\n',
    }
    assert circles(include_graph(tree(tmp_path, files), "net")) == [["a", "b", "c", "a"]]


@pytest.mark.parametrize("use", ["    a_run();\n", "    call_later(a_run);\n"])
def test_a_circle_of_calls_is_found(tmp_path: Path, use: str) -> None:
    files = {
        "net/a.c": "void a_run(void)\n{\n    b_run();\n}\n",
        "net/b.c": f"void b_run(void)\n{{\n{use}}}\n",
    }
    assert circles(call_graph(tree(tmp_path, files), "net")) == [["a", "b", "a"]]


@pytest.mark.parametrize(
    "text",
    [
        "void b_run(void)\n{\n    /* a_run() */ puts(\"a_run()\");\n}\n",
        "void b_run(struct b *b)\n{\n    b->a_run(b);\n}\n",
        "static void a_run(void)\n{\n}\nvoid b_run(void)\n{\n    a_run();\n}\n",
    ],
)
def test_what_only_looks_like_a_call_passes(tmp_path: Path, text: str) -> None:
    files = {"net/a.c": "void a_run(void)\n{\n    b_run();\n}\n", "net/b.c": text}
    assert circles(call_graph(tree(tmp_path, files), "net")) == []
