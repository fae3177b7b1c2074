"""Lines come, go and change their password at a real registrar while a call rings."""

import pytest

from ctibridge.sip.events import Hearing, LineGone, RingEnd, RingEnded, RingStarted
from ctibridge.sip.settings import LineAccess, TrunkAccess
from tests.e2e.ear import PHONE, Ear, MakeEar, beside_a_phone
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeKamailio, MakeSipp
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "sipp")]

USERS = dict.fromkeys(("6001", "6002", "6003", "6004"), "secret")
LINES = dict.fromkeys(("6001", "6002", "6003"), "secret")


async def ours_at(pbx: Kamailio, line: str) -> list[str]:
    """Our contacts of the line, by their tokens."""
    return [contact.uri for contact in await pbx.contacts(line) if contact.uri != PHONE]


def change(ours: Ear, **passwords: str) -> None:
    ours.service.change(TrunkAccess(tuple(LineAccess(line, line, word) for line, word in passwords.items())))


async def test_one_goes_one_comes_one_has_another_password_and_the_call_goes_on(
    kamailio: MakeKamailio, ear: MakeEar, sipp: MakeSipp
) -> None:
    pbx = await kamailio(users=USERS, numbers={"7000": ["6001", "6003"]})
    await beside_a_phone(pbx, *USERS)
    ours = await ear(pbx.registrar, LINES)
    await ours.are(Hearing.REGISTERED, *LINES)
    before = {line: await ours_at(pbx, line) for line in LINES}
    call = sipp(pbx).start(Invite("7000"))
    await call.ringing()
    await ours.until(lambda: sum(isinstance(fact, RingStarted) for fact in ours.facts) == 2)

    await pbx.set_password("6002", "new")
    await pbx.remove_contacts("6002")  # what is there afterwards came with the new password
    await beside_a_phone(pbx, "6002")
    change(ours, **{"6002": "new", "6003": "secret", "6004": "secret"})
    await ours.are(Hearing.REGISTERED, "6004")
    await pbx.wait_contacts("6001", 1)
    await pbx.wait_contacts("6002", 2)
    assert await ours_at(pbx, "6001") == []
    for line in ("6002", "6003"):
        assert await ours_at(pbx, line) == before[line]
    assert len(await ours_at(pbx, "6004")) == 1
    assert not [fact for fact in ours.facts if isinstance(fact, RingEnded)], "it rings on"
    assert [fact.line for fact in ours.facts if isinstance(fact, LineGone)] == ["6001"]
    for line in ("6002", "6003"):
        assert [fact.hearing for fact in ours.changes(line)] == [Hearing.REGISTERING, Hearing.REGISTERED]

    call.end()
    await ours.until(lambda: sum(isinstance(fact, RingEnded) for fact in ours.facts) == 2)
    assert {fact.how for fact in ours.facts if isinstance(fact, RingEnded)} == {RingEnd.CANCELLED}
    await ours.stop()
    for line in USERS:
        assert [contact.uri for contact in await pbx.contacts(line)] == [PHONE]
