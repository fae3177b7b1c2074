"""All pages that people are told to read, and the commands that they show."""

from functools import cache
from pathlib import Path

from tests.docs.fences import Command, commands, fences
from tests.docs.kinds import place

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
FOLLOWED = ROOT / "docs" / "quick-start.md"
"""A booted Debian runs each of its commands: tests/systemd/test_quick_start.py."""


@cache
def shown(page: Path) -> tuple[Command, ...]:
    """In order, wherever they run."""
    found = fences(page.read_text(encoding="utf-8"))
    return tuple(command for fence in found if fence.kind == "console" for command in commands(fence))


def of_place(where: str) -> list[str]:
    """What all pages but that one have typed there, without the comments behind it."""
    return sorted(
        {
            command.text.partition("  #")[0].strip()
            for page in PAGES
            for command in shown(page)
            if page != FOLLOWED and place(command.text) == where
        }
    )
