"""One change of the store, whole or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosqlite


@asynccontextmanager
async def transaction(connection: aiosqlite.Connection) -> AsyncIterator[None]:
    """The store is ours to write from the start; what fails within, or is cancelled, leaves nothing behind. One at a
    time on a connection. Raises sqlite3.Error."""
    try:
        # Cancelled while it waits for another writer, it is begun all the same: the undoing waits behind it.
        await connection.execute("BEGIN IMMEDIATE")
        yield
        await connection.execute("COMMIT")
    except BaseException:
        await connection.rollback()  # of nothing, where none was begun
        raise
