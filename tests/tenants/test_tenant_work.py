"""How long an answer takes says nothing of other customers either: the work for it does not grow with their people.

Not the clock is asked but the work is counted: instructions of SQLite's own machine, lines of Python.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

from ctibridge.domain.account import Account
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup import number_key, numbers, overlay, search, visibility
from ctibridge.lookup.adapters import context_store, learned, queries
from ctibridge.lookup.adapters.schema import FILE, open_file, terms_as_json
from ctibridge.lookup.index import Index
from ctibridge.lookup.overlay import Overlay
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import Visible
from tests.lookup import laid_out
from tests.lookup.adapters import directories
from tests.lookup.adapters.directories import Held, Small

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
NUMBER = "+493023125001"
MANY = 2_500
"""People of each other customer, all with that number, name, address and id."""
MINE = ("a-mine", "m-mine", "z-mine")
THEIRS = ("b-theirs", "n-theirs")
ACCOUNTS = tuple(map(Account, sorted((*MINE, *THEIRS)), sorted((*MINE, *THEIRS))))
TOLERANCE = 0.01


def people(hidden: int) -> list[PersonKey]:
    """Two in each account that may be seen, and so many in each other one."""
    mine = [PersonKey(account, f"p{number}") for account in MINE for number in range(2)]
    return mine + [PersonKey(account, f"p{number}") for account in THEIRS for number in range(hidden)]


def visible() -> Visible:
    snapshot = build(
        accounts=ACCOUNTS,
        agents=[Agent("ana", "Ana")],
        shares=[RoleShare(one.id) for one in ACCOUNTS],
        grants=[Grant("ana", account) for account in MINE],
    )
    return visibility.visible_to("ana", snapshot, AT)


# -- SQLite ------------------------------------------------------------------------------------------------------------

_SEEN = msgspec.json.encode(sorted(MINE)).decode()
_WORD = [["rega"], ["rega"]]
QUERIES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "holders": (queries.HOLDERS, (_SEEN, f"[{number_key.pack(NUMBER)}]", 100)),
    "suffix": (queries.SUFFIX, (_SEEN, 3125001, 100, "3125001")),
    "employee id": (queries.CLAIMED["employee_id"], (_SEEN, "E-1", 1000)),
    "e-mail": (queries.CLAIMED["email"], (_SEEN, "p@pers0nal.example", 1000)),
    "request": (queries.CLAIMED["request"], (_SEEN, "r1", 1000)),
    "records": (queries.PEOPLE, (msgspec.json.encode([[account, "p1"] for account in MINE]).decode(),)),
    "commonness": (queries.COMMONNESS, (_SEEN, '[["rega"], ["frei"]]', queries.END, 1000)),
    "search": (
        queries.SEARCH,
        (msgspec.json.encode([[account, *_WORD] for account in MINE]).decode(), "rega", queries.END, 100, 20, 20),
    ),
    "choices": (learned._CHOICES, (number_key.pack(NUMBER), _SEEN)),
    "requests": (context_store.REQUESTS, (MINE[0], "p1", 500)),
    "services": (context_store.SERVICES, (MINE[0], "p1", 500)),
    "items": (context_store.CONFIGURATION_ITEMS, (MINE[0], "p1", 500)),
    "major incidents": (context_store.MAJOR_REQUESTS, (MINE[0], None, 500)),
}


@pytest.fixture(scope="module")
def directories_of_both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sqlite3.Connection]]:
    opened = [_directory(tmp_path_factory.mktemp(f"hidden{hidden}") / FILE, hidden) for hidden in (0, MANY)]
    yield opened
    for one in opened:
        one.close()


async def _make(path: Path) -> None:
    await (await open_file(path)).close()


def _directory(path: Path, hidden: int) -> sqlite3.Connection:
    asyncio.run(_make(path))
    keys = people(hidden)
    records = [
        Person(key, Name("Rega Frei"), email=Private("p@pers0nal.example"), employee_id=Private("E-1")) for key in keys
    ]
    held = tuple(Held(key, NUMBER) for key in keys)
    directories.fill(path, Small(ACCOUNTS, tuple(records), held))
    db = sqlite3.connect(path, isolation_level=None)
    db.create_function("directory_terms", 1, terms_as_json, deterministic=True)
    db.create_function("directory_fit", 5, lambda text, *ids: search.fit(search.parse(text), *ids), deterministic=True)
    db.execute("BEGIN")
    for key in keys:
        row: tuple[Any, ...] = (number_key.pack(NUMBER), key.account, key.id, "", "ana", 1, None)
        db.execute("INSERT INTO directory_choice VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        row = (key.account, f"r{key.id}", key.id, "s", "open", None, None, None)
        db.execute("INSERT INTO directory_request VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.execute("INSERT INTO directory_configuration_item (account, id, person) VALUES (?, ?, ?)",
                   (key.account, f"c{key.id}", key.id))  # fmt: skip
    for account in sorted({key.account for key in keys}):
        db.execute("INSERT INTO directory_service VALUES (?, 's1', 'Mail', NULL, '*')", (account,))
    db.execute("COMMIT")
    return db


def instructions(db: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> tuple[int, int]:
    """Of SQLite's machine, and rows found."""
    count = 0

    def one() -> int:
        nonlocal count
        count += 1
        return 0

    db.set_progress_handler(one, 1)
    try:
        rows = db.execute(query, values).fetchall()
    finally:
        db.set_progress_handler(None, 1)
    return count, len(rows)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_does_not_work_for_people_of_other_customers(
    directories_of_both: list[sqlite3.Connection], name: str
) -> None:
    (alone, rows), (beside, same) = (instructions(db, *QUERIES[name]) for db in directories_of_both)
    assert rows == same
    assert abs(beside - alone) <= TOLERANCE * alone, (alone, beside)


def test_the_count_would_show_it(directories_of_both: list[sqlite3.Connection]) -> None:
    """Of a query that forgets for whom it asks."""
    query = "SELECT account, person FROM directory_phone WHERE number = ?"
    (alone, _), (beside, _) = (instructions(db, query, (number_key.pack(NUMBER),)) for db in directories_of_both)
    assert beside > 10 * alone


# -- memory ------------------------------------------------------------------------------------------------------------


@contextmanager
def counted() -> Iterator[list[int]]:
    """Lines of Python that are run, and calls of C."""
    count = [0]

    def line(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        count[0] += 1
        return line

    def call(frame: FrameType, event: str, arg: object) -> None:
        count[0] += event == "c_call"

    traced, profiled = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call)
    try:
        yield count
    finally:
        sys.setprofile(profiled)
        sys.settrace(traced)


def index(hidden: int) -> Index:
    key = number_key.pack(NUMBER)
    return laid_out.index({(one.account, one.id): [(key, "mobile", False, False)] for one in people(hidden)})


def changed(hidden: int) -> Overlay:
    found, key = Overlay(), number_key.pack(NUMBER)
    for one in people(hidden):
        found.put(one.account, one.id, [(key, (one.account, one.id, "mobile", False, False))])
    return found


def lines(base: Index | None, over: Overlay) -> tuple[int, int]:
    seen, number = visible(), numbers.understand(NUMBER, DialPlan("DE"))
    overlay.rows(base, over, number, None, seen)  # what is remembered of who asks is there
    with counted() as count:
        found = overlay.rows(base, over, number, None, seen)
    return count[0], len(found or ())


def test_the_index_does_not_work_for_people_of_other_customers() -> None:
    (alone, rows), (beside, same) = (lines(index(hidden), Overlay()) for hidden in (0, MANY))
    assert rows == same == 2 * len(MINE)
    # Accounts of others that lie between mine are leapt over, each in one step.
    assert beside - alone <= 10 * len(THEIRS), (alone, beside)


def test_nor_do_the_changes_over_it() -> None:
    (alone, rows), (beside, same) = (lines(None, changed(hidden)) for hidden in (0, MANY // 10))
    assert rows == same == 2 * len(MINE)
    assert alone == beside


def test_nor_does_what_nobody_may_see_at_all() -> None:
    nobody, number = replace(visible(), accounts=frozenset()), numbers.understand(NUMBER, DialPlan("DE"))
    counts = []
    for hidden in (0, MANY):
        made = index(hidden)
        overlay.rows(made, Overlay(), number, None, nobody)
        with counted() as count:
            assert overlay.rows(made, Overlay(), number, None, nobody) == ()
        counts.append(count[0])
    assert counts[1] - counts[0] <= 5, counts
