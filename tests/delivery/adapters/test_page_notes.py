"""What agents noted of a call stands quietly below who hands it over, as plain text."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import expect

from ctibridge.domain.note import Note
from ctibridge.domain.private import Private
from ctibridge.domain.screen_pop import ScreenPop
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")

HOSTILE = "<img src=x onerror=\"document.title='pwned'\">\n<script>document.title='pwned'</script>"


def write(desk: Desk, text: str, call: str = "01JDX001", by: str = "ben", ago: float = 0) -> None:
    note = Note(by, Private(text), now() - timedelta(seconds=ago))
    desk.say(lambda: desk.server.desks.worked("ana", call, note))


async def test_the_notes_of_the_first_call_stand_below_who_hands_it_over(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.NOTED)
    await expect(page.locator("#notes li")).to_have_count(2)
    text = page.locator("#notes .text >> nth=0")
    await expect(text).to_have_css("white-space", "pre-wrap")
    assert await text.text_content() == ex.NOTE.text.value
    await desk.sees("#notes li >> nth=1", "cleo")
    await desk.picture("notes")
    assert desk.chromium.errors == []


async def test_a_note_of_the_call_itself_appears_and_stays_over_its_end_and_its_next_round(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    await expect(page.locator("#notes")).to_have_count(0)
    write(desk, "waits for a laptop")
    await desk.sees("#notes", "waits for a laptop")
    await desk.sees("#person", "Regula Frei")
    desk.end(call)
    await desk.sees("#pop .chip", "Caller hung up")
    await desk.sees("#notes", "waits for a laptop")
    desk.ring(round=2)
    await desk.sees("#pop .chip", "Ringing")
    await desk.sees("#notes", "waits for a laptop")
    await page.reload()
    await desk.sees("#notes", "waits for a laptop")
    await expect(page.locator("#notes li")).to_have_count(1)
    assert desk.chromium.errors == []


async def test_a_hostile_note_is_text_and_nothing_else(desk: Desk) -> None:
    page = await desk.open(width=360)
    assert ex.NOTED.hand_over is not None
    notes = (Note(HOSTILE, Private(HOSTILE), ex.AT),)
    desk.ring(replace(ex.NOTED, hand_over=replace(ex.NOTED.hand_over, notes=notes)))
    write(desk, HOSTILE + "x" * 1900, by="ana")
    await expect(page.locator("#notes li")).to_have_count(2)
    assert await page.locator("#notes .text >> nth=0").text_content() == HOSTILE
    assert await page.locator("#notes .by bdi >> nth=0").text_content() == HOSTILE
    assert await page.locator("#notes").locator("img, script").count() == 0
    assert "pwned" not in await page.title()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is pushed aside"
    assert desk.chromium.errors == []


async def test_the_newest_five_are_shown_once_each(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring(ex.NOTED)
    for number in range(6):
        write(desk, f"note {number}", ago=6 - number)
    await desk.sees("#notes", "note 5")
    assert await page.locator("#notes .text").all_text_contents() == [f"note {number}" for number in range(1, 6)]
    assert ex.NOTED.hand_over is not None
    again = replace(ex.NOTED.hand_over, notes=(Note("ben", Private("one more"), now()),))
    pop = ScreenPop(call, replace(ex.NOTED, hand_over=again))
    for _ in range(2):
        desk.say(lambda: desk.server.desks.updated("ana", pop, now()))
    await desk.sees("#notes", "one more")
    await expect(page.locator("#notes li")).to_have_count(5)


async def test_notes_that_this_desk_may_no_longer_see_are_gone(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring(ex.NOTED)
    await expect(page.locator("#notes li")).to_have_count(2)
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(ex.UNKNOWN, call), now()))
    await expect(page.locator("#notes")).to_have_count(0)
    await expect(page.locator("#pop")).not_to_contain_text("laptop")
