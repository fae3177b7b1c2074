"""The browser of the tests."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.peers.chromium import Chromium
from tests.peers.process import until


@pytest.mark.peer("chromium")
async def test_two_agents_at_one_browser(chromium: Chromium, page: Page) -> None:
    other = await chromium.page(width=800, height=600, locale="de-DE")
    await page.set_content("<title>Desk</title><h1>Ana</h1><script>name = 'ana'</script>")
    await other.set_content(
        "<h1>Ben</h1><script>document.querySelector('h1').title = name + navigator.language</script>"
    )
    assert await page.inner_text("h1") == "Ana"
    assert await other.get_attribute("h1", "title") == "de-DE"
    picture = await chromium.picture(page, "ana")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert chromium.errors == []
    await other.set_content("<script>console.error('so wrong'); nothing()</script>")
    await until(lambda: len(chromium.errors) == 2, "the page reports its faults")
    assert chromium.requests == []
