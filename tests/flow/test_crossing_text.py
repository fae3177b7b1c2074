"""What nodes say to each other: each word comes back as it was, and nothing else does harm."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.desk_command import Done, Sit, Take
from ctibridge.domain.note import Note
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private
from ctibridge.flow.crossing_text import (
    LONGEST,
    VERSION,
    AllSaid,
    CrossingFault,
    Heard,
    Hello,
    Standing,
    Word,
    read,
    write,
)
from ctibridge.flow.joint import NO_SESSION, Chosen, Known, Written
from ctibridge.flow.lately import Past
from ctibridge.lookup.question import Pick
from ctibridge.sip.events import (
    Answered,
    HandOver,
    Hearing,
    Identity,
    LineChanged,
    LineGone,
    PickedUp,
    Remark,
    RingEnd,
    RingEnded,
    RingStarted,
    View,
    Withheld,
)
from tests import leaks

NUMBER, NAME = leaks.canary("+4989123457"), leaks.canary("Meier, Max")
RING = RingStarted(
    "pbx", "6001", "leg", ("call", "tag"), "key", Identity(NUMBER, NAME, Withheld.NO, "From", marked="ACME: Max"),
    ("+4930",), View.CONTACT, HandOver("6002", ("a", "b", "c")), (Remark("email", "x@y", "X-Mail"),), 17.5,
)  # fmt: skip
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
PAST = Past("c1", 1, ("ana",), RING, RingEnd.CANCELLED)
NOTE = Written("c1", Note("ana", Private(NAME), AT))

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MAYBE = st.none() | TEXT
IDENTITIES = st.builds(Identity, MAYBE, MAYBE, st.sampled_from(Withheld), TEXT, MAYBE, TEXT, MAYBE)
DIALOGS = st.tuples(TEXT, TEXT)
HAND_OVERS = st.builds(HandOver, MAYBE, st.none() | st.tuples(TEXT, TEXT, TEXT))
TIMES = st.datetimes(timezones=st.just(UTC))
RINGS = st.builds(
    RingStarted, TEXT, TEXT, TEXT, DIALOGS, MAYBE, IDENTITIES, st.lists(TEXT, max_size=3).map(tuple),
    st.sampled_from(View), HAND_OVERS, st.lists(st.builds(Remark, TEXT, TEXT, TEXT), max_size=2).map(tuple),
)  # fmt: skip
WORDS: st.SearchStrategy[Word] = st.one_of(
    RINGS,
    st.builds(Past, TEXT, st.integers(1, 9), TEXTS, RINGS, st.sampled_from(RingEnd), st.booleans()),
    st.builds(Answered, TEXT),
    st.builds(PickedUp, TEXT, TEXT, TEXT, DIALOGS, IDENTITIES, HAND_OVERS),
    st.builds(RingEnded, TEXT, st.sampled_from(RingEnd)),
    st.builds(LineChanged, TEXT, TEXT, st.sampled_from(Hearing), TEXT, st.none() | st.integers(0, 99)),
    st.builds(LineGone, TEXT, TEXT),
    st.builds(Sit, TEXT, st.lists(TEXT, max_size=3).map(tuple)),
    st.builds(Written, TEXT, st.builds(Note, TEXT, TEXT.map(Private), TIMES, st.booleans())),
    st.builds(Chosen, TEXT, st.builds(Pick, st.builds(PersonKey, TEXT, TEXT), TEXT, TIMES), st.booleans()),
    st.builds(Take, TEXT, st.just(NO_SESSION), TEXT),
    st.builds(Done, TEXT, st.just(NO_SESSION), TEXT),
    st.builds(Known, TEXT, MAYBE, MAYBE, st.booleans()),
    st.sampled_from([Hello(), AllSaid()]),
    st.builds(Standing, TEXTS, st.lists(st.tuples(TEXT, TEXTS), max_size=2).map(tuple)),
)  # fmt: skip


def word_of(body: bytes) -> Word:
    heard = read(body)
    assert heard is not None
    return heard.word


@given(WORDS, st.integers(0, 2**62), st.none() | st.tuples(TEXT, st.integers(1, 9)), st.lists(WORDS, max_size=2))
def test_each_word_comes_back_as_it_was(word: Word, no: int, named: tuple[str, int] | None, more: list[Word]) -> None:
    assert read(write(word, no, named, more)) == Heard(word, no, named, tuple(more))


@given(st.binary(max_size=80))
def test_other_bytes_are_one_kind_of_fault(body: bytes) -> None:
    with suppress(CrossingFault):
        assert read(body) is None


@given(st.sampled_from([write(RING), write(NOTE), write(Standing(("a",)))]), st.data())
def test_a_word_that_was_damaged_is_another_word_or_a_fault(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    damaged = body[:place] + bytes([data.draw(st.integers(0, 255))]) + body[place + 1 :]
    with suppress(CrossingFault):
        read(damaged)
    with suppress(CrossingFault):
        read(damaged[: data.draw(st.integers(0, len(body)))])


def test_a_time_and_a_session_of_this_machine_stay_here() -> None:
    told = word_of(write(RING))
    assert isinstance(told, RingStarted)
    assert (told, told.at) == (RING, None)
    assert word_of(write(PAST)).began.at is None  # type: ignore[union-attr]
    assert word_of(write(Take("ana", 7, "c1"))) == Take("ana", NO_SESSION, "c1")
    forged = write(replace(RING, at=None)).replace(msgspec.msgpack.encode("at") + b"\xc0", b"\xa2at\x07")
    assert word_of(forged).at is None  # type: ignore[union-attr]


def test_what_is_personal_is_masked_on_the_other_side_too() -> None:
    for word in (RING, NOTE, Known("c1", NUMBER, "acme", shared=False), PAST):
        shown = repr(word_of(write(word)))
        assert NUMBER not in shown
        assert NAME not in shown
    assert type(word_of(write(NOTE)).note.text) is Private  # type: ignore[union-attr]


def test_what_a_newer_program_says_besides_is_left_out() -> None:
    newer = {"v": VERSION, "kind": "answered", "word": {"leg": "a", "loudly": [1, {"2": 3}]}, "no": 0, "more": "x"}
    assert word_of(msgspec.msgpack.encode(newer)) == Answered("a")
    assert read(msgspec.msgpack.encode(newer | {"kind": "sung"})) is None
    assert read(msgspec.msgpack.encode(newer | {"v": VERSION + 1, "word": 7})) is None


def test_what_follows_and_cannot_be_read_costs_itself_alone() -> None:
    envelope = msgspec.msgpack.decode(write(RING, behind=[Answered("a")]))
    for strange in (["answered", {"leg": 7}], ["sung", {"leg": "b"}]):
        heard = read(msgspec.msgpack.encode(envelope | {"behind": [strange, *envelope["behind"]]}))
        assert heard is not None
        assert (heard.word, heard.behind) == (RING, (Answered("a"),))


def test_that_a_ringing_is_over_counts_also_where_how_is_not_understood() -> None:
    newer = {"v": VERSION, "kind": "ended", "word": {"leg": "a", "how": "evaporated"}, "no": 0}
    assert word_of(msgspec.msgpack.encode(newer)) == RingEnded("a", RingEnd.UNSEEN)


def test_an_older_program_says_less() -> None:
    older = {
        "v": VERSION, "kind": "ring", "word": {
            "trunk": "pbx", "line": "6001", "leg": "a", "dialog": ["", ""], "key": None, "called": [],
            "identity": {"user": None, "display_name": None, "withheld": "restricted", "source": "From"},
        },
    }  # fmt: skip
    assert word_of(msgspec.msgpack.encode(older)) == RingStarted(
        "pbx", "6001", "a", ("", ""), None, Identity(None, None, Withheld.RESTRICTED, "From"), ()
    )


NAIVE = {"by": "ana", "text": {"value": "x"}, "at": "2026-11-23T04:00:00", "of_granted_account": True}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xc1", b"\x91" * 200_000, write(RING)[:-3], bytes(LONGEST + 1),
        msgspec.msgpack.encode({"v": 1, "kind": "answered", "word": {"leg": 7}, "no": 0}),
        msgspec.msgpack.encode({"v": 1, "kind": "ended", "word": {"how": "cancelled"}, "no": 0}),
        msgspec.msgpack.encode({"v": 1, "kind": "note", "word": {"call": "c", "note": NAIVE}, "no": 0}),
        b"\x84\xa1v\x01\xa4kind\xa8answered\xa4word\x81\xa3leg\xa1\xff\xa2no\x00",
    ],
)  # fmt: skip
def test_what_no_node_says(body: bytes) -> None:
    with pytest.raises(CrossingFault):
        read(body)


@pytest.mark.parametrize("word", [Answered("\ud800"), Standing(("x" * 100,) * 11_000)])
def test_what_has_no_bytes(word: Word) -> None:
    with pytest.raises(CrossingFault):
        write(word)


def test_all_legs_of_the_largest_node_are_one_word() -> None:
    assert word_of(write(Standing(tuple(f"{leg:032x}" for leg in range(20_000))))) is not None


def test_the_bytes_of_version_1() -> None:
    """Nodes of two versions understand each other: what changes these bytes needs a new version, or a default."""
    assert msgspec.msgpack.decode(write(RING, 3, ("c1", 1))) == {
        "v": 1, "kind": "ring", "no": 3, "named": ["c1", 1], "word": {
            "trunk": "pbx", "line": "6001", "leg": "leg", "dialog": ["call", "tag"], "key": "key", "called": ["+4930"],
            "identity": {
                "user": NUMBER, "display_name": NAME, "withheld": "no", "source": "From", "diverted_by": None,
                "attestation": "not-checked", "marked": "ACME: Max",
            },
            "view": "contact", "hand_over": {"referred_by": "6002", "replaces": ["a", "b", "c"]},
            "remarks": [{"means": "email", "value": "x@y", "source": "X-Mail"}], "at": None,
        },
    }  # fmt: skip
    assert msgspec.msgpack.decode(write(Known("c1", NUMBER, None, shared=True))) == {
        "v": 1, "kind": "known", "word": {"call": "c1", "caller": NUMBER, "account": None, "shared": True},
    }  # fmt: skip
    assert msgspec.msgpack.decode(write(Answered("leg"), behind=[Answered("two")])) == {
        "v": 1, "kind": "answered", "word": {"leg": "leg"}, "behind": [["answered", {"leg": "two"}]],
    }  # fmt: skip
