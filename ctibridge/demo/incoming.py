"""A call that reaches the demo's PBX from the telephone network, and how a PBX writes it down for its phones."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctibridge.sip.grammar import quote
from ctibridge.sip.message import HeaderList


class Shown(StrEnum):
    """How the caller stands in the INVITE."""

    PLAIN = "plain"
    """The caller in From, as from another extension or a simple trunk."""
    ASSERTED = "asserted"
    """From names the trunk; the caller is in P-Asserted-Identity (RFC 3325), as Kamailio passes it on."""
    WITHHELD = "withheld"
    """From is anonymous, and Privacy asks to hide the P-Asserted-Identity that is there all the same (RFC 3323)."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """number, called: E.164. lines: whose contacts ring. ring: seconds until the caller gives up. talk: seconds until
    he hangs up a call that was answered; None leaves that to the phone."""

    call_id: str = field(repr=False)
    lines: tuple[str, ...]
    called: str
    number: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    shown: Shown = Shown.PLAIN
    ring: float = 8.0
    talk: float | None = 3.0

    def caller(self, host: str) -> str:
        """From, without its tag."""
        if self.shown is Shown.WITHHELD:
            return '"Anonymous" <sip:anonymous@anonymous.invalid>'
        if self.shown is Shown.ASSERTED:
            return f"<sip:trunk-main@{host}>"
        return self._named(f"<sip:{self.number}@{host}>")

    def headers(self, host: str) -> HeaderList:
        """What the PBX knows beyond From."""
        if self.shown is Shown.PLAIN:
            return ()
        asserted = ("p-asserted-identity", self._named(f"<sip:{self.number}@{host}>"))
        return (asserted, ("privacy", "id")) if self.shown is Shown.WITHHELD else (asserted,)

    def _named(self, address: str) -> str:
        return f"{quote(self.name)} {address}" if self.name else address
