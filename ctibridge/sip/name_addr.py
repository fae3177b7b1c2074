"""name-addr: `"Maria" <sip:…>;tag=x`, the shape of From, Contact, P-Asserted-Identity, Diversion (RFC 3261 25.1)."""

import re
from contextlib import suppress
from dataclasses import dataclass, field

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, end_of_quoted, parameters, unquote, without_quoted

_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,\"<>]+)\s*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameAddr:
    """display_name: quotes and escapes resolved once, None where there is none. uri: the text between the brackets."""

    display_name: str | None = field(repr=False)
    uri: str = field(repr=False)
    params: Parameters = field(default_factory=dict, repr=False)

    @property
    def tag(self) -> str | None:
        return self.params.get("tag")


def parse(text: str) -> NameAddr:
    """One value. Without angle brackets, parameters belong to the header, not to the URI (20.10). Raises RemoteFault,
    also for a second address: a PBX that does not quote names would let the name say who calls."""
    text = text.strip()
    behind_name = end_of_quoted(text, 0) if text.startswith('"') else 0
    opening = text.find("<", behind_name)
    if opening < 0:
        uri, semicolon, tail = text.partition(";")
        if not uri.strip() or behind_name:
            raise RemoteFault("address cannot be read")
        return NameAddr(None, uri.strip(), parameters(semicolon + tail))
    closing = text.find(">", opening)
    if closing < 0:
        raise RemoteFault("address does not close its bracket")
    tail = text[closing + 1 :].lstrip()
    # A parameter may hold brackets in quotes: `+sip.instance="<urn:uuid:…>"` (RFC 5626 4.1).
    if (tail and tail[0] != ";") or ("<" in tail and "<" in without_quoted(tail)):
        raise RemoteFault("more than parameters behind the address")
    name = unquote(text[:opening].strip()).strip() or None
    return NameAddr(name, text[opening + 1 : closing].strip(), parameters(tail))


def tag_of(text: str) -> str | None:
    """The tag of a From or To line, also where the address before it cannot be read: who calls may be odd, which
    transaction it is may not."""
    if text.rfind('"') > text.find(">"):
        # Something is quoted behind an address: only reading it all tells what is the tag, and what a text about one.
        with suppress(RemoteFault):
            return parse(text).tag or None
    match = _TAG.search(text, max(text.rfind(">"), 0))
    return match[1] if match else None
