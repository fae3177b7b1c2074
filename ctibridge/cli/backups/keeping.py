"""Which backups of a folder have had their time. Pure: names and time come in.

They hold who has left the store since: kept for longer than the store keeps a thing, they keep it for longer, too.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_STAMP = "%Y%m%dT%H%M%SZ"
_OURS = re.compile(r"ctibridge-([0-9]{8}T[0-9]{6}Z)\.tar\.gz", re.ASCII)


def name_at(at: datetime) -> str:
    """How a backup is called in a folder of them: they sort as they were made. at: aware."""
    return f"ctibridge-{at.astimezone(UTC):{_STAMP}}.tar.gz"


def outdated(names: Iterable[str], now: datetime, days: int) -> list[str]:
    """Those that were made more than so many days before now (aware), oldest first; nothing that is not called as ours
    are, and never the newest: a clock that is wrong must not cost the last one."""
    made = sorted((at, name) for name in names if (at := _made_at(name)) is not None)
    return [name for at, name in made[:-1] if at < now - timedelta(days=days)]


def _made_at(name: str) -> datetime | None:
    found = _OURS.fullmatch(name)
    try:
        return None if found is None else datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # the 31st of February
        return None
