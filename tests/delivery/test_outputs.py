from itertools import groupby
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery.outputs import (
    CatchUp,
    Check,
    Command,
    ForSession,
    KeepAck,
    KeepCall,
    KeepEvent,
    KeepHeard,
    KeepSights,
    Output,
    Send,
    far_first,
)
from ctibridge.domain.private import Private
from tests.delivery.test_kept import rang


def test_a_token_does_not_print() -> None:
    assert "ctb_secret" not in repr(Check(1, Private("ctb_secret")))


def test_what_is_kept_and_what_is_missed_do_not_print() -> None:
    told = rang()
    assert told.call is not None
    printed = repr([KeepEvent(told.event), KeepCall(told.call), CatchUp(1, "ana", "k3f9", None, 2, (told.call,))])
    assert "laptop" not in printed


def test_whatever_is_not_for_one_session_is_kept_or_asked() -> None:
    """A failure of one of the others cuts the session that it was for."""
    others = set(get_args(Output)) - set(get_args(ForSession))
    assert others == {KeepEvent, KeepCall, KeepAck, KeepHeard, KeepSights, Command}
    assert all("session" in one.__dataclass_fields__ for one in get_args(ForSession))


FAR = frozenset({7, 8, 9})


def said(words: str) -> list[Output]:
    """k: something to keep; a digit: a frame for this session."""
    return [KeepAck("ana", at) if word == "k" else Send(int(word), b"%d" % at) for at, word in enumerate(words)]


def words(outputs: list[Output]) -> str:
    return "".join(str(one.session) if isinstance(one, Send) else "k" for one in outputs)


@pytest.mark.parametrize(
    ("outputs", "first", "rest"),
    [
        ("", "", ""),
        ("kk12k", "kk12k", ""),
        ("k1273k", "k7", "123k"),
        ("k78k9", "k78", "k9"),
        ("k12k3748", "k12k78", "34"),
        ("k17k18", "k7", "1k18"),
    ],
)
def test_screens_elsewhere_hear_the_first_frame_first(outputs: str, first: str, rest: str) -> None:
    assert tuple(map(words, far_first(said(outputs), FAR))) == (first, rest)


@given(st.text("k1278"))
def test_each_session_hears_all_in_its_order_and_nothing_before_it_is_kept(text: str) -> None:
    outputs = said(text)
    first, rest = far_first(outputs, FAR)
    turned = [*first, *rest]

    def of(session: int, some: list[Output]) -> list[Output]:
        return [one for one in some if not isinstance(one, Send) or one.session == session]

    assert all(of(session, turned) == of(session, outputs) for session in (1, 2, 7, 8))
    assert len(list(groupby(first + rest, type))) == len(list(groupby(outputs, type)))
