"""The agent's desk: Debian's Chromium without a window, driven by Playwright.

Comes in: pages to open. Goes out: Playwright pages, pictures of them, and what went wrong inside them. Playwright's
own downloaded browser is not used.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, Page, Playwright, ViewportSize, async_playwright, expect

from tests.peers.process import PeerError, require_program

# Root in a container has no user namespaces for the sandbox; the rest keeps the browser from calling its maker.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_TIMEOUT = 60.0  # seconds; the first start after boot reads 300 MB from disk
_PATIENCE = 20_000
"""Milliseconds for what is expected of a page: a machine that others use may stand still for as long as the usual five
seconds (seen once: a page that had not connected by then)."""


def launching() -> dict[str, Any]:
    """How it is started, in Playwright's own words. Raises PeerError where it is not installed."""
    program = require_program("chromium")
    return {"executablePath": program, "args": ARGUMENTS, "headless": True, "timeout": START_TIMEOUT * 1000}


class Chromium:
    """One browser; each page has a context of its own, as if each agent sat at a machine of his own.

    endpoint: of a ChromiumServer, whose browser it then is; without one a browser is started, and ended.
    """

    def __init__(self, pictures: Path, endpoint: str | None = None) -> None:
        self.pictures = pictures
        self._endpoint = endpoint
        self.errors: list[str] = []  # uncaught exceptions and console errors of all pages
        self.requests: list[str] = []  # every URL that any page asked for
        self.unanswered: list[str] = []  # those of them that nothing came of, and why
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        self._playwright = await async_playwright().start()
        expect.set_options(timeout=_PATIENCE)
        chromium = self._playwright.chromium
        if self._endpoint is not None:
            self._browser = await chromium.connect(self._endpoint, timeout=START_TIMEOUT * 1000)
        else:
            how = launching()
            how["executable_path"] = how.pop("executablePath")
            self._browser = await chromium.launch(**how)

    async def close(self) -> None:
        if self._browser is not None:
            await self._browser.close()
            self._browser = None
        if self._playwright is not None:
            await self._playwright.stop()
            self._playwright = None

    async def page(self, *, width: int = 1280, height: int = 800, locale: str = "en-GB") -> Page:
        """A page of a new context: no cookies, no storage, nothing shared with the others."""
        if self._browser is None:
            raise PeerError("this browser was not started")
        size: ViewportSize = {"width": width, "height": height}
        context = await self._browser.new_context(viewport=size, locale=locale)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.unanswered.append(f"{request.url}: {request.failure}"))
        return page

    async def picture(self, page: Page, name: str) -> Path:
        """A screenshot as NAME.png in the folder for pictures."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{name}.png"
        await page.screenshot(path=path, full_page=True)
        return path
