"""What is typed counts as an INVITE would."""

import pytest

from ctibridge import typed
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Number


def test_a_number_is_a_caller_who_may_be_shown() -> None:
    found = typed.signalled("+49 30 123%", "0800", "ivr")
    assert (found.raw, found.called, found.source) == (Number("+49 30 123%"), (Number("0800"),), "ivr")
    assert found.presentation is Presentation.ALLOWED


@pytest.mark.parametrize("word", ["anonymous", "Restricted", "unavailable"])
def test_a_word_for_nobody_withholds(word: str) -> None:
    found = typed.signalled(word, None, "ivr")
    assert found.presentation is not Presentation.ALLOWED
    assert (found.raw, found.called) == (None, ())
