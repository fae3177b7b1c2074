from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import number_key
from ctibridge.lookup.index import MOST_PEOPLE, Index
from tests.lookup.laid_out import LABELS, Numbers, index

SWITCHBOARD = number_key.pack("+493023125000")
numbers = st.sampled_from([SWITCHBOARD, SWITCHBOARD + 1, SWITCHBOARD + (1 << 32), 33199001101, 10**15 + 14000, 12])
ids = st.text("ab1é", min_size=1, max_size=20) | st.integers(0, 40).map("p{:08}".format) | st.just("x" * 300)
accounts = st.sampled_from(["acme", "fleuron", "khalij", "z"])
held = st.lists(st.tuples(numbers, st.sampled_from(LABELS), st.booleans(), st.booleans()), max_size=4, unique=True)
people = st.dictionaries(st.tuples(accounts, ids), held, max_size=60)


class Counting(list[int]):
    """Buffers that count what is read of them."""

    reads = 0

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        Counting.reads += 1
        return super().__getitem__(place)


@given(people, st.frozensets(accounts), numbers, st.data())
def test_it_says_what_a_plain_search_says(
    people: dict[tuple[str, str], Numbers], seen: frozenset[str], number: int, data: st.DataObject
) -> None:
    gone = data.draw(st.frozensets(st.sampled_from(sorted(people))) if people else st.just(frozenset()))
    expected = [
        (account, person, label, disabled, imported)
        for (account, person), numbers in people.items()
        if account in seen and (account, person) not in gone
        for stored, label, disabled, imported in numbers
        if stored == number
    ]
    assert sorted(index(people).held(number, seen, gone) or []) == sorted(expected)


def crowds(count: int) -> Index:
    """So many people with two rows each in two accounts."""
    return index(
        {
            (account, f"p{no:05}"): [(SWITCHBOARD, "work", False, False), (SWITCHBOARD, "other", False, False)]
            for account in ("acme", "fleuron")
            for no in range(count)
        }
    )


def test_of_a_number_whose_people_were_cut_the_store_is_asked_when_one_of_them_is_gone() -> None:
    """Whoever comes in for him is known to the store alone; the index went on with others than the store did."""
    full, both = crowds(MOST_PEOPLE), frozenset({"acme", "fleuron"})
    assert len(full.held(SWITCHBOARD, both) or ()) == 4 * MOST_PEOPLE
    assert full.held(SWITCHBOARD, both, {("acme", "p00000")}) is None
    assert len(full.held(SWITCHBOARD, frozenset({"fleuron"}), {("acme", "p00000")}) or ()) == 2 * MOST_PEOPLE
    # One less, and nobody was cut off.
    found = crowds(MOST_PEOPLE - 1).held(SWITCHBOARD, both, {("acme", "p00000")})
    assert len(found or ()) == 4 * (MOST_PEOPLE - 1) - 2


def test_of_one_account_no_more_people_are_read_than_the_store_gives() -> None:
    def reads(count: int) -> int:
        made = crowds(count)
        object.__setattr__(made._sections, "entries", Counting(made._sections.entries))
        made.held(SWITCHBOARD, frozenset({"acme"}))
        Counting.reads = 0
        assert made.held(SWITCHBOARD, frozenset({"acme"})) is None
        return Counting.reads

    # Such an index is not made. Each doubling costs one read more in each of a few searches.
    assert reads(4_000) < reads(MOST_PEOPLE + 1) + 60


def test_a_switchboard_of_thousands_who_may_not_be_seen_is_leapt_over() -> None:
    def reads(hidden: int) -> int:
        people: dict[tuple[str, str], Numbers] = {
            (account, f"p{no:05}"): [(SWITCHBOARD, "work", False, False)]
            for account, count in (("a", 1), ("hidden", hidden), ("z", 1))
            for no in range(count)
        }
        made = index(people)
        sections = made._sections
        object.__setattr__(sections, "entries", Counting(sections.entries))
        made.held(SWITCHBOARD, frozenset({"a", "z"}))
        Counting.reads = 0
        assert len(made.held(SWITCHBOARD, frozenset({"a", "z"})) or ()) == 2
        return Counting.reads

    # Each doubling costs one read more in each of a few searches; gone through, it would be thousands.
    assert reads(4_000) < reads(10) + 60


def test_what_somebody_sees_is_remembered_apart() -> None:
    made = index({("acme", "p1"): [(12, "work", False, False)], ("z", "p2"): [(12, "home", True, True)]})
    for _ in range(2):
        assert made.held(12, frozenset({"z"})) == [("z", "p2", "home", True, True)]
        assert made.held(12, frozenset({"acme"})) == [("acme", "p1", "work", False, False)]
        assert made.held(12, frozenset()) == []
    assert set(made.accounts) == {"acme", "z"}
    assert len(made) == 2
