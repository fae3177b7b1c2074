"""pyVoIP at a real PBX: on the line while it is wanted, and a reason where it cannot play."""

import pytest

from ctibridge.selftest.adapters import other_phone
from ctibridge.selftest.adapters.other_phone import OtherPhone, answering
from ctibridge.sip.settings import LineAccess, TrunkSettings
from ctibridge.softphone import process
from tests.peers.plugin import MakeKamailio
from tests.softphone.softphones import needs_softphone

LINE = LineAccess("6001", "account-1", "one")


async def on(registrar: str, line: LineAccess = LINE, domain: str | None = None) -> OtherPhone:
    async with answering(TrunkSettings(name="pbx", registrar=registrar, domain=domain), line) as phone:
        return phone


@pytest.mark.e2e
@pytest.mark.peer("kamailio")
@needs_softphone
async def test_it_is_on_the_line_for_as_long_as_it_is_wanted(kamailio: MakeKamailio) -> None:
    pbx = await kamailio(users={"6001": "one"}, usernames={"6001": "account-1"})
    trunk = TrunkSettings(name="pbx", registrar=pbx.registrar, domain="pbx.test")
    async with answering(trunk, LINE) as phone:
        assert phone.name == "pyVoIP 1.6.8, on line 6001"
        (contact,) = await pbx.contacts("6001")
        assert contact.expires <= other_phone.EXPIRES
    await pbx.wait_contacts("6001", 0)
    wrong = await on(pbx.registrar, LineAccess("6001", "account-1", "wrong"))
    assert wrong.name is None
    assert "could not sign on at line 6001" in wrong.why


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: False)
    assert await on("sip:127.0.0.9:5099") == OtherPhone(None, "pyVoIP is not installed (extra softphone)")


@pytest.mark.parametrize("registrar", ["sip:127.0.0.9:5099;transport=tcp", "sip:127.0.0.9:5099;transport=tls"])
async def test_a_trunk_that_it_cannot_speak(registrar: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "is_here", lambda: True)
    phone = await on(registrar)
    assert phone.name is None
    assert "UDP" in phone.why


@needs_softphone
async def test_a_pbx_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_phone, "SIGN_ON", 0.3)
    assert (await on("sip:127.0.0.9:5099")).name is None
