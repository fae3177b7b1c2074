"""Who leaves is not remembered by anything that the look-up has in memory."""

from pathlib import Path

from ctibridge.domain.erasure import Leaving
from ctibridge.domain.person import PersonKey
from ctibridge.lookup import folding, numbers, search
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.memory import Memory
from ctibridge.lookup.adapters.recent import Recent
from ctibridge.lookup.adapters.second_stage import SecondStage
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.meant import Meant
from ctibridge.lookup.number_forms import written
from ctibridge.lookup.settings import DialPlan
from tests.lookup.adapters.test_purge import store
from tests.lookup.examples import AT, MOBILE, REGULA

URS = PersonKey("acme", "p18")
LEAVING = Leaving(frozenset({REGULA.key}), frozenset({"Regula Frei"}), (written(MOBILE),))


async def test_one_person_is_forgotten_and_no_other(tmp_path: Path) -> None:
    path = await store(tmp_path)
    learned = await Learned.open(path, 90, AT)
    try:
        await learned.choose(Choice(MOBILE, "acme", "p17", "ana", AT, "acme", "c1"))
        for person in (REGULA.key, URS):
            learned.contact(person, AT)
        memory = Memory(Recent(), SecondStage(None), Meant(), learned)
        memory.recent.put({REGULA.key: REGULA}, 1)
        memory.meant.tell("c1", {"ana": REGULA.key, "ben": URS}, of_first=False)
        numbers.understand("0171 3920017", DialPlan("DE"))
        search.parse("regula")
        folding.terms("Regula Frei")
        await learned._connection.execute("DELETE FROM directory_choice WHERE person = 'p17'")
        await memory.erase(LEAVING)
        assert len(memory.recent) == 0
        assert list(memory.meant.people("c1")) == [URS]
        assert numbers.understand.cache_info().currsize == 0
        assert search.parse.cache_info().currsize == 0
        assert folding._of_word.cache_info().currsize == 0
        assert learned._contacts.keys() == {URS}
        assert learned._unwritten.keys() == {URS}
        assert int(MOBILE[1:]) not in learned._chosen
    finally:
        await learned.close()


async def test_an_account_that_left_takes_all_of_its_people(tmp_path: Path) -> None:
    memory = Memory(Recent(), SecondStage(None), Meant(), None)
    memory.recent.put({REGULA.key: REGULA}, 1)
    memory.meant.tell("c1", {"ana": REGULA.key}, of_first=False)
    memory.forget([])
    assert len(memory.recent) == 1
    memory.forget(["acme"])
    assert len(memory.recent) == 0
    assert list(memory.meant.people("c1")) == []
    await memory.erase(LEAVING)
