"""How a typed text fits a person: by the words of the name, or by the beginning of an id or e-mail address.

Every directory finds its candidates in its own way; what counts as found, and in which order, is said here.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from ctibridge.lookup import folding

# Characters: what is longer is no name, and was pasted.
LONGEST = 100

ID, NAME, NAME_BEGINS, ID_BEGINS = range(4)
"""How well it fits, best first: it is an id or the address; its words are in the name; they begin words of the name; it
begins an id or the address."""


@dataclass(frozen=True, slots=True)
class Query:
    """words: each with its spellings; text: without blanks around it, in lower case, to be compared with ids."""

    words: tuple[tuple[str, ...], ...] = field(repr=False)
    text: str = field(repr=False)

    def __bool__(self) -> bool:
        return bool(self.text)


@lru_cache(maxsize=64)
def parse(text: str) -> Query:
    """What was typed; empty and false where there is nothing to look for."""
    typed = " ".join(text.split())
    return Query(folding.query_words(typed), lower(typed)) if 0 < len(typed) <= LONGEST else Query((), "")


def forget() -> None:
    """What was typed is remembered no longer."""
    parse.cache_clear()


def fit(query: Query, name: str, *ids: str | None) -> int | None:
    """How well a person with this name and these ids (also an e-mail address) fits; None: not at all."""
    begun = [given for given in map(lower, filter(None, ids)) if given.startswith(query.text)]
    if query.text in begun:
        return ID
    by_name = _by_name(query, name)
    return ID_BEGINS if by_name is None and begun else by_name


def _by_name(query: Query, name: str) -> int | None:
    terms = folding.terms(name)
    best = NAME if query.words else None
    for word in query.words:
        for term in terms:
            if term.startswith(word):  # one of its spellings
                break
        else:
            return None
        if not any(spelling in terms for spelling in word):
            best = NAME_BEGINS
    return best


_CAPITALS = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def lower(text: str) -> str:
    """As SQLite's NOCASE does it: ids are plain, and ß is no ss in them."""
    return text.lower() if text.isascii() else text.translate(_CAPITALS)
