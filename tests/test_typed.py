"""What is typed counts as an INVITE would."""

import pytest

from ctibridge import typed
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Number


def test_a_number_is_a_caller_who_may_be_shown() -> None:
    found = typed.signalled("+49 30 123%", "0800", "ivr")
    assert (found.raw, found.called, found.source) == (Number("+49 30 123%"), (Number("0800"),), "ivr")
    assert found.presentation is Presentation.ALLOWED


@pytest.mark.parametrize(
    ("address", "raw"),
    [
        ("sip:+41790000017@pbx.example.net", "+41790000017"),
        ("sip:%2B41790000017@pbx", "+41790000017"),
        ("SIPS:6001@pbx", "6001"),
        ("tel:+41-79-000-00-17", "+41-79-000-00-17"),
    ],
)
def test_a_whole_address_is_read_as_one(address: str, raw: str) -> None:
    found = typed.signalled(address, None, "lookup")
    assert found.raw == Number(raw)


@pytest.mark.parametrize("address", ["sip:anonymous@anonymous.invalid", "sip:+4930@anonymous.invalid", "sip:"])
def test_an_address_of_nobody_withholds(address: str) -> None:
    assert typed.signalled(address, None, "lookup").raw is None


@pytest.mark.parametrize("word", ["anonymous", "Restricted", "unavailable"])
def test_a_word_for_nobody_withholds(word: str) -> None:
    found = typed.signalled(word, None, "ivr")
    assert found.presentation is not Presentation.ALLOWED
    assert (found.raw, found.called) == (None, ())
