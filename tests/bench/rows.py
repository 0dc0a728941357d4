"""A row for each number, and what becomes of its goal."""

from __future__ import annotations

missed: list[str] = []


def told(name: str, value: float, unit: str, goal: float | None = None, note: str = "") -> None:
    verdict = ""
    if goal is not None:
        met = value <= goal
        verdict = f"goal {goal:g} {unit}: {'met' if met else 'MISSED'}"
        if not met:
            missed.append(name)
    print(f"{name:<44} {value:>10.4g} {unit:<7} {verdict:<28} {note}".rstrip(), flush=True)


def part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
