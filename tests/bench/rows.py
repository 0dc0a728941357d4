"""A row for each number, and what becomes of its goal."""

from __future__ import annotations

missed: list[str] = []
figures: dict[str, tuple[float, str]] = {}  # the newest value of each name, and its unit


def told(name: str, value: float, unit: str, goal: float | None = None, note: str = "") -> None:
    verdict = ""
    figures[name] = value, unit
    if goal is not None:
        met = value <= goal
        verdict = f"goal {goal:g} {unit}: {'met' if met else 'MISSED'}"
        if not met:
            missed.append(name)
    print(f"{name:<52} {value:>10.4g} {unit:<9} {verdict:<30} {note}".rstrip(), flush=True)


def compared(name: str, values: dict[str, float], unit: str, goal: float | None = None, base: str = "bare") -> None:
    """The gateway's value beside those of its peers; the goal is a multiple of the one of `base`."""
    ratio = values["gateway"] / values[base]
    verdict = ""
    if goal is not None:
        met = ratio <= goal
        verdict = f"goal {goal:g}: {'met' if met else 'MISSED'}"
        if not met:
            missed.append(name)
    others = ", ".join(f"{peer} {value:.4g}" for peer, value in values.items() if peer != "gateway")
    print(f"{name:<52} {values['gateway']:>10.4g} {unit:<9} {ratio:>5.2f} x {base}  {verdict:<18} {others}".rstrip(),
          flush=True)


def part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
