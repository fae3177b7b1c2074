"""Whatever strangers, customers and colleagues wrote is text on the page: no markup, no script, no way out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page, expect

from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.agent import Agent
from ctibridge.domain.caller import Remark
from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    KnowledgeArticle,
    MajorIncident,
    Request,
    Service,
    StandardRequest,
    Suggestions,
)
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Announced, Answer, Customer, Link
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")

RUN = "globalThis.pwned=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<svg/onload={RUN}>",
    f'"><b onmouseover={RUN} autofocus onfocus={RUN} tabindex=1>x</b>',
    f"'-{RUN}-'",
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "</p></article></main><h1>ACME</h1>",
    "&lt;b&gt;&#60;i&#62;&amp;",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}{{n}}{{name}}",
    "\u202egnissecca\u202c\u2069",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example/><link rel=stylesheet href=//evil.example/a.css>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    f"<a href='javascript:{RUN}'>x</a><form action=//evil.example><button>x",
    f"<math><mtext><template><s onclick={RUN}>",
    f"]]><!--><details open ontoggle={RUN}>",
    "constructor hasOwnProperty " + "x" * 100,
]
BAD_LINKS = [f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"data:text/html,<script>{RUN}</script>", "vbscript:x",
             "//evil.example/x", "file:///etc/passwd", f" \x01javascript:{RUN}"]  # fmt: skip
GOOD_LINK = "https://acme.example/x?a=1&b=%22%3E"

Mark = Callable[[str], str]


def answer(mark: Mark) -> Answer:
    """mark: field name to the text that stands there."""
    account = AccountRef("acme", mark("account"))
    person = ex.candidate(
        mark("name"), account, job_title=mark("job title"), organization=mark("organization"), site=mark("site")
    )
    return replace(
        ex.WHOLE,
        caller=replace(
            ex.CALLER,
            number=None,
            raw=Number(mark("number")),
            display_name=Name(mark("display name")),
            diverted_by=Number(mark("diverted by")),
            remarks=(Remark("queue", Private(mark("remark")), "X-Queue"),),
        ),
        called=replace(ex.CALLED, name=mark("company"), account=account, granted=True),
        language=replace(ex.GERMAN, endonym=mark("endonym"), greeting=mark("greeting")),
        resolution=Resolution(Status.IDENTIFIED, account, (person,), revision=abs(hash(mark("name")))),
        links=(Link(mark("link"), GOOD_LINK), *(Link("bad", url) for url in BAD_LINKS)),
        context=context(mark),
        customer=Customer(
            account,
            Text("en", mark("briefing")),
            Text("en", mark("verification")),
            (Announced("a1", Text("en", mark("announcement")), mark("announced site")),),
        ),
    )


def context(mark: Mark) -> Context:
    bad = BAD_LINKS[0]
    return Context(
        services=(Service("s1", mark("service"), mark("service status")),),
        configuration_items=(ConfigurationItem("c1", mark("item"), mark("product"), "in_use", "s1"),),
        requests=(Request("r1", mark("subject"), "assigned", ex.AT, "s1", bad),),
        standard_requests=(StandardRequest("t1", "s1", mark("standard request"), mark("hints")),),
        knowledge_articles=(KnowledgeArticle("k1", "s1", mark("article"), bad, "de"),),
        major_incidents=(MajorIncident("s1", mark("incident"), bad),),
    )


class Marks:
    """Remembers what was put where."""

    def __init__(self, payload: str) -> None:
        self.payload = payload
        self.made: dict[str, str] = {}

    def __call__(self, field: str) -> str:
        return self.made.setdefault(field, f"{self.payload} {field}")


OUTLINE = """() => {
  const walk = (node) => `${node.tagName}(${[...node.children].map(walk)})`;
  return ["#pop", "#customer"].map((place) => walk(document.querySelector(place)));
}"""
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode.data);
  return found;
}"""
WAYS_OUT = """() => [...document.querySelectorAll("*")].flatMap((node) => [
  ...node.getAttributeNames().filter((name) => /^on|^srcdoc$/.test(name)),
  ...(node.href && !/^(https?|tel|mailto):/.test(node.href) ? [node.href] : []),
  ...(/^(SCRIPT|LINK|IMG)$/.test(node.tagName) && !(node.src || node.href).startsWith(origin) ? [node.tagName] : []),
])"""


async def missing(page: Page, marks: Marks) -> list[str]:
    """The fields of which the page does not show the very text."""
    texts: list[str] = await page.evaluate(TEXTS)
    return [field for field, text in marks.made.items() if not any(text in shown for shown in texts)]


async def nothing_happened(desk: Desk) -> None:
    assert await desk.page.evaluate("globalThis.pwned") is None
    assert await desk.page.evaluate(WAYS_OUT) == []
    assert desk.chromium.errors == []
    assert all(url.startswith(desk.server.url) for url in desk.chromium.requests)


async def show(desk: Desk, call: Any, marks: Marks) -> None:
    desk.say(lambda: desk.server.desks.updated("ana", ex.pop(answer(marks), call), now()))
    await expect(desk.page.locator("#greeting")).to_have_text(marks("greeting"))


async def test_a_call_is_shown_literally(desk: Desk) -> None:
    page = await desk.open()
    page.on("dialog", lambda dialog: desk.chromium.errors.append(dialog.message))
    call = desk.ring(answer(Marks("harmless")))
    harmless = Marks("harmless")
    await show(desk, call, harmless)
    outline = await page.evaluate(OUTLINE)
    unseen = await missing(page, harmless)
    assert set(unseen) <= {"account", "endonym"}, "else it proves too little"
    for payload in PAYLOADS:
        marks = Marks(payload)
        await show(desk, call, marks)
        assert await missing(page, marks) == unseen, payload
        assert await page.evaluate(OUTLINE) == outline, payload
        await nothing_happened(desk)


async def test_only_good_links_are_links(desk: Desk) -> None:
    page = await desk.open()
    call = desk.ring(answer(Marks("")))
    await show(desk, call, Marks(""))
    addresses = await page.locator("#desk a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert addresses == [GOOD_LINK]
    opened = page.locator("#desk a")
    assert await opened.get_attribute("rel") == "noopener noreferrer"
    await nothing_happened(desk)


async def test_what_colleagues_and_customers_wrote_is_shown_literally(desk: Desk) -> None:
    """Notes, suggestions, notices and people found, all payloads at once."""
    page = await desk.open()
    desks = desk.server.desks
    call = desk.ring(ex.WHOLE)
    orders = tuple(StandardRequest(f"t{n}", None, text, f"hint {text}") for n, text in enumerate(PAYLOADS))
    articles = tuple(KnowledgeArticle(f"k{n}", None, f"article {text}", text) for n, text in enumerate(PAYLOADS))
    desk.say(lambda: desks.suggested("ana", Suggestions(call.id, orders, articles), now()))
    for text in PAYLOADS:
        desk.say(lambda text=text: desks.worked("ana", call.id, Note("ben", Private(f"note {text}"), now())))  # type: ignore[misc]
        await expect(page.locator("#notes .text").last).to_have_text(f"note {text}")
        desk.say(lambda text=text: desks.notice("ana", Notice("x", f"notice {text}"), now()))  # type: ignore[misc]
        await expect(page.locator("#notices bdi").first).to_have_text(f"notice {text}")
    await page.locator("#pop [data-key=search]").click()
    await desk.found("anybody", *(ex.candidate(f"found {text}", email=Private(text)) for text in PAYLOADS))
    texts: list[str] = await page.evaluate(TEXTS)
    for kind in ("found ", "hint ", "article "):
        assert [text for text in PAYLOADS if not any(kind + text in shown for shown in texts)] == [], kind
    await nothing_happened(desk)


async def test_names_of_colleagues_and_of_the_calls_of_today_are_shown_literally(desk: Desk) -> None:
    page = await desk.open()
    await desk.colleagues(*((Agent(f"a{n}", f"colleague {text}"), True) for n, text in enumerate(PAYLOADS)))
    for n, text in enumerate(PAYLOADS, start=1):
        desk.end(desk.ring(answer(Marks(text)), number=n, ago=60))
    await expect(page.locator(".colleague")).to_have_count(len(PAYLOADS))
    await expect(page.locator(".recent > li")).to_have_count(len(PAYLOADS))
    texts: list[str] = await page.evaluate(TEXTS)
    for kind in ("colleague {}", "{} name", "{} company"):
        assert [text for text in PAYLOADS if not any(kind.format(text) in shown for shown in texts)] == [], kind
    await nothing_happened(desk)
