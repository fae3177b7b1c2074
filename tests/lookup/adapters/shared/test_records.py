"""Records by key, some at a time."""

from pathlib import Path

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.shared import records
from ctibridge.lookup.adapters.shared.layout import Layout, field
from ctibridge.lookup.adapters.shared.looking import Looking
from ctibridge.lookup.adapters.shared.record import Record, pack
from ctibridge.lookup.adapters.shared.records import Records
from tests.lookup.adapters.directories import Small, shared
from tests.lookup.adapters.test_directory_behaviour import person
from tests.lookup.examples import ACME

pytestmark = pytest.mark.peer("redis-server")


async def test_they_are_read_in_pieces_and_those_that_are_not_there_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "AT_ONCE", 2)
    people = tuple(person("acme", str(number)) for number in range(5))
    store = await shared(Small((ACME,), people), tmp_path)
    asked = Records(Looking(store.spread, "cti"))
    keys = [*(one.key for one in people), PersonKey("acme", "9"), people[0].key]
    assert await asked.people(keys) == {one.key: one for one in people}
    assert await asked.people([]) == {}
    await store.close()


async def test_who_is_being_changed_is_as_he_will_be(tmp_path: Path) -> None:
    store = await shared(Small((ACME,), (person("acme", "1"),)), tmp_path)
    looking = Looking(store.spread, "cti")
    layout: Layout = await looking.layout()
    for key, versions in {"1": (Record("New"), Record("Old")), "2": (None, Record("Left"))}.items():
        one = PersonKey("acme", key)
        await store.spread.ask([("HSET", layout.people(one), field(one), pack(*versions))])
    found = await Records(looking).read([PersonKey("acme", "1"), PersonKey("acme", "2")])
    assert found == {PersonKey("acme", "1"): Record("New")}
    await store.close()
