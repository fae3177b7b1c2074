"""A node that may go without people asks where they are."""

from ctibridge.lookup.adapters.own_or_shared import OwnOrShared
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.numbers import understand
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.visibility import every_shared
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import ELODIE, store
from tests.lookup.examples import AT, MOBILE, REGULA, SNAPSHOT

ALL = every_shared(SNAPSHOT, AT)
OF_PEOPLE = {"holders", "claimants", "people", "search"}


async def asked(directory: DirectoryStore) -> None:
    directory.version()
    directory.tables_version()
    await directory.snapshot()
    await directory.changes(0)
    await directory.holders(understand(MOBILE, DialPlan("CH")), "acme", ALL)
    await directory.claimants([], ALL)
    await directory.people([REGULA.key], ALL)
    await directory.search("Regula", ["acme"], ALL, 3)


async def test_people_are_asked_elsewhere_and_all_else_here_until_they_are_all_here() -> None:
    own, shared = FakeDirectoryStore(SNAPSHOT, {}, [ELODIE]), store()
    either = OwnOrShared(own, shared)
    assert [either.lean] == [True]
    await asked(either)
    assert set(shared.asked) >= OF_PEOPLE
    assert OF_PEOPLE.isdisjoint(own.asked)
    assert await either.people([REGULA.key, ELODIE.key], ALL) == {REGULA.key: REGULA}
    shared.asked.clear()
    either.keep()
    assert [either.lean] == [False]
    await asked(either)
    assert set(own.asked) >= OF_PEOPLE
    assert shared.asked == []
    await either.close()
    assert shared.closed
