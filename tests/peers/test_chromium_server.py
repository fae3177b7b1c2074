"""One browser for many tests: nothing of one is seen by the next, and nothing is left of it."""

from pathlib import Path

import pytest

from tests.peers.chromium import Chromium
from tests.peers.chromium_server import ChromiumServer

KEPT = "const was = document.cookie; document.cookie = 'a=1'; const is = document.cookie; [was, is]"


def browsers(parent: int) -> list[Path]:
    """The processes that this one has started and that have not ended."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [Path(f"/proc/{child}/exe") for child in children]


@pytest.mark.peer("chromium")
async def test_a_connection_finds_nothing_of_the_one_before_it(tmp_path: Path, chromium_server: ChromiumServer) -> None:
    site = "http://desk.example/"
    for _ in range(2):
        async with Chromium(tmp_path, chromium_server.endpoint) as browser:
            page = await browser.page()
            await page.route(site, lambda route: route.fulfill(body="<title>Desk</title>"))
            await page.goto(site)
            assert await page.evaluate(KEPT) == ["", "a=1"]
            assert len(browser.requests) == 1


@pytest.mark.peer("chromium")
def test_its_browser_ends_with_it(tmp_path: Path) -> None:
    server = ChromiumServer(tmp_path)
    server.start()
    (browser,) = browsers(server.process.pid)
    assert "chromium" in str(browser.resolve())
    server.stop()
    assert not browser.exists()
