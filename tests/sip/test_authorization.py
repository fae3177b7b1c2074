"""What is answered to a challenge, and what is not."""

from ctibridge.sip.authorization import Authorization
from ctibridge.sip.digest import Credentials, proves, read_answer
from ctibridge.sip.message import Response
from tests.sip.dialling import answers, counted, dialled

ALICE = Credentials("alice", "wonder")


def challenge(nonce: str, more: str = "") -> Response:
    _, invite = dialled()
    line = f'Digest realm="pbx", nonce="{nonce}", algorithm=MD5, qop="auth"{more}'
    return answers(invite, 401, extra=(("www-authenticate", line),))


def test_nothing_is_proved_before_somebody_asks() -> None:
    assert Authorization(ALICE, counted()).lines("INVITE", "sip:x") == ()


def test_one_nonce_serves_several_requests_and_is_counted() -> None:
    mine = Authorization(ALICE, counted())
    assert mine.challenged(challenge("n1"))
    for number, method in enumerate(("INVITE", "BYE"), start=1):
        ((name, value),) = mine.lines(method, "sip:x")
        given = read_answer(value)
        assert name == "authorization"
        assert given.nc == number
        assert proves(given, ALICE, method)


def test_the_same_nonce_again_means_a_wrong_password() -> None:
    mine = Authorization(ALICE, counted())
    assert mine.challenged(challenge("n1"))
    assert not mine.challenged(challenge("n1"))


def test_a_stale_nonce_is_answered_once_more() -> None:
    mine = Authorization(ALICE, counted())
    assert [mine.challenged(challenge("n1", ", stale=true")) for _ in range(3)] == [True, True, False]


def test_what_cannot_be_answered() -> None:
    _, invite = dialled()
    basic = answers(invite, 401, extra=(("www-authenticate", 'Basic realm="pbx"'),))
    assert not Authorization(None, counted()).challenged(challenge("n1"))
    assert not Authorization(ALICE, counted()).challenged(basic)
