"""The product's values as JSON text: bytes, UTF-8, in the words of `wire`."""

from datetime import datetime

import msgspec
from msgspec import UNSET

from ctibridge.delivery import encode_context, wire
from ctibridge.delivery.encode_context import sure_text, text_or_none, time
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.wire_context import AccountBody, CustomerBody
from ctibridge.domain.account import AccountRef
from ctibridge.domain.call import Call
from ctibridge.domain.caller import Called, Caller
from ctibridge.domain.context import Context, Suggestions
from ctibridge.domain.hand_over import HandOver, Internal
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.resolution import Candidate, Evidence, Resolution
from ctibridge.domain.screen_pop import Answer, Customer, LanguageChoice
from ctibridge.domain.work import Work

_json = msgspec.json.Encoder()
_NOTHING_YET = Context()


def pop_data(answer: Answer, call: Call | None) -> bytes:
    """The `data` of a pop; `call` is null without one."""
    return _json.encode(pop_body(answer, None if call is None else call_body(call)))


def pop_body(answer: Answer, call: wire.CallBody | None) -> wire.PopData:
    return wire.PopData(
        call,
        _caller(answer.caller, answer.internal),
        _called(answer.called),
        _language(answer.language),
        _resolution(answer.resolution),
        encode_context.context(answer.context or _NOTHING_YET, complete=answer.complete),
        wire.TrustBody(False, [wire.SignalBody(s.kind, UNSET if s.days is None else s.days) for s in answer.signals]),
        [wire.LinkBody(link.title, link.url) for link in answer.links],
        _hand_over(answer.hand_over),
        _customer(answer.customer),
    )


def call_data(call: Call) -> bytes:
    return _json.encode(wire.CallData(call_body(call)))


def noted_data(call: Call, note: Note) -> bytes:
    return _json.encode(wire.WorkedData(call_body(call), note.by, None, sure_text(note.text)))


def work_data(call: Call, work: Work) -> bytes:
    later = UNSET if work.answered_in is None else work.answered_in
    return _json.encode(wire.WorkedData(call_body(call), work.by, work.state.value, None, later))


def suggestions_data(call: Call, suggestions: Suggestions) -> bytes:
    return _json.encode(
        wire.SuggestionsData(
            call_body(call),
            encode_context.standard_requests(suggestions.standard_requests),
            encode_context.knowledge_articles(suggestions.knowledge_articles),
        )
    )


def notice_data(notice: Notice) -> bytes:
    """Raises TypeError for an id whose name does not stand in `wire.NoticeData`: that is our own fault."""
    return _json.encode(wire.NoticeData(notice.kind, notice.text, **dict(notice.ids)))


def event(
    source: str, epoch: str, sequence: int, kind: wire.EventType, subject: str | None, at: datetime, data: bytes
) -> bytes:
    return _json.encode(
        wire.Event(
            "1.0",
            f"{epoch}.{sequence}",
            source,
            kind,
            UNSET if subject is None else subject,
            time(at),
            str(sequence),
            msgspec.Raw(data),
        )
    )


def event_again(source: str, kept: KeptEvent) -> bytes:
    return event(source, kept.epoch, kept.sequence, kept.kind, kept.call, kept.at, kept.data)


def _time_or_unset(at: datetime | None) -> str | msgspec.UnsetType:
    return UNSET if at is None else time(at)


def call_body(call: Call) -> wire.CallBody:
    return wire.CallBody(
        call.id,
        call.state.value,
        call.line,
        call.trunk,
        time(call.rang_at),
        _time_or_unset(call.answered_at),
        _time_or_unset(call.ended_at),
        UNSET if call.outcome is None else call.outcome.value,
        UNSET if call.round < 2 else call.round,
        UNSET if call.answered_by is None else wire.AnsweredByBody(call.answered_by.line, call.answered_by.agent),
    )


def _account(account: AccountRef | None) -> AccountBody | None:
    return None if account is None else AccountBody(account.id, account.name)


def _caller(caller: Caller, internal: Internal | None) -> wire.CallerBody:
    return wire.CallerBody(
        text_or_none(caller.number),
        text_or_none(caller.raw),
        text_or_none(caller.display_name),
        caller.presentation.value,
        text_or_none(caller.extension),
        caller.source,
        caller.attestation,
        text_or_none(caller.diverted_by),
        [wire.RemarkBody(one.means, sure_text(one.value), one.source) for one in caller.remarks],
        None if internal is None else wire.InternalBody(internal.line, internal.agent),
    )


def _hand_over(hand_over: HandOver | None) -> wire.HandOverBody | None:
    if hand_over is None:
        return None
    first = wire.FirstCallerBody(text_or_none(hand_over.caller.number), text_or_none(hand_over.caller.display_name))
    notes = [note_body(note) for note in hand_over.notes]
    return wire.HandOverBody(hand_over.kind.value, hand_over.line, hand_over.agent, hand_over.call, first, notes)


def note_body(note: Note) -> wire.NoteBody:
    return wire.NoteBody(note.by, sure_text(note.text), time(note.at))


def _called(called: Called) -> wire.CalledBody:
    return wire.CalledBody(
        text_or_none(called.number),
        _account(called.account),
        called.name,
        called.support_hours,
        called.granted,
        called.holiday,
        encode_context.text(called.out_of_hours),
    )


def _customer(customer: Customer | None) -> CustomerBody | None:
    if customer is None:
        return None
    return CustomerBody(
        AccountBody(customer.account.id, customer.account.name),
        encode_context.text(customer.briefing),
        encode_context.text(customer.verification),
        encode_context.announcements(customer.announcements),
    )


def _language(choice: LanguageChoice) -> wire.LanguageBody:
    return wire.LanguageBody(
        choice.tag,
        choice.name,
        choice.endonym,
        choice.source,
        choice.spoken_by_agent,
        choice.greeting,
        list(choice.spoken_by),
    )


def _resolution(resolution: Resolution) -> wire.ResolutionBody:
    candidates = [_candidate(candidate) for candidate in resolution.candidates]
    return wire.ResolutionBody(resolution.status.value, resolution.revision, _account(resolution.account), candidates)


def _candidate(candidate: Candidate) -> wire.CandidateBody:
    return wire.CandidateBody(
        person(candidate),
        AccountBody(candidate.account.id, candidate.account.name),
        [_evidence(evidence) for evidence in candidate.evidence],
    )


def person(candidate: Candidate) -> wire.PersonBody:
    person = candidate.person
    return wire.PersonBody(
        person.key.account,
        person.key.id,
        text_or_none(person.name),
        person.job_title,
        person.organization,
        person.site,
        person.language,
        person.time_zone,
        candidate.local_time,
        person.vip,
        person.disabled,
        text_or_none(person.email),
        text_or_none(person.pronunciation),
        candidate.after_hours,
    )


def _evidence(evidence: Evidence) -> wire.EvidenceBody:
    return wire.EvidenceBody(
        evidence.kind,
        UNSET if evidence.label is None else evidence.label,
        UNSET if evidence.matched is None else sure_text(evidence.matched),
        UNSET if evidence.grade is None else evidence.grade.value,
        _time_or_unset(evidence.at),
        UNSET if evidence.by is None else evidence.by,
    )
