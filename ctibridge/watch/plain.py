"""What of a stranger's text may be shown: letters, signs and blanks on one line, of a bounded width.

A caller writes his own name, and a terminal obeys what it is shown: an escape sequence sets its title, moves the cursor
or answers to the shell (ECMA-48), an override turns a line round (UAX 9), a pile of marks covers the lines above.
Characters are judged by what Unicode says they are, so what is dangerous need not be listed.
"""

from collections.abc import Iterator
from itertools import accumulate, takewhile
from unicodedata import category, east_asian_width

_UNSHOWABLE = frozenset({"Cc", "Cs", "Co", "Cn"})
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MARKS = frozenset({"Mn", "Me"})
_JAMO = frozenset(map(chr, [*range(0x1161, 0x1200), *range(0xD7B0, 0xD800)]))
"""Vowels and finals of Hangul, which a terminal writes into the cell of the letter before them."""
_INVISIBLE = frozenset(
    # Without width like formats (Cf), and called letters, marks or signs: DerivedCoreProperties.txt,
    # Default_Ignorable_Code_Point, and the blank of Braille.
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u2800"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_MARKS_EACH = 3  # Vietnamese has two on a letter, pointed Hebrew three
_CHARACTERS_EACH = 8  # of a column: more are no honest text, and nobody needs to look at all of them


def plain(text: str, most: int = 200) -> str:
    """On one line, at most `most` columns (≥ 1) wide, `…` at the end where something was cut off.

    Controls, unassigned and private characters show as `�`; what has no width (bidi overrides and isolates among it)
    is left out, as are marks that have no letter before them or too many others. Signs of a markup stay as they are:
    who writes one escapes them.
    """
    looked_at = text[: most * _CHARACTERS_EACH]
    shown = " ".join("".join(_shown(looked_at)).split())
    if len(looked_at) == len(text) and sum(map(_columns, shown)) <= most:
        return shown
    ends = takewhile(lambda end: end < most, accumulate(map(_columns, shown)))
    return shown[: sum(1 for _ in ends)].rstrip() + "…"


def _shown(text: str) -> Iterator[str]:
    """Blanks are one sort, and carry no marks: such a mark would sit on what stands before this text."""
    marks_left = 0
    for character in text:
        kind = category(character)
        if character in _INVISIBLE or kind == "Cf":
            continue
        if _is_mark(character, kind):
            marks_left -= 1
            if marks_left >= 0:
                yield character
        elif character.isspace():
            marks_left = 0
            yield " "
        else:
            marks_left = _MARKS_EACH
            yield _REPLACEMENT if kind in _UNSHOWABLE else character


def _is_mark(character: str, kind: str) -> bool:
    return kind in _MARKS or character in _JAMO


def _columns(character: str) -> int:
    """Of a terminal (UAX 11): none for a mark, two for what is wide."""
    if _is_mark(character, category(character)):
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1
