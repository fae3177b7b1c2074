"""Language tags (BCP 47): their one spelling, their names, who speaks what, and which text serves.

Comes in: tags as directories and people write them. Goes out: canonical tags, names from CLDR by Babel.
Loading a language's names from disk takes some 10 ms once: `warm` does it ahead, off the loop, and `ready` says so.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

# `zh-yue` is written `yue` (RFC 5646 4.5), so its first part is passed over. What follows the variants (calendars,
# private use) says nothing of the language.
_TAG = re.compile(
    r"(?:(?:ar|ms|sw|zh)[-_](?=[a-z]{3}(?:[-_]|$)))?"
    r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:[-_](?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?:[-_][a-wyz0-9](?:[-_][a-z0-9]{2,8})+)*(?:[-_]x(?:[-_][a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)
# Undetermined, several, none, not coded: tags that name no language.
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})
# Codes of one language as it is spoken: Norwegian, whose two written forms are no two on the telephone, and the Arabic
# of each country, whose speakers know the common one. Scripts and regions do not matter to speech at all, with one
# exception: a person whose tag is Chinese of Hong Kong or Macau speaks Cantonese, and Mandarin as a second language.
_SAME_SPOKEN = {"nb": "no", "nn": "no"} | dict.fromkeys(("acm", "aeb", "afb", "apc", "apd", "ars", "ary", "arz"), "ar")
_CANTONESE = frozenset({"zh-HK", "zh-MO"})
# Who speaks the first understands all of the others, as CLDR's language matching has it at its smallest distances.
# Czech and Slovak, Danish and Norwegian, Malay and Indonesian are near, and not that near: who speaks both lists both.
_UNDERSTANDS = {
    "bs": frozenset({"hr", "sr"}),
    "hr": frozenset({"bs", "sr"}),
    "sr": frozenset({"bs", "hr"}),
    "gsw": frozenset({"de"}),
    "lb": frozenset({"de"}),
}
# Another code whose texts serve as well: Norwegian has three codes, and Swiss Germans write German.
_WRITTEN_AS = {"nb": "no", "nn": "no", "no": "nb", "gsw": "de"}

_names: dict[str, tuple[str, str]] = {}


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """`de_ch` → `de-CH`, `ZH-hant-tw` → `zh-Hant-TW`; retired and three-letter codes as CLDR replaces them: `deu` →
    `de`, `iw` → `he`, `en-UK` → `en-GB`. Raises ValueError for what is no tag of a known language."""
    match = _TAG.fullmatch(text.strip())
    language, script, region = _replaced(match["language"].lower()) if match else ("", "", "")
    if match is None or language in _NO_LANGUAGE or language not in Locale("en").languages:
        raise ValueError(f"language {text!r} is not known; write a BCP 47 tag like de or de-CH")
    script, region = (match["script"] or script).title(), _region(match["region"]) or region
    variants = [part.lower() for part in re.split("[-_]", match["variants"]) if part]
    return "-".join([part for part in (language, script, region) if part] + variants)


def _replaced(code: str) -> tuple[str, str, str]:
    """Language, script and region of a code: `sh` → sr, Latn."""
    language, *rest = get_global("language_aliases").get(code, code).split("_")
    script = next((part for part in rest if len(part) == 4), "")
    return language, script, next((part for part in rest if len(part) != 4), "")


def _region(code: str | None) -> str:
    """A retired region with one successor is that one; several (the Soviet Union) are none."""
    region = (code or "").upper()
    successors: list[str] = get_global("territory_aliases").get(region, [])
    return successors[0] if len(successors) == 1 else region


def known(text: str | None) -> str | None:
    """The canonical tag, or None where there is none: for what was stored long ago and must not cost a call."""
    try:
        return None if text is None else canonical(text)
    except ValueError:
        return None


def primary(tag: str) -> str:
    """`de-CH` → `de`."""
    return tag.partition("-")[0]


@lru_cache(maxsize=4096)
def forms(tag: str) -> tuple[str, ...]:
    """Under which tags a text for this one may stand, best first: `zh-Hant-TW`, `zh-Hant`, `zh`; for `nb` also `no`."""
    parts = tag.split("-")
    cut = tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    other = _WRITTEN_AS.get(parts[0])
    return cut if other is None else (*cut, other)


class Fit(IntEnum):
    """How well somebody who lists one language speaks to another one, best first."""

    EXACT = 0
    SAME = 1
    UNDERSTOOD = 2


@lru_cache(maxsize=4096)
def fit(spoken: str, tag: str) -> Fit | None:
    """Does who speaks the first language reach a caller of the second? `de` and `de-CH` are the same; a Croat
    understands Serbian; None where they do not understand each other."""
    one, other = known(spoken), known(tag)
    if one is None or other is None:
        return None
    if one == other:
        return Fit.EXACT
    if _spoken(one) & _spoken(other):
        return Fit.SAME
    understood = (_UNDERSTANDS.get(language, frozenset()) for language in _spoken(other))
    return Fit.UNDERSTOOD if any(_spoken(one) & languages for languages in understood) else None


def _spoken(tag: str) -> frozenset[str]:
    language, *rest = tag.split("-")
    if any(f"{language}-{part}" in _CANTONESE for part in rest):
        return frozenset({"yue", "zh"})
    return frozenset({_SAME_SPOKEN.get(language, language)})


def speaks(spoken: Iterable[str], tag: str) -> bool:
    """Does who speaks these languages reach a caller of that one?"""
    return any(fit(one, tag) is not None for one in spoken)


def speakers(tag: str, agents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Who of them speaks it, best first: the exact tag, the same language, one that the caller understands; of equals,
    who has it earlier in his list. agents: their languages (best first) by id."""
    found = ((_best_fit(spoken, tag), agent) for agent, spoken in agents.items())
    return tuple(agent for best, agent in sorted((best, agent) for best, agent in found if best is not None))


@lru_cache(maxsize=4096)
def _best_fit(spoken: tuple[str, ...], tag: str) -> tuple[Fit, int] | None:
    """How well, and by which in the list."""
    return min(((how, place) for place, one in enumerate(spoken) if (how := fit(one, tag)) is not None), default=None)


def names(tag: str) -> tuple[str, str]:
    """A canonical tag's name in English and in itself: `German (Switzerland)`, `Deutsch (Schweiz)`. Never raises."""
    found = _names.get(tag)
    if found is None:
        found = _names[tag] = _load_names(tag)
    return found


def ready(tag: str) -> bool:
    """Are its names in memory, so that asking for them does not touch the disk?"""
    return tag in _names


def warm(wanted: Iterable[str]) -> None:
    """Loads the names of these tags; call it where 10 ms a language do not matter."""
    for tag in wanted:
        names(tag)


def _load_names(tag: str) -> tuple[str, str]:
    try:
        locale = Locale.parse(tag, sep="-")
        return _name_of(locale, Locale("en")) or tag, _name_of(locale, locale) or tag
    except (UnknownLocaleError, ValueError):
        return _pieced_names(tag)


def _name_of(locale: Locale, reader: Locale) -> str | None:
    return locale.get_display_name(reader)


def _pieced_names(tag: str) -> tuple[str, str]:
    """CLDR has no `de-US`: then the language's own names for the language and for the territory."""
    language, _, rest = tag.partition("-")
    english = Locale("en")
    try:
        own = Locale.parse(language)
    except UnknownLocaleError:
        own = english
    territory = rest.rpartition("-")[2]
    return _with_territory(english, language, territory), _with_territory(own, language, territory)


def _with_territory(reader: Locale, language: str, territory: str) -> str:
    name = reader.languages.get(language, language)
    place = reader.territories.get(territory)
    return f"{name} ({place})" if place else name


# CLDR counts writers; this is about what they say on the telephone (Cantonese, see `speech`).
_OF_COUNTRY = {"HK": "zh-HK", "MO": "zh-MO"}


@lru_cache(maxsize=512)
def of_country(country: str) -> str | None:
    """The official language of a country (ISO 3166 alpha-2) that most people there speak, mostly without region: `CH` →
    `de`. The script is kept for Chinese alone, where a text depends on it."""
    if country in _OF_COUNTRY:
        return _OF_COUNTRY[country]
    found = next(iter(get_official_languages(country, de_facto=True)), None)
    tag = known(found)
    return tag if tag is None or primary(tag) == "zh" else primary(tag)
