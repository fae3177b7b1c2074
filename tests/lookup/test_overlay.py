from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup import overlay as overlays
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.index import MOST_PEOPLE
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.overlay import Overlay, rows
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import AT, SNAPSHOT
from tests.lookup.laid_out import LABELS, Numbers, index

ANA = visible_to("ana", SNAPSHOT, AT)  # acme and fleuron
MOBILE = "+491713920017"
KEY = number_key.pack(MOBILE)
accounts = st.sampled_from(["acme", "fleuron", "khalij"])
people = st.tuples(accounts, st.sampled_from(["p1", "p2", "p3", "p4"]))
numbers = st.sampled_from([KEY, KEY + 1, number_key.pack("4000")])
held = st.lists(st.tuples(numbers, st.sampled_from(LABELS), st.booleans(), st.booleans()), max_size=3, unique=True)
Directory = dict[tuple[str, str], Numbers]


def put(overlay: Overlay, person: tuple[str, str], numbers: Numbers) -> None:
    overlay.put(*person, [(number, (*person, *rest)) for number, *rest in numbers])  # type: ignore[misc]


def plain(directory: Directory, number: int, text: str, grade: Grade, seen: frozenset[str]) -> list[NumberRow]:
    return [
        NumberRow(*person, label, disabled, imported, text, grade)
        for person, numbers in directory.items()
        if person[0] in seen
        for stored, label, disabled, imported in numbers
        if stored == number
    ]


def ordered(found: tuple[NumberRow, ...] | list[NumberRow] | None) -> list[str]:
    assert found is not None
    return sorted(f"{row} {row.matched}" for row in found)


@pytest.fixture(params=[0, 1, 3, 16], scope="module")
def few(request: pytest.FixtureRequest) -> Iterator[int]:
    """From how many of one number on they are kept by person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlays, "_FEW", request.param)
        yield request.param


@pytest.mark.usefixtures("few")
@given(
    st.dictionaries(people, held, max_size=8),
    st.lists(st.tuples(people, held), max_size=12),
    st.sampled_from(["4000", ""]),
)
def test_base_and_changes_say_what_the_changed_directory_says(
    before: Directory, changes: list[tuple[tuple[str, str], Numbers]], extension: str
) -> None:
    overlay, now = Overlay(), dict(before)
    for person, numbers in changes:
        put(overlay, person, numbers)
        now[person] = numbers
    for base, fresh in ((index(before), overlay), (index(now), Overlay())):
        for called in ("acme", "khalij", None):
            if extension:
                seen = frozenset({called} if called == "acme" else set())
                found = rows(base, fresh, Understood(extension=extension), called, ANA)
                assert ordered(found) == ordered(
                    plain(now, number_key.pack(extension), extension, Grade.EXTENSION, seen)
                )
            else:
                found = rows(base, fresh, Understood(MOBILE, rewritten=("+491713920018",)), called, ANA)
                assert ordered(found) == ordered(
                    plain(now, KEY, MOBILE, Grade.EXACT, ANA.accounts)
                    + plain(now, KEY + 1, "+491713920018", Grade.REWRITTEN, ANA.accounts)
                )


def test_the_end_of_a_number_is_the_stores_business() -> None:
    assert rows(None, Overlay(), Understood(tail="3920017"), "acme", ANA) is None
    assert rows(None, Overlay(), Understood("no number"), None, ANA) is None
    assert rows(None, Overlay(), Understood(), None, ANA) == ()


def test_a_spelling_that_is_the_number_itself_is_asked_once() -> None:
    overlay = Overlay()
    put(overlay, ("acme", "p1"), [(KEY, "work", False, False)])
    found = rows(None, overlay, Understood(MOBILE, rewritten=(MOBILE,)), None, ANA)
    assert found == (NumberRow("acme", "p1", "work", False, False, MOBILE, Grade.EXACT),)


@pytest.mark.usefixtures("few")
@given(st.dictionaries(people, held, max_size=8), st.integers(1, 3))
def test_what_is_shed_leaves_nothing(directory: Directory, at_once: int) -> None:
    overlay = Overlay()
    for person, numbers in directory.items():
        put(overlay, person, numbers)
    assert set(overlay) == set(directory)
    assert overlay.numbers <= sum(map(len, directory.values()))
    while overlay.shed(at_once):
        pass
    assert (len(overlay), overlay.numbers) == (0, 0)


def test_a_person_changed_twice_is_as_he_was_last() -> None:
    overlay = Overlay()
    put(overlay, ("acme", "p1"), [(KEY, "work", False, False), (KEY, "home", False, False)])
    put(overlay, ("acme", "p2"), [(KEY, "work", False, False)])
    put(overlay, ("acme", "p1"), [(KEY, "mobile", True, False)])
    assert sorted(overlay.held(KEY, frozenset({"acme"})) or ()) == [
        ("acme", "p1", "mobile", True, False),
        ("acme", "p2", "work", False, False),
    ]
    assert len(overlay) == 2


class CountedId(str):
    """A person's id that counts how often it is compared or looked up."""

    __slots__ = ()
    touched = 0

    def __eq__(self, other: object) -> bool:
        CountedId.touched += 1
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        CountedId.touched += 1
        return super().__ne__(other)

    def __hash__(self) -> int:
        CountedId.touched += 1
        return super().__hash__()


def switchboard(people: int) -> Overlay:
    overlay = Overlay()
    for no in range(people):
        put(overlay, ("acme", CountedId(f"p{no}")), [(KEY, "general", False, True)])
    return overlay


def test_who_lists_the_switchboard_is_changed_and_shed_at_one_price_however_many_list_it() -> None:
    """An import renamed 4,900 people of one company: each of them went through all the others, and calls waited."""

    def touched(people: int) -> tuple[int, int]:
        overlay = switchboard(people)
        CountedId.touched = 0
        for no in range(50):
            put(overlay, ("acme", CountedId(f"p{no}")), [(KEY, "general", False, True)])
        changed, CountedId.touched = CountedId.touched, 0
        overlay.shed(50)
        return changed, CountedId.touched

    assert sum(touched(60)) > 0
    for many, few in zip(touched(4_000), touched(60), strict=True):
        # Hashes that collide make a comparison more now and then.
        assert many < 2 * few, (many, few)


def test_whoever_shares_a_number_with_more_than_the_store_reads_is_the_stores_business() -> None:
    """Which of them it takes depends on its own order, and none of them need be read here."""
    number = Understood(MOBILE)
    full, over = switchboard(MOST_PEOPLE), switchboard(MOST_PEOPLE + 1)
    assert len(rows(None, full, number, None, ANA) or ()) == MOST_PEOPLE
    assert rows(None, over, number, None, ANA) is None
    put(over, ("acme", "p0"), [])
    assert len(rows(None, over, number, None, ANA) or ()) == MOST_PEOPLE
    # Nor are they read where nobody may see them.
    for no in range(MOST_PEOPLE + 1):
        put(over, ("khalij", f"k{no}"), [(KEY, "work", False, False)])
    assert len(rows(None, over, number, None, ANA) or ()) == MOST_PEOPLE


def test_base_and_changes_together_are_no_more_than_the_store_reads() -> None:
    """Two halves of a team's number: its base went first, and the store goes by the order in which people came."""
    number = Understood(MOBILE)
    half: Directory = {("acme", f"b{no}"): [(KEY, "work", False, False)] for no in range(MOST_PEOPLE - 2)}
    overlay = Overlay()
    for no in range(2):
        put(overlay, ("acme", f"o{no}"), [(KEY, "work", False, False), (KEY, "home", False, False)])
    assert len(rows(index(half), overlay, number, None, ANA) or ()) == MOST_PEOPLE + 2
    put(overlay, ("acme", "o3"), [(KEY, "work", False, False)])
    assert rows(index(half), overlay, number, None, ANA) is None
    put(overlay, ("acme", "b1"), [])
    assert len(rows(index(half), overlay, number, None, ANA) or ()) == MOST_PEOPLE + 2
    # As many again in another account are counted apart.
    put(overlay, ("fleuron", "e1"), [(KEY, "work", False, False)])
    assert len(rows(index(half), overlay, number, None, ANA) or ()) == MOST_PEOPLE + 3
