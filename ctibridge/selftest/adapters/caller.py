"""The caller of a test call: finds the PBX as the daemon does, and speaks from a port of its own."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from ctibridge.domain.finding import Finding
from ctibridge.selftest.adapters.news import News
from ctibridge.selftest.own_call import Changed, OwnCall
from ctibridge.selftest.timeline import Stopped, Timeline
from ctibridge.sip import sdp
from ctibridge.sip.accounts import bracketed
from ctibridge.sip.adapters import tls
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.adapters.resolve import Reach, family_of, reach_of
from ctibridge.sip.adapters.streams import CONNECT, Streams
from ctibridge.sip.adapters.udp import UdpDriver, bind, fresh, local_host_towards
from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.outgoing import Outgoing
from ctibridge.sip.settings import SelftestSettings, TrunkSettings
from ctibridge.sip.via import Address

AUDIO = 9
"""The port that audio is to be sent to: discard (RFC 863). Nobody listens, and no port of a phone is taken."""
GOODBYE = 2.0
"""Seconds for the last word, where somebody interrupts the test."""
_OPENING = b"\r\n\r\n"
"""A keep-alive (RFC 5626 4.4.1) opens the connection: only then do we know the address that Via and Contact name."""
_USER = "-_.!~*'()&=+$,;?/"
"""What a user part holds unescaped, besides letters and digits (RFC 3261 25.1)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who calls whom, by which trunk. password: of the test's account, None where it has none. mark: our display name,
    by which a desk's pop is known as ours."""

    trunk: TrunkSettings
    test: SelftestSettings
    password: str | None = field(repr=False)
    mark: str


class Caller:
    """One call. What it does is written into the timeline."""

    def __init__(self, call: OwnCall, pump: Callable[[], None]) -> None:
        self._call = call
        self._pump = pump

    @property
    def over(self) -> bool:
        return self._call.over

    def hang_up(self) -> None:
        """Ends the call, whatever it is doing."""
        self._call.hang_up(time.monotonic())
        self._pump()


@asynccontextmanager
async def calling(plan: Plan, timeline: Timeline, news: News) -> AsyncIterator[Caller]:
    """The INVITE is out when this is entered. Raises Stopped where there is no way to the PBX."""
    reach = await _reach(plan.trunk)
    hop, host = reach.targets[0], plan.trunk.our_side.host
    timeline.to = f"{bracketed(hop.host)}:{hop.port} over {hop.transport.value}"
    call = OwnCall(timeline, reach.trusted, lambda local: _client(plan, local, hop))
    try:
        sock = bind((local_host_towards(hop.address, (host, 0)), 0))
    except OSError as error:
        raise _no_way(f"no route to {hop.host}: {error.strerror}", "see listen of the trunk, and the routes") from None
    bound = sock.getsockname()
    local: Address = (bound[0], bound[1])
    driver: UdpDriver[Changed] = await UdpDriver.open(sock, call, news.tell)
    streams = _streams(plan.trunk, call, driver.pump)
    driver.over_stream = streams.send
    try:
        if hop.transport.is_stream:
            streams.send(Datagram(_OPENING, hop))
            await _connected(call, news)
        else:
            call.begin(local, time.monotonic())
            driver.pump()
        yield Caller(call, driver.pump)
    finally:
        call.hang_up(time.monotonic())  # nothing where it is over; whoever is interrupted leaves no phone ringing
        driver.pump()
        await news.until(lambda: call.over, GOODBYE)
        await streams.finish(GOODBYE)
        driver.close()


def aor(trunk: TrunkSettings, user: str) -> str:
    return f"sip:{quote(user, safe=_USER)}@{bracketed(trunk.aor_domain)}"


async def _reach(trunk: TrunkSettings) -> Reach:
    try:
        return await reach_of(trunk, DnsNames(family_of(trunk)), fresh().fraction)
    except OSError as error:
        raise _no_way(str(error), "mend registrar, or the name server that this machine asks") from None


async def _connected(call: OwnCall, news: News) -> None:
    def settled() -> bool:
        return call.timeline.began is not None or call.broken is not None

    if not await news.until(settled, CONNECT + 1) or call.timeline.began is None:
        why, _, mend = (call.broken or "the connection does not stand").partition("; ")
        raise _no_way(why, mend or "see that the PBX runs, and that registrar, port and firewall let us reach it")


def _no_way(why: str, mend: str) -> Stopped:
    return Stopped(Finding("call", f"nothing was dialled: {why}", mend))


def _streams(trunk: TrunkSettings, call: OwnCall, pump: Callable[[], None]) -> Streams:
    """What breaks is heard by the machine; nobody else is told."""

    def nobody(_: Hop, __: str) -> None:
        return

    return Streams(call, pump, nobody, lambda: tls.client_context(trunk.ca_file), fresh(), trunk.our_side.host)


def _client(plan: Plan, local: Address, hop: Hop) -> InviteClient:
    trunk, test, chance = plan.trunk, plan.test, fresh()
    suffix = f";transport={hop.transport.value.lower()}" if hop.transport.is_stream else ""
    called = aor(trunk, test.dial)
    username = test.username or test.user
    return InviteClient(
        Outgoing(
            uri=called,
            caller=f'"{plan.mark}" <{aor(trunk, test.user)}>',
            called=f"<{called}>",
            contact=f"sip:{quote(test.user, safe=_USER)}@{bracketed(local[0])}:{local[1]}{suffix}",
            call_id=chance.token(),
            from_tag=chance.token(),
            body=sdp.offer(local[0], AUDIO, session=1),
            credentials=None if plan.password is None else Credentials(username, plan.password, trunk.digest_minimum),
        ),
        local,
        hop,
        chance,
    )
