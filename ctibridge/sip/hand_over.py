"""What an INVITE says of the call that it continues: Referred-By (RFC 3892) and Replaces (RFC 3891).

Evidence and no proof: anybody may write these. What cannot be read, or stands there twice where once is allowed,
counts as absent; a call is worth more than its history.
"""

import re

from ctibridge.sip import identity
from ctibridge.sip.events import HandOver
from ctibridge.sip.grammar import parameters
from ctibridge.sip.message import Headers

LONGEST_ID = 256
"""Characters of a Call-ID or a tag: PBXs use up to some 80."""

_CALL_ID = re.compile(r"[^\s;,@]+(?:@[^\s;,@]+)?")
_NOTHING = HandOver()


def read(headers: Headers) -> HandOver:
    """Never raises."""
    referred, replaced = _only(headers, "referred-by"), _only(headers, "replaces")
    if referred is None and replaced is None:
        return _NOTHING
    return HandOver(
        None if referred is None else identity.party_user(referred), None if replaced is None else _replaced(replaced)
    )


def _only(headers: Headers, name: str) -> str | None:
    """Both headers may stand there once; of two, neither can be believed."""
    lines = headers.each_line(name)
    return lines[0] if len(lines) == 1 else None


def _replaced(line: str) -> tuple[str, str, str] | None:
    """`call-id;to-tag=…;from-tag=…`, both tags needed (RFC 3891 6.1); `early-only` changes nothing for an observer."""
    call_id, semicolon, tail = line.partition(";")
    params = parameters(semicolon + tail)
    found = call_id.strip(), params.get("to-tag") or "", params.get("from-tag") or ""
    if _CALL_ID.fullmatch(found[0]) is None or not all(found) or max(map(len, found)) > LONGEST_ID:
        return None
    return found
