"""The settings beside the call, and what is found out before the first one."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.delivery.adapters.attention import Attention, call
from tests.delivery.adapters.page_desk import Desk
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")
DEFAULTS = {
    "notify": True,
    "sound": True,
    "volume": 60,
    "title": True,
    "badge": True,
    "language": "",
    "theme": "system",
}


@pytest.fixture
async def attention(chromium: Chromium) -> Attention:
    return Attention(chromium)


def tool(page: Page, name: str) -> Any:
    return page.locator("#tools").get_by_role("button", name=name)


@pytest.mark.parametrize(
    ("stored", "changed"),
    [
        (None, {}),
        ("", {}),
        ("{", {}),
        ("null", {}),
        ("[true]", {}),
        ('"notify"', {}),
        ('{"volume": 1e999, "theme": "<b>", "language": "xx", "sound": 0}', {}),
        ('{"volume": -5}', {}),
        ('{"volume": 0, "theme": "dark", "more": 1}', {"volume": 0, "theme": "dark"}),
        ('{"notify": false, "title": "yes", "language": "ar"}', {"notify": False, "language": "ar"}),
    ],
)
async def test_stored_settings_are_checked_one_by_one(
    attention: Attention, stored: str | None, changed: dict[str, Any]
) -> None:
    page = await attention.open()
    parsed = await page.evaluate("async (text) => (await import('/page/settings.js')).parse(text)", stored)
    assert parsed == {**DEFAULTS, **changed}


async def test_they_are_kept_and_heard_in_the_other_tabs(attention: Attention) -> None:
    first = await attention.open()
    other = await first.context.new_page()
    attention.page = other
    await attention.load()
    await first.evaluate("page.settings.set({ volume: 20, theme: 'dark' })")
    await expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    assert await other.evaluate("page.settings.value.volume") == 20
    await first.evaluate("page.settings.set({ theme: 'system' })")
    await expect(other.locator("html")).not_to_have_attribute("data-theme", "dark")


async def test_a_browser_that_stores_nothing_keeps_them_for_this_page(attention: Attention) -> None:
    page = await attention.open()
    await page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    await attention.set(sound=False)
    await expect(tool(page, "Sound: off")).to_be_visible()


async def test_every_setting_is_reached_changed_and_left_with_the_keyboard(attention: Attention) -> None:
    page = await attention.open()
    await page.evaluate("() => document.addEventListener('keydown', ({ key }) => desktop.acts.push(key))")
    await page.keyboard.press("Tab")
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(tool(page, "Settings")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    reached = set()
    for _ in range(20):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("document.activeElement.name ?? ''"))
    assert reached >= set(DEFAULTS)
    await page.get_by_label("Show it in the tab’s title").press("Space")
    assert await page.evaluate("page.settings.value.title") is False
    await page.evaluate("desktop.acts.length = 0")
    await page.get_by_label("Volume").press("ArrowRight")
    await page.get_by_label("Volume").press("Escape")
    await expect(page.locator("#settings")).to_be_hidden()
    await expect(tool(page, "Settings")).to_be_focused()
    assert await attention.acts() == [], "keys pressed in the settings are not meant for the call"
    stored = json.loads(await page.evaluate("localStorage.getItem('ctibridge.settings')"))
    assert stored == {**DEFAULTS, "title": False, "volume": 65}


async def test_a_new_volume_is_heard_once(attention: Attention) -> None:
    page = await attention.open()
    await tool(page, "Settings").click()
    await page.get_by_label("Volume").press("ArrowLeft")
    assert [one["repeat"] for one in await attention.sounds()] == [False]
    await attention.update()
    assert [one["stopped"] for one in await attention.sounds()] == [False], "a drawing does not cut it short"


@pytest.mark.parametrize(
    ("permission", "button", "says"),
    [
        ("granted", "Notifications: on", "Calls can appear on your desktop."),
        ("default", "Allow notifications", "Your browser has not been asked yet."),
        ("denied", "Notifications blocked", "set Notifications to Allow"),
    ],
)
async def test_whether_notifications_come_is_known_before_the_first_call(
    attention: Attention, permission: str, button: str, says: str
) -> None:
    page = await attention.open(permission=permission)
    await expect(tool(page, button)).to_be_visible()
    await tool(page, "Settings").click()
    await expect(page.locator(".check-notifications")).to_contain_text(says)
    assert await page.evaluate("desktop.asked") == 0, "the browser is asked only by a click on its own button"
    await attention.chromium.picture(page, f"settings-{permission}")


@pytest.mark.parametrize("answer", ["granted", "denied"])
async def test_permission_is_asked_for_by_a_click_and_its_answer_shown(attention: Attention, answer: str) -> None:
    page = await attention.open(permission="default")
    await page.evaluate("(answer) => (desktop.answer = answer)", answer)
    await attention.update(call())
    assert await attention.notes() == []
    await tool(page, "Allow notifications").click()
    name = {"granted": "Notifications: on", "denied": "Notifications blocked"}[answer]
    await expect(tool(page, name)).to_be_visible()
    assert await page.evaluate("desktop.asked") == 1
    assert len(await attention.notes()) == (answer == "granted")


async def test_the_browsers_own_permission_is_followed_when_it_changes(attention: Attention) -> None:
    page = await attention.open(permission=None)
    await page.context.grant_permissions(["notifications"])
    await expect(tool(page, "Notifications: on")).to_be_visible()
    await page.context.clear_permissions()
    await expect(tool(page, "Notifications: on")).to_have_count(0)


async def test_a_page_without_https_says_that_notifications_need_it(attention: Attention) -> None:
    page = await attention.open(permission=None, origin="http://desk.test")
    await tool(page, "Notifications need https").click()
    await expect(page.locator(".check-notifications")).to_contain_text("https address of this page")


async def test_a_browser_without_notifications_or_audio_is_told_plainly(attention: Attention) -> None:
    page = await attention.chromium.page()
    await page.add_init_script("delete globalThis.Notification; delete globalThis.AudioContext;")
    attention.page = page
    await attention.routed(page)
    await attention.load()
    await expect(tool(page, "No notifications in this browser")).to_be_visible()
    await expect(tool(page, "No sound in this browser")).to_be_visible()
    await attention.update(call())
    assert (await page.title()).startswith("● ACME")
    assert attention.chromium.errors == []


async def test_what_the_provider_switched_off_cannot_be_switched_on(attention: Attention) -> None:
    page = await attention.open(permission="default")
    await attention.update(notification="none")
    await tool(page, "Notifications: off").click()
    await expect(page.get_by_label("Show a desktop notification")).to_be_disabled()
    await expect(page.locator(".check-notifications")).to_contain_text("Your administrator has switched them off.")


async def test_a_tab_that_does_not_ring_says_that_another_one_does(attention: Attention) -> None:
    page = await attention.open()
    await attention.update(leader=False)
    await tool(page, "Settings").click()
    await expect(page.locator(".check-sound")).to_contain_text("this one stays silent")


async def test_another_language_is_spoken_at_once_and_the_keyboard_stays_where_it_was(desk: Desk) -> None:
    page = await desk.open()
    await tool(page, "Settings").click()
    language = page.locator("[name=language]")
    await language.focus()
    await language.select_option("ar")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.get_by_role("dialog")).not_to_contain_text("Settings")
    await expect(tool(page, "Settings")).to_have_count(0)
    await expect(language).to_be_focused()
    await language.select_option("de")
    await expect(page.get_by_role("dialog", name="Einstellungen")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    assert desk.chromium.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_call_stays_in_sight_beside_the_settings_and_takes_their_place_on_a_phone(
    attention: Attention, scheme: Any
) -> None:
    page = await attention.open(permission="denied", blocked=True)
    await page.emulate_media(color_scheme=scheme)
    await tool(page, "Settings").click()
    await attention.update(call())
    await expect(page.get_by_role("dialog")).to_be_visible()
    await attention.chromium.picture(page, f"settings-{scheme}")
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await attention.chromium.picture(page, f"settings-360-{scheme}")
    await attention.update(call(2))
    await expect(page.get_by_role("dialog")).to_be_hidden()
