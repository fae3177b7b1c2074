"""What a restore left in state_dir. Pure: names come in."""

from collections.abc import Iterable, Iterator

from ctibridge.cli.backups.placing import ASIDE, is_laid_out
from ctibridge.cli.checks.wording import named
from ctibridge.domain.finding import Finding, note


def findings(names: Iterable[str]) -> Iterator[Finding]:
    """names: of what lies in state_dir."""
    there = list(names)
    if any(map(is_laid_out, there)):
        text = "a restore is being made, or was cut short: the store may not be in its place"
        yield Finding("restore", text, "if none is being made, the next command carries it out: ctibridge grants")
    aside = [name for name in there if name.startswith(ASIDE)]
    if aside:
        text = f"the store of before is still in state_dir, with all its people: {named(aside)}"
        yield note("restore", text, "remove that folder when nobody needs it")
