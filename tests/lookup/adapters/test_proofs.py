"""What is read about a number: from memory where that is all there is to know, else from the store; both alike."""

from ctibridge.lookup import answer as compose
from ctibridge.lookup.adapters.proofs import Proofs, asks, warm
from ctibridge.lookup.adapters.recent import Recent
from ctibridge.lookup.heard import Heard, hear
from ctibridge.lookup.numbers import NOTHING, Understood
from ctibridge.lookup.question import Pick
from ctibridge.lookup.visibility import visible_to
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import FakeIndex, store
from tests.lookup.examples import AT, REGULA, SNAPSHOT, question, signalled

ANA = visible_to("ana", SNAPSHOT, AT)
NOBODY = visible_to("nobody", SNAPSHOT, AT)
VERSION = SNAPSHOT.version


def proofs(directory: FakeDirectoryStore, index: FakeIndex | None = None) -> Proofs:
    return Proofs(directory, Recent(), None, index)


def heard(**more: object) -> Heard:
    return hear(question(signalled(**more)), SNAPSHOT)  # type: ignore[arg-type]


async def test_memory_and_store_say_the_same() -> None:
    directory = store()
    with_index, without = proofs(directory, FakeIndex(directory)), proofs(directory)
    one = with_index.remembered(heard(), ANA, VERSION)
    assert one is not None
    assert directory.asked == []
    other = await without.read(heard(), ANA, VERSION)
    assert directory.asked == ["holders"]
    assert one.holders.seen_by(ANA) == other.holders.seen_by(ANA) != ()
    assert other.holders.seen_by(NOBODY) == ()


async def test_an_index_that_is_behind_is_not_asked_and_nobody_waits_for_it() -> None:
    directory = store()
    index = FakeIndex(directory)
    index.behind = True
    both = proofs(directory, index)
    assert both.remembered(heard(), ANA, VERSION) is None
    assert (await both.read(heard(), ANA, VERSION)).holders.seen_by(ANA) != ()


def test_who_has_no_number_needs_no_store() -> None:
    directory = store()
    found = proofs(directory).remembered(heard(raw=None), ANA, VERSION)
    assert found == compose.NO_PROOF
    assert not asks(NOTHING)
    assert asks(Understood(tail="3920017"))


def test_whom_the_pbx_names_is_looked_up_in_the_store() -> None:
    directory = store()
    both = proofs(directory, FakeIndex(directory))
    assert both.remembered(heard(remarks=[("employee_id", "A-1017")]), ANA, VERSION) is None


async def test_a_chosen_person_is_read_once_and_not_where_he_may_not_be_seen() -> None:
    directory = store()
    both = proofs(directory, FakeIndex(directory))
    chosen = hear(question(chosen=Pick(REGULA.key, "ana", AT)), SNAPSHOT)
    assert both.remembered(chosen, ANA, VERSION) is None
    assert (await both.read(chosen, NOBODY, VERSION)).chosen == {}
    assert (await both.read(chosen, ANA, VERSION)).chosen == {REGULA.key: REGULA}
    again = both.remembered(chosen, ANA, VERSION)
    assert again is not None
    assert again.chosen == {REGULA.key: REGULA}
    assert both.remembered(chosen, ANA, VERSION + 1) is None


async def test_names_of_languages_are_read_ahead_and_what_is_none_is_passed_over() -> None:
    await warm(["de-AT", "no such thing"])
