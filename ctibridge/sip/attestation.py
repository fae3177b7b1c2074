"""What the network says of the caller's number: `verstat` (3GPP TS 24.229 7.2A.20), `Attestation-Info` and
`P-Attestation-Indicator` (RFC 8224 and ATIS-1000074 behind them).

Read only of a trunk that is trusted for it: whoever may write to us could write these, too. The Identity header itself
is not verified here, on purpose: who ends the trunk has the certificates and has done it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Headers
from ctibridge.sip.name_addr import NameAddr

NOT_CHECKED = "not-checked"
NONE = "none"
PASSED = "passed"
FAILED = "failed"

_VERSTAT = re.compile(r";\s*verstat\s*=\s*\"?([A-Za-z0-9-]{1,64})", re.IGNORECASE)
_VERDICT = re.compile(r"tn-validation-(passed|failed)(?:-([abc]))?(?:-[a-z0-9-]*)?", re.IGNORECASE)
_UNCHECKED = "no-tn-validation"
_SEPARATORS = str.maketrans("", "", "-.() ")
_LETTERS = "CBA"
"""Weakest first: of two that differ, the weaker one holds."""


class _Party(NamedTuple):
    """One address: its number without separators, and what its verstat says."""

    number: str
    verdicts: tuple[str, ...]


def read(headers: Headers, user: str) -> str:
    """Of the identity that names the caller, whose user part is `user`: `A`, `B`, `C`, `passed`, `failed`, `none` (the
    network did not check), or `not-checked` where it says nothing of this number. Never raises."""
    number = _bare(user)
    asserted = _parties(_values(headers))
    sender = _parties(headers.each_line("from"))
    verdicts = {verdict for party in asserted + sender if party.number == number for verdict in party.verdicts}
    if FAILED in verdicts:
        return FAILED
    if NONE in verdicts:
        return NONE
    # What speaks of the whole request speaks of the asserted identity, else of From (RFC 8224 4.1).
    is_meant = any(party.number == number for party in asserted or sender)
    letters = verdicts - {PASSED} or (set(_indicators(headers)) if is_meant else set())
    weakest = next((letter for letter in _LETTERS if letter in letters), None)
    return weakest or (PASSED if verdicts else NOT_CHECKED)


def _values(headers: Headers) -> list[str]:
    try:
        return headers.all("p-asserted-identity")
    except RemoteFault:
        return []


def _parties(lines: Iterable[str]) -> list[_Party]:
    return [party for line in lines if (party := _party(line)) is not None]


def _party(line: str) -> _Party | None:
    try:
        address = name_addr.parse(line)
        user = uri.parse(address.uri).user
    except RemoteFault:
        return None
    return None if user is None else _Party(_bare(user), tuple(_verdicts(address)))


def _bare(number: str) -> str:
    return number.translate(_SEPARATORS)


def _verdicts(address: NameAddr) -> Iterator[str]:
    """In the user part, as a parameter of the URI, or behind the address; never in a name or behind a `?`."""
    places: list[str] = _VERSTAT.findall(_before_headers(address.uri))
    for text in (*places, address.params.get("verstat") or ""):
        match = _VERDICT.fullmatch(text)
        if match is not None:
            yield FAILED if match[1].lower() == FAILED else match[2].upper() if match[2] else PASSED
        elif text.lower() == _UNCHECKED:
            yield NONE


def _before_headers(text: str) -> str:
    user, at, host = text.rpartition("@")
    return user + at + host.partition("?")[0]


def _indicators(headers: Headers) -> Iterator[str]:
    for name in ("attestation-info", "p-attestation-indicator"):
        for line in headers.each_line(name):
            letter = line.partition(";")[0].strip(' "').upper()
            if letter and letter in _LETTERS and len(letter) == 1:
                yield letter
