"""The directory's history in Redis: where its head is, the changes as a stream, the lease of who may change it, and
whole copies for those who cannot catch up.

Comes in: bodies of changes and files, which are bytes here. One user at a time for each `History`: it has one link.
All keys stand under one hash tag, so a change is one step of one server.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.connection import Link, Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.wire import ANSWER
from ctibridge.cluster.keys import Keys

PIECE = 262_144
"""Bytes of a value: what one command carries, and how long Redis serves nobody else."""
COPY_PIECE = 1_048_576
KEEP = 86_400.0
"""Seconds that a change stays for those who are away; then they take a whole copy. Rows of people lie in it."""
KEEP_BYTES = 256 << 20
LEASE = 10.0
"""Seconds that the lease of a command holds that does not renew it."""
MOMENT = 3.0
"""Seconds in which copies offer themselves, where Redis has lost the head."""
COPY_STAYS = 600.0
AT_ONCE = 16
"""Changes that are read at once; those that wait are 256 KiB each at most."""

_PUBLISH, _BEGIN, _RAISE, _LEASE = (Script(f"directory_{name}") for name in ("publish", "begin", "raise", "lease"))
_HEAD = ("history", "seq", "stamp", "act", "version")


class Head(NamedTuple):
    history: str
    seq: int
    stamp: str
    act: int
    version: int


class Change(NamedTuple):
    seq: int
    stamp: str
    before: str
    origin: str
    act: bool
    body: bytes


class Whole(NamedTuple):
    """A whole copy that lies ready: of which history, with all changes up to `seq`. pieces: how many."""

    name: str
    history: str
    seq: int
    pieces: int


class Passed(Exception):
    """Somebody else has changed the directory meanwhile, or our lease is over: nothing was published."""


class Missing(Exception):
    """What would have to be read is not there any more."""


class CopyKeys(NamedTuple):
    """Of whole copies, or of small ones, that have no people."""

    wanted: str
    making: str
    ready: str


class HistoryKeys:
    def __init__(self, prefix: str) -> None:
        self._named = Keys(prefix).directory
        self.head, self.stream, self.lease, self.offers = map(self._named, ("head", "changes", "lease", "offers"))
        words = ("wanted", "making", "whole")
        self._whole = CopyKeys(*map(self._named, words))
        self._small = CopyKeys(*(self._named(f"{word}:small") for word in words))

    def copies(self, *, small: bool) -> CopyKeys:
        return self._small if small else self._whole

    def pieces(self, name: str) -> str:
        return self._named(f"pieces:{name}")


class History:
    """Raises RedisFault everywhere."""

    def __init__(self, redis: Redis) -> None:
        self._keys = HistoryKeys(redis.prefix)
        self._link: Link = redis.link(self._keys.head)

    async def close(self) -> None:
        await self._link.close()

    async def head(self) -> Head | None:
        return _head(await self._link.call("HMGET", self._keys.head, *_HEAD))

    async def begin(self, copy: str, head: Head, fresh: str, moment: float = MOMENT) -> Head | None:
        """Ours is offered as the head; None: not yet decided. fresh: the history's name, where it has none."""
        found = await self._link.run(
            _BEGIN,
            [self._keys.head, self._keys.offers, self._keys.stream],
            *(copy, *head, _ms(moment), fresh),
        )
        return None if found == b"WAIT" else _head(found)

    async def raise_to(self, seen: Head, ours: Head) -> bool:
        keys = [self._keys.head, self._keys.stream]
        return bool(await self._link.run(_RAISE, keys, *seen[:3], *ours[1:]))

    async def publish(
        self, history: str, change: Change, lease: str, act: int, version: int, *, erases: bool, keep: float = KEEP
    ) -> tuple[int, str]:
        """The number that it has now, and the stamp before it; of `change`, these two are not looked at. lease: the
        word it was taken by, '' for what needs none. act: the last change under the lease that ours goes on from.
        Raises Passed."""
        name = ""
        if len(change.body) > PIECE:
            name = self._keys.pieces(change.stamp)
            await self._put(name, _pieces(change.body, PIECE))
        reply = await self._link.run(
            _PUBLISH,
            [self._keys.head, self._keys.stream, self._keys.lease],
            *(history, change.origin, lease, act, change.stamp, version, b"" if name else change.body, name),
            *(len(change.body), _ms(keep), KEEP_BYTES, int(erases)),
        )
        if isinstance(reply, bytes):
            raise Passed(reply.decode())
        return int(reply[0]), reply[1].decode()

    async def changes(self, after: int, wait: float) -> list[Change]:
        """The next ones, at most AT_ONCE; waits for them so long (seconds). Raises Missing."""
        reply = await self._link.call(
            *("XREAD", "COUNT", AT_ONCE, "BLOCK", max(1, _ms(wait)), "STREAMS", self._keys.stream, f"{after}-0"),
            wait=wait + ANSWER,
        )
        entries = reply[0][1] if reply else ()
        return [await self._change(name, fields) for name, fields in entries]

    # -- the lease -----------------------------------------------------------------------------------------------------

    async def take(self, word: str, holder: str, seconds: float = LEASE) -> str | None:
        """None: it is ours; else who has it."""
        reply = await self._link.run(_LEASE, [self._keys.lease], "take", word, _ms(seconds), holder)
        return reply.decode() if isinstance(reply, bytes) else None

    async def renew(self, word: str, seconds: float = LEASE) -> bool:
        return bool(await self._link.run(_LEASE, [self._keys.lease], "renew", word, _ms(seconds), ""))

    async def release(self, word: str) -> None:
        await self._link.run(_LEASE, [self._keys.lease], "release", word, 0, "")

    # -- whole copies --------------------------------------------------------------------------------------------------

    async def whole(self, *, small: bool = False) -> Whole | None:
        """What lies ready. small: without people, here and below."""
        ready = self._keys.copies(small=small).ready
        name, history, seq, pieces = await self._link.call("HMGET", ready, "name", "history", "seq", "pieces")
        return None if name is None else Whole(name.decode(), history.decode(), int(seq), int(pieces))

    async def want(self, *, small: bool = False) -> None:
        """Somebody needs one that is newer than what lies ready."""
        await self._link.call("SET", self._keys.copies(small=small).wanted, "1", "PX", _ms(30))

    async def is_wanted(self, *, small: bool = False) -> bool:
        return bool(await self._link.call("EXISTS", self._keys.copies(small=small).wanted))

    async def claim(self, copy: str, *, small: bool = False) -> bool:
        """Of those who could make one, one does."""
        return bool(await self._link.call("SET", self._keys.copies(small=small).making, copy, "NX", "PX", _ms(60)))

    async def is_made(self, *, small: bool = False) -> bool:
        """Somebody is at it."""
        return bool(await self._link.call("EXISTS", self._keys.copies(small=small).making))

    async def unclaim(self, *, small: bool = False) -> None:
        await self._link.call("DEL", self._keys.copies(small=small).making)

    async def offer(
        self, name: str, history: str, seq: int, pieces: AsyncIterator[bytes], *, small: bool = False
    ) -> None:
        count = 0
        key, keys = self._keys.pieces(name), self._keys.copies(small=small)
        async for piece in pieces:
            commands = [("RPUSH", key, piece), ("PEXPIRE", key, _ms(COPY_STAYS)), ("PEXPIRE", keys.making, _ms(60))]
            await self._all(commands)
            count += 1
        before = await self._link.call("HGET", keys.ready, "name")
        gone = [] if before is None else [("UNLINK", self._keys.pieces(before.decode()))]
        await self._all(
            [
                ("HSET", keys.ready, "name", name, "history", history, "seq", seq, "pieces", count),
                ("PEXPIRE", keys.ready, _ms(COPY_STAYS)),
                ("DEL", keys.wanted, keys.making),
                *gone,
            ]
        )

    async def pieces(self, whole: Whole) -> AsyncIterator[bytes]:
        """One after the other. Raises Missing."""
        for at in range(whole.pieces):
            piece = await self._link.call("LINDEX", self._keys.pieces(whole.name), at)
            if piece is None:
                raise Missing
            yield piece

    # ------------------------------------------------------------------------------------------------------------------

    async def _change(self, name: bytes, fields: Sequence[bytes]) -> Change:
        field = dict(zip(fields[::2], fields[1::2], strict=True))
        body = field[b"b"]
        if field[b"p"]:
            body = b"".join(await self._link.call("LRANGE", field[b"p"], 0, -1))
            if len(body) != int(field[b"z"]):
                raise Missing
        stamp, before, origin = (field[one].decode() for one in (b"s", b"w", b"o"))
        return Change(int(name.partition(b"-")[0]), stamp, before, origin, field[b"a"] == b"1", body)

    async def _put(self, key: str, pieces: Sequence[bytes]) -> None:
        """What is never named by a change goes soon."""
        for piece in pieces:
            await self._all([("RPUSH", key, piece), ("PEXPIRE", key, _ms(COPY_STAYS))])

    async def _all(self, commands: Sequence[Sequence[Any]]) -> None:
        for reply in await self._link.calls(commands):
            if isinstance(reply, ResponseError):
                self._link.good(reply)


def _head(found: Sequence[bytes | None]) -> Head | None:
    if found[0] is None:
        return None
    history, seq, stamp, act, version = (one.decode() if one else "" for one in found)
    return Head(history, int(seq), stamp, int(act), int(version))


def _pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


__all__ = ["Change", "Head", "History", "HistoryKeys", "Missing", "Passed", "RedisFault", "Whole"]
