"""What is answered to a challenge, and what is not."""

from ctibridge.sip.authorization import MOST_ANSWERS, MOST_PROXIES, Authorization
from ctibridge.sip.digest import Credentials, proves, read_answer
from ctibridge.sip.message import Headers, Response
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


def test_a_challenge_to_the_only_copy_of_a_fresh_answer_is_the_last_word() -> None:
    certain, doubtful = Authorization(ALICE, counted()), Authorization(ALICE, counted())
    assert [certain.challenged(challenge(nonce), certain=True) for nonce in ("n1", "n2")] == [True, False]
    assert (certain.why, certain.password_refused) == ('refuses the password (realm "pbx")', True)
    assert [doubtful.challenged(challenge(nonce)) for nonce in ("n1", "n2", "n3")] == [True, True, False]


def test_an_answer_that_nobody_asked_for_may_have_an_old_nonce() -> None:
    mine = Authorization(ALICE, counted())
    mine.challenged(challenge("n1"), certain=True)
    mine.begin()
    mine.lines("INVITE", "sip:x")
    assert mine.challenged(challenge("n2"), certain=True)
    assert not mine.challenged(challenge("n3"), certain=True)


def test_an_answer_that_nobody_asked_for_with_the_nonce_of_today_was_the_wrong_password() -> None:
    mine = Authorization(ALICE, counted())
    mine.challenged(challenge("n1"))
    mine.begin()
    mine.lines("INVITE", "sip:x")
    assert not mine.challenged(challenge("n1"))


def test_the_same_nonce_said_to_be_stale_goes_on_counting() -> None:
    mine = Authorization(ALICE, counted())
    counts = []
    for _ in range(2):
        mine.challenged(challenge("n1", ", stale=true"))
        counts.append(read_answer(mine.lines("INVITE", "sip:x")[0][1]).nc)
    assert counts == [1, 2]


def test_one_cnonce_serves_one_nonce_and_the_next_nonce_gets_another() -> None:
    mine = Authorization(ALICE, counted())
    cnonces = []
    for nonce in ("n1", "n2"):
        mine.challenged(challenge(nonce))
        cnonces += [read_answer(mine.lines("INVITE", "sip:x")[0][1]).cnonce for _ in range(2)]
    assert cnonces == ["t1", "t1", "t2", "t2"]


def test_the_next_nonce_is_used_unasked_and_the_old_one_again_keeps_its_count() -> None:
    mine = Authorization(ALICE, counted())
    mine.challenged(challenge("n1"))
    given = []
    for nonce in ("n2", "n2", ""):
        given.append(read_answer(mine.lines("INVITE", "sip:x")[0][1]))
        mine.accepted(Headers((("authentication-info", f'nextnonce="{nonce}"'),)))
    assert [(each.nonce, each.nc) for each in given] == [("n1", 1), ("n2", 1), ("n2", 2)]


def test_a_next_nonce_from_nowhere_proves_nothing() -> None:
    mine = Authorization(ALICE, counted())
    mine.accepted(Headers((("authentication-info", 'nextnonce="n2"'), ("proxy-authentication-info", "nextnonce=x"))))
    assert mine.lines("INVITE", "sip:x") == ()


def test_proxies_are_remembered_by_their_realms_and_only_a_few() -> None:
    mine = Authorization(ALICE, counted())
    _, invite = dialled()
    for number in range(2 * MOST_PROXIES):
        mine.begin()
        line = f'Digest realm="p{number}", nonce="n{number}"'
        assert mine.challenged(answers(invite, 407, extra=(("proxy-authenticate", line),)))
    said = mine.lines("INVITE", "sip:x")
    assert [name for name, _ in said] == ["proxy-authorization"] * MOST_PROXIES
    assert [read_answer(value).realm for _, value in said] == ["p3", "p4", "p5"]


def test_a_proxy_with_ever_new_names_gets_a_bounded_number_of_answers() -> None:
    mine = Authorization(ALICE, counted())
    _, invite = dialled()
    lines = [("proxy-authenticate", f'Digest realm="p{number}", nonce="n{number}"') for number in range(20)]
    answered = [mine.challenged(answers(invite, 407, extra=(line,))) for line in lines]
    assert answered.count(True) == MOST_ANSWERS


def test_what_is_forgotten_is_not_proved_again() -> None:
    mine = Authorization(ALICE, counted())
    mine.challenged(challenge("n1"))
    mine.forget()
    assert mine.lines("INVITE", "sip:x") == ()


def test_what_cannot_be_answered() -> None:
    _, invite = dialled()
    basic = answers(invite, 401, extra=(("www-authenticate", 'Basic realm="pbx"'),))
    assert not Authorization(None, counted()).challenged(challenge("n1"))
    assert not Authorization(ALICE, counted()).challenged(basic)
