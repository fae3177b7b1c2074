"""The tables of the directory, version 3, and where each kind of file is kept in them.

Statements that make them may be run again: what is there stays.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from ctibridge.lookup.sheets import SHEETS

ROOM = "directory"
VERSION = 3
# The first ones stand in the DDL. What else people write beside a number is `other`: a row of the index has five bits.
MOST_LABELS = 31
OTHER_LABEL = 0
# directory_phone.origin: which file told of the number, or which plan.
FROM_PEOPLE, FROM_PHONES, FROM_PLAN = range(3)

DDL = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
-- version: raised by each transaction that changes the directory (`PRAGMA data_version` also moves when other rooms
-- write). tables: the version at which anything but people and numbers changed last. logged_from: of every version
-- above it, directory_changed_person names all the people that it changed.
CREATE TABLE IF NOT EXISTS directory_change (
    id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, tables INTEGER NOT NULL,
    logged_from INTEGER NOT NULL
);
INSERT OR IGNORE INTO directory_change VALUES (1, 0, 0, 0);
-- stamp: chance, so that a file made of this directory at some version (the number index) is known as not of this
-- history where a backup was put back and has come to the same version on another way.
CREATE TABLE IF NOT EXISTS directory_stamp (version INTEGER PRIMARY KEY, stamp TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS directory_change_stamp AFTER UPDATE OF version ON directory_change BEGIN
    INSERT OR REPLACE INTO directory_stamp VALUES (new.version, lower(hex(randomblob(8))));
    DELETE FROM directory_stamp WHERE version < new.logged_from;
END;
CREATE TABLE IF NOT EXISTS directory_changed_person (
    version INTEGER NOT NULL, account INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (version, account, id)
) WITHOUT ROWID;
-- no: what people and numbers say for it; an account keeps its own for ever.
-- purged: the version at which the people of it left last, as its share had ended.
CREATE TABLE IF NOT EXISTS directory_account (
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, country TEXT, languages TEXT,
    default_language TEXT, time_zone TEXT, holidays TEXT, links TEXT, briefing TEXT, verification TEXT,
    out_of_hours TEXT, purged INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS directory_site (
    account TEXT NOT NULL, name TEXT NOT NULL, country TEXT, language TEXT, time_zone TEXT, extensions TEXT,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_agent (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, login TEXT, languages TEXT, disabled INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_role_share (
    account TEXT NOT NULL, role TEXT NOT NULL, starts_at TEXT, ends_at TEXT, PRIMARY KEY (account, role)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_grant (
    agent TEXT NOT NULL, account TEXT NOT NULL, starts_at TEXT, ends_at TEXT, hours TEXT, PRIMARY KEY (agent, account)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_service_number (
    number TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, greeting TEXT, support_hours TEXT,
    default_language TEXT, caller_name_prefix TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_announcement (
    account TEXT NOT NULL, id TEXT NOT NULL, text TEXT, site TEXT, starts_at TEXT, ends_at TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
-- Everything about people is clustered by account: an import, a purge and an agent's question touch the pages of their
-- accounts and no others. updated_at and changed_at: Unix seconds.
CREATE TABLE IF NOT EXISTS directory_person (
    no INTEGER PRIMARY KEY, account INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, pronunciation TEXT,
    email TEXT, employee_id TEXT, support_id TEXT, job_title TEXT, organization TEXT, site TEXT, location TEXT,
    language TEXT, time_zone TEXT, vip INTEGER, disabled INTEGER, manager TEXT, source TEXT, source_id TEXT,
    updated_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS directory_person_by_id ON directory_person (account, id);
-- By what a PBX may name a person, and what agents look for. Most records have none or one of them.
CREATE INDEX IF NOT EXISTS directory_person_by_employee_id
    ON directory_person (account, employee_id COLLATE NOCASE) WHERE employee_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_person_by_support_id
    ON directory_person (account, support_id COLLATE NOCASE) WHERE support_id IS NOT NULL;
-- The beginning of an address finds it among a few; whole, they would be a fifth of all that is kept of a person.
CREATE INDEX IF NOT EXISTS directory_person_by_email
    ON directory_person (account, substr(email, 1, 12) COLLATE NOCASE) WHERE email IS NOT NULL;
-- The words of the name as `folding.terms` makes them.
CREATE TABLE IF NOT EXISTS directory_term (
    account INTEGER NOT NULL, term TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (account, term, person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_label (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT OR IGNORE INTO directory_label
VALUES (0, 'other'), (1, 'mobile'), (2, 'work'), (3, 'home'), (4, 'general'), (5, 'fax');
-- number: as `number_key.pack` makes it. origin: who told of it: 0 the column phones of people, 1 the file phones, 2
-- the extension plan of the person's site.
CREATE TABLE IF NOT EXISTS directory_phone (
    account INTEGER NOT NULL, number INTEGER NOT NULL, person INTEGER NOT NULL, label INTEGER NOT NULL,
    origin INTEGER NOT NULL, imported INTEGER NOT NULL, changed_at INTEGER,
    PRIMARY KEY (account, number, person, label, origin)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_phone_by_person ON directory_phone (person);
-- For the suffix match, the last resort: seven digits.
CREATE INDEX IF NOT EXISTS directory_phone_by_tail
    ON directory_phone (account, number % 10000000) WHERE number < 1000000000000000;
-- people: JSON list of person ids, or '*'; it may be long, so the table is not WITHOUT ROWID: a search by the key would
-- read all of it. Who is covered by what is asked at every call: by person in a table that the triggers fill.
CREATE TABLE IF NOT EXISTS directory_service (
    account TEXT NOT NULL, id TEXT NOT NULL, name TEXT, status TEXT, people TEXT, PRIMARY KEY (account, id)
);
CREATE INDEX IF NOT EXISTS directory_service_by_status
    ON directory_service (account, status COLLATE NOCASE) WHERE status IS NOT NULL;
CREATE TABLE IF NOT EXISTS directory_coverage (
    account TEXT NOT NULL, person TEXT NOT NULL, service TEXT NOT NULL, PRIMARY KEY (account, person, service)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS directory_coverage_new AFTER INSERT ON directory_service WHEN new.people IS NOT NULL BEGIN
    INSERT OR IGNORE INTO directory_coverage SELECT new.account, j.value, new.id
    FROM json_each(iif(new.people = '*', '["*"]', new.people)) j;
END;
CREATE TRIGGER IF NOT EXISTS directory_coverage_changed AFTER UPDATE OF people ON directory_service
WHEN new.people IS NOT old.people BEGIN
    DELETE FROM directory_coverage WHERE (account, person, service) IN (
        SELECT old.account, j.value, old.id
        FROM json_each(iif(old.people = '*', '["*"]', old.people)) j
    );
    INSERT OR IGNORE INTO directory_coverage SELECT new.account, j.value, new.id
    FROM json_each(iif(new.people = '*', '["*"]', new.people)) j;
END;
CREATE TRIGGER IF NOT EXISTS directory_coverage_gone AFTER DELETE ON directory_service WHEN old.people IS NOT NULL BEGIN
    DELETE FROM directory_coverage WHERE (account, person, service) IN (
        SELECT old.account, j.value, old.id
        FROM json_each(iif(old.people = '*', '["*"]', old.people)) j
    );
END;
CREATE TABLE IF NOT EXISTS directory_configuration_item (
    account TEXT NOT NULL, id TEXT NOT NULL, person TEXT, name TEXT, product TEXT, status TEXT, service TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_configuration_item_by_person ON directory_configuration_item (account, person);
CREATE TABLE IF NOT EXISTS directory_standard_request (
    account TEXT NOT NULL, id TEXT NOT NULL, service TEXT, subject TEXT, registration_hints TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_standard_request_by_service ON directory_standard_request (account, service);
CREATE TABLE IF NOT EXISTS directory_knowledge_article (
    account TEXT NOT NULL, id TEXT NOT NULL, service TEXT, subject TEXT, url TEXT, languages TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_knowledge_article_by_service ON directory_knowledge_article (account, service);
CREATE TABLE IF NOT EXISTS directory_request (
    account TEXT NOT NULL, id TEXT NOT NULL, requested_for TEXT, subject TEXT, status TEXT, updated_at TEXT,
    service TEXT, url TEXT, PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_request_by_person ON directory_request (account, requested_for, updated_at);
-- What is of nobody in particular may be what everybody has just now.
CREATE INDEX IF NOT EXISTS directory_request_of_nobody
    ON directory_request (account, status COLLATE NOCASE) WHERE requested_for IS NULL;
-- What desks taught the daemon: whom an agent chose for a number, and when a person was last spoken to (Unix seconds).
CREATE TABLE IF NOT EXISTS directory_choice (
    number INTEGER NOT NULL, account TEXT NOT NULL, person TEXT NOT NULL, called_account TEXT NOT NULL,
    by TEXT NOT NULL, at INTEGER NOT NULL, call TEXT
);
CREATE INDEX IF NOT EXISTS directory_choice_by_number ON directory_choice (number, account);
CREATE TABLE IF NOT EXISTS directory_contact (
    account TEXT NOT NULL, person TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, person)
) WITHOUT ROWID;
-- Who may see whom, as acts. at: ISO 8601 in UTC; actor: the user of this machine who did it.
CREATE TABLE IF NOT EXISTS directory_audit (
    no INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, account TEXT, agent TEXT,
    detail TEXT
);
"""


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit what stands before them."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where one kind of file is kept: its table, the key, and the other columns."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


def _stored(name: str, table: str) -> Stored:
    sheet = SHEETS[name]
    others = [column for column in (*sheet.columns, *sheet.families) if column not in (*sheet.key, "phones")]
    return Stored(table, sheet.key, tuple(others))


# Column `phones` of people and the file phones both go to directory_phone, which has its own ways: see `merge`.
STORED = {
    "accounts": _stored("accounts", "directory_account"),
    "sites": _stored("sites", "directory_site"),
    "agents": _stored("agents", "directory_agent"),
    "role_shares": _stored("role_shares", "directory_role_share"),
    "grants": _stored("grants", "directory_grant"),
    "service_numbers": _stored("service_numbers", "directory_service_number"),
    "people": _stored("people", "directory_person"),
    "services": _stored("services", "directory_service"),
    "configuration_items": _stored("configuration_items", "directory_configuration_item"),
    "standard_requests": _stored("standard_requests", "directory_standard_request"),
    "knowledge_articles": _stored("knowledge_articles", "directory_knowledge_article"),
    "requests": _stored("requests", "directory_request"),
    "announcements": _stored("announcements", "directory_announcement"),
}
