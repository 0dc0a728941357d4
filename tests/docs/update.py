#!/usr/bin/python3
"""Prints the program's tables into the docs, between `<!-- print: WHAT -->` and `<!-- end -->`, and the types of the
JavaScript client from the API's description; the latter where Node is installed.

    tests/docs/update.py PROGRAM [--write]

Without --write it only compares, and exits with 1 where a file differs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TYPES = TOP / "clients/javascript/types/api.d.ts"
MARKED = re.compile(r"(<!-- print: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def printed(program: str, what: str) -> str:
    done = subprocess.run([program, "print", what], capture_output=True, text=True, check=True)
    return "\n" + done.stdout.strip() + "\n\n"


def updated(program: str, text: str) -> str:
    return MARKED.sub(lambda m: m[1] + printed(program, m[2]) + m[3], text)


def types(program: str) -> str:
    api = subprocess.run([program, "print", "openapi"], capture_output=True, check=True).stdout
    return subprocess.run(["node", str(TYPES.parent / "generate.js")], input=api, capture_output=True, check=True).stdout.decode()


def files() -> list[Path]:
    return sorted(TOP.glob("docs/*.md"))


def main(arguments: list[str]) -> int:
    program = arguments[0]
    different = 0
    for path in [*files(), *([TYPES] if shutil.which("node") else [])]:
        text = path.read_text(encoding="utf-8")
        new = types(program) if path == TYPES else updated(program, text)
        if new == text:
            continue
        different += 1
        if "--write" in arguments:
            path.write_text(new, encoding="utf-8")
            print(f"written: {path.relative_to(TOP)}")
        else:
            print(f"differs from the program: {path.relative_to(TOP)}; run ./tests/run docs --write")
    return 1 if different and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
