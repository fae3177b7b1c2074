"""Via: the way a response goes back (RFC 3261 20.42, 18.2; rport RFC 3581)."""

import re
from dataclasses import dataclass, field

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, parameters, print_parameters, whole_number

MAGIC = "z9hG4bK"
_SENT = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9.!%*_+`'~-]+)\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)\s*(?::\s*([0-9]{1,5}))?\s*(;.*)?",
    re.IGNORECASE | re.DOTALL,
)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Via:
    """host: an IPv6 literal without brackets; port None: the transport's default."""

    transport: str
    host: str
    port: int | None
    params: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {host}{port}{print_parameters(self.params)}"

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def sent_by(self) -> Address:
        return self.host.lower(), self.port or 5060

    def seen_from(self, source: Address) -> "Via":
        """As a server stamps it: `received` where the packet's address is another one, `rport` where it was asked."""
        stamped = dict(self.params)
        if self.host != source[0]:
            stamped["received"] = source[0]
        if "rport" in stamped:
            stamped["rport"] = str(source[1])
            stamped["received"] = source[0]
        return Via(self.transport, self.host, self.port, stamped)

    def reply_to(self, source: Address) -> Address:
        """Where the response goes: the packet's address, at its own port if `rport` asked for it (RFC 3581 4)."""
        return (source[0], source[1]) if "rport" in self.params else (source[0], self.port or 5060)


def parse(text: str) -> Via:
    """One value. Raises RemoteFault."""
    match = _SENT.fullmatch(text.strip())
    if match is None:
        raise RemoteFault("Via cannot be read")
    port = whole_number(match[3], 65535) if match[3] else None
    if match[3] and not port:
        raise RemoteFault("Via has no such port")
    return Via(match[1].upper(), match[2].strip("[]"), port, parameters(match[4] or ""))
