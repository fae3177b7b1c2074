"""What the tests of the observing side share: counted tokens, a trunk, and the requests of a PBX."""

from itertools import chain, count
from typing import Any

from ctibridge.sip import message, transaction
from ctibridge.sip.events import Datagram, Output
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import HeaderList, Request, Response
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.transaction import TransactionHeaders
from ctibridge.sip.trunk import Trunk
from tests import leaks

HERE = ("192.0.2.1", 5066)
PBX = datagram("192.0.2.9", 5060)
NUMBER = leaks.canary("+4989123456")
NAME = leaks.canary("Maria Meier")
CALLER = f'"{NAME}" <sip:{NUMBER}@192.0.2.9>'
CONTACT = "sip:t1@192.0.2.1:5066"
"""The first line's contact: the first token that a trunk takes."""


def counted(*first: str) -> Fresh:
    """These tokens, then t1, t2, …; no jitter."""
    tokens = chain(first, (f"t{number}" for number in count(1)))
    return Fresh(lambda: next(tokens), lambda: 0.0)


def trunk(*lines: str, fresh: Fresh | None = None, **changed: Any) -> Trunk:
    """A trunk whose registrar is at PBX; not started. changed: keys of its settings."""
    keys: dict[str, Any] = {"name": "pbx", "registrar": "sip:192.0.2.9", "alone": "stay"} | changed
    settings = TrunkSettings(**keys)
    access = tuple(LineAccess(line, line, f"secret-{line}") for line in lines or ("6001",))
    made = Trunk(settings, TrunkAccess(access), HERE, fresh or counted())
    made.reach((PBX,), frozenset({PBX.host}))
    return made


def request(
    method: str = "INVITE", branch: str = "1", *, target: str = CONTACT, call: str = "call-1", tag: str = "a",
    caller: str = CALLER, to: str = "<sip:6001@192.0.2.9>", extra: HeaderList = (), body: bytes = b"",
) -> Request:  # fmt: skip
    lines = [
        ("via", f"SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK{branch}"), ("from", f"{caller};tag={tag}"),
        ("to", to), ("call-id", call), ("cseq", f"7 {method}"), *extra,
    ]  # fmt: skip
    return Request(method, target, message.Headers(tuple(lines)), body)


def read(asked: Request) -> tuple[Request, TransactionHeaders]:
    return asked, transaction.read(asked)


def responses(said: list[Output]) -> list[Response]:
    """What went out as a response, in order."""
    parsed = [message.parse(each.data) for each in said if isinstance(each, Datagram)]
    return [each for each in parsed if isinstance(each, Response)]


def statuses(said: list[Output]) -> list[int]:
    return [each.status for each in responses(said)]


def facts(said: list[Output]) -> list[Output]:
    return [each for each in said if not isinstance(each, Datagram)]


def feed(machine: Trunk, asked: Request, now: float = 0.0) -> list[Output]:
    """One request from the PBX, and all that the trunk says to it."""
    machine.receive(bytes(asked), PBX, now)
    return machine.drain()
