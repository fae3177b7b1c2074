"""Findings on a terminal and for programs. A row is one line: how it stands, of what, in words, and what to do."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ctibridge.cli.shown import shown
from ctibridge.domain.finding import Finding, Kind

_TAGS = {Kind.GOOD: "ok", Kind.NOTE: "NOTE", Kind.MEND: "MEND"}
_COLOURS = {Kind.GOOD: "\x1b[32m", Kind.NOTE: "\x1b[33m", Kind.MEND: "\x1b[1;31m"}
_PLAIN = "\x1b[0m"
_TAG_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Row:
    """subject: the group of the finding; None where a command has but one."""

    finding: Finding
    subject: str | None = None


def exit_code(rows: Iterable[Row]) -> int:
    """1 where something has to be mended, else 0: a note changes nothing."""
    return int(any(row.finding.kind is Kind.MEND for row in rows))


def print_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    """To standard output, in this order."""
    if as_json:
        print(json.dumps([_for_programs(row) for row in rows], indent=2))
        return
    for line in lines(rows, coloured=in_colours()):
        print(line)


def in_colours() -> bool:
    """A person reads it, and has not asked for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def lines(rows: Sequence[Row], *, coloured: bool) -> list[str]:
    """Aligned, one line for each row."""
    heads = [(row.subject or "", row.finding.what) for row in rows]
    widths = [max(18 if at else 0, *(len(head[at]) + 2 for head in heads)) if heads else 0 for at in (0, 1)]
    widths[0] *= any(row.subject for row in rows)
    return [_line(row, widths, coloured=coloured) for row in rows]


def summary(rows: Iterable[Row]) -> str:
    """The last line: what a person remembers."""
    counts = Counter(row.finding.kind for row in rows)
    mend, note = counts[Kind.MEND], counts[Kind.NOTE]
    if not mend and not note:
        return "all is well"
    things = "1 thing" if mend == 1 else f"{mend or 'nothing'}{' things' if mend else ''}"
    return f"{things} to mend" + (f", {note} worth knowing" if note else "")


def _line(row: Row, widths: Sequence[int], *, coloured: bool) -> str:
    one = row.finding
    tag = f"{_TAGS[one.kind]:<{_TAG_WIDTH}}"
    mend = "" if one.mend is None else f" - {one.mend}"
    rest = shown(f"{row.subject or '':<{widths[0]}}{one.what:<{widths[1]}}{one.text}{mend}")
    return f"{_COLOURS[one.kind]}{tag}{_PLAIN}{rest}" if coloured else f"{tag}{rest}"


def _for_programs(row: Row) -> dict[str, object]:
    one = row.finding
    subject: dict[str, object] = {} if row.subject is None else {"subject": row.subject}
    return {**subject, "what": one.what, "kind": one.kind.value, "ok": one.good, "text": one.text, "mend": one.mend}
