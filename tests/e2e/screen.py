"""The agent's page at a running daemon: opened, listened to, and looked at as the agent would."""

import re

from playwright.async_api import Locator, Page, expect

from tests.delivery.adapters.attention import RECORDER, recorded_notifications, recorded_sound
from tests.e2e.daemon import Daemon

# Only what a text says: the marks that keep two directions of writing apart are of no interest here.
_ISOLATES = "[\u2066-\u2069]*"
_FOCUS = "(({id, className, tagName}) => id || className || tagName)(document.activeElement)"
_RINGS = """({
  sounding: desktop.sounds.some(({repeat, stopped}) => repeat && !stopped),
  notes: desktop.notes.filter(({open}) => open).map(({title}) => title),
})"""


def says(text: str) -> re.Pattern[str]:
    """This text, whatever parts of it the page isolates."""
    return re.compile(_ISOLATES.join(r"\s+" if one == " " else re.escape(one) for one in text))


async def signed_in(page: Page, daemon: Daemon, agent: str) -> Page:
    await page.goto(f"http://{daemon.web}/#token={daemon.token(agent)}")
    return await live(page)


async def live(page: Page, timeout: float = 30.0) -> Page:
    """It hears calls (again)."""
    await expect(page.locator("#link")).to_have_attribute("data-link", "live", timeout=timeout * 1000)
    return page


async def sees(where: Locator, *texts: str) -> None:
    for text in texts:
        await expect(where).to_contain_text(says(text))


async def recorded(page: Page, permission: str = "granted") -> None:
    """From its next load on what would be heard and shown on the desktop is kept instead; see `rings`."""
    for script in (RECORDER, recorded_notifications(permission), recorded_sound()):
        await page.add_init_script(script)


async def rings(page: Page) -> bool:
    """Heard and on the desktop. Never one without the other, never one call twice."""
    now = await page.evaluate(_RINGS)
    assert now["sounding"] == bool(now["notes"]), now
    assert len(now["notes"]) <= 1, now
    return bool(now["sounding"])


async def focus(page: Page) -> str:
    """Where the keyboard is: an id, a class or a tag."""
    found: str = await page.evaluate(_FOCUS)
    return found


async def heading_to(there: Locator, presses: int = 40) -> None:
    """Tab by Tab, until that has the focus."""
    await expect(there).to_be_visible()
    for _ in range(presses):
        if await there.evaluate("(node) => node === document.activeElement"):
            return
        await there.page.keyboard.press("Tab")
    raise AssertionError(f"{presses} times Tab do not lead there, but to {await focus(there.page)}")
