"""One window of Debian's Chromium with tabs, of which only the one in front is seen: the others are really hidden.

Playwright tells each page that it launches to behave as if it were in front. Joined to a browser that runs already it
leaves the tabs alone: timers and drawing are throttled behind as they are at an agent's desk.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.async_api import BrowserContext, Page, Playwright, async_playwright

from tests.peers.chromium import ARGUMENTS
from tests.peers.process import Process, require_program


class ChromiumWindow:
    """`async with ChromiumWindow(tmp_path) as window`, then `await window.tab()`; the newest tab is in front."""

    def __init__(self, folder: Path) -> None:
        self._profile = folder / "chromium-profile"
        self._profile.mkdir(parents=True)
        here = [f"--user-data-dir={self._profile}", "--remote-debugging-port=0"]
        command = [require_program("chromium"), "--headless", *ARGUMENTS, *here, "about:blank"]
        self.process = Process(command, log=folder / "chromium.log", cwd=folder)
        self._playwright: Playwright | None = None
        self._context: BrowserContext

    async def __aenter__(self) -> Self:
        self.process.start()
        await self.process.ready(self._has_port, "DevTools listens")
        port, path = self._address.read_text().split()
        self._playwright = await async_playwright().start()
        browser = await self._playwright.chromium.connect_over_cdp(f"ws://127.0.0.1:{port}{path}", no_defaults=True)
        self._context = browser.contexts[0]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._playwright is not None:
            await self._playwright.stop()
        self.process.kill()

    async def tab(self) -> Page:
        page = await self._context.new_page()
        await page.bring_to_front()
        return page

    @property
    def _address(self) -> Path:
        return self._profile / "DevToolsActivePort"

    def _has_port(self) -> bool:
        return self._address.exists() and len(self._address.read_text().split()) == 2
