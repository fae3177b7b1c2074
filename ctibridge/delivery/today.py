"""A desk's calls as a list shows them: made from what was kept, without what the agent may not see any more."""

import msgspec

from ctibridge.delivery import encode
from ctibridge.delivery.caught_up import hides, notes_now
from ctibridge.delivery.encode_control import work_body
from ctibridge.delivery.kept import KeptCall
from ctibridge.delivery.wire import Status
from ctibridge.delivery.wire_context import AccountBody
from ctibridge.delivery.wire_control import TodayCallBody
from ctibridge.domain.person import PersonKey
from ctibridge.domain.work import Work

ON_RECORD = frozenset({"exact", "rewritten"})
"""Grades by which a whole number was found; what was matched by its end may be another one's."""


class _Caller(msgspec.Struct):
    number: str | None = None
    raw: str | None = None
    extension: str | None = None


class _Called(msgspec.Struct):
    name: str | None = None
    account: AccountBody | None = None


class _Language(msgspec.Struct):
    tag: str
    endonym: str


class _Evidence(msgspec.Struct):
    kind: str
    grade: str | None = None


class _Person(msgspec.Struct):
    account: str
    id: str
    name: str | None


class _Candidate(msgspec.Struct):
    person: _Person
    evidence: list[_Evidence]


class _Resolution(msgspec.Struct):
    status: Status = "unknown"
    candidates: list[_Candidate] = []


class _Pop(msgspec.Struct):
    """Of what was emptied (`withdrawn`) caller and called number are left."""

    caller: _Caller = msgspec.field(default_factory=_Caller)
    called: _Called = msgspec.field(default_factory=_Called)
    language: _Language | None = None
    resolution: _Resolution = msgspec.field(default_factory=_Resolution)


_pop = msgspec.json.Decoder(_Pop)


def listed(known: KeptCall, visible: frozenset[str], work: Work | None) -> TodayCallBody:
    """known: with its pop. work: what became of it, where that is known better than in `known`."""
    done, call = work_body(work or known.work), encode.call_body(known.call)
    notes = len(notes_now(known, visible))
    if known.pop is None:
        return TodayCallBody(call, None, None, "unknown", None, None, None, None, None, notes, done)
    pop = _pop.decode(known.pop.data)
    if hides(known.pop.accounts, visible):
        pop = _emptied(pop)
    resolution, language = pop.resolution, pop.language
    return TodayCallBody(
        call,
        pop.called.name,
        pop.called.account,
        resolution.status,
        resolution.candidates[0].person.name if resolution.status == "identified" else None,
        pop.caller.number or pop.caller.extension or pop.caller.raw,
        pop.caller.number if _is_on_record(resolution) else None,
        None if language is None else language.tag,
        None if language is None else language.endonym,
        notes,
        done,
    )


def named(known: KeptCall, visible: frozenset[str]) -> PersonKey | None:
    """Whom `listed` names."""
    if known.pop is None or hides(known.pop.accounts, visible):
        return None
    resolution = _pop.decode(known.pop.data).resolution
    if resolution.status != "identified" or resolution.candidates[0].person.name is None:
        return None
    return PersonKey(resolution.candidates[0].person.account, resolution.candidates[0].person.id)


def _emptied(pop: _Pop) -> _Pop:
    """Who is withheld stays so; of everybody else the number remains, and the company that was called."""
    status: Status = "withheld" if pop.resolution.status == "withheld" else "unknown"
    return _Pop(pop.caller, pop.called, None, _Resolution(status))


def _is_on_record(resolution: _Resolution) -> bool:
    """May this number be dialled? Only one that the customer's own records have: others may be a trap."""
    reasons = (reason for one in resolution.candidates for reason in one.evidence)
    return resolution.status == "shared" or any(one.kind == "number" and one.grade in ON_RECORD for one in reasons)
