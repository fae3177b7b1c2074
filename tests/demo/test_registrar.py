"""The demo's registrar: challenge, several contacts, expiry."""

from ctibridge.demo.registrar import LONGEST, NONCES, Registrar
from ctibridge.sip import digest
from ctibridge.sip.digest import Credentials
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import HeaderList, Headers, Request
from tests.sip.dialling import counted

PHONE = datagram("127.0.0.1", 5070)


def register(contact: str, extra: HeaderList = (), line: str = "6001") -> Request:
    lines = (("to", f"<sip:{line}@127.0.0.1>"), ("contact", contact), *extra)
    return Request("REGISTER", "sip:127.0.0.1", Headers(lines))


def proven(registrar: Registrar, contact: str, password: str = "secret", extra: HeaderList = ()) -> Request:
    _, lines = registrar.register(register(contact), PHONE, 0.0)
    challenge = digest.strongest([value for _, value in lines], proxy=False)
    assert challenge is not None
    answer = digest.answer(challenge, Credentials("6001", password), "REGISTER", "sip:127.0.0.1", "cn", 1)
    return register(contact, (("authorization", str(answer)), *extra))


def fresh_registrar() -> Registrar:
    return Registrar("demo", {"6001": "secret"}, counted())


def test_it_lists_all_contacts_with_the_rest_of_their_time() -> None:
    registrar = fresh_registrar()
    registrar.register(proven(registrar, "<sip:6001@127.0.0.1:5070>;expires=60"), PHONE, 0.0)
    status, lines = registrar.register(proven(registrar, "<sip:t@127.0.0.1:5066>;expires=100"), PHONE, 10.0)
    assert status == 200
    assert [value for _, value in lines] == [
        "<sip:6001@127.0.0.1:5070>;expires=50", "<sip:t@127.0.0.1:5066>;expires=100"
    ]  # fmt: skip


def test_a_refresh_is_no_second_contact_and_time_runs_out() -> None:
    registrar = fresh_registrar()
    for now in (0.0, 30.0):
        registrar.register(proven(registrar, "<sip:6001@127.0.0.1:5070;transport=UDP>;expires=60"), PHONE, now)
    assert len(registrar.contacts("6001", 89.0)) == 1
    assert registrar.contacts("6001", 90.0) == []


def test_signing_off_takes_away_one_contact_and_a_star_all() -> None:
    registrar = fresh_registrar()
    for port in (5070, 5066, 5067):
        registrar.register(proven(registrar, f"<sip:6001@127.0.0.1:{port}>"), PHONE, 0.0)
    zero = (("expires", "0"),)
    registrar.register(proven(registrar, "<sip:6001@127.0.0.1:5070>", extra=zero), PHONE, 1.0)
    assert len(registrar.contacts("6001", 1.0)) == 2
    registrar.register(proven(registrar, "*", extra=zero), PHONE, 2.0)
    assert registrar.contacts("6001", 2.0) == []


def test_nobody_gets_in_without_the_password() -> None:
    registrar = fresh_registrar()
    for request in (register("<sip:x@127.0.0.1>"), proven(registrar, "<sip:x@127.0.0.1>", password="wrong")):
        assert registrar.register(request, PHONE, 0.0)[0] == 401
    assert registrar.register(register("<sip:x@127.0.0.1>", line="6009"), PHONE, 0.0)[0] == 404
    assert registrar.contacts("6001", 0.0) == []
    assert registrar.contacts("6009", 0.0) == []


def test_a_nonce_that_was_never_given_proves_nothing() -> None:
    known, other = fresh_registrar(), Registrar("demo", {"6001": "secret"}, counted("other"))
    assert known.register(proven(other, "<sip:x@127.0.0.1>"), PHONE, 0.0)[0] == 401


def test_old_nonces_are_forgotten_and_long_times_are_cut() -> None:
    registrar = fresh_registrar()
    early = proven(registrar, "<sip:x@127.0.0.1>;expires=99999")
    assert registrar.register(early, PHONE, 0.0)[1][0][1].endswith(f"expires={LONGEST}")
    for _ in range(NONCES):
        registrar.register(register("<sip:x@127.0.0.1>"), PHONE, 0.0)
    assert registrar.register(early, PHONE, 0.0)[0] == 401


def test_a_contact_may_name_its_instance() -> None:
    """As pyVoIP and most phones write it: brackets within quotes (RFC 5626 4.1)."""
    registrar = fresh_registrar()
    contact = '<sip:6001@127.0.0.1:5070;transport=UDP>;+sip.instance="<urn:uuid:A1>"'
    assert registrar.register(proven(registrar, contact), PHONE, 0.0)[0] == 200
    assert [binding.uri for binding in registrar.contacts("6001", 1.0)] == ["sip:6001@127.0.0.1:5070;transport=UDP"]
