"""Who calls, and what was called: read from an INVITE, in the trunk's order, with privacy honoured.

Trusted: nothing. A display name never reaches the number; whatever cannot be read counts as absent, because a call
with an odd caller is still a call (contract: *What is a call*).
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from ctibridge.sip import attestation, history_info, name_addr, nobody, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Identity, Withheld
from ctibridge.sip.message import Headers

LONGEST_USER = 128
LONGEST_NAME = 256
_NOWHERE = "anonymous.invalid"
"""The host of who is nobody (RFC 3323 4.1.1.3), whatever the user part."""
_PRIVATE = frozenset({"id", "user", "header", "full", "name", "uri"})
"""Values of Privacy that speak of the caller (RFC 3323 4.2, RFC 3325 9.3), and those of Remote-Party-ID that PBXs write
there."""
_KNOWN = frozenset({"session", "history", "none", "critical", "off", ""}) | _PRIVATE
"""`session` speaks of the media, `history` of History-Info (RFC 7044 10.1); `critical` lends weight to what we do not
know: then it is not passed over (RFC 3323 4.2)."""
_OPEN = frozenset({"", "off", "none"})
"""Values of the parameter `privacy` (Remote-Party-ID, RFC 5806 Diversion) that hide nothing."""
_NUMBER = re.compile(r"[+0-9*#][0-9*#().-]*")
_PLAINLY = re.compile(r"<(?:sips?|tel):(\+?[0-9]+)(?:@(?!anonymous)|>)", re.IGNORECASE)
"""One number in brackets, as nearly every caller has it."""
_CONTEXT = re.compile(r";phone-context=(?:\+|%2B)[0-9().-]+", re.IGNORECASE)
_ASKS = re.compile(r'privacy\s*=\s*(?!off|none|"off|"none)', re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of what follows: a name may not rearrange the page."""


class _Party(NamedTuple):
    """anonymous: its address says that it is nobody's."""

    user: str | None
    name: str | None
    privacy: str
    anonymous: bool = False


_NOBODY = _Party(None, None, "")


def caller(headers: Headers, order: Sequence[str], attested: bool = False) -> Identity:
    """order: header names, best first. attested: the trunk is trusted to say what it verified of the caller's number.

    A caller who wants to stay unknown does, even where the number came along: by Privacy, by Remote-Party-ID's privacy,
    or by an anonymous From or asserted identity without `Privacy: none`."""
    source, party = _best(headers, order)
    why = _withheld(headers, party)
    if why is not Withheld.NO:
        return Identity(None, None, why, source, marked=_marked(headers))
    name = _display_name(party.name) if party.name else None
    checked = attestation.read(headers, party.user or "") if attested else attestation.NOT_CHECKED
    return Identity(party.user, name, why, source, _diverted_by(headers), checked)


def called(headers: Headers, request_uri: str, order: Iterable[str]) -> tuple[str, ...]:
    """The user parts of the configured headers, in their order, without repetition. `Request-URI` may be named, too; of
    History-Info the first entry says what was called originally."""
    users: dict[str, None] = {}
    for name in order:
        if user := _called_in(headers, request_uri, name.lower()):
            users[user] = None
    return tuple(users)


def party_user(line: str) -> str | None:
    """The user part of one address, None where it cannot be read or asks for privacy."""
    party = _party(line)
    return None if party is None or _hidden(party) else party.user


def seen(text: str) -> str:
    """Without characters that cannot be seen, or that turn what stands around them."""
    return _UNSEEN.sub(" ", text)


def _called_in(headers: Headers, request_uri: str, name: str) -> str | None:
    if name == "history-info":
        return _told(history_info.first_target(history_info.read(headers)))
    lines = [request_uri] if name == "request-uri" else _values(headers, name)
    return _called_user(lines[0]) if lines else None


def _best(headers: Headers, order: Sequence[str]) -> tuple[str, _Party]:
    """The first header that names a user part; in it a number before a word: RFC 3325 allows a SIP and a tel URI."""
    fallback: tuple[str, _Party] | None = None
    for source in order:
        parties = _parties(headers, source)
        named = [party for party in parties if party.user]
        if named:
            return source, next((party for party in named if _is_number(party)), named[0])
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
        found = uri.parse(address.uri)
    except RemoteFault:
        return None
    user, host = _with_context(found.user, address.uri), found.host.lower()
    # `full-network`: who asked for it does not matter here.
    privacy = (address.params.get("privacy") or "").partition("-")[0].lower()
    anonymous = host == _NOWHERE or (user is not None and nobody.why(user) is Withheld.RESTRICTED)
    return _Party(user[:LONGEST_USER] if user else None, address.display_name, privacy, anonymous)


def _with_context(user: str | None, address: str) -> str | None:
    """A local number is none without the context that stands beside it (RFC 3966 5.1.5), in a tel URI or in the user
    part of a SIP URI."""
    context = _CONTEXT.search(address.partition("@")[0]) if ";phone-context=" in address.lower() else None
    return user if context is None or not user or user.startswith("+") else user + unquote(context[0])


def _display_name(name: str) -> str | None:
    # Asterisk escapes quotes in display names twice (sip-observations); one level is gone already.
    return seen(name.replace('\\"', '"')).strip()[:LONGEST_NAME] or None


def _marked(headers: Headers) -> str | None:
    return next((_display_name(party.name) for party in _parties(headers, "From") if party.name), None)


def _is_number(party: _Party) -> bool:
    return _NUMBER.fullmatch((party.user or "").partition(";")[0]) is not None


def _withheld(headers: Headers, party: _Party) -> Withheld:
    asked = _privacy(headers)
    if asked & _PRIVATE or ("critical" in asked and not asked <= _KNOWN):
        return Withheld.RESTRICTED
    if party.anonymous or party.privacy not in _OPEN or _party_id_is_private(headers):
        return Withheld.RESTRICTED
    if "none" not in asked and (_is_anonymous(headers, "From") or _is_anonymous(headers, "P-Asserted-Identity")):
        return Withheld.RESTRICTED
    if not party.user:
        return Withheld.UNAVAILABLE
    if nobody.asks_to_be_unknown(party.user):
        return Withheld.RESTRICTED
    return nobody.why(party.user) or Withheld.NO


def _privacy(headers: Headers) -> set[str]:
    lines = headers.each_line("privacy")
    return {value.strip(' \t"').lower() for line in lines for value in line.replace(",", ";").split(";")}


def _party_id_is_private(headers: Headers) -> bool:
    """Also where another header named the caller."""
    if not any(_ASKS.search(line) for line in headers.each_line("remote-party-id")):
        return False
    return any(party.privacy not in _OPEN for party in _parties(headers, "Remote-Party-ID"))


def _is_anonymous(headers: Headers, source: str) -> bool:
    """Nothing is parsed where only a number stands: hardly a call has more."""
    if all(_is_plainly_a_number(line) for line in headers.each_line(source.lower())):
        return False
    return any(
        party.anonymous or (source == "From" and _calls_himself_anonymous(party)) for party in _parties(headers, source)
    )


def _is_plainly_a_number(line: str) -> bool:
    plain = _PLAINLY.search(line)
    return plain is not None and line.count("<") == 1 and nobody.why(plain[1]) is None


def _calls_himself_anonymous(party: _Party) -> bool:
    """Who does so in From has put a meaningless address beside it (RFC 3261 8.1.1.3). Beside a number a name is a name:
    it alone withholds nobody."""
    if party.name is None or _is_number(party):
        return False
    return nobody.why(party.name) is Withheld.RESTRICTED


def _diverted_by(headers: Headers) -> str | None:
    """The newest diversion stands first (RFC 5806 5.2). Where there is none that can be read, History-Info says who
    forwarded; never where a Diversion asks for privacy."""
    lines = _values(headers, "diversion")
    party = _party(lines[0]) if lines else None
    if party is not None:
        return None if _hidden(party) else party.user
    if len(_values(headers, "history-info")) < 2:
        return None  # Asterisk tells one target on every call: not worth reading
    return _told(history_info.forwarder(history_info.read(headers)))


def _told(entry: history_info.Entry | None) -> str | None:
    if entry is None or not entry.told or not entry.user or nobody.why(entry.user):
        return None
    return entry.user[:LONGEST_USER]


def _hidden(party: _Party) -> bool:
    return party.privacy not in _OPEN or party.anonymous


def _called_user(line: str) -> str | None:
    """Of a name-addr, of a bare URI, or a plain number as a dial plan writes it into an X- header. A diversion that
    asks for privacy is not told."""
    party = _party(line)
    if party is not None:
        return None if _hidden(party) else party.user
    bare = unquote(line.strip().strip("<>"))
    return bare[:LONGEST_USER] if bare and " " not in bare and ":" not in bare and "@" not in bare else None
