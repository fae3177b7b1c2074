"""How a ringing call gets the agent's attention, and what must not be seen or heard."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.delivery.adapters.attention import RECORDER, Attention, call, recorded_notifications, recorded_sound
from tests.delivery.adapters.page_desk import Desk
from tests.peers.chromium import Chromium
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")
RINGING = [{"repeat": True, "stopped": False}]
QUIET_AGAIN = [{"repeat": True, "stopped": True}]


@pytest.fixture
async def attention(chromium: Chromium) -> Attention:
    return Attention(chromium)


async def icon(attention: Attention) -> str:
    href = await attention.page.locator("link[rel=icon]").get_attribute("href")
    assert href is not None
    return href


async def test_a_ringing_call_has_title_icon_badge_notification_and_sound_until_it_ends(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(call())
    assert await page.title() == "● ACME IT Service Desk · Deutsch (Schweiz)"
    assert await icon(attention) == "page/icon-ringing.svg"
    (note,) = await attention.notes()
    assert (note["title"], note["body"], note["tag"]) == ("ACME IT Service Desk", "Deutsch (Schweiz)", "01JDX001")
    assert note["silent"] is True, "the page has a sound of its own"
    assert await attention.sounds() == RINGING

    await attention.update(call(state="ended", outcome="abandoned"))
    assert await page.title() == "ctibridge"
    assert await icon(attention) == "page/icon.svg"
    assert await attention.notes() == []
    assert await attention.sounds() == QUIET_AGAIN
    assert await page.evaluate("desktop.badge") == [1, 0]
    assert attention.chromium.errors == []


async def test_an_answered_call_is_quiet_at_once(attention: Attention) -> None:
    await attention.open()
    await attention.update(call())
    await attention.update(call(state="answered"))
    assert await attention.notes() == []
    assert await attention.sounds() == QUIET_AGAIN


async def test_only_the_leader_rings_and_the_title_tells_it_everywhere(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(call(), leader=False)
    assert await attention.notes() == []
    assert await attention.sounds() == []
    assert (await page.title()).startswith("● ACME")

    await attention.update(call(), leader=True)
    assert len(await attention.notes()) == 1
    assert await attention.sounds() == RINGING

    await attention.update(call(), leader=False)
    assert await attention.sounds() == QUIET_AGAIN


async def test_one_notification_for_a_call_and_round_however_often_the_page_is_drawn(attention: Attention) -> None:
    page = await attention.open()
    for _ in range(3):
        await attention.update(call())
    assert await page.evaluate("desktop.notes.length") == 1
    assert await attention.sounds() == RINGING
    await attention.update(call(round=2))
    assert await page.evaluate("desktop.notes.map(({ open }) => open)") == [False, True]


async def test_a_notification_put_away_by_hand_does_not_come_back(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(call())
    await page.evaluate("desktop.notes[0].note.close()")
    await attention.update(call(), leader=False)
    await attention.update(call())
    assert await attention.notes() == []


async def test_a_click_on_the_notification_brings_the_window_and_the_call(attention: Attention) -> None:
    page = await attention.open()
    await page.evaluate("() => { globalThis.focus = () => (desktop.focused = true); }")
    await attention.update(call(1), call(2, "Globex Assistance"))
    await page.evaluate("desktop.notes[1].note.dispatchEvent(new Event('click'))")
    assert await attention.acts() == [{"type": "show", "call": "01JDX002"}]
    assert await page.evaluate("desktop.focused")
    assert [note["tag"] for note in await attention.notes()] == ["01JDX001"]


@pytest.mark.parametrize(
    ("privacy", "status", "body"),
    [
        ("company", "identified", "Deutsch (Schweiz)"),
        ("full", "identified", "Deutsch (Schweiz) · Regula Frei"),
        ("full", "ambiguous", "Deutsch (Schweiz) · +4915112345678"),
        ("full", "withheld", "Deutsch (Schweiz) · number withheld"),
        ("none", "identified", None),
    ],
)
async def test_what_the_desktop_shows_is_the_providers_choice(
    attention: Attention, privacy: str, status: str, body: str | None
) -> None:
    page = await attention.open()
    rung = call()
    rung["data"]["resolution"]["status"] = status
    if status == "withheld":
        rung["data"]["caller"] = {"number": None, "extension": None, "raw": None}
    await attention.update(rung, notification=privacy)
    said = [note["body"].replace("\u2068", "").replace("\u2069", "") for note in await attention.notes()]
    assert said == ([] if body is None else [body])
    assert await attention.sounds() == RINGING
    shared = await page.title() + (await attention.notes())[0]["title"] if said else await page.title()
    assert "Regula" not in shared
    assert "4915" not in shared


async def test_two_calls_ring_as_one_sound_and_the_second_ends_it(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(call(1), call(2, "Globex Assistance"))
    assert await page.evaluate("desktop.badge") == [2]
    await attention.update(call(2, "Globex Assistance"))
    assert await attention.sounds() == RINGING
    assert (await page.title()).startswith("● Globex Assistance")
    await attention.update()
    assert await attention.sounds() == QUIET_AGAIN


async def test_while_a_customer_is_talked_to_another_call_is_heard_once(attention: Attention) -> None:
    page = await attention.open()
    talk = call(1, state="answered")
    for _ in range(2):
        await attention.update(talk, call(2, "Globex Assistance"))
    assert [one["repeat"] for one in await attention.sounds()] == [False]
    assert await page.title() == "● Globex Assistance · Deutsch (Schweiz)"
    await attention.update(call(1, state="ended"), call(2, "Globex Assistance"))
    assert (await attention.sounds())[-1] == {"repeat": True, "stopped": False}


async def test_without_a_connection_nothing_is_claimed_and_nothing_rings_twice(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(call())
    await attention.update(call(), link={"status": "lost"})
    assert await page.title() == "ctibridge"
    assert await attention.sounds() == QUIET_AGAIN
    await attention.update(call())
    assert await page.evaluate("desktop.notes.length") == 1


@pytest.mark.parametrize(
    ("setting", "gone"), [("notify", "notes"), ("sound", "sounds"), ("title", "title"), ("badge", "badge")]
)
async def test_each_of_them_can_be_switched_off_alone(attention: Attention, setting: str, gone: str) -> None:
    page = await attention.open()
    await attention.set(**{setting: False})
    await attention.update(call())
    seen: dict[str, Any] = {
        "notes": await attention.notes(),
        "sounds": await attention.sounds(),
        "title": (await page.title()).removeprefix("ctibridge"),
        "badge": await page.evaluate("desktop.badge"),
    }
    assert [name for name, value in seen.items() if not value] == [gone]


async def test_switching_the_sound_off_while_it_rings_is_heard_at_once(attention: Attention) -> None:
    await attention.open()
    await attention.update(call())
    await attention.set(sound=False)
    assert await attention.sounds() == QUIET_AGAIN


@pytest.mark.parametrize("press", ["mouse", "keyboard"])
async def test_a_blocked_sound_says_so_and_the_first_press_lifts_it(attention: Attention, press: str) -> None:
    page = await attention.open(blocked=True)
    speaker = page.get_by_role("button", name="Sound blocked: click once")
    await attention.update(call())
    await (speaker.click() if press == "mouse" else speaker.press("Enter"))
    await page.get_by_role("button", name="Sound: on").wait_for()
    assert await page.evaluate("page.settings.value.sound"), "the press that lifts the block is no switch"
    assert await attention.sounds() == RINGING


@pytest.mark.parametrize("width", [320, 360, 700, 1280])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
async def test_the_call_stays_where_it_is_when_the_first_press_lifts_the_block(
    desk: Desk, width: int, locale: str
) -> None:
    page = await desk.open(RECORDER, recorded_sound(blocked=True), width=width, locale=locale)
    desk.ring()
    await expect(page.locator(".tool[data-state=blocked] .tool-words")).to_be_visible()
    before = await page.locator("#company").bounding_box()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.locator("#company").click()
    await expect(page.locator(".tool[data-state=ready]")).to_be_visible()
    assert await page.locator("#company").bounding_box() == before


async def test_nothing_that_ended_while_blocked_is_heard_after_the_first_press(attention: Attention) -> None:
    page = await attention.open(blocked=True)
    await attention.update(call())
    await attention.update()
    await page.locator("#elsewhere").click()
    await page.get_by_role("button", name="Sound: on").wait_for()
    assert await attention.sounds() == QUIET_AGAIN


async def test_the_browsers_own_sound_is_blocked_until_a_gesture_and_rests_when_idle(attention: Attention) -> None:
    page = await attention.open(blocked=None)
    await page.get_by_role("button", name="Sound blocked: click once").wait_for()
    await page.locator("#elsewhere").click()
    await page.get_by_role("button", name="Sound: on").wait_for()
    await attention.update(call())
    assert await page.evaluate("page.alerts.sound.repeats")
    await attention.update()
    assert not await page.evaluate("page.alerts.sound.plays")


async def test_a_page_in_the_background_rings_and_stops_ringing(attention: Attention) -> None:
    page = await attention.open()
    other = await page.context.new_page()
    await other.bring_to_front()
    await page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true });
      globalThis.requestAnimationFrame = globalThis.setTimeout = () => 0;
    }""")
    await attention.update(call())
    assert len(await attention.notes()) == 1
    assert await attention.sounds() == RINGING
    await attention.update()
    assert await attention.notes() == []
    assert await attention.sounds() == QUIET_AGAIN


async def test_the_tones_are_soft_and_leave_silence_between(attention: Attention) -> None:
    page = await attention.open()
    loud: list[float] = await page.evaluate("""async () => {
      const samples = (await import("/page/sound.js")).chime(8000);
      const peak = (part) => part.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      return [peak(samples), peak(samples.subarray(0, 8)), peak(samples.subarray(16_000)), samples.length / 8000];
    }""")
    most, start, rest, seconds = loud
    assert 0.2 < most < 0.8, "never distorted"
    assert start < 0.05, "no click at its start"
    assert rest == 0
    assert 2 < seconds < 6


async def test_the_browsers_own_notification_is_shown_where_it_is_granted(attention: Attention) -> None:
    page = await attention.open(permission=None)
    await page.context.grant_permissions(["notifications"])
    granted = "page.alerts.notifications.permission"

    async def is_granted() -> bool:
        return bool(await page.evaluate(granted) == "granted")

    await until(is_granted, "granted")
    await attention.update(call())
    assert attention.chromium.errors == []


async def test_on_the_agents_own_page_one_of_two_tabs_rings(desk: Desk) -> None:
    first = await desk.open()
    context = first.context
    for script in (RECORDER, recorded_notifications(), recorded_sound()):
        await context.add_init_script(script)
    await first.reload()
    await desk.sees("#link", "Connected")
    second = await context.new_page()
    await second.goto(f"{desk.server.url}/#token={await desk.server.token()}")
    await expect(second.locator("#link")).to_contain_text("Connected")
    called = desk.ring()
    for page in (first, second):
        await expect(page).to_have_title("● ACME IT Service Desk · Deutsch (Schweiz)")
    assert [await page.evaluate("desktop.notes.length") for page in (first, second)] == [1, 0]
    assert [await page.evaluate("desktop.sounds.length") for page in (first, second)] == [1, 0]
    desk.end(called)
    for page in (first, second):
        await expect(page).to_have_title("ctibridge")
    assert await first.evaluate("desktop.notes[0].open") is False
    assert await first.evaluate("desktop.sounds[0].stopped") is True
    assert desk.chromium.errors == []
