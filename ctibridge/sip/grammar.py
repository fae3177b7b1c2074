"""The grammar that all headers share: comma lists, parameters, quoted strings (RFC 3261 25.1). Linear in the input."""

import re

from ctibridge.sip import limits
from ctibridge.sip.errors import RemoteFault

_SPECIAL = re.compile(r'[",<>]')
# Each alternative of the patterns below begins with another character: nothing is tried twice, so time grows linearly.
_QUOTED_REST = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*("|\\?\Z)', re.DOTALL)
_EMPTY_PART = re.compile(r"[;,]\s*(?:[;,]|\Z)")
_PARAMETER = re.compile(
    r';\s*([^\s=;,"<>]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]*))\s*)?',
    re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-z0-9.!%*_+`'~:\[\]-]+")
"""Token or host (RFC 3261 25.1, gen-value): what stands without quotes."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Parameters = dict[str, str | None]


def split_list(value: str) -> list[str]:
    """The values of a comma list; commas in quotes and brackets do not count. Raises RemoteFault past the limit."""
    if "," not in value:
        return [value.strip()] if value.strip() else []
    parts, start, angle, position = [], 0, False, 0
    while (match := _SPECIAL.search(value, position)) is not None:
        position = match.end()
        char = match[0]
        if char == '"' and not angle:
            position = end_of_quoted(value, match.start())
        elif char in "<>":
            angle = char == "<"
        elif char == "," and not angle:
            parts.append(value[start : match.start()].strip())
            start = position
    parts.append(value[start:].strip())
    if len(parts) > limits.VALUES:
        raise RemoteFault("too many values in one header")
    return [part for part in parts if part]


def end_of_quoted(text: str, start: int) -> int:
    """The position behind the closing quote of the string that opens at `start`; the end of text if it never closes."""
    match = _QUOTED_REST.match(text, start + 1)
    end = match.end() if match is not None else len(text)
    return end + 1 if text[end : end + 1] == '"' else len(text)


def without_quoted(text: str) -> str:
    """The text without its quoted strings, for looking at what stands outside of them. One that never closes stays."""
    return _QUOTED.sub(lambda string: "" if string[1] == '"' else string[0], text)


def has_empty_part(text: str) -> bool:
    """A separator with nothing behind it (`;;`, `,,`, or at the end), which no list and no parameters may have."""
    return _EMPTY_PART.search(without_quoted(text) if '"' in text else text) is not None


def unquote(text: str) -> str:
    """The content of a quoted string, escapes resolved once; other text as it is."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def quote(text: str) -> str:
    """The pair of `unquote`."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parameters(text: str) -> Parameters:
    """`;a=b;c` as lower-case names with unquoted values. What fits no parameter ends the reading: lenient on purpose,
    because an odd parameter behind a sound name-addr is no reason to lose a call."""
    found: Parameters = {}
    position = 0
    text = text.strip()
    while (match := _PARAMETER.match(text, position)) is not None:
        value = _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3]
        found.setdefault(match[1].lower(), value)
        position = match.end()
    return found


def print_parameters(found: Parameters) -> str:
    """The pair of `parameters`."""
    return "".join(
        f";{name}" if value is None else f";{name}={_plain_or_quoted(value)}" for name, value in found.items()
    )


def _plain_or_quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) is not None else quote(value)


def whole_number(text: str, largest: int) -> int | None:
    """ASCII digits up to `largest`, else None: `int()` alone takes `1_0`, Arabic digits and any white space."""
    text = text.strip(" \t")
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    number = int(text)
    return number if number <= largest else None
