"""A list of calls shows what its reader may see now, and gives no number to dial that is not on record."""

from dataclasses import replace
from typing import Any

import pytest

from ctibridge.delivery import encode, encode_control, withdrawn
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.today import listed, named
from ctibridge.delivery.wire_control import TodayCallBody, WorkBody
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Evidence, Grade, Resolution, Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.test_desk import told

ACME = frozenset({"acme"})
EVERYBODY = frozenset({"acme", "globex"})
NOBODY: frozenset[str] = frozenset()


def kept(answer: Answer = ex.IDENTIFIED, **changes: Any) -> KeptCall:
    call = told(Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", 0, 1, 0)).ringing(ex.pop(answer), ex.AT)).call
    assert call is not None
    return replace(call, **changes)


def matched(kind: str, grade: Grade | None) -> Answer:
    """A caller who was found in this way."""
    who = replace(ex.candidate(), evidence=(Evidence(kind, None, ex.NUMBER, grade), Evidence("called_account")))
    return replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (who,)))


def test_a_call_as_its_pop_said() -> None:
    body = listed(kept(notes=(ex.NOTE,)), ACME, None)
    assert body == TodayCallBody(
        encode.call_body(ex.call()),
        "ACME IT Service Desk",
        body.account,
        "identified",
        "Regula Frei",
        "+4915112345678",
        "+4915112345678",
        "de-CH",
        "Deutsch (Schweiz)",
        1,
        None,
    )
    assert body.account is not None
    assert (body.account.id, body.account.name) == ("acme", "ACME AG")


@pytest.mark.parametrize(
    ("answer", "status", "number"),
    [
        (ex.AMBIGUOUS, "ambiguous", "+4915112345678"),
        (ex.SHARED, "shared", "+4915112345678"),
        (ex.UNKNOWN, "unknown", "+4915112345678"),
        (ex.WITHHELD, "withheld", None),
        (replace(ex.UNKNOWN, caller=ex.COLLEAGUE), "unknown", "6002"),
        (replace(ex.UNKNOWN, caller=replace(ex.CALLER, number=None)), "unknown", "015112345678"),
    ],
)
def test_who_it_was_is_said_only_where_it_was_clear(answer: Answer, status: str, number: str | None) -> None:
    body = listed(kept(answer), EVERYBODY, None)
    assert (body.status, body.who, body.number) == (status, None, number)


@pytest.mark.parametrize(
    ("answer", "on_record"),
    [
        (matched("number", Grade.EXACT), True),
        (matched("number", Grade.REWRITTEN), True),
        (matched("number", Grade.SUFFIX), False),
        (matched("employee_id", Grade.EXACT), False),
        (matched("chosen", None), False),
        (ex.SHARED, True),
        (ex.UNKNOWN, False),
        (ex.WITHHELD, False),
    ],
)
def test_only_a_number_on_record_is_called_back(answer: Answer, on_record: bool) -> None:
    """A number that somebody shows us may be a trap, and one that ends alike may be another one's."""
    assert listed(kept(answer), ACME, None).call_back == ("+4915112345678" if on_record else None)


def test_a_short_number_is_no_number_to_call_back() -> None:
    answer = replace(matched("number", Grade.EXTENSION), caller=replace(ex.COLLEAGUE, extension=Number("6002")))
    assert listed(kept(answer), ACME, None).call_back is None


def test_of_a_customer_who_is_not_ours_any_more_the_number_and_the_called_company_stay() -> None:
    body = listed(kept(notes=(ex.NOTE, replace(ex.NOTE, by="ana"))), NOBODY, None)
    assert (body.status, body.who, body.call_back, body.language, body.endonym) == ("unknown", None, None, None, None)
    assert (body.company, body.number) == ("ACME IT Service Desk", "+4915112345678")
    assert body.notes == 1, "his own"
    assert listed(kept(ex.WITHHELD), NOBODY, None).status == "withheld"


def test_of_two_customers_one_is_enough_to_hide_the_caller() -> None:
    assert listed(kept(ex.AMBIGUOUS), ACME, None).status == "unknown"


@pytest.mark.parametrize("answer", ex.ANSWERS.values(), ids=list(ex.ANSWERS))
def test_what_was_emptied_when_its_people_left_is_still_a_call(answer: Answer) -> None:
    """Of the resolution its revision is left, and the list that had such a call in it was refused as a whole."""
    gone = withdrawn.call(kept(answer), frozenset({"acme", "globex"}), frozenset({"01JDX001"}))
    body = listed(gone, EVERYBODY, None)
    assert (body.status, body.who, body.call_back, body.company) == ("unknown", None, None, None)
    assert body.number == (None if answer is ex.WITHHELD else "+4915112345678")
    assert encode_control.today("x", [body])


def test_a_call_without_its_pop_is_listed() -> None:
    body = listed(kept(pop=None), ACME, None)
    assert (body.call.id, body.status, body.number) == ("01JDX001", "unknown", None)


def test_what_became_of_it_is_what_is_known_best() -> None:
    older, newer = Work("ana", WorkState.TAKEN, ex.AT), Work(None, WorkState.SETTLED, ex.AT, "01JDX002")
    at = "2026-11-21T18:00:00.123456Z"
    assert listed(kept(work=older), ACME, None).work == WorkBody("taken", "ana", at)
    assert listed(kept(work=older), ACME, newer).work == WorkBody("settled", None, at, "01JDX002")


@pytest.mark.parametrize(
    ("answer", "visible", "who"),
    [
        (ex.IDENTIFIED, {"acme"}, PersonKey("acme", "p17")),
        (ex.IDENTIFIED, {"globex"}, None),
        (ex.AMBIGUOUS, {"acme", "globex"}, None),
        (ex.UNKNOWN, {"acme"}, None),
    ],
)
def test_whom_a_list_names_is_whom_it_was_told_of(answer: Answer, visible: set[str], who: PersonKey | None) -> None:
    assert named(kept(answer), frozenset(visible)) == who
    assert (listed(kept(answer), frozenset(visible), None).who is None) == (who is None)
