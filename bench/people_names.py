"""What the synthetic people are called: common names of each language first, then a long tail of composed ones.

Made once for each language: `table(language)` holds weighted lists, from which a name is two look-ups.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("people_names.txt")
GIVEN = 1 << 10
SURNAMES = 1 << 14
_SKEW = 1.7
"""The first of a list of forty has some ten per cent of the people, as the most common names of a country have."""


@dataclass(frozen=True, slots=True)
class Table:
    """Each name with its form in e-mail addresses ('' for scripts that addresses are not written in).

    given has GIVEN entries, surnames SURNAMES. pattern: how the two make a name, `{0}` given, `{1}` surname.
    """

    given: list[tuple[str, str]]
    surnames: list[tuple[str, str]]
    pattern: str


@lru_cache(maxsize=64)
def table(language: str) -> Table:
    """The names of a language, by its primary tag; English ones where there are none of its own."""
    written = _written()
    given, surnames, stems, endings = written.get(_LIKE.get(language, language), written["en"])
    given_names = [a + b for a in given for b in given if a != b] if language in _COMPOSED else given.split()
    tail = [stem + ending for stem in stems.split() for ending in endings.split()]
    return Table(
        _weighted(given_names, GIVEN),
        [*_weighted(surnames.split(), SURNAMES // 2), *_weighted(tail or surnames.split(), SURNAMES // 2)],
        _PATTERNS.get(language, "{0} {1}"),
    )


@cache
def _written() -> dict[str, list[str]]:
    """Language → given names, surnames, beginnings and endings of rarer surnames; `-` where there are none."""
    blocks = _FILE.read_text(encoding="utf-8").strip().split("\n\n")
    parts = {tag: rest for tag, *rest in (block.split("\n") for block in blocks)}
    return {tag: ["" if part == "-" else part for part in rest] for tag, rest in parts.items()}


def _weighted(names: list[str], size: int) -> list[tuple[str, str]]:
    """So many references to these names, the first ones more often."""
    pairs = [(name, latin(name)) for name in names]
    return [pairs[int(len(pairs) * (place / size) ** _SKEW)] for place in range(size)]


def latin(name: str) -> str:
    """As it stands in an e-mail address; '' where it does not."""
    folded = "".join(_ROMAN.get(character, character) for character in unicodedata.normalize("NFC", name.lower()))
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    plain = "".join(_ROMAN.get(character, character) for character in plain)
    kept = "".join(c for c in plain if c.isalnum() or c == "-")
    return kept if kept.isascii() else ""


_LETTERS = "ss ae oe ue o l ae oe aa d i d"
_CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюяђјљњћџё"
_CYRILLIC_LATIN = "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch a y - e iu ia dj j lj nj c dz e"
_GREEK = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_LATIN = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_ROMAN = {
    **dict(zip("ßäöüøłæœåđıð", _LETTERS.split(), strict=True)),
    **dict(zip(_CYRILLIC, _CYRILLIC_LATIN.split(), strict=True)),
    **dict(zip(_GREEK, _GREEK_LATIN.split(), strict=True)),
    "ь": "",
    "'": "",
    "’": "",
}

# Languages whose names are those of another one here.
_LIKE = {"sk": "cs", "nb": "sv", "da": "sv"}
# Languages whose given names are composed of two characters.
_COMPOSED = frozenset({"zh", "ko"})
_PATTERNS = {"zh": "{1}{0}", "ko": "{1}{0}", "ja": "{1} {0}", "hu": "{1} {0}", "vi": "{1} {0}"}
