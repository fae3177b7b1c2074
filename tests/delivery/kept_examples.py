"""What desks have kept, for the outbox's tests."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ctibridge.delivery import encode
from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop
from ctibridge.domain.call import Call
from ctibridge.domain.note import Note
from ctibridge.domain.private import Private
from tests.delivery.examples import AT, IDENTIFIED, call

ACME = frozenset({"acme"})


def event(sequence: int, agent: str = "ana", epoch: str = "e1", **changes: Any) -> KeptEvent:
    data = msgspec.json.encode({"n": sequence})
    fields = {"kind": "call.ended", "call": "01JDX001", "at": at(sequence), "accounts": frozenset(), "data": data}
    return KeptEvent(agent, epoch, sequence, **{**fields, **changes})


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def kept(number: int = 1, agent: str = "ana", of: Call | None = None, **changes: Any) -> KeptCall:
    ringing = call(number, at(number)) if of is None else of
    return KeptCall(agent, ringing, **{"at": ringing.rang_at, "rang_in": number, **changes})


def pop(number: int = 1, accounts: frozenset[str] | None = ACME) -> KeptPop:
    return KeptPop(accounts, pop_data(number))


def pop_data(number: int = 1) -> bytes:
    return encode.pop_data(IDENTIFIED, call(number))


def note(text: str, by: str = "ana") -> Note:
    return Note(by, Private(text), AT)
