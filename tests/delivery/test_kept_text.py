"""What is read is what was written, and the text in the file keeps its form."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.delivery import encode, kept_text
from ctibridge.delivery.kept import KeptCall, KeptPop
from ctibridge.delivery.kept_text import CallRow
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.note import Note
from ctibridge.domain.private import Private
from ctibridge.domain.work import Work, WorkState
from tests.delivery.examples import AT, call, taken
from tests.delivery.kept_examples import kept, note, pop

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ids = st.none() | st.frozensets(texts, max_size=3)
calls = st.builds(
    Call,
    texts,
    texts,
    texts,
    st.sampled_from(CallState),
    times,
    st.none() | times,
    st.none() | times,
    st.none() | st.sampled_from(Outcome),
    st.integers(1, 9),
    st.none() | st.builds(AnsweredBy, texts, st.none() | texts),
)
notes = st.builds(Note, texts, st.builds(Private, texts), times, st.booleans())
works = st.builds(Work, st.none() | texts, st.sampled_from(WorkState), times, st.none() | texts)
raw = st.dictionaries(texts, texts, max_size=3).map(msgspec.json.encode)
kept_calls = st.builds(
    KeptCall,
    st.just("ana"),
    calls,
    times,
    st.integers(1, 2**31),
    st.integers(0, 99),
    st.lists(notes, max_size=3).map(tuple),
    st.none() | works,
    st.none() | times,
    ids,
    st.none() | raw,
    st.none() | st.builds(KeptPop, ids, raw),
)


@settings(max_examples=50)
@given(kept_calls)
def test_what_is_read_is_what_was_written(before: KeptCall) -> None:
    assert kept_text.read("ana", kept_text.written(before)) == before


def test_the_file_keeps_its_form() -> None:
    """Renaming a field of the domain must not make yesterday's calls unreadable."""
    ended = taken(call())
    full = kept(
        of=ended,
        revision=2,
        notes=(note("calls again at 5", "ben"),),
        work=Work("ben", WorkState.SETTLED, AT, "01JDX002"),
        shown_at=AT,
        accounts=frozenset({"globex", "acme"}),
        newest=encode.call_data(call()),
        pop=pop(),
    )
    row = kept_text.written(full)
    assert row.accounts == '["acme","globex"]'
    assert row.facts.decode() == (
        '{"trunk":"pbx","line":"6001","state":"ended","rang_at":"2026-11-21T18:00:00.123456Z",'
        '"at":"2026-11-21T18:00:00.123456Z","rang_in":1,"ended_at":"2026-11-21T18:00:08.123456Z",'
        '"outcome":"answered_elsewhere","answered_by":["6002","ben"],"revision":2,'
        '"notes":[{"by":"ben","text":"calls again at 5","at":"2026-11-21T18:00:00.123456Z"}],'
        '"work":{"by":"ben","state":"settled","at":"2026-11-21T18:00:00.123456Z","answered_in":"01JDX002"},'
        '"shown_at":"2026-11-21T18:00:00.123456Z","newest":{"call":{"id":"01JDX001","state":"ringing","line":"6001",'
        '"trunk":"pbx","rang_at":"2026-11-21T18:00:00.123456Z"}}}'
    )


def test_a_later_versions_field_is_passed_over() -> None:
    row = kept_text.written(kept())
    later = msgspec.json.encode({**msgspec.json.decode(row.facts), "mood": "bright"})
    assert kept_text.read("ana", CallRow(row.call, row.accounts, later)) == kept()


def test_nothing_private_is_printed() -> None:
    private = kept(notes=(note("Regula Frei is ill"),), pop=pop(), newest=b'{"note":"Regula Frei is ill"}')
    assert "Regula" not in repr(private) + repr(kept_text.written(private))


def test_what_is_none_of_ours_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        kept_text.read("ana", CallRow("01JDX001", None, b'{"trunk": 1}'))
    with pytest.raises(msgspec.DecodeError):
        kept_text.accounts("acme")
