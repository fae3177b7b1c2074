"""One call, one agent, one answer: what agents said before, and say now, and what stands beside it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.account import AccountRef, Announcement
from ctibridge.domain.caller import Presentation
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.lookup import answer as compose
from ctibridge.lookup.answer import Proof
from ctibridge.lookup.choices import ChoiceRow, Choices
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.heard import hear
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.question import Pick, Question
from tests.lookup.examples import AT, REGULA, SNAPSHOT, directory, question, row, signalled
from tests.lookup.test_answer import asked_with, viewer

URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
ELODIE = Person(PersonKey("fleuron", "e1"), Name("Élodie"))
FAMILY = Holders([row(), row("acme", "p18")])


def by_ana(person: Person) -> Pick:
    return Pick(person.key, "ana", AT)


def chosen(person: str, days_ago: float = 1, account: str = "acme", called: str | None = "acme") -> ChoiceRow:
    return ChoiceRow(account, person, disabled=False, by="ben", at=AT - timedelta(days=days_ago), called_account=called)


def test_two_choices_of_one_holder_name_him_until_they_are_old() -> None:
    def status(*days: float) -> str:
        choices = Choices(chosen("p18", ago) for ago in days)
        return asked_with(question(), Proof(FAMILY, choices=choices)).resolution.status

    assert [status(1), status(1, 89), status(1, 91)] == ["ambiguous", "identified", "ambiguous"]


def test_choices_of_people_who_may_not_be_seen_change_nothing() -> None:
    hidden = Choices([chosen("p18", account="acme")] * 5)
    mine = Holders([row("fleuron", "e1"), row("fleuron", "e2")])
    assert asked_with(question(), Proof(mine, choices=hidden), agent="ben") == asked_with(
        question(), Proof(mine), agent="ben"
    )


def test_of_two_equals_the_one_spoken_to_last_comes_first_and_it_stays_open_who_calls() -> None:
    met = Contacts([ContactRow("acme", "p18", AT - timedelta(days=3))])
    answer = asked_with(question(), Proof(FAMILY, contacts=met))
    assert answer.resolution.status == "ambiguous"
    first, second = answer.resolution.candidates
    assert (first.person.key.id, second.person.key.id) == ("p18", "p17")
    assert [one.kind for one in first.evidence] == ["number", "called_account", "last_contact"]


@pytest.mark.parametrize("rows", [FAMILY, Holders(), Holders([row("acme", "p18")]), Holders([row(label="general")])])
def test_whom_an_agent_names_on_this_call_is_the_one_whatever_the_number_says(rows: Holders) -> None:
    answer = asked_with(question(chosen=by_ana(REGULA)), Proof(rows, chosen={REGULA.key: REGULA}), {REGULA.key: REGULA})
    assert answer.resolution.status == "identified"
    assert answer.resolution.account == AccountRef("acme", "ACME AG")
    first = answer.resolution.candidates[0]
    assert first.person is REGULA
    assert (first.evidence[0].kind, first.evidence[0].by, first.evidence[0].at) == ("chosen", "ana", AT)
    assert (answer.language.source, answer.language.tag) == ("person", "de-CH")


def test_a_withheld_caller_who_was_found_by_search_gets_his_language_and_no_number() -> None:
    asked = question(signalled(presentation=Presentation.RESTRICTED), chosen=by_ana(REGULA))
    answer = asked_with(asked, Proof(chosen={REGULA.key: REGULA}), {REGULA.key: REGULA})
    assert (answer.resolution.status, answer.language.tag) == ("identified", "de-CH")
    assert (answer.caller.number, answer.caller.raw, answer.caller.presentation) == (None, None, "restricted")


def test_who_has_left_is_never_the_one_even_if_an_agent_says_so() -> None:
    gone = replace(REGULA, disabled=True)
    for rows, status in ((FAMILY, "ambiguous"), (Holders(), "unknown"), (Holders([row(label="general")]), "unknown")):
        answer = asked_with(question(chosen=by_ana(gone)), Proof(rows, chosen={gone.key: gone}), {gone.key: gone})
        assert answer.resolution.status == status
        assert answer.resolution.candidates[-1].person.key == gone.key
        assert answer.links == () or [link.title for link in answer.links] == ["Search"]


def test_a_pick_of_a_company_that_this_agent_may_not_see_changes_nothing_for_him() -> None:
    asked, proof = question(chosen=by_ana(REGULA)), Proof(Holders([row("fleuron", "e1")]), chosen={REGULA.key: REGULA})
    without = asked_with(question(), Proof(Holders([row("fleuron", "e1")])), agent="ben")
    assert asked_with(asked, proof, {REGULA.key: REGULA}, agent="ben") == without


def test_a_pick_of_whom_nobody_could_read_changes_nothing() -> None:
    assert asked_with(question(chosen=by_ana(URS)), Proof(FAMILY)) == asked_with(question(), Proof(FAMILY))


def test_the_company_chosen_decides_what_is_told_and_not_the_one_called() -> None:
    known = {ELODIE.key: ELODIE}
    answer = asked_with(question(chosen=by_ana(ELODIE)), Proof(FAMILY, chosen=known), known)
    assert answer.resolution.account == AccountRef("fleuron", "Fleuron SA")
    assert [one.person.key.id for one in answer.resolution.candidates] == ["e1", "p17", "p18"]
    assert answer.called.account == AccountRef("acme", "ACME AG")


def test_who_else_at_these_desks_speaks_it() -> None:
    beside = {"ana": ("en",), "ben": ("de",), "cem": ("de-CH", "en"), "dee": ("fr",)}
    language = asked_with(question(), Proof(Holders([row()])), {REGULA.key: REGULA}, beside=beside).language
    assert language.tag == "de-CH"
    assert set(language.spoken_by) == {"ben", "cem"}


def test_the_customers_announcement_is_for_agents_with_the_role() -> None:
    line = Announcement("acme", "a1", {"de": "Die Mail steht."}, ends_at=AT + timedelta(hours=1))
    known = directory(replace(SNAPSHOT, announcements={"acme": (line,)}))

    def told(agent: str, asked: Question) -> list[str]:
        heard, reader = hear(asked, known.snapshot), viewer(agent)
        ranked = compose.ranking(heard, Proof(), reader.visible, known.resolution)
        answer = compose.answer(heard, ranked, {}, reader, known, {})
        return [] if answer.customer is None else [one.text.text for one in answer.customer.announcements]

    assert told("ana", question()) == ["Die Mail steht."]
    assert told("ben", question()) == []
    assert told("ana", question(at=AT + timedelta(hours=2))) == []
