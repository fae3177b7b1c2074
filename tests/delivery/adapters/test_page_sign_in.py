"""Who signs in on a page that stands open, and what a browser may refuse him."""

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.delivery.adapters.page_beside import ADDRESS, Beside, call, entry, pop
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium")

REFUSED = """for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}"""
BEN = {"agent": "ben", "name": "Ben Okafor", "epoch": "zzzz"}


class SharedDesk(Beside):
    """Of each connection: closed by the page or not."""

    def __init__(self, chromium: Chromium) -> None:
        super().__init__(chromium)
        self.closed: list[bool] = []

    def _meet(self, socket: WebSocketRoute) -> None:
        place = len(self.closed)
        self.closed.append(False)
        super()._meet(socket)
        socket.on_close(lambda *_: self._left(place))

    def _left(self, place: int) -> None:
        self.closed[place] = True
        self._heard.set()

    async def leaves(self) -> None:
        await self._until(lambda: self.closed == [True, False], "the first connection stays")


@pytest.fixture
def beside(chromium: Chromium) -> SharedDesk:
    return SharedDesk(chromium)


async def test_a_second_agents_token_in_the_address_left_the_first_ones_calls_and_his_connection(
    beside: SharedDesk,
) -> None:
    page = await beside.open(entry(1, 42))
    beside.event("call.ringing", **pop(2))
    await beside.sees("#pop", "Regula Frei")
    beside.event("call.ended", call=call(2, 0))
    await beside.sees("#pop .chip", "Caller hung up")
    await page.fill("#note", "Regula’s laptop is wet")
    beside.agent, beside.grants, beside.today = BEN, "c3d4", []
    await page.evaluate("location.hash = '#token=ctb_other'")
    await expect(page.locator("#agent")).to_have_text("Ben Okafor")
    await beside.leaves()
    await expect(page.locator("html")).not_to_contain_text("Regula")
    assert "Regula" not in await page.evaluate("document.documentElement.outerHTML + JSON.stringify(sessionStorage)")
    assert [one for one in beside.asked if one["type"] == "auth"][1] == {
        "type": "auth",
        "token": "ctb_other",
        "rings": True,
    }, "and not from where the first one was"
    assert beside.times("today") == 2, "what another agent saw is nothing to compare with"
    assert beside.chromium.errors == []


async def test_the_same_token_again_loses_nothing(beside: SharedDesk) -> None:
    page = await beside.open()
    beside.event("call.ringing", **pop(1))
    await beside.sees("#pop", "Regula Frei")
    await page.fill("#note", "half a note")
    beside.resumed = True
    await page.evaluate("location.hash = '#token=ctb_invented'")
    await beside.leaves()
    await beside.asks("auth", token="ctb_invented", rings=True, resume={"epoch": "k3f9", "sequence": 1})
    await beside.sees("#pop", "Regula Frei")
    await expect(page.locator("#note")).to_have_value("half a note")
    assert page.url == f"{ADDRESS}/"


async def test_where_the_browser_refuses_to_store_anything_nobody_could_sign_in(beside: SharedDesk) -> None:
    page = await beside.stand()
    await page.add_init_script(REFUSED)
    await beside.sign_in()
    beside.event("call.ringing", **pop(1))
    await page.fill("#note", "half a note")
    await page.fill("#note", "")
    await beside.sees("#pop", "Regula Frei")
    await beside.drop(4401)
    await expect(page.locator("#sign-in")).to_be_visible()
    assert beside.chromium.errors == []
