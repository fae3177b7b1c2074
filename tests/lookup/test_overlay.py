from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup.holders import NumberRow
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
    assert sorted(overlay.held(KEY, frozenset({"acme"}))) == [
        ("acme", "p1", "mobile", True, False),
        ("acme", "p2", "work", False, False),
    ]
    assert len(overlay) == 2
