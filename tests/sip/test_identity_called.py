"""What was called: every value that the trunk's headers offer, in order."""

import pytest

from ctibridge.sip import identity, limits
from ctibridge.sip.identity import LONGEST_USER, MOST_CALLED
from ctibridge.sip.message import HeaderList, Headers
from tests.sip.test_identity import FIRST, FROM, ORDER, OTHER


@pytest.mark.parametrize(
    ("lines", "users"),
    [
        ([("history-info", f"<sip:{OTHER}@pbx>;index=1, <sip:6001@pbx>;index=1.1"), ("to", "<sip:6001@pbx>")],
         (OTHER, "6001")),
        # the customer's switchboard forwarded to the service number
        ([("history-info", f"<sip:{FIRST}@x>;index=1, <sip:{OTHER}@x;cause=302>;index=1.1, <sip:400@x>;index=1.2")],
         (FIRST, OTHER, "400")),
        ([("history-info", f"<sip:{OTHER}@pbx?Privacy=history>;index=1"), ("to", "<sip:6001@pbx>")], ("6001",)),
        ([("history-info", f"<sip:{OTHER}@pbx>;index=1"), ("privacy", "history")], ()),
    ],
)  # fmt: skip
def test_what_was_called_originally_stands_first_in_the_history(lines: HeaderList, users: tuple[str, ...]) -> None:
    assert identity.called(Headers(tuple(lines)), "sip:token@here", ("History-Info", "To")) == users


@pytest.mark.parametrize(
    ("lines", "users"),
    [
        ([("to", f"<sip:{OTHER}@pbx>")], (OTHER,)),
        ([("to", "<sip:6001@pbx>"), ("x-called-number", OTHER)], (OTHER, "6001")),
        ([("to", "<sip:*676001@pbx>")], ("*676001",)),  # the dialled code says nothing of what was called
        ([("to", "<sip:6001@pbx>"), ("x-called-number", "%2B4930999999")], (OTHER, "6001")),
        ([("to", "<sip:6001@pbx>"), ("x-called-number", f" <{OTHER}> ")], (OTHER, "6001")),
        ([("to", "<sip:6001@pbx>"), ("x-called-number", f"sip:{OTHER}@pbx")], (OTHER, "6001")),
        ([("to", "<sip:6001@pbx>"), ("x-called-number", "no number, really")], ("6001",)),
        ([("to", "<sip:6001@pbx>"), ("x-called-number", "")], ("6001",)),
        ([("to", "<sip:6001@pbx>"), ("diversion", f"<sip:{OTHER}@pbx>;reason=x, <sip:1@pbx>")], (OTHER, "1", "6001")),
        ([("to", "<sip:6001@pbx>"), ("diversion", f"<sip:{OTHER}@pbx>;privacy=full")], ("6001",)),
        ([("to", f"<sip:{OTHER}@pbx>"), ("x-called-number", OTHER)], (OTHER,)),
        ([("to", "nonsense nonsense")], ()),
        ([], ()),
    ],
)
def test_what_was_called(lines: HeaderList, users: tuple[str, ...]) -> None:
    order = ("X-Called-Number", "Diversion", "To")
    assert identity.called(Headers(tuple(lines)), "sip:token@here", order) == users


def test_the_request_uri_may_be_the_called_number() -> None:
    assert identity.called(Headers(()), f"sip:{OTHER}@here", ("request-uri",)) == (OTHER,)


@pytest.mark.parametrize(
    "lines",
    [
        [f"<sip:400@x>;reason=no-answer, <sip:{OTHER}@x>;reason=unconditional"],
        ["<sip:400@x>;reason=no-answer", f"<sip:{OTHER}@x>;reason=unconditional"],
        ["<sip:400@x>", f"<sip:{FIRST}@x>;privacy=full", "nonsense, <", f"<sip:{OTHER}@x>, <sip:400@x>"],
    ],
)
def test_a_service_number_that_was_called_before_a_colleague_diverted_is_offered_behind_him(lines: list[str]) -> None:
    """The colleague's phone stands first in Diversion, so only the first value was no service number."""
    headers = Headers((FROM, ("to", "<sip:6001@x>"), *(("diversion", line) for line in lines)))
    assert identity.called(headers, "sip:token@here", ("X-Called-Number", "Diversion", "To")) == ("400", OTHER, "6001")
    assert identity.caller(headers, ORDER).diverted_by == "400"


@pytest.mark.parametrize("name", ["diversion", "history-info", "x-called-number"])
def test_a_header_of_endless_values_offers_a_handful(name: str) -> None:
    values = ", ".join(f"<sip:{number}@x>" for number in range(limits.VALUES))
    offered = identity.called(Headers(((name, values), ("to", "<sip:6001@x>"))), "sip:token@here", (name, "To"))
    assert offered == (*map(str, range(MOST_CALLED)), "6001")


@pytest.mark.parametrize(
    ("value", "users"),
    [
        ("030 700100", ("030700100",)),
        ("+49 30 700100", ("+4930700100",)),
        ("+49\u00a030\u00a0700100", ("+4930700100",)),
        ("(030) 700-100", ("(030)700-100",)),
        ("+49 (0) 30 / 70.01.00", ("+49(0)30/70.01.00",)),
        ("030 – 700100", ("030–700100",)),
        ("< +49 30 700100 >", ("+4930700100",)),
        ("%2B49%2030%20700100", ("+4930700100",)),
        ("400, +49 30 700100", ("400", "+4930700100")),
        ("IT-Desk", ("IT-Desk",)),
        ("IT Desk 1", ()),
        ("1 IT Desk", ()),
        ("- ( )", ()),
        ("9 " * 1000, ("9" * LONGEST_USER,)),
    ],
)
def test_a_number_as_people_write_it_with_blanks_and_brackets_is_one(value: str, users: tuple[str, ...]) -> None:
    assert identity.called(Headers((("x-called-number", value),)), "sip:token@here", ("X-Called-Number",)) == users
