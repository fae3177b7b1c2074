"""An agent says who is calling."""

from dataclasses import replace

import pytest

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.resolution import Status
from ctibridge.lookup.choices import Chosen
from ctibridge.lookup.confirmed import SAID, confirmed
from ctibridge.lookup.matching import Match
from ctibridge.lookup.question import Pick
from ctibridge.lookup.ranking import Ranking
from tests.lookup.examples import AT, REGULA, row

PICK = Pick(REGULA.key, "ana", AT)
HER = Match(REGULA.key, disabled=False, in_called=True, rows=(row(),))
OTHER = Match(PersonKey("acme", "p18"), disabled=False, in_called=True, rows=(row("acme", "p18"),))
LEFT = Match(PersonKey("acme", "p19"), disabled=True, in_called=True, rows=(row("acme", "p19", disabled=True),))


def keys(ranked: Ranking) -> list[str]:
    return [match.person.id for match in ranked.matches]


@pytest.mark.parametrize("status", list(Status))
def test_whatever_was_known_the_one_named_is_identified(status: Status) -> None:
    ranked = confirmed(Ranking(status, "fleuron", (OTHER,), reasons=("why",)), REGULA, PICK, "acme")
    assert (ranked.status, ranked.account, keys(ranked)) == (Status.IDENTIFIED, "acme", ["p17", "p18"])
    assert ranked.reasons == (SAID, "why")
    named = ranked.matches[0]
    assert (named.in_called, named.rows, named.chosen) == (True, (), Chosen(1, 0, AT, "ana"))


def test_who_was_listed_keeps_his_reasons_and_stands_once() -> None:
    ranked = confirmed(Ranking(Status.AMBIGUOUS, "acme", (OTHER, HER, LEFT)), REGULA, PICK, "acme")
    assert keys(ranked) == ["p17", "p18", "p19"]
    assert ranked.matches[0].rows == HER.rows
    assert ranked.matches[1:] == (OTHER, LEFT)


def test_it_is_counted_with_what_was_chosen_before() -> None:
    before = replace(HER, chosen=Chosen(2, 1, AT.replace(year=2025), "ben"))
    ranked = confirmed(Ranking(Status.AMBIGUOUS, "acme", (before, OTHER)), REGULA, PICK, None)
    assert ranked.matches[0].chosen == Chosen(3, 1, AT, "ana")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.IDENTIFIED, Status.IDENTIFIED),
        (Status.AMBIGUOUS, Status.AMBIGUOUS),
        (Status.UNKNOWN, Status.UNKNOWN),
        (Status.WITHHELD, Status.WITHHELD),
        (Status.SHARED, Status.UNKNOWN),  # which lists nobody
    ],
)
def test_who_has_left_comes_last_and_is_never_the_one(before: Status, after: Status) -> None:
    gone = replace(REGULA, disabled=True)
    matches = () if before is Status.SHARED else (OTHER,)
    ranked = confirmed(Ranking(before, "acme", matches), gone, PICK, "acme")
    assert ranked.status is after
    assert keys(ranked)[-1] == "p17"
    assert ranked.matches[-1].disabled
    assert ranked.identified is None or ranked.identified is OTHER


def test_who_left_according_to_his_number_is_not_the_one_though_his_record_does_not_know_it_yet() -> None:
    """Index and record are read one after the other: between them somebody may have left, or come back."""
    ranked = confirmed(Ranking(Status.UNKNOWN, None, (replace(HER, disabled=True),)), REGULA, PICK, "acme")
    assert (ranked.status, keys(ranked)) == (Status.UNKNOWN, ["p17"])


def test_of_another_company_than_the_one_called() -> None:
    stranger = Person(PersonKey("fleuron", "e1"), None)
    ranked = confirmed(Ranking(Status.UNKNOWN), stranger, Pick(stranger.key, "ana", AT), "acme")
    assert (ranked.account, ranked.matches[0].in_called) == ("fleuron", False)
