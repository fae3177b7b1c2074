"""Names as search compares them: without case, accents and whatever else people leave out when they type.

`terms` makes the words under which a name is stored, `query_words` the words of what an agent types; both fold alike.
An umlaut is found both ways: `Müller` by muller, mueller and müller, and `Mueller` by müller.
"""

import re
import unicodedata
from functools import lru_cache

LONGEST_TERM = 32
# What a name of 400 characters may cost at most; people have two or three.
MOST_TERMS = 48
# A name of scripts without blanks is found from each of its characters on, up to the length that one person's may have.
LONGEST_UNSPACED = 16
# What an agent types: more words than these narrow nothing any more.
MOST_WORDS = 8
# First and family names come again and again: some 300 bytes each.
REMEMBERED = 65_536

# Letters that no decomposition leads to what people type; Arabic and Persian letters that are written both ways.
_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th",
        "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None,
    }
)  # fmt: skip
# How the same letter is spelled where the keyboard has no such key.
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`´′＇"), "'")
_HYPHENS = dict.fromkeys(map(ord, "-‐‑"), "-")
_JOINERS = {**_APOSTROPHES, **_HYPHENS}
# Thai, Lao, Myanmar, Khmer, kana, ideographs and Hangul put no blanks between words, or may leave them out.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\U00020000-\U0003ffff"
)
_UNSPACED_ONLY = re.compile(f"[{_UNSPACED}]+")
_PIECES = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_PLAIN = re.compile(r"[a-z0-9]+")


def terms(name: str) -> tuple[str, ...]:
    """The words under which this name is found: folded, unique, sorted, each of at most LONGEST_TERM characters."""
    # As most names are; the long way gives the same in six times as long.
    if name.isascii() and len(name) <= LONGEST_TERM and "-" not in name and "'" not in name and "`" not in name:
        return tuple(sorted(set(_PLAIN.findall(name.lower()))))
    of_words = [_of_word(word) for word in name.split()]
    found = [term for spaced, _ in of_words for term in spaced]
    found += _unspaced([piece for _, pieces in of_words for piece in pieces])
    unique = dict.fromkeys(term[:LONGEST_TERM] for term in found)
    return tuple(sorted(list(unique)[:MOST_TERMS]))


def query_words(text: str) -> tuple[tuple[str, ...], ...]:
    """The words that were typed, each with its spellings: a name has it if one of them begins a term of the name."""
    spellings = [_typed(spelling) for spelling in _spellings(text)]
    words = (tuple(dict.fromkeys(word[:LONGEST_TERM] for word in same)) for same in zip(*spellings, strict=True))
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def forget() -> None:
    """Words of names are remembered no longer."""
    _of_word.cache_clear()


@lru_cache(maxsize=REMEMBERED)
def _of_word(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms of one word between blanks, and of it what is written in scripts without blanks."""
    found: dict[str, None] = {}
    unspaced: list[str] = []
    for number, spelling in enumerate(_spellings(word)):
        for compound in _lettered(spelling.translate(_JOINERS), "'-").split():
            for piece in _PIECES.findall(compound):
                if not _UNSPACED_ONLY.fullmatch(piece):
                    found.update(dict.fromkeys(filter(None, _parts(piece))))
                elif number == 0:  # the spellings differ in Latin letters alone
                    unspaced.append(piece)
    return tuple(found), tuple(unspaced)


def _parts(compound: str) -> list[str]:
    """`smith-o'neill` is found as smithoneill, smith, oneill, o and neill."""
    halves = compound.replace("'", "").split("-")
    return ["".join(halves), *halves, *compound.replace("-", "'").split("'")]


def _unspaced(pieces: list[str]) -> list[str]:
    """Family and given name, alone and as one, from each character on: whoever types any part of it finds it."""
    whole = "".join(pieces)
    if len(whole) > LONGEST_UNSPACED:
        return pieces
    starts = (start for start, c in enumerate(whole) if not start or unicodedata.category(c)[0] != "M")
    return [*pieces, *(whole[start:] for start in starts)]


def _typed(folded: str) -> list[str]:
    """`o'ne` is the beginning of `oneill`; `meier-sch` are two words."""
    plain = _lettered(folded.translate(_APOSTROPHES).replace("'", ""), "")
    return [piece for word in plain.split() for piece in _PIECES.findall(word)]


def _spellings(text: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", text.casefold())
    plain, spelled_out = _folded(composed), _folded(composed.translate(_SPELLED_OUT))
    return (plain,) if plain == spelled_out else (plain, spelled_out)


def _folded(text: str) -> str:
    """Without marks and invisible characters. What is put together at the end are the syllables of Hangul."""
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    bare = "".join(c for c in letters if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", bare)


def _lettered(text: str, kept: str) -> str:
    """A blank for whatever is no letter, digit or vowel sign, nor one of `kept`."""
    return "".join(c if c.isalnum() or c in kept or unicodedata.category(c)[0] == "M" else " " for c in text)
