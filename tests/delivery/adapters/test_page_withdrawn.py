"""With the role at a customer its people go from a page that stands open, wherever they were named there."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.call import Call
from ctibridge.domain.note import Note
from ctibridge.domain.private import Private
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")

WITHDRAWN = replace(ex.UNKNOWN, called=replace(ex.CALLED, granted=False))


def noted(desk: Desk, call: Call, by: str, text: str) -> None:
    desk.say(lambda: desk.server.desks.worked("ana", call.id, Note(by, Private(text), now())))


def withdraw(desk: Desk, call: Call) -> None:
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(WITHDRAWN, call), now()))


async def test_what_was_said_for_a_screen_reader_named_him_still(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    await desk.sees("#announce", "Regula Frei")
    withdraw(desk, call)
    await expect(page.locator("html")).not_to_contain_text("Regula")
    assert "Regula" not in await page.content()
    await desk.sees("#pop", "Not on record")


async def test_what_was_said_goes_with_the_pop_that_is_put_away(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    await desk.sees("#announce", "Regula Frei")
    desk.end(call)
    await desk.sees("#pop .chip", "Caller hung up")
    await desk.sees("#announce", "Regula Frei")
    await page.keyboard.press("d")
    await expect(page.locator("#announce")).to_be_empty()


async def test_what_colleagues_wrote_goes_and_what_the_agent_wrote_is_his_own(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    noted(desk, call, "ben", "Frei waits for a laptop")
    noted(desk, call, "ana", "I asked for the asset number")
    await expect(page.locator("#notes li")).to_have_count(2)
    withdraw(desk, call)
    await expect(page.locator("#notes li")).to_have_count(1)
    await desk.sees("#notes", "I asked for the asset number")


async def test_people_that_were_found_go_as_well(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    await desk.sees("#pop", "Regula Frei")
    await page.keyboard.press("/")
    await desk.found("frei", ex.candidate())
    withdraw(desk, call)
    await expect(page.locator("#results li")).to_have_count(0)
    await expect(page.locator("#search")).to_have_value("frei")
