"""What is put around pyVoIP, each fault by itself; that it rings and answers stands in test_phones."""

import sys
import warnings
from types import ModuleType
from typing import Any

import pytest

from ctibridge.sip import message, sdp
from ctibridge.sip.message import Headers, Request, Response
from tests.demo.softphones import needs_softphone

pytestmark = needs_softphone

ROUTES = (("record-route", "<sip:192.0.2.20;lr>"), ("record-route", "<sip:192.0.2.21;lr>"))


@pytest.fixture(scope="module")
def module() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyVoIP imports audioop
        from ctibridge.demo import softphone  # noqa: PLC0415 - where pyVoIP is absent there is nothing to import
    return softphone


@pytest.fixture
def phone(module: ModuleType) -> Any:
    return module.Phone("6001", "secret", ("127.0.0.1", 5060))


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
    one, other = (module.Phone("6001", "x", ("127.0.0.1", 5060)).sip for _ in range(2))
    assert one.gen_call_id() == one.gen_call_id() != other.gen_call_id()


def test_audio_ports_are_free_ones(phone: Any) -> None:
    assert 1024 < phone.request_port() < 65536
    phone.release_ports()


def test_it_is_never_imported_by_the_demo_itself() -> None:
    """It would block the loop, and print."""
    if "ctibridge.demo.softphone" not in sys.modules:
        import ctibridge.demo.demo  # noqa: F401, PLC0415

        assert "pyVoIP" not in sys.modules
