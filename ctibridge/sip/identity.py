"""Who calls, and what was called: read from an INVITE, in the trunk's order, with privacy honoured.

Trusted: nothing. A display name never reaches the number; whatever cannot be read counts as absent, because a call
with an odd caller is still a call (contract: *What is a call*).
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
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
_OPEN = frozenset({"", "off", "none"})
"""Values of the parameter `privacy` (Remote-Party-ID, RFC 5806 Diversion) that hide nothing."""
_NUMBER = re.compile(r"[+0-9*#][0-9*#().-]*")
_ASKS = re.compile(r'privacy\s*=\s*(?!off|none|"off|"none)', re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of what follows: a name may not rearrange the page."""


class _Party(NamedTuple):
    user: str | None
    name: str | None
    privacy: str


_NOBODY = _Party(None, None, "")


def caller(headers: Headers, order: Sequence[str]) -> Identity:
    """order: header names, best first. A caller who wants to stay unknown does, even where the number came along:
    by Privacy, by Remote-Party-ID's privacy, or by an anonymous From without `Privacy: none`."""
    source, party = _best(headers, order)
    why = _withheld(headers, party)
    if why is not Withheld.NO:
        return Identity(None, None, why, source)
    name = _display_name(party.name) if party.name else None
    return Identity(party.user, name, why, source, _diverted_by(headers))


def called(headers: Headers, request_uri: str, order: Iterable[str]) -> tuple[str, ...]:
    """The user parts of the configured headers, in their order, without repetition. `Request-URI` may be named, too."""
    users: dict[str, None] = {}
    for name in order:
        lines = [request_uri] if name.lower() == "request-uri" else _values(headers, name.lower())
        if lines and (user := _called_user(lines[0])):
            users[user] = None
    return tuple(users)


def _best(headers: Headers, order: Sequence[str]) -> tuple[str, _Party]:
    """The first header that names a user part; in it a number before a word: RFC 3325 allows a SIP and a tel URI."""
    fallback: tuple[str, _Party] | None = None
    for source in order:
        parties = _parties(headers, source)
        named = [party for party in parties if party.user]
        if named:
            return source, next((party for party in named if _NUMBER.fullmatch(party.user or "")), named[0])
        if parties and fallback is None:
            fallback = source, parties[0]
    return fallback or ("From", _NOBODY)


def _parties(headers: Headers, source: str) -> list[_Party]:
    # From is one address, however many commas an unquoted name has. Remote-Party-ID may also speak of the other side
    # (draft-ietf-sip-privacy-04, 5).
    lines = headers.each_line("from") if source == "From" else _values(headers, source.lower())
    return [
        party for line in lines if "party=called" not in line.lower() and (party := _party(line)) is not None
    ]  # fmt: skip


def _values(headers: Headers, name: str) -> list[str]:
    try:
        return headers.all(name)
    except RemoteFault:
        return []


def _party(line: str) -> _Party | None:
    try:
        address = name_addr.parse(line)
        user = uri.parse(address.uri).user
    except RemoteFault:
        return None
    # `full-network`: who asked for it does not matter here.
    privacy = (address.params.get("privacy") or "").partition("-")[0].lower()
    return _Party(user[:LONGEST_USER] if user else None, address.display_name, privacy)


def _display_name(name: str) -> str | None:
    # Asterisk escapes quotes in display names twice (sip-observations); one level is gone already.
    return _UNSEEN.sub(" ", name.replace('\\"', '"')).strip()[:LONGEST_NAME] or None


def _withheld(headers: Headers, party: _Party) -> Withheld:
    asked = _privacy(headers)
    if asked & _PRIVATE or party.privacy not in _OPEN or _party_id_is_private(headers):
        return Withheld.RESTRICTED
    user = (party.user or "").lower()
    if user in _ANONYMOUS or ("none" not in asked and _from_is_anonymous(headers)):
        return Withheld.RESTRICTED
    return Withheld.UNAVAILABLE if not user or user in _UNAVAILABLE else Withheld.NO


def _privacy(headers: Headers) -> set[str]:
    lines = headers.each_line("privacy")
    return {value.strip().lower() for line in lines for value in line.replace(",", ";").split(";")}


def _party_id_is_private(headers: Headers) -> bool:
    """Also where another header named the caller."""
    if not any(_ASKS.search(line) for line in headers.each_line("remote-party-id")):
        return False
    return any(party.privacy not in _OPEN for party in _parties(headers, "Remote-Party-ID"))


def _from_is_anonymous(headers: Headers) -> bool:
    """The word is looked for before anything is parsed: hardly a call has it."""
    if not any(word in line.lower() for line in headers.each_line("from") for word in _ANONYMOUS):
        return False
    return any((party.user or "").lower() in _ANONYMOUS for party in _parties(headers, "From"))


def _diverted_by(headers: Headers) -> str | None:
    """The newest diversion stands first (RFC 5806 5.2)."""
    lines = _values(headers, "diversion")
    party = _party(lines[0]) if lines else None
    return None if party is None or _hidden(party) else party.user


def _hidden(party: _Party) -> bool:
    return party.privacy not in _OPEN or (party.user or "").lower() in _ANONYMOUS


def _called_user(line: str) -> str | None:
    """Of a name-addr, of a bare URI, or a plain number as a dial plan writes it into an X- header. A diversion that
    asks for privacy is not told."""
    party = _party(line)
    if party is not None:
        return None if _hidden(party) else party.user
    bare = unquote(line.strip().strip("<>"))
    return bare[:LONGEST_USER] if bare and " " not in bare and ":" not in bare and "@" not in bare else None
