"""What the nodes say, read from the stream of all and from this node's inbox, in the streams' order.

One task on a connection of its own, which waits inside Redis. After a break it goes on behind what it read last. What
was missed is told: a number that is not the next one, a stream trimmed past us, or one that begins anew.
"""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import structlog
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.adapters.wire import ANSWER, Reply
from ctibridge.cluster.entry import Entry, Order, parse
from ctibridge.cluster.keys import Keys

AT_ONCE = 64
"""Entries of each stream in one reply: 64 MiB where every body is as long as it may be."""
BLOCK = 1.0
"""Seconds that a read waits inside Redis; a Redis that stands still is noticed a second later."""
LOOKED = 2.0
"""Seconds between two looks at whether the streams are still those that we read."""
PAUSES = (0.05, 1.0)

log = structlog.get_logger()
_What = TypeVar("_What")


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


class Hearing:
    """hear: is given each entry once. gap: something of this sender is missing; None: of anybody. unheard: kinds that
    are not given when this node said them itself."""

    def __init__(
        self,
        link: Link,
        keys: Keys,
        node: str,
        hear: Callable[[Entry], None],
        gap: Callable[[str | None], None],
        unheard: frozenset[str],
    ) -> None:
        self._link, self._keys = link, (keys.all, keys.inbox(node))
        self._hear, self._gap = hear, gap
        self._own = node
        self._unheard = unheard
        self._order = Order()
        self._read: list[Read] | None = None
        self._look_at = 0.0
        self.listening = asyncio.Event()
        self.fault: str | None = None
        self.heard = 0
        self.again = 0
        self.gaps = 0
        self.malformed = 0
        self.lag = 0.0

    async def run(self) -> None:
        """Until it is cancelled."""
        pause = PAUSES[0]
        while True:
            try:
                if time.monotonic() >= self._look_at:
                    await self._look()
                await self._listen()
                pause, self.fault = PAUSES[0], None
            except RedisFault as fault:
                self.fault = str(fault)
                self.listening.clear()
                self._look_at = 0.0  # nobody knows what Redis this is, until it was looked at
                await asyncio.sleep(pause)
                pause = min(2 * pause, PAUSES[1])

    async def _look(self) -> None:
        """Where to begin; later, whether what we read is still there and nothing was taken away before we read it."""
        streams = [_stream(reply) for reply in await self._link.calls([("XINFO", "STREAM", key) for key in self._keys])]
        if self._read is None:
            self._read = [Read(stream.last, stream.added) for stream in streams]
        looked = [_looked(read, stream) for read, stream in zip(self._read, streams, strict=True)]
        if looked != self._read:
            self._read = looked
            self._missed(None)
        last, read = streams[0].last, self._read[0].last
        self.lag = (last.milliseconds - read.milliseconds) / 1000 if read != BEGIN else 0.0
        self._look_at = time.monotonic() + LOOKED
        self.listening.set()

    async def _listen(self) -> None:
        assert self._read is not None, "it has been looked at"
        streams = [*self._keys, *(str(read.last) for read in self._read)]
        block = round(1000 * BLOCK)
        reply = await self._link.call(
            "XREAD", "COUNT", AT_ONCE, "BLOCK", block, "STREAMS", *streams, wait=BLOCK + ANSWER
        )
        for key, entries in reply or ():
            at = self._keys.index(key.decode())
            for name, fields in entries:
                self._read[at] = Read(_id(name), self._read[at].given + 1)
                self._take(fields, to_all=at == 0)

    def _take(self, fields: list[bytes], *, to_all: bool) -> None:
        try:
            entry = parse(fields, to_all=to_all)
        except ValueError:
            self.malformed += 1
            return
        taken = self._order.take(entry)
        if taken == "again":
            self.again += 1
            return
        if taken == "gap":
            self._missed(entry.sender)
        if entry.sender == self._own and entry.kind in self._unheard:
            return
        self.heard += 1
        self._guarded(self._hear, entry)

    def _missed(self, sender: str | None) -> None:
        self.gaps += 1
        self._guarded(self._gap, sender)

    def _guarded(self, act: Callable[[_What], None], what: _What) -> None:
        """What fails at who hears it costs itself alone: we go on listening."""
        try:
            act(what)
        except Exception:
            log.error("entry_failed", exc_info=True)


def _stream(reply: Reply) -> Stream:
    """A stream that is not there has given nothing."""
    if isinstance(reply, ResponseError):
        if "no such key" in str(reply):
            return Stream(BEGIN, BEGIN, 0, 0)
        raise Refused("redis: the user may not use XINFO; give it the ACL rule of docs/cluster.md", "NOPERM")
    found = dict(zip(reply[::2], reply[1::2], strict=True))
    try:
        last, first = (_id(found[name]) for name in (b"last-generated-id", b"recorded-first-entry-id"))
        return Stream(last, first, found[b"length"], found[b"entries-added"])
    except KeyError:
        raise Refused("redis: it is older than version 7; install Redis 7 or newer", "VERSION") from None


def _looked(read: Read, stream: Stream) -> Read:
    """Where to go on; the same, unless something is missing."""
    if stream.last < read.last:
        return Read(BEGIN, 0)  # it began anew; what we have had already is known by its numbers
    taken_away = stream.added - stream.length
    if (stream.first > read.last or not stream.length) and taken_away > read.given:
        return Read(read.last, taken_away)
    return read


def _id(name: bytes) -> Id:
    milliseconds, _, within = name.decode().partition("-")
    return Id(int(milliseconds), int(within))
