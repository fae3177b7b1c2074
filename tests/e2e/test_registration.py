"""Registration against a real registrar: every way in which it challenges, and never at the cost of a phone."""

import asyncio

import pytest

from ctibridge.fields import Duration
from ctibridge.sip.events import Hearing
from tests.e2e.ear import PHONE, MakeEar, beside_a_phone
from tests.peers.loss import Quality
from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeWire

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio")]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", ["auth", "none"])
@pytest.mark.parametrize("challenge", [401, 407])
async def test_registers_whatever_the_challenge(
    kamailio: MakeKamailio, ear: MakeEar, algorithm: str, qop: str, challenge: int
) -> None:
    pbx = await kamailio(users={"6001": "secret"}, algorithm=algorithm, qop=qop, challenge=challenge)
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"})
    await ours.are(Hearing.REGISTERED, "6001")
    assert len(await pbx.contacts("6001")) == 2


async def test_un_registers_through_the_challenge_and_only_itself(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"})
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"})
    await ours.are(Hearing.REGISTERED, "6001")
    await ours.stop()
    assert [contact.uri for contact in await pbx.contacts("6001")] == [PHONE]


async def test_a_stale_nonce_is_no_wrong_password(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"}, nonce_expire=1, max_expires=4)
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"}, expires=Duration(10))
    await ours.are(Hearing.REGISTERED, "6001")
    await asyncio.sleep(5)  # two refreshes, each with the nonce of the one before
    assert ours.state("6001") is Hearing.REGISTERED
    assert len(await pbx.contacts("6001")) == 2


async def test_a_wrong_password_is_asked_a_handful_of_times_not_thousands(
    kamailio: MakeKamailio, lossy_wire: MakeWire, ear: MakeEar
) -> None:
    pbx = await kamailio(users={"6001": "secret"})
    wire = await lossy_wire(pbx)
    ours = await ear(f"sip:{wire.host}", {"6001": "wrong"}, domain=pbx.host)
    await ours.are(Hearing.DEAF, "6001")
    asked = len(wire.up.different)
    await asyncio.sleep(2)
    assert len(wire.up.different) == asked <= 3


async def test_too_brief_is_asked_again_for_longer(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"}, min_expires=300)
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"})
    await ours.are(Hearing.REGISTERED, "6001")
    assert max(contact.expires for contact in await pbx.contacts("6001") if contact.uri != PHONE) > 200


async def test_the_granted_time_counts_not_the_one_that_was_asked(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"}, max_expires=4)
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"}, expires=Duration(3600))
    await ours.are(Hearing.REGISTERED, "6001")
    await asyncio.sleep(6)
    assert len(await pbx.contacts("6001")) == 2, "refreshed ahead of the four seconds that were granted"


async def test_the_pbx_comes_back_empty_and_the_lines_with_it(
    kamailio: MakeKamailio, lossy_wire: MakeWire, ear: MakeEar
) -> None:
    """The wire to us stays cut until the phones are back: who comes back first finds himself alone and leaves."""
    pbx = await kamailio(users={"6001": "secret", "6002": "secret"}, max_expires=4)
    wire = await lossy_wire(pbx)
    await beside_a_phone(pbx, "6001", "6002")
    ours = await ear(f"sip:{wire.host}", {"6001": "secret", "6002": "secret"}, domain=pbx.host)
    await ours.are(Hearing.REGISTERED, "6001", "6002")
    wire.quality = Quality(loss=1.0)
    pbx.kill()
    await ours.are(Hearing.DEAF, "6001", "6002", timeout=15)
    await pbx.restart()
    await beside_a_phone(pbx, "6001", "6002")
    wire.quality = Quality()
    await ours.are(Hearing.REGISTERED, "6001", "6002", timeout=60)


async def test_a_pbx_with_one_contact_gets_its_phone_back(kamailio: MakeKamailio, ear: MakeEar) -> None:
    """Our REGISTER throws the phone off: we leave at once, touch no other line, its refresh does the rest."""
    lines = {"6001": "secret", "6002": "secret", "6003": "secret"}
    pbx = await kamailio(users=lines, remove_existing=True)
    await beside_a_phone(pbx, *lines)
    ours = await ear(pbx.registrar, lines)
    await ours.are(Hearing.ALONE, *lines)
    await pbx.wait_contacts("6001", 0)
    for untouched in ("6002", "6003"):
        assert [contact.uri for contact in await pbx.contacts(untouched)] == [PHONE]
    await beside_a_phone(pbx, "6001")
    await asyncio.sleep(2)
    assert [contact.uri for contact in await pbx.contacts("6001")] == [PHONE]


@pytest.mark.peer("baresip")
async def test_a_phone_that_signs_off_in_the_evening_takes_us_with_it(
    kamailio: MakeKamailio, baresip: MakeBaresip, ear: MakeEar
) -> None:
    pbx = await kamailio(users={"6001": "secret", "6002": "secret"}, max_expires=4)
    phone = await baresip(pbx, "6001")
    await beside_a_phone(pbx, "6002")
    ours = await ear(pbx.registrar, {"6001": "secret", "6002": "secret"})
    await ours.are(Hearing.REGISTERED, "6001", "6002")
    await phone.sign_off()
    await ours.are(Hearing.ALONE, "6001")
    await pbx.wait_contacts("6001", 0)
    assert ours.state("6002") is Hearing.REGISTERED


async def test_stay_is_for_test_lines(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"})
    ours = await ear(pbx.registrar, {"6001": "secret"}, alone="stay")
    await ours.are(Hearing.REGISTERED, "6001")
    assert len(await pbx.contacts("6001")) == 1


async def test_ipv6(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"}, ipv6=True)
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar_v6, {"6001": "secret"}, host="::1", domain=pbx.host)
    await ours.are(Hearing.REGISTERED, "6001")
    assert any("[::1]" in contact.uri for contact in await pbx.contacts("6001"))


async def test_a_thousand_lines_register_within_a_minute(kamailio: MakeKamailio, ear: MakeEar) -> None:
    lines = {str(6000 + index): "secret" for index in range(1000)}
    pbx = await kamailio(users=lines)
    await beside_a_phone(pbx, *lines)
    ours = await ear(pbx.registrar, lines)
    await ours.are(Hearing.REGISTERED, *lines, timeout=60)


async def test_our_options_are_answered(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users={"6001": "secret"})
    await beside_a_phone(pbx, "6001")
    ours = await ear(pbx.registrar, {"6001": "secret"})
    await ours.are(Hearing.REGISTERED, "6001")
    contact = next(contact for contact in await pbx.contacts("6001") if contact.uri != PHONE)
    assert await pbx.options(contact.uri) == 200
