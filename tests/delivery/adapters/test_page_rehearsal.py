"""The test pop before the shift: rings as a real call does, and never leaves the page."""

from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, expect

from ctibridge.delivery.wire import PopData
from tests.delivery.adapters.attention import Attention, call
from tests.delivery.adapters.page_desk import Desk
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
async def attention(chromium: Chromium) -> Attention:
    return Attention(chromium)


async def started(attention: Attention, **options: Any) -> dict[str, Any]:
    """Rings, drawn as the page draws it; its entry."""
    page = await attention.open(**options)
    await attention.update()
    await page.locator("#tools").get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="Ring once").click()
    (act,) = await attention.acts()
    entry = {"call": act["event"]["data"]["call"], "data": act["event"]["data"]}
    await attention.update(entry)
    return entry


async def asked(attention: Attention) -> list[tuple[str, str]]:
    """What the page was asked for behind the first act."""
    return [(act["type"], act.get("event", {}).get("type", "")) for act in (await attention.acts())[1:]]


OVER = [("event-local", "call.ended"), ("dismiss", "")]


async def test_it_is_an_event_as_the_service_sends_it_and_marked_as_a_test(attention: Attention) -> None:
    entry = await started(attention)
    (act,) = await attention.acts()
    assert act["type"] == "event-local"
    assert act["event"]["type"] == "call.ringing"
    assert entry["call"]["id"].startswith("rehearsal-")
    assert entry["data"]["rehearsal"] is True
    assert entry["data"]["called"]["name"] == "Test pop"
    assert entry["data"]["language"]["endonym"] == "English"
    sent = msgspec.json.encode(entry["data"])
    whole = msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(sent, type=PopData)))
    assert {**whole, "rehearsal": True} == entry["data"], "whatever draws a call can draw this one"


@pytest.mark.parametrize("leader", [True, False])
async def test_it_has_sound_notification_and_title_in_the_tab_where_it_was_asked_for(
    attention: Attention, leader: bool
) -> None:
    entry = await started(attention)
    await attention.update(entry, leader=leader)
    assert [note["title"] for note in await attention.notes()] == ["Test pop"]
    assert [(one["repeat"], one["stopped"]) for one in await attention.sounds()] == [(True, False)]
    assert await attention.page.title() == "● Test pop · English"


async def test_it_needs_no_connection(attention: Attention) -> None:
    entry = await started(attention)
    await attention.update(entry, link={"status": "lost"})
    assert len(await attention.notes()) == 1


async def test_it_ends_by_itself_after_twenty_seconds(attention: Attention) -> None:
    page = await attention.open()
    await attention.update()
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 1"))
    await page.evaluate("page.alerts.rehearsal.start()")
    await page.clock.run_for(19_900)
    assert await asked(attention) == []
    await page.clock.run_for(200)
    assert await asked(attention) == OVER
    await page.clock.run_for(60_000)
    assert await asked(attention) == OVER, "once"


async def test_it_ends_when_it_is_put_away(attention: Attention) -> None:
    entry = await started(attention)
    await attention.update(entry)
    await attention.update()
    assert await asked(attention) == OVER
    assert await attention.notes() == []
    assert [one["stopped"] for one in await attention.sounds()] == [True]


async def test_it_gives_way_to_a_real_call_at_once(attention: Attention) -> None:
    entry = await started(attention)
    await attention.update(entry, call())
    assert await asked(attention) == OVER
    await attention.update(call())
    await expect(button(attention.page)).to_be_disabled()


@pytest.mark.parametrize("state", ["ringing", "answered"])
async def test_nobody_rehearses_while_a_customer_calls(attention: Attention, state: str) -> None:
    page = await attention.open()
    await attention.update(call(state=state))
    await page.evaluate("page.alerts.rehearsal.start()")
    assert await attention.acts() == []
    await attention.update(call(state="ended", outcome="answered_here"))
    await page.evaluate("page.alerts.rehearsal.start()")
    assert len(await attention.acts()) == 1


async def test_the_button_ends_it_and_can_be_used_again(attention: Attention) -> None:
    entry = await started(attention)
    page = attention.page
    await page.get_by_role("button", name="End the test").click()
    assert await asked(attention) == OVER
    await attention.update()
    await button(page).click()
    again = (await attention.acts())[-1]["event"]["data"]["call"]["id"]
    assert again != entry["call"]["id"]


def button(page: Page) -> Any:
    return page.get_by_role("button", name="Ring once")


async def test_on_the_agents_own_page_it_pops_and_sends_nothing(desk: Desk) -> None:
    page = await desk.open()
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))))
    await page.reload()
    await desk.sees("#link", "Connected")
    await page.locator("#tools").get_by_role("button", name="Settings").click()
    await button(page).click()
    await desk.sees("#company", "Test pop")
    await desk.sees("#pop", "Nobody (a test)")
    await expect(page).to_have_title("● Test pop · English")
    await desk.picture("rehearsal")
    await page.get_by_role("button", name="End the test").click()
    await expect(page.locator("#pop")).to_be_hidden()
    await expect(page).to_have_title("ctibridge")
    await expect(page.locator("#recent")).not_to_contain_text("Test pop")
    assert "rehearsal" not in "".join(frames)
    assert desk.chromium.errors == []


async def test_on_the_agents_own_page_a_real_call_takes_its_place(desk: Desk) -> None:
    page = await desk.open()
    await page.locator("#tools").get_by_role("button", name="Settings").click()
    await button(page).click()
    await desk.sees("#company", "Test pop")
    desk.ring()
    await desk.sees("#company", "ACME IT Service Desk")
    await expect(page.locator("#strips")).not_to_contain_text("Test pop")
    await desk.picture("rehearsal-over")
