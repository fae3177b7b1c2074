"""The number index: who holds a number, in some 15 bytes a number, read straight from the buffers of a file.

Comes in: sections of memory as `adapters/index_build` lays them out, a packed number (`number_key`) and the accounts
that may be seen. Goes out: who holds it there, and nothing of anybody else.

* `entries`: sorted integers of 64 bits: the low 32 bits of the number, the person's slot (25), label (5), imported (1),
  disabled (1). `highs` are the high bits of all numbers, `starts` where the entries of each begin.
* A slot is a person's place among all. Those of one account lie side by side, so that the entries of one number are
  sorted by account: what may not be seen is leapt over, however many people it is, before anything is decoded.
* `ids`: the people's ids in the order of slots, each as what differs from the one before; every sixteenth is whole, and
  `blocks` says where it stands. What all ids of an account begin with is kept once, in its head.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

FLAG_BITS = 7
SLOT_BITS = 25
LOW_BITS = 32
MOST_SLOTS = 1 << SLOT_BITS
MOST_LABELS = 32
# Slots of one block of ids; an account begins with a block of its own.
BLOCK = 16
# Of more people of one account who have one number, only so many stand here: the first ones in the store, whom it takes
# itself. It was `shared` long before.
MOST_PEOPLE = 64

_LOW = (1 << LOW_BITS) - 1
_SLOT = MOST_SLOTS - 1
_LONG = 15  # in an id's head: its length follows in two bytes
# Sets of accounts whose slots are remembered: one for each agent on the floor, about.
_REMEMBERED = 1_024


Held = tuple[str, str, str, bool, bool]
"""One number of one person, as a NumberRow begins: account, person, label, disabled, imported. No class of its own: the
collector looks at each of its objects again and again, and forgets plain tuples."""


@dataclass(frozen=True, slots=True)
class IndexedAccount:
    """no: in the store; slots: from first to end, end not among them; prefix: what all its people's ids begin with."""

    no: int
    id: str
    first: int
    end: int
    prefix: str


@dataclass(frozen=True, slots=True, repr=False)
class Sections:
    """Each may be a memoryview: nothing is copied. entries: 64 bits each; highs, starts and blocks: 32."""

    entries: Sequence[int]
    highs: Sequence[int]
    starts: Sequence[int]
    blocks: Sequence[int]
    ids: memoryview


@dataclass(frozen=True, slots=True)
class _Seen:
    """The slots of the accounts that somebody sees, in their order."""

    firsts: tuple[int, ...]
    accounts: tuple[IndexedAccount, ...]


class Index:
    """Immutable, apart from what it remembers of who asked. labels: by their number in the store."""

    def __init__(self, accounts: Sequence[IndexedAccount], labels: Sequence[str], sections: Sections) -> None:
        self._accounts = {account.id: account for account in accounts if account.first < account.end}
        self._labels = tuple(labels)
        self._sections = sections
        self._seen: dict[frozenset[str], _Seen] = {}

    def __len__(self) -> int:
        """Numbers."""
        return len(self._sections.entries)

    @property
    def accounts(self) -> Collection[str]:
        """Those that have people here."""
        return self._accounts.keys()

    def held(self, number: int, accounts: frozenset[str], gone: Collection[tuple[str, str]] = ()) -> list[Held] | None:
        """Who of these accounts holds the packed number; of each account at most MOST_PEOPLE people. gone: (account,
        person) who are not as they stand here any more. None: one of as many is gone, and who comes in for him does not
        stand here."""
        at, end = self._run(number)
        if at == end:
            return []
        found: list[Held] = []
        seen = self._slots_of(accounts)
        entries, key = self._sections.entries, (number & _LOW) << LOW_BITS
        while at < end:
            slot = entries[at] >> FLAG_BITS & _SLOT
            place = bisect_right(seen.firsts, slot) - 1
            if place >= 0 and slot < seen.accounts[place].end:
                account = seen.accounts[place]
                stop = bisect_left(entries, key + (account.end << FLAG_BITS), at, end)
                his = self._of_account(account, at, stop, gone)
                if his is None:
                    return None
                found += his
                at = stop
            elif place + 1 < len(seen.firsts):
                at = bisect_left(entries, key + (seen.firsts[place + 1] << FLAG_BITS), at, end)
            else:
                break
        return found

    def _run(self, number: int) -> tuple[int, int]:
        """Where the entries of this number begin and end."""
        sections, high = self._sections, number >> LOW_BITS
        place = bisect_left(sections.highs, high)
        if place == len(sections.highs) or sections.highs[place] != high:
            return 0, 0
        key = (number & _LOW) << LOW_BITS
        first = bisect_left(sections.entries, key, sections.starts[place], sections.starts[place + 1])
        return first, bisect_left(sections.entries, key + (1 << LOW_BITS), first, sections.starts[place + 1])

    def _slots_of(self, accounts: frozenset[str]) -> _Seen:
        seen = self._seen.get(accounts)
        if seen is None:
            known = [self._accounts[account] for account in accounts if account in self._accounts]
            known.sort(key=lambda account: account.first)
            seen = _Seen(tuple(account.first for account in known), tuple(known))
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[accounts] = seen
        return seen

    def _of_account(
        self, account: IndexedAccount, at: int, stop: int, gone: Collection[tuple[str, str]]
    ) -> list[Held] | None:
        entries, labels, people, last = self._sections.entries, self._labels, 0, -1
        names, person = _Ids(self._sections, account.prefix), ""
        found: list[Held] = []
        here = all_here = True
        for place in range(at, stop):
            entry = entries[place]
            slot = entry >> FLAG_BITS & _SLOT
            if slot != last:
                if people == MOST_PEOPLE:
                    return None
                person, last, people = names.at(slot), slot, people + 1
                if gone:
                    here = (account.id, person) not in gone
                    all_here = all_here and here
            if here:
                found.append((account.id, person, labels[entry >> 2 & 31], bool(entry & 1), bool(entry & 2)))
        return found if all_here or people < MOST_PEOPLE else None


class _Ids:
    """Ids of rising slots: what stands between two of them is read once."""

    __slots__ = ("_at", "_blocks", "_id", "_ids", "_next", "_prefix")

    def __init__(self, sections: Sections, prefix: str) -> None:
        self._ids, self._blocks, self._prefix = sections.ids, sections.blocks, prefix.encode()
        self._next, self._at, self._id = -1, 0, b""

    def at(self, slot: int) -> str:
        if self._next > slot or self._next // BLOCK != slot // BLOCK or self._next < 0:
            self._next, self._at = slot - slot % BLOCK, self._blocks[slot // BLOCK]
        while self._next <= slot:
            self._read()
        return (self._prefix + self._id).decode()

    def _read(self) -> None:
        ids, at = self._ids, self._at
        head = ids[at]
        shared, length = head >> 4, head & 15
        at += 1
        if length == _LONG:
            length = ids[at] | ids[at + 1] << 8
            at += 2
        self._id = self._id[:shared] + bytes(ids[at : at + length])
        self._at = at + length
        self._next += 1
