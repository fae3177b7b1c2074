"""Deque's axe-core, which looks for what keeps people out of a page: contrast, names, roles, order, targets.

Comes in: a page as it stands. Goes out: one line for each violation of WCAG 2.2 AA or of axe's best practice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.peers.process import require_program

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# axe's own rule takes the picture of a key in a button for a part of its label, and knows no Arabic; see _UNSAID.
_RUN = """tags => axe.run(document, {
  runOnly: {type: 'tag', values: tags},
  rules: {'label-content-name-mismatch': {enabled: false}},
  resultTypes: ['violations'],
})"""
# WCAG 2.5.3: who says to his computer what stands on a button means this button.
_UNSAID = """() => {
  const plain = (text) => text.replace(/[\\u2066-\\u2069]/g, "").replace(/\\s+/g, " ").trim();
  return [...document.querySelectorAll(":is(button, a)[aria-label]")].flatMap((node) => {
    const shown = node.cloneNode(true);
    for (const key of shown.querySelectorAll("kbd, svg")) key.remove();
    const [name, text] = [plain(node.getAttribute("aria-label")), plain(shown.textContent)];
    return !/\\p{L}/u.test(text) || name.includes(text) ? [] : [`name-without-its-text: “${name}” for “${text}”`];
  });
}"""


async def violations(page: Page) -> list[str]:
    """`color-contrast: #pop .chip: …`. The script is evaluated by the debugger, whatever the page's policy says."""
    if await page.evaluate("typeof axe") == "undefined":
        await page.evaluate(Path(require_program("axe-core")).read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(_RUN, _TAGS)
    unsaid: list[str] = await page.evaluate(_UNSAID)
    return unsaid + [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
