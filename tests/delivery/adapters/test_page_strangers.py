"""What strangers wrote is text on the page, and nothing is asked of anybody else."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Remark
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer, Link
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")


PAYLOADS = [
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "<svg/onload=document.title='pwned'>",
    "\"><b onmouseover=alert(1)>x</b>",
    "'-alert(1)-'",
    "javascript:alert(1)",
    "</p></article><h1>ACME</h1>",
    "&lt;b&gt;&#60;i&#62;",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "\u202egnissecca\u202c",
    "a\u0000b\u0008c",
    "<iframe srcdoc='<script>parent.document.title=1</script>'>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<a href=//evil.example>x</a>",
    "<template><s>",
    "]]><!--",
    "x" * 2000,
]  # fmt: skip


def strange(text: str) -> Answer:
    """An answer in which this text stands wherever a stranger's text may stand."""
    candidate = ex.candidate(text, AccountRef("acme", text), job_title=text, organization=text, site=text)
    return replace(
        ex.IDENTIFIED,
        caller=replace(
            ex.CALLER,
            number=None,
            raw=Number(text),
            display_name=Name(text),
            diverted_by=Number(text),
            attestation=text,
            remarks=(Remark(text, Private(text), text), Remark("constructor", Private(text), "X-A")),
        ),
        called=replace(ex.CALLED, name=text, account=AccountRef("acme", text + "!"), granted=False),
        language=replace(ex.GERMAN, endonym=text, name=text, greeting=text),
        resolution=Resolution(Status.AMBIGUOUS, None, (candidate, candidate)),
        links=(Link(text, text), Link("bad", "javascript:alert(1)"), Link("data", "data:text/html,x")),
    )


async def test_strings_are_shown_literally(desk: Desk) -> None:
    page = await desk.open(width=360)
    places = (
        "#company bdi",
        "#greeting",
        ".candidates .name bdi >> nth=0",
        ".facts dd bdi >> nth=1",
        ".remarks dt bdi >> nth=0",
        ".remarks dd bdi >> nth=1",
        "#notices bdi >> nth=0",
    )
    for number, text in enumerate(PAYLOADS, start=1):
        call = desk.ring(strange(text), number)
        desk.say(lambda text=text: desk.server.desks.notice("ana", Notice("x", text), now()))  # type: ignore[misc]
        await expect(page.locator("#pop")).to_have_attribute("data-call", call.id)
        for where in places:
            assert await page.locator(where).evaluate("node => node.textContent") == text
        assert await page.locator("#pop :is(script, img, svg, iframe, style, template, b, i, a)").count() == 0
        assert (await page.title()).startswith("● ")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        desk.end(call)
        await desk.sees("#pop .chip", "Caller hung up")
    assert desk.chromium.errors == []
    assert all(url.startswith(desk.server.url) for url in desk.chromium.requests)


async def test_nothing_is_asked_of_anybody_else(desk: Desk) -> None:
    await desk.open()
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    assert desk.chromium.requests
    assert all(url.startswith(desk.server.url) for url in desk.chromium.requests)
