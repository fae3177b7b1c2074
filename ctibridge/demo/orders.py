"""What the phones of the demo are told, as values that cross a pipe."""

import msgspec


class Order(msgspec.Struct, frozen=True):
    """The phone of `line` answers the call of this Call-ID `after` seconds of ringing. talk: seconds until the phone
    hangs up; None leaves that to the caller."""

    call_id: str
    line: str
    after: float
    talk: float | None = None


class Handset(msgspec.Struct, frozen=True):
    """One phone. line: user part of the address-of-record, and digest name."""

    line: str
    password: str

    def __repr__(self) -> str:
        return f"Handset({self.line!r})"


class Roster(msgspec.Struct, frozen=True):
    """The phones that a process plays, and where they sign on."""

    pbx_host: str
    pbx_port: int
    handsets: tuple[Handset, ...]
