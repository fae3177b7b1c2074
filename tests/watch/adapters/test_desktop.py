from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from ctibridge.watch.adapters.desktop import Desktop
from ctibridge.watch.adapters.session_bus import BusError, socket_of
from ctibridge.watch.notification import Note
from tests.peers import desktop as peer
from tests.watch.recorder import until

pytestmark = pytest.mark.peer("dbus-daemon")

NOTE = Note("ACME <b>", "a & <b>")


class Seen(NamedTuple):
    desktop: Desktop
    gone: list[int]
    anew: list[bool]


@pytest.fixture
async def seen(session_bus: peer.SessionBus) -> AsyncIterator[Seen]:
    await session_bus.start()
    gone, anew = list[int](), list[bool]()
    desktop = Desktop(socket_of(session_bus.environment), gone.append, lambda: anew.append(True))
    yield Seen(desktop, gone, anew)
    await desktop.leave()


async def test_shows_with_markup_replaces_and_closes(session_bus: peer.SessionBus, seen: Seen) -> None:
    async with peer.Desktop(session_bus) as there:
        await seen.desktop.open()
        number = await seen.desktop.show(NOTE, 0)
        assert await seen.desktop.show(NOTE, number) == number
        await seen.desktop.close(number)
        await seen.desktop.close(number)
    assert [(one.title, one.body) for one in there.notified] == [("ACME <b>", "a &amp; &lt;b&gt;")] * 2
    assert there.closed == [number] * 2


async def test_hears_what_is_taken_away_and_nothing_of_another_shape(session_bus: peer.SessionBus, seen: Seen) -> None:
    async with peer.Desktop(session_bus) as there:
        await seen.desktop.open()
        await there.dismiss(3, "us", "dismissed")
        await there.dismiss(4)
        await until(lambda: seen.gone)
    assert seen.gone == [4]


async def test_a_service_that_starts_anew_is_asked_anew_what_it_reads(session_bus: peer.SessionBus, seen: Seen) -> None:
    async with peer.Desktop(session_bus):
        await seen.desktop.open()
        assert not seen.anew
    await until(lambda: seen.anew)
    with pytest.raises(BusError, match="this desktop has no notification service; start its own, or one like dunst"):
        await seen.desktop.open()
    async with peer.Desktop(session_bus, ("body",)) as there:
        await seen.desktop.open()
        await seen.desktop.show(NOTE, 0)
    assert there.notified[0].body == NOTE.body


async def test_what_is_no_notification_service_is_said_in_one_line(session_bus: peer.SessionBus, seen: Seen) -> None:
    async with peer.Desktop(session_bus) as there:
        there.answers["GetCapabilities"] = ("u", (7,))
        with pytest.raises(BusError, match="what answers for the notification service is none"):
            await seen.desktop.open()
        del there.answers["GetCapabilities"]
        await seen.desktop.open()
        for answer in (("s", ("7",)), ("uu", (7, 7)), ("", ())):
            there.answers["Notify"] = answer
            with pytest.raises(BusError, match="what answers for the notification service is none"):
                await seen.desktop.show(NOTE, 0)
