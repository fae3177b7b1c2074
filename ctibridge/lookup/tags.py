"""Language tags (BCP 47): their one spelling, their names, and who speaks what.

Comes in: tags as directories and people write them. Goes out: canonical tags, names from CLDR by Babel.
Loading a language's names from disk takes some 10 ms once: `warm` does it ahead, off the loop, and `ready` says so.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

_TAG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:[-_](?P<script>[A-Za-z]{4}))?(?:[-_](?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:[-_](?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*)"
)
# Codes that mean one spoken language: retired ones (IANA language subtag registry) and Norwegian, whose written forms
# differ and whose speakers understand each other on the telephone.
_SAME_SPOKEN = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    "tl": "fil",
    "sh": "sr",
    "nb": "no",
    "nn": "no",
}

_names: dict[str, tuple[str, str]] = {}


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """`de_ch` → `de-CH`, `ZH-hant-tw` → `zh-Hant-TW`. Raises ValueError for what is no tag of a known language."""
    match = _TAG.fullmatch(text.strip())
    if match is None or match["language"].lower() not in Locale("en").languages:
        raise ValueError(f"language {text!r} is not known; write a BCP 47 tag like de or de-CH")
    script, region = match["script"], match["region"]
    parts = [match["language"].lower(), script and script.title(), region and region.upper()]
    variants = [part.lower() for part in re.split("[-_]", match["variants"]) if part]
    return "-".join([part for part in parts if part] + variants)


def known(text: str | None) -> str | None:
    """The canonical tag, or None where there is none: for what was stored long ago and must not cost a call."""
    try:
        return None if text is None else canonical(text)
    except ValueError:
        return None


def primary(tag: str) -> str:
    """`de-CH` → `de`."""
    return tag.partition("-")[0]


def speaks(spoken: Iterable[str], tag: str) -> bool:
    """Does who speaks these languages understand that one? Regions do not matter: `de-CH` speaks to `de`."""
    wanted = _spoken(tag)
    return any(_spoken(one) == wanted for one in spoken)


def _spoken(tag: str) -> str:
    language = primary(tag)
    return _SAME_SPOKEN.get(language, language)


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


@lru_cache(maxsize=512)
def of_country(country: str) -> str | None:
    """The first official language of a country (ISO 3166 alpha-2), without region: `CH` → `de`."""
    found = get_official_languages(country, de_facto=True)
    return known(found[0]) if found else None
