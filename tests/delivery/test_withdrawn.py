"""What stays when an account's people leave."""

import msgspec
import pytest

from ctibridge.delivery import encode, wire, withdrawn
from ctibridge.delivery.caught_up import event_now
from ctibridge.domain.context import Suggestions
from ctibridge.domain.work import Work, WorkState
from tests.delivery.examples import AT, IDENTIFIED, call
from tests.delivery.kept_examples import ACME, event, kept, note, pop, pop_data

NONE: frozenset[str] = frozenset()


def test_of_a_pop_stays_what_it_can_be_asked_for_again_with() -> None:
    left = msgspec.json.decode(withdrawn.data(pop_data()))
    before = msgspec.json.decode(pop_data())
    said = ("number", "raw", "extension", "presentation", "source", "attestation")
    assert left == {
        "call": before["call"],
        "caller": {key: before["caller"][key] for key in said}
        | {"display_name": None, "diverted_by": None, "remarks": []},
        "called": {"number": before["called"]["number"]},
        "resolution": {"revision": before["resolution"]["revision"]},
    }


def test_nobody_who_left_is_named_by_the_line_he_called_from() -> None:
    """The name that his telephone sent, who diverted it, and what he typed stayed behind a purge."""
    before = msgspec.json.decode(pop_data())
    before["caller"] |= {
        "display_name": "Regula Frei",
        "diverted_by": "+41441234567",
        "remarks": [{"means": "customer_number", "value": "4711", "source": "ivr"}],
    }
    left = withdrawn.data(msgspec.json.encode(before))
    assert [one for one in (b"Regula", b"+4144", b"4711") if one in left] == []
    caller = msgspec.convert(msgspec.json.decode(left)["caller"], wire.CallerBody)
    assert caller.number == before["caller"]["number"], "its shape is as before"


def test_it_is_the_same_the_second_time() -> None:
    once = withdrawn.data(pop_data())
    assert withdrawn.data(once) == once


def test_of_work_stays_who_did_it_and_not_the_note() -> None:
    data = encode.work_data(call(), Work("ben", WorkState.SETTLED, AT, "01JDX002"))
    assert msgspec.json.decode(withdrawn.data(data)) == msgspec.json.decode(data)
    noted = msgspec.json.decode(withdrawn.data(encode.noted_data(call(), note("Regula Frei"))))
    assert (noted["by"], noted["note"]) == ("ana", None)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("call.ringing", pop_data()),
        ("call.worked", encode.noted_data(call(), note("Regula Frei"))),
        ("suggestions", encode.suggestions_data(call(), Suggestions(call().id))),
        ("notice", b'{"kind":"site","text":"Three of Zurich"}'),
    ],
)
def test_what_is_left_can_still_be_sent_again(kind: str, data: bytes) -> None:
    """A desk that comes back hears no event less, whatever left the store meanwhile."""
    left = withdrawn.event(event(1, kind=kind, data=data, accounts=ACME), ACME)
    assert left.accounts is None
    assert event_now(left, NONE, {"01JDX001": IDENTIFIED}) is not None


def test_what_speaks_of_others_is_left_alone() -> None:
    for accounts in (NONE, frozenset({"globex"})):
        one = event(1, accounts=accounts)
        assert withdrawn.event(one, ACME) is one
        other = kept(accounts=accounts)
        assert withdrawn.call(other, ACME, NONE) is other


def test_of_a_call_the_notes_the_pop_and_the_newest_note_go() -> None:
    data = encode.noted_data(call(), note("Regula Frei"))
    for before in (
        kept(accounts=ACME, notes=(note("Regula Frei"),), newest=data, pop=pop()),
        kept(accounts=NONE, notes=(note("Regula Frei"),), newest=data, pop=pop()),
    ):
        left = withdrawn.call(before, ACME, NONE)
        assert (left.accounts, left.notes) == (None, ())
        assert left.pop is not None
        assert left.pop.accounts is None
        assert b"Regula" not in left.pop.data + (left.newest or b"")
