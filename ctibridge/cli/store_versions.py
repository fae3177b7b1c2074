"""Which versions of each room's tables this program knows, and that it leaves those of a later one alone.

`python -m ctibridge.cli.store_versions` prints what it writes, as JSON: for who packs the program.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType

from ctibridge.cli.checks import database
from ctibridge.cli.checks.store import Versions
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters import outbox_tables, token_store
from ctibridge.domain.store_version import later
from ctibridge.lookup.adapters import migrations, tables
from ctibridge.lookup.adapters.importing import journal
from ctibridge.lookup.adapters.schema import FILE

STORE: Mapping[str, Versions] = MappingProxyType({
    tables.ROOM: Versions(tables.VERSION, migrations.KNOWN),
    token_store.ROOM: Versions(token_store.VERSION, token_store.KNOWN),
    journal.ROOM: Versions(journal.VERSION),
})  # fmt: skip
"""The rooms of `ctibridge.db`, as this program writes them."""
DESKS: Mapping[str, Versions] = MappingProxyType({
    outbox_tables.ROOM: Versions(outbox_tables.VERSION, outbox_tables.KNOWN),
})  # fmt: skip
FILES: Mapping[str, Mapping[str, Versions]] = MappingProxyType({FILE: STORE, outbox_tables.FILE: DESKS})


def unknown(file: str, found: Mapping[str, int]) -> str | None:
    """Why this program must leave alone a file of that name with these versions, by room; None: it knows them. A room
    that it has not heard of is a later program's own, and nothing of ours."""
    for room, version in found.items():
        known = FILES[file].get(room)
        if known is not None and version != known.written and version not in known.older:
            return later(room, version, known.written)
    return None


def refuse_newer(state_dir: Path) -> None:
    """Before anything is opened to be written. What cannot be read says so to whoever opens it. Raises Problem."""
    for file in FILES:
        path = state_dir / file
        if path.exists() and not path.is_file():  # a pipe would be waited for, for ever
            raise Problem(f"{path} is no file, and nothing that ctibridge made; move it away")
        if path.exists() and (why := unknown(file, _found(path))) is not None:
            raise Problem(f"{path}: {why}")


def _found(path: Path) -> Mapping[str, int]:
    with suppress(sqlite3.Error), closing(database.connect(path)) as connection:
        return database.versions(connection)
    return {}


if __name__ == "__main__":
    print(json.dumps({file: {room: one.written for room, one in rooms.items()} for file, rooms in FILES.items()}))
