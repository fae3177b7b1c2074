from dataclasses import replace

import msgspec
import pytest

from ctibridge.delivery import caught_up, encode, sights
from ctibridge.delivery.caught_up import CaughtUp
from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop
from ctibridge.domain.person import PersonKey
from ctibridge.domain.screen_pop import Answer, ScreenPop
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room

ALL = frozenset({"acme", "globex"})


def pop_event(answer: Answer, kind: str = "call.ringing") -> KeptEvent:
    return KeptEvent("ana", "e1", 1, kind, "01JDX001", ex.AT, ALL, encode.pop_data(answer, ex.call()))  # type: ignore[arg-type]


def short(found: tuple[object, ...]) -> list[tuple[str, ...]]:
    return [(one.account, one.person, one.call, one.how) for one in found]  # type: ignore[attr-defined]


def test_each_candidate_of_a_pop_was_seen_with_its_call() -> None:
    found = sights.of_pop("ana", ScreenPop(ex.call(), ex.AMBIGUOUS), ex.AT)
    assert {one.agent for one in found} == {"ana"}
    assert {one.at for one in found} == {ex.AT}
    assert short(found) == [("acme", "p17", "01JDX001", "pop")] * 2 + [("globex", "p17", "01JDX001", "pop")]


@pytest.mark.parametrize("answer", [ex.UNKNOWN, ex.SHARED, ex.WITHHELD])
def test_where_a_pop_names_nobody_nobody_was_seen(answer: Answer) -> None:
    assert sights.of_pop("ana", ScreenPop(ex.call(), answer), ex.AT) == ()
    assert sights.of_webhook("crm", pop_event(answer), ex.AT) == ()


def test_who_is_handed_over_was_seen_by_that() -> None:
    (one,) = sights.of_pop("ana", ScreenPop(ex.call(), ex.HANDED_OVER), ex.AT)
    assert one.how == "hand_over"
    told = CaughtUp((pop_event(ex.HANDED_OVER),), (), ())
    assert [one.how for one in sights.of_caught_up("ana", told, ex.AT)] == ["hand_over"]


def test_who_comes_back_sees_what_he_is_sent_then() -> None:
    known = KeptCall("ana", ex.call(), ex.AT, 1, newest=encode.call_data(ex.call()))
    pop = KeptPop(ALL, encode.pop_data(ex.IDENTIFIED, ex.call(2)))
    other = replace(known, call=ex.call(2))
    ended = KeptEvent("ana", "e1", 2, "call.ended", "01JDX001", ex.AT, frozenset(), encode.call_data(ex.call()))
    told = CaughtUp(
        (pop_event(ex.AMBIGUOUS), ended),
        (caught_up.call_now(known, None, ALL),),
        (caught_up.detail(other, pop.data, ALL),),
    )
    found = {(one.account, one.call) for one in sights.of_caught_up("ana", told, ex.AT)}
    assert found == {("acme", "01JDX001"), ("globex", "01JDX001"), ("acme", "01JDX002")}


def test_a_webhook_is_named_by_its_name_and_whose_desk_it_heard() -> None:
    (one,) = sights.of_webhook("crm", pop_event(ex.IDENTIFIED, "call.updated"), ex.AT)
    assert (one.agent, one.how, one.person) == ("ana", "webhook:crm", "p17")
    assert sights.of_webhook("crm", pop_event(ex.IDENTIFIED, "call.ended"), ex.AT) == ()


def test_a_pop_that_is_none_is_no_sight_of_nobody() -> None:
    broken = replace(pop_event(ex.IDENTIFIED), data=b'{"candidates":[{')
    with pytest.raises(msgspec.DecodeError):
        sights.of_webhook("crm", broken, ex.AT)


def test_a_list_names_the_call_and_who_was_in_it() -> None:
    assert short(sights.of_list("ana", [("c1", PersonKey("acme", "p1"))], ex.AT)) == [("acme", "p1", "c1", "list")]


# -- at the desks ------------------------------------------------------------------------------------------------------


def test_a_pop_is_seen_where_somebody_sits_and_nowhere_else() -> None:
    """Who is not there has not seen it; when he comes back, he sees it then."""
    room = Room()
    room.desks.ringing("ana", ex.pop(), room.now.at)
    room.said()
    assert room.outbox.sights == {}
    room.clock += 60
    room.sign_in("ana")
    (one,) = room.outbox.sights.values()
    assert (one.agent, one.person, one.how, one.at) == ("ana", "p17", "pop", room.now.at)
    room.desks.ringing("ana", ex.pop(ex.AMBIGUOUS, ex.call(2)), room.now.at)
    room.said()
    assert {one.call for one in room.outbox.sights.values()} == {"01JDX001", "01JDX002"}


def test_an_answer_to_a_search_is_seen_by_the_connection_that_is_there() -> None:
    room = Room()
    number, _ = room.sign_in("ana")
    room.desks.people(number, "01JDX001", ex.NUMBER, [ex.candidate()], room.now.at)
    room.said()
    assert short(tuple(room.outbox.sights.values())) == [("acme", "p17", "01JDX001", "search")]
    room.desks.gone(number)
    room.desks.people(number, "01JDX009", ex.NUMBER, [ex.candidate()], room.now.at)
    room.said()
    assert len(room.outbox.sights) == 1
