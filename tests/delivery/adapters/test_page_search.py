"""Who it is, said by the agent: one of the candidates, or somebody he looked for; with the keyboard alone."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.desk_command import Choose, Search
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Evidence, Resolution, Status
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")

FOUND = (ex.candidate("Regula Frei"), ex.candidate("Reto Freivogel", ex.GLOBEX, job_title="Driver"))


def chosen(desk: Desk) -> list[tuple[str, str, str]]:
    return [(one.call, one.person.account, one.person.id) for one in desk.server.commands if isinstance(one, Choose)]


def searches(desk: Desk) -> list[Search]:
    return [one for one in desk.server.commands if isinstance(one, Search)]


async def test_somebody_is_found_and_chosen_with_the_keyboard(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.UNKNOWN)
    await desk.sees("#pop", "Not on record")
    await page.keyboard.press("/")
    assert await desk.focus() == "search"
    await page.keyboard.type("frei")
    await until(lambda: bool(searches(desk)), "it is asked")
    assert [one.text.value for one in searches(desk)] == ["frei"], "once, when the agent has paused"
    await desk.found("frei ", *FOUND)
    await desk.sees("#pop .search [role=status]", "2 people found")
    await page.keyboard.press("ArrowDown")
    field = page.locator("#search")
    assert await field.get_attribute("aria-activedescendant") == "result-1"
    await expect(page.locator("#result-1")).to_have_attribute("aria-selected", "true")
    await desk.picture("search")
    await page.keyboard.press("Enter")
    await until(lambda: bool(chosen(desk)), "the choice is said")
    assert chosen(desk) == [("01JDX001", "globex", "p17")]
    await expect(field).to_be_hidden()
    assert desk.chromium.errors == []


async def test_an_answer_to_other_letters_is_not_shown(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.UNKNOWN)
    await desk.sees("#pop", "Not on record")
    await page.keyboard.press("/")
    await desk.found("frei", *FOUND)
    await page.fill("#search", "meier")
    await until(lambda: searches(desk)[-1].text.value == "meier", "it is asked anew")
    await desk.sees("#pop .search [role=status]", "Looking")
    session = searches(desk)[-1].session
    desk.say(lambda: desk.server.desks.people(session, "01JDX001", Private("frei"), FOUND[:1], ex.AT))
    await expect(page.locator("#results li")).to_have_count(2)
    desk.say(lambda: desk.server.desks.people(session, "01JDX001", Private("meier"), (), ex.AT))
    await desk.sees("#pop .search [role=status]", "Nobody found")


async def test_escape_leaves_the_search_and_the_focus_where_it_began(desk: Desk) -> None:
    page = await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.keyboard.press("/")
    await page.keyboard.type("fr")
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).to_be_hidden()
    assert await page.evaluate("document.activeElement.dataset.key") == "search"


@pytest.mark.parametrize("way", ["digit", "arrows", "click"])
async def test_a_candidate_is_one_key_away(desk: Desk, way: str) -> None:
    page = await desk.open()
    people = (ex.candidate("Regula Frei"), ex.candidate("Regula Frei-Meier", ex.GLOBEX))
    desk.ring(replace(ex.AMBIGUOUS, resolution=Resolution(Status.AMBIGUOUS, None, people)))
    await desk.sees("#candidates", "Regula Frei-Meier")
    if way == "digit":
        await page.keyboard.press("2")
    elif way == "arrows":
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
    else:
        await page.locator(".candidate").last.click()
    await until(lambda: bool(chosen(desk)), "the choice is said")
    assert chosen(desk) == [("01JDX001", "globex", "p17")]


async def test_whoever_was_chosen_stands_there_with_why(desk: Desk) -> None:
    await desk.open()
    call = desk.ring(ex.AMBIGUOUS)
    await desk.sees("#candidates", "Reto Frei")
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(ex.WHOLE, call), now()))
    await desk.sees("#person", "Regula Frei")
    await desk.sees("#person", "reh-GOO-lah")
    await desk.sees("#pop .why", "chosen by ben")
    await desk.sees("#pop .why", "last call from this number")
    await desk.sees("#pop .sure", "Not verified")
    await desk.sees("#pop .role", "19:00 there, outside working hours")


async def test_of_whom_only_an_agent_chose_nobody_says_that_the_number_is_his(desk: Desk) -> None:
    """Whoever was looked for by name stood under *Number belongs to*, and was read aloud so."""
    page = await desk.open()
    chosen = replace(ex.candidate(), evidence=(Evidence("chosen", at=ex.AT, by="ana"),))
    desk.ring(replace(ex.WHOLE, resolution=replace(ex.WHOLE.resolution, candidates=(chosen,))))
    await desk.sees("#person", "Regula Frei")
    await desk.sees("#pop .why", "chosen by you")
    await expect(page.locator("#pop .belongs .label").first).to_have_text("Caller")
    await desk.sees("#announce", "Regula Frei")
    assert "belongs to" not in await page.inner_text("body")


async def test_a_choice_that_is_refused_is_said(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.AMBIGUOUS)
    await desk.sees("#candidates", "Reto Frei")
    await page.keyboard.press("1")
    await until(lambda: bool(chosen(desk)), "the choice is said")
    (session,) = [one.session for one in desk.server.commands if isinstance(one, Choose)]
    desk.say(lambda: desk.server.desks.unknown_person(session))
    await desk.sees("#alerts", "does not find this person")
