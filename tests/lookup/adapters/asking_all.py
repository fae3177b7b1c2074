"""Random people and questions, and all that one directory answers to a question."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from hypothesis import strategies as st

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.claims import KINDS, Claim
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.stored_numbers import FAX
from tests.lookup.adapters.directories import ALL, Held, seeing

MOBILE, OTHER, OLD = "+5491123456789", "+541123456789", "+54111523456789"
AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
KEYS = [PersonKey(account, str(number)) for account in ALL for number in range(4)]
NUMBERS = [MOBILE, OTHER, OLD, "+971501234567", "+4912341234567", "4711", "0042", "42"]
WORDS = [
    "anna",
    "Ann",
    "Müller",
    "mueller",
    "Ärnst",
    "O'Neill",
    "Meier-Frei",
    "王小明",
    "王",
    "김 민수",
    "Łukasz",
    "frei",
]
IDS = ["E-1", "e-1", "E-10", "anna", "x@y.example"]
random_people = st.builds(
    Person,
    st.sampled_from(KEYS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda words: Name(" ".join(words))),
    st.booleans(),
    st.booleans(),
    st.none(),
    *[st.none() | st.sampled_from(IDS).map(Private)] * 3,
)
random_held = st.builds(
    Held,
    st.sampled_from(KEYS),
    st.sampled_from(NUMBERS),
    st.sampled_from(["mobile", "work", "fax"]),
    st.booleans(),
    st.none() | st.integers(0, 3).map(lambda hour: AT.replace(hour=hour)),
)
questions = st.builds(
    Understood,
    st.none() | st.sampled_from(NUMBERS[:5]),
    st.none() | st.sampled_from(NUMBERS[5:]),
    st.lists(st.sampled_from(NUMBERS[:5]), max_size=2).map(tuple),
    st.none() | st.sampled_from(["1234567", "41234567", "234567", "3456789", "23456789"]),
)
typed = st.sampled_from([*WORDS, *IDS, "an", "m", "mü an", "anna f", "小", "민", "e-", "neill o", "-", "frei frei"])
some_accounts = st.permutations(ALL).flatmap(lambda order: st.integers(0, 3).map(lambda count: tuple(order[:count])))


asked = st.fixed_dictionaries(
    {
        "number": questions,
        "called": st.none() | st.sampled_from(ALL),
        "visible": some_accounts,
        "claims": st.lists(st.builds(Claim, st.sampled_from(KINDS), st.sampled_from(IDS).map(Private)), max_size=2),
        "text": typed,
        "accounts": some_accounts,
        "limit": st.integers(1, 5),
    }
)


async def answers(
    store: DirectoryStore,
    number: Understood,
    called: str | None,
    visible: Iterable[str],
    claims: list[Claim],
    text: str,
    accounts: tuple[str, ...],
    limit: int,
) -> tuple[object, ...]:
    seen, everything = seeing(*visible), seeing(*ALL)
    held = (await store.holders(number, called, seen)).seen_by(everything)
    return (
        # A fax never matches: not every directory tells of it.
        Counter(row for row in held if row.label != FAX),
        Counter((await store.claimants(claims, seen)).seen_by(everything)),
        await store.people(KEYS, seen),
        await store.search(text, accounts, seen, limit),
    )
