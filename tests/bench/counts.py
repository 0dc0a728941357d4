"""Counts the instructions of a request, an event and an edge, and compares them with those that are stored.

    /usr/bin/python3 tests/bench/counts.py [--store] FOLDER

FOLDER is a build folder with the target bench-inside. About five seconds. Instructions, not time: the same
program gives the same counts on a busy machine. They depend on the compiler and the libraries, so
counts.json has a set for each; on a machine with others nothing is compared. The last line tells how many
are within the tolerance and how many are above it; the exit status is 1 when one is above. --store writes
what was counted as the new set.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STORED = Path(__file__).with_name("counts.json")
REPEATS = 200  # as in inside.c
TOLERANCE = 1.03

# Without what only some processors have: the C library would choose its functions by it.
PLAIN_PROCESSOR = "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512VL,-ERMS,-FSRM,-AVX_Fast_Unaligned_Load"


def count(folder: Path) -> dict[str, int]:
    valgrind = shutil.which("valgrind") or "valgrind"
    with tempfile.TemporaryDirectory(prefix="gpio-gateway-counts-") as place:
        subprocess.run(
            [valgrind, "-q", "--tool=callgrind", f"--callgrind-out-file={place}/out", "./bench-inside", "counts"],
            # What stands on the stack above main() moves it: texts that cross a page cost 2 % more.
            env={"GLIBC_TUNABLES": PLAIN_PROCESSOR}, cwd=folder, stdin=subprocess.DEVNULL, timeout=120, check=True)
        counts = {}
        for dump in sorted(Path(place).iterdir(), key=lambda path: path.stat().st_mtime_ns):
            text = dump.read_text(encoding="utf-8")
            name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.MULTILINE)
            total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
            if name and total:
                counts[name[1]] = int(total[1]) // REPEATS
    if not counts:
        raise RuntimeError("callgrind wrote nothing")
    return counts


def machine(folder: Path) -> str:
    """What the counts depend on besides the program."""
    cache = (folder / "CMakeCache.txt").read_text(encoding="utf-8")
    compiler = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.MULTILINE)
    version = subprocess.run([compiler[1] if compiler else "cc", "-dumpfullversion"], text=True,
                             capture_output=True, check=True).stdout.strip()
    libraries = [
        f"{name} " + subprocess.run(["pkg-config", "--modversion", name], text=True, capture_output=True,
                                    check=True).stdout.strip().rstrip("-")
        for name in ("libmicrohttpd", "libwebsockets")]
    return ", ".join([platform.machine(), f"compiler {version}", " ".join(platform.libc_ver()), *libraries])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", action="store_true")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    # The least of three: now and then a timer of another second runs among the requests.
    runs = [count(options.folder) for _ in range(3)]
    counts = {name: min(run[name] for run in runs) for name in runs[0]}
    key = machine(options.folder)
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    if options.store:
        stored[key] = counts
        STORED.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    before = stored.get(key, {})
    print(f"instructions, {key}")
    above = []
    for name, instructions in counts.items():
        known = before.get(name)
        verdict = "" if known is None else f"stored {known:>7,}  {(instructions / known - 1) * 100:+6.2f} %"
        if known is not None and instructions > known * TOLERANCE:
            above.append(name)
            verdict += "  ABOVE"
        print(f"  {name:<28} {instructions:>7,}  {verdict}".rstrip())
    if not before:
        print("nothing is stored for this compiler and these libraries: nothing is compared")
        return 0
    print(f"{len(counts) - len(above)} within {(TOLERANCE - 1) * 100:.0f} %, {len(above)} above")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
