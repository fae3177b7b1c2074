"""Two and three calls at once: the answered one owns the page, the others stand beside it, each keeps its note."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from ctibridge.domain.call import Outcome
from ctibridge.domain.desk_command import WriteNote
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import GLOBEX_CALL, Desk, plain
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")

WITH_FRENCH = replace(ex.WITHHELD, language=ex.FRENCH)
PLACES = """() => ["#company", "#greeting", "#person", "#note"].map((one) => {
  const { x, y, width, height } = document.querySelector(one).getBoundingClientRect();
  return [one, x, y, width, height, scrollY];
})"""


async def three(desk: Desk, **options: int) -> Page:
    """One is talked on, two more ring."""
    page = await desk.open(**options)
    desk.answered(desk.ring())
    await desk.sees("#pop .chip", "Answered here")
    desk.ring(GLOBEX_CALL, number=2)
    desk.ring(WITH_FRENCH, number=3)
    await expect(page.locator(".strip")).to_have_count(2)
    return page


@pytest.mark.parametrize("size", [(1280, 800), (360, 640)])
async def test_what_rings_beside_moves_nothing_of_the_first(desk: Desk, size: tuple[int, int]) -> None:
    page = await desk.open(width=size[0], height=size[1])
    desk.answered(desk.ring())
    await desk.sees("#pop .chip", "Answered here")
    await page.evaluate("scrollTo(0, 40)")
    before = await page.evaluate(PLACES)
    desk.ring(GLOBEX_CALL, number=2)
    desk.ring(WITH_FRENCH, number=3)
    await expect(page.locator(".strip")).to_have_count(2)
    assert await page.evaluate(PLACES) == before
    for text in ("Globex Assistance", "français", "Number withheld"):
        await desk.sees("#strips", text)
    await expect(page.locator(".strip").last).to_be_in_viewport()
    await expect(page.get_by_role("button", name=plain("Put aside the call for Globex Assistance"))).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]


async def test_one_key_shows_another_call_and_each_keeps_its_note(desk: Desk) -> None:
    page = await three(desk)
    await page.keyboard.press("n")
    await page.keyboard.type("one ")
    await page.keyboard.press("Alt+1")
    await desk.sees("#company", "Globex Assistance")
    await page.keyboard.type("two")
    await page.keyboard.press("Alt+2")
    await desk.sees("#pop", "Number withheld")
    await expect(page.locator("#note")).to_have_value("")
    await page.keyboard.type("three")
    await page.keyboard.press("Escape")
    for key, text in (("Alt+2", "one "), ("Alt+2", "two"), ("x", "one ")):
        await page.keyboard.press(key)
        await expect(page.locator("#note")).to_have_value(text)
    await page.keyboard.press("n")
    await page.keyboard.press("Control+Enter")
    await until(lambda: WriteNote in map(type, desk.server.commands), "the note is sent")
    (sent,) = [one for one in desk.server.commands if isinstance(one, WriteNote)]
    assert (sent.call, sent.text.value) == ("01JDX001", "one")
    await page.reload()
    await expect(page.locator("#pop")).to_have_attribute("data-call", "01JDX001")
    drafts = await page.evaluate("JSON.parse(sessionStorage.getItem('ctibridge.drafts'))")
    assert drafts == {"01JDX002": "two", "01JDX003": "three"}
    assert desk.chromium.errors == []


async def test_a_note_that_is_not_sent_keeps_its_call_on_the_page_when_it_ends(desk: Desk) -> None:
    page = await desk.open()
    first = desk.answered(desk.ring())
    await desk.sees("#pop .chip", "Answered here")
    await page.fill("#note", "still to be told")
    desk.ring(GLOBEX_CALL, number=2)
    desk.end(first, Outcome.ANSWERED_HERE)
    await desk.sees("#strips", "Globex Assistance")
    await desk.sees("#company", "ACME IT Service Desk")
    await expect(page.locator("#note")).to_have_value("still to be told")
    assert await desk.focus() == "note"


async def test_a_colleague_who_took_it_is_named_beside_for_some_seconds(desk: Desk) -> None:
    page = await three(desk)
    second = ex.call(2, ex.AT)
    desk.taken(second, "6002", "ben")
    await desk.sees("#strips .gone", "ben answered on 6002")
    await expect(page.locator(".strip")).to_have_count(1)
    await desk.sees("#company", "ACME IT Service Desk")
    await expect(page.locator("#strips .gone p")).to_have_count(0, timeout=12_000)


async def test_the_strips_are_reached_and_used_with_the_keyboard_alone(desk: Desk) -> None:
    page = await three(desk)
    await page.locator(".strip [data-focus=show]").first.focus()
    await page.keyboard.press("Enter")
    await desk.sees("#company", "Globex Assistance")
    assert await desk.focus() == "pop"
    await page.locator(".strip [data-focus=dismiss]").last.focus()
    await page.keyboard.press("Space")
    await expect(page.locator(".strip")).to_have_count(1)
    await desk.sees("#company", "Globex Assistance")


async def test_an_answered_call_is_whole_on_a_page_that_opens_later(desk: Desk) -> None:
    await three(desk)
    page = await desk.open()
    await desk.sees("#company", "ACME IT Service Desk")
    await desk.sees("#person", "Regula Frei")
    await desk.sees("#pop .chip", "Answered here")
    await expect(page.locator(".strip")).to_have_count(2)
