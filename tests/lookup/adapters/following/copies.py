"""Stores as nodes of a cluster have them, without a Redis: what one tells is carried to the other by the test."""

from pathlib import Path

from ctibridge.delivery.adapters.token_store import SHARED, TokenStore
from ctibridge.lookup.adapters.following.copy import Copy, Entry
from ctibridge.lookup.adapters.following.tables import PEOPLE
from ctibridge.lookup.adapters.schema import FILE, open_file


async def copy_in(folder: Path, *, lean: bool = False) -> Copy:
    folder.mkdir(exist_ok=True)
    await (await open_file(folder / FILE)).close()
    await (await TokenStore.open(folder / FILE)).close()
    return Copy(folder / FILE, [SHARED], lean=lean)


def told(copy: Copy) -> list[Entry]:
    """All that is not told yet, as changes that go on from where the copy stands."""
    found = []
    for act in (False, True):
        while (piece := copy.piece(act=act)) is not None:
            mine = copy.standing()
            entry = Entry(mine.seq + 1, f"s{mine.seq + 1}", mine.stamp, copy.name, act, piece.body)
            copy.sent(piece, entry.seq, entry.stamp, entry.before)
            found.append(entry)
    return found


def people(copy: Copy) -> list[int]:
    """How many rows there are of people, of their numbers and of words of their names."""
    return [copy.db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in PEOPLE]  # noqa: S608
