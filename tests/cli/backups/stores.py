"""State directories to make backups of."""

import asyncio
import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.cli.backups import packing
from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Kind
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.schema import FILE, open_file

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
BY = Actor("root", AT)


def nobody(*_: object) -> None: ...


def store(folder: Path, agent: str = "ana") -> Path:
    """With one token, one desk and a name, all of which say which agent's they are."""
    folder.mkdir(exist_ok=True)
    asyncio.run(_directory(folder / FILE, agent))
    with closing(outbox_tables.connect(folder / outbox_tables.FILE)[0]) as db:
        db.execute("INSERT INTO desk VALUES (0, ?, 'before', 41, 1, 40)", (agent,))
        db.execute("UPDATE outbox_state SET run = 'boot run', clean = 1")
    (folder / "instance").write_text(f"{agent:x<32}", encoding="ascii")
    return folder


async def _directory(path: Path, agent: str) -> None:
    await (await open_file(path)).close()
    tokens = await TokenStore.open(path)
    await tokens.issue(Kind.DESK, agent, None, AT)
    await tokens.close()


def whose(folder: Path) -> tuple[str, str, str]:
    """Of token, desk and name."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        ((token,),) = db.execute("SELECT agent FROM token").fetchall()
    with closing(sqlite3.connect(folder / outbox_tables.FILE)) as db:
        ((desk,),) = db.execute("SELECT agent FROM desk").fetchall()
    return token, desk, (folder / "instance").read_text(encoding="ascii").rstrip("x")


def backup_of(folder: Path) -> bytes:
    out = io.BytesIO()
    packing.pack(folder, "desk-1", out, BY, "a.tar.gz", nobody)
    return out.getvalue()


def set_version(path: Path, room: str, version: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT OR REPLACE INTO schema_version VALUES (?, ?)", (room, version))
