"""`desks.db` as it comes out of a backup: the desks begin anew, and go on with what calls they had.

What desks were told since the backup was made has numbers that the file does not know. So it is made one that nobody
vouches for: the next start gives each desk a new epoch, as after a reboot (`outbox_start`), and no event id ever names
two different events.
"""

import sqlite3


def begin_anew(connection: sqlite3.Connection) -> None:
    """Of a file of any version. Raises sqlite3.Error."""
    connection.execute("UPDATE outbox_state SET run = '', clean = 0")
