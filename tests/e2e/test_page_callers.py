"""Missed callers at several agents' pages: who calls back, who is settled, and what is gone with a grant."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.daemon import SAMPLE
from tests.e2e.house import ACME, KHALIJ, REGULA, House, MakeHouse
from tests.e2e.screen import live, says, sees, signed_in
from tests.peers.chromium import Chromium
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "chromium")]

ACME_SWISS = "+41440000100"
URS = "+41790000018"
AMELIE = "+41790000019"
FATIMA = "+971500000001"
SECRETS_OF_ACME = ("Regula", "Zgraggen", "Amélie", "Month end", "More rights in SAP", "since Monday")


def row(page: Page, who: str) -> Locator:
    return page.locator("#missed li", has_text=who)


async def missed(service: House, called: str, number: str, *pages: Page, who: str) -> None:
    await service.sipp.start(Invite(called, number=number), patience=0.5).done()
    for each in pages:
        await expect(row(each, who)).to_have_count(1)


async def test_who_calls_back_is_seen_by_all_and_the_caller_is_settled_when_somebody_answers_him(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001", "6002", numbers={ACME_SWISS: ["6001", "6002"]})
    anas, bens = page, await chromium.page()
    await signed_in(anas, service.daemon, "ana")
    await signed_in(bens, service.daemon, "ben")
    await missed(service, ACME, REGULA, anas, bens, who="Regula Frei")
    await missed(service, ACME, URS, anas, bens, who="Urs Zgraggen")
    waiting = [await one.text_content() or "" for one in await anas.locator("#missed li .who").all()]
    assert ["Regula" in waiting[0], "Urs" in waiting[1]] == [True, True], "who waits longest is first"
    link = row(anas, "Regula").locator("a.call-back")
    await expect(link).to_have_attribute("href", f"tel:{REGULA}")

    await row(anas, "Regula").get_by_role("button", name=says("I call back")).click()
    await sees(row(anas, "Regula"), "You call back, ")
    await sees(row(bens, "Regula"), "Ana Ruiz calls back, ")
    await expect(row(bens, "Regula").get_by_role("button", name=says("I call back"))).to_have_count(0)
    await expect(row(bens, "Urs").get_by_role("button", name=says("I call back"))).to_be_visible()
    await row(bens, "Urs").get_by_role("button", name=says("Done")).click()
    await sees(row(bens, "Urs"), "Settled by you")
    await sees(row(anas, "Urs"), "Settled by Ben Okafor")

    calls = service.sipp.start(Invite(ACME_SWISS, number=REGULA))
    for each in (anas, bens):
        await sees(row(each, "Regula"), "Rings now")
    await service.phones["6002"].incoming()
    for each in (anas, bens):
        await each.locator("#missed").hover()  # a settled row stays for as long as somebody is there
    await service.phones["6002"].answer()
    for each in (anas, bens):
        await sees(row(each, "Regula"), "Answered later")
    settled = await service.ben.event("call.worked", by=None, state="settled")
    assert settled["answered_in"] == (await service.ben.ended(call__outcome="answered_elsewhere"))["call"]["id"]
    calls.end()

    await anas.mouse.move(0, 0)  # what is settled leaves only where nobody is
    await anas.reload()
    await live(anas)
    await expect(anas.locator("#recent li")).to_have_count(3)
    await expect(anas.locator("#missed")).to_be_hidden()
    await sees(anas.locator("#recent"), "Caller hung up", "Answered on another device", "Settled by Ben Okafor")
    assert chromium.errors == []


async def test_with_the_grant_the_persons_are_gone_from_the_page_and_from_what_a_reload_shows(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001", "6002")
    service.daemon.fill(SAMPLE)
    await signed_in(page, service.daemon, "ana")
    await missed(service, ACME, URS, page, who="Urs Zgraggen")
    await missed(service, KHALIJ, FATIMA, page, who="فاطمة")
    await answered_and_noted(service, page)
    service.sipp.start(Invite(ACME, number=AMELIE))
    await sees(page.locator("#strips .strip"), "Amélie Rochat")

    service.daemon.command("revoke", "ana", "acme")
    await nothing_of_acme(page)
    await sees(page.locator("#pop"), "You have no role at ACME AG", "What I wrote is my own")
    await page.reload()
    await live(page)
    await nothing_of_acme(page)
    assert chromium.errors == []


async def test_a_grant_that_was_revoked_while_the_page_was_away_is_as_gone(house: MakeHouse, page: Page) -> None:
    service = await house("6001", "6002")
    service.daemon.fill(SAMPLE)
    await signed_in(page, service.daemon, "ana")
    await missed(service, KHALIJ, FATIMA, page, who="فاطمة")
    await answered_and_noted(service, page)
    await service.daemon.stop()
    service.daemon.command("revoke", "ana", "acme")
    await service.daemon.restart()
    await live(page)
    await nothing_of_acme(page)


async def answered_and_noted(service: House, page: Page) -> None:
    """Regula is talked to; Ana and Ben wrote notes, and Ana chose what it is about."""
    service.sipp.start(Invite(ACME, number=REGULA))
    await sees(page.locator("#pop"), "Regula Frei", "Month end report")
    await service.phones["6001"].answer()
    await expect(page.locator("#pop")).to_have_attribute("data-state", "answered")
    call = (await service.ben.ringing(caller__number=REGULA))["call"]["id"]
    await service.ben.send(type="note", call=call, text="She called me since Monday")
    await page.locator("#note").fill("What I wrote is my own")
    await page.keyboard.press("Control+Enter")
    await page.locator(".subject-button", has_text="SAP ERP").click()
    await sees(page.locator("#pop"), "More rights in SAP", "since Monday", "What I wrote is my own")


async def nothing_of_acme(page: Page) -> None:
    for text in SECRETS_OF_ACME:
        await expect(page.locator("html")).not_to_contain_text(text, timeout=10_000)
    content = await page.content()
    assert [text for text in SECRETS_OF_ACME if text in content] == []
    await sees(page.locator("#pop"), "ACME IT Service Desk", "Not on record")
    await sees(page.locator("#missed"), "فاطمة")
