"""Where this node's store goes without people (`[redis] directory = "redis"`): what needs them here says so."""

import sqlite3

from ctibridge.cli.problem import Problem
from ctibridge.config import Settings
from ctibridge.lookup.adapters.following.lean import is_lean
from ctibridge.lookup.adapters.schema import FILE

ELSEWHERE = (
    "this node's store goes without people; ctibridge cluster status shows the nodes that keep them, and "
    "ctibridge cluster keep brings them here"
)


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
