from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from ctibridge.watch.adapters import notifier as notifier_module
from ctibridge.watch.adapters import session_bus as session_bus_module
from ctibridge.watch.adapters.notifier import Notifier
from ctibridge.watch.adapters.session_bus import NoBus
from tests.peers.desktop import Desktop, Notify, SessionBus
from tests.watch.recorder import command_lines, until
from tests.watch.said import ended, ring, updated, welcome

pytestmark = pytest.mark.peer("dbus-daemon")

ACME: dict[str, Any] = {"called": {"name": "ACME"}, "language": {"endonym": "Deutsch"}}
HINTS = {"category": "call.incoming", "urgency": 1, "transient": True}
CALLER = "Quetzalcoatl"
NAME = f"{CALLER} <b>"
FREI: dict[str, Any] = {"status": "identified", "candidates": [{"person": {"account": "acme", "name": NAME}}]}


@asynccontextmanager
async def notifying(
    bus: SessionBus, say: Callable[[str], None] = pytest.fail, allowed: str = "company"
) -> AsyncIterator[Notifier]:
    async with Notifier(bus.environment, say) as notifier:
        notifier.welcome(welcome(notification=allowed))
        yield notifier


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again without a pause worth waiting for."""
    monkeypatch.setattr(notifier_module, "_AGAIN", 0.02)


async def test_shown_when_it_rings_replaced_when_it_changes_closed_when_it_is_over(desktop: Desktop) -> None:
    async with notifying(desktop.bus) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await desktop.until("ACME")
        notifier.hear(updated(2, "a", **ACME), 0.0)
        notifier.hear(updated(3, "a", **(ACME | {"language": {"endonym": "Français"}})), 0.0)
        await until(lambda: len(desktop.notified) == 2)
        notifier.hear(ended(4, "a"), 0.0)
        await desktop.until()
    assert desktop.notified == [
        Notify(0, "ACME", "Deutsch", HINTS, 60_000),
        Notify(7, "ACME", "Français", HINTS, 60_000),
    ]
    assert desktop.closed == [7]


async def test_who_calls_stands_in_no_command_line_and_in_a_body_that_cannot_be_markup(desktop: Desktop) -> None:
    async with notifying(desktop.bus, allowed="full") as notifier:
        notifier.hear(ring(1, "a", resolution=FREI, **ACME), 0.0)
        await desktop.until("ACME")
        assert CALLER not in command_lines()
        assert "dbus-daemon" in command_lines()
    assert desktop.notified[0].body == "Deutsch · Quetzalcoatl &lt;b&gt;"


async def test_a_desktop_that_reads_no_markup_gets_plain_text(session_bus: SessionBus) -> None:
    await session_bus.start()
    async with Desktop(session_bus, ("body",)) as desktop, notifying(session_bus, allowed="full") as notifier:
        notifier.hear(ring(1, "a", resolution=FREI, **ACME), 0.0)
        await desktop.until("ACME")
    assert desktop.notified[0].body == "Deutsch · Quetzalcoatl <b>"


async def test_what_still_stands_or_is_on_its_way_at_the_end_is_taken_away(desktop: Desktop) -> None:
    async with notifying(desktop.bus) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        notifier.hear(ring(2, "b", **ACME), 0.0)
        await until(lambda: desktop.notified)
    assert set(desktop.closed) == set(range(7, 7 + len(desktop.notified)))
    assert desktop.shown == {}


async def test_what_came_and_went_meanwhile_is_not_shown(desktop: Desktop) -> None:
    async with notifying(desktop.bus) as notifier:
        for number in range(1, 41):
            notifier.hear(ring(number, str(number)), 0.0)
            notifier.hear(ended(number, str(number)), 0.0)
        notifier.hear(ring(50, "last", **ACME), 0.0)
        await desktop.until("ACME")
    assert len(desktop.notified) == 1


async def test_what_the_agent_pushes_away_comes_again_only_with_news(desktop: Desktop) -> None:
    async with notifying(desktop.bus) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await desktop.until("ACME")
        await desktop.dismiss(7)
        notifier.hear(updated(2, "a", **ACME), 0.0)
        notifier.hear(ring(3, "b", called={"name": "Fleuron"}), 0.0)
        await desktop.until("Fleuron")
        notifier.hear(updated(4, "a", **(ACME | {"language": {"endonym": "Français"}})), 0.0)
        await desktop.until("ACME", "Fleuron")
    assert [one.replaces for one in desktop.notified] == [0, 0, 0]
    assert 7 not in desktop.closed, "it may be another's number by now"


async def test_without_a_service_one_line_says_so_and_what_rings_is_shown_when_it_starts(
    session_bus: SessionBus,
) -> None:
    await session_bus.start()
    said = list[str]()
    async with notifying(session_bus, said.append) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: said)
        async with Desktop(session_bus) as first:
            await first.until("ACME")
        await until(lambda: len(said) == 2)
        async with Desktop(session_bus) as second:
            await second.until("ACME")
        assert second.notified[0].replaces == 0
    line = "--notify: this desktop has no notification service; start its own, or one like dunst or mako"
    assert said == [line, line]


async def test_without_a_bus_one_line_says_so_and_it_comes_back_with_it(session_bus: SessionBus) -> None:
    said = list[str]()
    async with notifying(session_bus, said.append) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: said)
        for _ in range(2):
            await session_bus.start()
            async with Desktop(session_bus) as desktop:
                await desktop.until("ACME")
                heard = len(said)
                await session_bus.stop()
            await until(partial(said.__getitem__, slice(heard, None)))
    assert said[0] == "--notify: the session's bus is not there (No such file or directory)"
    assert all(line.startswith("--notify: the session's bus") for line in said)


async def test_a_service_that_hangs_holds_up_nothing_and_no_notification_of_it_is_left(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_bus_module, "PATIENCE", 0.2)
    said = list[str]()
    async with notifying(desktop.bus, said.append) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await desktop.until("ACME")
        desktop.hangs = True
        notifier.hear(ring(2, "b", called={"name": "Fleuron"}), 0.0)
        await until(lambda: desktop.held >= 2)
        assert said == ["--notify: the notification service does not answer"]
        await desktop.answer_all()
        await desktop.until("ACME", "Fleuron")
        assert len(desktop.notified) >= 3
    assert desktop.shown == {}


async def test_what_it_refuses_is_said_by_the_name_of_the_error_alone(desktop: Desktop) -> None:
    said = list[str]()
    desktop.refuses = "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"
    async with notifying(desktop.bus, said.append) as notifier:
        notifier.hear(ring(1, "a", **ACME), 0.0)
        await until(lambda: said)
        desktop.refuses = ""
        await desktop.until("ACME")
    assert said == [
        "--notify: the notification service refuses: org.freedesktop.Notifications.Error.ExcessNotificationGeneration"
    ]


def test_without_a_session_it_does_not_begin() -> None:
    with pytest.raises(NoBus, match="--notify: this is no desktop session: DBUS_SESSION_BUS_ADDRESS is not set"):
        Notifier({}, pytest.fail)
