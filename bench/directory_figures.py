"""One figure of the directory bench: what was measured, what is aimed at, and the floor beside it."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ParamSpec

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Figure:
    """value: None where it was not measured, and note says why. aim: at most; floor: measured in the same run."""

    name: str
    value: float | None
    unit: str
    aim: float | None = None
    floor: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.value is None or not self.floor else self.value / self.floor

    @property
    def reached(self) -> bool | None:
        return None if self.value is None or self.aim is None else self.value <= self.aim


def not_measured(names: Iterable[str], reason: str) -> list[Figure]:
    return [Figure(name, None, "", note=f"not measured: {reason}") for name in names]


def or_not_measured(
    names: Iterable[str], measure: Callable[P, list[Figure]], *args: P.args, **kwargs: P.kwargs
) -> list[Figure]:
    """What is built at the same time may have another shape tomorrow: then the row says so, and shows no figure."""
    try:
        return measure(*args, **kwargs)
    except (ImportError, AttributeError, TypeError, NotImplementedError) as error:
        return not_measured(names, f"{type(error).__name__}: {error}")


def percentiles(
    name: str, seconds: Sequence[float], aims: tuple[float | None, float | None], note: str
) -> list[Figure]:
    """p50 and p99 in microseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return [
        Figure(f"{name}, p50", 1e6 * cuts[49], "µs", aims[0], note=note),
        Figure(f"{name}, p99", 1e6 * cuts[98], "µs", aims[1]),
    ]


def table(figures: Iterable[Figure]) -> str:
    rows = [f"{'':50}{'measured':>16}{'aim':>12}{'':>3}{'floor':>12}{'ratio':>8}"]
    for each in figures:
        if each.value is None:
            rows.append(f"{each.name:50}  {each.note}")
            continue
        sign = {None: "", True: " ok", False: " no"}[each.reached]
        rows.append(
            f"{each.name:50}{_number(each.value):>11} {each.unit:4}{_number(each.aim):>12}{sign:>3}"
            f"{_number(each.floor):>12}{_number(each.ratio):>8}  {each.note}".rstrip()
        )
    return "\n".join(rows)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
