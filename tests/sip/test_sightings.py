"""What a line's dialogs mean, from documents that real PBXs sent and from odd ones."""

from typing import Any

import pytest

from ctibridge.sip import dialog_info
from ctibridge.sip.events import Answered, PickedUp, RingEnd, RingEnded, RingStarted, View, Withheld
from ctibridge.sip.message import Request
from ctibridge.sip.sightings import GRACE, Forks, Said, Sightings
from tests.sip.documents import captured, element, xml
from tests.sip.scripts import NUMBER, counted


def seen() -> Sightings:
    return Sightings("pbx", "6001", counted(), Forks())


def feed(sightings: Sightings, *documents: bytes, grace: bool = False, now: float = 0.0) -> list[Said]:
    said: list[Said] = []
    for number, body in enumerate(documents):
        said += sightings.feed(dialog_info.parse(body), now + number, anew=False, grace=grace)
    return said


def words(said: list[Said]) -> list[Any]:
    """Each as its kind; an end as how."""
    return [word.how if isinstance(word, RingEnded) else type(word) for word in said]


def replay(scenario: str, line: str = "6001") -> list[Said]:
    sightings = Sightings("pbx", line, counted(), Forks())
    bodies = [
        message.body for message in captured(scenario)
        if isinstance(message, Request) and message.method == "NOTIFY" and message.body
        and f"<sip:{line}@" in message.headers.need("from")
    ]  # fmt: skip
    return feed(sightings, *bodies)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("kamailio/dialog-info-abandoned", [RingStarted, RingEnd.CANCELLED]),
        ("kamailio/dialog-info-answered-caller", [RingStarted, Answered, RingEnd.HUNG_UP]),
        ("kamailio/dialog-info-answered-callee", [RingStarted, Answered, RingEnd.HUNG_UP]),
        ("kamailio/dialog-info-ring-group-line-dialogs", [RingStarted, Answered, RingEnd.HUNG_UP]),
        ("kamailio/dialog-info-two-calls",
         [RingStarted, Answered, RingStarted, RingEnd.CANCELLED, RingEnd.HUNG_UP]),
    ],
)  # fmt: skip
def test_recorded_calls(scenario: str, expected: list[Any]) -> None:
    assert words(replay(scenario)) == expected


def test_a_proxy_that_tells_both_lines_confirmed_makes_nobody_the_one_who_answered() -> None:
    forks = Forks()
    group = {line: Sightings("pbx", line, counted(line), forks) for line in ("6001", "6002")}
    heard: dict[str, list[Any]] = {line: [] for line in group}
    for message in captured("kamailio/dialog-info-ring-group"):
        if isinstance(message, Request) and message.method == "NOTIFY" and message.body:
            line = "6001" if "<sip:6001@" in message.headers.need("from") else "6002"
            heard[line] += words(feed(group[line], message.body))
    assert heard == {line: [RingStarted, RingEnd.COMPLETED_ELSEWHERE] for line in group}
    assert len(forks) == 0


def test_two_calls_that_have_one_id_at_two_lines_are_two_calls() -> None:
    """An id is unique at its line only; some PBXs count from 1 at each."""
    forks, fresh = Forks(), counted()
    lines = [Sightings("pbx", line, fresh, forks) for line in ("6001", "6002")]

    def told(number: int, state: str, version: int) -> list[Any]:
        document = xml(element("1", state, f'call-id="call-{number}" direction="recipient"'), version=version)
        return lines[number].feed(dialog_info.parse(document), 0.0, anew=not version, grace=False)

    for number in (0, 1):
        told(number, "early", 0)
    assert [type(word) for number in (0, 1) for word in told(number, "confirmed", 1)] == [Answered, Answered]


def test_the_line_that_did_not_answer_ends_and_the_other_talks() -> None:
    assert words(replay("kamailio/dialog-info-ring-group-line-dialogs", "6002")) == [RingStarted, RingEnd.CANCELLED]


def test_a_ringing_names_caller_and_called_number_and_its_call_as_an_invite_would() -> None:
    started = replay("kamailio/dialog-info-answered-caller")[0]
    assert isinstance(started, RingStarted)
    assert (started.identity.user, started.identity.source) == (NUMBER, "dialog-info")
    assert (started.called, started.view) == (("+4930123456",), View.DIALOG_INFO)
    assert started.dialog == ("1-28480@127.0.0.30", "28480SIPp1")


def test_an_anonymous_caller_is_withheld_here_too() -> None:
    (started, *_) = feed(seen(), xml(element("a", "early", caller="sip:anonymous@anonymous.invalid")))
    assert isinstance(started, RingStarted)
    assert (started.identity.withheld, started.identity.user) == (Withheld.RESTRICTED, None)


def test_a_ringing_without_a_caller_is_a_call_all_the_same() -> None:
    (started,) = feed(seen(), xml(element("a", "early", caller=None)))
    assert isinstance(started, RingStarted)
    assert started.identity.withheld is Withheld.UNAVAILABLE


@pytest.mark.parametrize(
    ("event", "how"),
    [
        ("cancelled", RingEnd.CANCELLED), ("rejected", RingEnd.DECLINED), ("timeout", RingEnd.EXPIRED),
        ("error", RingEnd.FAILED), ("replaced", RingEnd.COMPLETED_ELSEWHERE), ("remote-bye", RingEnd.CANCELLED),
        ("nonsense", RingEnd.CANCELLED),
    ],
)  # fmt: skip
def test_why_a_ringing_ended(event: str, how: RingEnd) -> None:
    gone = f'<dialog id="a" direction="recipient"><state event="{event}">terminated</state></dialog>'
    assert words(feed(seen(), xml(element("a", "early")), xml(gone, version=1))) == [RingStarted, how]


def test_all_that_is_said_of_one_dialog_has_one_leg_and_the_next_has_another() -> None:
    said = feed(
        seen(), xml(element("a", "early")), xml(element("a", "confirmed"), version=1), xml(version=2),
        xml(element("a", "early"), version=3),
    )  # fmt: skip
    assert [word.leg for word in said] == ["t1", "t1", "t1", "t2"]


def test_a_call_that_did_not_ring_here_was_picked_up_and_names_what_it_replaces() -> None:
    taken = (
        '<dialog id="b" call-id="new" direction="initiator"><state>confirmed</state>'
        '<replaces call-id="first" local-tag="l" remote-tag="r"/><referred-by>sip:6002@pbx</referred-by></dialog>'
    )
    said = feed(seen(), xml(taken), xml(version=1))
    assert words(said) == [PickedUp, RingEnd.HUNG_UP]
    assert isinstance(said[0], PickedUp)
    assert said[0].hand_over.replaces == ("first", "l", "r")
    assert said[0].hand_over.referred_by == "6002"


def test_a_line_out_of_sight_ends_what_it_had_and_nobody_knows_how() -> None:
    sightings = seen()
    feed(sightings, xml(element("a", "early"), element("b", "confirmed")))
    assert sorted(map(str, words(sightings.lose(5.0)))) == ["unseen", "unseen"]
    assert sightings.lose(6.0) == []


# -- beside a contact --------------------------------------------------------------------------------------------------


def test_beside_our_contact_a_ringing_waits_for_the_invite_that_knows_more() -> None:
    sightings = seen()
    assert feed(sightings, xml(element("a", "early")), grace=True) == []
    assert sightings.deadline == GRACE
    assert sightings.wake(GRACE - 0.01) == []
    assert words(sightings.wake(GRACE)) == [RingStarted]
    assert sightings.deadline is None


@pytest.mark.parametrize(
    ("then", "expected"),
    [("confirmed", [RingStarted, Answered]), ("terminated", [RingStarted, RingEnd.CANCELLED])],
)
def test_what_comes_within_the_grace_brings_the_ringing_along(then: str, expected: list[Any]) -> None:
    sightings = seen()
    said = feed(sightings, xml(element("a", "early")), xml(element("a", then), version=1), grace=True)
    assert words(said) == expected
    assert (sightings.wake(99.0), sightings.deadline) == ([], None)


def test_what_is_learned_within_the_grace_is_told_at_its_end() -> None:
    sightings = seen()
    feed(sightings, xml(element("a", "early", caller=None)), xml(element("a", "early"), version=1), grace=True)
    (started,) = sightings.wake(GRACE)
    assert isinstance(started, RingStarted)
    assert started.identity.user == NUMBER


def test_what_is_learned_later_is_told_under_the_same_leg() -> None:
    first, second = feed(seen(), xml(element("a", "early", caller=None)), xml(element("a", "early"), version=1))
    assert isinstance(first, RingStarted)
    assert isinstance(second, RingStarted)
    assert (first.leg, second.identity.user) == (second.leg, NUMBER)


def test_a_call_that_the_line_itself_makes_never_rings_at_it_whatever_is_learned_of_it() -> None:
    calls_out = 'direction="initiator"'
    said = feed(
        seen(), xml(element("a", "confirmed", calls_out, caller=None)),
        xml(element("a", "confirmed", calls_out), version=1), xml(version=2),
    )  # fmt: skip
    assert words(said) == [PickedUp, RingEnd.HUNG_UP]


def test_a_phone_that_answers_by_itself_rang_and_was_answered() -> None:
    assert words(feed(seen(), xml(), xml(element("a", "confirmed"), version=1))) == [RingStarted, Answered]


def test_who_talked_while_the_line_was_out_of_sight_does_not_ring_when_it_is_seen_again() -> None:
    sightings = seen()
    feed(sightings, xml(element("a", "early")), xml(element("a", "confirmed"), version=1))
    sightings.lose(5.0)
    assert words(feed(sightings, xml(element("a", "confirmed"), version=2))) == [PickedUp]


def test_who_talked_before_we_looked_does_not_ring_now() -> None:
    document = dialog_info.parse(xml(element("a", "confirmed")))
    assert words(seen().feed(document, 0.0, anew=True, grace=False)) == [PickedUp]


def test_a_missing_document_is_wanted() -> None:
    sightings = seen()
    feed(sightings, xml(element("a", "early")), xml(element("a", "confirmed"), version=5, state="partial"))
    assert sightings.wants_full_state
