"""What the directory has of one person, for himself (GDPR 15): every table, read beside a running daemon.

Comes in: the store, account and id. Goes out: plain values by table, as they are told to people; what names others (who
else a service is for, whom he leads) is left out.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.tables import FROM_PEOPLE, FROM_PHONES, FROM_PLAN

Values = dict[str, Any]
PATIENCE = 5.0
"""Seconds for a lock."""

_RECORD = """
SELECT p.id, p.name, p.pronunciation, p.email, p.employee_id, p.support_id, p.job_title, p.organization, p.site,
    p.location, p.language, p.time_zone, p.vip, p.disabled, p.manager, p.source, p.source_id, p.updated_at
FROM directory_person p JOIN directory_account a ON a.no = p.account WHERE a.id = ? AND p.id = ?
"""
_NUMBERS = """
SELECT h.number, l.name AS label, h.origin AS told_by, h.imported, h.changed_at FROM directory_phone h
JOIN directory_person p ON p.no = h.person JOIN directory_account a ON a.no = p.account
LEFT JOIN directory_label l ON l.no = h.label WHERE a.id = ? AND p.id = ? ORDER BY h.number, label
"""
_OTHERS = {
    "requests": "SELECT id, subject, status, updated_at, service, url FROM directory_request "
    "WHERE account = ? AND requested_for = ? ORDER BY id",
    "configuration_items": "SELECT id, name, product, status, service FROM directory_configuration_item "
    "WHERE account = ? AND person = ? ORDER BY id",
    "services": "SELECT s.id, s.name, s.status FROM directory_coverage c JOIN directory_service s "
    "ON s.account = c.account AND s.id = c.service WHERE c.account = ? AND c.person = ? ORDER BY s.id",
}
_CHOICES = (
    "SELECT number, called_account, by, at, call FROM directory_choice WHERE account = ? AND person = ? ORDER BY at"
)
_CONTACT = "SELECT at FROM directory_contact WHERE account = ? AND person = ?"
_ORIGINS = {FROM_PEOPLE: "people", FROM_PHONES: "phones", FROM_PLAN: "the site's extension plan"}


def directory(path: Path, account: str, person: str) -> Values:
    """Record (None where there is none any more), numbers, and what belongs to him. Raises sqlite3.Error."""
    with closing(_connect(path)) as db:
        record = next(iter(_rows(db, _RECORD, account, person)), None)
        numbers = [_number(one) for one in _rows(db, _NUMBERS, account, person)]
        others = {kind: _rows(db, query, account, person) for kind, query in _OTHERS.items()}
    if record is not None:
        record |= {key: bool(record[key]) for key in ("vip", "disabled") if key in record}
    return {"record": None if record is None else _timed(record, "updated_at"), "numbers": numbers, **others}


def learned(path: Path, account: str, person: str) -> Values:
    """What desks taught us of him. Raises sqlite3.Error."""
    with closing(_connect(path)) as db:
        choices = [_timed(one, "at") for one in _rows(db, _CHOICES, account, person)]
        contact = next(iter(_rows(db, _CONTACT, account, person)), None)
    for one in choices:
        one["number"] = number_key.unpack(one["number"])
    return {"chosen_as_caller": choices, "spoken_to_last": None if contact is None else _timed(contact, "at")["at"]}


def _number(row: Values) -> Values:
    number = {**row, "number": number_key.unpack(row["number"]), "imported": bool(row["imported"])}
    number["told_by"] = _ORIGINS.get(row["told_by"], "an import")
    return _timed(number, "changed_at")


def _timed(row: Values, key: str) -> Values:
    """Unix seconds as people read them."""
    return row if key not in row else {**row, key: datetime.fromtimestamp(row[key], UTC).isoformat()}


def _rows(db: sqlite3.Connection, query: str, *values: str) -> list[Values]:
    """Without what is not known."""
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in cursor]


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
