"""What an act narrowed is not widened by a file: a share or grant that ended, an earlier end, hours of the week.

A nightly export knows nothing of `share --revoke`. The last act says how wide a file may go (the audit has it): what an
act ended only an act opens again. Within that a file may say what it likes, also otherwise than the file before it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import aiosqlite

from ctibridge.domain import hours as week
from ctibridge.domain.agent import SERVICE_DESK_ANALYST
from ctibridge.lookup.adapters.tables import STORED

Key = tuple[Any, ...]
# Acts by the kind whose rows they change, and those of them that end.
ACTS = {"role_shares": ("share", "end share"), "grants": ("grant", "revoke")}
_ENDING = frozenset({"end share", "revoke"})
_UNTIL = "until "


@dataclass(frozen=True, slots=True)
class Limit:
    """The widest that a file may say. ends_at: aware; None: no end, around the clock."""

    ends_at: datetime | None = None
    hours: str | None = None


NO_LIMIT = Limit()


def limit(act: str, at: str, detail: str | None) -> Limit:
    """Of one line of the audit, as `acts` writes it: `until TIME, HOURS`, either may be missing."""
    if act in _ENDING:
        return Limit(datetime.fromisoformat(at))
    if detail is None or not detail.startswith(_UNTIL):
        return Limit(None, detail)
    end, _, hours = detail.removeprefix(_UNTIL).partition(", ")
    return Limit(datetime.fromisoformat(end), hours or None)


async def limits(connection: aiosqlite.Connection, kind: str) -> dict[Key, Limit]:
    """By the key of the kind's table, what the last act says. Raises sqlite3.Error."""
    query = "SELECT account, agent, act, at, detail FROM directory_audit WHERE act IN (?, ?) ORDER BY no"
    found: dict[Key, Limit] = {}
    for account, agent, act, at, detail in await connection.execute_fetchall(query, ACTS[kind]):
        key = (account, SERVICE_DESK_ANALYST) if kind == "role_shares" else (agent, account)
        found[key] = limit(act, at, detail)
    return found


def end(told: datetime | None, most: Limit) -> datetime | None:
    """When it ends. told: by the file, aware; None: never."""
    return min((one for one in (told, most.ends_at) if one is not None), default=None)


def hours(told: str | None, most: Limit) -> str | None:
    """When it holds. The file's hours, if the act's hours cover them."""
    if most.hours is None or (told is not None and _is_within(told, most.hours)):
        return told
    return most.hours


def row(kind: str, told: Sequence[Any], given: Collection[str] | None, most: Limit) -> list[Any]:
    """A row of a file, no wider than it may be. given: columns that the file has; None: the row is new, all count."""
    columns = (*STORED[kind].key, *STORED[kind].columns)
    found = list(told)
    for at, column in enumerate(columns):
        if given is not None and column not in given:
            continue
        if column == "ends_at":
            ends = end(_moment(told[at]), most)
            found[at] = None if ends is None else ends.isoformat()
        elif column == "hours":
            found[at] = hours(told[at], most)
    return found


def rows(
    kind: str,
    told: Sequence[Sequence[Any]],
    stored: Collection[Key],
    given: Collection[str],
    most: Mapping[Key, Limit],
) -> list[list[Any]]:
    """Each row of a file, no wider than it may be. stored: keys of the rows that are there; most: what acts say, by
    key."""
    keys = [tuple(one[: len(STORED[kind].key)]) for one in told]
    each = zip(told, keys, strict=True)
    return [row(kind, one, given if key in stored else None, most.get(key, NO_LIMIT)) for one, key in each]


@lru_cache(maxsize=256)
def _is_within(text: str, outer: str) -> bool:
    """Are these hours of the week among the others? Of two zones it is never said: clocks change on other days."""
    if text == outer:
        return True
    inside, outside = week.known(text), week.known(outer)
    if inside is None or outside is None or inside.zone != outside.zone:
        return False
    times = ((day, minute) for day in range(7) for minute in range(24 * 60))
    return all(_is_open(outside, *time) for time in times if _is_open(inside, *time))


def _is_open(of_week: week.Hours, day: int, minute: int) -> bool:
    return any(span.covers(day, minute) for span in of_week.spans)


def _moment(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
