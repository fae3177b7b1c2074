"""The agent page in a real browser: what a glance sees, and what must never happen."""

import asyncio
from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.call import Outcome
from ctibridge.domain.desk_command import Shown
from ctibridge.domain.resolution import Resolution, Status
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import GLOBEX_CALL, SEEN, Desk, now
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")


@pytest.mark.parametrize("status", SEEN)
async def test_what_a_glance_sees(desk: Desk, status: str) -> None:
    await desk.open()
    desk.ring(ex.ANSWERS[status])
    for text in SEEN[status]:
        await desk.sees("#pop", text)
    language = ex.ANSWERS[status].language
    await desk.sees("#company", "ACME IT Service Desk")
    await desk.sees("#greeting", str(language.greeting))
    await desk.sees("#language", language.endonym)
    await expect(desk.page.locator("#greeting")).to_have_attribute("lang", language.tag)
    await expect(desk.page.locator("#pop")).to_have_attribute("data-status", status)
    text = await desk.page.inner_text("#pop")
    places = [text.index(part) for part in ("ACME IT Service Desk", str(language.greeting), language.endonym)]
    assert places == sorted(places)
    assert "this is" not in text.lower()
    assert desk.chromium.errors == []
    await desk.picture(f"status-{status}")


async def test_evidence_and_warnings_are_plain_words(desk: Desk) -> None:
    await desk.open()
    desk.ring()
    await desk.sees("#pop", "called ACME AG’s desk")
    await desk.sees("#pop", "This number was changed 2 days ago")
    link = desk.page.locator("#pop a")
    await expect(link).to_have_attribute("href", ex.LINKS[0].url)
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_what_the_switchboard_names_stands_small_beside_it(desk: Desk) -> None:
    await desk.open()
    desk.ring(ex.CLAIMED)
    await desk.sees("#pop .belongs", "Number and switchboard name different people")
    await desk.sees("#candidates", "employee number named by the switchboard")
    await desk.sees("#pop .signals", "The network could not verify this number")
    await desk.sees("#pop .facts", "verification failed")
    for said in ("Employee number", "A-17", "queue", "IT Support", "Rings as", "external"):
        await desk.sees("#pop .remarks", said)
    sizes = await desk.page.evaluate(
        "['.remarks dd', '.facts dd'].map((one) => parseFloat(getComputedStyle(document.querySelector(one)).fontSize))"
    )
    assert sizes[0] < sizes[1]
    await desk.picture("claimed")


async def test_whom_an_id_alone_names_is_not_said_to_have_the_number(desk: Desk) -> None:
    await desk.open()
    (_, named) = ex.CLAIMED.resolution.candidates
    desk.ring(replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (named,))))
    await desk.sees("#pop .belongs", "Employee number belongs to")
    desk.ring(replace(ex.WITHHELD, caller=replace(ex.HIDDEN, remarks=ex.REMARKS)), number=2)
    await desk.page.locator(".strip [data-focus=show]").click()
    await desk.sees("#pop", "Number withheld")
    await desk.sees("#pop .remarks", "A-17")


async def test_a_disabled_person_and_a_vip(desk: Desk) -> None:
    await desk.open()
    people = (ex.candidate("Vera Lang", vip=True), ex.candidate("Max Alt", disabled=True))
    desk.ring(replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, people)))
    await desk.sees("#pop .belongs > .person", "VIP")
    await desk.sees("#candidates", "disabled in the directory")
    desk.end(desk.ring(number=2))
    only = replace(ex.IDENTIFIED, resolution=Resolution(Status.UNKNOWN, None, people[1:]))
    await desk.page.get_by_role("button", name="Put aside", exact=True).click()
    desk.ring(only, number=3)
    await desk.sees("#pop", "Number is on record only for")


async def test_the_first_pop_without_its_record_fills_up(desk: Desk) -> None:
    await desk.open()
    unread = ex.candidate(None, job_title=None, organization=None, site=None, language=None, email=None)
    call = desk.ring(replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (unread,))))
    await desk.sees("#person", "Reading the record")
    await desk.page.evaluate("window.before = document.getElementById('greeting')")
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(ex.IDENTIFIED, call), now()))
    await desk.sees("#person", "Regula Frei")
    assert await desk.page.evaluate("window.before === document.getElementById('greeting')"), (
        "what stays is not touched"
    )


async def test_the_focus_is_never_taken(desk: Desk) -> None:
    page = await desk.open()
    await page.evaluate(
        "() => { const field = document.createElement('input'); field.id = 'phone'; document.body.append(field); }"
    )
    await page.locator("#phone").focus()
    call = desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.keyboard.type("hel")
    desk.end(call, Outcome.ANSWERED_ELSEWHERE)
    await desk.sees("#pop .chip", "Answered")
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#strips", "Globex Assistance")
    await page.keyboard.type("lo")
    assert await desk.focus() == "phone"
    assert await page.input_value("#phone") == "hello"


async def test_what_the_agent_has_focused_survives_an_update(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring()
    await page.locator("#pop a").focus()
    more = replace(ex.IDENTIFIED, resolution=ex.AMBIGUOUS.resolution)
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(more, call), now()))
    await desk.sees("#candidates", "Reto Frei")
    assert await desk.focus() == "A"


# -- during and after --------------------------------------------------------------------------------------------------


async def test_a_pop_survives_the_pick_up_until_it_is_dismissed(desk: Desk) -> None:
    page = await desk.open()
    desk.end(desk.ring(), Outcome.ANSWERED_ELSEWHERE)
    await desk.sees("#pop .chip", "Answered on another device")
    await desk.sees("#person", "Regula Frei")
    await desk.picture("answered")
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator("#pop")).to_be_hidden()
    await desk.sees("#waiting", "Waiting for the next call")
    await desk.sees("#recent", "Regula Frei")
    await page.locator("#recent button").click()
    await desk.sees("#person", "Regula Frei")


async def test_a_call_that_was_given_up_gives_way(desk: Desk) -> None:
    await desk.open()
    desk.end(desk.ring(ex.SHARED))
    await desk.sees("#pop .chip", "Caller hung up")
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#company", "Globex Assistance")
    await expect(desk.page.locator(".strip")).to_have_count(0)


async def test_a_second_call_stands_beside_and_moves_nothing(desk: Desk) -> None:
    page = await desk.open()
    desk.end(desk.ring(), Outcome.ANSWERED_ELSEWHERE)
    await desk.sees("#pop .chip", "Answered")
    before = await page.locator("#pop").bounding_box()
    second = desk.ring(GLOBEX_CALL, number=2)
    third = desk.ring(ex.WITHHELD, number=3)
    await expect(page.locator(".strip")).to_have_count(2)
    await desk.sees("#strips", "Globex Assistance")
    await desk.sees("#strips", "français")
    await desk.sees("#strips", "Bonsoir, Globex assistance informatique")
    await desk.sees("#company", "ACME IT Service Desk")
    assert await page.locator("#pop").bounding_box() == before
    await desk.picture("beside")
    desk.end(third)
    await expect(page.locator(".strip")).to_have_count(1)
    await page.locator(".strip [data-focus=show]").click()
    await desk.sees("#company", "Globex Assistance")
    await desk.sees("#strips", "Regula Frei")
    desk.end(second)
    await desk.sees("#pop .chip", "Caller hung up")


async def test_a_queue_that_rings_in_rounds_is_one_call_and_is_announced_once(desk: Desk) -> None:
    page = await desk.open()
    await page.evaluate(
        """() => { window.said = [];
            const node = document.getElementById("announce");
            const watch = { childList: true, characterData: true, subtree: true };
            new MutationObserver(() => window.said.push(node.textContent)).observe(node, watch); }"""
    )
    for round_ in (1, 2, 3):
        call = desk.ring(round=round_)
        await desk.sees("#pop .chip", "Ringing" if round_ == 1 else f"round {round_}")
        if round_ < 3:
            desk.end(call, Outcome.UNKNOWN)
            await desk.sees("#pop .chip", "Ended")
    await expect(page.locator("#recent li")).to_have_count(1)
    assert await page.evaluate("window.said.map((text) => text.replace(/[\\u2068\\u2069]/g, ''))") == [
        "Call for ACME IT Service Desk. German (Switzerland). Number belongs to Regula Frei."
    ]

    def shown() -> list[int]:
        return [command.sequence for command in desk.server.commands if isinstance(command, Shown)]

    # Said after the next paint: the chip may stand there before.
    await until(lambda: len(shown()) >= 3, "the third round is shown")
    assert shown() == [1, 3, 5]


async def test_shown_is_said_when_it_stands_on_a_visible_page(desk: Desk) -> None:
    await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")

    def shown() -> list[Shown]:
        return [command for command in desk.server.commands if isinstance(command, Shown)]

    await until(lambda: bool(shown()), "it is said to be shown")
    await asyncio.sleep(0.2)
    assert shown() == [Shown("ana", "01JDX001", 1)]
    assert await desk.page.title() == "● ACME IT Service Desk · Deutsch (Schweiz)"


async def test_events_are_acknowledged(desk: Desk) -> None:
    await desk.open()
    desk.ring()
    await asyncio.sleep(1.5)
    assert desk.server.desks._desks["ana"].acked == 1
