"""Where this node's store goes without people (`[redis] directory = "redis"`): what needs them here says so."""

import sqlite3
from pathlib import Path

from ctibridge.cli.problem import Problem
from ctibridge.config import ConfigError, Settings, redis_access
from ctibridge.lookup.adapters.following.lean import is_lean
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.store import DirectoryStore

ELSEWHERE = (
    "this node's store goes without people; ctibridge cluster status shows the nodes that keep them, and "
    "ctibridge cluster keep brings them here"
)
NOT_ANSWERED = "people are asked of Redis here, and it has none or does not answer: see ctibridge check"
IN_BACKUP = "people are not in it: they are in the backups of the nodes that keep them (ctibridge cluster status)"


def goes_without_people(settings: Settings) -> bool:
    """False, too, where there is no store yet, or one that cannot be read: who opens it says why."""
    path = settings.node.state_dir / FILE
    try:
        return path.exists() and is_lean(path)
    except (sqlite3.Error, OSError):
        return False


def refuse_lean(settings: Settings, what: str) -> None:
    """what: cannot be done without them. Raises Problem."""
    if goes_without_people(settings):
        raise Problem(f"{what}: {ELSEWHERE}")


async def asked(settings: Settings, folder: Path) -> DirectoryStore | None:
    """What a look-up here asks, with people from Redis where the store goes without them; None: the store itself.
    folder: of the configuration. Raises Problem, StoreFault."""
    if settings.redis is None or not goes_without_people(settings):
        return None
    from ctibridge.cluster.adapters.faults import RedisFault  # noqa: PLC0415 - loaded with [redis] alone
    from ctibridge.joining.people import open_store  # noqa: PLC0415

    try:
        access = redis_access(settings.redis, folder)
        return await open_store(settings.node.state_dir / FILE, access, settings.node.name)
    except ConfigError as error:
        raise Problem(str(error), code=2) from None
    except RedisFault as fault:
        raise Problem(str(fault)) from None
