"""One link for several writers: what they write in one turn of the loop goes out as one row, and each gets its own
replies.

A row costs more than what stands in it: Redis and this process wake for each. What becomes of a call is written by two
rooms of a node, in one turn.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.wire import Argument, Command, Reply


class _Part(NamedTuple):
    commands: Sequence[Command]
    replies: asyncio.Future[list[Reply]]


class Together:
    """link: for these writers alone. Whoever says something hears its replies next: until then nobody else writes."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._parts: list[_Part] = []
        self._something = asyncio.Event()
        self._heard = asyncio.Event()
        self._heard.set()
        self.explain = link.explain  # see there

    async def calls(self, commands: Sequence[Command]) -> list[Reply]:
        """As those of `Link`. Who comes while a row is on its way goes with the next one."""
        part = _Part(commands, asyncio.get_running_loop().create_future())
        self._parts.append(part)
        self._something.set()
        return await part.replies

    def say(self, commands: Sequence[Command]) -> bool:
        """As that of `Link`: False also where others wait to be written."""
        if self._parts or not self._link.say(commands):
            return False
        self._heard.clear()
        return True

    async def heard(self, commands: Sequence[Command]) -> list[Reply]:
        """As that of `Link`."""
        try:
            return await self._link.heard(commands)
        finally:
            self._heard.set()

    async def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Reply:
        """As that of `Link`."""
        return self._link.good(await script.run(self.calls, keys, *arguments))

    async def keep_writing(self) -> None:
        """Until it is cancelled; then the link is cut."""
        try:
            while True:
                await self._something.wait()
                await self._heard.wait()
                self._something.clear()
                parts, self._parts = self._parts, []
                await self._write(parts)
        finally:
            self._link.cut()
            for part in self._parts:
                part.replies.cancel()

    async def _write(self, parts: Sequence[_Part]) -> None:
        try:
            replies = iter(await self._link.calls([command for part in parts for command in part.commands]))
        except RedisFault as fault:
            _failed(parts, fault)
            return
        except (ValueError, TypeError) as error:  # what has no bytes costs its writer alone
            if len(parts) == 1:
                _failed(parts, error)
            else:
                for part in parts:
                    await self._write([part])
            return
        for part in parts:
            own = [next(replies) for _ in part.commands]
            if not part.replies.done():  # whoever asked may have been cancelled
                part.replies.set_result(own)


def _failed(parts: Sequence[_Part], error: Exception) -> None:
    for part in parts:
        if not part.replies.done():
            part.replies.set_exception(error)
