"""The calling side of our core against peers that nobody here wrote: Kamailio forks, baresip and pyVoIP answer."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from ctibridge.sip import message, sdp
from ctibridge.sip.adapters.udp import UdpDriver, bind, fresh
from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.invite_client import InviteClient, is_for
from ctibridge.sip.message import Response
from ctibridge.sip.outgoing import ELSEWHERE, Answered, CallEnd, Ended, Outgoing, Progress, Say
from ctibridge.sip.via import Address
from ctibridge.softphone.orders import Handset, Order, Roster
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeBaresip, MakeKamailio
from tests.peers.ports import Loopback
from tests.softphone.softphones import needs_softphone

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip")]

USERS = {"6001": "one", "6002": "two", "tester": "secret"}
NUMBERS = {"7000": ("6001", "6002")}


class Caller:
    """One call on a socket of its own. facts: what it said so far."""

    def __init__(self, client: InviteClient) -> None:
        self.client = client
        self.facts: list[Say] = []
        self.sent: list[bytes] = []
        self._said: list[Say] = []
        self._news = asyncio.Event()
        self._driver: UdpDriver[object] | None = None

    @property
    def deadline(self) -> float | None:
        return self.client.deadline

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        parsed = message.parse(data)
        if isinstance(parsed, Response):
            self._said += self.client.receive(parsed, now)
        elif is_for(self.client, parsed):
            self._said += self.client.request(parsed, source)

    def wake(self, now: float) -> None:
        self._said += self.client.wake(now)

    def drain(self) -> list[Say]:
        said, self._said = self._said, []
        self.sent += [word.data for word in said if isinstance(word, Datagram)]
        return said

    def hear(self, fact: object) -> None:
        assert isinstance(fact, Progress | Answered | Ended)
        self.facts.append(fact)
        self._news.set()

    def do(self, act: Callable[[float], list[Say]]) -> None:
        self._said += act(time.monotonic())
        assert self._driver is not None
        self._driver.pump()

    async def until(self, kind: type) -> Say:
        """The first fact of that kind."""
        async with asyncio.timeout(10):
            while True:
                for fact in self.facts:
                    if isinstance(fact, kind):
                        return fact
                self._news.clear()
                await self._news.wait()

    def methods(self) -> list[str]:
        return [data.split()[0].decode() for data in self.sent]


@asynccontextmanager
async def dialling(
    pbx: Kamailio, loopback: Loopback, password: str | None = None, number: str = "7000"
) -> AsyncIterator[Caller]:
    sock = bind((loopback.address(), 0))
    here: Address = sock.getsockname()[:2]
    outgoing = Outgoing(
        uri=f"sip:{number}@{pbx.host}", caller=f"<sip:tester@{pbx.host}>", called=f"<sip:{number}@{pbx.host}>",
        contact=f"sip:tester@{here[0]}:{here[1]}", call_id=fresh().token(), from_tag=fresh().token(),
        body=sdp.offer(here[0], 40000, 1), credentials=Credentials("tester", password) if password else None,
    )  # fmt: skip
    caller = Caller(InviteClient(outgoing, here, datagram(pbx.address, pbx.port), fresh()))
    caller._driver = await UdpDriver.open(sock, caller, caller.hear)
    caller.do(caller.client.start)
    try:
        yield caller
    finally:
        caller._driver.close()


async def test_taken_back_while_two_phones_ring(
    kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, numbers=NUMBERS)
    phones = [await baresip(pbx, line) for line in NUMBERS["7000"]]
    async with dialling(pbx, loopback) as caller:
        for phone in phones:
            await phone.incoming()
        assert await caller.until(Progress) == Progress(180)
        caller.do(lambda now: caller.client.cancel(now, ELSEWHERE))
        assert await caller.until(Ended) == Ended(CallEnd.CANCELLED, 487)
        for phone in phones:
            await phone.closed()
    assert caller.methods() == ["INVITE", "CANCEL", "ACK"]


async def test_answered_and_hung_up_by_us(kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, numbers=NUMBERS)
    phone = await baresip(pbx, "6001")
    async with dialling(pbx, loopback) as caller:
        await phone.incoming()
        await phone.answer()
        await caller.until(Answered)
        await asyncio.sleep(1.2)  # a 200 that misses its ACK would come again
        caller.do(caller.client.hang_up)
        await phone.closed()
    assert caller.methods() == ["INVITE", "ACK", "BYE"]
    assert b"Route: <sip:" in caller.sent[-1]


async def test_answered_and_hung_up_by_the_phone(
    kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, numbers=NUMBERS)
    phone = await baresip(pbx, "6001")
    async with dialling(pbx, loopback) as caller:
        await phone.incoming()
        await phone.answer()
        await caller.until(Answered)
        await phone.hangup()
        assert await caller.until(Ended) == Ended(CallEnd.HUNG_UP_THERE)


async def test_rejected(kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, numbers=NUMBERS)
    phone = await baresip(pbx, "6001")
    async with dialling(pbx, loopback) as caller:
        await phone.incoming()
        await phone.hangup()
        assert await caller.until(Ended) == Ended(CallEnd.REFUSED, 486)


@pytest.mark.parametrize("challenge", [401, 407])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_the_pbx_asks_who_calls(
    challenge: int, algorithm: str, kamailio: MakeKamailio, baresip: MakeBaresip, loopback: Loopback
) -> None:
    # The phone registers without digest: baresip 1.0 knows MD5 alone.
    asked = {"trunks": (), "open_users": ("6001",), "challenge": challenge, "algorithm": algorithm}
    pbx = await kamailio(users=USERS, numbers=NUMBERS, **asked)
    phone = await baresip(pbx, "6001")
    async with dialling(pbx, loopback, password="wrong") as caller:
        ended = await caller.until(Ended)
        assert isinstance(ended, Ended)
        assert ended.status in (401, 403, 407)
        assert caller.methods() == ["INVITE", "ACK", "INVITE", "ACK"]
    async with dialling(pbx, loopback, password="secret") as caller:
        await phone.incoming()
        await caller.until(Progress)
        caller.do(caller.client.cancel)
        assert await caller.until(Ended) == Ended(CallEnd.CANCELLED, 487)


@needs_softphone
async def test_pyvoip_is_the_other_phone_of_a_real_pbx(kamailio: MakeKamailio, loopback: Loopback) -> None:
    """It rings through a proxy that records itself, and both sides can hang up (selftest will need this)."""
    pbx = await kamailio(users=USERS, numbers=NUMBERS, realm="pbx.test")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ctibridge.softphone", stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
    )
    assert process.stdin is not None
    roster = Roster(pbx.address, pbx.port, (Handset("6001", "one"),))
    process.stdin.write(msgspec.json.encode(roster) + b"\n")
    await pbx.wait_contacts("6001", 1)
    for talk in (None, 0.3):
        async with dialling(pbx, loopback) as caller:
            order = Order(caller.client.call.call_id, "6001", 1.0, talk)
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            await caller.until(Answered)
            if talk is None:
                caller.do(caller.client.hang_up)
                await asyncio.sleep(0.3)
                assert caller.methods().count("BYE") == 1  # it was answered, so it is not sent again
            else:
                assert await caller.until(Ended) == Ended(CallEnd.HUNG_UP_THERE)
    async with dialling(pbx, loopback) as caller:
        await caller.until(Progress)
        caller.do(caller.client.cancel)
        assert await caller.until(Ended) == Ended(CallEnd.CANCELLED, 487)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 5) == 0
    await pbx.wait_contacts("6001", 0)
