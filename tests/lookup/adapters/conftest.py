"""A look-up with an index and with what desks taught, over the directory in memory."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import ELODIE, URS, FakeIndex, over, store
from tests.lookup.adapters.directories import REDIS, Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, REGULA


@pytest.fixture(scope="session", autouse=True)
def redis_ends() -> Iterator[None]:
    yield
    REDIS.close()


@pytest.fixture
async def directory() -> FakeDirectoryStore:
    directory = store()
    directory.records |= {URS.key: URS, ELODIE.key: ELODIE}
    return directory


@pytest.fixture
async def index(directory: FakeDirectoryStore) -> FakeIndex:
    return FakeIndex(directory)


@pytest.fixture
async def learned(tmp_path: Path) -> AsyncIterator[Learned]:
    """Of the same people."""
    await (await open_file(tmp_path / FILE)).close()
    fill(tmp_path / FILE, Small((ACME, FLEURON), (REGULA, URS, ELODIE)))
    learned = await Learned.open(tmp_path / FILE, 90, AT)
    yield learned
    await learned.close()


@pytest.fixture
async def lookup(directory: FakeDirectoryStore, index: FakeIndex, learned: Learned) -> AsyncIterator[Lookup]:
    lookup = over(directory, index=index, learned=learned)
    await lookup.refresh()
    directory.asked.clear()
    yield lookup
    await lookup.close()
    assert index.closed
