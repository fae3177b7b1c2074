"""One transaction at a time, on a real file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.delivery.adapters.outbox_file import OutboxFile
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.standing import DeskRow
from tests.delivery.adapters.outboxes import sql
from tests.delivery.examples import AT, ended
from tests.delivery.kept_examples import at, event, kept, pop

ANA = DeskRow(0, "ana", "e1", 3, 1, 0)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[OutboxFile]:
    file = OutboxFile(tmp_path / FILE)
    file.begin("boot run", Rows(AT))
    yield file
    file.close()


def filled(file: OutboxFile) -> OutboxFile:
    events = tuple((0, event(sequence)) for sequence in (1, 2, 3))
    assert file.write(Rows(AT, (ANA,), events, ((0, kept(1, pop=pop(1))),), ((("sat", "6001"), b"ana"),)))
    return file


def test_what_was_written_is_loaded(file: OutboxFile) -> None:
    loaded = filled(file).load(AT)
    assert loaded.desks == (ANA,)
    assert loaded.calls == {0: (kept(1),)}
    assert file.facts("sat") == {"6001": b"ana"}
    assert (loaded.run, loaded.clean) == ("boot run", False)
    file.end()
    assert file.load(AT).clean
    file.begin("boot next", Rows(AT))
    assert (file.load(AT).run, file.load(AT).clean) == ("boot next", False)


def test_calls_are_loaded_oldest_first_if_they_ended_of_late(file: OutboxFile) -> None:
    over = [kept(number, of=ended(kept(number).call)) for number in (2, 3)]
    assert file.write(Rows(AT, (ANA,), calls=tuple((0, one) for one in (over[1], kept(1), over[0]))))
    assert file.load(AT).calls == {0: (kept(1), *over)}
    third_ended = over[1].call.ended_at
    assert third_ended is not None
    assert file.load(third_ended).calls == {0: (kept(1), over[1])}


@settings(max_examples=30)
@given(st.integers(0, 5), st.integers(0, 5))
def test_a_tail_is_what_lies_between(folder: Path, after: int, until: int) -> None:
    file = OutboxFile(folder / FILE)
    file.begin("boot run", Rows(AT))
    if file.load(AT).desks == ():
        filled(file)
    assert [one.sequence for one in file.events(ANA, after, until)] == [n for n in (1, 2, 3) if after < n <= until]
    file.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outbox")


def test_a_neighbours_events_are_his_own(file: OutboxFile) -> None:
    filled(file)
    ben = DeskRow(1, "ben", "e2", 1, 1, 0)
    assert file.write(Rows(AT, (ben,), ((1, event(1, "ben", "e2")),)))
    assert file.events(ben, 0, 9) == [event(1, "ben", "e2")]
    assert file.write(Rows(AT, (DeskRow(0, "ana", "e9", 0, 1, 0, anew=True),)))
    assert file.events(ANA, 0, 9) == []
    assert file.events(ben, 0, 9) == [event(1, "ben", "e2")]


def test_what_is_below_the_floor_goes(file: OutboxFile) -> None:
    filled(file)
    assert file.write(Rows(AT, (DeskRow(0, "ana", "e1", 3, 3, 0, trims=True),)))
    assert file.events(ANA, 0, 9) == [event(3)]


def test_a_batch_is_never_half_done(file: OutboxFile, tmp_path: Path) -> None:
    bad = (("sat", "6002"), object())
    with pytest.raises(sqlite3.Error):
        file.write(Rows(AT, (ANA,), ((0, event(1)),), facts=(bad,)))  # type: ignore[arg-type]
    assert sql(tmp_path, "SELECT * FROM desk UNION ALL SELECT * FROM desk_event") == []
    filled(file)
    assert len(file.events(ANA, 0, 3)) == 3, "it is opened again"


def test_the_same_batch_twice_is_the_same_as_once(file: OutboxFile, tmp_path: Path) -> None:
    """A commit that failed in the last moment may be found done when the file is opened again."""
    filled(filled(file))
    assert sql(tmp_path, "SELECT count(*) FROM desk_event") == [(3,)]
    assert sql(tmp_path, "SELECT count(*) FROM desk_call") == [(1,)]


def test_a_pop_stays_until_there_is_a_newer_one(file: OutboxFile) -> None:
    filled(file)
    assert file.write(Rows(AT, calls=((0, kept(1, revision=2)),)))
    assert file.since(ANA, at(0), 9) == [kept(1, revision=2, pop=pop(1))]
    assert file.write(Rows(AT, calls=((0, kept(1, pop=pop(2, accounts=None))),)))
    assert file.pops(0, ["01JDX001"]) == {"01JDX001": pop(2, accounts=None)}


def test_a_file_that_is_gone_is_made_anew_and_says_so(file: OutboxFile, tmp_path: Path) -> None:
    filled(file)
    (tmp_path / FILE).unlink()
    rows = Rows(AT, (ANA,))
    assert not file.write(rows)
    assert file.load(AT).desks == ()
    assert file.load(AT).run == "boot run", "the marks of this run belong to it, too"
    assert file.write(rows)
    assert file.load(AT).desks == (ANA,)


def test_a_fault_of_a_statement_is_no_broken_file(file: OutboxFile, tmp_path: Path) -> None:
    """Each was taken for "our tables are gone", and every desk's events went with the file."""
    filled(file)
    with pytest.raises(sqlite3.OperationalError) as fault, file.changing() as db:
        db.execute("SELECT nothing FROM desk")
    assert fault.value.sqlite_errorcode == sqlite3.SQLITE_ERROR
    assert file.write(Rows(AT, (ANA,))), "it is the same file"
    assert file.events(ANA, 0, 3) != []
    sql(tmp_path, "DROP TABLE desk_fact")
    with pytest.raises(sqlite3.OperationalError):
        file.facts("sat")
    assert not file.write(Rows(AT, (ANA,))), "now they are gone"
    assert file.facts("sat") == {}


def test_nothing_is_read_before_it_is_known_who_stands_there(tmp_path: Path) -> None:
    one = OutboxFile(tmp_path / FILE)
    with pytest.raises(sqlite3.OperationalError, match="not open"):
        one.facts("sat")
    one.close()


def test_many_facts_are_read_by_their_names_at_once(file: OutboxFile) -> None:
    filled(file)
    assert file.write(
        Rows(AT, facts=((("sat", "6002"), b"ben"), (("sat", "6003"), b"cleo"), (("asked", "6002"), b"x")))
    )
    assert file.facts_of("sat", ["6002", "6001", "6009"]) == {"6001": b"ana", "6002": b"ben"}
    assert file.facts_of("sat", []) == {}


def test_a_fact_is_read_by_its_name(file: OutboxFile) -> None:
    filled(file)
    assert file.fact("sat", "6001") == b"ana"
    assert file.fact("sat", "6002") is None
    assert file.write(Rows(AT, facts=((("sat", "6001"), None),)))
    assert file.fact("sat", "6001") is None


def test_nothing_is_written_to_what_is_closed(file: OutboxFile) -> None:
    file.close()
    assert file.is_shut
    for act in (file.end, file.empty_log):
        with pytest.raises(sqlite3.OperationalError, match="not open"):
            act()
    assert file.write(Rows(AT, (ANA,)))
    assert not file.is_shut
