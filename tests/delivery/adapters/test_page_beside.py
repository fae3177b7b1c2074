"""What stands beside the call: the customer's texts, notices, lines, colleagues."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.page_beside import LINES, Beside, call, entry, event, pop, said, stranger
from tests.delivery.adapters.test_page_looks import CONTRAST
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")

BRIEFING = "Say hello in the caller's language.\n\nPrinters: ask for the floor. " + "Read no password out. " * 20
CUSTOMER = {
    "account": {"id": "acme", "name": "ACME AG"},
    "briefing": {"language": "en", "text": BRIEFING},
    "verification": {"language": "de-CH", "text": "1. Personalnummer\n2. Name der Vorgesetzten"},
    "announcements": [
        {"id": "a1", "text": {"language": "und", "text": "SAP is away until 16:00."}, "site": "Zürich"},
        {"id": "a2", "text": {"language": "ar", "text": "الطابعة متوقفة"}, "site": None},
    ],
}


@pytest.fixture
def beside(chromium: Chromium) -> Beside:
    return Beside(chromium)


# -- the customer ------------------------------------------------------------------------------------------------------


async def test_the_customers_texts_keep_their_lines_their_language_and_their_direction(beside: Beside) -> None:
    page = await beside.open()
    await expect(page.locator("#customer")).to_be_hidden()
    beside.event("call.ringing", **pop(customer=CUSTOMER))
    await beside.sees("#customer h2", "About ACME AG")
    verification = page.locator("#customer .verification p")
    await expect(verification).to_have_text("1. Personalnummer\n2. Name der Vorgesetzten", use_inner_text=True)
    assert await verification.get_attribute("lang") == "de-CH"
    first, second = await page.locator("#customer .announcements .plain").all()
    assert await first.get_attribute("lang") is None
    assert await second.evaluate("node => getComputedStyle(node).direction") == "rtl"
    await beside.sees("#customer .announcements li >> nth=0", "Only Zürich")


async def test_a_long_briefing_is_short_until_it_is_asked_for_and_moves_nothing_of_the_call(beside: Beside) -> None:
    page = await beside.open()
    beside.event("call.ringing", **pop(customer=CUSTOMER))
    more = page.get_by_role("button", name="Show all: briefing")
    folded = await page.locator("#briefing-text").bounding_box()
    before = await page.locator("#pop").bounding_box()
    await more.press("Enter")
    unfolded = await page.locator("#briefing-text").bounding_box()
    assert folded is not None
    assert unfolded is not None
    assert unfolded["height"] > 1.5 * folded["height"]
    assert await page.locator("#pop").bounding_box() == before
    less = page.get_by_role("button", name="Show less: briefing")
    await expect(less).to_have_attribute("aria-expanded", "true")
    beside.event("call.answered", call=call(outcome=None, state="answered", answered_at=call()["rang_at"]))
    beside.event("call.ringing", **pop(2))
    await expect(less).to_be_visible()  # what was asked for is not folded again by what happens
    await expect(less).to_be_focused()


async def test_how_to_verify_stands_there_as_long_as_somebody_may_speak(beside: Beside) -> None:
    page = await beside.open()
    verification = page.locator("#customer .verification")
    beside.event("call.ringing", **pop(customer=CUSTOMER))
    await expect(verification).to_be_visible()
    beside.event("call.ended", call=call(outcome="answered_elsewhere"))
    await beside.sees("#recent", "Answered on another device")
    await expect(verification).to_be_visible()
    beside.event("call.ringing", **pop(2, customer=CUSTOMER, call=call(2, 0, None)))
    await page.locator("#recent li[data-key=c2] button").click()
    beside.event("call.ended", call=call(2, 0))
    await expect(page.locator("#pop")).to_have_attribute("data-state", "ended")
    await expect(verification).to_have_count(0)


async def test_a_call_of_no_granted_account_shows_no_customer(beside: Beside) -> None:
    page = await beside.open()
    beside.event("call.ringing", **pop(customer=CUSTOMER))
    await expect(page.locator("#customer")).to_be_visible()
    beside.event("call.updated", **pop())  # the grant ended
    await expect(page.locator("#customer")).to_be_hidden()
    assert "Personalnummer" not in await page.content()


# -- lines, colleagues, notices ----------------------------------------------------------------------------------------


async def test_seats_are_taken_and_left_with_the_keyboard(beside: Beside) -> None:
    page = await beside.open()
    await page.get_by_role("button", name=said("Sit here: line 6004")).press("Enter")
    await beside.asks("sit", lines=["6001", "6004"])
    beside.hear("pong", lines=[LINES[0], LINES[1] | {"sitting": True, "state": "deaf"}])
    await beside.sees("#lines", "its calls do not appear here")
    leave = page.get_by_role("button", name=said("Leave line 6004"))
    await expect(leave).to_be_focused()
    await leave.press("Enter")
    await beside.asks("sit", lines=["6001"])


async def test_colleagues_stand_with_their_languages_in_the_words_of_the_page(beside: Beside) -> None:
    page = await beside.open(locale="de-DE")
    await beside.sees("#colleagues li >> nth=0", "Ben Okafor")
    await beside.sees("#colleagues li >> nth=0", "Englisch und Französisch")
    await beside.sees("#colleagues li >> nth=1", "Spanisch, Deutsch und Arabisch")
    assert [await li.get_attribute("data-here") for li in await page.locator("#colleagues li").all()] == ["true", None]


async def test_the_page_asks_who_is_here_while_somebody_looks(beside: Beside) -> None:
    page = await beside.stand()
    await beside.sign_in()
    await beside.asks("colleagues")
    assert beside.times("colleagues") == 1
    await page.clock.run_for(121_000)
    await beside.asks_times("colleagues", 3)


async def test_notices_are_said_in_the_readers_language_where_they_are_known(beside: Beside) -> None:
    page = await beside.open(locale="de-DE")
    beside.event("notice", kind="number_at_several", text="The number is at ACME and Globex.", call="c1")
    beside.event("notice", kind="nobody_sits", text="In English.", line="6004", trunk="pbx")
    await expect(page.locator("#notices li")).to_have_count(2)
    await expect(page.locator("#notices")).not_to_contain_text("In English.")
    await expect(page.locator("#notices bdi[lang=en]")).to_have_text("The number is at ACME and Globex.")
    await page.locator("#notices button").first.click()
    await expect(page.locator("#notices li")).to_have_count(1)


async def test_that_nothing_is_stored_stands_above_while_it_is_so_and_beside_afterwards(beside: Beside) -> None:
    page = await beside.open()
    beside.event("notice", kind="live_only", text="x")
    await expect(page.locator("#notices li")).to_have_count(0)
    beside.event("notice", kind="stored_again", text="x")
    await beside.sees("#notices", "Everything is stored again.")


async def test_that_its_node_is_alone_stands_above_while_it_is_so_also_for_who_comes_meanwhile(beside: Beside) -> None:
    page = await beside.open(locale="de-DE")
    above = page.locator("#alerts [data-kind=node_alone]")
    beside.event("notice", kind="node_alone", text="x")
    await beside.sees("#alerts", "Von den anderen Servern getrennt")
    beside.event("call.ringing", **pop(customer=CUSTOMER))
    for width in (360, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    beside.node_alone = True
    await beside.drop()
    await beside.asks_times("auth", 2)
    await expect(page.locator("#link")).to_have_attribute("data-link", "live")
    await expect(above).to_have_count(1)
    await expect(page.locator("#notices li")).to_have_count(0)
    beside.event("notice", kind="node_together", text="x")
    await beside.sees("#notices", "Wieder mit den anderen Servern verbunden")
    await expect(above).to_have_count(0)


async def test_what_is_replayed_is_older_than_the_welcome(beside: Beside) -> None:
    said = [{"kind": kind, "text": "x", "line": "6001", "trunk": "pbx"} for kind in ("node_alone", "line_deaf")]
    replayed = [{"type": "event", "event": event("notice", 1 + n, **one)} for n, one in enumerate(said)]
    welcome = {"agent": "ana", "epoch": "k3f9", "sequence": 2, "lines": LINES, "resumed": True, "node_alone": False}
    told = {"type": "welcome", "data": welcome, "now": 0}
    made = await beside.fold_all(told, *({**one, "live": False} for one in replayed))
    assert (made["nodeAlone"], made["lines"][0]["state"]) == (False, "registered")
    made = await beside.fold_all(told, *({**one, "live": True} for one in replayed))
    assert (made["nodeAlone"], made["lines"][0]["state"]) == (True, "deaf")


# -- all of it ---------------------------------------------------------------------------------------------------------


async def test_who_is_signed_out_leaves_nothing_behind(beside: Beside) -> None:
    page = await beside.open(entry(1, 42))
    beside.event("call.ringing", **pop(2, customer=CUSTOMER))
    beside.worked(call(1, 42), "settled")  # its row would stay for some seconds
    await beside.sees("#customer", "Personalnummer")
    await beside.drop(4401)
    await expect(page.locator("#sign-in")).to_be_visible()
    await expect(page.locator("aside li")).to_have_count(0)
    rail = await page.locator("aside").inner_text()
    content = await page.locator("aside").text_content() or ""
    assert not any(word in rail + content for word in ("Regula", "+49", "Ben Okafor", "6001", "Personalnummer"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_on_every_screen(beside: Beside, scheme: Any) -> None:
    hidden = stranger(5, 8, number=None, status="withheld")
    page = await beside.open(entry(1, 42), entry(2, 12, notes=2), stranger(3, 25), stranger(4, 60), hidden)
    await page.emulate_media(color_scheme=scheme)
    beside.event("call.ringing", **pop(7, customer=CUSTOMER))
    beside.event("notice", kind="nobody_sits", text="x", line="6004", trunk="pbx")
    beside.worked(call(4, 60), "taken")
    await page.locator("#missed").hover()  # the settled row stays for as long as somebody is there
    beside.worked(call(3, 25), "settled")
    await beside.sees("#missed", "Settled by Ben Okafor")
    assert await page.evaluate(CONTRAST) == []
    for width in (360, 768, 1280, 3840):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        call_box = await page.locator("#pop").bounding_box()
        rail = await page.locator("aside").bounding_box()
        assert call_box is not None
        assert rail is not None
        below = rail["y"] >= call_box["y"] + call_box["height"]
        assert below == (width <= 768), "small: the call first; else beside it"
        await beside.chromium.picture(page, f"beside-{width}-{scheme}")
    assert beside.chromium.errors == []


async def test_the_keyboard_goes_through_the_parts_from_top_to_bottom(beside: Beside) -> None:
    page = await beside.open(entry(1, 42), stranger(2, 12))
    beside.event("call.ringing", **pop(7, customer=CUSTOMER))
    await beside.sees("#customer", "About ACME AG")
    await page.locator("#customer .more").focus()
    seen = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        seen.append(await page.evaluate("document.activeElement.closest('section')?.id"))
    parts = list(dict.fromkeys(seen))
    assert parts[:3] == ["missed", "recent", "lines"]
