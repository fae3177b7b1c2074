"""How Sphinx makes the site of `docs/` (`make docs`). The pages stay plain Markdown: nothing in them is of Sphinx.

The navigation is `docs/index.md` itself: each heading with its list becomes a part of it, so that there is one order.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

from ctibridge import __version__

_HERE = Path(__file__).parent
_PAGE = _HERE.parents[1] / "ctibridge" / "delivery" / "adapters" / "page"

project = "ctibridge"
release = version = __version__
html_title = f"ctibridge {__version__}"

# From the root, as links lead from docs/ to its neighbours; what else lies there is no page.
root_doc = "docs/index"
include_patterns = ["docs/*.md", "docs/**/*.md", "examples/README.md", "CHANGELOG.md"]
exclude_patterns = [".*", "site", "requirements", "docs/site"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True
# What is copied has to be what was written.
smartquotes = False
# An example with `…` in it is coloured as far as it goes.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_static_path = ["static", str(_PAGE / "icon.svg")]
html_extra_path = ["root"]
html_css_files = ["house.css"]
html_js_files = ["house.js"]
html_search_scorer = str(_HERE / "static" / "scorer.js")
html_favicon = str(_PAGE / "icon.svg")
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

_COLOUR = re.compile(r"^  --([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", re.MULTILINE)
_HOUSE = {
    "color-background-primary": "card",
    "color-background-secondary": "paper",
    "color-background-hover": "sunk",
    "color-background-border": "line",
    "color-foreground-primary": "ink",
    "color-foreground-secondary": "soft",
    "color-foreground-muted": "soft",
    "color-foreground-border": "field",
    "color-brand-primary": "blue",
    "color-brand-content": "blue",
    "color-brand-visited": "violet",
    "color-inline-code-background": "sunk",
    "color-highlight-on-target": "warn-paper",
    "color-table-header-background": "sunk",
    "color-table-border": "line",
}
_TYPE = {
    "font-stack": '"Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, "Noto Sans", sans-serif',
    "font-stack--monospace": 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
}


def house_colours(sheet: str) -> tuple[dict[str, str], dict[str, str]]:
    """Furo's variables in the colours of the agent's page, light and dark. sheet: the text of `page.css`."""
    found = {name: (light, dark) for name, light, dark in _COLOUR.findall(sheet)}
    light, dark = ({theirs: found[ours][at] for theirs, ours in _HOUSE.items()} for at in (0, 1))
    return light, dark


_LIGHT, _DARK = house_colours((_PAGE / "page.css").read_text(encoding="utf-8"))
html_theme_options = {
    "light_logo": "icon.svg",
    "dark_logo": "icon.svg",
    "light_css_variables": _LIGHT | _TYPE,
    "dark_css_variables": _DARK,
}

_PART = re.compile(r"^## (.+)$\n((?:(?!^## ).*\n?)*)", re.MULTILINE)
_LEADS_TO = re.compile(r"^\* \[([^\]]+)\]\(([^)#]+)\.md\)", re.MULTILINE)


def navigation(index: str) -> str:
    """Sphinx's tables of contents for the text of `index.md`."""
    parts = []
    for heading, body in _PART.findall(index):
        pages = [f"{title} <{place}>" for title, place in _LEADS_TO.findall(body)]
        if pages:
            parts.append("\n".join(["", "```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```"]))
    return "\n".join(parts)


def _with_navigation(_: Sphinx, page: str, source: list[str]) -> None:
    if page == root_doc:
        source[0] += "\n" + navigation(source[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", _with_navigation)
