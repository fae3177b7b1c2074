"""History-Info (RFC 7044): which targets the call had before this one, and whether somebody forwarded it.

Trusted: nothing. An entry that cannot be read is left out. A PBX may name targets without any forward (Asterisk tells
the line's own URI on every call), so an entry counts as forwarding only where the entries say that it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, parameters
from ctibridge.sip.message import Headers

_FORWARDED = frozenset({"302", "404", "408", "480", "486", "487", "503"})
"""Causes of a forward (RFC 4458 2). 380 is a service number's translation (RFC 8119): nobody forwarded anything."""
_TRANSLATED = "380"
_HIDES = frozenset({"history", "header", "session"})
"""Values of the message's Privacy that hide every entry (RFC 7044 10.1)."""
_OPEN = frozenset({"", "none"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One target. cause: why it became one (RFC 4458); reason: why it did not take the call; mapped_from: the index of
    another user's entry (`mp`); same_user: another address of the same user (`rc`, `np`); told: no privacy asked."""

    user: str | None = field(repr=False)
    index: str | None
    cause: str | None
    reason: str | None
    mapped_from: str | None
    same_user: bool
    told: bool


def read(headers: Headers) -> tuple[Entry, ...]:
    """The entries in their order, oldest first. Never raises."""
    try:
        values = headers.all("history-info")
    except RemoteFault:
        return ()
    hidden = bool(values) and bool(_HIDES & _words(headers.each_line("privacy")))
    return tuple(entry for value in values if (entry := _entry(value, hidden=hidden)) is not None)


def forwarder(entries: Sequence[Entry]) -> Entry | None:
    """Who forwarded the call last; None where nobody did. He may not want to be told."""
    for position in range(len(entries) - 1, 0, -1):
        entry = entries[position]
        before = _by_index(entries[:position], entry.mapped_from) or entries[position - 1]
        if not entry.same_user and entry.user != before.user and _was_forwarded(before, entry):
            return before
    return None


def _was_forwarded(before: Entry, entry: Entry) -> bool:
    mapped = entry.mapped_from is not None and entry.cause != _TRANSLATED
    return mapped or entry.cause in _FORWARDED or before.reason in _FORWARDED


def _by_index(entries: Sequence[Entry], index: str | None) -> Entry | None:
    return next((entry for entry in entries if index is not None and entry.index == index), None)


def _entry(value: str, *, hidden: bool) -> Entry | None:
    try:
        address = name_addr.parse(value)
        target = uri.parse(address.uri)
    except RemoteFault:
        return None
    asked = _uri_headers(address.uri)
    params = address.params
    return Entry(
        target.user,
        params.get("index"),
        _either(target.params, params, "cause"),
        _sip_cause(asked.get("reason", "")),
        params.get("mp"),
        "rc" in params or "np" in params,
        told=not hidden and _words([asked.get("privacy", "")]) <= _OPEN,
    )


def _either(first: Parameters, second: Parameters, name: str) -> str | None:
    return first.get(name) or second.get(name)


def _uri_headers(text: str) -> dict[str, str]:
    """What stands behind the `?` (RFC 3261 19.1.1), by lower-case name. A `?` in the user part begins nothing."""
    pairs = (part.partition("=") for part in text.rpartition("@")[2].partition("?")[2].split("&"))
    return {unquote(name).lower(): unquote(value) for name, _, value in pairs}


def _sip_cause(reason: str) -> str | None:
    """The cause of a Reason (RFC 3326) that speaks SIP; Q.850 counts otherwise."""
    protocol, semicolon, tail = reason.partition(";")
    return parameters(semicolon + tail).get("cause") if protocol.strip().lower() == "sip" else None


def _words(lines: Sequence[str]) -> set[str]:
    return {word.strip().lower() for line in lines for word in line.replace(",", ";").split(";")}
