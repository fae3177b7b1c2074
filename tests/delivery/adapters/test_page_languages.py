"""The page in the reader's language: chosen by his browser or by him, mirrored where it is written from the right."""

import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page, expect

from ctibridge.domain.line import LineState
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import Desk, now

pytestmark = pytest.mark.peer("chromium")

WAITING = {
    "en-GB": "Waiting for the next call",
    "de-CH": "Warten auf den nächsten Anruf",
    "fr-CA": "En attente du prochain appel",
    "es-419": "A la espera de la próxima llamada",
    "nl-BE": "Wachten op de volgende oproep",
    "ar-EG": "في انتظار المكالمة التالية",
    "sv-SE": "Waiting for the next call",
}


async def direction(page: Page) -> tuple[str, str]:
    return await page.get_attribute("html", "lang") or "", await page.get_attribute("html", "dir") or ""


@pytest.mark.parametrize("locale", WAITING)
async def test_it_speaks_as_the_browser_does(desk: Desk, locale: str) -> None:
    page = await desk.open(locale=locale)
    await desk.sees("#waiting", WAITING[locale])
    language = locale[:2] if locale != "sv-SE" else "en"
    assert await direction(page) == (language, "rtl" if language == "ar" else "ltr")
    assert desk.chromium.errors == []


async def test_the_agents_own_choice_comes_first(desk: Desk) -> None:
    page = await desk.open(locale="ar-EG")
    await page.evaluate("localStorage.setItem('ctibridge.settings', JSON.stringify({language: 'nl'}))")
    await page.reload()
    await desk.sees("#waiting", WAITING["nl-BE"])
    assert await direction(page) == ("nl", "ltr")


async def test_what_is_on_the_page_changes_with_the_choice(desk: Desk) -> None:
    """Another tab of the browser chose it, while a call was on the page."""
    page = await desk.open()
    desk.ring(ex.WHOLE)
    await desk.sees("#pop", "Number belongs to")
    other = await page.context.new_page()
    await other.goto(f"{desk.server.url}/healthz")
    await other.evaluate("localStorage.setItem('ctibridge.settings', JSON.stringify({language: 'de'}))")
    await desk.sees("#pop", "Nummer gehört zu")
    assert await direction(page) == ("de", "ltr")


# -- how texts are made -----------------------------------------------------------------------------------------------

SAID = """async () => {
  const { ago, clock, elapsed, languageName, list, t } = await import("/page/messages.js");
  const at = Date.UTC(2026, 10, 22, 14, 2);
  return {
    counted: [0, 1, 2, 3, 11, 100].map((n) => t("rail.today.notes", { n })),
    isolated: t("rail.today.line", { line: "\u05d0" }),
    markup: t("rail.today.line", { line: "{line} $& <b>" }),
    unknown: t("rail.no.such_text"),
    ago: [ago(at - 150000, at), ago(at - 90000000, at)],
    clock: clock(new Date(2026, 10, 22, 14, 2)),
    elapsed: [elapsed(0, 125000), elapsed(5000, 0)],
    list: list(["Ana", "Ben"], "disjunction"),
    language: [languageName("de-CH"), languageName("not a tag")],
  };
}"""


async def test_numbers_times_and_names_are_put_in_as_each_language_does(desk: Desk) -> None:
    page = await desk.open(locale="de-DE")
    said = await page.evaluate(SAID)
    assert said == {
        "counted": ["0 Notizen", "1 Notiz", "2 Notizen", "3 Notizen", "11 Notizen", "100 Notizen"],
        "isolated": "Leitung \u2068\u05d0\u2069",
        "markup": "Leitung \u2068{line} $& <b>\u2069",
        "unknown": "rail.no.such_text",
        "ago": ["vor 2 Minuten", "gestern"],
        "clock": "14:02",
        "elapsed": ["2:05", "0:00"],
        "list": "\u2068Ana\u2069 oder \u2068Ben\u2069",
        "language": ["Deutsch (Schweiz)", "not a tag"],
    }
    await page.evaluate("localStorage.setItem('ctibridge.settings', JSON.stringify({language: 'ar'}))")
    await page.reload()
    await desk.sees("#waiting", WAITING["ar-EG"])
    said = await page.evaluate(SAID)
    assert said["counted"] == ["لا ملاحظات", "ملاحظة واحدة", "ملاحظتان", "3 ملاحظات", "11 ملاحظة", "100 ملاحظة"]
    assert (said["clock"], said["elapsed"]) == ("14:02", ["2:05", "0:00"])


async def test_what_could_not_be_read_is_said_in_english_until_it_comes(desk: Desk) -> None:
    page = await desk.chromium.page(locale="nl-BE")
    await page.route("**/messages/nl/pop.json", lambda route: route.abort())
    await page.goto(f"{desk.server.url}/#token={await desk.server.token()}")
    await expect(page.locator("#waiting")).to_contain_text(WAITING["nl-BE"])
    desk.page = page
    desk.ring()
    await desk.sees("#pop", "Number belongs to")
    await page.unroute("**/messages/nl/pop.json")
    await desk.sees("#pop", "Nummer hoort bij")


# -- right to left ----------------------------------------------------------------------------------------------------

# What a stranger, the customer or the product itself wrote stands in elements of its own.
LATIN = """() => {
  const found = [];
  const bare = (text) => text.replace(/\\u2068[^\\u2069]*\\u2069/g, "");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: place } = walker.currentNode;
    const foreign = place.closest("bdi, code, kbd, noscript, .brand, #agent, #desk [lang], [dir]:not(html), [hidden]");
    if (!foreign && place.checkVisibility()) found.push(data);
  }
  for (const node of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
    found.push(...["aria-label", "placeholder", "title"].map((name) => node.getAttribute(name) ?? ""));
  }
  return found.map(bare).filter((text) => /[A-Za-z]{3,}/.test(text));
}"""


async def everything(desk: Desk) -> None:
    """An answered call with all that there can be, one that rings, a line that is deaf."""
    desk.say(lambda: desk.server.desks.line_state("pbx", "6004", LineState.DEAF, now()))
    desk.end(desk.ring(ex.WITHHELD, number=3, ago=600))
    desk.answered(desk.ring(ex.WHOLE))
    desk.ring(replace(ex.UNKNOWN, language=ex.ARABIC), number=2)
    await desk.page.locator("#pop[data-state=answered]").wait_for()
    await desk.page.locator(".strip").wait_for()


async def box(page: Page, selector: str) -> dict[str, Any]:
    found = await page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return dict(found)


async def test_in_arabic_nothing_is_said_in_english(desk: Desk) -> None:
    page = await desk.open(locale="ar-EG")
    assert await page.evaluate(LATIN) == []
    await everything(desk)
    assert await page.evaluate(LATIN) == []


async def test_in_arabic_the_page_is_mirrored(desk: Desk) -> None:
    page = await desk.open(locale="ar-EG", width=1440)
    await everything(desk)
    stage, rail = await box(page, ".stage"), await box(page, ".rail")
    assert rail["x"] + rail["width"] <= stage["x"], "what is beside the call is on its left"
    brand, link = await box(page, ".brand"), await box(page, "#link")
    assert link["x"] + link["width"] <= brand["x"]
    for name in (".strip .company", "#greeting"):
        aligned = await page.locator(name).evaluate("node => getComputedStyle(node).textAlign")
        assert aligned == "right", "in Latin letters, but where the eye looks"
    for width in (1440, 768, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await desk.picture(f"arabic-{width}")


async def test_in_arabic_numbers_are_read_from_the_left(desk: Desk) -> None:
    page = await desk.open(locale="ar-EG")
    desk.ring(ex.UNKNOWN)
    number = page.locator("#pop .number").first
    await expect(number).to_have_text("+4915112345678")
    assert await number.evaluate("node => getComputedStyle(node).direction") == "ltr"
    drawn = await number.evaluate(
        """node => {
          const range = document.createRange();
          const at = (place) => (range.setStart(node.firstChild, place), range.setEnd(node.firstChild, place + 1),
            range.getBoundingClientRect().left);
          return [at(0), at(1), at(13)];
        }"""
    )
    assert drawn == sorted(drawn), "the plus stands first, the last digit last"
    assert json.dumps(await page.locator("time").all_inner_texts()).isascii(), "digits as in telephone numbers"
