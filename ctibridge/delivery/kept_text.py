"""A kept call's facts as JSON text and back, for the outbox file.

What the file has columns for stands there alone: whose it is, of which accounts it speaks, its pop. Private values are
unwrapped here, and wrapped again when they come back. The field names are the file's format: a field may come (with a
default) and go, but never change its meaning.
"""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from ctibridge.delivery.kept import KeptCall, KeptPop
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.note import Note
from ctibridge.domain.private import Private
from ctibridge.domain.work import Work, WorkState


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as its row has it. accounts, pop_accounts: as in `KeptCall` and `KeptPop`, JSON lists of ids."""

    call: str
    accounts: str | None
    facts: bytes = field(repr=False)
    pop_accounts: str | None = None
    pop: bytes | None = field(default=None, repr=False)


_NOTHING = msgspec.Raw(b"null")


class _By(msgspec.Struct, array_like=True):
    line: str
    agent: str | None


class _Note(msgspec.Struct, omit_defaults=True):
    by: str
    text: str
    at: datetime
    of_granted_account: bool = True


class _Work(msgspec.Struct, omit_defaults=True):
    by: str | None
    state: WorkState
    at: datetime
    answered_in: str | None = None


class _Facts(msgspec.Struct, omit_defaults=True):
    """newest: the event's data as it is."""

    trunk: str
    line: str
    state: CallState
    rang_at: datetime
    at: datetime
    rang_in: int
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    round: int = 1
    answered_by: _By | None = None
    revision: int = 0
    notes: list[_Note] = []
    work: _Work | None = None
    shown_at: datetime | None = None
    newest: msgspec.Raw = _NOTHING

    def __repr__(self) -> str:
        return "_Facts(•••)"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Facts)
_ids = msgspec.json.Decoder(frozenset[str])


def written(kept: KeptCall) -> CallRow:
    """Raises UnicodeEncodeError for text that is none: that is our own fault."""
    pop = kept.pop
    return CallRow(
        kept.call.id,
        accounts_text(kept.accounts),
        _encoder.encode(_facts(kept)),
        None if pop is None else accounts_text(pop.accounts),
        None if pop is None else pop.data,
    )


def read(agent: str, row: CallRow) -> KeptCall:
    """Raises msgspec.DecodeError where the row is none of ours."""
    facts = _decoder.decode(row.facts)
    return KeptCall(
        agent,
        _call(row.call, facts),
        facts.at,
        facts.rang_in,
        facts.revision,
        tuple(Note(note.by, Private(note.text), note.at, note.of_granted_account) for note in facts.notes),
        None if facts.work is None else Work(facts.work.by, facts.work.state, facts.work.at, facts.work.answered_in),
        facts.shown_at,
        accounts(row.accounts),
        None if facts.newest == _NOTHING else bytes(facts.newest),
        None if row.pop is None else KeptPop(accounts(row.pop_accounts), row.pop),
    )


def accounts_text(ids: frozenset[str] | None) -> str | None:
    """Sorted, so that equal sets are equal text."""
    return None if ids is None else _encoder.encode(sorted(ids)).decode()


def accounts(text: str | None) -> frozenset[str] | None:
    """Raises msgspec.DecodeError where it is no list of ids."""
    return None if text is None else _ids.decode(text)


def _facts(kept: KeptCall) -> _Facts:
    call, work = kept.call, kept.work
    return _Facts(
        call.trunk,
        call.line,
        call.state,
        call.rang_at,
        kept.at,
        kept.rang_in,
        call.answered_at,
        call.ended_at,
        call.outcome,
        call.round,
        None if call.answered_by is None else _By(call.answered_by.line, call.answered_by.agent),
        kept.revision,
        [_Note(note.by, note.text.value, note.at, note.of_granted_account) for note in kept.notes],
        None if work is None else _Work(work.by, work.state, work.at, work.answered_in),
        kept.shown_at,
        _NOTHING if kept.newest is None else msgspec.Raw(kept.newest),
    )


def _call(call: str, facts: _Facts) -> Call:
    by = facts.answered_by
    return Call(
        call,
        facts.trunk,
        facts.line,
        facts.state,
        facts.rang_at,
        facts.answered_at,
        facts.ended_at,
        facts.outcome,
        facts.round,
        None if by is None else AnsweredBy(by.line, by.agent),
    )
