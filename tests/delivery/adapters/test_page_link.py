"""The page and its connection: signing in, losing it, coming back, lines and seats."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import WebSocketRoute, expect

from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.domain.call import Outcome
from ctibridge.domain.desk_command import Sit
from ctibridge.domain.line import LineState
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import GLOBEX_CALL, Desk, now

pytestmark = pytest.mark.peer("chromium")


async def test_a_lost_connection_says_so_and_comes_back_with_what_was_missed(desk: Desk) -> None:
    page = await desk.open()
    first = desk.ring()
    await desk.sees("#person", "Regula Frei")
    for connection in desk.server.web._connections.values():
        connection.cut()
    desk.end(first, Outcome.ANSWERED_ELSEWHERE)
    desk.ring(GLOBEX_CALL, number=2)
    await desk.sees("#alerts", "Not connected: calls do not appear here")
    await expect(page.locator("#link")).to_have_text("Connected", timeout=10_000)
    await desk.sees("#pop .chip", "Answered")
    await desk.sees("#strips", "Globex Assistance")
    await expect(page.locator("#alerts p")).to_have_count(0)


async def test_a_reload_shows_what_was_there(desk: Desk) -> None:
    page = await desk.open()
    desk.end(desk.ring(ex.SHARED))
    desk.end(desk.ring(number=2), Outcome.ANSWERED_ELSEWHERE)
    await desk.sees("#pop .chip", "Answered")
    await page.reload()
    await desk.sees("#link", "Connected")
    await desk.sees("#person", "Regula Frei")
    await expect(page.locator("#recent li")).to_have_count(2)
    await page.get_by_role("button", name="Dismiss").click()
    await page.reload()
    await desk.sees("#waiting", "Waiting for the next call")


async def test_a_ringing_call_is_in_the_snapshot_of_a_new_page(desk: Desk) -> None:
    desk.ring()
    desk.end(desk.ring(ex.SHARED, number=2))
    await desk.open()
    await desk.sees("#person", "Regula Frei")
    await expect(desk.page.locator("#recent li")).to_have_count(2)
    assert desk.chromium.errors == []


async def test_the_token_leaves_the_address_and_survives_a_reload(desk: Desk) -> None:
    page = await desk.open()
    assert page.url == f"{desk.server.url}/"
    await page.reload()
    await desk.sees("#link", "Connected")
    assert all("ctb_" not in url for url in desk.chromium.requests if "#" not in url)


async def test_signing_in_by_hand(desk: Desk) -> None:
    page = desk.page = await desk.chromium.page()
    desk.server.desks.line_state("pbx", "6001", LineState.REGISTERED, now())
    await page.goto(desk.server.url)
    await expect(page.locator("#sign-in")).to_be_visible()
    assert await desk.focus() == "BODY"
    await page.fill("#token", "ctb_wrong")
    await page.get_by_role("button", name="Open desk").click()
    await desk.sees("#sign-in-why", "not valid any more")
    await desk.picture("sign-in")
    await page.fill("#token", await desk.server.token())
    await page.keyboard.press("Enter")
    await desk.sees("#link", "Connected")
    await desk.sees("#waiting", "Listening on 6001")
    await desk.picture("waiting")


async def test_a_revoked_desk_shows_nothing_any_more(desk: Desk, tmp_path: Path) -> None:
    page = await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    await page.fill("#note", "Regula’s laptop is wet")
    store = await TokenStore.open(tmp_path / "ctibridge.db")
    (token,) = await store.all()
    await store.revoke(token.id, now())
    await store.close()
    await expect(page.locator("#sign-in")).to_be_visible(timeout=15_000)
    assert "Regula" not in await page.content()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_lines_are_shown_and_seats_taken(desk: Desk) -> None:
    page = await desk.open()
    await desk.sees("#lines", "6004")
    await page.get_by_role("button", name="Sit here: line").click()
    await expect(page.get_by_role("button", name="Leave")).to_be_visible()
    assert desk.server.commands[-1:] == [Sit("ana", ("6001", "6004"))]
    assert desk.server.desks.hearers("pbx", "6004") == {"ana"}
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("button", name="Sit here: line")).to_be_visible()
    desk.say(lambda: desk.server.desks.line_state("pbx", "6001", LineState.DEAF, now()))
    await desk.sees("#alerts", "Line 6001 is deaf: its calls do not appear here.")
    await desk.picture("deaf")
    desk.say(lambda: desk.server.desks.nobody_sits("pbx", "6004", now()))
    await desk.sees("#notices", "A call rings on line 6004, where nobody sits.")
    desk.say(lambda: desk.server.desks.line_state("pbx", "6001", LineState.REGISTERED, now()))
    await expect(page.locator("#alerts p")).to_have_count(0)
    await desk.sees("#notices", "Line 6001 is heard again.")


async def test_a_page_that_is_asked_to_come_back_later_does_so(desk: Desk) -> None:
    page = desk.page = await desk.chromium.page()
    tries: list[float] = []

    async def away(socket: WebSocketRoute) -> None:
        tries.append(await page.evaluate("performance.now()"))
        if len(tries) == 1:
            await socket.close(code=1012, reason="restart; retry in 4 s")
        else:
            socket.connect_to_server()

    await page.route_web_socket("**/v1/desk", away)
    await page.goto(f"{desk.server.url}/#token={await desk.server.token()}")
    await expect(page.locator("#link")).to_have_attribute("data-link", "live", timeout=15_000)
    assert tries[1] - tries[0] >= 3900, "its own first wait would be at most a second"


SWALLOWED = """
const Real = WebSocket;
let tries = 0;
window.gaveUp = 0;
window.WebSocket = new Proxy(Real, {
  construct(real, of) {
    tries += 1;
    if (tries > 2) return new real(...of);
    const opens = tries === 2;
    return {
      readyState: opens ? Real.OPEN : Real.CONNECTING,
      addEventListener(kind, heard) { if (kind === "open" && opens) queueMicrotask(heard); },
      send() {},
      close() { window.gaveUp += 1; },
    };
  },
});
"""
"""The first connection gets no answer and no refusal, as behind a firewall that drops what it does not like; the second
one opens, and no welcome comes, as behind a proxy that holds what it does not pass on."""


async def test_a_connection_that_nobody_answers_is_given_up_and_tried_again(desk: Desk) -> None:
    page = desk.page = await desk.chromium.page()
    await page.clock.install(time=now())
    await page.clock.pause_at(now() + timedelta(minutes=1))
    await page.add_init_script(SWALLOWED)
    await page.goto(f"{desk.server.url}/#token={await desk.server.token()}")
    await expect(page.locator("#link")).to_have_attribute("data-link", "connecting")
    await page.clock.run_for(5_000)
    assert await page.evaluate("window.gaveUp") == 0
    await page.clock.run_for(18_000)
    assert await page.evaluate("window.gaveUp") == 1
    await page.clock.run_for(10_000)
    assert await page.evaluate("window.gaveUp") == 1
    await page.clock.run_for(12_000)
    assert await page.evaluate("window.gaveUp") == 2
    await page.clock.resume()
    await expect(page.locator("#link")).to_have_attribute("data-link", "live")
