"""What the desks of the bench find when they come: their tokens, and the events of their last shifts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.desk_pops import FIRST, TRUNK, agent, line
from bench.desk_server import BOOT
from ctibridge.delivery import encode, tokens
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.outbox_file import OutboxFile
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.standing import DeskRow
from ctibridge.delivery.wire import EventType
from ctibridge.domain.call import Call, CallState

TOKENS = "tokens"
_AT_ONCE = 20_000


async def issue(folder: Path, desks: int) -> Path:
    """A token for each desk, in the store and, as no house would have it, in a file that is returned."""
    store = folder / "ctibridge.db"
    await (await TokenStore.open(store)).close()
    texts = [tokens.text_of(fresh.token_secret()) for _ in range(desks)]
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    rows = [(fresh.token_id(), tokens.hash_of(text), agent(place), now) for place, text in enumerate(texts)]
    with closing(sqlite3.connect(store)) as db, db:
        db.executemany("INSERT INTO token (id, hash, kind, agent, issued_at) VALUES (?, ?, 'desk', ?, ?)", rows)
    path = folder / TOKENS
    path.write_text("\n".join(text.value for text in texts), encoding="ascii")
    return path


def store_tails(folder: Path, desks: int, each: int) -> None:
    """So many events of each desk in `desks.db`, left by a run that ended clean."""
    file = OutboxFile(folder / FILE)
    now = datetime.now(UTC)
    rows = tuple(DeskRow(place, agent(place), fresh.epoch(), each, 1, 0) for place in range(desks))
    file.begin(f"{BOOT} {fresh.epoch()}", Rows(now, rows))
    for place in range(0, desks, per := max(1, _AT_ONCE // each)):
        events = tuple(event for row in rows[place : place + per] for event in _tail(row, each, now))
        file.write(Rows(now, events=events))
    file.end()
    file.close()


def _tail(row: DeskRow, each: int, now: datetime) -> Iterator[tuple[int, KeptEvent]]:
    call = Call(f"{row.no:05d}-before", TRUNK, line(row.no), CallState.RINGING, now)
    ended = encode.call_data(replace(call, state=CallState.ENDED, ended_at=now))
    pop = encode.pop_data(FIRST, call)
    for sequence in range(1, each + 1):
        rings = sequence % 10 == 0
        kind: EventType = "call.ringing" if rings else "call.ended"
        data = pop if rings else ended
        yield row.no, KeptEvent(row.agent, row.epoch, sequence, kind, call.id, now, frozenset({"cust"}), data)
