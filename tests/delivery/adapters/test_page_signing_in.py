"""The page behind a proxy that signs agents in: by itself, again before the end, and what it says where that fails."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ctibridge.delivery.adapters.sign_in import SignIn
from ctibridge.delivery.settings import SignInSettings
from ctibridge.domain.line import LineState
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import DeskServer
from tests.delivery.adapters.page_desk import GLOBEX_CALL, Desk, now
from tests.delivery.adapters.trusted_proxy import FROM, TrustedProxy
from tests.peers.chromium import Chromium
from tests.peers.process import until

pytestmark = pytest.mark.peer("chromium")

LOGIN = "ana@desk.example"


class SignedIn(Desk):
    """Ana's page behind a proxy that knows her."""

    def __init__(self, server: DeskServer, chromium: Chromium, proxy: TrustedProxy) -> None:
        super().__init__(server, chromium)
        self.proxy = proxy

    async def opens(self, locale: str = "en-GB") -> Page:
        self.server.desks.line_state("pbx", "6001", LineState.REGISTERED, now())
        self.page = await self.chromium.page(locale=locale)
        await self.page.goto(self.proxy.url)
        return self.page

    async def is_live(self) -> None:
        await expect(self.page.locator("#link")).to_have_attribute("data-link", "live", timeout=15_000)

    def sign_ins(self) -> int:
        return self.proxy.asked.count("POST /v1/sign-in")


@asynccontextmanager
async def behind(folder: Path, chromium: Chromium, life: float = 43_200, source: str = FROM) -> AsyncIterator[SignedIn]:
    async with TrustedProxy(LOGIN, source) as proxy, DeskServer.running(folder, public_url=proxy.url) as server:
        proxy.target = server.listening.getsockname()[:2]
        server.agents["ana"] = replace(ex.ANA, login=LOGIN)
        by = SignInSettings(trusted_proxies=(FROM,))
        sign_in = SignIn(by, lambda: server.web.origins, server.tokens, server._agents, life=timedelta(seconds=life))
        server.web.http.sign_in(sign_in.answer)
        yield SignedIn(server, chromium, proxy)


async def test_the_page_signs_in_by_itself_and_again_before_its_token_ends(tmp_path: Path, chromium: Chromium) -> None:
    async with behind(tmp_path, chromium, life=4) as desk:
        page = await desk.opens()
        await desk.is_live()
        assert "ctb_" not in page.url
        call = desk.ring()
        await desk.sees("#person", "Regula Frei")
        answered = desk.answered(call)
        await page.fill("#note", "half a note")
        await until(lambda: desk.sign_ins() == 2, "signed in anew", 15)
        desk.end(answered)
        desk.ring(GLOBEX_CALL, number=2)
        await desk.sees("body", "Globex Assistance")
        await expect(page.locator("#note")).to_have_value("half a note")
        await expect(page.locator("#sign-in")).to_be_hidden()
        assert [one.signed_in for one in await desk.server.tokens.all()] != []
        assert chromium.errors == []


async def test_a_token_that_is_revoked_is_followed_by_another_one_once(tmp_path: Path, chromium: Chromium) -> None:
    async with behind(tmp_path, chromium) as desk:
        page = await desk.opens()
        await desk.is_live()
        await page.evaluate("() => { Date.now = ((now) => () => now() + 61000)(Date.now) }")  # a minute goes by
        desk.ring()
        await desk.sees("#person", "Regula Frei")
        (first,) = await desk.server.tokens.all()
        for _ in range(2):
            *_, token = await desk.server.tokens.all()
            await desk.server.tokens.revoke(token.id, now())
            await desk.server.web._admission._check_live(desk.server.agents)
            desk.server.web.deliver()
            if token == first:
                await until(lambda: desk.sign_ins() == 2, "asked again")
                await desk.is_live()
                await desk.sees("#person", "Regula Frei")
        await desk.sees("#sign-in-why", "Your token is not valid any more.")
        assert desk.sign_ins() == 2, "not in a loop"
        await expect(page.locator("#sign-in-again")).to_be_visible()
        assert "Regula" not in await page.content()


async def test_what_the_page_says_where_nobody_is_signed_in(tmp_path: Path, chromium: Chromium) -> None:
    async with behind(tmp_path, chromium) as desk:
        desk.proxy.user = "nobody@desk.example"
        page = await desk.opens()
        await desk.sees("#sign-in-why", "but not known here. Ask your administrator.")
        await desk.picture("sign-in-unknown")
        await page.set_viewport_size({"width": 360, "height": 740})
        await desk.picture("sign-in-unknown-360")
        desk.proxy.user = LOGIN
        desk.server.disable("ana")
        await page.get_by_role("button", name="Sign in again").click()
        await desk.sees("#sign-in-why", "Your desk is disabled.")
        desk.server.agents["ana"] = replace(ex.ANA, login=LOGIN)
        await page.get_by_role("button", name="Sign in again").click()
        await desk.is_live()
        desk.proxy.user = None
        desk.proxy.cut()
        await desk.sees("#alerts", "Your company’s sign-in has ended: calls do not appear here.")
        await desk.picture("sign-in-ended-360")


async def test_whoever_signs_in_next_in_the_same_tab_gets_his_own_desk(tmp_path: Path, chromium: Chromium) -> None:
    async with behind(tmp_path, chromium) as desk:
        page = await desk.opens()
        await desk.is_live()
        desk.ring()
        await desk.sees("#person", "Regula Frei")
        await page.fill("#note", "half a note")
        await page.reload()
        await desk.is_live()
        await expect(page.locator("#note")).to_have_value("half a note")
        desk.server.agents["ben"] = replace(desk.server.agents["ben"], login="ben@desk.example")
        desk.proxy.user = "ben@desk.example"
        await page.reload()
        await expect(page.locator("#agent")).to_have_text("Ben Okafor")
        await desk.is_live()
        assert "Regula" not in await page.content() + await page.evaluate("JSON.stringify(sessionStorage)")
        assert "half a note" not in await page.evaluate("JSON.stringify(sessionStorage)")


async def test_a_note_waits_where_its_writer_could_not_be_asked_for(
    tmp_path: Path, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    async with behind(tmp_path, chromium) as desk:
        page = await desk.opens()
        await desk.is_live()
        desk.ring()
        await desk.sees("#person", "Regula Frei")
        await page.fill("#note", "half a note")
        with monkeypatch.context() as importing:
            importing.setattr(desk.server.tokens, "sign_in", fails)
            await page.reload()
            await desk.sees("#sign-in-why", "Signing in is not possible now.")
            assert "half a note" not in await page.content()
            assert "ctb_" not in await page.evaluate("JSON.stringify(sessionStorage)")
        await page.get_by_role("button", name="Sign in again").click()
        await desk.is_live()
        await expect(page.locator("#note")).to_have_value("half a note")
        with monkeypatch.context() as importing:
            importing.setattr(desk.server.tokens, "sign_in", fails)
            await page.reload()
            await desk.sees("#sign-in-why", "Signing in is not possible now.")
        desk.server.agents["ben"] = replace(desk.server.agents["ben"], login="ben@desk.example")
        desk.proxy.user = "ben@desk.example"
        await page.get_by_role("button", name="Sign in again").click()
        await desk.is_live()
        assert "half a note" not in await page.evaluate("JSON.stringify(sessionStorage)")


LASTING = """async () => {
  const { Lasting } = await import("/page/lasting.js");
  Object.assign(window, { said: [], busy: true, goesOn: true });
  window.lasting = new Lasting({
    renew: async () => (said.push("renew"), goesOn),
    warn: () => said.push("warn"),
    isBusy: () => busy,
  });
  lasting.welcomed(12 * 3600);
}"""


async def test_when_a_new_token_is_asked_for_and_when_the_end_is_said(desk: Desk) -> None:
    page = await desk.chromium.page()
    await page.clock.install()
    await page.goto(desk.server.url)
    await page.evaluate(LASTING)

    async def later(minutes: int) -> object:
        await page.clock.fast_forward(minutes * 60_000)
        return await page.evaluate("said.splice(0)")

    assert await later(11 * 60 - 1) == []
    assert await later(1) == [], "it rings"
    await page.evaluate("busy = false")
    assert await later(1) == ["renew"], "an hour before the end"
    assert await later(30) == ["warn", "renew"], "half of what was left"
    await page.evaluate("goesOn = false")
    assert await later(15) == ["renew"]
    assert await later(30) == [], "it will do no better"
    await page.evaluate("lasting.welcomed(null)")
    assert await later(10_000) == [], "for ever"


async def test_from_another_address_the_header_is_nothing(tmp_path: Path, chromium: Chromium) -> None:
    async with behind(tmp_path, chromium, source="127.0.0.3") as desk:
        page = await desk.opens(locale="ar")
        await expect(page.locator("#sign-in-why")).to_have_text(re.compile("لا يسجِّل هذا العنوان"))
        await expect(page.locator("#sign-in-again")).to_be_hidden()
        await desk.picture("sign-in-elsewhere-ar")
        await page.fill("#token", await desk.server.token())
        await page.keyboard.press("Enter")
        await desk.is_live()


async def test_a_token_that_soon_ends_says_so(desk: Desk) -> None:
    await desk.open()
    await expect(desk.page.locator("#alerts p")).to_have_count(0)
    soon = await desk.server.token(seconds=1700)
    await desk.page.evaluate("token => { location.hash = `#token=${token}` }", soon)
    await desk.sees("#alerts", "Sign in again before, as calls do not appear here afterwards.")
    await desk.picture("ending")
