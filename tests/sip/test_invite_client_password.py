"""One call of ours at a peer that wants to know who calls (RFC 3261 22). No sleeping."""

import pytest

from ctibridge.sip.digest import Credentials, proves, read_answer
from ctibridge.sip.outgoing import CallEnd, Ended
from ctibridge.sip.transaction import top_via
from tests.sip.dialling import CHALLENGE, answers, dialled, facts, methods, requests

ALICE = Credentials("alice", "wonder")


@pytest.mark.parametrize(("status", "asks", "says"), [(401, "www-authenticate", "authorization"),
                                                      (407, "proxy-authenticate", "proxy-authorization")])  # fmt: skip
def test_a_challenge_is_answered_in_a_new_transaction(status: int, asks: str, says: str) -> None:
    client, invite = dialled(ALICE)
    ack, second = requests(client.receive(answers(invite, status, extra=((asks, CHALLENGE[1]),)), 0.1))
    assert (ack.method, second.method) == ("ACK", "INVITE")
    assert second.headers.need("cseq") == "2 INVITE"
    assert second.headers.need("from") == invite.headers.need("from")
    assert second.headers.need("call-id") == invite.headers.need("call-id")
    assert top_via(second.headers).branch != top_via(invite.headers).branch
    assert proves(read_answer(second.headers.need(says)), ALICE, "INVITE")
    said = client.receive(answers(second, 200), 0.2)
    assert [request.headers.first(says) for request in requests(said)] == [second.headers.need(says)]
    (bye,) = requests(client.hang_up(1.0))
    assert proves(read_answer(bye.headers.need(says)), ALICE, "BYE")


def test_a_wrong_password_is_tried_once() -> None:
    client, invite = dialled(ALICE)
    _, second = requests(client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.1))
    said = client.receive(answers(second, 401, extra=(CHALLENGE,)), 0.2)
    assert (methods(said), facts(said)) == (["ACK"], [Ended(CallEnd.REFUSED, 401)])


@pytest.mark.parametrize(("resent", "answered"), [(False, 1), (True, 2)])
def test_a_peer_that_challenges_for_ever_is_given_up(resent: bool, answered: int) -> None:
    """A challenge to the only copy of a fresh answer is the last word about the password; fail2ban counts."""
    client, invite = dialled(ALICE)
    asked, ended = invite, []
    for nonce in range(10):
        if resent and client.deadline is not None:
            client.wake(client.deadline)
        line = CHALLENGE[1].replace("n1", f"n{nonce}")
        said = client.receive(answers(asked, 401, extra=(("www-authenticate", line),)), 0.1)
        asked = requests(said)[-1]
        ended += facts(said)
        if ended:
            break
    assert ended == [Ended(CallEnd.REFUSED, 401)]
    assert asked.headers.need("cseq") == f"{answered + 1} ACK"


def test_without_a_password_a_challenge_is_a_refusal() -> None:
    client, invite = dialled()
    assert facts(client.receive(answers(invite, 407), 0.1)) == [Ended(CallEnd.REFUSED, 407)]


def test_a_bye_that_is_challenged_is_proved_and_sent_again() -> None:
    """A nonce that was good for the INVITE may be too old when the talk ends."""
    client, invite = dialled(ALICE)
    _, second = requests(client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.1))
    client.receive(answers(second, 200), 0.2)
    (bye,) = requests(client.hang_up(300.0))
    newer = ("www-authenticate", CHALLENGE[1].replace("n1", "n2"))
    (again,) = requests(client.receive(answers(bye, 401, extra=(newer,)), 300.1))
    assert (bye.headers.need("cseq"), again.headers.need("cseq")) == ("3 BYE", "4 BYE")
    assert read_answer(again.headers.need("authorization")).nonce == "n2"
    assert client.receive(answers(again, 401, extra=(newer,)), 300.2) == [], "once is enough"
    while client.deadline is not None:
        client.wake(client.deadline)
    assert client.over


def test_a_repeated_challenge_only_gets_its_ack() -> None:
    client, invite = dialled(ALICE)
    client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.1)
    assert methods(client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.6)) == ["ACK"]


def test_who_takes_the_call_back_proves_nothing_any_more() -> None:
    client, invite = dialled(ALICE)
    client.cancel(0.05)
    said = client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.1)
    assert (methods(said), facts(said)) == (["ACK"], [Ended(CallEnd.CANCELLED, 401)])
