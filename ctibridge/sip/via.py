"""Via: the way a response goes back (RFC 3261 20.42, 18.2; rport RFC 3581)."""

import ipaddress
import re
from dataclasses import dataclass, field

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, parameters, print_parameters, whole_number

MAGIC = "z9hG4bK"
_SENT = re.compile(
    r"SIP\s*/\s*([0-9]\.[0-9])\s*/\s*([A-Za-z0-9.!%*_+`'~-]+)\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)"
    r"(?:\s*:\s*([0-9]{1,5}))?\s*(;.*)?",
    re.IGNORECASE | re.DOTALL,
)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Via:
    """host: an IPv6 literal without brackets; port None: the transport's default. version: another one than 2.0 is read
    so that its request can be told 505 (21.5.6)."""

    transport: str
    host: str
    port: int | None
    params: Parameters = field(default_factory=dict)
    version: str = "2.0"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/{self.version}/{self.transport} {host}{port}{print_parameters(self.params)}"

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def is_unique(self) -> bool:
        """The branch alone names the transaction (8.1.1.7): the cookie, and something behind it."""
        return self.branch.startswith(MAGIC) and len(self.branch) > len(MAGIC)

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
        return Via(self.transport, self.host, self.port, stamped, self.version)

    @property
    def seen_at(self) -> Address | None:
        """Whence a request of ours came, as the response to it tells (RFC 3581 4); None where it tells no address."""
        host, port = self.params.get("received") or self.host, whole_number(self.params.get("rport") or "", 65535)
        try:
            return (str(ipaddress.ip_address(host)), port) if port else None
        except ValueError:
            return None

    def reply_to(self, source: Address) -> Address:
        """Where the response goes: the packet's address, at its own port if `rport` asked for it (RFC 3581 4)."""
        return (source[0], source[1]) if "rport" in self.params else (source[0], self.port or 5060)


def parse(text: str) -> Via:
    """One value. Raises RemoteFault."""
    match = _SENT.fullmatch(text.strip())
    if match is None:
        raise RemoteFault("Via cannot be read")
    port = whole_number(match[4], 65535) if match[4] else None
    if match[4] and not port:
        raise RemoteFault("Via has no such port")
    return Via(match[2].upper(), match[3].strip("[]"), port, parameters(match[5] or ""), match[1])
