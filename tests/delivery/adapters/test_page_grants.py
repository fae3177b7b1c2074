"""An agent sees other customers than before, on a page that stands open all day."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.page_beside import COLLEAGUES, LINES, NOW, Beside, call, event, pop
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")

WELCOME = {"type": "welcome", "now": NOW.timestamp() * 1000, "data": {
    "agent": "ana", "name": "Ana Novak", "epoch": "k3f9", "sequence": 0, "lines": LINES, "resumed": False, "calls": [],
    "details": [], "rings": True, "notification": "company", "live_only": False,
}}  # fmt: skip
WRITES = {"type": "draft", "call": "c1", "text": "half a note"}


@pytest.fixture
def beside(chromium: Chromium) -> Beside:
    return Beside(chromium)


def grants(mark: str) -> dict[str, Any]:
    return {"type": "colleagues", "data": {"agents": COLLEAGUES, "grants": mark}, "now": NOW.timestamp() * 1000}


def happens(sequence: int, what: str, /, **data: Any) -> dict[str, Any]:
    return {"type": "event", "event": event(what, sequence, **data), "live": True}


def worked_on(over: dict[str, Any]) -> list[dict[str, Any]]:
    """The call c1, until it is put away: Payroll was chosen for it, and what to order then was told."""
    told = {"call": call(outcome=None), "standard_requests": [{"subject": "A new badge"}], "knowledge_articles": []}
    return [
        WELCOME,
        grants("a1b2"),
        happens(1, "call.ringing", **pop(1)),
        {"type": "select", "call": "c1", "chosen": {"kind": "service", "id": "s1", "name": "Payroll of ACME"}},
        happens(2, "suggestions", **told),
        happens(3, "call.ended", call=over),
        {"type": "dismiss", "call": "c1"},
    ]


async def test_what_was_chosen_for_a_call_stayed_when_the_call_itself_was_forgotten(beside: Beside) -> None:
    made = await beside.fold_all(*worked_on(call(1)), grants("c3d4"))
    assert (made["calls"], made["selected"], made["suggestions"]) == ({}, {}, {})
    same = await beside.fold_all(*worked_on(call(1)), grants("a1b2"))
    assert list(same["selected"]) == list(same["suggestions"]) == ["c1"]


async def test_the_oldest_call_was_forgotten_without_what_was_chosen_for_it(beside: Beside) -> None:
    others = [happens(10 + n, "call.ringing", **pop(n)) for n in range(2, 35)]
    ends = [happens(100 + n, "call.ended", call=call(n)) for n in range(2, 35)]
    more = (happens(200, "call.ringing", **pop(50)), happens(201, "call.ended", call=call(50)))
    made = await beside.fold_all(*worked_on(call(1)), *others, *ends, *more)
    assert len(made["order"]) == 30
    assert (made["selected"], made["suggestions"]) == ({}, {})


@pytest.mark.parametrize("sent", [[], [{"type": "note-sent", "call": "c1", "text": "half a note"}]])
async def test_half_a_note_was_kept_and_its_call_was_not(beside: Beside, sent: list[dict[str, Any]]) -> None:
    """Nor was that of a note that may still come back: no row led to it any more."""
    made = await beside.fold_all(*worked_on(call(1)), WRITES, *sent, grants("c3d4"))
    assert list(made["calls"]) == list({**made["drafts"], **made["sending"]}) == ["c1"]
    assert (made["selected"], made["suggestions"]) == ({}, {}), "the customer's services are not the agent's words"


AWAY = {"answered_elsewhere": 120, "abandoned": 30}


@pytest.mark.parametrize("outcome", AWAY)
async def test_a_call_that_ended_long_ago_stayed_on_the_page_with_a_customer_that_may_not_be_seen(
    beside: Beside, outcome: str
) -> None:
    """The daemon empties what it knows: calls for half an hour after their end, answered ones for two."""
    for minutes, stays in ((AWAY[outcome] - 1, True), (AWAY[outcome] + 2, False)):
        rang = happens(1, "call.ringing", **pop(1, minutes)), happens(2, "call.ringing", **pop(2, minutes))
        over = happens(3, "call.ended", call=call(2, minutes, outcome)), happens(4, "call.ended", call=call(1, minutes))
        made = await beside.fold_all(WELCOME, grants("a1b2"), *rang, *over, grants("c3d4"))
        shown = [one for one in (made["main"], *made["strips"]) if one == ("c2" if outcome != "abandoned" else "c1")]
        assert bool(shown) == stays, minutes


async def test_it_stays_where_the_agent_writes_about_it(beside: Beside) -> None:
    rang, over = happens(1, "call.ringing", **pop(1, 200)), happens(2, "call.ended", call=call(1, 200))
    made = await beside.fold_all(WELCOME, grants("a1b2"), rang, over, WRITES, grants("c3d4"))
    assert made["main"] == "c1"


async def test_on_the_page_it_is_gone_with_the_next_look_at_who_is_here(beside: Beside) -> None:
    page = await beside.open()
    beside.event("call.ringing", **pop(1))
    beside.event("call.ended", call=call(1, 0))
    await beside.sees("#pop .chip", "Caller hung up")
    await page.clock.fast_forward("31:00")
    await beside.sees("#pop", "Regula Frei")
    beside.grants = "c3d4"
    await page.clock.fast_forward("01:01")
    await expect(page.locator("#pop")).to_be_hidden()
    await expect(page.locator("html")).not_to_contain_text("Regula")
