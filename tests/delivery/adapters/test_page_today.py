"""The calls of today on the page: the daemon's list, and what events make of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.page_beside import Beside, call, entry, event, pop, stranger
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
def beside(chromium: Chromium) -> Beside:
    return Beside(chromium)


def happens(what: str, /, **data: Any) -> dict[str, Any]:
    return {"type": "event", "event": event(what, **data)}


def told(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"type": "today", "data": {"since": "2026-11-22T00:00:00Z", "calls": list(calls)}}


ASKED = {"type": "send", "frame": {"type": "today", "since": "2026-11-22T00:00:00Z"}}


def welcome(*calls: dict[str, Any], details: Any = (), resumed: bool = False) -> dict[str, Any]:
    return {"type": "welcome", "data": {"resumed": resumed, "calls": list(calls), "details": list(details)}}


# -- the reducer, alone ------------------------------------------------------------------------------------------------


async def test_events_make_of_a_call_what_the_list_would_say(beside: Beside) -> None:
    answered = call(1, outcome="answered_elsewhere", answered_by={"line": "6002", "agent": "ben"})
    made = await beside.fold(
        happens("call.ringing", **pop(1)),
        happens("call.worked", call=call(1, outcome=None), by="ben", state=None, note="Printer again"),
        happens("call.ended", call=answered),
    )
    assert made["calls"] == [entry(1, notes=1) | {"call": answered}]


async def test_a_later_revision_says_who_it_is_and_keeps_the_notes(beside: Beside) -> None:
    nameless = pop(1)
    nameless["resolution"] = {"status": "unknown", "revision": 1, "account": None, "candidates": []}
    note = happens("call.worked", call=call(1), by="ben", state=None, note="Printer again")
    first = await beside.fold(happens("call.ringing", **nameless), note)
    assert (first["calls"][0]["who"], first["calls"][0]["call_back"]) == (None, None)
    made = await beside.fold(happens("call.ringing", **nameless), note, happens("call.updated", **pop(1)))
    assert (made["calls"][0]["who"], made["calls"][0]["notes"]) == ("Regula Frei", 1)


async def test_what_was_heard_while_the_list_was_read_is_newer_than_it(beside: Beside) -> None:
    """The list comes from the disk, where the end of the call is not written yet, nor the newest call at all."""
    ended = call(1, outcome="abandoned")
    settled = happens("call.worked", call=ended, by="ben", state="settled", note=None)
    made = await beside.fold(
        happens("call.ringing", **pop(1)),
        ASKED,
        happens("call.ended", call=ended),
        settled,
        happens("call.ringing", **pop(2)),
        told(entry(1, outcome=None), stranger(3, 9)),
    )
    assert [one["call"]["id"] for one in made["calls"]] == ["c2", "c1", "c3"]
    assert made["calls"][1]["call"]["state"] == "ended"
    assert made["calls"][1]["work"]["state"] == "settled"


async def test_what_the_list_knows_no_longer_is_gone(beside: Beside) -> None:
    """Yesterday's calls when the day turns, and who was removed from the store."""
    made = await beside.fold(happens("call.ringing", **pop(1)), ASKED, told(stranger(3, 9)))
    assert [one["call"]["id"] for one in made["calls"]] == ["c3"]


async def test_a_person_that_may_not_be_seen_any_more_is_not_kept_from_before(beside: Beside) -> None:
    made = await beside.fold(
        ASKED,
        happens("call.ringing", **pop(1)),
        told(entry(1, outcome=None, who=None, call_back=None, status="unknown")),
    )
    assert (made["calls"][0]["who"], made["calls"][0]["call_back"]) == (None, None)


async def test_the_snapshot_stands_until_the_list_comes(beside: Beside) -> None:
    taken = {"state": "taken", "by": "ben", "at": "2026-11-22T08:00:00Z", "answered_in": None}
    note = {"by": "ben", "text": "x", "at": None}
    details = [{"call": "c1", "rang_in": 1, "pop": pop(1), "notes": [note], "work": taken}]
    made = await beside.fold(welcome({"call": call(1, outcome="abandoned")}, details=details))
    (one,) = made["calls"]
    assert (one["who"], one["notes"], one["work"]["by"]) == ("Regula Frei", 1, "ben")
    assert one["call"]["outcome"] == "abandoned"


async def test_a_call_that_rang_and_is_not_in_the_snapshot_rings_no_more(beside: Beside) -> None:
    made = await beside.fold(happens("call.ringing", **pop(1)), welcome())
    assert made["calls"][0]["call"]["outcome"] == "unknown"
    resumed = await beside.fold(happens("call.ringing", **pop(1)), welcome(resumed=True))
    assert resumed["calls"][0]["call"]["state"] == "ringing"


async def test_the_list_is_bounded(beside: Beside) -> None:
    made = await beside.fold(*(happens("call.ringing", **pop(n, minutes=300 - n)) for n in range(230)))
    assert len(made["calls"]) == 200
    assert made["calls"][0]["call"]["id"] == "c229"


async def test_only_a_number_on_record_can_be_called_back(beside: Beside) -> None:
    dials = {}
    for grade, status in (("exact", "identified"), ("rewritten", "ambiguous"), ("extension", "identified"),
                          ("suffix", "ambiguous"), (None, "unknown"), (None, "shared")):  # fmt: skip
        data = pop(1)
        (candidate,) = data["resolution"]["candidates"]
        candidate["evidence"] = [{"kind": "number", "grade": grade}, {"kind": "called_account"}]
        data["resolution"] |= {"status": status, "candidates": [candidate] if grade else []}
        made = await beside.fold(happens("call.ringing", **data))
        dials[grade or status] = made["calls"][0]["call_back"]
    number = "+4915112345678"
    assert dials == {
        "exact": number, "rewritten": number, "extension": None, "suffix": None, "unknown": None, "shared": number,
    }  # fmt: skip


# -- on the page -------------------------------------------------------------------------------------------------------


async def test_each_call_stands_there_with_its_outcome_and_its_notes(beside: Beside) -> None:
    taken = {"outcome": "answered_elsewhere", "answered_by": {"line": "6002", "agent": "ben"}}
    other = stranger(4, 70, call=call(4, 70, "answered_elsewhere", answered_by={"line": "6009", "agent": None}))
    hidden = stranger(3, 50, call=call(3, 50, "timed_out"), number=None, status="withheld")
    page = await beside.open(entry(1, 5, notes=2), entry(2, 20, call=call(2, 20) | taken), hidden, other)
    texts = ["Caller hung up·2 notes", "Answered by Ben Okafor", "Rang out", "Answered by Line 6009"]
    for place, text in enumerate(texts):
        await beside.sees(f"#recent li >> nth={place}", text.split("·")[0])
    await beside.sees("#recent li >> nth=0", "2 notes")
    await beside.sees("#recent li >> nth=0", "Regula Frei")
    await beside.sees("#recent li >> nth=2", "Number withheld")
    await beside.sees("#recent li >> nth=3", "+493010000004")
    links = page.locator("#recent a")
    assert [await link.get_attribute("href") for link in await links.all()] == ["tel:+4915112345678"] * 2
    assert beside.chromium.errors == []


async def test_beside_the_call_the_agents_own_name_was_not_known(beside: Beside) -> None:
    """It said "Answered by ana", where the call itself said "Ana Novak"."""
    taken = {"outcome": "answered_elsewhere", "answered_by": {"line": "6001", "agent": "ana"}}
    await beside.open(entry(2, 20, call=call(2, 20) | taken))
    await beside.sees("#recent .how", "Answered by Ana Novak")


async def test_a_note_on_its_way_was_signed_with_an_id(beside: Beside) -> None:
    page = await beside.open()
    beside.event("call.ringing", **pop(1))
    await page.fill("#note", "Printer again")
    await page.locator("#note").press("Control+Enter")
    await expect(page.locator("#notes li .by bdi")).to_have_text("Ana Novak")


async def test_a_click_shows_a_call_that_the_page_still_has(beside: Beside) -> None:
    page = await beside.open(stranger(3, 50))
    beside.event("call.ringing", **pop(1))
    beside.event("call.ended", call=call(1, 0))
    await beside.sees("#recent li >> nth=0", "Caller hung up")
    await expect(page.locator("#recent button.entry")).to_have_count(1)
    await page.locator("#pop .status .button").last.click()
    await expect(page.locator("#pop")).to_be_hidden()
    await page.locator("#recent button.entry").click()
    await expect(page.locator("#pop")).to_be_visible()
    await expect(page.locator("#recent li").first).to_have_attribute("aria-current", "true")


async def test_the_page_asks_again_behind_each_welcome_and_when_the_day_turns(beside: Beside) -> None:
    """Who was missed before midnight still waits behind it; his call is none of today's any more."""
    page = await beside.stand("Europe/Berlin", datetime(2026, 11, 22, 22, 58, 30, tzinfo=UTC))
    late = call(1, rang_at="2026-11-22T22:50:00Z", ended_at="2026-11-22T22:50:09Z")
    beside.today = [entry(1, call=late)]
    await beside.sign_in()
    await beside.asks("today", since="2026-11-21T23:00:00.000Z")
    await expect(page.locator("#recent li")).to_have_count(1)
    await page.clock.fast_forward("01:10")
    assert beside.times("today") == 1
    await page.clock.fast_forward("01:10")
    await beside.asks_times("today", 2)
    await expect(page.locator("#recent li")).to_have_count(0)
    await expect(page.locator("#missed li")).to_have_count(1)
    await beside.drop()
    await page.clock.fast_forward("00:30")
    await beside.asks_times("today", 3)


async def test_nobody_stays_on_the_list_of_a_page_that_is_open_all_day_when_a_grant_ends(beside: Beside) -> None:
    page = await beside.open(entry(1, 200), stranger(2, 50))
    beside.event("call.ringing", **pop(3))
    beside.event("call.ended", call=call(3, 0))
    await page.locator("#pop .status .button").last.click()
    await expect(page.locator("#recent button.entry")).to_have_count(1)
    await beside.sees("#recent", "Regula Frei")
    await page.clock.fast_forward("01:01")
    assert beside.times("today") == 1, "while the grants are as they were"
    beside.today, beside.grants = [stranger(1, 200), stranger(2, 50)], "c3d4"
    await page.clock.fast_forward("01:01")
    await beside.asks_times("today", 2)
    await expect(page.locator("#recent li")).to_have_count(2)
    await expect(page.locator("#desk")).not_to_contain_text("Regula Frei")
    await expect(page.locator("#recent button.entry")).to_have_count(0)


async def test_names_and_numbers_of_strangers_are_shown_as_they_are(beside: Beside) -> None:
    evil = '<img src=x onerror="document.title=1">'
    page = await beside.open(entry(1, who=evil, company=evil, endonym=evil), stranger(2, number=evil))
    for part in ("#recent", "#missed"):
        await beside.sees(f"{part} li >> nth=0", evil)
        await beside.sees(f"{part} li >> nth=1", evil)
    assert await page.locator("aside img").count() == 0
    assert beside.chromium.errors == []
