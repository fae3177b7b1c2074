from ctibridge.domain.account import AccountRef
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Number
from ctibridge.domain.resolution import Candidate, Evidence, Grade, Resolution, Status


def test_grades_are_ordered_strongest_first() -> None:
    assert list(Grade) == [Grade.EXACT, Grade.REWRITTEN, Grade.EXTENSION, Grade.SUFFIX]


def test_statuses_are_the_words_of_the_contract() -> None:
    assert {status.value for status in Status} == {"identified", "ambiguous", "shared", "unknown", "withheld"}


def test_a_whole_resolution_prints_without_names_and_numbers() -> None:
    acme = AccountRef("acme", "ACME AG")
    evidence = Evidence("number", "mobile", Number("+491713920017"), Grade.EXACT)
    assert (evidence.at, evidence.by) == (None, None)
    candidate = Candidate(Person(PersonKey("acme", "p17"), Name("Regula Frei")), acme, (evidence,))
    shown = repr(Resolution(Status.IDENTIFIED, acme, (candidate,)))
    assert "Regula" not in shown
    assert "3920017" not in shown
