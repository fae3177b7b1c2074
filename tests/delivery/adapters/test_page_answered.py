"""The page and who took a call: this phone, another agent's, or somebody (contract: *Answered*); and hand-overs."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.call import Outcome
from ctibridge.domain.hand_over import HandOverKind
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import GLOBEX_CALL, Desk

pytestmark = pytest.mark.peer("chromium")


async def test_a_call_that_was_answered_here_says_since_when_and_keeps_its_pop(desk: Desk) -> None:
    page = await desk.open()
    call = desk.answered(desk.ring(ago=5))
    await desk.sees("#pop .chip", "Answered here since ")
    await desk.sees("#person", "Regula Frei")
    await expect(page.locator("#pop .since")).to_have_text("0:00")
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#strips", "Globex Assistance")
    await desk.sees("#company", "ACME IT Service Desk")
    await desk.picture("answered-here")
    desk.end(call, Outcome.ANSWERED_HERE)
    await desk.sees("#company", "Globex Assistance")
    await desk.sees("#recent", "Answered here")
    assert desk.chromium.errors == []


async def test_what_was_hung_up_stays_until_the_next_call_and_no_longer(desk: Desk) -> None:
    await desk.open()
    desk.end(desk.answered(desk.ring()), Outcome.ANSWERED_HERE)
    await desk.sees("#pop .chip", "Answered here")
    await desk.sees("#person", "Regula Frei")
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#company", "Globex Assistance")
    await expect(desk.page.locator(".strip")).to_have_count(0)


async def test_a_call_that_a_colleague_took_closes_by_itself_and_says_whose(desk: Desk) -> None:
    page = await desk.open()
    desk.taken(desk.ring(), "6002", "ben")
    await expect(page.locator("#pop")).to_be_hidden()
    await desk.sees("#waiting", "Waiting for the next call")
    await desk.sees("#recent", "Answered by ben")
    desk.taken(desk.ring(number=2), "6009", None)
    await desk.sees("#recent", "Answered by Line 6009")
    await expect(page.locator("#pop")).to_be_hidden()


async def test_one_that_closes_gives_way_to_the_one_that_rings_beside_it(desk: Desk) -> None:
    await desk.open()
    first = desk.ring()
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#strips", "Globex Assistance")
    desk.taken(first, "6002", "ben")
    await desk.sees("#company", "Globex Assistance")
    await expect(desk.page.locator(".strip")).to_have_count(0)


@pytest.mark.parametrize(("line", "agent"), [("6001", None), ("6002", "ana")])
async def test_what_may_have_been_her_own_phone_stays(desk: Desk, line: str, agent: str | None) -> None:
    await desk.open()
    desk.taken(desk.ring(), line, agent)
    await desk.sees("#pop .chip", "Answered by")
    await desk.sees("#person", "Regula Frei")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (HandOverKind.INTERNAL, "Has spoken to this caller: ben (line 6002)"),
        (HandOverKind.BLIND, "Transferred by ben (line 6002)"),
        (HandOverKind.PICKUP, "Picked up from ben (line 6002)"),
    ],
)
async def test_who_hands_a_call_over_stands_above_whose_it_is(desk: Desk, kind: HandOverKind, words: str) -> None:
    await desk.open()
    assert ex.HANDED_OVER.hand_over is not None
    desk.ring(replace(ex.HANDED_OVER, hand_over=replace(ex.HANDED_OVER.hand_over, kind=kind)))
    await desk.sees("#hand-over", words)
    await desk.sees("#hand-over", "+4915112345678")
    await desk.sees("#person", "Regula Frei")
    await desk.sees("#pop .facts", "line of ben")
    await desk.picture(f"hand-over-{kind}")
    assert desk.chromium.errors == []
