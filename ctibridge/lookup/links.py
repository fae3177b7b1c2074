"""Links into the customer's own tools: templates of the account, filled with what is known of the call."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, urlsplit

from ctibridge.domain.screen_pop import Link

PLACEHOLDERS = ("number", "email", "employee_id", "support_id", "person_source_id", "call_id")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SCHEMES = frozenset({"http", "https"})


def check(template: str) -> None:
    """Raises ValueError for a template that could lead elsewhere than its author wrote: scheme, host, placeholders."""
    parts = urlsplit(template)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"link {template!r}: only http:// and https:// addresses are opened")
    if "{" in parts.netloc or any(character.isspace() for character in template):
        raise ValueError(f"link {template!r}: no placeholder in the host, no blanks anywhere")
    unknown = [name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"link {template!r}: unknown placeholder {{{unknown[0]}}}; known are {known}")


def links(templates: Iterable[tuple[str, str]], values: Mapping[str, str | None]) -> tuple[Link, ...]:
    """The links whose every placeholder has a value; a link with a hole would open somebody else, or an error page."""
    filled = ((title, _fill(template, values)) for title, template in templates)
    return tuple(Link(title, url) for title, url in filled if url is not None)


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[str, ...]:
    """Text and the names of placeholders in turn; none for a template that is not sound. The same few come with every
    call, and to look at one costs as much as the rest of the answer."""
    try:
        check(template)
    except ValueError:
        return ()
    return tuple(_PLACEHOLDER.split(template))


def _fill(template: str, values: Mapping[str, str | None]) -> str | None:
    pieces = list(_pieces(template))
    for place in range(1, len(pieces), 2):
        value = values.get(pieces[place])
        if not value:
            return None
        # Everything is escaped, `/` and `&` too: a value stays one value, whatever it holds.
        pieces[place] = quote(value, safe="")
    return "".join(pieces) or None
