"""What changed since the number index was made: people who are not as they stand in it, as they are now.

Comes in: one changed person after the other, whole. Goes out: rows of a number, base and changes together, of the
accounts that may be seen. Nothing here knows of versions: who feeds it does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from ctibridge.domain.resolution import Grade
from ctibridge.lookup import index, number_key
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.index import Held, Index
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.visibility import Visible

PersonId = tuple[str, str]  # account, person
# What the people of one account have of one number: a tuple of few takes a third less memory, and is no dictionary that
# the collector goes through; of many, by person, one more costs what the first one cost.
Few = tuple[Held, ...]
Many = dict[str, tuple[Held, ...]]
_FEW = 16


class Overlay:
    """Changed people and the numbers they have now, at some 500 bytes each: few, beside a large index."""

    def __init__(self) -> None:
        self._people: dict[PersonId, tuple[int, ...]] = {}
        # The accounts of one number are apart, so that what may not be seen is not looked at.
        self._numbers: dict[int, dict[str, Few | Many]] = {}

    def __len__(self) -> int:
        """People, those who have left among them."""
        return len(self._people)

    def __iter__(self) -> Iterator[PersonId]:
        return iter(self._people)

    def __contains__(self, person: object) -> bool:
        """Does what stands in the base of this (account, person) count no more?"""
        return person in self._people

    @property
    def numbers(self) -> int:
        """Numbers that people have here: each counts once for each account."""
        return sum(map(len, self._numbers.values()))

    def put(self, account: str, person: str, numbers: Iterable[tuple[int, Held]]) -> None:
        """This person is so now, whatever he was before. No numbers: he has none, or is gone. numbers: packed."""
        self._forget(account, person)
        having = tuple(numbers)
        self._people[account, person] = tuple(number for number, _ in having)
        for number, held in having:
            by_account = self._numbers.setdefault(number, {})
            by_account[account] = _with(by_account.get(account, ()), held)

    def held(self, number: int, accounts: frozenset[str]) -> list[Held] | None:
        """Who of these accounts holds the packed number; None: of one of them more than MOST_PEOPLE do."""
        by_account = self._numbers.get(number)
        found: list[Held] = []
        if by_account:
            for account in sorted(by_account.keys() & accounts):
                his = by_account[account]
                if isinstance(his, dict) and len(his) > index.MOST_PEOPLE:
                    return None
                found += chain.from_iterable(his.values()) if isinstance(his, dict) else his
        return found

    def _forget(self, account: str, person: str) -> None:
        for number in set(self._people.get((account, person), ())):
            by_account = self._numbers[number]
            his = by_account[account]
            if isinstance(his, dict):
                del his[person]
            else:
                his = by_account[account] = tuple(held for held in his if held[1] != person)
            if not his:
                del by_account[account]
            if not by_account:
                del self._numbers[number]

    def shed(self, people: int) -> bool:
        """Forgets so many, as nobody reads it any more: to forget all at once takes some microseconds for each. False
        when all is forgotten."""
        for _ in range(min(people, len(self._people))):
            self._forget(*next(reversed(self._people)))
            self._people.popitem()
        return bool(self._people)


def _with(his: Few | Many, held: Held) -> Few | Many:
    if not isinstance(his, dict):
        if len(his) < _FEW:
            return (*his, held)
        few, his = his, {}
        for one in few:
            his[one[1]] = (*his.get(one[1], ()), one)
    his[held[1]] = (*his.get(held[1], ()), held)
    return his


def rows(
    base: Index | None, changed: Overlay, number: Understood, called_account: str | None, visible: Visible
) -> tuple[NumberRow, ...] | None:
    """The rows of this number as the store has them, in another order and without its fax machines; None where only the
    store knows: who has a number that ends so, and which MOST_PEOPLE of an account's many it takes."""
    if number.tail is not None:
        return None
    found: list[NumberRow] = []
    for text, (grade, accounts) in _asked(number, called_account, visible).items():
        try:
            key = number_key.pack(text)
        except ValueError:
            return None
        held = [] if base is None else base.held(key, accounts, changed)
        new = changed.held(key, accounts)
        if held is None or new is None or (new and _are_many([*held, *new])):
            return None
        found += [NumberRow(*one, text, grade) for one in chain(held, new)]
    return tuple(found)


def _are_many(held: list[Held]) -> bool:
    """Are these more than MOST_PEOPLE people of one account?"""
    if len(held) <= index.MOST_PEOPLE:
        return False
    people = Counter(account for account, _ in {one[:2] for one in held})
    return max(people.values()) > index.MOST_PEOPLE


def _asked(number: Understood, called_account: str | None, visible: Visible) -> dict[str, tuple[Grade, frozenset[str]]]:
    """Each number once, with the accounts in which it counts: an extension exists in every company."""
    asked = dict.fromkeys(number.rewritten, (Grade.REWRITTEN, visible.accounts))
    if number.e164 is not None:
        asked[number.e164] = (Grade.EXACT, visible.accounts)
    if number.extension is not None and called_account is not None and called_account in visible.accounts:
        asked[number.extension] = (Grade.EXTENSION, frozenset((called_account,)))
    return asked
