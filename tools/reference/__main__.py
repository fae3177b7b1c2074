"""`python -m tools.reference` writes the pages; with `--check` it only names those that are not as the code is."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tools.reference import commands, configuration, events, findings
from tools.reference.markdown import renewed

DOCS = Path(__file__).parents[2] / "docs"
PAGES: Mapping[str, Callable[[], str]] = MappingProxyType({
    "reference/configuration.md": configuration.made,
    "reference/events.md": events.made,
    "reference/commands.md": commands.made,
    "troubleshooting.md": findings.made,
})  # fmt: skip


def stale() -> dict[Path, str]:
    """The pages that are not as the code is, with the text that they should have."""
    texts = {DOCS / name: (DOCS / name).read_text(encoding="utf-8") for name in PAGES}
    wanted = {path: renewed(texts[path], PAGES[str(path.relative_to(DOCS))]()) for path in texts}
    return {path: text for path, text in wanted.items() if text != texts[path]}


def main(words: list[str]) -> int:
    found = stale()
    for path, text in found.items():
        print(path.relative_to(DOCS.parent))
        if "--check" not in words:
            path.write_text(text, encoding="utf-8")
    return int("--check" in words and bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
