"""The page on every screen, in light and dark, for everybody's eyes."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import expect

from ctibridge.domain.line import LineState
from ctibridge.domain.resolution import Resolution, Status
from tests.delivery import examples as ex
from tests.delivery.adapters.page_desk import SEEN, Desk, now

pytestmark = pytest.mark.peer("chromium")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_every_screen(desk: Desk, scheme: Any) -> None:
    page = await desk.open()
    await page.emulate_media(color_scheme=scheme)
    desk.ring(replace(ex.AMBIGUOUS, language=ex.ARABIC))
    await desk.sees("#candidates", "Reto Frei")
    assert await page.evaluate("getComputedStyle(document.getElementById('greeting')).direction") == "rtl"
    for width, height in ((360, 640), (768, 1024), (1280, 800), (1920, 1080), (3840, 2160)):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        box = await page.locator("#greeting").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height, "the greeting is seen without scrolling"
        await desk.picture(f"screen-{width}-{scheme}")


CONTRAST = """() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest(".unseen")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${node.className || node.tagName} ${node.textContent} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_enough(desk: Desk, scheme: Any) -> None:
    """WCAG AA: 4.5 to 1 for all text."""
    page = await desk.open()
    await page.emulate_media(color_scheme=scheme)
    desk.say(lambda: desk.server.desks.line_state("pbx", "6004", LineState.DEAF, now()))
    desk.say(lambda: desk.server.desks.nobody_sits("pbx", "6004", now()))
    for number, status in enumerate(SEEN):
        calls = [desk.ring(ex.ANSWERS[status], 10 * number + beside) for beside in (1, 2)]
        await expect(page.locator("#pop")).to_have_attribute("data-call", calls[0].id)
        await expect(page.locator(".strip")).to_have_count(1)
        assert await page.evaluate(CONTRAST) == []
        for call in reversed(calls):
            desk.end(call)
        await desk.sees("#pop .chip", "Caller hung up")
        assert await page.evaluate(CONTRAST) == []


async def test_nothing_moves_for_those_who_want_it_still(desk: Desk) -> None:
    page = await desk.open()
    await page.emulate_media(reduced_motion="reduce")
    desk.ring()
    await desk.sees("#person", "Regula Frei")
    assert await page.evaluate("document.getAnimations().length") == 0


DOTS = """() => [...document.querySelectorAll("#pop .role > *")].map((part) => {
  const name = part.querySelector("bdi");
  const [outer, inner] = [part, name ?? part].map((node) => node.getBoundingClientRect());
  return {
    name: name?.textContent ?? null,
    inside: name !== null && getComputedStyle(name, "::before").content !== "none",
    left: inner.left - outer.left,
    right: outer.right - inner.right,
    at: outer.left,
  };
})"""


async def test_a_name_from_right_to_left_leaves_the_dots_where_they_are(desk: Desk) -> None:
    page = await desk.open(width=1600)
    person = ex.candidate("Vera Lang", job_title="Management", organization=None, site="دبي")
    desk.ring(replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (person,))))
    await desk.sees("#person", "Vera Lang")
    parts = await page.evaluate(DOTS)
    assert [part["name"] for part in parts] == ["ACME AG", "Management", "دبي", None]
    assert [part["at"] for part in parts] == sorted(part["at"] for part in parts)
    for part in parts[:-1]:
        assert not part["inside"]
        assert part["left"] > 5, "the dot stands left of the name"
        assert part["right"] == 0
    await desk.picture("right-to-left")
