import dataclasses

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.question import Pick, Question
from tests.lookup.examples import AT, MOBILE, PLAN, question, signalled


def test_the_least_that_is_asked() -> None:
    asked = Question(signalled(), PLAN, None, AT)
    assert (asked.chosen, asked.beside) == ((), frozenset())


def test_a_question_prints_without_the_caller_and_can_be_kept() -> None:
    """It is kept while a call is open: nothing may change it, and it may stand in a log line."""
    asked = question(chosen=Pick(PersonKey("acme", "p17"), "ana", AT), beside=["ben"])
    assert MOBILE[1:] not in repr(asked)
    assert "Frei" not in repr(asked)
    assert hash(asked) == hash(dataclasses.replace(asked))
    with pytest.raises(dataclasses.FrozenInstanceError):
        asked.call_id = "c2"  # type: ignore[misc]
