"""How lists, sizes and times are put in a row of `check`."""

from collections.abc import Iterable

MOST_NAMED = 8


def named(names: Iterable[str]) -> str:
    """At most MOST_NAMED of them, in order, and how many more there are."""
    every = sorted(names)
    more = f" and {len(every) - MOST_NAMED:,} more" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more


def counted(count: int, word: str) -> str:
    """`1 agent`, `2 agents`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def span(seconds: float) -> str:
    """Days, or else minutes."""
    days, rest = divmod(round(seconds), 86_400)
    return counted(days, "day") if days else counted(rest // 60, "minute")


def size(count: int) -> str:
    """Bytes as people read them."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
