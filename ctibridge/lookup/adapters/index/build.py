"""Makes the number index of a store: `python -m ctibridge.lookup.adapters.index.build STORE`, a process of its own.

Comes in: the store, read in one transaction. Goes out: `ctibridge.index` beside it, and one line of JSON. SQLite hands
over the people and the numbers of one account as one text each, which numpy reads by the million: ten million people
take some ten seconds. This is the only module that knows numpy, so the daemon never loads it.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ctibridge import core_dumps
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.index.file import Head, IndexFault
from ctibridge.lookup.adapters.queries import FAX_LABEL
from ctibridge.lookup.index import BLOCK, FLAG_BITS, LOW_BITS, MOST_LABELS, MOST_PEOPLE, MOST_SLOTS
from ctibridge.lookup.progress import Progress

Longs = NDArray[np.int64]
Entries = NDArray[np.uint64]
Tell = Callable[[Progress], None]

STEP = "number index"
# The daemon's calls come first.
_NICE = 10
# Bytes of one piece of work on ids: a megabyte stays in the processor's cache.
_IDS_AT_ONCE = 1 << 20
_LONG = 15
_LONGEST = (1 << 16) - 1

_STATE = """
SELECT version, ifnull((SELECT stamp FROM directory_stamp stamp WHERE stamp.version = change.version), '')
FROM directory_change change
"""
_ACCOUNTS = "SELECT no, id FROM directory_account ORDER BY no"
_LABELS = "SELECT no, name FROM directory_label ORDER BY no"
# Not by account: those who left are few, and the table is read once.
_DISABLED = "SELECT group_concat(no) FROM directory_person NOT INDEXED WHERE disabled"
_PEOPLE = """
SELECT account, group_concat(id, char(10)), group_concat(no)
FROM directory_person INDEXED BY directory_person_by_id GROUP BY account ORDER BY account
"""
# Label and origin of a number fit into what the person's number is multiplied by. By the table itself, so that the rows
# of a number come together, and in the order in which the store takes its first people. A fax never matches.
_PHONES = f"""
SELECT account, group_concat(number), group_concat(person * 64 + label * 2 + (imported <> 0))
FROM directory_phone NOT INDEXED WHERE label <> {FAX_LABEL} GROUP BY account ORDER BY account
"""  # noqa: S608 - our own words


class Built(msgspec.Struct, frozen=True):
    """Of which version, and how much. numbers: those that stand in it; bytes: of memory, all sections and the head."""

    version: int
    people: int
    numbers: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Account:
    """nos: of its people, sorted; slots: theirs, in that order."""

    nos: Longs
    slots: Longs


class _People:
    """Everybody's ids and slots, account by account."""

    def __init__(self) -> None:
        self.by_account: dict[int, _Account] = {}
        self.accounts: list[tuple[int, str, int, int, str]] = []
        self.ids: list[bytes] = []
        self.blocks: list[NDArray[np.uint32]] = []
        self.count = 0
        self._slots = 0
        self._bytes = 0

    def add(self, no: int, name: str, ids: list[str], nos: Longs) -> None:
        """Raises IndexFault where there are more people than slots."""
        if len(ids) != len(nos):
            raise IndexFault("an id holds a line's end")
        first, prefix = self._slots, _shared(min(ids), max(ids))
        for blob, starts in _front_coded([one[len(prefix) :].encode() for one in ids]):
            self.ids.append(blob)
            self.blocks.append((starts + self._bytes).astype(np.uint32))
            self._bytes += len(blob)
        end = first + len(ids)
        self._slots = end + -end % BLOCK
        if self._slots > MOST_SLOTS or self._bytes >= 1 << 32:
            raise IndexFault(f"more than {MOST_SLOTS} people")
        order = np.argsort(nos, kind="stable")
        self.by_account[no] = _Account(nos[order], order + first)
        self.accounts.append((no, name, first, end, prefix))
        self.count += len(ids)


def build(store: Path, tell: Tell | None = None, again: bool = True) -> Built:
    """Writes the index beside the store. Raises sqlite3.Error, OSError, and IndexFault where it cannot be made.

    Blocks for seconds. again: make it even if somebody has just made one of the same version.
    """
    path = index_file.beside(store)
    with index_file.writing(path) as new, closing(_open(store)) as connection:
        version, stamp = connection.execute(_STATE).fetchone()
        if new.waited and not again:
            with suppress(IndexFault):
                there = index_file.read(path)
                if (there.head.version, there.head.stamp) == (version, stamp):
                    return Built(version, there.head.people, len(there.index), len(there.memory))
        teller = tell or (lambda _: None)
        people = _read_people(connection, teller)
        highs, entries = _read_numbers(connection, people, teller)
        tops, starts = _partition(highs, entries)
        del highs
        sections: dict[str, list[bytes | memoryview]] = {
            "entries": [entries.view(np.uint8).data],
            "highs": [tops.tobytes()],
            "starts": [starts.tobytes()],
            "blocks": [block.tobytes() for block in people.blocks],
            "ids": [*people.ids],
        }
        lengths = {name: sum(map(len, pieces)) for name, pieces in sections.items()}
        head = Head(version, stamp, people.count, _labels(connection), tuple(people.accounts), lengths)
        new.write(head, sections)
    return Built(version, people.count, len(entries), sum(lengths.values()) + len(msgspec.json.encode(head)))


def _open(store: Path) -> sqlite3.Connection:
    """Everything that is read on it is of one moment. Raises sqlite3.Error."""
    connection = sqlite3.connect(f"file:{_quoted(store)}?mode=rw", uri=True, isolation_level=None, timeout=30)
    connection.execute("PRAGMA query_only = ON")
    # What does not fit is written to files: in memory, which is there, it is faster.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("BEGIN")
    return connection


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _labels(connection: sqlite3.Connection) -> tuple[str, ...]:
    names: dict[int, str] = dict(connection.execute(_LABELS).fetchall())
    return tuple(names.get(no, names.get(0, "other")) for no in range(MOST_LABELS))


def _read_people(connection: sqlite3.Connection, tell: Tell) -> _People:
    names: dict[int, str] = dict(connection.execute(_ACCOUNTS).fetchall())
    people = _People()
    for done, (no, ids, nos) in enumerate(connection.execute(_PEOPLE)):
        if no in names:
            people.add(no, names[no], ids.split("\n"), _longs(nos))
        tell(Progress(STEP, done, 2 * len(names), people.count))
    return people


def _read_numbers(connection: sqlite3.Connection, people: _People, tell: Tell) -> tuple[NDArray[np.uint32], Entries]:
    """The high bits of each number, and its entry, account by account."""
    disabled = np.sort(_longs(connection.execute(_DISABLED).fetchone()[0]))
    highs: list[NDArray[np.uint32]] = []
    entries: list[Entries] = []
    total = 2 * len(people.accounts)
    for done, (no, numbers, persons) in enumerate(connection.execute(_PHONES)):
        if no in people.by_account:
            high, entry = _entries(_longs(numbers), _longs(persons), people.by_account[no], disabled)
            highs.append(high)
            entries.append(entry)
        tell(Progress(STEP, total // 2 + done, total, people.count))
    none = np.empty(0, np.uint64)
    return np.concatenate(highs or [none.astype(np.uint32)]), np.concatenate(entries or [none])


def _entries(numbers: Longs, persons: Longs, account: _Account, disabled: Longs) -> tuple[NDArray[np.uint32], Entries]:
    """persons: number, label and origin of each in one. Whose person is not there is left out, as the store does."""
    nos = persons >> 6
    place = np.minimum(np.searchsorted(account.nos, nos), len(account.nos) - 1)
    there = account.nos[place] == nos
    left = np.searchsorted(disabled, nos, "right") > np.searchsorted(disabled, nos, "left")
    attributes = (persons & 63) << 1 | left
    there &= _of_few(numbers, nos)
    low = (numbers & ((1 << LOW_BITS) - 1)).astype(np.uint64) << np.uint64(LOW_BITS)
    entries = low | (account.slots[place] << FLAG_BITS | attributes).astype(np.uint64)
    return (numbers >> LOW_BITS).astype(np.uint32)[there], entries[there]


def _of_few(numbers: Longs, nos: Longs) -> NDArray[np.bool_]:
    """Which of an account's rows are of the first MOST_PEOPLE people who have that number. Sorted by number and no."""
    if not np.any(numbers[MOST_PEOPLE:] == numbers[:-MOST_PEOPLE]):
        return np.ones(len(numbers), np.bool_)
    begins = np.ones(len(numbers), np.bool_)
    begins[1:] = numbers[1:] != numbers[:-1]
    another = begins.copy()
    another[1:] |= nos[1:] != nos[:-1]
    nth, starts = np.cumsum(another), np.flatnonzero(begins)
    first = np.repeat(nth[starts], np.diff(starts, append=len(numbers)))
    few: NDArray[np.bool_] = np.less(nth - first, MOST_PEOPLE)
    return few


def _partition(highs: NDArray[np.uint32], entries: Entries) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Sorts the entries in place, by the high bits of their numbers first. The high bits that there are, and where the
    entries of each begin, with the end behind the last."""
    tops, group = np.unique(highs, return_inverse=True)
    order = np.argsort(group.astype(np.uint16 if len(tops) <= 1 << 16 else np.uint32), kind="stable")
    entries[:] = entries[order]
    starts = np.zeros(len(tops) + 1, np.int64)
    np.cumsum(np.bincount(group, minlength=len(tops)), out=starts[1:])
    if starts[-1] >= 1 << 32:
        raise IndexFault("more numbers than an index can hold")
    for start, end in pairwise(starts):
        entries[start:end].sort()
    return tops, starts.astype(np.uint32)


def _shared(first: str, last: str) -> str:
    """What all begin with that are sorted between these two."""
    shortest = min(len(first), len(last))
    return first[: next((place for place in range(shortest) if first[place] != last[place]), shortest)]


def _front_coded(ids: list[bytes]) -> Iterator[tuple[bytes, Longs]]:
    """Pieces: each id without what it shares with the one before it, and where in the piece each block begins."""
    widest = max(map(len, ids))
    if widest > _LONGEST:
        raise IndexFault(f"an id of more than {_LONGEST} bytes")
    step = max(BLOCK, _IDS_AT_ONCE // (widest + 3) // BLOCK * BLOCK)
    for start in range(0, len(ids), step):
        yield _front_coded_piece(ids[start : start + step])


def _front_coded_piece(ids: list[bytes]) -> tuple[bytes, Longs]:
    """In a table of one row for each id: head, two bytes of length where it is long, and the id; then only what counts
    is kept of each row."""
    count, lengths = len(ids), np.fromiter(map(len, ids), np.int64, len(ids))
    width = max(1, int(lengths.max()))
    table = np.zeros((count, width + 3), np.uint8)
    text = table[:, 3:]
    text[:] = np.array(ids, f"S{width}").view(np.uint8).reshape(count, width)
    shared = np.zeros(count, np.int64)
    if count > 1:
        same = np.logical_and.accumulate(text[1:, :_LONG] == text[:-1, :_LONG], axis=1).sum(axis=1)
        shared[1:] = np.minimum(same, np.minimum(lengths[1:], lengths[:-1]))
    shared[::BLOCK] = 0
    rest = lengths - shared
    long = rest >= _LONG
    table[:, 0] = shared << 4 | np.minimum(rest, _LONG)
    table[:, 1], table[:, 2] = rest & 255, rest >> 8
    columns = np.arange(width)
    keep = np.ones((count, width + 3), np.bool_)
    keep[:, 1] = keep[:, 2] = long
    keep[:, 3:] = (columns >= shared[:, None]) & (columns < lengths[:, None])
    ends = np.cumsum(1 + 2 * long + rest)
    return table[keep].tobytes(), (ends - (1 + 2 * long + rest))[::BLOCK]


def _longs(text: str | None) -> Longs:
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def main(arguments: list[str]) -> int:
    """0: made; 1: not, with the reason. What is printed holds no names and no numbers."""
    core_dumps.refuse()
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(_NICE)
    began = time.monotonic()
    try:
        built = build(Path(arguments[0]), again=False)
    except (sqlite3.Error, OSError, IndexFault) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        print(msgspec.json.encode({"fault": reason}).decode())  # noqa: T201 - heard by the daemon
        return 1
    seconds = round(time.monotonic() - began, 2)
    print(msgspec.json.encode({**msgspec.structs.asdict(built), "seconds": seconds}).decode())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
