"""From names to hops: the system's addresses from a table, NAPTR and SRV from a name server on loopback."""

import socket
from collections.abc import AsyncIterator

import dns.asyncresolver
import pytest

from ctibridge.sip.adapters import dns as adapter
from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.adapters.resolve import LATEST, SOONEST, Reach, family_of, reach_of
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.settings import TrunkSettings
from tests.sip.adapters.name_server import NameServer, name_server

TABLE = {
    "pbx.example.net": ["192.0.2.9", "192.0.2.10"],
    "proxy.example.net": ["192.0.2.20"],
    "six.example.net": ["2001:db8::9"],
    "nothing.example.net": [],
    "one.example.net": ["192.0.2.31"],
    "two.example.net": ["192.0.2.32"],
}


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    async def addresses(_: AddressLookup, name: str, family: socket.AddressFamily) -> tuple[str, ...]:
        if name not in TABLE:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return tuple(each for each in TABLE[name] if (":" in each) == (family == socket.AF_INET6))

    monkeypatch.setattr(AddressLookup, "addresses", addresses)


def trunk(registrar: str, proxy: str | None = None, listen: str = "127.0.0.1:0") -> TrunkSettings:
    return TrunkSettings(name="pbx", registrar=registrar, outbound_proxy=proxy, listen=listen)


class Asked:
    def __init__(self, server: NameServer, resolver: dns.asyncresolver.Resolver) -> None:
        self.server = server
        self._resolver = resolver
        self._names: DnsNames | None = None

    async def reach(self, settings: TrunkSettings) -> Reach:
        self._names = self._names or DnsNames(family_of(settings), self._resolver)
        return await reach_of(settings, self._names, lambda: 0.5)


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    async with name_server() as (server, resolver):
        yield Asked(server, resolver)


async def test_each_address_of_the_registrar_in_order(asked: Asked) -> None:
    assert await asked.reach(trunk("sip:pbx.example.net")) == Reach(
        (datagram("192.0.2.9", 5060), datagram("192.0.2.10", 5060)), frozenset({"192.0.2.9", "192.0.2.10"})
    )


async def test_the_port_that_was_written(asked: Asked) -> None:
    assert (await asked.reach(trunk("sip:proxy.example.net:5070"))).targets == (datagram("192.0.2.20", 5070),)
    assert asked.server.asked == []


async def test_ipv6_where_we_listen_at_ipv6(asked: Asked) -> None:
    reach = await asked.reach(trunk("sip:six.example.net", listen="[::1]:0"))
    assert reach.targets == (datagram("2001:db8::9", 5060),)


async def test_requests_go_to_the_proxy_and_both_are_trusted(asked: Asked) -> None:
    reach = await asked.reach(trunk("sip:pbx.example.net", "sip:proxy.example.net;transport=tls"))
    assert reach.targets == (Hop(Transport.TLS, "192.0.2.20", 5061, name="proxy.example.net"),)
    assert reach.trusted == frozenset({"192.0.2.20", "192.0.2.9", "192.0.2.10"})


async def test_a_registrar_that_only_the_proxy_knows(asked: Asked) -> None:
    reach = await asked.reach(trunk("sip:inside.example.net", "sip:proxy.example.net"))
    assert reach.trusted == frozenset({"192.0.2.20"})
    assert not reach.doubtful


@pytest.mark.parametrize("name", ["unknown.example.net", "nothing.example.net", "six.example.net", "none.example.net"])
async def test_a_name_without_an_address_of_our_family(asked: Asked, name: str) -> None:
    with pytest.raises(OSError, match="no address"):
        await asked.reach(trunk(f"sip:{name}"))


async def test_naptr_and_srv_choose_and_their_servers_are_trusted(asked: Asked) -> None:
    reach = await asked.reach(trunk("sip:example.net"))
    assert reach.targets == (
        Hop(Transport.TLS, "192.0.2.31", 5061, name="example.net"),
        Hop(Transport.TLS, "192.0.2.32", 5061, name="example.net"),
    )
    assert reach.trusted == frozenset({"192.0.2.31", "192.0.2.32"})
    assert "example.net. NAPTR" in asked.server.asked


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ("sip:example.net", 45),
        ("sip:example.net;transport=udp", SOONEST),
        ("sip:plain.example.net;transport=tcp", LATEST),
        ("sip:pbx.example.net", LATEST),
    ],
)
async def test_it_is_asked_again_when_the_answer_is_old(asked: Asked, written: str, again: float) -> None:
    assert (await asked.reach(trunk(written))).again == again


async def test_without_any_dns_the_hosts_file_serves(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "LIFETIME", 0.1)
    asked.server.mute = True
    reach = await asked.reach(trunk("sip:pbx.example.net"))
    assert reach.targets == (datagram("192.0.2.9", 5060), datagram("192.0.2.10", 5060))
    assert (reach.again, reach.doubtful) == (SOONEST, False)


async def test_an_answer_that_no_longer_comes_makes_the_others_doubtful(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "LIFETIME", 0.1)
    assert not (await asked.reach(trunk("sip:plain.example.net"))).doubtful
    asked.server.mute = True
    monkeypatch.setitem(TABLE, "plain.example.net", ["192.0.2.80"])
    reach = await asked.reach(trunk("sip:plain.example.net"))
    assert (reach.targets, reach.doubtful) == ((datagram("192.0.2.80", 5060),), True)
