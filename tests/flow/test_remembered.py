"""What was asked for a call comes back as it was; what is no such text is nothing."""

import pytest

from ctibridge.calls.facts import Continues, Learned, Rang
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.caller import Presentation, Remark, Signalled
from ctibridge.domain.hand_over import HandOverKind
from ctibridge.domain.private import Name, Number, Private
from ctibridge.flow import remembered
from tests.flow.house import AT

REMARK = Remark("email", Private("frei@acme.example"), "X-Mail")
SIGNALLED = Signalled(
    Number("015112"), Name("R. Frei"), Presentation.ALLOWED, "From", None, (Number("+4930"),), remarks=(REMARK,)
)
CALL = Call("call1", "pbx", "6001", CallState.RINGING, AT)
ANA = frozenset({"ana"})
TORN = b'{"call": {"id": "\xff"}}', b'{"other": ' + 5_000 * b"["
"""Of these one raised UnicodeDecodeError and one RecursionError, which ended the start."""


@pytest.mark.parametrize("continues", [None, Continues(HandOverKind.BLIND, "6002", "call0", SIGNALLED, ("between",))])
def test_there_and_back(continues: Continues | None) -> None:
    fact = Rang(CALL, ANA, SIGNALLED, continues)
    assert remembered.read(remembered.text(fact), ANA) == Learned(CALL, ANA, SIGNALLED, continues)


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b'{"call": 1}', b"\xff", *TORN])
def test_another_text_is_nothing(text: bytes) -> None:
    assert remembered.read(text) is None
