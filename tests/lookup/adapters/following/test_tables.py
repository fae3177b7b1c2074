"""Which tables all nodes have alike, and what notes a change of them."""

from pathlib import Path

import pytest

from ctibridge.delivery.adapters.token_store import SHARED
from ctibridge.lookup.adapters.following import tables
from ctibridge.lookup.adapters.following.copy import Copy
from ctibridge.lookup.adapters.schema import open_file
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.following.copies import copy_in


async def test_each_table_of_the_store_is_shared_or_follows_or_is_a_nodes_own(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        made = [row[0] for row in copy.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        lists = [*copy.shared, *tables.WITH_OTHERS, *tables.HISTORY, *tables.OWN]
    assert sorted(name for name in made if not name.startswith("sqlite_")) == sorted(lists)


async def test_a_store_of_one_node_has_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    connection = await open_file(path)
    found = await connection.execute_fetchall(
        "SELECT name FROM sqlite_master WHERE name LIKE '%follow%' OR name LIKE 'shared%'"
    )
    await connection.close()
    assert list(found) == []


@pytest.mark.parametrize(
    ("statement", "noted"),
    [
        ("UPDATE directory_person SET name = 'X' WHERE id = 'p17'", {("directory_person", "[1]")}),
        ("DELETE FROM directory_phone WHERE person = 2", {("directory_person", "[2]")}),
        ("UPDATE directory_grant SET agent = 'eva' WHERE agent = 'ben'", {
            ("directory_grant", '["ben","fleuron"]'), ("directory_grant", '["eva","fleuron"]')}),
        ("INSERT INTO directory_kept_out VALUES ('acme', x'0f', 1, 'now')", {("directory_kept_out", '["acme","0F"]')}),
        ("INSERT INTO directory_erasure (no, at, actor) VALUES (3, 'now', 'eva')", {("directory_erasure", "[3]")}),
        ("UPDATE directory_erasure SET done = 'now'", set()),
        ("UPDATE directory_change SET version = version + 1", set()),
    ],
)  # fmt: skip
async def test_who_writes_to_a_shared_table_leaves_a_note(
    tmp_path: Path, statement: str, noted: set[tuple[str, str]]
) -> None:
    with await copy_in(tmp_path / "one") as copy:
        await imported(copy.path, tmp_path / "files", WHOLE)
        copy.db.execute("INSERT INTO directory_erasure (no, at, actor) VALUES (1, 'now', 'eva')")
        copy.db.execute("DELETE FROM directory_noted")
        copy.db.execute(statement)
        assert set(copy.db.execute("SELECT name, key FROM directory_noted")) == noted


async def test_it_is_set_up_once(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        name = copy.name
        assert tables.is_set_up(copy.db, list(copy.shared.values()))
        with Copy(copy.path, [SHARED]) as again:
            assert again.name == name
