"""What this node says, in order, to the streams of Redis: never waits, never raises; what does not fit is dropped and
counted, and the receivers see by the numbers that something is missing.

One task writes. A row whose answer does not come is written again: XADD would do it twice, and the numbers tell the
readers so. As both rows are in order, what is read first of each is in order, too.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.together import Together
from ctibridge.cluster.adapters.wire import Command, Reply
from ctibridge.cluster.entry import BODY, Entry
from ctibridge.cluster.keys import SAID_TO_ALL, SAID_TO_ONE, STREAM_LIFETIME, Keys

QUEUE = 10_000
QUEUE_BYTES = 32 * BODY
ROW = 256
"""Entries that are written at once."""
ROW_BYTES = BODY
KEPT = 5.0
"""Seconds that an entry waits for a Redis that does not answer: a ring that is told later helps nobody."""
COMPANY = 0.01
"""Seconds that what can wait waits for what else there is to say: each row wakes every node."""
TRIMMED = 5.0
"""Seconds between two looks at what is too old."""
PAUSES = (0.05, 1.0)
"""Seconds before the next try, doubled each time up to the second."""


class Waiting(NamedTuple):
    since: float
    key: str
    entry: Entry


class Posting:
    """node, incarnation: who says it. told: the streams of what others tell, in which nothing shall grow old either."""

    def __init__(
        self,
        link: Link | Together,
        keys: Keys,
        node: str,
        incarnation: str,
        told: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._link, self._keys = link, keys
        self._node, self._incarnation = node, incarnation
        self._queue: deque[Waiting] = deque()
        self._bytes = 0
        self._idle = False
        """The task waits for something to write."""
        self._said: tuple[list[Waiting], list[Command]] | None = None
        """A row that is on its way, and whose replies the task has not asked for."""
        self._told = keys.told(node, incarnation)
        self._told_by_others = told
        self._numbers: Counter[str] = Counter()
        self._something = asyncio.Event()
        self._nothing = asyncio.Event()
        self._nothing.set()
        self._late: asyncio.TimerHandle | None = None
        """What waits goes out then, also without company."""
        self._trim = Script("trim")
        self._lives_from: dict[str, float] = {}
        self.fault: str | None = None
        self.sent = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def behind(self) -> float:
        """Seconds that the oldest entry has waited to be written."""
        return time.monotonic() - self._queue[0].since if self._queue else 0.0

    def put(self, key: str, kind: str, body: bytes, *, can_wait: bool = False) -> None:
        """key: of the stream. can_wait: for company."""
        self._numbers[key] += 1
        if len(body) > BODY or len(self._queue) >= QUEUE or self._bytes + len(body) > QUEUE_BYTES:
            self.dropped += 1
            return
        entry = Entry(kind, self._node, self._incarnation, self._numbers[key], body)
        self._queue.append(Waiting(time.monotonic(), key, entry))
        self._bytes += len(body)
        self._nothing.clear()
        if not can_wait:
            self._something.set()
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(COMPANY, self._something.set)

    def hurry(self) -> None:
        """What waits goes out now and not when the task has its turn, which is behind all that happens now: a screen at
        another node waits for it."""
        if self._idle and self._queue:
            row = self._row()
            commands = self._commands(row)
            if self._link.say(commands):
                self._idle, self._said = False, (row, commands)

    async def flushed(self, patience: float) -> bool:
        """All is written. patience: seconds."""
        self._something.set()
        try:
            async with asyncio.timeout(patience):
                await self._nothing.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Until it is cancelled."""
        pause, trim_at = PAUSES[0], 0.0
        while True:
            try:
                await self._written()
                if time.monotonic() >= trim_at:
                    await self._trimmed()
                    trim_at = time.monotonic() + TRIMMED
                pause = PAUSES[0]
                await self._wait(trim_at - time.monotonic())
            except RedisFault as fault:
                self.fault = str(fault)
                await asyncio.sleep(pause)
                pause = min(2 * pause, PAUSES[1])
                self._drop_old()

    async def _wait(self, seconds: float) -> None:
        late = asyncio.get_running_loop().call_later(max(seconds, 0), self._something.set)
        self._idle = True
        try:
            await self._something.wait()
        finally:
            self._idle = False
            late.cancel()

    async def _written(self) -> None:
        """Rows stay in the queue until they have their answers."""
        while self._queue:
            if self._said is not None:
                (row, commands), self._said = self._said, None
                replies = await self._link.heard(commands)
            else:
                row = self._row()
                commands = self._commands(row)
                replies = await self._link.calls(commands)
            self._taken(row, commands, replies)
        self._something.clear()
        self._nothing.set()
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _commands(self, row: list[Waiting]) -> list[Command]:
        return [*map(self._command, row), *self._lives(row)]

    def _lives(self, row: list[Waiting]) -> list[Command]:
        """Streams that this node has not been heard in for a while live on for so long."""
        now = time.monotonic()
        old = [key for key in dict.fromkeys(one.key for one in row) if now >= self._lives_from.get(key, 0.0) + TRIMMED]
        return [("PEXPIRE", key, self._stays(key)) for key in old]

    def _stays(self, key: str) -> int:
        """Milliseconds without a word of anybody. What this node told goes with it: perhaps it was the last one, and
        nobody else takes that out."""
        return round(1000 * (STREAM_LIFETIME + TRIMMED if key == self._told else 2 * STREAM_LIFETIME))

    def _taken(self, row: list[Waiting], commands: list[Command], replies: list[Reply]) -> None:
        """Redis has refused some, as where it is full: these are dropped, as it would go on like that."""
        self._lives_from |= {str(command[1]): time.monotonic() for command in commands[len(row) :]}
        refused = sum(isinstance(reply, ResponseError) for reply in replies[: len(row)])
        self.fault = None
        self.sent += len(row) - refused
        self.dropped += refused
        for _ in row:
            self._bytes -= len(self._queue.popleft().entry.body)

    def _row(self) -> list[Waiting]:
        row: list[Waiting] = []
        size = 0
        for one in self._queue:
            size += len(one.entry.body)
            if row and (len(row) == ROW or size > ROW_BYTES):
                break
            row.append(one)
        return row

    def _command(self, one: Waiting) -> Command:
        most = SAID_TO_ALL if one.key in (self._keys.all, self._told) else SAID_TO_ONE
        return ("XADD", one.key, "MAXLEN", "~", most, "*", *one.entry.fields())

    def _drop_old(self) -> None:
        while self._queue and self.behind > KEPT:
            self._bytes -= len(self._queue.popleft().entry.body)
            self.dropped += 1
        if not self._queue:
            self._nothing.set()

    async def _trimmed(self) -> None:
        """Twice does no harm."""
        ours, others = (self._keys.all, self._told, self._keys.inbox(self._node)), tuple(self._told_by_others())
        stay = *map(self._stays, ours), *(0 for _ in others)
        await self._link.run(self._trim, (*ours, *others), round(1000 * STREAM_LIFETIME), *stay)
        self.fault = None
