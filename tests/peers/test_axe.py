"""axe-core finds what is wrong, on a page whose policy lets no foreign script in."""

import pytest

from tests.peers.axe import violations
from tests.peers.chromium import Chromium

pytestmark = pytest.mark.peer("chromium", "axe-core")

HEAD = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><title>Desk</title>"


def desk(body: str) -> str:
    return f"<!doctype html><html lang=en>{HEAD}<main><h1>Desk</h1>{body}</main>"


async def test_faults_are_named_with_their_place(chromium: Chromium) -> None:
    page = await chromium.page()
    await page.set_content(desk("<p>Nothing is wrong.</p>"))
    assert await violations(page) == []
    await page.set_content(desk("<button id=no-name></button>"))
    (fault,) = await violations(page)
    assert fault.startswith("button-name: #no-name: ")


async def test_a_name_says_what_stands_on_the_button(chromium: Chromium) -> None:
    page = await chromium.page()
    await page.set_content(
        desk(
            "<p><button aria-label='عرض مكالمة ACME'>عرض <kbd aria-hidden=true>Alt 1</kbd></button></p>"
            "<p><button aria-label='Close the settings'>×</button></p>"
            "<p><button aria-label='I call Ana back'>I call back</button></p>"
        )
    )
    assert await violations(page) == ["name-without-its-text: “I call Ana back” for “I call back”"]
