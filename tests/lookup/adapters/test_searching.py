"""What a glance at some of the people must not lose; who is found at all stands in `test_directory_behaviour`."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from ctibridge.domain.account import Account
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.lookup.adapters import searching
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.searching import AT_FIRST, Searching
from tests.lookup.adapters.directories import Small, sqlite

# More accounts than are gone through at first, in each of them more people than a glance takes in.
ACCOUNTS = tuple(f"a{number:02}" for number in range(AT_FIRST + 4))
CROWD = 60
LIMIT = 5


def crowd(account: str, names: Iterable[str], *, disabled: bool = False) -> list[Person]:
    return [
        Person(PersonKey(account, f"{name}{number}"), Name(f"{name} Q{number:03}"), disabled)
        for name in names
        for number in range(CROWD)
    ]


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Searching]:
    people = [person for account in ACCOUNTS for person in crowd(account, ["Liam Wurst", "Anna Berg", "Lis Wut"])]
    people += crowd("a01", ["Otto"], disabled=True)
    people += [
        Person(PersonKey("a00", "z1"), Name("Zoe Zapf")),
        Person(PersonKey("a03", "z2"), Name("Zoe Liam")),
        Person(PersonKey("a05", "exact1"), Name("Li Wu")),
        Person(PersonKey(ACCOUNTS[-1], "exact2"), Name("Li Wu")),
        Person(PersonKey(ACCOUNTS[-1], "exact3"), Name("Wu Li Anna")),
        Person(PersonKey(ACCOUNTS[-1], "lost"), Name("Xaver Wurzel")),
        Person(PersonKey("a02", "otto"), Name("Otto Zz")),
    ]
    store = await sqlite(Small(tuple(Account(id_, id_) for id_ in ACCOUNTS), tuple(people)), tmp_path)
    await store.close()
    searching = await Searching.open(tmp_path / FILE)
    yield searching
    await searching.close()


async def ids(searching: Searching, text: str, called: str | None = None, limit: int = LIMIT) -> list[str]:
    return [key.id for key in await searching.find(text, ACCOUNTS, called, limit)]


@pytest.mark.parametrize("text", ["li wu", "wu li", "Li"])
async def test_whoever_has_exactly_these_words_comes_before_hundreds_who_begin_with_them(
    found: Searching, text: str
) -> None:
    exact = await ids(found, text)
    assert exact[:3] == ["exact1", "exact2", "exact3"]
    assert len(exact) == LIMIT


async def test_those_of_the_called_account_come_before_those_whom_it_fits_better_elsewhere(found: Searching) -> None:
    people = await found.find("li wu", ACCOUNTS, "a01", LIMIT)
    assert {key.account for key in people} == {"a01"}
    assert len(people) == LIMIT
    people = await found.find("li wu", ACCOUNTS, "a05", LIMIT)
    assert [key.id for key in people[:1]] == ["exact1"]
    assert {key.account for key in people} == {"a05"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoe", ["z2", "z1"]),  # by name
        ("l zo", ["z2"]),
        ("zoe lia", ["z2"]),
        ("xaver wu", ["lost"]),
        ("w xa", ["lost"]),
        ("anna li wu", ["exact3"]),
        ("a l w", ["exact3"]),
        ("lia zapf", []),
        ("q017 liam a", []),
    ],
)
async def test_of_few_none_is_lost_however_common_one_of_the_words_is(
    found: Searching, text: str, expected: list[str]
) -> None:
    assert await ids(found, text) == expected


@pytest.mark.parametrize("text", ["otto", "ot", "otto z"])
async def test_hundreds_who_have_left_do_not_hide_one_who_has_not(found: Searching, text: str) -> None:
    assert (await ids(found, text))[0] == "otto"


async def test_a_limit_is_a_limit(found: Searching) -> None:
    for text in ("anna", "a", "otto", "q0"):
        for limit in (1, 3, 20):
            assert len(await ids(found, text, limit=limit)) == limit


async def test_no_account_and_no_text_is_nobody(found: Searching) -> None:
    assert await found.find("anna", [], None, LIMIT) == []
    assert await found.find(" ", ACCOUNTS, None, LIMIT) == []


async def test_a_common_word_is_counted_no_further_than_it_matters(
    found: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two words that are both beyond it may be taken in either order: the answer stays."""
    before = [await ids(found, text) for text in ("zoe lia", "lia zoe", "li wu", "wu li")]
    monkeypatch.setattr(searching, "COMMON", 1)
    assert [await ids(found, text) for text in ("zoe lia", "lia zoe", "li wu", "wu li")] == before
