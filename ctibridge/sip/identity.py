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
MOST_CALLED = 5
"""Values of one header that are offered as the called number: as often as a telephone network lets a call divert."""
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
_NAME_ALONE = "name"
"""The value that hides the name and shows the number (draft-ietf-sip-privacy-04, 5.1)."""
_NUMBER = re.compile(r"[+0-9*#][0-9*#().-]*")
_BARE = re.compile(r"[+(\s]*[0-9*#][0-9*#()./\s\u2010-\u2015-]*")
"""A number as people write it; six kinds of Unicode's dashes are among it."""
_PLAINLY = re.compile(r"<(?:sips?|tel):(\+?[0-9]+)(?:@(?!anonymous)|>)", re.IGNORECASE)
"""One number in brackets, as nearly every caller has it."""
_CONTEXT = re.compile(r";phone-context=(?:\+|%2B)[0-9().-]+", re.IGNORECASE)
_ASKS = re.compile(r'privacy\s*=\s*(?!off|none|"off|"none)', re.IGNORECASE)
_ASKS_MORE = re.compile(r'(?:privacy\s*=\s*"?|,)\s*(?:full|uri)\b', re.IGNORECASE)
"""A further wish, which may stand behind a first one: `privacy=name,uri`."""
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
    or by an anonymous From or asserted identity without `Privacy: none`. `privacy=name` hides his name alone."""
    source, party = _best(headers, order)
    wishes = _wishes(headers, party)
    why = _withheld(headers, party, wishes)
    marked = next((_display_name(one.name) for one in _parties(headers, "From") if one.name), None)
    if why is not Withheld.NO:
        return Identity(None, None, why, source, marked=marked)
    name = None if _NAME_ALONE in wishes else _name(headers, party, order)
    checked = attestation.read(headers, party.user or "") if attested else attestation.NOT_CHECKED
    return Identity(party.user, name, why, source, _diverted_by(headers), checked, marked)


def called(headers: Headers, request_uri: str, order: Iterable[str]) -> tuple[str, ...]:
    """The user parts of the configured headers, in their order and that of their values, without repetition: which of
    them is a service number, the look-up knows. At most MOST_CALLED of each header. `Request-URI` may be named, too; of
    History-Info the first entry says what was called originally."""
    users: dict[str, None] = {}
    for name in order:
        users |= dict.fromkeys(_called_in(headers, request_uri, name.lower()))
    return tuple(users)


def party_user(line: str) -> str | None:
    """The user part of one address, None where it cannot be read or asks for privacy."""
    party = _party(line)
    return None if party is None or _hidden(party) else party.user


def seen(text: str) -> str:
    """Without characters that cannot be seen, or that turn what stands around them."""
    return _UNSEEN.sub(" ", text)


def _called_in(headers: Headers, request_uri: str, name: str) -> list[str]:
    if name == "history-info":
        users = [_told(entry) for entry in history_info.read(headers)[:MOST_CALLED]]
    else:
        lines = [request_uri] if name == "request-uri" else _values(headers, name)[:MOST_CALLED]
        users = [_called_user(line, first=place == 0) for place, line in enumerate(lines)]
    return [user for user in users if user]


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


def _name(headers: Headers, party: _Party, order: Sequence[str]) -> str | None:
    """An asserted number without a name does not take away the name that From gives the same number, where From is
    believed at all; beside another number it would be another one's name."""
    if party.name or "From" not in order:
        return _display_name(party.name or "")
    same = (one for one in _parties(headers, "From") if one.user == party.user and _is_somebody(one))
    return next((_display_name(one.name) for one in same if one.name), None)


def _is_somebody(party: _Party) -> bool:
    texts = (party.user, party.name)
    return not party.anonymous and all(text is None or nobody.why(text) is None for text in texts)


def _is_number(party: _Party) -> bool:
    return _NUMBER.fullmatch((party.user or "").partition(";")[0]) is not None


def _withheld(headers: Headers, party: _Party, wishes: set[str]) -> Withheld:
    asked = _privacy(headers)
    if asked & _PRIVATE or ("critical" in asked and not asked <= _KNOWN):
        return Withheld.RESTRICTED
    if party.anonymous or not wishes <= {_NAME_ALONE}:
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


def _wishes(headers: Headers, party: _Party) -> set[str]:
    """What the parameter `privacy` asks to hide, of this party and in Remote-Party-ID: also where another header named
    the caller."""
    wishes = {party.privacy}
    lines = headers.each_line("remote-party-id")
    if any(_ASKS.search(line) for line in lines):
        wishes |= {one.privacy for one in _parties(headers, "Remote-Party-ID")}
    if _NAME_ALONE in wishes and any(_ASKS_MORE.search(line) for line in lines):
        wishes.add("full")
    return wishes - _OPEN


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


def _called_user(line: str, *, first: bool) -> str | None:
    """Of a name-addr, of a bare URI, or a plain number as a dial plan writes it into an X- header. A diversion that
    asks for privacy is not told. A word is one as the first value alone: later it is a piece of a text with commas."""
    party = _party(line)
    if party is not None:
        return None if _hidden(party) else party.user
    bare = unquote(line.strip().strip("<>")).strip()
    if _BARE.fullmatch(bare):
        return "".join(bare.split())[:LONGEST_USER]
    is_word = first and not any(sign in bare for sign in " :@")
    return bare[:LONGEST_USER] if is_word else None
