"""Pages that are written by hand down to a mark, and made below it."""

import re
from collections.abc import Iterable, Sequence

MARK = "<!-- made by `make docs` from here on: change the code, or what stands above -->"


def renewed(page: str, made: str) -> str:
    """The page with `made` in the place of what was made before. Raises ValueError where it has no mark."""
    above, mark, _ = page.partition(MARK)
    if not mark:
        raise ValueError("the page has no mark: " + MARK)
    return f"{above}{MARK}\n\n{made.strip()}\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(one) for one in line) + " |" for line in lines) + "\n"


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{text}`"


def sentence(text: str) -> str:
    """As it stands alone in a cell: with a capital, unless it begins with code, and without a stop."""
    return text[:1].upper() + text[1:] if text and text[0] != "`" else text


def anchor(heading: str) -> str:
    """Of a heading, as GitHub and MyST make it."""
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
