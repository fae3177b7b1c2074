"""What is worth saying of the lines of each trunk, in one line: how many are heard, and why the others are not."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from ctibridge.domain.line import LineState

_WHYS = 3
"""Reasons that are named; a status is one line."""


def remarks(lines: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """lines: trunk, state and why of each. Returns, by its subject, what to say of each trunk that has a line which is
    not heard; nothing of the others."""
    trunks: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for trunk, state, why in lines:
        trunks[trunk][state, why] += 1
    return {f"trunk {trunk}": text for trunk, found in trunks.items() if (text := _of(trunk, found)) is not None}


def _of(trunk: str, found: Counter[tuple[str, str]]) -> str | None:
    whys = Counter[str]()
    for (state, why), count in found.items():
        if state != LineState.REGISTERED:
            whys[why] += count
    if not whys:
        return None
    return f"trunk {trunk}: {found.total() - whys.total()} of {found.total()} lines heard: {_reasons(whys)}"


def _reasons(whys: Counter[str]) -> str:
    if len(whys) == 1:
        return next(iter(whys))
    most = sorted(whys.items(), key=lambda each: (-each[1], each[0]))
    rest = whys.total() - sum(count for _, count in most[:_WHYS])
    return ", ".join([f"{why} ({count})" for why, count in most[:_WHYS]] + ([f"others ({rest})"] if rest else []))
