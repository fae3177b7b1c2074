"""From older versions of the directory's tables to this one, with all that is in them; inside the opener's transaction.

Versions 1 and 2 kept accounts, people and numbers as text and by number; version 3 keeps them by account, as integers.
The tables that change are put aside, made anew, filled account by account and then dropped. The file needs room for
both meanwhile; what is free afterwards is used again and not given back.
"""

from collections.abc import Callable

import aiosqlite
import structlog

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.tables import DDL, FROM_PEOPLE, FROM_PHONES, MOST_LABELS, OTHER_LABEL, statements
from ctibridge.lookup.progress import Progress

log = structlog.get_logger()

Tell = Callable[[Progress], None]
"""Hears how far it is, on the loop: ten million people take minutes."""

KNOWN = (1, 2)
STEP = "upgrading the store"

_CHANGED = ("directory_change", "directory_account", "directory_person", "directory_phone")
_OLD_INDEXES = (
    "directory_phone_by_number",
    "directory_person_by_employee_id",
    "directory_person_by_support_id",
    "directory_person_by_email",
)
_ACCOUNT = (
    "id, name, country, languages, default_language, time_zone, holidays, links, briefing, verification, out_of_hours"
)
_PERSON = (
    "id, name, pronunciation, email, employee_id, support_id, job_title, organization, site, location, language, "
    "time_zone, vip, disabled, manager, source, source_id"
)
# From what another room reads, an unread change: whoever holds something of the old version reads all anew.
_CHANGE = """
UPDATE directory_change SET
    version = (SELECT version + 1 FROM old_directory_change),
    tables = (SELECT version + 1 FROM old_directory_change),
    logged_from = (SELECT version + 1 FROM old_directory_change)
"""
# People whose account is not known were never seen by anybody; they are kept, and stay so: nobody shares that account.
_ACCOUNTS = (
    f"INSERT INTO directory_account ({_ACCOUNT}) SELECT {_ACCOUNT} FROM old_directory_account ORDER BY id",  # noqa: S608
    "INSERT OR IGNORE INTO directory_account (id, name) SELECT DISTINCT account, account FROM old_directory_person",
)
# The labels that most numbers have keep their names.
_LABELS = """
INSERT OR IGNORE INTO directory_label (name)
SELECT label FROM old_directory_phone WHERE label NOT IN (SELECT name FROM directory_label)
GROUP BY label ORDER BY count(*) DESC, label LIMIT ? - (SELECT count(*) FROM directory_label)
"""
_PEOPLE = (
    f"INSERT INTO directory_person (account, {_PERSON}, updated_at) "  # noqa: S608
    f"SELECT ?1, {_PERSON}, CAST(strftime('%s', updated_at) AS INTEGER) FROM old_directory_person WHERE account = ?2"
)
_TERMS = """
INSERT INTO directory_term SELECT p.account, t.value, p.no
FROM directory_person p CROSS JOIN json_each(directory_terms(p.name)) t WHERE p.account = ?1 ORDER BY 2, 3
"""
# Two labels of one number that are both `other` now are one row.
_PHONES = f"""
INSERT OR IGNORE INTO directory_phone
SELECT ?1, directory_packed(o.number) AS packed, p.no, ifnull(l.no, {OTHER_LABEL}),
    CASE o.origin WHEN 'people' THEN {FROM_PEOPLE} ELSE {FROM_PHONES} END, o.imported,
    CAST(strftime('%s', o.changed_at) AS INTEGER)
FROM old_directory_phone o CROSS JOIN directory_person p ON p.account = ?1 AND p.id = o.person
LEFT JOIN directory_label l ON l.name = o.label
WHERE o.account = ?2 AND packed IS NOT NULL ORDER BY packed, p.no
"""  # noqa: S608


def nobody(_progress: Progress) -> None:
    """Whom nobody need tell."""


def waiting(attempt: int) -> Progress:
    """That another process is at it."""
    return Progress("waiting for another process, which is upgrading the store", attempt + 1, None, 0)


async def bring_up(connection: aiosqlite.Connection, version: int, tell: Tell) -> None:
    """From `version` (one of KNOWN) to this one, in the transaction that the caller has begun. Raises sqlite3.Error."""
    assert version in KNOWN
    await connection.create_function("directory_packed", 1, _packed, deterministic=True)
    for index in _OLD_INDEXES:
        await connection.execute(f"DROP INDEX IF EXISTS {index}")
    for table in _CHANGED:
        await connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in (*statements(DDL), _CHANGE, *_ACCOUNTS):
        await connection.execute(statement)
    await connection.execute(_LABELS, (MOST_LABELS,))
    await _copy(connection, tell)
    await _drop(connection)


async def _drop(connection: aiosqlite.Connection) -> None:
    """Overwritten: what a purge removes later must not have stayed behind in pages that were freed here."""
    ((before,),) = await connection.execute_fetchall("PRAGMA secure_delete")
    await connection.execute("PRAGMA secure_delete = ON")
    for table in _CHANGED:
        await connection.execute(f"DROP TABLE old_{table}")
    await connection.execute(f"PRAGMA secure_delete = {before}")


async def _copy(connection: aiosqlite.Connection, tell: Tell) -> None:
    accounts = list(await connection.execute_fetchall("SELECT no, id FROM directory_account ORDER BY no"))
    people = 0
    for done, account in enumerate(map(tuple, accounts)):
        tell(Progress(STEP, done, len(accounts), people))
        people += (await connection.execute(_PEOPLE, account)).rowcount
        await connection.execute(_TERMS, account[:1])
        await connection.execute(_PHONES, account)
    tell(Progress(STEP, len(accounts), len(accounts), people))


def _packed(number: str) -> int | None:
    """None for what cannot be a number; older importers wrote none of these."""
    try:
        return number_key.pack(number)
    except ValueError:
        return None


def logged(progress: Progress) -> None:
    """For the daemon: at ten million people it takes minutes, and somebody waits."""
    if progress.total and (progress.done == progress.total or progress.done % max(1, progress.total // 10) == 0):
        log.info("store.upgrading", step=progress.step, done=progress.done, total=progress.total)
