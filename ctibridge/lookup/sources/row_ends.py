"""Where rows end in a piece of text, exactly as Python's csv reader sees it: quoted cells may hold line ends.

So a file can be cut into pieces of whole rows without reading its cells. One pass of a regular expression without
backtracking; lines without a quote cost as good as nothing.
"""

import re
from functools import lru_cache

_END = r"(?:\r\n?|\n)"


def after_rows(text: str, delimiter: str | None) -> int:
    """Behind the last row that ends in text, which begins with a row; 0 where none does. delimiter None: no quotes.

    A carriage return at the very end counts as a line end: what follows it belongs to the same text.
    """
    if delimiter is None or '"' not in text:
        return max(text.rfind("\n"), text.rfind("\r")) + 1
    match = _rows(delimiter).match(text)
    return 0 if match is None else match.end()


def after_first(text: str, delimiter: str) -> int:
    """Behind the first row; 0 where it does not end."""
    match = _row(delimiter).match(text)
    return 0 if match is None else match.end()


@lru_cache(maxsize=64)
def _row(delimiter: str) -> re.Pattern[str]:
    return re.compile(_row_pattern(delimiter))


@lru_cache(maxsize=64)
def _rows(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'(?:[^"\r\n]*+{_END}|{_row_pattern(delimiter)})*+')


def _row_pattern(delimiter: str) -> str:
    sign = re.escape(delimiter)
    plain = rf'[^"{sign}\r\n][^{sign}\r\n]*+'
    # What follows the closing quote is taken as it stands, quotes too (csv: not strict).
    quoted = rf'"[^"]*+(?:""[^"]*+)*+"(?:{plain})?+'
    cell = rf"(?:{quoted}|{plain})?+"
    return rf"{cell}(?:{sign}{cell})*+{_END}"
