"""A page of which not everything arrives: it says so, and comes by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")

MODULE, STYLE, START = "**/page/strips.js", "**/page/page.css", "**/page/start.js"
Answer = Callable[[Route], Awaitable[None]]


async def drop(route: Route) -> None:
    await route.abort("connectionreset")


def first(answer: Answer) -> Answer:
    """For the first request alone."""
    asked: list[Route] = []

    async def answered(route: Route) -> None:
        asked.append(route)
        await (answer(route) if len(asked) == 1 else route.continue_())

    return answered


async def opened(desk: Desk, page: Page) -> None:
    await page.goto(f"{desk.server.url}/#token={await desk.server.token()}", wait_until="commit")


async def is_live(page: Page) -> None:
    await expect(page.locator("#link")).to_have_attribute("data-link", "live")
    await expect(page.locator("#unloaded")).to_have_count(0)


async def test_a_module_that_does_not_arrive_is_asked_for_until_it_does(desk: Desk) -> None:
    """While the service is away, too, the page stays and says it: the browser's own error would not come back."""
    page = await desk.chromium.page(locale="de-CH")
    documents, looks = asyncio.Queue[str](), asyncio.Queue[str]()
    is_away = True

    async def index(route: Route) -> None:
        kind = route.request.resource_type
        (documents if kind == "document" else looks).put_nowait(kind)
        await (route.abort("connectionrefused") if is_away and kind != "document" else route.continue_())

    await page.route(f"{desk.server.url}/", index)
    await page.route(MODULE, drop)
    await opened(desk, page)
    await expect(page.locator("#unloaded p:visible")).to_contain_text(["Diese Seite ist nicht ganz angekommen"])
    await expect(page.locator("#link")).to_have_attribute("data-link", "lost")
    async with asyncio.timeout(20):
        for _ in range(2):
            await looks.get()
        assert documents.qsize() == 1
        is_away = False
        for _ in range(2):
            await documents.get()
    await page.unroute(MODULE)
    await is_live(page)


async def test_what_nobody_answers_is_asked_for_again_after_a_time(desk: Desk) -> None:
    page = await desk.chromium.page()
    await page.clock.install(time=now())
    await page.clock.pause_at(now() + timedelta(minutes=1))
    await page.route(MODULE, first(lambda _: asyncio.sleep(0)))
    await opened(desk, page)
    sentence = page.locator("#unloaded")
    await expect(sentence).to_have_count(1)
    await page.clock.run_for(18_000)
    assert not await sentence.is_visible()
    await page.clock.run_for(2_000)
    await expect(sentence).to_be_visible()
    await page.clock.resume()
    await is_live(page)


async def test_its_looks_come_later_while_it_works(desk: Desk) -> None:
    page = desk.page = await desk.chromium.page()
    await page.route(STYLE, first(drop))
    await opened(desk, page)
    await is_live(page)
    await expect(page.locator(".alerts")).to_have_css("display", "grid")
    assert await page.evaluate("[...document.styleSheets].map(({ href }) => href.split('/').pop())") == [
        "page.css", "pop.css", "context.css", "rail.css", "settings.css",
    ]  # fmt: skip
    assert await page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"


async def test_without_any_script_it_says_so_in_each_language(desk: Desk) -> None:
    page = await desk.chromium.page()
    await page.route("**/*.js", drop)
    await opened(desk, page)
    sentence = page.locator("#unloaded")
    await expect(sentence).to_have_css("visibility", "hidden")
    await sentence.evaluate("(node) => node.getAnimations().forEach((one) => one.finish())")
    await expect(sentence.locator("p:visible")).to_have_count(6)
    await page.unroute("**/*.js")
    await page.route(START, drop)
    await page.reload()
    await is_live(page)
