"""What the nodes say, read from what each of the others tells, from the stream of all and from this node's inbox.

Each stream keeps its order. What all carry out comes behind what was told before it: of a call that they speak of
everybody has heard. Whose life holds a lease, or says something to all, is listened to: to all that he told since we
came.

One task on a connection of its own, which waits inside Redis. After a break it goes on behind what it read last. What
was missed is told: a number that is not the next one, a stream trimmed past us, or one that begins anew.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from ctibridge.cluster.adapters import streams
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.streams import BEGIN, Read, Row, Stream
from ctibridge.cluster.adapters.wire import ANSWER, Command, Reply
from ctibridge.cluster.entry import Entry, Order, parse
from ctibridge.cluster.keys import STREAM_LIFETIME, Keys

AT_ONCE = 64
"""Entries of each stream in one reply: 64 MiB where every body is as long as it may be."""
BLOCK = 1.0
"""Seconds that a read waits inside Redis; a Redis that stands still is noticed a second later."""
LOOKED = 2.0
"""Seconds between two looks at whether the streams are still those that we read."""
PAUSES = (0.05, 1.0)

log = structlog.get_logger()
_What = TypeVar("_What")


class Hearing:
    """who: this node and its incarnation. hear: is given each entry once. gap: something of this sender is missing;
    None: of anybody. unheard: kinds that are not given when this node said them itself."""

    def __init__(
        self,
        link: Link,
        keys: Keys,
        who: tuple[str, str],
        hear: Callable[[Entry], None],
        gap: Callable[[str | None], None],
        unheard: frozenset[str],
    ) -> None:
        self._link, self._keys = link, keys
        self._own, self._own_told = who[0], keys.told(*who)
        self._hear, self._gap = hear, gap
        self._unheard = unheard
        self._order = Order()
        self._told: dict[str, str] = {}
        """Streams of what others tell, each with its node."""
        self._read: dict[str, Read] = {}
        """How far, of each stream; those of the others stand first."""
        self._look_at = 0.0
        self._came_at = 0
        """By Redis's clock, milliseconds; 0: so long ago that nothing lies there which is older."""
        self._level_at = 0.0
        """When nothing was left to read."""
        self.listening = asyncio.Event()
        self.fault: str | None = None
        self.heard = 0
        self.again = 0
        self.gaps = 0
        self.malformed = 0
        self.lag = 0.0

    @property
    def told(self) -> Iterable[str]:
        """The streams of the others."""
        return self._told

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
        """Whom to hear, and where to begin; later, whether what we read is still there and nothing was taken away
        before we read it."""
        now, leases = map(self._link.good, await self._link.calls([("TIME",), ("HGETALL", self._keys.leases)]))
        live = {self._keys.told(*life): life[0] for life in streams.lives(leases).items()}
        live.pop(self._own_told, None)
        told = self._told | live
        names = [*told, self._keys.all, self._keys.inbox(self._own)]
        replies = await self._link.calls([("XINFO", "STREAM", name) for name in names])
        there = dict(zip(names, map(streams.stream, replies), strict=True))
        for name in told.keys() & self._read.keys() - live.keys():
            if there[name] == streams.NOTHING:
                del told[name], there[name]  # he is gone, and so is what he said
        self._told = told
        self._note_time(streams.milliseconds(now))
        self._go_on(there)
        self._look_at = time.monotonic() + LOOKED
        self.listening.set()

    def _note_time(self, now: int) -> None:
        if not self._read:
            self._came_at, self._level_at = now, time.monotonic()
        elif not 0 <= now - self._came_at <= 2000 * STREAM_LIFETIME:
            self._came_at = 0  # also where the clock of a Redis that took over is behind

    def _go_on(self, there: dict[str, Stream]) -> None:
        before, is_first = self._read, not self._read
        self._read = {
            name: streams.looked(before[name], stream) if name in before else stream.end if is_first else stream.begin
            for name, stream in there.items()
        }
        missed = {self._told.get(name) for name, read in self._read.items() if name in before and read != before[name]}
        for sender in {None} if None in missed else missed:
            self._missed(sender)
        # What came to a stream that was quiet for an hour was not waiting for so long.
        lag = max(_lag(self._read[name], stream) for name, stream in there.items())
        self.lag = min(lag, time.monotonic() - self._level_at)

    async def _listen(self) -> None:
        names = [*self._read, *(str(read.last) for read in self._read.values())]
        block = round(1000 * BLOCK)
        command: Command = ("XREAD", "COUNT", AT_ONCE, "BLOCK", block, "STREAMS", *names)
        await self._link.listen(command, BLOCK + ANSWER, self._came)

    def _came(self, reply: Reply) -> None:
        for row in streams.in_order(reply or (), self._told, self._keys.all, AT_ONCE):
            entry = self._parsed(row.fields)
            if entry is not None and row.name == self._keys.all and self._is_unknown(entry):
                return  # he is looked for first: what he told before this is heard before it
            self._read[row.name] = Read(row.id, self._read[row.name].given + 1)
            if entry is None:
                self.malformed += 1
            elif not self._is_older_than_we(row):
                self._take(row.name, entry)
        if all(len(entries) < AT_ONCE for _, entries in reply or ()):
            self._level_at = time.monotonic()

    def _is_older_than_we(self, row: Row) -> bool:
        """His lease was over when we came, and is not now: he says again what still counts."""
        return row.name in self._told and row.id.milliseconds < self._came_at

    def _parsed(self, fields: list[bytes]) -> Entry | None:
        try:
            return parse(fields)
        except ValueError:
            return None

    def _is_unknown(self, entry: Entry) -> bool:
        told = self._keys.told(entry.sender, entry.incarnation)
        if told == self._own_told or told in self._read:
            return False
        self._told[told] = entry.sender
        self._look_at = 0.0
        return True

    def _take(self, name: str, entry: Entry) -> None:
        taken = self._order.take(name, entry)
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


def _lag(read: Read, stream: Stream) -> float:
    """Seconds of it that are not yet read, by Redis's clock."""
    return max(0.0, (stream.last.milliseconds - read.last.milliseconds) / 1000) if read.last != BEGIN else 0.0
