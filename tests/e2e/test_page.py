"""The page while real calls come: who, for which company, in which language, before anybody picks up."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.daemon import Daemon
from tests.e2e.house import ACME, KHALIJ, NIKOS, REGULA, MakeHouse
from tests.peers.chromium import Chromium
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "chromium")]


async def open_desk(page: Page, daemon: Daemon, agent: str) -> None:
    await page.goto(f"http://{daemon.web}/#token={daemon.token(agent)}")
    await expect(page.locator("#link")).to_have_attribute("data-link", "live")


async def test_the_pop_stands_there_while_it_rings_and_survives_the_pick_up(
    house: MakeHouse, chromium: Chromium, page: Page
) -> None:
    desk_service = await house("6001")
    await open_desk(page, desk_service.daemon, "ana")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"))
    pop = page.locator("#pop")
    await expect(pop).to_contain_text("Grüezi")
    await expect(pop).to_contain_text("ACME IT Service Desk")
    await expect(pop).to_contain_text("Deutsch (Schweiz)")
    await expect(pop).to_contain_text("Regula Frei")
    await calls.ringing()
    await chromium.picture(page, "ringing")
    await desk_service.phones["6001"].answer()
    await expect(pop).to_contain_text("Answered")
    await expect(pop).to_contain_text("Regula Frei")
    await chromium.picture(page, "answered")
    await desk_service.ana.event("call.ended", call__outcome="answered_elsewhere")
    assert await page.evaluate("document.activeElement === document.body"), "nothing took the focus"
    assert chromium.errors == []
    assert all(url.startswith(f"http://{desk_service.daemon.web}/") for url in chromium.requests)


async def test_one_human_at_two_customers_is_ambiguous_on_the_page(
    house: MakeHouse, chromium: Chromium, page: Page
) -> None:
    desk_service = await house("6003")
    await open_desk(page, desk_service.daemon, "chloe")
    desk_service.sipp.start(Invite(KHALIJ, number=NIKOS))
    candidates = page.locator("#pop #candidates > li")
    await expect(candidates).to_have_count(2)
    await expect(page.locator("#pop")).to_contain_text("Νίκος Παπαδάκης")
    await chromium.picture(page, "ambiguous")
    assert chromium.errors == []


async def test_a_withheld_caller_has_a_company_and_a_greeting(house: MakeHouse, chromium: Chromium, page: Page) -> None:
    desk_service = await house("6001")
    await open_desk(page, desk_service.daemon, "ana")
    desk_service.sipp.start(Invite(KHALIJ, from_header='"Anonymous" <sip:anonymous@anonymous.invalid>', privacy="id"))
    pop = page.locator("#pop")
    await expect(pop).to_contain_text("Khalij IT Support")
    await expect(pop).to_contain_text("withheld", ignore_case=True)
    await chromium.picture(page, "withheld")
    assert chromium.errors == []


async def test_a_hostile_name_is_text(house: MakeHouse, page: Page, chromium: Chromium) -> None:
    desk_service = await house("6001")
    await open_desk(page, desk_service.daemon, "ana")
    desk_service.sipp.start(Invite(ACME, number="+4930999", display="<img src=x onerror=alert(1)>"))
    await expect(page.locator("#pop")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("#pop img").count() == 0
    assert chromium.errors == []
