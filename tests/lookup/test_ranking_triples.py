"""Triples *caller, better, worse*: of two people for whom something speaks, who must stand before whom, and why.

The better one has the id that sorts last, so that nothing but his proof can put him first. Each triple is tried with
the rows in both orders.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import pytest

from ctibridge.domain.resolution import Grade
from ctibridge.lookup.choices import ChoiceRow
from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.contacts import ContactRow
from ctibridge.lookup.holders import NumberRow
from tests.lookup.examples import EMAIL, EMPLOYEE_ID, claimed, row
from tests.lookup.test_ranking import choice, contact, people, ranked

F = TypeVar("F")
Fact = NumberRow | ClaimRow | ChoiceRow | ContactRow


def z(label: str = "mobile", account: str = "acme", **more: Any) -> NumberRow:
    return row(account, "z", label, **more)


def a(label: str = "mobile", account: str = "acme", **more: Any) -> NumberRow:
    return row(account, "a", label, **more)


def suffix(person: str, account: str = "acme") -> NumberRow:
    return row(account, person, grade=Grade.SUFFIX)


REWRITTEN, EXTENSION = Grade.REWRITTEN, Grade.EXTENSION
Z_ID, A_ID = claimed(person="z"), claimed(person="a")
Z_MAIL, A_MAIL = claimed(person="z", claim=EMAIL), claimed(person="a", claim=EMAIL)
Z_CHOSEN, A_CHOSEN = choice(person="z"), choice(person="a")
Z_SPOKE, A_SPOKE = contact(person="z"), contact(person="a")
OTHER = "fleuron"

# what speaks for the better | for the worse | the account called | why
TRIPLES: list[tuple[list[Fact], list[Fact], str | None, str]] = [
    # labels: the nearer to one person
    ([z("mobile")], [a("work")], "acme", "nobody else answers his mobile"),
    ([z("mobile")], [a("home")], "acme", "a family shares the telephone at home"),
    ([z("mobile")], [a("pager")], "acme", "an unknown label says least"),
    ([z("work")], [a("home")], "acme", "a desk has one owner, a home has several"),
    ([z("work")], [a("other")], None, "an unknown label says least, wherever he calls"),
    ([z("home")], [a("")], "acme", "no label says least"),
    ([z("home"), z("mobile")], [a("work")], "acme", "his best label counts, not his first"),
    # provenance
    ([z(imported=True)], [a()], "acme", "HR knows its people better than who typed it"),
    ([z("work", imported=True)], [a("work")], None, "the same where no account was called"),
    ([z("work"), z("other", imported=True)], [a("work")], "acme", "HR knows the number as his, whatever it calls it"),
    ([z("mobile")], [a("work", imported=True)], "acme", "a typed mobile is still nearer than an imported desk"),
    # grades
    ([z()], [a(grade=REWRITTEN)], "acme", "exactly the number before the same line in another spelling"),
    ([z("home")], [a("mobile", grade=REWRITTEN)], "acme", "grade before label"),
    ([z()], [a(grade=REWRITTEN, imported=True)], "acme", "grade before provenance"),
    ([z(grade=REWRITTEN)], [suffix("a")], "acme", "the same line before one that ends alike"),
    ([z("home", grade=EXTENSION)], [suffix("a")], "acme", "his extension before a number that ends alike"),
    ([z("other")], [suffix("a")], "acme", "any whole number before an end"),
    ([z("other", OTHER)], [suffix("a")], "acme", "a whole number elsewhere before an end in the company called"),
    ([z(grade=REWRITTEN), z()], [a(grade=REWRITTEN)], "acme", "his best grade counts"),
    # the company called
    ([z("other")], [a("mobile", OTHER)], "acme", "the called number decides between companies"),
    ([z(grade=REWRITTEN)], [a(account=OTHER)], "acme", "also against a better grade"),
    ([z("other", OTHER)], [a(imported=True)], OTHER, "also against HR"),
    ([z()], [a(account=OTHER), choice(OTHER, "a", called="acme")], "acme", "also against a choice"),
    ([z()], [a(account=OTHER), claimed(OTHER, "a")], "acme", "also against a claim"),
    ([z()], [a(account=OTHER), contact(OTHER, "a", 0)], "acme", "also against yesterday's contact"),
    # claims beat the caller ID, and choices
    ([z("other"), Z_ID], [a()], "acme", "the PBX names one of those who have the number"),
    ([Z_ID], [a(imported=True)], "acme", "who types his id calls from another's telephone"),
    ([Z_ID], [a(), A_CHOSEN], "acme", "the claim is of this call, the choice of an earlier one"),
    ([z(), Z_ID, Z_MAIL], [a(), A_ID], "acme", "two claims are more than one"),
    ([Z_ID, Z_MAIL], [a(), A_ID], "acme", "also without the number"),
    ([z(), Z_MAIL], [A_ID], "acme", "one claim each: the number confirms one"),
    ([Z_ID], [suffix("a")], "acme", "an id before a number that ends alike"),
    ([Z_ID], [A_CHOSEN], "acme", "an unknown number: a claim before a choice"),
    # choices
    ([z("other"), Z_CHOSEN], [a()], "acme", "an agent confirmed him"),
    ([z(grade=REWRITTEN), Z_CHOSEN], [a(imported=True)], "acme", "a choice before grade and provenance"),
    ([z(), Z_CHOSEN, Z_CHOSEN], [a(), A_CHOSEN], "acme", "who was chosen more often"),
    ([z(), choice(person="z", days=1)], [a(), choice(person="a", days=8)], "acme", "equal else: who was chosen later"),
    ([z(), choice(person="z", called="acme")], [a(), choice(person="a", called=OTHER)], "acme",
     "a choice for another company counts less"),
    ([z(), choice(person="z", called="acme")], [a(), *3 * [choice(person="a", called=OTHER)]], "acme",
     "however often"),
    ([z("other"), choice(person="z", called=OTHER)], [a()], "acme", "less is more than nothing"),
    ([Z_CHOSEN], [a(OTHER, OTHER)], None, "found by search; the number is a strange label of another company"),
    ([z(), Z_CHOSEN], [a(), choice(person="a", days=91)], "acme", "what is too old no longer speaks"),
    ([Z_CHOSEN], [suffix("a")], "acme", "a choice before a number that ends alike"),
    ([z("other")], [choice(person="a", called=OTHER)], "acme", "the number before a choice for another company"),
    # nudges
    ([z(), Z_SPOKE], [a()], "acme", "equal proof: who called lately"),
    ([z(), contact(person="z", days=1)], [a(), A_SPOKE], "acme", "equal proof: who called later"),
    ([z("mobile")], [a("work"), A_SPOKE], "acme", "a nudge is no proof: the label stays stronger"),
    ([z(imported=True)], [a(), A_SPOKE], "acme", "nor does it outweigh provenance"),
    ([z(), Z_CHOSEN], [a(), A_SPOKE], "acme", "nor a choice"),
    ([z()], [suffix("a"), A_SPOKE], "acme", "nor a whole number"),
    # who has left is a warning behind all others
    ([z("other")], [a(disabled=True, imported=True)], "acme", "who has left comes last, whatever speaks for him"),
    ([z("other", OTHER)], [a(disabled=True)], "acme", "also in the company called"),
    ([suffix("z")], [a(disabled=True)], "acme", "also behind an end"),
    ([z("other")], [a(disabled=True), A_ID], "acme", "also with a claim"),
    ([z("other")], [a(disabled=True), A_CHOSEN, A_CHOSEN], "acme", "also with choices"),
    ([z("other")], [a(), a("work", disabled=True)], "acme", "one disabled row is enough"),
    ([z(disabled=True)], [a("work", disabled=True)], "acme", "among those who left, as ever"),
]  # fmt: skip


@pytest.mark.parametrize(("better", "worse", "called", "why"), TRIPLES, ids=[why for *_, why in TRIPLES])
def test_better_stands_before_worse(better: list[Fact], worse: list[Fact], called: str | None, why: str) -> None:
    for facts in ([*better, *worse], [*worse, *better]):
        ranking = ranked(
            _only(facts, NumberRow),
            called,
            claims=_only(facts, ClaimRow),
            choices=_only(facts, ChoiceRow),
            contacts=_only(facts, ContactRow),
        )
        assert people(ranking) == ["z", "a"], why


def test_every_triple_is_of_z_before_a_and_of_two_people() -> None:
    assert len(TRIPLES) >= 40
    assert len({why for *_, why in TRIPLES}) == len(TRIPLES)
    assert all({fact.person for fact in better} == {"z"} for better, *_ in TRIPLES)
    assert all({fact.person for fact in worse} == {"a"} for _, worse, *_ in TRIPLES)
    assert {claim.claim for better, *_ in TRIPLES for claim in _only(better, ClaimRow)} == {EMPLOYEE_ID, EMAIL}


def _only(facts: Sequence[object], kind: type[F]) -> list[F]:
    return [fact for fact in facts if isinstance(fact, kind)]
