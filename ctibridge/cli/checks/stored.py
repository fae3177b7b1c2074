"""Reads the state directory for `check`, and says what stands in it. Where a file is not sound, nothing more of it is
judged."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from ctibridge.cli.checks import agents, database, directory, kernel, restored, store, tokens, webhooks
from ctibridge.cli.checks.database import FileState
from ctibridge.cli.checks.scene import Scene
from ctibridge.cli.checks.store import Disk
from ctibridge.cli.findings import Row
from ctibridge.cli.store_fault import RESTORE, told
from ctibridge.cli.store_versions import DESKS, STORE
from ctibridge.delivery.adapters import outbox_newest, outbox_tables, token_store
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Token
from ctibridge.domain.finding import Finding, Kind
from ctibridge.lookup.adapters import state, tables
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.phone_labels import AllowedLabels


def rows(scene: Scene) -> Iterator[Row]:
    """Files and disk first, then what they say of directory, agents and tokens."""
    path = scene.state_dir / FILE
    found = database.look(path, scene.patience, scene.tell)
    desks = database.look(scene.state_dir / outbox_tables.FILE, scene.patience, scene.tell)
    files = [*store.directory(found, STORE), *store.desks(desks, DESKS)]
    yield from (Row(one, "store") for one in files)
    if scene.state_dir.exists():
        yield Row(_free_space(scene.state_dir, found, desks), "store")
        may_write = os.access(scene.state_dir, os.W_OK, effective_ids=True)
        yield from (Row(one, "store") for one in store.writable(scene.state_dir, may_write=may_write))
        yield from (Row(one, "store") for one in restored.findings(path.name for path in scene.state_dir.iterdir()))
    if found is None or any(one.what.startswith("store") and one.kind is Kind.MEND for one in files):
        return
    try:
        yield from _directory(scene, path, found)
        yield from _tokens(scene, path, found)
    except sqlite3.Error as fault:
        yield Row(Finding("store", *told(fault)), "store")
    except (ValueError, msgspec.MsgspecError):
        yield Row(Finding("store", "a row in it holds what ctibridge never writes", RESTORE), "store")


def newest_event(folder: Path) -> datetime | None:
    """None where there is none, or its file cannot be read: that stands in `rows`."""
    path = folder / outbox_tables.FILE
    if not path.is_file():
        return None
    try:
        with closing(database.connect(path)) as connection:
            return outbox_newest.newest_event(connection)
    except (sqlite3.Error, ValueError, OverflowError):
        return None


def _free_space(folder: Path, *files: FileState | None) -> Finding:
    stored = sum(one.size + one.log for one in files if one is not None)
    return store.free_space(Disk(*kernel.disk(folder)), stored)


def _directory(scene: Scene, path: Path, found: FileState) -> Iterator[Row]:
    if found.versions.get(tables.ROOM) != tables.VERSION:
        return
    privacy = scene.settings.privacy
    allowed = AllowedLabels.read(privacy.phone_labels)
    known = asyncio.run(state.of_directory(path, scene.at, privacy.purge_after, allowed))
    yield Row(store.contents(known, shared=scene.settings.redis is not None), "store")
    yield from (Row(one, "directory") for one in directory.findings(known, scene.at))
    yield from (Row(one, "directory") for one in directory.privacy_accounts(privacy, known.snapshot))
    yield from (Row(one, "agents") for one in agents.findings(known.snapshot, scene.seats, scene.at))
    yield from (Row(one, "webhooks") for one in webhooks.names(scene.settings.webhook, known.snapshot))


def _tokens(scene: Scene, path: Path, found: FileState) -> Iterator[Row]:
    if found.versions.get(token_store.ROOM, token_store.VERSION) != token_store.VERSION:
        return
    every = asyncio.run(_all_tokens(path)) if token_store.ROOM in found.versions else []
    yield from (Row(one, "tokens") for one in tokens.findings(every, scene.at))


async def _all_tokens(path: Path) -> list[Token]:
    """Raises sqlite3.Error."""
    store_of_tokens = await TokenStore.open_reader(path)
    try:
        return await store_of_tokens.all()
    finally:
        await store_of_tokens.close()
