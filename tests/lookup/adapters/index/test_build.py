import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.index import build as index_build
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.index import MOST_PEOPLE
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.progress import Progress
from tests.lookup.adapters.numbered import ACCOUNTS, People, change, ordered, said, store
from tests.lookup.laid_out import LABELS
from tests.lookup.test_overlay import ANA

MOBILE = "+491713920017"
KEY = number_key.pack(MOBILE)
NUMBERS = [MOBILE, "+33199001101", "+879123456789012", "+12", "0042"]
asked = [Understood(number) if number.startswith("+") else Understood(extension=number) for number in NUMBERS]
ids = st.text("ab1é✓", min_size=1, max_size=30) | st.integers(0, 99).map("acme-p{:08}".format) | st.just("x" * 400)
numbers = st.lists(
    st.tuples(st.sampled_from(NUMBERS).map(number_key.pack), st.sampled_from(LABELS), st.just(False), st.booleans()),
    max_size=4,
    unique=True,
)
left = numbers.map(lambda his: [(number, label, True, imported) for number, label, _, imported in his])
people = st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), ids), numbers | left, max_size=60)


@settings(max_examples=40)
@given(people)
async def test_the_index_says_what_the_store_says(people: People) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = await store(Path(folder))
        change(path, people)
        built = index_build.build(path)
        loaded = index_file.read(index_file.beside(path))
        assert (built.people, built.numbers) == (len(people), sum(map(len, filter(None, people.values()))))
        assert built.version == loaded.head.version == 1
        directory = await SqliteStore.open(path)
        expected = [(await directory.holders(number, "acme", ANA)).seen_by(ANA) for number in asked]
        await directory.close()
        assert [said(loaded.index, number, ANA) for number in asked] == list(map(ordered, expected))


@pytest.mark.parametrize("count", [MOST_PEOPLE - 1, MOST_PEOPLE, MOST_PEOPLE + 1, 3 * MOST_PEOPLE])
async def test_of_more_people_than_the_store_reads_the_index_has_those_whom_the_store_takes(
    tmp_path: Path, count: int
) -> None:
    """It took the first by their ids, the store those who came first: a claim of one of them was a contradiction here
    and none there."""
    path = await store(tmp_path)
    # Who comes later has the smaller id.
    crowd: People = {
        (account, f"p{999 - no}"): [
            (KEY, "work", False, False),
            (KEY, "home", False, False),
            (KEY + 1 + no, "work", False, True),
        ]
        for no in range(count)
        for account in ("acme", "fleuron")
    }
    change(path, crowd)
    built = index_build.build(path)
    assert built.numbers == 2 * (2 * min(count, MOST_PEOPLE) + count)
    loaded = index_file.read(index_file.beside(path)).index
    directory = await SqliteStore.open(path)
    for text in (MOBILE, f"+{KEY + count}"):
        rows = (await directory.holders(Understood(text), "acme", ANA)).seen_by(ANA)
        assert said(loaded, Understood(text), ANA) == ordered(rows) != []
    await directory.close()


async def test_a_fax_does_not_stand_in_the_index(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", f"p{no}"): [(KEY, "fax", False, False)] for no in range(3)})
    change(path, {("khalij", "k1"): [(KEY, "fax", False, False)], ("acme", "a"): [(KEY, "work", False, False)]})
    built = index_build.build(path)
    assert (built.people, built.numbers) == (5, 1)
    assert "person='a'" in "".join(said(index_file.read(index_file.beside(path)).index, Understood(MOBILE), ANA))


async def many(folder: Path, count: int) -> Path:
    """Ids of eight characters, without order; a third of the people have a second number."""
    path, chance = await store(folder), random.Random(4)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE directory_change SET version = 1")
        ids = {f"{chance.getrandbits(40):08x}"[-8:] for _ in range(count)}
        rows = [(no, 1 + no % 3, person) for no, person in enumerate(ids)]
        connection.executemany("INSERT INTO directory_person (no, account, id, name) VALUES (?, ?, ?, '')", rows)
        phones = [
            (account, 10**11 + chance.randrange(10**12), no, 2, 0, 0)
            for no, account, _ in rows
            for _ in range(1 + (chance.random() < 0.3))
        ]
        connection.executemany("INSERT INTO directory_phone VALUES (?, ?, ?, ?, ?, ?, NULL)", phones)
    return path


async def test_a_number_takes_less_than_sixteen_bytes_of_memory(tmp_path: Path) -> None:
    path = await many(tmp_path, 200_000)
    built = index_build.build(path)
    loaded = index_file.read(index_file.beside(path))
    assert len(loaded.index) == built.numbers > 250_000
    assert len(loaded.memory) <= built.bytes + 64 <= 16 * built.numbers


async def test_ids_that_begin_alike_are_kept_once(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(
        path, {("acme", f"acme-corporation-employee-{no:06}"): [(KEY + no, "work", False, False)] for no in range(999)}
    )
    assert index_build.build(path).bytes < 16 * 999
    index = index_file.read(index_file.beside(path)).index
    assert "acme-corporation-employee-000998" in said(index, Understood(f"+{KEY + 998}"), ANA)[0]


@pytest.mark.parametrize("highs", range(5))
async def test_sections_of_an_odd_length_are_no_longer_than_they_are(tmp_path: Path, highs: int) -> None:
    """Two in three small directories lost everybody: what filled a section up to eight bytes was read as numbers."""
    path = await store(tmp_path)
    change(path, {("acme", f"p{no}"): [((1 + no) << 32, "work", False, False)] for no in range(highs)})
    index_build.build(path)
    index = index_file.read(index_file.beside(path)).index
    for no in range(highs):
        assert index.held((1 + no) << 32, ANA.accounts) == [("acme", f"p{no}", "work", False, False)]


async def test_a_number_of_nobody_is_left_out_as_in_the_store(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "work", False, False)], ("acme", "p2"): [(KEY, "work", False, False)]})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM directory_person WHERE id = 'p2'")
    index_build.build(path)
    index = index_file.read(index_file.beside(path)).index
    assert len(index) == 1
    assert len(said(index, Understood(MOBILE), ANA)) == 1


async def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "work", False, False)], ("khalij", "p2"): [(KEY, "work", False, False)]})
    told: list[Progress] = []
    index_build.build(path, told.append)
    assert {one.step for one in told} == {index_build.STEP}
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].rows == 2


def test_more_people_than_slots_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_build, "MOST_SLOTS", 16)
    people = index_build._People()
    people.add(1, "acme", ["p1"], index_build._longs("1"))
    with pytest.raises(index_file.IndexFault, match="more than 16 people"):
        people.add(2, "fleuron", ["p1"], index_build._longs("2"))


def run(path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ctibridge.lookup.adapters.index.build", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def test_as_a_process_it_prints_one_line_and_leaves_one_file_of_its_owner(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "work", False, False)]})
    out, err = run(path).communicate()
    assert msgspec.json.decode(out)["people"] == 1
    assert err == b""
    assert index_file.beside(path).stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.new"))


async def test_a_fault_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    path.write_text("no database, " * 100)
    out, err = run(path).communicate()
    assert msgspec.json.decode(out) == {"fault": "file is not a database"}
    assert err == b""
    assert [one.name for one in tmp_path.iterdir()] == ["ctibridge.db"]


async def test_killed_it_leaves_no_half_of_an_index_and_the_next_one_makes_it(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "work", False, False)]})
    index_build.build(path)
    before = index_file.beside(path).read_bytes()
    change(path, {("acme", "p2"): [(KEY, "work", False, False)]})
    with index_file.writing(index_file.beside(path)) as mine:
        mine.file.write(b"half")
        mine.file.flush()
        waiting = run(path)  # as long as we write, it waits
        os.kill(waiting.pid, signal.SIGKILL)
        waiting.communicate()
        mine.file.truncate(0)
        mine.file.seek(0)
    assert index_file.beside(path).read_bytes() == before
    (tmp_path / "ctibridge.index.new").write_bytes(b"left behind by a kill")
    run(path).communicate()
    assert len(index_file.read(index_file.beside(path)).index) == 2


async def test_of_two_who_make_it_at_once_the_second_takes_what_the_first_has_made(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", f"p{no}"): [(KEY + no, "work", False, False)] for no in range(500)})
    both = [run(path), run(path)]
    said = [msgspec.json.decode(one.communicate()[0]) for one in both]
    assert [one["people"] for one in said] == [500, 500]
    assert sorted(one.name for one in tmp_path.glob("ctibridge.index*")) == ["ctibridge.index"]
    assert len(index_file.read(index_file.beside(path)).index) == 500
