"""What the data protection officer reads is what there is: each column, field, kind of fact and file, once."""

import inspect
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ctibridge import installation, resources
from ctibridge.cluster import keys
from ctibridge.delivery import frames, wire, wire_context, wire_control, wire_webhook
from ctibridge.delivery.adapters import outbox_tables, sent_marks
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.webhooks import cursor
from ctibridge.domain import last_call, line_evidence
from ctibridge.flow import calling_back, remembered, upkeep
from ctibridge.joining import held, passport
from ctibridge.lookup.adapters import erasing
from ctibridge.lookup.adapters.importing import journal
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.repository.test_docs import ROOT, tables, words

DOCUMENT = ROOT / "docs" / "data-protection.md"
AUDIT = ROOT / "docs" / "audit.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
STREAM = (wire, wire_context, wire_control, wire_webhook, frames)
KINDS = {
    remembered.KIND, calling_back.KIND, line_evidence.KIND, line_evidence.SEEN, upkeep.PURGED, cursor.KIND, cursor.FORM,
    held.HELD,
}  # fmt: skip
FILES = {
    FILE, outbox_tables.FILE, outbox_tables.FILE + outbox_tables.ASIDE, index_file.FILE, sent_marks.FILE,
    installation.INSTANCE, installation.LOCK, resources.RESERVE, last_call.FILE, passport.KEY, passport.INCARNATION,
}  # fmt: skip
Field = tuple[str, str]


def rows(head: str) -> list[list[str]]:
    """Of all tables that begin with this column."""
    return [row for first, found in tables(TEXT) if first[0] == head for row in found]


def said(head: str) -> Counter[Field]:
    """Each name of the first cell with each of the second."""
    return Counter((name, field) for row in rows(head) for name in words(row[0]) for field in words(row[1]))


async def stored(folder: Path) -> set[Field]:
    """All columns of both databases, each made as the program makes it."""
    directory = await open_file(folder / FILE)
    for statement in (*journal.TABLES, *erasing.TABLES):
        await directory.execute(statement)
    await directory.close()
    await (await TokenStore.open(folder / FILE)).close()
    outbox_tables.connect(folder / outbox_tables.FILE)[0].close()
    return {field for name in (FILE, outbox_tables.FILE) for field in _columns(folder / name)}


def _columns(path: Path) -> Iterator[Field]:
    with closing(sqlite3.connect(path)) as file:
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            yield from ((table, row[1]) for row in file.execute(f"PRAGMA table_info({table})"))


def streamed() -> set[Field]:
    found = set()
    for module in STREAM:
        for name, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, msgspec.Struct) and one.__module__ == module.__name__:
                found |= {(name, field.encode_name) for field in msgspec.structs.fields(one)}
    return found


async def test_each_column_stands_in_one_row_and_no_other_does(tmp_path: Path) -> None:
    told = said("table")
    assert [field for field, times in told.items() if times > 1] == []
    assert set(told) == await stored(tmp_path)


def test_each_field_of_the_stream_stands_in_one_row_and_no_other_does() -> None:
    told = said("object")
    assert [field for field, times in told.items() if times > 1] == []
    assert set(told) == streamed()


def test_each_row_says_what_from_where_for_whom_and_until_when() -> None:
    for head in ("table", "object", "way", "right", "place", "key in Redis"):
        assert rows(head)
        for row in rows(head):
            # A frame that says nothing has no fields.
            assert all(cell or (head == "object" and at == 1) for at, cell in enumerate(row)), row


def test_each_kind_of_fact_and_each_file_is_told() -> None:
    assert {name for row in rows("kind of fact") for name in words(row[0])} == KINDS
    told = {name for row in rows("place") for name in words(row[1])}
    logs = {f"{name}-{log}" for name in (FILE, outbox_tables.FILE) for log in ("wal", "shm")}
    assert told >= FILES | logs


def test_each_key_in_redis_is_told_once() -> None:
    told = Counter(name for row in rows("key in Redis") for name in words(row[0]))
    assert told == Counter(one.name for one in (*keys.TABLE, *keys.PEOPLE))


def test_each_act_that_is_written_stands_in_the_audits_page_and_no_other_does() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "ctibridge").rglob("*.py")))
    written = set(
        re.findall(
            r'(?:_act\(|\.note\(|_note\(settings, |audit_line\.write\(\w+, by, |actor\.name, )"([^"]+)"', sources
        )
    )
    (columns,) = [found for head, found in tables(AUDIT.read_text(encoding="utf-8")) if head[0] == "column"]
    (kinds,) = [row[1] for row in columns if row[0] == "`kind`"]
    assert set(words(kinds)) == written | {"sight"}


@pytest.mark.parametrize("head", ["table", "object"])
def test_a_name_that_is_not_there_would_be_seen(head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = said(head)
    monkeypatch.setitem(globals(), "TEXT", TEXT.replace("`name`", "`nickname`"))
    assert {field for _, field in set(said(head)) - set(before)} == {"nickname"}
