"""The daemon ends, in good order or not, and is back; the page as well: nothing is lost, nothing stands there twice."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.house import ACME, REGULA, House, MakeHouse
from tests.e2e.screen import live, recorded, rings, sees, signed_in
from tests.peers.chromium import Chromium
from tests.peers.process import until
from tests.peers.sipp import Calls, Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "chromium")]

URS = "+41790000018"
STRANGER = "+493099988877"
NOTE = "Month end report, the third time"


async def missed_and_answered(service: House, page: Page) -> Calls:
    """Urs was missed, Regula is talked to, and her note is being written."""
    service.sipp.start(Invite(ACME, number=URS), patience=0.5)
    await sees(page.locator("#missed"), "Urs Zgraggen")
    talk = service.sipp.start(Invite(ACME, number=REGULA))
    await sees(page.locator("#pop"), "Regula Frei")
    await service.phones["6001"].answer()
    await expect(page.locator("#pop")).to_have_attribute("data-state", "answered")
    await page.locator("#note").fill(NOTE)
    return talk


async def stands_as_before(page: Page) -> None:
    pop = page.locator("#pop")
    await sees(pop, "Regula Frei", "Answered", "Deutsch (Schweiz)")
    await expect(page.locator("#note")).to_have_value(NOTE)
    await expect(page.locator("#strips .strip")).to_have_count(0)
    await expect(page.locator("#missed li")).to_have_count(1)
    await sees(page.locator("#missed"), "Urs Zgraggen")
    await expect(page.locator("#recent li")).to_have_count(2)
    assert not await rings(page)


async def back(service: House, page: Page) -> None:
    await expect(page.locator("#link")).not_to_have_attribute("data-link", "live")
    await sees(page.locator("#alerts"), "Not connected")
    await service.daemon.restart()
    await live(page)
    await expect(page.locator("#alerts .alert[data-kind=lost]")).to_have_count(0)


async def test_killed_and_stopped_in_the_middle_of_a_call_the_page_comes_back_as_it_was(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001")
    await recorded(page)
    await signed_in(page, service.daemon, "ana")
    await missed_and_answered(service, page)
    await service.ana.ended(call__outcome="answered_elsewhere")
    await service.ana.stored()

    service.daemon.process.kill()
    await expect(page.locator("#note")).to_have_value(NOTE)
    await back(service, page)
    await stands_as_before(page)

    await service.daemon.stop()
    await back(service, page)
    await stands_as_before(page)
    await page.reload()
    await live(page)
    await stands_as_before(page)

    await page.get_by_role("button", name="Save note").click()
    await sees(page.locator("#notes"), NOTE)
    await expect(page.locator("#notes li")).to_have_count(1)
    await page.locator("#pop [data-key=dismiss]").click()
    await heard_again(service, page)
    unexpected = [said for said in chromium.errors if not re.search("ERR_CONNECTION_REFUSED|WebSocket", said)]
    assert unexpected == []


async def heard_again(service: House, page: Page) -> None:
    """A call after all that, as if nothing had been: once."""
    await sees(page.locator("#lines"), "heard")
    service.sipp.start(Invite(ACME, number=STRANGER))
    await sees(page.locator("#pop"), "Not on record")
    await until(lambda: rings(page), "it rings", 5)
    await expect(page.locator("#recent li")).to_have_count(3)


async def test_what_rang_when_it_was_killed_rings_no_more_and_comes_back_as_the_same_call(
    house: MakeHouse, page: Page, chromium: Chromium
) -> None:
    service = await house("6001")
    await recorded(page)
    await signed_in(page, service.daemon, "ana")
    service.sipp.start(Invite(ACME, number=REGULA))
    await sees(page.locator("#pop"), "Regula Frei")
    await until(lambda: rings(page), "it rings", 5)
    await service.ana.ringing()
    await service.ana.stored()
    service.daemon.process.kill()
    await until(lambda: quiet(page), "without a connection nothing is claimed", 10)
    await back(service, page)
    await expect(page.locator("#pop")).to_have_attribute("data-state", "ended")
    await sees(page.locator("#pop"), "Ended, outcome unknown", "Regula Frei")
    await expect(page.locator("#recent li")).to_have_count(1)
    assert not await rings(page)
    await expect(page.locator("#missed")).to_be_hidden()


async def quiet(page: Page) -> bool:
    return not await rings(page)


async def test_where_nothing_is_left_of_the_stream_the_page_keeps_what_it_has(house: MakeHouse, page: Page) -> None:
    """A new epoch and an empty snapshot: the pop of the call that is talked on is the agent's, not the daemon's."""
    service = await house("6001")
    await recorded(page)
    await signed_in(page, service.daemon, "ana")
    await missed_and_answered(service, page)
    await service.daemon.stop()
    for file in (service.daemon.folder / "state").glob("desks*"):
        file.unlink()
    await back(service, page)
    await sees(page.locator("#pop"), "Regula Frei", "Answered")
    await expect(page.locator("#note")).to_have_value(NOTE)
    await expect(page.locator("#strips .strip")).to_have_count(0)
    assert not await rings(page)
