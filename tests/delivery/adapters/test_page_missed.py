"""Who was missed and waits for a call back: who stands there, in which order, and how he comes to leave."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.page_beside import GLOBEX, Beside, ago, call, entry, pop, stranger
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
def beside(chromium: Chromium) -> Beside:
    return Beside(chromium)


async def waiting(beside: Beside, *calls: dict[str, Any]) -> list[tuple[list[str], str | None]]:
    """Of each row: its calls, and who works on it."""
    made = await beside.fold({"type": "today", "data": {"since": ago(600), "calls": list(calls)}})
    return [([one["call"]["id"] for one in row["calls"]], (row["work"] or {}).get("by")) for row in made["waiting"]]


def work(state: str, by: str | None = "ben", minutes: float = 1, answered_in: str | None = None) -> dict[str, Any]:
    return {"state": state, "by": by, "at": ago(minutes), "answered_in": answered_in}


# -- who waits ---------------------------------------------------------------------------------------------------------


async def test_callers_stand_in_the_order_of_their_wait_each_once(beside: Beside) -> None:
    rows = await waiting(beside, entry(1, 40), entry(2, 5), stranger(3, 20), stranger(4, 60))
    assert rows == [(["c4"], None), (["c1", "c2"], None), (["c3"], None)]


async def test_the_same_number_at_another_company_is_another_row(beside: Beside) -> None:
    assert len(await waiting(beside, entry(1, 40), entry(2, 5, account=GLOBEX))) == 2


async def test_two_withheld_callers_are_not_one(beside: Beside) -> None:
    hidden = {"number": None, "status": "withheld", "who": None, "call_back": None}
    assert len(await waiting(beside, entry(1, 40, **hidden), entry(2, 5, **hidden))) == 2


async def test_answered_elsewhere_is_not_missed_and_an_unknown_end_is_not_claimed_to_be(beside: Beside) -> None:
    outcomes = ("answered_elsewhere", "answered_here", "unknown")
    others = [stranger(n, 9, call=call(n, 9, outcome)) for n, outcome in enumerate(outcomes)]
    assert await waiting(beside, *others, stranger(8, 9, call=call(8, 9, "timed_out"))) == [(["c8"], None)]


async def test_who_was_answered_or_settled_later_waits_no_more_and_waits_anew_when_missed_again(beside: Beside) -> None:
    answered = entry(2, 30, call=call(2, 30, "answered_elsewhere"))
    assert await waiting(beside, entry(1, 40), answered) == []
    assert await waiting(beside, entry(1, 40), entry(2, 30, work=work("settled"))) == []
    assert await waiting(beside, entry(1, 40), answered, entry(3, 10)) == [(["c3"], None)]


async def test_a_take_is_of_the_caller_not_of_one_of_his_calls(beside: Beside) -> None:
    assert await waiting(beside, entry(1, 40, work=work("taken")), entry(2, 5)) == [(["c1", "c2"], "ben")]
    newest = entry(1, 40, work=work("taken", "ben", 1)), entry(2, 30, work=work("taken", "ana", 20))
    assert await waiting(beside, *newest) == [(["c1", "c2"], "ben")]


async def test_a_queue_that_rings_in_rounds_does_not_make_the_row_come_and_go(beside: Beside) -> None:
    again = entry(1, 3, call=call(1, 3, None, round=2))
    assert await waiting(beside, again) == [(["c1"], None)]
    assert await waiting(beside, entry(1, 3, outcome=None)) == []


# -- what one does about it --------------------------------------------------------------------------------------------


async def test_i_call_back_says_so_everywhere_and_done_settles(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12))
    await beside.sees("#missed li >> nth=0", "42 minutes ago")
    await page.get_by_role("button", name="I call").first.click()
    await beside.asks("take", call="c1")
    await expect(page.locator("#missed li").first.get_by_role("button", name="Done")).to_be_disabled()
    beside.worked(call(1, 42), "taken", by="ana")
    await beside.sees("#missed li >> nth=0", "You call back, ")
    await page.get_by_role("button", name="Done").first.click()
    await beside.asks("done", call="c1")
    beside.worked(call(1, 42), "settled", by="ana")
    await beside.sees("#missed li >> nth=0", "Settled by you")
    await beside.sees("#missed-status", "1 missed caller waits")


async def test_who_called_three_times_is_called_back_and_settled_once(beside: Beside) -> None:
    """A colleague's desk may have heard only one of his calls."""
    page = await beside.open(entry(1, 42), entry(2, 12), entry(3, 3))
    await beside.sees("#missed li", "3 calls since")
    await page.get_by_role("button", name="Done").click()
    await beside.asks_times("done", 3)
    await expect(page.get_by_role("button", name="Done")).to_be_disabled()
    beside.hear("error", code="not_allowed", message="ben settled this call 0 min ago")
    for nr, minutes in ((2, 12), (3, 3)):
        beside.worked(call(nr, minutes), "settled", by="ana")
    await beside.sees("#missed li", "Settled by you")


async def test_a_colleague_calls_back_and_nobody_else_may_for_a_while(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 90, work=work("taken", minutes=16)))
    beside.worked(call(1, 42), "taken", by="ben")
    row = page.locator("#missed li", has_text="Regula Frei")
    await beside.sees("#missed li >> nth=1", "Ben Okafor calls back, ")
    await expect(row.get_by_role("button", name="I call")).to_have_count(0)
    await expect(row.get_by_role("button", name="Done")).to_have_count(1)
    late = page.locator("#missed li", has_text="Globex")
    await expect(late.get_by_role("button", name="I call")).to_have_count(1)


async def test_a_settled_row_says_by_whom_and_leaves_when_no_hand_is_on_the_list(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12), stranger(3, 5))
    await expect(page.locator("#missed li")).to_have_count(3)
    await page.locator("#missed li").nth(1).hover()
    below = await page.locator("#missed li").nth(1).bounding_box()
    beside.worked(call(1, 42), "settled")
    await beside.sees("#missed li >> nth=0", "Settled by Ben Okafor")
    await page.clock.fast_forward(30_000)
    await expect(page.locator("#missed li")).to_have_count(3)
    box = await page.locator("#missed li").nth(1).bounding_box()
    assert below is not None
    assert box is not None
    assert abs(box["y"] - below["y"]) < 40, "the row under the hand is still the same"
    await page.mouse.move(5, 5)
    await expect(page.locator("#missed li")).to_have_count(2)
    beside.event("call.ringing", **pop(9, called=CALLED, caller=CALLER, resolution=UNKNOWN))
    beside.event("call.ended", call=call(9, 0, "answered_elsewhere", answered_by={"line": "6002", "agent": "eva"}))
    await beside.sees("#missed", "Answered later by Eva Marín")
    await page.clock.fast_forward(7_000)
    await expect(page.locator("#missed li")).to_have_count(1)


async def test_the_row_stays_where_he_is_settled_before_the_call_that_he_was_answered_in_has_ended(
    beside: Beside,
) -> None:
    """Another desk's end settles him first: his row was gone at once, and nobody read why."""
    page = await beside.open(entry(1, 42))
    beside.event("call.ringing", **pop(9))
    await beside.sees("#missed", "Rings now")
    beside.worked(call(1, 42), "settled", by=None, answered_in="c9")
    await beside.sees("#missed", "Answered later")
    beside.event("call.ended", call=call(9, 0, "answered_elsewhere"))
    await beside.sees("#missed", "Answered later")
    await expect(page.locator("#missed li")).to_have_count(1)


CALLED = pop()["called"] | {"account": GLOBEX, "name": "Globex Assistance"}
CALLER = pop()["caller"] | {"number": "+493010000002", "raw": None}
UNKNOWN = {"status": "unknown", "revision": 1, "account": None, "candidates": []}


async def test_a_call_that_the_list_knows_no_longer_leaves_at_once(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12))
    beside.today = [stranger(2, 12)]
    await beside.drop()
    await page.clock.fast_forward("00:30")
    await expect(page.locator("#missed li")).to_have_count(1)
    await expect(page.locator("#missed")).not_to_contain_text("Regula")


async def test_a_refusal_stands_in_its_row(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12))
    await page.locator("#missed li").nth(1).get_by_role("button", name="I call").click()
    await beside.asks("take", call="c2")
    beside.hear("error", code="not_allowed", message="Ben Okafor calls this caller back.")
    await beside.sees("#missed li >> nth=1", "Ben Okafor calls this caller back.")
    await expect(page.locator("#missed .refused")).to_have_count(1)
    await expect(page.locator("#missed li").nth(1).get_by_role("button", name="I call")).to_be_enabled()
    beside.worked(call(2, 12), "taken")
    await expect(page.locator("#missed .refused")).to_have_count(0)


async def test_a_withheld_caller_cannot_be_called_back_but_settled(beside: Beside) -> None:
    page = await beside.open(entry(1, 42, number=None, status="withheld", who=None, call_back=None))
    await beside.sees("#missed li", "Number withheld")
    await expect(page.locator("#missed a")).to_have_count(0)
    await expect(page.locator("#missed").get_by_role("button", name="I call")).to_have_count(0)
    await page.locator("#missed").get_by_role("button", name="Done").click()
    await beside.asks("done", call="c1")


async def test_the_keyboard_keeps_its_place_while_the_row_changes(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12))
    done = page.locator("#missed li").first.get_by_role("button", name="Done")
    await done.focus()
    beside.worked(call(1, 42), "taken")
    await beside.sees("#missed li >> nth=0", "Ben Okafor calls back")
    await expect(done).to_be_focused()
    beside.event("call.ringing", **pop(3))
    await beside.sees("#missed li >> nth=0", "Rings now")
    await expect(page.locator("#missed li").first).to_be_focused()


async def test_nothing_can_be_asked_while_the_connection_is_away(beside: Beside) -> None:
    page = await beside.open(entry(1, 42))
    await page.route_web_socket("**/v1/desk", lambda _: None)
    await beside.drop()
    await expect(page.locator("#missed").get_by_role("button", name="Done")).to_be_disabled()


async def test_a_long_list_scrolls_in_itself(beside: Beside) -> None:
    page = await beside.open(*(stranger(n, 100 + n) for n in range(60)))
    await expect(page.locator("#missed li")).to_have_count(50)
    await beside.sees("#missed", "and 10 more")
    for part in ("#missed", "#recent"):
        box = await page.locator(part).bounding_box()
        assert box is not None
        assert box["height"] < 600
