"""One call, one agent, one answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Caller, Presentation, Signalled
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Grade
from ctibridge.domain.screen_pop import Answer, Link, Signal
from ctibridge.lookup import answer as compose
from ctibridge.lookup.answer import Languages, People, Proof, Viewer
from ctibridge.lookup.claims import Claimants, ClaimRow
from ctibridge.lookup.heard import hear
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.question import Question
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import (
    AT,
    DESK,
    FLEURON_DESK,
    MOBILE,
    REGULA,
    SNAPSHOT,
    claimed,
    directory,
    question,
    row,
    signalled,
)

WITHHELD = (Presentation.RESTRICTED, Presentation.UNAVAILABLE)


def viewer(agent: str = "ana") -> Viewer:
    record = SNAPSHOT.agents[agent]
    return Viewer(record.name, record.languages, visible_to(agent, SNAPSHOT, AT))


NOBODY_ELSE: Languages = {"ana": ("de", "en")}


def asked_with(
    asked: Question, proof: Proof, people: People | None = None, agent: str = "ana", beside: Languages = NOBODY_ELSE
) -> Answer:
    heard, reader, known = hear(asked, SNAPSHOT), viewer(agent), directory()
    ranked = compose.ranking(heard, proof, reader.visible, known.resolution)
    return compose.answer(heard, ranked, people or {}, reader, known, beside)


def answered(
    call: Signalled | None = None,
    rows: Iterable[NumberRow] = (),
    people: People | None = None,
    agent: str = "ana",
    claims: Iterable[ClaimRow] = (),
) -> Answer:
    return asked_with(question(call), Proof(Holders(rows), Claimants(claims)), people, agent)


def test_the_contracts_example() -> None:
    regula = replace(REGULA, numbers_changed={MOBILE: AT - timedelta(days=2)})
    answer = answered(signalled("0171 3920017"), [row()], {REGULA.key: regula})
    assert answer.caller == Caller(
        Number(MOBILE),
        Number("0171 3920017"),
        Name("R. Frei"),
        Presentation.ALLOWED,
        None,
        "P-Asserted-Identity",
    )
    assert (answer.called.number, answer.called.name, answer.called.granted) == (DESK, "ACME IT Service Desk", True)
    language = answer.language
    assert (language.tag, language.name, language.endonym) == ("de-CH", "German (Switzerland)", "Deutsch (Schweiz)")
    assert (language.source, language.spoken_by_agent) == ("person", True)
    assert language.greeting == "Grüezi, ACME AG, mein Name ist Ana Ruiz."
    assert answer.resolution.status == "identified"
    assert answer.resolution.account == AccountRef("acme", "ACME AG")
    (candidate,) = answer.resolution.candidates
    assert candidate.person is regula
    assert candidate.local_time == "19:00"
    assert [(one.kind, one.label, one.grade) for one in candidate.evidence] == [
        ("number", "mobile", "exact"),
        ("called_account", None, None),
    ]
    assert answer.signals == (Signal("number_changed_recently", 2),)
    assert answer.links == (
        Link("Search", "https://desk.acme.example/sd?telephone=%2B491713920017"),
        Link("Open", "https://desk.acme.example/A-17"),
    )
    assert answer.complete


@pytest.mark.parametrize("presentation", WITHHELD)
def test_of_a_withheld_caller_nothing_is_kept(presentation: Presentation) -> None:
    """Some PBXs deliver the number all the same: it is neither shown nor looked up."""
    answer = answered(signalled(presentation=presentation, diverted_by=MOBILE), [row()], {REGULA.key: REGULA})
    assert answer.caller == Caller(None, None, None, presentation, None, "P-Asserted-Identity")
    assert (answer.resolution.status, answer.resolution.candidates, answer.resolution.account) == ("withheld", (), None)
    assert answer.language.source == "called_number"
    assert answer.called.name == "ACME IT Service Desk"
    assert [link.title for link in answer.links] == []
    assert answer.signals == ()
    assert answer.complete


def test_who_calls_no_number_at_all_is_unknown() -> None:
    answer = answered(signalled("alice", called=()))
    assert (answer.caller.number, answer.caller.extension) == (None, None)
    assert answer.caller.raw == Number("alice")
    assert answer.resolution.status == "unknown"
    assert answer.language.source == "default"
    assert answer.language.greeting is None


def test_a_stranger_is_greeted_by_the_clock_where_his_number_is() -> None:
    """He heard good evening at five in the morning: it was evening at the company that he called."""
    assert (
        answered(signalled("+61255501234"), agent="ben").language.greeting
        == "Guten Morgen, ACME AG, mein Name ist Ben Okafor."
    )
    nowhere = answered(signalled("+61412345678"), agent="ben").language.greeting
    assert nowhere == "Guten Abend, ACME AG, mein Name ist Ben Okafor."


def test_an_extension_is_kept_as_one() -> None:
    answer = answered(signalled("4711"), [row(label="work", grade=Grade.EXTENSION)], {REGULA.key: REGULA})
    assert (answer.caller.number, answer.caller.extension) == (None, Number("4711"))
    assert answer.resolution.status == "identified"
    assert answer.resolution.candidates[0].evidence[0].grade == "extension"


@pytest.mark.parametrize(
    ("diverted_by", "expected"),
    [("030 23125999", Number("+493023125999")), ("6001", None), ("alice", None), (None, None)],
)
def test_diverted_by_is_e164_or_null(diverted_by: str | None, expected: Number | None) -> None:
    assert answered(signalled(diverted_by=diverted_by)).caller.diverted_by == expected


def test_an_agent_without_the_role_sees_company_and_greeting_and_no_person() -> None:
    answer = answered(rows=[row()], people={REGULA.key: REGULA}, agent="ben")
    assert (answer.called.name, answer.called.granted) == ("ACME IT Service Desk", False)
    assert (answer.resolution.status, answer.resolution.candidates, answer.resolution.account) == ("unknown", (), None)
    assert answer.language.greeting == "Guten Abend, ACME AG, mein Name ist Ben Okafor."
    assert answer.links == ()


def test_what_an_agent_may_not_see_leaves_no_trace() -> None:
    """Byte for byte the same answer, whoever else has the number."""
    mine = row("fleuron", "e1")
    others = [row("acme", f"p{number}", "general") for number in range(9)]
    for call in (signalled(), signalled(called=[FLEURON_DESK]), signalled("4711")):
        assert answered(call, [*others, mine], agent="ben") == answered(call, [mine], agent="ben")


def test_a_record_that_is_late_changes_neither_status_nor_order() -> None:
    rows = [row("acme", "p18", "work"), row(), row("acme", "p19", disabled=True)]
    records = [
        REGULA,
        Person(PersonKey("acme", "p18"), Name("Urs")),
        Person(PersonKey("acme", "p19"), Name("Old"), True),
    ]
    first = answered(rows=rows)
    whole = answered(rows=rows, people={person.key: person for person in records})
    assert not first.complete
    assert whole.complete
    assert first.resolution.status == whole.resolution.status == "ambiguous"
    assert [one.person.key for one in first.resolution.candidates] == [
        one.person.key for one in whole.resolution.candidates
    ]
    assert [one.person.name for one in first.resolution.candidates] == [None, None, None]
    assert [one.person.disabled for one in first.resolution.candidates] == [False, False, True]
    assert [one.evidence for one in first.resolution.candidates] == [
        one.evidence for one in whole.resolution.candidates
    ]
    assert first.resolution.account == whole.resolution.account


def test_while_the_record_is_late_the_called_number_says_the_language() -> None:
    answer = answered(rows=[row()])
    assert (answer.resolution.status, answer.language.source, answer.language.tag) == (
        "identified",
        "called_number",
        "de",
    )
    assert [link.title for link in answer.links] == ["Search"]


@pytest.mark.parametrize(
    ("person", "called", "source", "tag"),
    [
        (REGULA, [DESK], "person", "de-CH"),
        (replace(REGULA, language=None), [DESK], "site", "de-CH"),
        (replace(REGULA, language=None, site=None), [DESK], "called_number", "de"),
        (replace(REGULA, language=None, site=None), [FLEURON_DESK], "called_number", "fr"),
        (replace(REGULA, language=None, site="Nowhere"), [], "account", "de"),
        (replace(REGULA, language="nonsense", site=None), [], "account", "de"),
    ],
)
def test_the_ladder_of_an_identified_caller(person: Person, called: list[str], source: str, tag: str) -> None:
    language = answered(signalled(called=called), [row()], {person.key: person}).language
    assert (language.source, language.tag) == (source, tag)


def test_the_ladder_of_others() -> None:
    two = [row(), row("acme", "p18")]
    assert answered(signalled(called=[]), two, {REGULA.key: REGULA}).language.source == "account"
    assert answered(signalled(called=["7005"])).language.source == "account"
    assert answered(signalled("+33199001234", called=[])).language.source == "calling_country"
    assert answered(signalled("+33199001234", called=[])).language.tag == "fr"
    assert answered(signalled("+80012345678", called=[])).language.source == "default"


def test_a_person_is_spoken_to_in_the_time_of_day_where_he_is() -> None:
    tokyo = replace(REGULA, language="en", time_zone="Asia/Tokyo")
    answer = answered(rows=[row()], people={tokyo.key: tokyo})
    assert answer.language.greeting == "Good evening, ACME AG, Ana Ruiz speaking."  # three in the morning there
    assert answer.resolution.candidates[0].local_time == "03:00"


def test_a_shared_number_names_the_company_and_nobody() -> None:
    answer = answered(rows=[row(label="general")])
    assert (answer.resolution.status, answer.resolution.candidates) == ("shared", ())
    assert answer.resolution.account == AccountRef("acme", "ACME AG")
    assert [link.title for link in answer.links] == ["Search"]
    assert answer.complete


def test_links_of_a_person_only_where_he_is_identified() -> None:
    two = [row(), row("acme", "p18")]
    urs = Person(PersonKey("acme", "p18"), Name("Urs"))
    assert [link.title for link in answered(rows=two, people={REGULA.key: REGULA, urs.key: urs}).links] == ["Search"]


def test_the_row_says_who_is_disabled() -> None:
    """Else a list could call somebody able whom its order treats as gone."""
    answer = answered(rows=[row(disabled=True)], people={REGULA.key: REGULA})
    assert answer.resolution.status == "unknown"
    assert answer.resolution.candidates[0].person.disabled


def test_without_the_directory_the_call_pops_all_the_same() -> None:
    heard = hear(question(), SNAPSHOT)
    answer = compose.without_directory(heard, viewer(), directory(), NOBODY_ELSE)
    assert (answer.resolution.status, answer.complete) == ("unknown", False)
    assert answer.called.name == "ACME IT Service Desk"
    withheld = hear(question(signalled(presentation=Presentation.RESTRICTED)), SNAPSHOT)
    assert compose.without_directory(withheld, viewer(), directory(), NOBODY_ELSE).resolution.status == "withheld"


def test_an_answer_prints_without_the_caller() -> None:
    shown = repr(answered(rows=[row()], people={REGULA.key: REGULA}))
    assert "3920017" not in shown
    assert "Regula" not in shown
    assert "Frei" not in shown


TYPED = [("employee_id", "A-17"), ("queue", "Sales")]


def test_whom_an_employee_number_names_is_identified_without_his_number() -> None:
    """A claim, as the number is one: he is told with the reason, and verified he is not."""
    call = signalled("+493099999999", remarks=TYPED)
    answer = answered(call, (), {REGULA.key: REGULA}, claims=[claimed()])
    assert answer.resolution.status == "identified"
    (candidate,) = answer.resolution.candidates
    assert candidate.person is REGULA
    assert [(one.kind, one.matched, one.grade) for one in candidate.evidence] == [
        ("employee_id", Private("A-17"), "exact"),
        ("called_account", None, None),
    ]
    assert (answer.language.source, answer.language.tag) == ("person", "de-CH")
    assert [(one.means, one.value.value, one.source) for one in answer.caller.remarks] == [
        ("employee_id", "A-17", "X-employee_id"),
        ("queue", "Sales", "X-queue"),
    ]


def test_a_number_and_an_employee_number_of_two_people_are_a_warning() -> None:
    answer = answered(signalled(remarks=TYPED), [row("acme", "p18")], claims=[claimed()])
    assert answer.resolution.status == "identified"
    assert [one.person.key.id for one in answer.resolution.candidates] == ["p17", "p18"]
    assert answer.signals == (Signal("claim_contradicts_number"),)


@pytest.mark.parametrize("presentation", WITHHELD)
def test_a_withheld_caller_keeps_what_he_typed_and_is_not_looked_up_by_it(presentation: Presentation) -> None:
    call = signalled(presentation=presentation, remarks=TYPED, attestation="A")
    answer = answered(call, [row()], {REGULA.key: REGULA}, claims=[claimed()])
    assert (answer.resolution.status, answer.resolution.candidates) == ("withheld", ())
    assert [one.means for one in answer.caller.remarks] == ["employee_id", "queue"]
    assert answer.caller.attestation == "not-checked"
    assert hear(question(call), SNAPSHOT).claims == ()


def test_whom_an_agent_may_not_see_no_employee_number_finds() -> None:
    call = signalled("+493099999999", remarks=TYPED)
    hidden = answered(call, (), {REGULA.key: REGULA}, agent="ben", claims=[claimed()])
    assert hidden == answered(call, (), {}, agent="ben")
    assert hidden.resolution.status == "unknown"


def test_what_the_network_says_of_the_number_reaches_the_pop() -> None:
    answer = answered(signalled(attestation="failed"), [row()], {REGULA.key: REGULA})
    assert (answer.caller.attestation, answer.resolution.status) == ("failed", "identified")
    assert answer.signals == (Signal("attestation_failed"),)
    assert answered(signalled(attestation="B")).caller.attestation == "B"
