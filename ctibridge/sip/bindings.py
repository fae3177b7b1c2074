"""What a registrar lists in its 200 to a REGISTER (RFC 3261 10.3 step 8): all contacts of the line, not ours alone."""

from dataclasses import dataclass

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.message import Headers
from ctibridge.sip.uri import Uri

LONGEST_EXPIRES = 86_400


@dataclass(frozen=True, slots=True)
class Bindings:
    """seconds: what *our* contact was granted, None where it is not there. others: contacts of other devices."""

    seconds: int | None
    others: int


def read(headers: Headers, contact: str, asked: int) -> Bindings:
    """contact: our URI; asked: seconds that we asked for. Raises RemoteFault past the limit of contacts.

    A contact at our own address with another user part is what we left behind in an earlier life: no other device. One
    that cannot be read is none either: who counts as a neighbour has to be seen. A 200 that lists nothing at all, which
    some registrars send, grants what it says in Expires and shows no neighbour.
    """
    ours = uri.parse(contact)
    stated = whole_number(headers.first("expires") or "", LONGEST_EXPIRES)
    default = asked if stated is None else stated
    listed = headers.all("contact")
    seconds, others = None if listed else default, 0
    for value in listed:
        theirs, expires = _contact(value)
        if theirs is None or expires == 0:
            continue
        if theirs.user == ours.user:
            seconds = default if expires is None else expires
        elif theirs.address != ours.address:
            others += 1
    return Bindings(seconds or None, others)


def _contact(value: str) -> tuple[Uri | None, int | None]:
    try:
        address = name_addr.parse(value)
        return uri.parse(address.uri), whole_number(address.params.get("expires") or "", LONGEST_EXPIRES)
    except RemoteFault:
        return None, None
