"""Real calls on the page, from the first ring to the last word: one, two, three, and one that a colleague takes."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.daemon import SAMPLE
from tests.e2e.house import ACME, BOTH, KHALIJ, REGULA, MakeHouse
from tests.e2e.screen import focus, heading_to, sees, signed_in
from tests.peers.chromium import Chromium
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "kamailio/presence.so", "baresip", "sipp", "chromium")]

STRANGER = "+493099988877"
FATIMA = "+971500000001"
URS = "+41790000018"
LEFT = "(where) => document.querySelector(where).getBoundingClientRect().left"


async def test_a_whole_call_with_the_keyboard_alone(house: MakeHouse, page: Page, chromium: Chromium) -> None:
    """It rings, the agent looks for the caller, picks up, chooses what it is about, writes a note, and it is over."""
    service = await house("6001", observe=BOTH)
    service.daemon.fill(SAMPLE)
    await signed_in(page, service.daemon, "ana")
    calls = service.sipp.start(Invite(ACME, number=STRANGER))
    pop, keys = page.locator("#pop"), page.keyboard
    await sees(pop, "ACME IT Service Desk", "Not on record")
    assert await focus(page) == "BODY", "a call never takes the focus"

    await keys.press("/")
    await keys.type("frei", delay=20)
    await sees(page.locator("#results"), "Regula Frei")
    await keys.press("ArrowDown")
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await expect(pop).to_have_attribute("data-status", "identified")
    await sees(pop.locator(".belongs"), "Regula Frei", "Controller")
    await sees(pop.locator("#greeting"), "Grüezi")

    await service.phones["6001"].incoming()
    await service.phones["6001"].answer()
    await expect(pop).to_have_attribute("data-state", "answered")
    await sees(pop, "Answered here since", "Regula Frei")

    await heading_to(page.locator(".subject-button", has_text="SAP ERP"))
    await keys.press("Enter")
    await sees(pop.locator(".context-suggestions"), "More rights in SAP", "The owner of the cost centre has to agree.")
    assert await focus(page) == "subject-button", "who chose goes on from there"

    await keys.press("n")
    await keys.type("Month end, second try")
    await keys.press("Control+Enter")
    await sees(pop.locator("#notes"), "Ana Ruiz", "Month end, second try")
    await expect(page.locator("#note")).to_have_value("")
    assert await focus(page) == "note"

    calls.end()
    await service.ana.ended(call__outcome="answered_here")
    await expect(pop.locator(".since")).not_to_have_attribute("data-to", "")
    await sees(pop, "Answered here", "Regula Frei")
    await keys.press("Escape")
    await keys.press("d")
    await expect(pop).to_be_hidden()
    assert await focus(page) == "BODY"
    assert chromium.errors == []


async def test_where_a_colleague_was_quicker_the_pop_closes_and_says_whose_it_is(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001", "6002", observe=BOTH, pbx={"line_dialogs": True})
    await signed_in(page, service.daemon, "ana")
    bens = await signed_in(await chromium.page(), service.daemon, "ben")
    calls = service.sipp.start(Invite(ACME, number=REGULA))
    for each in (page, bens):
        await sees(each.locator("#pop"), "Regula Frei")
    await service.phones["6002"].incoming()
    await service.phones["6002"].answer()
    await expect(page.locator("#pop")).to_be_hidden()
    await sees(page.locator("#strips .gone"), "Ben Okafor answered on 6002")
    await sees(page.locator("#recent"), "Answered by Ben Okafor")
    await expect(bens.locator("#pop")).to_have_attribute("data-state", "answered")
    await expect(bens.locator("#strips .gone")).to_be_empty()
    calls.end()
    await service.ben.ended(call__outcome="answered_here")
    await sees(bens.locator("#pop"), "Regula Frei")
    await expect(page.locator("#missed")).to_be_hidden()
    assert chromium.errors == []


async def test_three_calls_at_once_and_the_one_that_is_talked_to_stays(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001", observe=BOTH, pbx={"line_dialogs": True})
    await signed_in(page, service.daemon, "ana")
    pop, strips = page.locator("#pop"), page.locator("#strips .strip")
    talk = service.sipp.start(Invite(ACME, number=REGULA))
    await sees(pop, "Regula Frei")
    await service.phones["6001"].incoming()
    await service.phones["6001"].answer()
    await expect(pop).to_have_attribute("data-state", "answered")
    await page.keyboard.press("n")
    await page.keyboard.type("first caller")
    place = await pop.bounding_box()

    service.sipp.start(Invite(KHALIJ, number=FATIMA))
    await expect(strips).to_have_count(1)
    await sees(strips.nth(0), "Khalij IT Support", "العربية", "فاطمة المنصوري")
    service.sipp.start(Invite(ACME, number=URS))
    await expect(strips).to_have_count(2)
    await sees(strips.nth(1), "ACME IT Service Desk", "Urs Zgraggen")
    await sees(pop, "Regula Frei")
    assert await pop.bounding_box() == place, "nothing moved"
    assert await focus(page) == "note"
    await page.keyboard.type(", still writing")
    await chromium.picture(page, "three-calls")

    await page.keyboard.press("Alt+1")
    await sees(pop, "Khalij IT Support", "فاطمة المنصوري")
    await expect(page.locator("#note")).to_have_value("")
    await page.keyboard.press("n")
    await page.keyboard.type("second caller")
    await page.keyboard.press("Escape")
    await expect(strips).to_have_count(2)
    await page.locator("#strips .strip", has_text="Regula Frei").get_by_role("button", name="Show").click()
    await expect(page.locator("#note")).to_have_value("first caller, still writing")

    talk.end()
    await service.ana.ended(call__outcome="answered_here")
    await sees(pop, "Regula Frei")
    assert chromium.errors == []


async def test_from_right_to_left_a_real_call_reads_well(house: MakeHouse, chromium: Chromium) -> None:
    service = await house("6001")
    page = await signed_in(await chromium.page(locale="ar"), service.daemon, "ana")
    service.sipp.start(Invite(KHALIJ, number=FATIMA), patience=2)
    pop = page.locator("#pop")
    await sees(pop, "Khalij IT Support", "فاطمة المنصوري", "يرن")
    assert await page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == ["rtl", "ar"]
    starts = [await page.evaluate(LEFT, where) for where in (".rail", "#pop")]
    assert starts == sorted(starts), "the rail is at the left"
    number = pop.locator(".facts [dir=ltr], .facts bdi").first
    await expect(number).to_have_text(FATIMA)
    assert await number.evaluate("(node) => getComputedStyle(node).direction") == "ltr"
    await chromium.picture(page, "arabic-call")
    await service.ana.ended()
    await sees(page.locator("#missed"), "فاطمة المنصوري")
    assert chromium.errors == []
