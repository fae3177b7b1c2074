"""Which of the PBX's remarks name a person, and who gets to see whom they name."""

import pytest

from ctibridge.domain.caller import Remark
from ctibridge.domain.private import Private
from ctibridge.lookup.claims import EMAIL, KINDS, LONGEST, REQUEST, UNNAMED, Claim, Claimants, ClaimRow, claims
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import AT, SNAPSHOT

CLAIM = Claim("employee_id", Private("A-17"))


def remark(means: str, value: str) -> Remark:
    return Remark(means, Private(value), "X-Header")


@pytest.mark.parametrize(
    ("remarks", "named"),
    [
        ([("employee_id", "A-17")], ["employee_id"]),
        ([("email", "a@b"), ("support_id", "1"), ("employee_id", "2")], ["email", "support_id", "employee_id"]),
        ([("request", "4711")], ["request"]),
        ([("request", "4711"), ("request", "4712")], []),
        ([("queue", "Sales"), ("alert", "internal")], []),
        ([("employee_id", "A-17"), ("employee_id", "A-17")], ["employee_id"]),
        ([("employee_id", "A-17"), ("employee_id", "A-18"), ("email", "a@b")], ["email"]),  # two numbers name nobody
        ([("employee_id", "x" * (LONGEST + 1))], []),
        ([], []),
    ],
)
def test_what_names_a_person(remarks: list[tuple[str, str]], named: list[str]) -> None:
    found = claims(remark(means, value) for means, value in remarks)
    assert [claim.kind for claim in found] == named
    assert set(named) <= {*KINDS, REQUEST}


def test_only_what_may_be_seen_comes_out() -> None:
    rows = (ClaimRow("acme", "p17", False, CLAIM), ClaimRow("fleuron", "e1", False, CLAIM))
    claimants = Claimants(rows)
    assert claimants.seen_by(visible_to("ben", SNAPSHOT, AT)) == rows[1:]
    assert set(claimants.seen_by(visible_to("ana", SNAPSHOT, AT))) == set(rows)
    assert UNNAMED.seen_by(visible_to("ana", SNAPSHOT, AT)) == ()
    assert repr(claimants) == "Claimants(•••)"
    assert not hasattr(claimants, "__dict__")


def test_an_e_mail_address_is_a_claim_that_a_record_has() -> None:
    assert EMAIL in KINDS


def test_what_was_typed_is_not_printed() -> None:
    assert "A-17" not in repr(ClaimRow("acme", "p17", False, CLAIM))
