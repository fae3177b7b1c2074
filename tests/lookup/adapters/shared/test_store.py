"""The shared directory, beside what every directory does (`test_directory_behaviour.py`)."""

from pathlib import Path

import pytest

from ctibridge.domain.resolution import Grade
from ctibridge.lookup.adapters import store as stores
from ctibridge.lookup.adapters.shared import store as shared_stores
from ctibridge.lookup.adapters.shared.asking import PeopleMissing
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.stored_numbers import FAX
from tests.lookup.adapters.directories import ALL, REDIS, Held, Small, seeing, shared
from tests.lookup.adapters.test_directory_behaviour import MOBILE, REGULA, SMALL, person
from tests.lookup.examples import ACME, FLEURON
from tests.peers.redis import stopped

pytestmark = pytest.mark.peer("redis-server")


async def test_a_tail_of_crowded_numbers_is_gone_through_number_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_HOLDERS", 3)
    crowd = tuple(person("acme", f"c{number}") for number in range(5))
    numbers = ("+4930111222333", "+4931111222333", "+4932111222333")
    one = person("fleuron", "f1")
    held = [Held(each.key, number) for each in crowd for number in numbers[:2]]
    held += [Held(crowd[0].key, numbers[2], FAX), Held(one.key, numbers[2])]
    store = await shared(Small((ACME, FLEURON), (*crowd, one), tuple(held)), tmp_path)

    async def rows(*accounts: str) -> list[tuple[str, str]]:
        found = await store.holders(Understood(tail="111222333"), None, seeing(*accounts))
        return [(row.account, row.matched) for row in found.seen_by(seeing(*ALL)) if row.grade is Grade.SUFFIX]

    assert sorted(await rows(*ALL)) == [*[("acme", numbers[0])] * 3, ("fleuron", numbers[2])]
    assert await rows("fleuron") == [("fleuron", numbers[2])]
    monkeypatch.setattr(shared_stores, "MOST_NUMBERS", 2)
    assert await rows("fleuron") == []  # of so many numbers the tail says nothing
    await store.close()


async def test_what_is_not_there_is_not_taken_for_nobody(tmp_path: Path) -> None:
    """A Redis that was emptied, also behind the first look."""
    store = await shared(SMALL, tmp_path)
    assert await store.people([REGULA.key], seeing("acme"))
    assert REDIS.server is not None
    REDIS.server.say("FLUSHALL")
    for asking in (
        store.people([REGULA.key], seeing("acme")),
        store.holders(Understood(e164=MOBILE), None, seeing(*ALL)),
        store.search("regula", ALL, seeing(*ALL), 5),
    ):
        with pytest.raises(PeopleMissing):
            await asking
    await store.close()


async def test_where_redis_does_not_answer_the_look_up_has_a_fault_that_it_knows(tmp_path: Path) -> None:
    store = await shared(SMALL, tmp_path)
    assert REDIS.server is not None
    async with stopped(REDIS.server):
        with pytest.raises(stores.FAULTS, match="no answer in time"):
            await store.people([REGULA.key], seeing("acme"))
        assert store.version() == 9  # of this node
    await store.close()


async def test_nothing_is_asked_for_whom_nobody_may_see(tmp_path: Path) -> None:
    store = await shared(SMALL, tmp_path)
    assert REDIS.server is not None
    REDIS.server.say("FLUSHALL")  # whoever asks would hear that it is not there
    assert (await store.holders(Understood(e164=MOBILE, tail="3456789"), None, seeing())).seen_by(seeing(*ALL)) == ()
    assert await store.people([REGULA.key], seeing("khalij")) == {}
    assert await store.search("regula", ALL, seeing(), 5) == ()
    await store.close()
