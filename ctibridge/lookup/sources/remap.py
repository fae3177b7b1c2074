"""How rows of an export that has other names become rows of ours. Made from a file by `mapping`; can be pickled."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ctibridge.lookup.sources.headings import brief
from ctibridge.lookup.sources.template import Template

LONGEST_LOOKED_AT = 400
"""Characters of a cell at which a condition looks: a pattern of people's is no reason to wait for ever."""


class WrongMap(ValueError):
    """The map does not hold, or not for this file: one line with file, key and mend."""


@dataclass(frozen=True, slots=True)
class Condition:
    """On one column of the export, blanks around its cells put aside; all that are given must hold."""

    column: str
    among: frozenset[str] | None = None
    not_among: frozenset[str] = frozenset()
    matches: re.Pattern[str] | None = None
    filled: bool | None = None

    def holds(self, cells: Mapping[str, str]) -> bool:
        text = cells.get(self.column, "").strip()
        return (
            (self.among is None or text in self.among)
            and text not in self.not_among
            and (self.filled is None or bool(text) is self.filled)
            and (self.matches is None or self.matches.search(text[:LONGEST_LOOKED_AT]) is not None)
        )


@dataclass(frozen=True, slots=True)
class Remap:
    """place: of the map's entry, for errors. templates, constants and values are by our columns.

    values: what stands there instead of a cell. delimiter, encoding: None where they are to be recognised.
    """

    place: str
    templates: Mapping[str, Template]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keep: tuple[Condition, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Ours, which it fills."""
        return (*self.templates, *self.constants)

    def row(self, cells: Mapping[str, str]) -> dict[str, str] | None:
        """Our cells out of the export's; None where the row is not to be taken."""
        return self.cells(cells) if all(one.holds(cells) for one in self.keep) else None

    def cells(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Our cells out of the export's, whether the row is to be taken or not."""
        ours = {name: template.fill(cells) for name, template in self.templates.items()}
        for name, table in self.values.items():
            text = ours[name].strip()
            ours[name] = table.get(text, text)
        ours.update(self.constants)
        return ours

    # -- the header of an export ---------------------------------------------------------------------------------------

    def is_column(self, name: str) -> bool:
        return name.strip() in self._asked()

    def names(self, header: Sequence[str], path: Path) -> tuple[str, ...]:
        """The export's columns. Raises WrongMap where the map asks for one that is not there, or is there twice."""
        names = tuple(name.strip() for name in header)
        for asked, key in self._asked().items():
            if asked not in names:
                raise WrongMap(f"{self.place}.{key}: {path} has no column {asked!r}; {_hint(asked, names)}")
            if names.count(asked) > 1:
                raise WrongMap(f"{self.place}.{key}: {path} has column {asked!r} twice; rename one of them")
        return names

    def ignored(self, names: Iterable[str]) -> tuple[str, ...]:
        """The export's columns that nothing asks for, as they may be shown."""
        asked = self._asked()
        return tuple(brief(name) for name in names if name and name not in asked)

    def _asked(self) -> dict[str, str]:
        """Columns of the export, and the key of the map that asks for each."""
        asked = {one.column: f"keep[{index}].column" for index, one in enumerate(self.keep)}
        for ours, template in self.templates.items():
            asked |= dict.fromkeys(template.columns, f"columns.{ours}")
        return asked


def _hint(asked: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(asked, names, n=1)
    if close:
        return f"did you mean {brief(close[0])!r}?"
    shown = ", ".join(map(brief, names))
    return f"it has {shown[:300]}{'…' if len(shown) > 300 else ''}"
