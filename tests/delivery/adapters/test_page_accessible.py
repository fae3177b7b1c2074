"""Whoever works at the page: nothing keeps him out, by WCAG 2.2 AA as axe-core measures it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk
from tests.peers.axe import violations

pytestmark = pytest.mark.peer("chromium", "axe-core")


@dataclass(frozen=True)
class Reader:
    """Whose eyes: the colours he wants, the language of his browser."""

    scheme: Any = "light"
    locale: str = "en-GB"
    width: int = 1280


READERS = {
    "light": Reader(),
    "dark": Reader(scheme="dark"),
    "Arabic": Reader(locale="ar-EG"),
    "Arabic in the dark on a phone": Reader("dark", "ar-EG", 360),
}


async def scenes(desk: Desk) -> AsyncIterator[str]:
    """Each way that the page can look, one behind the other."""
    page = desk.page
    yield "waiting"
    for status in ("ambiguous", "withheld", "unknown", "shared"):
        call = desk.ring(ex.ANSWERS[status], number=len(status))
        await page.locator(f'#pop[data-call="{call.id}"]').wait_for()
        yield status
        desk.end(call)
    first = desk.ring(number=1)
    await desk.sees("#person", "Regula Frei")
    yield "identified"
    desk.ring(ex.UNKNOWN, number=2)
    await page.locator(".strip").wait_for()
    yield "another call rings beside it"
    desk.say(lambda: desk.server.desks.ringing("ana", ex.pop(ex.WHOLE, first), first.rang_at))
    desk.answered(first)
    await page.locator('#pop[data-state="answered"]').wait_for()
    yield "answered, with context"
    await page.locator("#pop [data-key=search]").click()
    await desk.found("frei", ex.candidate(), ex.candidate("Reto Frei", vip=True, disabled=True))
    yield "search"
    await page.keyboard.press("Escape")
    await page.locator("#tools button >> nth=2").click()
    await page.locator("#settings[open]").wait_for()
    yield "settings"
    await page.keyboard.press("Escape")
    if await page.locator("#keys-open").is_visible():  # not on a phone
        await page.locator("#keys-open").click()
        await page.locator("#keys[open]").wait_for()
        yield "keys"


@pytest.mark.parametrize("who", READERS)
async def test_nothing_keeps_anybody_out(desk: Desk, who: str) -> None:
    reader = READERS[who]
    page = await desk.open(width=reader.width, locale=reader.locale)
    await page.emulate_media(color_scheme=reader.scheme, reduced_motion="reduce")
    found = {scene: bad async for scene in scenes(desk) if (bad := await violations(page))}
    assert found == {}


@pytest.mark.parametrize("who", READERS)
async def test_the_way_in_is_open(desk: Desk, who: str) -> None:
    reader = READERS[who]
    page = await desk.chromium.page(width=reader.width, locale=reader.locale)
    await page.emulate_media(color_scheme=reader.scheme, reduced_motion="reduce")
    await page.goto(desk.server.url)
    await page.locator("#sign-in").wait_for()
    assert await violations(page) == []
