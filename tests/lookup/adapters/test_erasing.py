"""One person, or one number, leaves the directory: every table, every byte; the order is empty when all is done."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.domain.erasure import Extension, Leaving
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters import kept_out
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing, Order, Unknown
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.lookup.number_forms import written
from tests.lookup.adapters.test_purge import CANARY, KEPT, KEPT_NUMBER, NUMBER, TRACES, found, sql, store
from tests.lookup.examples import ACME_SERVICE, AT

DORA = Actor("dora", AT)
HERS = set(TRACES) - {b"songbird"}
"""That is a word of the service, too, which she only uses."""
LEFT = "SELECT act, actor, account, detail FROM directory_audit"


async def prepared(folder: Path) -> Path:
    path = await store(folder)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("""
            UPDATE directory_service SET people = '["canary-7","p17"]', status = NULL WHERE id = 's1';
            UPDATE directory_person SET manager = 'canary-7' WHERE id = 'p17';
            UPDATE directory_person SET location = 'Aviary' WHERE id = 'canary-7';
        """)
    (folder / index_file.FILE).write_bytes(b"canary-7")
    return path


async def erase(path: Path) -> tuple[int, dict[str, int]]:
    async with await Erasing.open(path, ["9"]) as erasing:
        subject = await erasing.person("acme", "canary-7")
        no, gone = await erasing.order(subject, DORA, keep_out=True)
        return no, dict(gone)


async def test_nothing_of_her_stays_but_the_order_and_then_not_even_that(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    assert found(path) >= HERS
    no, gone = await erase(path)
    assert gone == {
        "people": 1, "numbers": 2, "requests": 1, "items": 1, "services": 1, "choices": 1, "contacts": 1,
    }  # fmt: skip
    assert not (tmp_path / index_file.FILE).exists()
    async with await Erasing.open(path) as erasing:
        (order,) = await erasing.pending()
        assert order.leaving.people == {CANARY.key}
        assert order.leaving.names == {"Zyzzyva Quetzal", "zyzzyva@acme.example"}
        assert not await erasing.is_done(no)
        await erasing.done(no)
        assert await erasing.is_done(no)
        assert await erasing.pending() == []
    assert found(path) & HERS == set()
    assert sql(path, LEFT) == [("erase", "dora", "acme", f"person, erasure {no}")]


async def test_of_others_nothing_goes(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    await erase(path)
    assert sql(path, "SELECT id, manager FROM directory_person ORDER BY id") == [("e1", None), ("p17", None)]
    assert sql(path, "SELECT people FROM directory_service") == [('["p17"]',)]
    assert sql(path, "SELECT person, service FROM directory_coverage") == [("p17", "s1")]
    assert sql(path, "SELECT number FROM directory_phone WHERE account = 2") == [(int(KEPT_NUMBER[1:]),)]
    assert sql(path, "SELECT id FROM directory_request WHERE account = 'fleuron'") == [("78",)]


async def test_a_service_that_only_she_used_is_nobodys_and_one_of_everybody_stays_so(tmp_path: Path) -> None:
    path = await store(tmp_path)
    sql(path, "UPDATE directory_service SET people = '[\"canary-7\"]'")
    sql(path, "INSERT INTO directory_service VALUES ('acme', 's2', 'x', NULL, '*')")
    await erase(path)
    assert sql(path, "SELECT id, people FROM directory_service ORDER BY id") == [("s1", None), ("s2", "*")]


async def test_whoever_follows_the_changes_reads_all_anew(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    ((before,),) = sql(path, "SELECT version FROM directory_change")
    await erase(path)
    ((version, tables, logged_from),) = sql(path, "SELECT version, tables, logged_from FROM directory_change")
    assert version == tables == logged_from
    assert isinstance(before, int)
    assert isinstance(version, int)
    assert version > before
    assert sql(path, "SELECT * FROM directory_changed_person") == []


async def test_a_number_that_somebody_else_has_is_not_hers(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    async with await Erasing.open(path, ["9"]) as erasing:
        alone = (await erasing.person("acme", "canary-7")).leaving
        assert alone.numbers == (written(NUMBER, ["9"]),)
        assert alone.extensions == (Extension("acme", "4711"),)
        for account, key in ((2, int(NUMBER[1:])), (1, 10**15 + 14711)):
            ((other,),) = sql(path, "SELECT no FROM directory_person WHERE account = ? LIMIT 1", account)
            other = other if account == 2 else sql(path, "SELECT no FROM directory_person WHERE id = 'p17'")[0][0]
            sql(path, "INSERT INTO directory_phone VALUES (?, ?, ?, 1, 0, 0, NULL)", account, key, other)
        shared = (await erasing.person("acme", "canary-7")).leaving
        assert (shared.numbers, shared.extensions) == ((), ())


async def test_who_has_left_already_is_looked_for_by_the_id(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    await erase(path)
    async with await Erasing.open(path) as erasing:
        subject = await erasing.person("acme", "canary-7")
        assert (subject.name, subject.leaving) == (None, Leaving(frozenset({CANARY.key})))
        assert sum((await erasing.count(subject)).values()) == 0


async def test_a_number_leaves_everywhere_or_of_one_account(tmp_path: Path) -> None:
    path = await store(tmp_path)
    async with await Erasing.open(path) as erasing:
        assert dict(await erasing.count(await erasing.number(NUMBER, "fleuron"))) == {"numbers": 0, "choices": 0}
        subject = await erasing.number(NUMBER, None)
        assert dict(await erasing.count(subject)) == {"numbers": 1, "choices": 1}
        await erasing.order(subject, DORA, keep_out=True)
        short = await erasing.number("4711", "acme")
        assert short.leaving == Leaving(extensions=(Extension("acme", "4711"),))
        _, gone = await erasing.order(short, DORA, keep_out=True)
        assert gone["numbers"] == 1
        orders = await erasing.pending()
        assert [type(order) for order in orders] == [Order, Order]
    assert sql(path, "SELECT account, number FROM directory_phone") == [(2, int(KEPT_NUMBER[1:]))]
    assert sql(path, "SELECT id FROM directory_person WHERE id = 'canary-7'") != [], "the person stays"
    assert all("49151" not in str(row) for row in sql(path, "SELECT * FROM directory_audit"))


async def test_counting_changes_nothing(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    before = sql(path, "SELECT * FROM directory_change"), sql(path, "SELECT count(*) FROM directory_phone")
    async with await Erasing.open(path) as erasing:
        assert (await erasing.count(await erasing.person("acme", "canary-7")))["people"] == 1
    assert before == (sql(path, "SELECT * FROM directory_change"), sql(path, "SELECT count(*) FROM directory_phone"))


async def test_what_is_nobodys_is_refused(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    async with await Erasing.open(path) as erasing:
        with pytest.raises(Unknown, match="'nobody' is not known"):
            await erasing.person("nobody", "p1")
        with pytest.raises(Unknown, match="service number of acme"):
            await erasing.number(ACME_SERVICE.number, None)


async def test_who_is_kept_out_can_be_let_in_again(tmp_path: Path) -> None:
    path = await prepared(tmp_path)
    async with await Erasing.open(path) as erasing:
        assert not await erasing.lift("acme", "canary-7", DORA)
        await erasing.order(await erasing.person("acme", "canary-7"), DORA, keep_out=True)
        await erasing.order(await erasing.person("fleuron", KEPT.key.id), DORA, keep_out=False)
        assert await erasing.lift("acme", "canary-7", DORA)
        assert not await erasing.lift("acme", "canary-7", DORA)
        assert not await erasing.lift("fleuron", KEPT.key.id, DORA)
    assert [row[0] for row in sql(path, LEFT)] == ["erase", "erase", "lift erasure"]


async def test_it_is_not_done_while_somebody_reads_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of writes cannot be emptied then, and has her name in it."""
    path = await prepared(tmp_path)
    monkeypatch.setattr("ctibridge.lookup.adapters.erasing.LOG_MS", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM directory_person").fetchall()
        no, _ = await erase(path)
        assert found(path) & HERS
        async with await Erasing.open(path) as erasing:
            with pytest.raises(StoreFault, match="another program reads it"):
                await erasing.done(no)
            assert not await erasing.is_done(no)
            reader.execute("COMMIT")
            (order,) = await erasing.pending()
            assert order.leaving == Leaving(), "it is not carried out once more"
            await erasing.done(no)
            assert await erasing.is_done(no)
    assert found(path) & HERS == set()


async def test_a_store_that_fails_changes_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await prepared(tmp_path)

    async def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(kept_out, "add", full)
    with pytest.raises(StoreFault, match=r"ctibridge\.db: database or disk is full"):
        await erase(path)
    assert found(path) >= HERS
    assert sql(path, LEFT) == []
    assert PersonKey("acme", "canary-7") == CANARY.key
