"""What the PBX knows besides: headers that the trunk's configuration names, User-to-User (RFC 7433), and whether the
call comes from inside (Alert-Info, RFC 7462).

Trusted: nothing; a caller may have typed it, or written it himself where the PBX lets it through. Goes out: plain text,
bounded, without characters that could rearrange a page.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from ctibridge.sip import grammar, identity
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Remark
from ctibridge.sip.grammar import Parameters
from ctibridge.sip.message import Headers

MOST = 16
LONGEST_VALUE = 256
LONGEST_UUI = 128
"""Octets of one User-to-User value: ISDN carries no more (ITU-T Q.957.1)."""

ALERT = "alert"
_USER_TO_USER = "user-to-user"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DISCRIMINATORS = b"\x00\x04"
"""User-specific and IA5 text (ITU-T Q.931 4.5.30): an octet of ISDN before the text itself."""
_INFO = {"internal": "internal", "alert-internal": "internal", "external": "external", "alert-external": "external"}
_SOURCE = re.compile(r"urn:alert:source:(internal|external)(?![a-z0-9-])", re.IGNORECASE)


def read(headers: Headers, names: Mapping[str, str]) -> tuple[Remark, ...]:
    """names: header name as configured → what it means. In the order of `names`, what Alert-Info says at the end. The
    same header may come more than once; the same value is told once. Never raises."""
    found: dict[Remark, None] = {}
    for name, means in names.items():
        for value in _values(headers, name.lower()):
            if len(found) < MOST - 1:
                found[Remark(means, value, name)] = None
    alert = _alert(headers.each_line("alert-info"))
    return (*found, Remark(ALERT, alert, "Alert-Info")) if alert is not None else tuple(found)


def _values(headers: Headers, name: str) -> Iterator[str]:
    lines = headers.each_line(name)
    texts = (_user_to_user(lines) if name == _USER_TO_USER else map(_text, lines)) if lines else ()
    return (value for text in texts if (value := _clean(text)))


def _text(line: str) -> str:
    """Quotes or percent signs, as a dial plan writes them, resolved once."""
    line = line.strip()
    return grammar.unquote(line) if line.startswith('"') else unquote(line)


def _clean(text: str) -> str:
    return identity.seen(text)[:LONGEST_VALUE].strip()


# -- User-to-User ------------------------------------------------------------------------------------------------------


def _user_to_user(lines: Iterable[str]) -> Iterator[str]:
    """Each value of each line; what is longer than ISDN carries is left out, as half an id is another id."""
    for line in lines:
        for value in _list(line):
            data, params = _data_and_parameters(value)
            if 0 < len(data) <= 2 * LONGEST_UUI:
                text = _decoded(data, (params.get("encoding") or "hex").lower())
                if len(text.encode(errors="replace")) <= LONGEST_UUI:
                    yield text


def _list(line: str) -> list[str]:
    try:
        return grammar.split_list(line)
    except RemoteFault:
        return []


def _data_and_parameters(value: str) -> tuple[str, Parameters]:
    end = grammar.end_of_quoted(value, 0) if value.startswith('"') else value.find(";")
    end = len(value) if end < 0 else end
    return grammar.unquote(value[:end].strip()), grammar.parameters(value[end:])


def _decoded(data: str, encoding: str) -> str:
    """Hex unless another encoding is named, as the ISDN package has it (RFC 7434); what is no hex, or no text behind
    it, stays as it came."""
    if encoding != "hex" or _HEX.fullmatch(data) is None:
        return data
    octets = bytes.fromhex(data)
    for some in (octets, octets[1:] if octets[0] in _DISCRIMINATORS else b""):
        text = some.decode(errors="replace")
        if text and text.isprintable() and "\ufffd" not in text:
            return text
    return data


# -- Alert-Info --------------------------------------------------------------------------------------------------------


def _alert(lines: Iterable[str]) -> str | None:
    """`internal` or `external`; None where nothing, or both, is said."""
    said = {word for line in lines for word in _sources(line)}
    return said.pop() if len(said) == 1 else None


def _sources(line: str) -> Iterator[str]:
    for match in _SOURCE.finditer(line):
        yield match[1].lower()
    for part in line.replace(",", ";").split(";"):
        name, equals, value = part.partition("=")
        word = value if equals else name
        if not equals or name.strip().lower() == "info":
            known = _INFO.get(word.strip(' "<>').lower())
            if known is not None:
                yield known
