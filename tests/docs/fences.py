"""What stands in the fences of a page, and how a program's output is held against what the page shows of it.

Pure. A `console` fence is a session: what is typed stands behind `$ `, what the program said below it. A command goes
on over lines that end with a backslash, and to the end of a here-document. `…` stands for anything within a line, and
alone for any lines; figures differ from run to run and are not compared, words are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby

PROMPT = "$ "
_FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HERE_DOCUMENT = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_EXIT_CODE = re.compile(r"# .*\bexit code (\d+)")
_TIMED = re.compile(r"\s*[\d,]+ ms ")
_FIGURES = re.compile(r"\d[\d.,:]*")


@dataclass(frozen=True, slots=True)
class Fence:
    """line: where it opens, from 1. kind: its info string."""

    line: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """line: in the page. shown: what the page says that it answers; empty where it shows nothing."""

    line: int
    text: str
    shown: tuple[str, ...]

    @property
    def code(self) -> int:
        """With which it ends: 0, or what a comment behind it says ("exit code 1")."""
        said = _EXIT_CODE.search(self.text)
        return int(said[1]) if said else 0


def fences(page: str) -> list[Fence]:
    """In order; what is indented as a whole, under a list item, comes without that."""
    return [
        Fence(page.count("\n", 0, found.start()) + 1, found[2].strip(), _dedented(found[3], found[1]))
        for found in _FENCE.finditer(page)
    ]


def _dedented(text: str, by: str) -> str:
    return re.sub(f"^{by}", "", text, flags=re.MULTILINE)


def commands(fence: Fence) -> list[Command]:
    """Of a `console` fence. Raises ValueError where it begins with something else than a command."""
    found: list[Command] = []
    lines = zip(count(fence.line + 1), fence.text.splitlines(), strict=False)
    for number, line in lines:
        if line.startswith(PROMPT):
            found.append(Command(number, _whole(line.removeprefix(PROMPT), lines), ()))
        elif not found:
            raise ValueError(f"line {number}: a console begins with a command behind {PROMPT!r}")
        else:
            last = found.pop()
            found.append(Command(last.line, last.text, (*last.shown, line)))
    return found


def _whole(text: str, lines: Iterator[tuple[int, str]]) -> str:
    """With the lines that belong to it."""
    end = _HERE_DOCUMENT.search(text)
    while text.endswith("\\"):
        text += "\n" + next(lines)[1].removeprefix("> ")
    for _, line in lines if end else ():
        text += "\n" + line
        if end and line == end[2]:
            break
    return text


def differs(said: str, shown: Sequence[str]) -> str | None:
    """What of it was not said, in words; None where all was, in this order and with nothing between that is not left
    out by a line `…`."""
    lines = _in_order([line for line in said.splitlines() if line.strip()])
    pattern = "".join(_line(line) for line in _in_order([line for line in shown if line.strip()]))
    if re.fullmatch(pattern, "".join(f"{_plain(line)}\n" for line in lines)):
        return None
    return "the page shows:\n  " + "\n  ".join(shown) + "\nit said:\n  " + "\n  ".join(lines)


def _in_order(lines: Sequence[str]) -> list[str]:
    """Lines that begin with their milliseconds tell of several parties, and which comes first is chance: such lines
    behind each other are sorted by what they say."""
    ordered: list[str] = []
    for timed, run in groupby(lines, key=lambda line: bool(_TIMED.match(line))):
        found = list(run)
        ordered += sorted(found, key=_plain) if timed else found
    return ordered


def _line(shown: str) -> str:
    if shown.strip() == "…":
        return r"(?:.*\n)*?"
    return ".*?".join(re.escape(part) for part in _plain(shown).split("…")) + r"\n"


def _plain(line: str) -> str:
    return " ".join(_FIGURES.sub("0", line).split())
