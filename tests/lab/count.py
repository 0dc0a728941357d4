"""Prints `PASSED FAILED SKIPPED` of a JUnit report by pytest or ctest, or of cmocka's own output.

One cmocka executable holds many tests and ctest knows only the executable: its own lines are counted.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

CMOCKA_RAN = re.compile(r"^\[==========\] .*?(\d+) test\(s\) run", re.MULTILINE)
CMOCKA_PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.MULTILINE)
CMOCKA_FAILED = re.compile(r"^\[  FAILED  \].*?(\d+) test\(s\), listed below", re.MULTILINE)
CMOCKA_SKIPPED = re.compile(r"^\[  SKIPPED \].*?(\d+) test\(s\), listed below", re.MULTILINE)


def total(pattern: re.Pattern[str], text: str) -> int:
    return sum(int(number) for number in pattern.findall(text))


def cmocka(text: str) -> tuple[int, int, int]:
    return total(CMOCKA_PASSED, text), total(CMOCKA_FAILED, text), total(CMOCKA_SKIPPED, text)


def case(element: ElementTree.Element) -> tuple[int, int, int]:
    broken = element.find("failure") is not None or element.find("error") is not None
    output = element.findtext("system-out") or ""
    if CMOCKA_RAN.search(output):
        passed, failed, skipped = cmocka(output)
        # An executable that fails after its tests passed, as by a leak, is a failure as well.
        return passed, max(failed, int(broken)), skipped
    if broken:
        return 0, 1, 0
    if element.find("skipped") is not None:
        return 0, 0, 1
    return 1, 0, 0


def counts(text: str) -> tuple[int, ...]:
    if not text.lstrip().startswith("<"):
        return cmocka(text)
    cases = [case(element) for element in ElementTree.fromstring(text).iter("testcase")]
    return tuple(map(sum, zip(*cases))) or (0, 0, 0)


if __name__ == "__main__":
    print(*counts(Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace")))
