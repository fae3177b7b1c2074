"""What an agent has before him all day: nothing moves under his hand, and nothing is said of nobody."""

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.page_beside import Beside, call, entry, pop
from tests.delivery.adapters.test_page_beside import CUSTOMER
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")

NOBODY = {"status": "withheld", "revision": 1, "account": None, "candidates": []}


@pytest.fixture
def beside(chromium: Chromium) -> Beside:
    return Beside(chromium)


# -- a hand in the lists -----------------------------------------------------------------------------------------------


async def reaching(beside: Beside) -> None:
    """A call starts while the pointer is on its way to a missed caller; from then on time stands."""
    page = await beside.open(entry(1, 42))
    await page.locator("#missed .entry").first.hover()
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 1"))
    beside.event("call.ringing", **pop(7, customer=CUSTOMER))
    for _ in range(100):  # the frame comes in its own time; drawn with the next one of the screen
        await page.clock.run_for(10)
        if await page.locator("#company").count():
            return
    raise AssertionError("the call is not drawn")


async def test_the_customers_texts_push_no_list_away_from_under_a_hand(beside: Beside) -> None:
    await reaching(beside)
    await expect(beside.page.locator("#customer")).to_be_hidden()
    await beside.page.locator("#company").hover()
    await beside.page.clock.run_for(300)
    await beside.sees("#customer h2", "About ACME AG")


async def test_a_pointer_that_was_forgotten_there_hides_them_for_two_seconds_only(beside: Beside) -> None:
    await reaching(beside)
    await beside.page.clock.run_for(2_500)
    await beside.sees("#customer h2", "About ACME AG")


# -- the call ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("locale", ["en-GB", "de-DE", "ar-EG"])
async def test_the_greeting_stays_where_it_is_when_the_call_is_answered(
    beside: Beside, width: int, locale: str
) -> None:
    page = await beside.open(width=width, locale=locale)
    beside.event("call.ringing", **pop(7))
    rang = await page.locator("#greeting").bounding_box()
    beside.event("call.answered", call=call(7, 0, None, state="answered", answered_at=pop()["call"]["rang_at"]))
    await expect(page.locator("#pop")).to_have_attribute("data-state", "answered")
    assert await page.locator("#greeting").bounding_box() == rang


async def test_of_a_caller_whom_nobody_knows_no_requests_are_said_to_be_missing(beside: Beside) -> None:
    page = await beside.open()
    incident = {"service": None, "subject": "SAP is down", "url": None}
    context = pop()["context"] | {"major_incidents": [incident], "complete": False}
    beside.event("call.ringing", **pop(7, resolution=NOBODY, context=context))
    await beside.sees("#pop .context", "SAP is down")
    await expect(page.locator(".context-requests")).to_be_empty()
    await expect(page.locator(".context-about")).to_be_empty()


ROW = """() => {
  const row = document.querySelector("#pop .role");
  const { left } = row.getBoundingClientRect();
  const facts = [...row.children].map((fact) => fact.getBoundingClientRect());
  const starts = facts.filter((fact, place) => !place || fact.top > facts[place - 1].top);
  const dot = parseFloat(getComputedStyle(row.firstChild).paddingLeft);
  return {
    lines: starts.length,
    out: starts.every((fact) => fact.left === left),
    cut: getComputedStyle(row).clipPath.endsWith(` ${dot}px)`),
  };
}"""


async def test_no_dot_hangs_where_a_row_of_facts_breaks(beside: Beside) -> None:
    page = await beside.open(width=360)
    beside.event("call.ringing", **pop(7))
    await beside.sees("#pop .role", "19:00 there")
    row = await page.evaluate(ROW)
    assert row["lines"] > 1
    assert row["out"]
    assert row["cut"], "what is before a line's first fact is cut off"


# -- what the reader's machine says ------------------------------------------------------------------------------------


async def test_a_key_has_the_name_that_stands_on_the_readers_keyboard(beside: Beside) -> None:
    page = await beside.open(locale="de-DE")
    beside.event("call.ringing", **pop(7))
    await beside.sees(".note-do kbd", "Strg ↵")
    await page.keyboard.press("?")
    await beside.sees("#keys", "Strg ↵")


async def test_a_language_that_the_reader_calls_as_its_speakers_do_is_named_once(beside: Beside) -> None:
    page = await beside.open(locale="de-DE")
    beside.event("call.ringing", **pop(7))
    await beside.sees("#language .endonym", "Deutsch (Schweiz)")
    await expect(page.locator("#language .in-english")).to_have_count(0)


async def test_signs_that_only_a_background_draws_are_seen_in_forced_colours(beside: Beside) -> None:
    page = await beside.open(entry(1, 42))
    await page.emulate_media(forced_colors="active")
    beside.event("call.ringing", **pop(7))
    await beside.sees("#company", "ACME IT Service Desk")
    ground = "(node, part) => getComputedStyle(node, part).backgroundColor"
    paper = await page.locator("body").evaluate(ground)
    for where, part in ((".call-back", "::before"), ("#pop", "::before"), ("#pop .chip .dot", None)):
        assert await page.locator(where).first.evaluate(ground, part) != paper, where
