"""Who types the command: for the audit."""

import os
import pwd
from datetime import UTC, datetime

from ctibridge.lookup.adapters.acts import Actor

_STARTED_AS = os.getuid()
"""When this was imported: root becomes the store's owner later on, and cron, a unit or a container names nobody."""


def actor() -> Actor:
    """The person, not the user that root becomes for the store's sake."""
    said = (os.environ.get(name) for name in ("SUDO_USER", "LOGNAME", "USER"))
    return Actor(next(filter(None, said), None) or _user(_STARTED_AS), datetime.now(UTC))


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "unknown"
