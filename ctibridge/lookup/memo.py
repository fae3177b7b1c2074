"""Parsers of cells, made fast for ten million rows: what stands in many rows is parsed once.

Comes in: a pure parser. Goes out: one that says the same for text as it stands in a file.
"""

from collections.abc import Callable

from ctibridge.lookup import cells
from ctibridge.lookup.cells import Parse, Value

MOST = 4096
"""Texts that one column remembers; a column with more of them forgets all and begins again."""


class Memo(dict[str, Value]):
    """What a parser said of each text so far. Errors are not kept, so every kept text is one that may be stored."""

    __slots__ = ("_parse",)

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Value:
        value = self._parse(cells.clean(text))
        if len(self) >= MOST:
            self.clear()
        self[text] = value
        return value


def of_many(parse: Parse) -> Parse:
    """For a column in which nearly every cell differs."""
    if parse is cells.name:
        return cells.raw_name
    return lambda text: parse(cells.clean(text))


def of_few(parse: Parse) -> Callable[[str], Value]:
    """For a column in which the same few cells come again and again."""
    return Memo(parse).__getitem__
