"""The registrar of the tests, proved by a phone that nobody here wrote and by the probe."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.peers.plugin import MakeBaresip, MakeKamailio
from tests.peers.ports import Loopback, is_free
from tests.peers.probe import Message, Probe
from tests.peers.process import PeerError, until

USERS = {"6001": "secret-1", "6002": "secret-2"}


@pytest.mark.peer("kamailio", "baresip")
async def test_a_phone_registers_with_digest(kamailio: MakeKamailio, baresip: MakeBaresip) -> None:
    pbx = await kamailio(users=USERS)
    phone = await baresip(pbx, "6001")
    (contact,) = await pbx.contacts("6001")
    assert f"{phone.address}:{phone.port}" in contact.uri
    with pytest.raises(PeerError, match="could not register 6002: 401"):
        await baresip(pbx, "6002", "wrong")
    assert await pbx.contacts("6002") == []


@pytest.mark.peer("kamailio")
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", ["auth", "none"])
@pytest.mark.parametrize("challenge", [401, 407])
async def test_digest_in_every_form(
    kamailio: MakeKamailio,
    loopback: Loopback,
    algorithm: Literal["MD5", "SHA-256"],
    qop: Literal["auth", "none"],
    challenge: Literal[401, 407],
) -> None:
    pbx = await kamailio(
        users=USERS, usernames={"6001": "line-6001"}, algorithm=algorithm, qop=qop, challenge=challenge
    )
    async with Probe(loopback) as probe:
        answers = await probe.register(pbx.host, "6001", USERS["6001"], username="line-6001")
        assert [answer.status for answer in answers] == [200, challenge]
        asked = answers[1].get("WWW-Authenticate") or answers[1].get("Proxy-Authenticate")
        assert ("SHA-256" in asked, "qop=" in asked) == (algorithm == "SHA-256", qop == "auth")
        probe.authorization.clear()
        refused = await probe.register(pbx.host, "6001", "wrong", username="line-6001")
        assert [answer.status for answer in refused] == [challenge, challenge]


@pytest.mark.peer("kamailio", "baresip")
@pytest.mark.parametrize("qop", ["auth", "none"])
@pytest.mark.parametrize("challenge", [401, 407])
async def test_two_algorithms_at_once(
    kamailio: MakeKamailio,
    baresip: MakeBaresip,
    loopback: Loopback,
    qop: Literal["auth", "none"],
    challenge: Literal[401, 407],
) -> None:
    pbx = await kamailio(users=USERS, algorithm="both", qop=qop, challenge=challenge)
    async with Probe(loopback) as probe:
        for strongest, name in enumerate(("MD5", "SHA-256")):
            answers = await probe.register(pbx.host, "6001", USERS["6001"], pick=strongest)
            assert [answer.status for answer in answers] == [200, challenge]
            assert len(answers[1].all("WWW-Authenticate" if challenge == 401 else "Proxy-Authenticate")) == 2
            assert await pbx.algorithm_of("6001") == name
            probe.authorization.clear()
            refused = await probe.register(pbx.host, "6001", "wrong", pick=strongest)
            assert [answer.status for answer in refused] == [challenge, challenge]
            probe.authorization.clear()
    with pytest.raises(PeerError, match="could not register 6002"):
        await baresip(pbx, "6002")  # knows MD5 alone, and stumbles over the other


@pytest.mark.peer("kamailio")
async def test_a_registrar_that_refuses_for_a_while(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS)
    async with Probe(loopback) as probe:
        await pbx.refuse(503, retry_after=7)
        (busy,) = await probe.register(pbx.host, "6001", USERS["6001"])
        assert (busy.status, busy.get("Retry-After")) == (503, "7")
        await pbx.refuse(403)
        (no,) = await probe.register(pbx.host, "6001", USERS["6001"])
        assert (no.status, no.get("Retry-After")) == (403, "")
        await pbx.refuse(None)
        assert (await probe.register(pbx.host, "6001", USERS["6001"]))[0].status == 200


@pytest.mark.peer("kamailio")
async def test_half_of_what_was_asked_is_granted(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, max_expires=60)
    async with Probe(loopback) as probe:
        answers = await probe.register(pbx.host, "6001", USERS["6001"], expires=120)
        assert answers[0].get("Contact").endswith("expires=60")


@pytest.mark.peer("kamailio")
async def test_an_old_nonce_is_called_stale(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, nonce_expire=1)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        answers: list[Message] = []

        async def refused() -> bool:
            answers.append(await probe.send_register(pbx.host, "6001", 120))
            return answers[-1].status == 401

        await until(refused, "the nonce is too old", poll=0.1)
        assert "stale=true" in answers[-1].get("WWW-Authenticate")
        await probe.on_line(pbx, "6001")


@pytest.mark.peer("kamailio")
async def test_too_brief_and_too_long(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, min_expires=60, max_expires=90)
    async with Probe(loopback) as probe:
        brief = await probe.register(pbx.host, "6001", USERS["6001"], expires=30)
        assert (brief[0].status, brief[0].get("Min-Expires")) == (423, "60")
        granted = await probe.register(pbx.host, "6001", USERS["6001"], expires=120)
        assert granted[0].status == 200
        assert granted[0].get("Contact").endswith("expires=90")
        gone = await probe.register(pbx.host, "6001", USERS["6001"], expires=0)
        assert (gone[0].status, gone[0].get("Contact")) == (200, "")
        assert await pbx.contacts("6001") == []


@pytest.mark.peer("kamailio", "baresip")
async def test_one_contact_for_a_line_throws_the_older_off(
    kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback
) -> None:
    strict = await kamailio(users=USERS, max_contacts=1, remove_existing=True)
    await baresip(strict, "6001")
    async with Probe(loopback) as probe:
        answer, *_ = await probe.register(strict.host, "6001", USERS["6001"])
        assert answer.status == 200
        assert [value.partition(";")[0] for value in answer.all("Contact")] == [f"<{probe.contact('6001')}>"]
        (left,) = await strict.contacts("6001")
        assert left.uri == probe.contact("6001")
        # Leaving removes one's own contact and no other.
        await baresip(strict, "6001")
        await probe.register(strict.host, "6001", USERS["6001"], expires=0)
        assert len(await strict.contacts("6001")) == 1


@pytest.mark.peer("kamailio")
async def test_too_many_contacts_are_refused(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, max_contacts=1)
    await pbx.add_contact("6001", "sip:6001@127.0.0.1:9")
    async with Probe(loopback) as probe:
        answer, *_ = await probe.register(pbx.host, "6001", USERS["6001"])
        assert answer.status == 503
        (left,) = await pbx.contacts("6001")
        assert left.uri == "sip:6001@127.0.0.1:9"


@pytest.mark.peer("kamailio", "baresip")
async def test_a_phone_signs_off_in_the_evening(kamailio: MakeKamailio, baresip: MakeBaresip) -> None:
    pbx = await kamailio(users=USERS)
    ana, ben = await baresip(pbx, "6001"), await baresip(pbx, "6001")
    await pbx.wait_contacts("6001", 2)
    await ana.sign_off()
    (left,) = await pbx.contacts("6001")
    assert str(ben.port) in left.uri
    ben.kill()  # pulls the plug: the PBX knows nothing of it
    assert len(await pbx.contacts("6001")) == 1


@pytest.mark.peer("kamailio", "baresip")
async def test_a_restarted_pbx_knows_nobody(kamailio: MakeKamailio, baresip: MakeBaresip) -> None:
    pbx = await kamailio(users=USERS)
    await baresip(pbx, "6001")
    await pbx.restart()
    assert await pbx.contacts("6001") == []
    pbx.kill()
    assert is_free(pbx.address, pbx.port), "a child of the killed PBX holds its port"
    await pbx.start()
    await baresip(pbx, "6001")
    assert len(await pbx.contacts("6001")) == 1


@pytest.mark.peer("kamailio")
async def test_a_contact_runs_out(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS)
    async with Probe(loopback) as probe:
        await probe.register(pbx.host, "6001", USERS["6001"], expires=1)
        await pbx.wait_contacts("6001", 0)


@pytest.mark.peer("kamailio")
async def test_the_pbx_changes_its_mind(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, open_users=["6009"])
    async with Probe(loopback) as probe:
        await pbx.set_password("6001", "new")
        assert (await probe.register(pbx.host, "6001", USERS["6001"]))[0].status == 401
        assert (await probe.register(pbx.host, "6001", "new"))[0].status == 200
        # A password that is right, for somebody else's line.
        assert (await probe.register(pbx.host, "6002", "new", username="6001"))[0].status == 403
        probe.authorization.clear()
        assert [answer.status for answer in await probe.register(pbx.host, "6009", "")] == [200]
        assert await pbx.options(probe.contact("6001")) == 200
        await pbx.remove_contacts("6001")
        assert await pbx.contacts("6001") == []
