"""What a process of phones is told and what it says, as values that cross a pipe: one JSON object a line."""

import msgspec

ANY = ""
"""In place of a Call-ID, which is never empty: a PBX may give the call that reaches the phone another one."""


class Order(msgspec.Struct, frozen=True):
    """The phone of `line` answers the call of this Call-ID, or any call where that is `ANY`, `after` seconds of
    ringing. talk: seconds until the phone hangs up; None leaves that to the caller. tell: say `PickedUp` then."""

    call_id: str
    line: str
    after: float
    talk: float | None = None
    tell: bool = False


class Handset(msgspec.Struct, frozen=True):
    """One phone. line: user part of the address-of-record; username: digest name, None: the line."""

    line: str
    password: str
    username: str | None = None

    def __repr__(self) -> str:
        return f"Handset({self.line!r})"


class Roster(msgspec.Struct, frozen=True):
    """The phones that a process plays, and where they sign on. pbx_host: an IPv4 address; domain: of the
    addresses-of-record, None: the PBX's address; expires: seconds of a registration, longer than the phones are
    wanted."""

    pbx_host: str
    pbx_port: int
    handsets: tuple[Handset, ...]
    domain: str | None = None
    expires: int = 3600


class SignedOn(msgspec.Struct, frozen=True):
    """Of the phone of `line`."""

    line: str


class PickedUp(msgspec.Struct, frozen=True):
    """The phone of `line` has answered; said where an order asks for it."""

    line: str
