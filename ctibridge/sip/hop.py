"""The other end of one stretch of the way: where a message came from, or where it goes next (RFC 3261 8.1.2, 18)."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctibridge.sip.via import Address


class Transport(StrEnum):
    """As Via writes it (RFC 3261 20.42)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"

    @property
    def is_stream(self) -> bool:
        """Streams lose nothing: what is sent over one is never sent again (17.1.1.2, 17.1.2.2)."""
        return self is not Transport.UDP


@dataclass(frozen=True, slots=True)
class Hop:
    """host and port as the socket says them. connection: the driver's number of the open connection that the message
    came over, and that its answer goes back over; 0 for datagrams, and where a connection has yet to be opened. name:
    the host name that a TLS certificate has to show."""

    transport: Transport
    host: str
    port: int
    connection: int = field(default=0, compare=False)
    name: str = ""

    @property
    def address(self) -> Address:
        return self.host, self.port


def datagram(host: str, port: int) -> Hop:
    """A hop over UDP."""
    return Hop(Transport.UDP, host, port)
