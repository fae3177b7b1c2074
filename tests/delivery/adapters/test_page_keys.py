"""The page with the keyboard alone; and no key does anything while the agent types."""

import pytest
from playwright.async_api import expect

from ctibridge.domain.call import Outcome
from ctibridge.domain.desk_command import Choose, WriteNote
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import GLOBEX_CALL, Desk, now
from tests.delivery.adapters.test_page_notes import write
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")

LETTERS = "123ncdox/?"


async def test_no_key_does_anything_while_the_agent_types(desk: Desk) -> None:
    page = await desk.open()
    desk.ring(ex.AMBIGUOUS)
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#candidates", "Reto Frei")
    for field, opens in (("#note", "n"), ("#search", "/")):
        await page.keyboard.press(opens)
        await page.keyboard.type(LETTERS)
        await expect(page.locator(field)).to_have_value(LETTERS)
        await page.keyboard.press("Escape")
    await desk.sees("#company", "ACME IT Service Desk")
    assert not [one for one in desk.server.commands if isinstance(one, Choose)]
    await expect(page.locator("#keys")).to_be_hidden()
    assert desk.chromium.errors == []


async def test_the_list_of_keys_says_them_all_and_switches_the_letters_off(desk: Desk) -> None:
    page = await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog.locator("dt")).to_have_count(12)
    await page.keyboard.press("n")
    await expect(page.locator("#note")).not_to_be_focused()
    await desk.picture("keys")
    await dialog.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.keyboard.press("d")
    await desk.sees("#person", "Regula Frei")
    await page.keyboard.press("?")
    await dialog.get_by_role("checkbox").check()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.keyboard.press("d")
    await expect(page.locator("#pop")).to_be_hidden()


async def test_a_whole_call_without_a_mouse(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring(ex.WHOLE)
    await desk.sees("#person", "Regula Frei")
    desk.answered(call)
    await desk.sees("#pop .chip", "Answered here")
    await page.keyboard.press("n")
    await page.keyboard.type("two lines\nof it")
    await page.keyboard.press("Control+Enter")
    await until(lambda: WriteNote in map(type, desk.server.commands), "the note is sent")
    (note,) = [one for one in desk.server.commands if isinstance(one, WriteNote)]
    assert note.text.value == "two lines\nof it"
    await expect(page.locator("#note")).to_have_value("")
    await desk.sees("#notes [data-sending]", "of it")
    write(desk, "two lines\nof it", by="ana")
    await expect(page.locator("#notes li")).to_have_count(1)
    await expect(page.locator("#notes [data-sending]")).to_have_count(0)
    desk.end(call, Outcome.ANSWERED_HERE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("d")
    await desk.sees("#waiting", "Waiting for the next call")


async def test_a_note_that_did_not_arrive_is_in_the_field_again(desk: Desk) -> None:
    page = await desk.open()
    desk.answered(desk.ring())
    await page.fill("#note", "laptop is wet")
    await page.keyboard.press("Control+Enter")
    await desk.sees("#notes [data-sending]", "laptop is wet")
    for connection in desk.server.web._connections.values():
        connection.cut()
    await expect(page.locator("#note")).to_have_value("laptop is wet")
    await desk.sees("#pop .note-do", "Your note is kept here")
    await expect(page.locator("#link")).to_have_attribute("data-link", "live", timeout=10_000)
    await page.reload()
    await expect(page.locator("#note")).to_have_value("laptop is wet")


async def test_the_number_is_copied_without_taking_the_focus(desk: Desk) -> None:
    page = await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.keyboard.press("c")
    await desk.sees("#pop .actions", "Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "+4915112345678"
    assert await desk.focus() == "BODY"


async def test_the_number_is_copied_where_the_browser_has_no_clipboard(desk: Desk) -> None:
    page = await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.evaluate(
        """() => { Object.defineProperty(navigator, "clipboard", { value: undefined });
            document.addEventListener("copy", () => { window.copied = String(getSelection()); }); }"""
    )
    await page.get_by_role("button", name="Copy number").click()
    await desk.sees("#pop .actions", "Copied")
    assert await page.evaluate("window.copied") == "+4915112345678"


async def test_what_rings_takes_no_focus_and_what_was_typed_stays(desk: Desk) -> None:
    page = await desk.open()
    desk.answered(desk.ring())
    await desk.sees("#pop .chip", "Answered here")
    await page.keyboard.press("n")
    await page.keyboard.type("lap")
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#strips", "Globex Assistance")
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(ex.WHOLE, ex.answered(ex.call(1, now()))), now()))
    await desk.sees("#pop .context", "SAP is down")
    await page.keyboard.type("top")
    await expect(page.locator("#note")).to_have_value("laptop")
    assert await desk.focus() == "note"
