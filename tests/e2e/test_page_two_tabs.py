"""Several tabs of one agent: all show the call, one rings. And a tab behind another one is heard as soon."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import MakeDaemon
from tests.e2e.house import ACME, REGULA, MakeHouse
from tests.e2e.screen import live, recorded, rings, sees, signed_in
from tests.peers.chromium import Chromium
from tests.peers.chromium_window import ChromiumWindow
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "chromium")]

AT_ONCE = 500  # ms; a timer there would wait for up to a second


async def test_one_tab_rings_and_when_it_is_closed_the_other_does(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001")
    other = await chromium.page()
    for each in (page, other):
        await recorded(each)
        await signed_in(each, service.daemon, "ana")
    service.sipp.start(Invite(ACME, number=REGULA))
    for each in (page, other):
        await sees(each.locator("#pop"), "Regula Frei")
        await expect(each).to_have_title("● ACME IT Service Desk · Deutsch (Schweiz)")
    assert [await rings(page), await rings(other)] == [True, False]

    await page.close()
    await until(lambda: rings(other), "the other one rings", 5)
    late = await chromium.page()
    await recorded(late)
    await signed_in(late, service.daemon, "ana")
    await sees(late.locator("#pop"), "Regula Frei")
    assert [await rings(other), await rings(late)] == [True, False]

    await service.phones["6001"].answer()
    for each in (other, late):
        await expect(each.locator("#pop")).to_have_attribute("data-state", "answered")
        await expect(each).to_have_title("ctibridge")
        assert not await rings(each)
    assert chromium.errors == []


async def test_a_tab_that_nobody_sees_alerts_within_a_second(house: MakeHouse, tmp_path: Path) -> None:
    """It was drawn by a timer, and Chromium wakes those of a hidden tab once a second: each call was up to 1 s late."""
    service = await house("6001")
    async with ChromiumWindow(tmp_path / "window") as window:
        page = await window.tab()
        await recorded(page)
        await page.add_init_script(HEARD)
        await signed_in(page, service.daemon, "ana")
        front = await window.tab()
        await front.goto("data:text/html,<title>The customer's own tool</title>")
        assert await page.evaluate("document.visibilityState") == "hidden"
        for number in (REGULA, "+493099988877"):
            calls = service.sipp.start(Invite(ACME, number=number), patience=1.5)
            await until(lambda: rings(page), "it rings", 5)
            assert (await page.title()).startswith("● ACME IT Service Desk")
            await calls.done()
            await until(lambda: quiet(page), "it is quiet", 5)
        waited = await page.evaluate("delays")
        assert len(waited) == 4, "each call rings and stops"
        assert max(waited) < AT_ONCE, waited
        await service.ana.settled()
        assert await page.evaluate("document.visibilityState") == "hidden"
        await page.bring_to_front()
        await sees(page.locator("#pop"), "Not on record")


# For each frame of a call, how long it took until the title told it (ms).
HEARD = """
globalThis.delays = [];
let heardAt = null;
const Before = WebSocket;
globalThis.WebSocket = class extends Before {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", ({ data }) => {
      if (/"call\\.(ringing|ended)"/.test(data)) heardAt = performance.now();
    });
  }
};
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  if (heardAt !== null) delays.push(performance.now() - heardAt);
  heardAt = null;
}).observe(document.querySelector("title"), { childList: true }));
"""


async def quiet(page: Page) -> bool:
    return not await rings(page)


async def test_what_keeps_a_call_from_being_noticed_is_said_before_the_first_one(
    daemon: MakeDaemon, page: Page, chromium: Chromium
) -> None:
    await recorded(page, "denied")
    await signed_in(page, await daemon(), "ana")
    bell = page.locator("#tools .tool").first
    await sees(bell, "Notifications blocked")
    await expect(bell.locator(".tool-words")).to_be_visible()
    await bell.click()
    await sees(page.locator("#settings"), "Your browser blocks them.", "set Notifications to Allow")
    await page.keyboard.press("Escape")
    await page.reload()
    await live(page)
    await sees(bell, "Notifications blocked")
    await expect(page.locator("#tools .tool").nth(1)).to_have_attribute("title", "Sound: on")
    assert chromium.errors == []
