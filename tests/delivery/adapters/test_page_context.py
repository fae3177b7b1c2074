"""The context: it comes later and moves nothing, is chosen from, and says plainly what is missing."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.agent import Agent
from ctibridge.domain.context import Repeat, Suggestions
from ctibridge.domain.desk_command import Select
from ctibridge.domain.private import Name
from ctibridge.domain.resolution import Resolution, Status
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now
from tests.delivery.adapters.test_page_two_calls import PLACES
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")

FIRST = replace(ex.WHOLE, context=None, complete=False)


@pytest.mark.parametrize("width", [1280, 360])
async def test_what_comes_later_moves_nothing_that_is_there(desk: Desk, width: int) -> None:
    page = await desk.open(width=width)
    call = desk.ring(FIRST)
    await desk.sees("#pop .context", "Looking up")
    before = await page.evaluate(PLACES)
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(ex.WHOLE, call), now()))
    await desk.sees("#pop .context", "Postfach voll")
    assert await page.evaluate(PLACES) == before
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_record_that_is_read_late_moves_neither_greeting_nor_name(desk: Desk) -> None:
    page = await desk.open()
    unread = ex.candidate(None, job_title=None, organization=None, site=None, language=None, email=None)
    call = desk.ring(replace(FIRST, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (unread,))))
    await desk.sees("#person", "Reading the record")
    before = (await page.evaluate(PLACES))[:2]
    top = await page.locator("#person").evaluate("node => node.getBoundingClientRect().y")
    read = ex.candidate(pronunciation=Name("reh-GOO-lah"))
    known = replace(FIRST, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (read,), revision=2))
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(known, call), now()))
    await desk.sees("#person", "Regula Frei")
    assert (await page.evaluate(PLACES))[:2] == before
    assert await page.locator("#person").evaluate("node => node.getBoundingClientRect().y") == top


async def test_everything_that_is_known_is_there_and_open_requests_come_first(desk: Desk) -> None:
    page = await desk.open()
    requests = tuple(reversed(ex.CONTEXT.requests))
    desk.ring(replace(ex.WHOLE, context=replace(ex.CONTEXT, requests=requests)))
    for text in ("SAP is down", "Called 2 times before", "1 request is still open", "NB-4711", "Mail", "New password"):
        await desk.sees("#pop .context", text)
    await desk.sees(".requests li >> nth=0", "Postfach voll")
    await desk.sees(".requests li >> nth=1", "Request r2")
    link = page.locator(".requests a")
    await expect(link).to_have_attribute("href", "https://acme.example/requests/9")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await desk.sees(".context-failed", "Not everything could be looked up: requests did not answer.")
    await desk.picture("context")


async def test_what_it_is_about_brings_suggestions(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.WHOLE)
    thing = page.get_by_role("button", name="NB-4711")
    await thing.focus()
    await page.keyboard.press("Enter")
    await until(lambda: Select in map(type, desk.server.commands), "it is asked")
    (select,) = [one for one in desk.server.commands if isinstance(one, Select)]
    assert (select.call, select.service, select.configuration_item) == ("01JDX001", None, "c1")
    await expect(thing).to_have_attribute("aria-pressed", "true")
    await desk.sees(".context-suggestions", "Looking for suggestions")
    desk.say(lambda: desk.server.desks.suggested("ana", ex.SUGGESTIONS, now()))
    await desk.sees(".context-suggestions h2", "Suggestions for NB-4711")
    await desk.sees(".orders", "Never for the old password.")
    await expect(page.locator(".articles a")).to_have_attribute("href", "https://acme.example/kb/1")
    assert await page.evaluate("document.activeElement.dataset.focus") == "configuration_item c1"
    desk.say(lambda: desk.server.desks.suggested("ana", Suggestions("01JDX001"), now()))
    await desk.sees(".context-suggestions", "No suggestions for this")
    assert desk.chromium.errors == []


async def test_where_nothing_is_to_come_no_place_is_kept(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.WITHHELD)
    await desk.sees("#pop", "Number withheld")
    await expect(page.locator("#pop .context")).to_be_hidden()


async def test_closed_hours_and_colleagues_who_speak_it_are_said(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(replace(ex.CLOSED, language=replace(ex.FRENCH, spoken_by=("ana", "ben", "cleo"))))
    await desk.sees("#pop .status", "Closed: Works outing")
    await desk.sees("#out-of-hours", "Notre service est fermé")
    await expect(page.locator("#out-of-hours .text")).to_have_attribute("lang", "fr")
    await desk.sees("#not-spoken", "You do not speak French. Ask ben or cleo.")


@pytest.mark.parametrize(("ben_is_here", "said"), [(True, "Ask Ben Okafor."), (False, "Ask Ben Okafor or Cléo Roy.")])
async def test_where_nobody_at_this_call_speaks_it_colleagues_who_do_are_named(
    desk: Desk, ben_is_here: bool, said: str
) -> None:
    """The page said that Ana does not, and her own list of colleagues named one who does."""
    await desk.open()
    ben, eva = Agent("ben", "Ben Okafor", languages=("en", "fr-CA")), Agent("eva", "Eva Marín", languages=("es",))
    cleo = Agent("cleo", "Cléo Roy", languages=("fr",))
    await desk.colleagues((ben, ben_is_here), (eva, True), (cleo, False))
    desk.ring(replace(ex.WITHHELD, language=replace(ex.FRENCH, spoken_by=())))
    await desk.sees("#not-spoken", f"You do not speak French. {said}")


async def test_who_never_called_before_did_not_call_nought_times(desk: Desk) -> None:
    await desk.open()
    assert ex.WHOLE.context is not None
    desk.ring(replace(ex.WHOLE, context=replace(ex.WHOLE.context, repeat=Repeat(0, None, 1))))
    await desk.sees("#pop", "No earlier calls")
    await desk.sees("#pop", "1 request is still open")
