"""Search in Redis, beside what every directory does (`test_directory_behaviour.py`): how much of it is looked at."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.shared import searching
from ctibridge.lookup.adapters.shared.record import Record
from ctibridge.lookup.adapters.shared.records import Records
from tests.lookup.adapters.directories import ALL, OwnSpread, Small, seeing, shared
from tests.lookup.adapters.test_directory_behaviour import person
from tests.lookup.examples import ACME, FLEURON, KHALIJ

pytestmark = pytest.mark.peer("redis-server")

CROWD = tuple(person("acme", f"a{number:03}", f"Anna Maier{number:03}") for number in range(90))
EXACT = (person("acme", "m1", "Maier Anna"), person("acme", "m2", "Zoe Maier", disabled=True))
FEW = Small((ACME, FLEURON, KHALIJ), (*CROWD, *EXACT, person("fleuron", "f1", "Maier"), person("khalij", "anna")))


async def found(store: OwnSpread, text: str, limit: int, *accounts: str) -> list[str]:
    return [one.key.id for one in await store.search(text, accounts or ALL, seeing(*ALL), limit)]


@pytest.fixture
def in_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"PAGE": 4, "LEAST": 2, "RECORDS": 3}.items():
        monkeypatch.setattr(searching, name, few)


@pytest.mark.usefixtures("in_small_pages")
async def test_those_whom_it_fits_exactly_are_found_among_many(tmp_path: Path) -> None:
    store = await shared(FEW, tmp_path)
    assert (await found(store, "maier", 3))[0] == "m1"
    assert (await found(store, "maier", 3, "fleuron", "acme"))[0] == "f1"
    assert "m1" in await found(store, "anna maier", 2)
    assert await found(store, "maier089 an", 5) == ["a089"]
    assert len(await found(store, "an", 200)) == 91
    assert await found(store, "zoe", 5) == ["m2"]
    await store.close()


async def test_of_two_words_who_has_one_of_them_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety are called Anna, and twelve have names with Z: nobody but who has both is read."""
    others = tuple(person("acme", f"z{number:02}", f"Zora Keller{number:02}") for number in range(12))
    one = person("acme", "x", "Anna Zander")
    store = await shared(Small((ACME,), (*CROWD, *others, one)), tmp_path)
    read: list[PersonKey] = []
    real = Records.read

    async def counted(self: Records, keys: Iterable[PersonKey]) -> dict[PersonKey, Record]:
        read.extend(asked := list(keys))
        return await real(self, asked)

    monkeypatch.setattr(Records, "read", counted)
    assert await found(store, "an z", 5, "acme") == ["x"]
    assert read == [one.key]
    await store.close()


@pytest.mark.usefixtures("in_small_pages")
async def test_of_a_word_that_very_many_have_only_some_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 10)
    store = await shared(FEW, tmp_path)
    assert 0 < len(await found(store, "anna", 200)) < 40
    assert await found(store, "anna maier089", 5) == ["a089"]  # by its rarest word
    await store.close()
