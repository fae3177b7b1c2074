"""The order of proof as a value, and the words for it. Who stands before whom: test_ranking_triples."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import proof
from ctibridge.lookup.choices import Chosen
from ctibridge.lookup.matching import Match
from ctibridge.lookup.proof import equal_proof, is_weak, standing, why_behind
from tests.lookup.examples import AT, EMPLOYEE_ID, row

BARE = Match(PersonKey("acme", "p17"), disabled=False, in_called=True)
HOLDER = replace(BARE, rows=(row(),))
END = replace(BARE, rows=(row(grade=Grade.SUFFIX),))
HERE, ELSEWHERE = Chosen(1, 0, AT, "ana"), Chosen(0, 3, AT, "ana")


@pytest.mark.parametrize(
    ("match", "weak"),
    [
        (HOLDER, False),
        (replace(BARE, rows=(row(grade=Grade.REWRITTEN),)), False),
        (replace(BARE, rows=(row(grade=Grade.EXTENSION),)), False),
        (END, True),
        (replace(BARE, chosen=ELSEWHERE), True),
        (replace(END, chosen=ELSEWHERE), True),
        (replace(BARE, chosen=HERE), False),
        (replace(END, chosen=HERE), False),
        (replace(END, claims=(EMPLOYEE_ID,)), False),
    ],
)
def test_what_is_too_weak_to_name_anybody(match: Match, weak: bool) -> None:
    assert is_weak(match) is weak
    assert standing(match).weak is weak


def test_a_nudge_leaves_proof_equal() -> None:
    other = replace(HOLDER, person=PersonKey("acme", "p18"), last_contact=AT)
    assert equal_proof(HOLDER, other)
    assert standing(other) < standing(HOLDER)
    chosen, later = replace(HOLDER, chosen=HERE), replace(other, chosen=replace(HERE, at=AT + timedelta(days=1)))
    assert equal_proof(chosen, later)
    assert standing(later) < standing(chosen)
    assert not equal_proof(HOLDER, chosen)
    assert not equal_proof(HOLDER, replace(HOLDER, rows=(row(label="home"),)))


SECOND = replace(HOLDER, person=PersonKey("acme", "p18"))
SPELT = replace(SECOND, rows=(row(grade=Grade.REWRITTEN),))
IMPORTED = replace(HOLDER, rows=(row(imported=True),))


@pytest.mark.parametrize(
    ("match", "before", "words"),
    [
        (replace(SECOND, disabled=True), HOLDER, proof.DISABLED),
        (END, HOLDER, proof.WEAK_NUMBER),
        (replace(BARE, chosen=ELSEWHERE), HOLDER, proof.WEAK_CHOICE),
        (replace(SECOND, in_called=False), HOLDER, "of another company than the one called"),
        (SECOND, replace(HOLDER, claims=(EMPLOYEE_ID,)), "the PBX names another, or names another more often"),
        (SECOND, replace(HOLDER, chosen=HERE), "another was chosen for this number, or chosen more often"),
        (SECOND, replace(HOLDER, chosen=ELSEWHERE), "another was chosen for this number as well"),
        (SPELT, HOLDER, "the number of the one before matches more exactly"),
        (replace(SECOND, rows=(row(label="home"),)), HOLDER, "a label less personal than that of the one before"),
        (SECOND, IMPORTED, "typed by hand, where that of the one before comes from HR or a directory"),
        (replace(SECOND, chosen=HERE), replace(HOLDER, chosen=replace(HERE, at=AT + timedelta(days=1))),
         "equal proof: the one before was chosen later"),
        (SECOND, replace(HOLDER, last_contact=AT), "equal proof: the last contact with the one before is later"),
        (SECOND, HOLDER, proof.EQUAL),
        (replace(SECOND, person=PersonKey("fleuron", "p17")), HOLDER, proof.EQUAL),
    ],
)  # fmt: skip
def test_the_first_difference_is_the_reason(match: Match, before: Match, words: str) -> None:
    assert why_behind(match, before) == words


def test_every_difference_has_its_words() -> None:
    """What is told before any comparison has none."""
    assert proof.Standing._fields == ("disabled", "weak", *proof._BEHIND)
