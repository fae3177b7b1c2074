"""Which contact one line asks for: behind a NAT, over flows (RFC 5626), and what the 200 says besides."""

import pytest

from ctibridge.sip import name_addr
from ctibridge.sip.message import Request
from ctibridge.sip.registration import MOST_CONTACTS, MOVE_PAUSE, Due, Failed, Lapsed, Left, Registered, Send
from tests.sip.registering import (
    CONTACT,
    ELSEWHERE,
    INSTANCE,
    MARK,
    PHONE,
    answer,
    challenge,
    new,
    ok,
    sent,
)  # fmt: skip

THIRD = "sip:token@203.0.113.7:40001"
FLOW = ("require", "outbound")


def contacts(asked: Request) -> list[str]:
    return asked.headers.each_line("contact")


def listed(contact: str) -> tuple[str, str]:
    return "contact", f"<{contact}>;expires=120"


# -- a contact that moves ----------------------------------------------------------------------------------------------


def test_before_anything_is_registered_the_next_register_simply_says_so() -> None:
    line = new()
    assert line.move(ELSEWHERE, 0.0) == []
    assert contacts(sent(line.start(1.0))) == [f"<{ELSEWHERE}>;expires=120"]
    assert line.account.contact == ELSEWHERE


def test_a_contact_that_is_no_other_one_asks_for_nothing() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    assert line.move(CONTACT, 1.0) == []


def test_a_registered_contact_is_replaced_at_once_and_the_old_one_taken_away_in_the_same_request() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    asked = sent(line.move(ELSEWHERE, 1.0))
    assert contacts(asked) == [f"<{ELSEWHERE}>;expires=120", f"<{CONTACT}>;expires=0"]
    assert line.receive(answer(200, listed(ELSEWHERE)), 1.1) == [Registered(120, 0)]
    assert contacts(sent(line.start(90.0))) == [f"<{ELSEWHERE}>;expires=120"]


def test_the_old_contact_is_taken_away_through_the_challenge() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.move(ELSEWHERE, 1.0)
    assert contacts(sent(line.receive(challenge("n1"), 1.1)))[1:] == [f"<{CONTACT}>;expires=0"]


def test_an_old_contact_that_is_still_listed_is_no_neighbour() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.move(ELSEWHERE, 1.0)
    assert line.receive(answer(200, ("contact", f"<{CONTACT}>;expires=60"), listed(ELSEWHERE)), 1.1) == [
        Registered(120, 0)
    ]


def test_what_the_first_challenge_shows_of_a_nat_is_said_with_its_answer() -> None:
    """No request more than without a NAT, no other contact beside it, and the flow keeps its number."""
    line = new(instance=INSTANCE)
    line.start(0.0)
    assert line.move(ELSEWHERE, 0.1) == []
    asked = sent(line.receive(challenge("n1"), 0.1))
    assert contacts(asked) == [f"<{ELSEWHERE}>;expires=120;{MARK};reg-id=1"]
    assert line.receive(answer(200, listed(ELSEWHERE)), 0.2) == [Registered(120, 0)]
    assert line.deadline == 0.2 + 90


def test_a_move_while_a_refresh_is_on_its_way_sends_no_second_one_beside_it() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.start(90.0)
    assert line.move(ELSEWHERE, 90.05) == []
    asked = sent(line.receive(challenge("n1"), 90.1))
    assert contacts(asked) == [f"<{ELSEWHERE}>;expires=120", f"<{CONTACT}>;expires=0"]


def test_what_only_the_200_shows_of_a_nat_is_said_at_once() -> None:
    line = new()
    line.start(0.0)
    line.move(ELSEWHERE, 0.1)
    assert line.receive(ok(), 0.1) == [Registered(120, 0)]
    assert line.wake(0.1) == [Due()]
    assert contacts(sent(line.start(0.1))) == [f"<{ELSEWHERE}>;expires=120", f"<{CONTACT}>;expires=0"]


def test_a_contact_that_may_have_been_accepted_in_silence_is_taken_away() -> None:
    line = new()
    line.start(0.0)
    line.silent(32.0)
    line.move(ELSEWHERE, 33.0)
    assert contacts(sent(line.start(34.0)))[1:] == [f"<{CONTACT}>;expires=0"]


def test_a_contact_that_was_refused_with_its_request_needs_no_taking_away() -> None:
    line = new()
    line.start(0.0)
    line.receive(answer(503), 0.1)
    assert line.move(ELSEWHERE, 0.2) == []
    assert contacts(sent(line.start(2.1))) == [f"<{ELSEWHERE}>;expires=120"]


def test_leaving_after_a_move_that_was_not_answered_takes_both_away() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.move(ELSEWHERE, 1.0)
    assert contacts(sent(line.leave(1.1))) == [f"<{ELSEWHERE}>;expires=0", f"<{CONTACT}>;expires=0"]
    assert line.receive(answer(200), 1.2) == [Left()]


def test_a_nat_that_shows_a_new_port_each_time_does_not_make_us_register_for_ever() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    sends, now = 0, 1.0
    for port in range(600):
        now = 1.0 + port / 10
        said = line.move(f"sip:token@203.0.113.7:{40000 + port}", now)
        said = [*said, *line.wake(now)]
        if Due() in said:
            said = line.start(now)
        for word in said:
            if isinstance(word, Send):
                sends += 1
                assert len(contacts(word.request)) <= MOST_CONTACTS
                line.receive(answer(200, listed(line.account.contact)), now)
    assert 2 <= sends <= 2 * 60 / MOVE_PAUSE


def test_a_move_that_came_too_soon_after_another_is_told_a_little_later() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.move(ELSEWHERE, 1.0)
    line.receive(answer(200, listed(ELSEWHERE)), 1.1)
    assert line.move(THIRD, 1.2) == []
    assert line.deadline == 1.0 + MOVE_PAUSE
    assert line.wake(1.0 + MOVE_PAUSE) == [Due()]
    assert contacts(sent(line.start(16.0))) == [f"<{THIRD}>;expires=120", f"<{ELSEWHERE}>;expires=0"]


def test_a_move_while_a_second_one_is_asked_for_is_told_after_the_answer() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.move(ELSEWHERE, 1.0)
    assert line.move(THIRD, 1.05) == []
    assert line.receive(answer(200, listed(ELSEWHERE)), 1.1) == [Registered(120, 0)]
    assert line.deadline == 1.0 + MOVE_PAUSE


# -- flows (RFC 5626) --------------------------------------------------------------------------------------------------


def test_the_instance_is_quoted_with_its_brackets_and_numbered() -> None:
    asked = sent(new(instance=INSTANCE).start(0.0))
    assert contacts(asked) == [f"<{CONTACT}>;expires=120;{MARK};reg-id=1"]
    assert name_addr.parse(contacts(asked)[0]).params["+sip.instance"] == f"<{INSTANCE}>"
    assert asked.headers.need("supported") == "path, outbound"


def test_without_an_instance_there_is_no_word_of_outbound() -> None:
    asked = sent(new().start(0.0))
    assert contacts(asked) == [f"<{CONTACT}>;expires=120"]
    assert asked.headers.need("supported") == "path"


def test_439_takes_the_line_back_to_plain_contacts_and_is_remembered() -> None:
    line = new(instance=INSTANCE)
    line.start(0.0)
    again = sent(line.receive(answer(439), 0.1))
    assert contacts(again) == [f"<{CONTACT}>;expires=120;{MARK}"]
    assert again.headers.need("supported") == "path"
    line.receive(ok(), 0.2)
    assert contacts(sent(line.start(90.0))) == [f"<{CONTACT}>;expires=120;{MARK}"]


def test_439_to_a_request_that_offered_nothing_is_a_fault_like_others() -> None:
    line = new(instance=INSTANCE)
    line.start(0.0)
    line.receive(answer(439), 0.1)
    assert line.receive(answer(439), 0.2) == [Failed("registrar says 439")]


def test_a_registrar_that_does_outbound_is_not_told_to_take_the_old_flow_away() -> None:
    line = new(instance=INSTANCE)
    line.start(0.0)
    line.receive(ok(120, FLOW), 0.1)
    assert contacts(sent(line.move(ELSEWHERE, 1.0))) == [f"<{ELSEWHERE}>;expires=120;{MARK};reg-id=1"]


def test_a_registrar_that_does_not_gets_no_reg_id_beside_two_contacts() -> None:
    line = new(instance=INSTANCE)
    line.start(0.0)
    line.receive(ok(), 0.1)
    assert contacts(sent(line.move(ELSEWHERE, 1.0))) == [
        f"<{ELSEWHERE}>;expires=120;{MARK}", f"<{CONTACT}>;expires=0"
    ]  # fmt: skip
    line.receive(answer(200, listed(ELSEWHERE)), 1.1)
    assert contacts(sent(line.start(90.0))) == [f"<{ELSEWHERE}>;expires=120;{MARK}"]
    assert contacts(sent(line.leave(91.0))) == [f"<{ELSEWHERE}>;expires=0;{MARK}"], "as it was registered"


def test_what_we_left_behind_in_an_earlier_life_is_known_by_our_instance_at_any_address() -> None:
    line = new(instance=INSTANCE)
    line.start(0.0)
    earlier = ("contact", f"<sip:earlier@198.51.100.1:9>;{MARK.lower()};expires=50")
    assert line.receive(ok(120, earlier, PHONE), 0.1) == [Registered(120, 1)]


# -- what the 200 says besides -----------------------------------------------------------------------------------------


def test_the_route_is_that_of_the_newest_200() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(120, ("service-route", "<sip:a;lr>, <sip:b;lr>")), 0.0)
    assert line.service_route == ("<sip:a;lr>", "<sip:b;lr>")
    line.start(90.0)
    line.receive(ok(), 90.0)
    assert not line.service_route


@pytest.mark.parametrize("leaves", [True, False])
def test_who_is_registered_no_longer_has_no_route(leaves: bool) -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(120, ("service-route", "<sip:a;lr>")), 0.0)
    if leaves:
        line.leave(1.0)
        assert line.receive(answer(200), 1.1) == [Left()]
    else:
        assert line.wake(120.0)[0] == Lapsed()
    assert not line.service_route
