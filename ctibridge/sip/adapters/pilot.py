"""One line tried as the daemon tries its first one: what does the registrar say? Then it signs off again.

The same machine with the same care: never without a Contact, away at once from a line that has no other device, one
showing of a wrong password.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from msgspec.structs import replace as with_keys

from ctibridge.sip.adapters.resolve import Reach
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Event, Hearing, LineChanged, View
from ctibridge.sip.settings import TrunkAccess, TrunkSettings

PATIENCE = 6.0
"""Seconds for the answer: four sendings over UDP, the last after 3.5 s."""


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of a line, seen that way; heard None: nothing came within PATIENCE."""

    line: str
    view: View
    heard: LineChanged | None


async def ask(
    settings: TrunkSettings, access: TrunkAccess, instance: str | None, reach: Reach | None = None
) -> AsyncIterator[Word]:
    """The first line, in each of the configured ways, until one is refused. instance: as the daemon names this
    installation, so that what it left at the registrar counts as ours. reach: where its names lead, if that is known
    already: a name server that does not answer would eat up the registrar's time. Raises OSError where we cannot listen
    at the configured address; its subclass CaFault where TLS cannot work."""
    alone = replace(access, lines=access.lines[:1])
    for view in (View(each) for each in settings.observe):
        observer = settings.observer if view is View.DIALOG_INFO else None
        heard = await _heard(with_keys(settings, observe=(view.value,), observer=observer), alone, instance, reach)
        yield Word(alone.lines[0].user, view, heard)
        if heard is None or heard.hearing is Hearing.DEAF:
            return  # a wrong password is shown once


async def _heard(
    settings: TrunkSettings, access: TrunkAccess, instance: str | None, reach: Reach | None
) -> LineChanged | None:
    told: asyncio.Future[LineChanged] = asyncio.get_running_loop().create_future()

    def hear(event: Event) -> None:
        if isinstance(event, LineChanged) and event.hearing is not Hearing.REGISTERING and not told.done():
            told.set_result(event)

    trunk = TrunkService(settings, access, hear, instance)
    trunk.bind()
    running = asyncio.create_task(trunk.run(reach))
    try:
        async with asyncio.timeout(PATIENCE):
            return await told
    except TimeoutError:
        return None
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await trunk.stop()
        while trunk.is_open:  # noqa: ASYNC110 - the next one listens there
            await asyncio.sleep(0)
