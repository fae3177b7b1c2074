"""What changed since the number index was made: people who are not as they stand in it, as they are now.

Comes in: one changed person after the other, whole. Goes out: rows of a number, base and changes together, of the
accounts that may be seen. Nothing here knows of versions: who feeds it does.
"""

from collections.abc import Iterable, Iterator

from ctibridge.domain.resolution import Grade
from ctibridge.lookup import index, number_key
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.index import Held, Index
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.visibility import Visible

PersonId = tuple[str, str]  # account, person


class Overlay:
    """Changed people and the numbers they have now, at some 500 bytes each: few, beside a large index."""

    def __init__(self) -> None:
        self._people: dict[PersonId, tuple[int, ...]] = {}
        # The accounts of one number are apart, so that what may not be seen is not looked at.
        self._numbers: dict[int, dict[str, tuple[Held, ...]]] = {}

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
            by_account[account] = (*by_account.get(account, ()), held)

    def held(self, number: int, accounts: frozenset[str]) -> Iterator[Held]:
        """Who of these accounts holds the packed number."""
        by_account = self._numbers.get(number)
        if by_account:
            for account in sorted(by_account.keys() & accounts):
                yield from by_account[account]

    def _forget(self, account: str, person: str) -> None:
        for number in self._people.get((account, person), ()):
            by_account = self._numbers.get(number, {})
            by_account[account] = tuple(held for held in by_account.get(account, ()) if held[1] != person)
            if not by_account[account]:
                del by_account[account]
            if not by_account:
                self._numbers.pop(number, None)

    def shed(self, people: int) -> bool:
        """Forgets so many, as nobody reads it any more: to forget all at once takes some microseconds for each. False
        when all is forgotten."""
        for _ in range(min(people, len(self._people))):
            self._forget(*next(reversed(self._people)))
            self._people.popitem()
        return bool(self._people)


def rows(
    base: Index | None, changed: Overlay, number: Understood, called_account: str | None, visible: Visible
) -> tuple[NumberRow, ...] | None:
    """The rows of this number as the store has them, in another order; None where the index cannot know: who has a
    number that ends so."""
    if number.tail is not None:
        return None
    found: list[NumberRow] = []
    for text, (grade, accounts) in _asked(number, called_account, visible).items():
        try:
            key = number_key.pack(text)
        except ValueError:
            return None
        held = [] if base is None else base.held(key, accounts, changed)
        found += [NumberRow(*one, text, grade) for one in _few([*held, *changed.held(key, accounts)])]
    return tuple(found)


def _few(held: list[Held]) -> list[Held]:
    """Of each account at most MOST_PEOPLE people: more have a switchboard's number, which names nobody."""
    if len(held) <= index.MOST_PEOPLE:
        return held
    people: dict[str, set[str]] = {}
    kept = []
    for one in held:
        known = people.setdefault(one[0], set())
        if one[1] in known or len(known) < index.MOST_PEOPLE:
            known.add(one[1])
            kept.append(one)
    return kept


def _asked(number: Understood, called_account: str | None, visible: Visible) -> dict[str, tuple[Grade, frozenset[str]]]:
    """Each number once, with the accounts in which it counts: an extension exists in every company."""
    asked = dict.fromkeys(number.rewritten, (Grade.REWRITTEN, visible.accounts))
    if number.e164 is not None:
        asked[number.e164] = (Grade.EXACT, visible.accounts)
    if number.extension is not None and called_account is not None and called_account in visible.accounts:
        asked[number.extension] = (Grade.EXTENSION, frozenset((called_account,)))
    return asked
