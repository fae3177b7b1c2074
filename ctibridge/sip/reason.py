"""Reason (RFC 3326): why a CANCEL was sent."""

import re
from collections.abc import Iterable

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import parameters, split_list

_PROTOCOL = re.compile(r"\s*([A-Za-z0-9.]+)\s*(;.*)?", re.DOTALL)
_ELSEWHERE = {("sip", "200"), ("q.850", "26")}
"""Call completed elsewhere; Q.850 calls 26 *non-selected user clearing*. Asterisk sends both, Kamailio the first."""


def completed_elsewhere(lines: Iterable[str]) -> bool:
    """True where any value of any line says that another device took the call. What cannot be read says nothing."""
    return any(_protocol_and_cause(value) in _ELSEWHERE for line in lines for value in _values(line))


def _values(line: str) -> list[str]:
    try:
        return split_list(line)
    except RemoteFault:
        return []


def _protocol_and_cause(value: str) -> tuple[str, str | None]:
    match = _PROTOCOL.fullmatch(value)
    if match is None:
        return "", None
    return match[1].lower(), parameters(match[2] or "").get("cause")
