"""Who calls, and what was called: read from an INVITE, in the trunk's order, with privacy honoured.

Trusted: nothing. A display name never reaches the number; whatever cannot be read counts as absent, because a call
with an odd caller is still a call (contract: *What is a call*).
"""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Identity, Withheld
from ctibridge.sip.message import Headers

LONGEST_USER = 128
LONGEST_NAME = 256
_ANONYMOUS = frozenset({"anonymous", "restricted", "private", "withheld", "clir"})
_UNAVAILABLE = frozenset({"unavailable", "unknown", "asterisk"})
"""`asterisk` is what Asterisk sends as user part where it knows no caller."""
_PRIVATE = frozenset({"id", "user", "header"})
"""Values of Privacy that speak of the caller (RFC 3323 4.2, RFC 3325 9.3); `session` and `critical` do not."""


def caller(headers: Headers, order: Sequence[str]) -> Identity:
    """order: header names, best first. A caller who wants to stay unknown does, even where the number came along:
    by Privacy, by Remote-Party-ID's privacy, or by an anonymous From without `Privacy: none`."""
    found = [(source, party) for source in order for party in _parties(headers, source)]
    source, party = next(((s, p) for s, p in found if p.user), found[0] if found else ("From", _Party(None, None)))
    why = _withheld(headers, party)
    if why is not Withheld.NO:
        return Identity(None, None, why, source)
    return Identity(party.user, party.name, why, source, _diverted_by(headers))


def called(headers: Headers, request_uri: str, order: Iterable[str]) -> tuple[str, ...]:
    """The user parts of the configured headers, in their order, without repetition. `Request-URI` may be named, too."""
    users: dict[str, None] = {}
    for name in order:
        lines = [request_uri] if name.lower() == "request-uri" else headers.all(name.lower())
        users.update((user, None) for line in lines[:1] if (user := _called_user(line)))
    return tuple(users)


class _Party:
    __slots__ = ("name", "privacy", "user")

    def __init__(self, user: str | None, name: str | None, privacy: str | None = None) -> None:
        self.user = user[:LONGEST_USER] if user else None
        self.name = name[:LONGEST_NAME] if name else None
        self.privacy = privacy


def _parties(headers: Headers, source: str) -> list[_Party]:
    lines = headers.each_line("from") if source == "From" else headers.all(source.lower())
    # Remote-Party-ID may also speak of the other side (draft-ietf-sip-privacy-04, 5).
    about_caller = [line for line in lines if "party=called" not in line.lower()]
    return [party for line in about_caller if (party := _party(line)) is not None]


def _party(line: str) -> _Party | None:
    try:
        address = name_addr.parse(line)
        privacy = address.params.get("privacy")
        return _Party(uri.parse(address.uri).user, _display_name(address.display_name), privacy)
    except RemoteFault:
        return None


def _display_name(name: str | None) -> str | None:
    # Asterisk escapes quotes in display names twice (sip-observations); one level is gone already.
    return None if name is None else name.replace('\\"', '"').strip() or None


def _withheld(headers: Headers, party: _Party) -> Withheld:
    asked = {value.strip().lower() for line in headers.each_line("privacy") for value in line.replace(",", ";").split(";")}
    if asked & _PRIVATE or (party.privacy or "").lower() in ("full", "uri", "name"):
        return Withheld.RESTRICTED
    user = (party.user or "").lower()
    if user in _ANONYMOUS or ("none" not in asked and _from_is_anonymous(headers)):
        return Withheld.RESTRICTED
    return Withheld.UNAVAILABLE if not user or user in _UNAVAILABLE else Withheld.NO


def _from_is_anonymous(headers: Headers) -> bool:
    return any((party.user or "").lower() == "anonymous" for party in _parties(headers, "From"))


def _diverted_by(headers: Headers) -> str | None:
    """The newest diversion stands first (RFC 5806 5.2). One that asks for privacy is not told."""
    for line in headers.all("diversion")[:1]:
        party = _party(line)
        if party is not None and (party.privacy or "off").lower() in ("off", "none"):
            return party.user
    return None


def _called_user(line: str) -> str | None:
    """Of a name-addr, of a bare URI, or a plain number as a dial plan writes it into an X- header."""
    party = _party(line)
    if party is not None:
        return party.user
    bare = unquote(line.strip().strip("<>"))
    return bare[:LONGEST_USER] if bare and " " not in bare and ":" not in bare and "@" not in bare else None
