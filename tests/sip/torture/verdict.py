"""What an observer makes of a torture message, and how that is tried: one row for each, with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import pytest

from ctibridge.sip import acceptance, cseq, identity, message, name_addr, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Output, RingStarted
from ctibridge.sip.framing import Framing, FramingFault
from ctibridge.sip.message import Headers, Response
from ctibridge.sip.trunk import Trunk
from tests.sip import scripts
from tests.sip.scripts import CONTACT, PBX, facts, request, statuses

SILENCE = 0
"""The status of no answer: responses get none, and neither does what shows no way back."""
OBSERVER = ("P-Asserted-Identity", "Remote-Party-ID", "From")


class Aimed(Enum):
    """What becomes of an INVITE whose Request-URI is replaced by our contact."""

    POPS = auto()
    REFUSED = auto()
    """As it was refused before."""
    POPS_AND_REFUSED = auto()
    """The agent sees who calls; the answer is final (415)."""


class Stream(Enum):
    """What framing makes of it on a connection, where Content-Length is the only boundary (RFC 3261 18.3)."""

    WHOLE = auto()
    TWO = auto()
    """Two messages, and a rest that is none."""
    WAITS = auto()
    """More is announced than there is."""
    REST = auto()
    """One message, and a rest that is the beginning of none."""
    LOST = auto()
    """A fault: the connection is closed."""


@dataclass(frozen=True, slots=True)
class Vector:
    """sound: the message can be read, and with it every header that we use. answer: what our trunk says to it as it is,
    its Request-URI being none of our contacts; SILENCE or a status. why: with the section of RFC 3261, where no other
    is named."""

    name: str
    section: str
    sound: bool
    answer: int
    why: str
    aimed: Aimed | None = None
    stream: Stream = Stream.WHOLE

    def __str__(self) -> str:
        return self.name


def parameters(rows: tuple[Vector, ...], waiting: frozenset[str] = frozenset()) -> list[object]:
    """waiting: rows whose answer another change brings; they fail until then, and tell when they no longer do."""
    mark = pytest.mark.xfail(strict=True, reason="waits for a Via of another version to be read")
    return [pytest.param(row, id=row.name, marks=[mark] if row.name in waiting else []) for row in rows]


def check_reading(data: bytes, vector: Vector) -> None:
    """Sound messages are read whole; others are refused with the status of the row, or are not answered at all."""
    fault = _fault(lambda: _read(data, vector))
    if vector.sound:
        assert fault is None
    else:
        assert fault is not None
        assert vector.answer in (fault, SILENCE)


def _fault(reading: Callable[[], object]) -> int | None:
    """The status that a reading was refused with."""
    try:
        reading()
    except RemoteFault as fault:
        return fault.status
    return None


def _read(data: bytes, vector: Vector) -> None:
    """Raises RemoteFault where it is not sound. A policy (405, 416, 420, 501) is no fault of what was read."""
    read = message.parse(data)
    assert message.parse(bytes(read)).body == read.body
    if isinstance(read, Response):
        transaction.top_via(read.headers)
        cseq.parse(read.headers.need("cseq"))
        return
    transaction.read(read)
    refusal = _fault(lambda: acceptance.check(read))
    if refusal == 400:
        raise RemoteFault("not acceptable", refusal)
    assert refusal in (None, vector.answer)
    used(read.headers, read.uri)


def used(headers: Headers, uri: str) -> None:
    """What the trunk reads of an INVITE beside the transaction raises nothing."""
    identity.caller(headers, OBSERVER)
    identity.called(headers, uri, ("Request-URI", "To", "Diversion"))
    for name in ("from", "to"):
        name_addr.tag_of(headers.need(name))
    headers.all("record-route")


def check_trunk(data: bytes, answer: int) -> None:
    """The answer, and nothing else: no fact, no request of ours, no other deadline, beside a call that rings on."""
    trunk = busy()
    before = trunk.deadline, trunk.in_flight
    trunk.receive(data, PBX, 0.5)
    said = trunk.drain()
    assert (statuses(said), facts(said)) == ([answer] if answer else [], [])
    assert (trunk.deadline, trunk.in_flight) == before
    rings_on(trunk)


def busy() -> Trunk:
    """A trunk on which one call rings."""
    trunk = scripts.trunk()
    assert isinstance(scripts.feed(trunk, request(branch="rings"))[0], RingStarted)
    return trunk


def rings_on(trunk: Trunk) -> None:
    assert statuses(scripts.feed(trunk, request(branch="rings"), 0.6)) == [180]
    assert statuses(scripts.feed(trunk, request("CANCEL", "rings"), 0.7)) == [200, 487]


def check_aimed(data: bytes, vector: Vector) -> None:
    """An INVITE to our contact whose transaction is sound is a call, whatever else is odd (contract)."""
    line, _, rest = data.partition(b"\r\n")
    method, _, others = line.partition(b" ")
    uri, _, version = others.strip().rpartition(b" ")
    aimed = line.replace(uri.strip(), CONTACT.encode(), 1) + b"\r\n" + rest
    assert method == b"INVITE"
    assert version
    said = answered(aimed)
    popped = bool(facts(said)) and isinstance(facts(said)[0], RingStarted)
    expected = {Aimed.POPS: (True, [180]), Aimed.POPS_AND_REFUSED: (True, [415])}
    refused = (False, [vector.answer])
    assert vector.aimed is not None
    assert (popped, statuses(said)) == expected.get(vector.aimed, refused)


def answered(data: bytes) -> list[Output]:
    trunk = scripts.trunk()
    trunk.receive(data, PBX, 0.0)
    return trunk.drain()


def check_stream(data: bytes, expected: Stream) -> None:
    framing = Framing()
    pieces = framing.feed(data)
    whole = [piece for piece in pieces if isinstance(piece, bytes)]
    lost = any(isinstance(piece, FramingFault) for piece in pieces)
    found = {
        (0, True, False): Stream.LOST, (0, False, True): Stream.WAITS, (1, False, False): Stream.WHOLE,
        (1, False, True): Stream.REST, (2, True, False): Stream.TWO,
    }[len(whole), lost, framing.is_half]  # fmt: skip
    assert found is expected
    assert data.startswith(whole[0] if whole else b"")
