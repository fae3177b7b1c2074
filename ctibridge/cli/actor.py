"""Who types the command: for the audit."""

import getpass
import os
from datetime import UTC, datetime

from ctibridge.lookup.adapters.acts import Actor


def actor() -> Actor:
    """The person, not the user that root becomes for the store's sake."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(name, datetime.now(UTC))
