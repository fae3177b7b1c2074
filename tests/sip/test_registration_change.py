"""A line's registration whose password changes."""

from ctibridge.sip import digest
from ctibridge.sip.digest import Credentials
from ctibridge.sip.registration import Left, Registered
from tests.sip.registering import answer, authorization, challenge, new, ok, sent, why


def test_another_password_is_shown_next_and_what_the_old_one_brought_on_is_forgotten() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.0)
    assert why(line.receive(challenge("n2"), 0.1)).startswith("registrar refuses the password")
    assert line.start(1.0) == []
    line.change(Credentials("6001", "mended"))
    plain = sent(line.start(1.0))
    assert plain.headers.first("authorization") is None, "the nonces were the old one's"
    proof = authorization(sent(line.receive(challenge("n3"), 1.1)))
    assert digest.proves(proof, Credentials("6001", "mended"), "REGISTER")
    assert not digest.proves(proof, Credentials("6001", "secret"), "REGISTER")
    assert line.receive(ok(), 1.2) == [Registered(120, 0)]


def test_a_registration_holds_while_its_password_changes_and_goes_on_under_its_call_id() -> None:
    line = new()
    first = sent(line.start(0.0))
    line.receive(ok(), 0.1)
    assert sent(line.start(90.0)).headers.need("cseq") == "2 REGISTER"
    assert (line.asks, line.leaves) == (True, False)
    line.change(Credentials("6001", "mended"))
    assert (line.asks, line.holds) == (False, True)
    assert line.receive(ok(), 90.1) == [], "the request was taken back"
    again = sent(line.start(90.2))
    assert [again.headers.need(name) for name in ("call-id", "cseq")] == [first.headers.need("call-id"), "3 REGISTER"]
    assert again.headers.need("contact") == first.headers.need("contact")


def test_a_registration_that_leaves_goes_on_leaving_with_another_password() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.1)
    line.leave(1.0)
    line.change(Credentials("6001", "mended"))
    assert line.leaves
    again = sent(line.receive(challenge("n1"), 1.1))
    assert again.headers.need("expires") == "0"
    assert digest.proves(authorization(again), Credentials("6001", "mended"), "REGISTER")
    assert line.receive(answer(200), 1.2) == [Left()]
