"""CSeq."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import cseq
from ctibridge.sip.cseq import LARGEST, CSeq
from ctibridge.sip.errors import RemoteFault


@given(st.integers(0, LARGEST), st.sampled_from(["INVITE", "ACK", "x!-odd"]))
def test_printed_and_read_again(number: int, method: str) -> None:
    assert cseq.parse(str(CSeq(number, method))) == CSeq(number, method)


@pytest.mark.parametrize("text", ["0009 INVITE", " 9\t INVITE ", "9    INVITE"])
def test_zeros_and_white_space(text: str) -> None:
    assert cseq.parse(text) == CSeq(9, "INVITE")


@pytest.mark.parametrize("text", ["", "9", "INVITE", "INVITE 9", "-1 INVITE", "9 INVITE now", f"{LARGEST + 1} INVITE"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(RemoteFault):
        cseq.parse(text)
