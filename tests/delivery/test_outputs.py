from typing import get_args

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
