"""One column of ours out of one or several of an export's: `Telefon`, or `work:{Telefon};mobile:{Mobil}`.

What is empty leaves no rubbish: a part between two `;` falls away where all its columns are empty, the text between two
columns where the one behind it is empty or nothing stands before it, the text at the end where the last one is empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_COLUMN = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """start, then columns, each with the text in front of it (of the first it is empty), then end."""

    start: str
    columns: tuple[tuple[str, str], ...]
    end: str

    def fill(self, cells: Mapping[str, str]) -> str:
        """Empty where every column is."""
        filled = value = ""
        for before, column in self.columns:
            value = cells.get(column, "").strip()
            if value:
                filled += before + value if filled else value
        if self.columns and not filled:
            return ""
        return f"{self.start}{filled}{self.end if value else ''}".strip()


@dataclass(frozen=True, slots=True)
class Template:
    """`parse` makes it. column: where the whole template is one column, its name."""

    parts: tuple[Part, ...]
    column: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All that it asks for, each once."""
        asked = [column for part in self.parts for _, column in part.columns]
        return (self.column,) if self.column is not None else tuple(dict.fromkeys(asked))

    def fill(self, cells: Mapping[str, str]) -> str:
        """cells: of the export, by column; a missing one is empty."""
        if self.column is not None:
            return cells.get(self.column, "")
        return ";".join(filter(None, [part.fill(cells) for part in self.parts]))


def parse(text: str) -> Template:
    """Without braces it is a column's name. Raises ValueError naming what is wrong."""
    if "{" not in text and "}" not in text:
        if not text.strip():
            raise ValueError("names no column")
        return Template((), text.strip())
    # Odd places hold columns, even ones what stands between them.
    pieces = _COLUMN.split(text)
    if any(sign in piece for piece in pieces[::2] for sign in "{}"):
        raise ValueError(f"{text!r}: a column stands between two braces, like {{Phone}}")
    parts: list[list[str]] = [[]]
    for index, piece in enumerate(pieces):
        if index % 2:
            parts[-1].append(piece.strip())
            continue
        first, *others = piece.split(";")
        parts[-1].append(first)
        parts += [[other] for other in others]
    return Template(tuple(_part(pieces) for pieces in parts if any(map(str.strip, pieces))))


def _part(pieces: list[str]) -> Part:
    """pieces: text, column, text, column, … text."""
    columns = pieces[1::2]
    if not columns:
        return Part(pieces[0], (), "")
    return Part(pieces[0], tuple(zip(["", *pieces[2:-1:2]], columns, strict=True)), pieces[-1])
