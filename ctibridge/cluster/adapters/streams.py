"""Streams of Redis as their reader sees them: where each stands, and how far it was read. Pure: replies come in."""

from collections.abc import Container
from typing import NamedTuple

import msgspec
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.adapters.wire import Reply

_lease = msgspec.json.Decoder(list[msgspec.Raw])


class Id(NamedTuple):
    """Of an entry: Redis's own milliseconds, and the count within them."""

    milliseconds: int
    within: int

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.within}"


BEGIN = Id(0, 0)


class Read(NamedTuple):
    """last: the id of what was read last; given: how many entries the stream was ever given up to that one."""

    last: Id
    given: int


class Stream(NamedTuple):
    """last: the id it gave last; first: of its oldest entry; added: how many it was ever given."""

    last: Id
    first: Id
    length: int
    added: int

    @property
    def end(self) -> Read:
        """All of it was read."""
        return Read(self.last, self.added)

    @property
    def begin(self) -> Read:
        """Nothing of what is there was."""
        return Read(BEGIN, self.added - self.length)


class Row(NamedTuple):
    """An entry as it was read: its id, the stream's name, its fields."""

    id: Id
    name: str
    fields: list[bytes]


NOTHING = Stream(BEGIN, BEGIN, 0, 0)
"""A stream that is not there has given nothing."""


def stream(reply: Reply) -> Stream:
    """Of XINFO STREAM. Raises Refused where the user may not use it, or Redis is too old."""
    if isinstance(reply, ResponseError):
        if "no such key" in str(reply):
            return NOTHING
        raise Refused("redis: the user may not use XINFO; give it the ACL rule of docs/cluster.md", "NOPERM")
    found = dict(zip(reply[::2], reply[1::2], strict=True))
    try:
        last, first = (entry_id(found[name]) for name in (b"last-generated-id", b"recorded-first-entry-id"))
        return Stream(last, first, found[b"length"], found[b"entries-added"])
    except KeyError:
        raise Refused("redis: it is older than version 7; install Redis 7 or newer", "VERSION") from None


def looked(read: Read, there: Stream) -> Read:
    """Where to go on; the same, unless something is missing."""
    if there.last < read.last:
        return Read(BEGIN, 0)  # it began anew; what we have had already is known by its numbers
    taken_away = there.added - there.length
    if (there.first > read.last or not there.length) and taken_away > read.given:
        return Read(read.last, taken_away)
    return read


def in_order(reply: Reply, told: Container[str], to_all: str, most: int) -> list[Row]:
    """Of XREAD: what was told by one and another in the order of Redis's clock, behind it what was said to all. most:
    entries of a stream; of one that has so many here there may be more, and what may have come behind them waits for
    the next reply."""
    came: dict[str, list[Row]] = {}
    for key, entries in reply:
        name = key.decode()
        came[name] = [Row(entry_id(number), name, fields) for number, fields in entries]
    if len(came) == 1:
        return next(iter(came.values()))
    of_others = [rows for name, rows in came.items() if name in told]
    others = sorted(row for rows in of_others for row in rows)
    rest = [rows for name, rows in came.items() if name not in told]
    if full := [rows[-1].id for rows in of_others if len(rows) == most]:
        last = min(full)
        others = [row for row in others if row.id <= last]
        # Within a millisecond nobody knows which of two streams had its entry first.
        rest = [[row for row in rows if row.name != to_all or row.id < (last.milliseconds, 0)] for rows in rest]
    return [*others, *(row for rows in rest for row in rows)]


def lives(reply: list[bytes]) -> dict[str, str]:
    """Of the hash of leases: the incarnation of each node that has one. What cannot be read is another version's."""
    found: dict[str, str] = {}
    for name, lease in zip(reply[::2], reply[1::2], strict=True):
        try:
            found[name.decode()] = msgspec.json.decode(_lease.decode(lease)[0], type=str)
        except (ValueError, IndexError):
            continue
    return found


def milliseconds(reply: list[bytes]) -> int:
    """Of TIME."""
    seconds, micros = map(int, reply)
    return 1000 * seconds + micros // 1000


def entry_id(name: bytes) -> Id:
    at, _, within = name.decode().partition("-")
    return Id(int(at), int(within))
