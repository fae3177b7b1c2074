"""What is put around pyVoIP, each fault by itself; that it rings and answers stands in test_phones."""

import hashlib
import subprocess
import sys
import warnings
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ctibridge.sip import message, sdp
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.softphone.orders import ANY, Handset, Order, PickedUp, Roster
from tests.softphone.softphones import needs_softphone

pytestmark = needs_softphone

ROUTES = (("record-route", "<sip:192.0.2.20;lr>"), ("record-route", "<sip:192.0.2.21;lr>"))


@pytest.fixture(scope="module")
def module() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyVoIP imports audioop
        from ctibridge.softphone import phone  # noqa: PLC0415 - where pyVoIP is absent there is nothing to import
    return phone


@pytest.fixture
def phone(module: ModuleType) -> Any:
    return phone_of(module)


def phone_of(module: ModuleType, say: Callable[[PickedUp], None] = lambda _: None) -> Any:
    roster = Roster("127.0.0.1", 5060, (), "pbx.test", 60)
    return module.Phone(Handset("6001", "secret", "account-1"), roster, say)


@pytest.fixture
def invite(module: ModuleType) -> Any:
    lines = (
        ("via", "SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKproxy"), ("via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKcaller"),
        *ROUTES, ("from", '"Zoë" <sip:a@x>;tag=caller'), ("to", "<sip:b@x>"), ("call-id", "c1"), ("cseq", "1 INVITE"),
        ("contact", "<sip:a@192.0.2.1>"), ("content-type", "application/sdp"),
    )  # fmt: skip
    data = bytes(Request("INVITE", "sip:6001@127.0.0.1", Headers(lines), sdp.offer("192.0.2.1", 4000, 1)))
    return module.SIPMessage(data)


def parsed(text: str) -> Request | Response:
    return message.parse(text.encode())


def test_the_answers_keep_the_recorded_proxies(phone: Any, invite: Any) -> None:
    for text in (phone.sip.gen_ringing(invite), phone.sip.gen_answer(invite, "1", {}, "sendrecv")):
        assert parsed(text).headers.each_line("record-route") == [value for _, value in ROUTES]
        assert len(parsed(text).headers.each_line("via")) == 2


def test_the_bye_has_its_own_via_and_goes_along_the_proxies(phone: Any, invite: Any) -> None:
    phone.sip.gen_ringing(invite)
    bye = parsed(phone.sip.gen_bye(invite))
    (via,) = bye.headers.each_line("via")
    assert f"127.0.0.1:{phone.sip.myPort}" in via
    assert bye.headers.each_line("route") == [value for _, value in ROUTES]
    assert bye.headers.need("to").endswith(";tag=caller")


def test_a_cancelled_invite_is_refused_with_the_tag_it_rang_with(phone: Any, invite: Any) -> None:
    ringing = parsed(phone.sip.gen_ringing(invite))
    refusal = parsed(phone.sip.gen_terminated(invite))
    assert isinstance(refusal, Response)
    assert refusal.status == 487
    assert refusal.headers.need("to") == ringing.headers.need("to")
    assert refusal.headers.need("cseq") == "1 INVITE"


def test_two_phones_have_two_call_ids_and_each_keeps_its_own(module: ModuleType) -> None:
    one, other = (phone_of(module).sip for _ in range(2))
    assert one.gen_call_id() == one.gen_call_id() != other.gen_call_id()


def test_audio_ports_are_free_ones(phone: Any) -> None:
    assert 1024 < phone.request_port() < 65536
    phone.release_ports()


def test_it_registers_in_the_domain_by_the_digest_name(module: ModuleType, phone: Any) -> None:
    first = parsed(phone.sip.gen_first_response())
    assert isinstance(first, Request)
    assert first.uri == "sip:pbx.test"
    assert first.headers.need("to").endswith("<sip:6001@pbx.test>")
    assert first.headers.need("expires") == "60"
    challenge = (
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:6001@pbx.test>;tag=a\r\n"
        "To: <sip:6001@pbx.test>;tag=b\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
        'WWW-Authenticate: Digest realm="pbx", nonce="n"\r\nContent-Length: 0\r\n\r\n'
    )
    second = parsed(phone.sip.gen_register(module.SIPMessage(challenge.encode()), deregister=True))
    assert isinstance(second, Request)
    assert second.uri == "sip:pbx.test"
    assert second.headers.need("expires") == "0"
    # RFC 2617 3.2.2.1 without qop.
    ha1, ha2 = (md5(text) for text in ("account-1:pbx:secret", "REGISTER:sip:127.0.0.1;transport=UDP"))
    said = second.headers.need("authorization")
    assert 'username="account-1"' in said
    assert f'response="{md5(f"{ha1}:n:{ha2}")}"' in said
    assert phone.sip.username == "6001"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_an_order_without_a_call_is_for_any_call(phone: Any, module: ModuleType) -> None:
    answered: list[str] = []
    call = SimpleNamespace(call_id="its", state=module.CallState.RINGING, answer=lambda: answered.append("its"))
    phone._rang(call)
    assert answered == []
    phone.expect(Order(ANY, "6001", 0.0))
    phone._rang(call)
    assert answered == ["its"]


def test_it_is_never_imported_by_who_runs_it() -> None:
    """It would block the loop, and print."""
    code = "import sys, ctibridge.demo.demo, ctibridge.softphone.process; sys.exit('pyVoIP' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
