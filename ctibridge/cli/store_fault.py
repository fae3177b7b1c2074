"""What a fault of the store says to a person: what it is, and one mend."""

import sqlite3

from ctibridge.lookup.adapters.schema import StoreFault

RESTORE = "restore it from a backup, or move it away and import again"
_MENDS = {
    "disk I/O error": "make room on its disk; where there is room, the disk itself is at fault",
    "database or disk is full": "make room on its disk",
    "No space left on device": "make room on its disk",
    "database is locked": "another ctibridge is writing; try again when that is done",
    "database table is locked": "another ctibridge is writing; try again when that is done",
    "unable to open database file": "let the service's user read and write it and its folder",
    "attempt to write a readonly database": "let the service's user read and write it and its folder",
}


def told(fault: StoreFault | sqlite3.Error) -> tuple[str, str]:
    """The fault and its mend, of which one that it brings along stands alone: `file: what is wrong; mend`."""
    text, _, mend = str(fault).partition("; ")
    for words, better in _MENDS.items():
        # SQLite's words. Whoever wrapped them did not know which they would be.
        if words in text:
            return text, better
    return text, mend or RESTORE
