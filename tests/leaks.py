"""What is personal in a log line, and what was found so far.

Comes in: every log line of the run (conftest listens), and through `scan` the output of programs that fixtures start.
Goes out: leaks; conftest fails the test during which one came in.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "config" / "sample"

# E.164 as people and PBXs write it: + or 00, then at least seven digits, perhaps grouped. Not: parts of ids, of times
# (12:00:00) and of decimals.
NUMBER = re.compile(r"(?:\+|%2B|(?<![\w.-])(?<!\d:)00)[1-9](?:[ ()./-]{0,2}\d){6,14}(?!\w)", re.IGNORECASE)
# A JSON renderer may escape what is not ASCII; the reader of the log unescapes it.
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
# National and extension forms of a number end alike; fewer digits would hit by chance.
TAIL = 8


@dataclass(frozen=True, slots=True)
class Leak:
    where: str
    what: str
    line: str

    def __str__(self) -> str:
        return f"{self.what!r} leaked into {self.where}: {self.line}"


_canaries: set[str] = set()
_found: list[Leak] = []


def canary(text: str) -> str:
    """Text that a test uses and that no log may show, from now on. Returns it, so that it can be named in place."""
    if not text.strip():
        raise ValueError("an empty canary would be found in every line")
    _canaries.add(text.casefold())
    return text


def find(line: str) -> list[str]:
    """What is personal in this line."""
    line = ESCAPED.sub(lambda match: chr(int(match[1], 16)), line)
    folded = line.casefold()
    return [match[0] for match in NUMBER.finditer(line)] + sorted(
        text for text in _canaries if text in folded and _stands_alone(text, folded)
    )


def scan(text: str, where: str) -> None:
    """Looks at every line of a log, or of the output of a program."""
    for line in text.splitlines():
        _found.extend(Leak(where, what, line) for what in find(line))


def drain() -> list[Leak]:
    """What was found since the last time."""
    leaks = _found[:]
    _found.clear()
    return leaks


@contextmanager
def expected() -> Iterator[list[Leak]]:
    """For the tests of the listener itself: what leaks in here fails nothing and is handed out at the end."""
    before = drain()
    leaks: list[Leak] = []
    try:
        yield leaks
    finally:
        leaks.extend(drain())
        _found.extend(before)


def register_sample(directory: Path = SAMPLE) -> None:
    """The people of the sample directory are canaries in every test."""
    for row in _rows(directory / "people.csv"):
        for private in filter(None, (row.get("name"), row.get("email"))):
            canary(private)
        for phone in (row.get("phones") or "").split(";"):
            _register_number(phone)
    for row in _rows(directory / "phones.csv"):
        _register_number(row["number"])


def _register_number(phone: str) -> None:
    digits = re.sub(r"\D", "", phone)
    if len(digits) >= TAIL:
        canary(digits[-TAIL:])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)


def _stands_alone(text: str, line: str) -> bool:
    """Short names are parts of Latin words ("Ann" of "cannot"); other scripts run names and words together."""
    return re.search(rf"(?<![a-z]){re.escape(text)}(?![a-z0-9])", line) is not None
