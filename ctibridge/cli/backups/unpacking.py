"""What comes out of a backup, looked through before it becomes a store: its sums, its tables, its versions."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ctibridge.cli import store_versions
from ctibridge.cli.backups.archive import Archive, BadArchive, Manifest, Tell
from ctibridge.cli.checks import database, kernel
from ctibridge.cli.checks.wording import size
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters import outbox_restored
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.lookup.adapters import audit_line
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.following import tables
from ctibridge.lookup.adapters.schema import FILE as DIRECTORY

SPARE = 64 << 20
"""Bytes that stay free behind it: the daemon has to start."""
_NEVER_OURS = """SELECT 1 FROM sqlite_master WHERE type = 'view'
OR type = 'trigger' AND tbl_name NOT IN ('directory_change', 'directory_service')"""
"""What a forger would have run, without end if he likes, when it is looked through here. The triggers that are ours
stand in `lookup.adapters.tables`; those of a node among several (`following.tables`) go, and its service or its next
command makes them anew."""


def unpack(archive: Archive, folder: Path, by: Actor, tell: Tell) -> None:
    """Into an empty folder, ready to be put in place. by: for the audit. Raises BadArchive, Problem, OSError."""
    manifest = archive.manifest
    for member in manifest.members:
        _check_versions(member.name, member.versions)
    _check_room(manifest, folder)
    for member in manifest.members:
        descriptor = os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            archive.extract(member, file, tell)
    archive.end()
    for member in manifest.members:
        if member.name in store_versions.FILES:
            tell(f"testing {member.name}", 0, 0)
            _make_ready(folder / member.name, manifest, by)


def _check_room(manifest: Manifest, folder: Path) -> None:
    needed, (free, _) = sum(member.bytes for member in manifest.members) + SPARE, kernel.disk(folder)
    if free < needed:
        raise Problem(f"it takes {size(needed)} on the disk of state_dir, {size(free)} are free; make room")


def _check_versions(name: str, found: Mapping[str, int]) -> None:
    """Raises BadArchive."""
    if name in store_versions.FILES and (why := store_versions.unknown(name, found)) is not None:
        raise BadArchive(f"is a newer ctibridge's: {name}: {why.partition('; ')[0]}; restore it with that one")


def _drop_notes(connection: sqlite3.Connection) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, ?) = ?"
    for (name,) in connection.execute(query, (len(tables.NOTES), tables.NOTES)).fetchall():
        quoted = name.replace('"', '""')
        connection.execute(f'DROP TRIGGER "{quoted}"')


def _make_ready(path: Path, manifest: Manifest, by: Actor) -> None:
    """Raises BadArchive."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise BadArchive(f"is damaged: {path.name}: {' '.join(str(said).split())}")
            _drop_notes(connection)
            if connection.execute(_NEVER_OURS).fetchone() is not None:
                raise BadArchive(f"is no backup of ctibridge: {path.name} in it has views or triggers of somebody")
            # What the file itself says counts, whatever its manifest says.
            versions = database.versions(connection)
            if path.name == DIRECTORY and not versions:
                raise BadArchive(f"is damaged: {path.name} in it is no store")
            _check_versions(path.name, versions)
            if path.name == DESKS:
                outbox_restored.begin_anew(connection)
            else:
                detail = f"as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
                audit_line.write(connection, by, "restore", detail)
    except sqlite3.DatabaseError as error:
        raise BadArchive(f"is damaged: {path.name}: {error}") from None
