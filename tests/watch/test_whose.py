from typing import Any

import pytest

from ctibridge.watch import whose
from ctibridge.watch.heard import Data
from tests.watch.examples import ringing


def person(name: str | None = "Regula Frei", *evidence: str, **more: Any) -> dict[str, Any]:
    return {
        "person": {"account": "acme", "id": "p1", "name": name} | more,
        "account": {"id": "acme", "name": "ACME AG"},
        "evidence": [{"kind": kind} for kind in evidence],
    }


def pop(status: str, *people: dict[str, Any], **data: Any) -> Data:
    return ringing(resolution={"status": status, "candidates": list(people)}, **data).data


TWO = person("A", "number"), person("B", "number")


@pytest.mark.parametrize(
    ("data", "label", "phrase"),
    [
        (pop("identified", person("Regula Frei", "number")), "Number belongs to", "number belongs to Regula Frei"),
        (pop("identified", person("A", "support_id")), "Support ID belongs to", "support ID belongs to A"),
        (pop("identified", person("Regula Frei", "chosen")), "Caller", "Regula Frei"),
        (pop("ambiguous", *TWO), "Number belongs to one of 2", "number belongs to one of 2: A or B"),
        (pop("shared"), "Shared number", "shared number, ACME AG"),
        (pop("withheld"), "Caller", "number withheld"),
        (pop("unknown"), "Caller", "+4915112345678, not on record"),
        (pop("unknown", person("A", "number")), "Number is on record only for", "+4915112345678, not on record"),
        (pop("of a later version"), "Caller", "+4915112345678, not on record"),
        (pop("identified"), "Caller", "+4915112345678, not on record"),
    ],
)  # fmt: skip
def test_the_number_belongs_to_somebody_and_nobody_is_anybody(data: Data, label: str, phrase: str) -> None:
    said = whose.belonging(data)
    assert said.label == label
    said_in_a_line = whose.phrase(data)
    assert said_in_a_line == phrase
    assert " is " not in f"{said.label} {said_in_a_line}".replace("is on record", "")


def test_why_it_may_be_he() -> None:
    (candidate,) = whose.belonging(ringing().data).people
    assert whose.because(candidate) == "mobile number, exact · called ACME AG"
    assert whose.role(candidate) == "ACME AG · Controller · Finance · Zürich · 19:00 there"
    assert whose.sure(ringing().data) == "A matching number. Not verified."
    assert whose.signals(ringing().data) == ["This number was changed 2 days ago"]


def test_a_record_that_is_still_read() -> None:
    data = pop("identified", person(None, "number"))
    assert whose.who(data) == "Reading the record…"


def test_what_stands_beside_a_name() -> None:
    one = pop("identified", person("A", "number", vip=True, disabled=True, pronunciation="ah"))
    assert whose.marks(one.resolution.candidates[0].person) == "[ah]  VIP  disabled"


def test_number_and_switchboard_may_contradict_each_other() -> None:
    data = pop(
        "ambiguous", person("A", "number"), person("B", "employee_id"),
        trust={"verified": False, "signals": [{"kind": "claim_contradicts_number"}]},
    )  # fmt: skip
    assert whose.belonging(data).label == "Number and switchboard name different people"


def test_where_the_agent_has_no_role_it_is_said() -> None:
    assert whose.no_role(ringing().data) == ""
    assert (
        whose.no_role(ringing(called={"granted": False}).data)
        == "You have no role at ACME AG: its people are not shown."
    )
    unseen = ringing(called={"granted": False}, resolution={"status": "unknown", "candidates": []}).data
    assert whose.who(unseen) == "+4915112345678"


@pytest.mark.parametrize(
    ("days", "said"), [(0, "today"), (1, "1 day ago"), (9, "9 days ago"), (None, "recently")]
)  # fmt: skip
def test_a_number_that_was_changed(days: int | None, said: str) -> None:
    data = ringing(trust={"verified": False, "signals": [{"kind": "number_changed_recently", "days": days}]}).data
    assert whose.signals(data) == [f"This number was changed {said}"]
