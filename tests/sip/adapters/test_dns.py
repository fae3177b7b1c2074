"""Real questions to a name server on loopback, also to one that does not do its work."""

import asyncio
import socket
from collections.abc import AsyncIterator

import dns.asyncresolver
import dns.name
import dns.rcode
import dns.resolver
import pytest

from ctibridge.sip.adapters import dns as adapter
from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.locate import Naptr, Srv
from tests.sip.adapters.name_server import NameServer, name_server

Asked = tuple[NameServer, DnsNames]


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    async with name_server() as (server, resolver):
        yield server, DnsNames(socket.AF_INET, resolver)


async def test_naptr_and_srv_with_the_shortest_ttl(asked: Asked) -> None:
    _, names = asked
    assert sorted(await names.naptr("example.net"), key=lambda naptr: naptr.order) == [
        Naptr(10, 50, "s", "SIPS+D2T", "", "_sips._tcp.example.net"),
        Naptr(20, 50, "s", "SIP+D2U", "", "_sip._udp.example.net"),
    ]
    assert names.ttl == 600
    tls, udp = await names.srv("_sips._tcp.example.net", "_sip._udp.example.net")
    assert set(tls) == {Srv(10, 0, 5061, "one.example.net"), Srv(20, 0, 5061, "two.example.net")}
    assert udp == (Srv(10, 0, 5060, "one.example.net"),)
    assert names.ttl == 5
    assert not names.failed


async def test_the_root_says_that_there_is_no_such_service(asked: Asked) -> None:
    assert await asked[1].srv("_sip._udp.none.example.net") == [(Srv(0, 0, 0, ""),)]


@pytest.mark.parametrize("name", ["unknown.example.net", "empty.example.net"])
async def test_what_does_not_exist_is_an_answer(asked: Asked, name: str) -> None:
    _, names = asked
    assert await names.naptr(name) == ()
    assert not names.failed


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_a_server_that_fails_says_nothing(
    asked: Asked, rcode: dns.rcode.Rcode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "LIFETIME", 0.3)
    server, names = asked
    server.rcode = rcode
    assert await names.naptr("example.net") == ()
    assert names.failed


async def test_a_server_that_never_answers_costs_its_time_and_not_the_loop(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "LIFETIME", 0.3)
    server, names = asked
    server.mute = True
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    task = asyncio.create_task(others())
    assert await names.srv("_sip._udp.example.net", "_sips._tcp.example.net") == [(), ()]
    task.cancel()
    assert names.failed
    assert len(server.asked) >= 2
    assert turns > 10


async def test_only_what_was_known_before_is_worth_more_than_what_is_known_now(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some networks never answer for NAPTR: there, what else can be known has to be followed."""
    monkeypatch.setattr(adapter, "LIFETIME", 0.1)
    server, names = asked
    await names.naptr("example.net")
    await names.naptr("unknown.example.net")
    server.mute = True
    for name, doubtful in (("plain.example.net", False), ("example.net", True), ("unknown.example.net", True)):
        names.begin()
        await names.naptr(name)
        assert (names.failed, names.doubtful) == (True, doubtful)
    monkeypatch.setattr(adapter, "_REMEMBERED", 1)
    names.begin()
    await names.naptr("example.net")
    assert (names.failed, names.doubtful) == (True, False)


async def test_a_server_that_answers_late_is_heard(asked: Asked) -> None:
    server, names = asked
    server.delay = 0.1
    assert len(await names.naptr("example.net")) == 2
    assert not names.failed


async def test_a_server_that_answers_too_late_is_not(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "LIFETIME", 0.1)
    server, names = asked
    server.delay = 0.15
    assert await names.naptr("example.net") == ()
    assert names.failed
    await asyncio.sleep(0.1)  # its answer finds nobody


async def test_a_name_that_cannot_be_one(asked: Asked) -> None:
    assert await asked[1].srv("_sip._udp." + "a" * 70 + ".example") == [()]
    assert asked[0].asked == []


@pytest.mark.parametrize(
    "fault",
    [dns.resolver.NoResolverConfiguration, ValueError, dns.name.EmptyLabel, OSError],
    ids=["no server", "a lease that names nonsense", "a search list that is none", "a file that cannot be read"],
)
async def test_a_system_that_names_no_server_knows_its_hosts_file(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: object) -> None:
        raise fault

    monkeypatch.setattr(dns.asyncresolver.Resolver, "__init__", nobody)
    names = DnsNames(socket.AF_INET)
    names.begin()
    assert await names.naptr("example.net") == ()
    assert await names.addresses("localhost", "127.0.0.2") == [("127.0.0.1",), ("127.0.0.2",)]
    assert not names.failed


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), False),
        (UnicodeError("x"), False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), True),
        (TimeoutError("x"), True),
    ],
)
async def test_no_address_is_an_answer_and_silence_is_none(
    error: Exception, *, failed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> tuple[str, ...]:
        raise error

    monkeypatch.setattr(AddressLookup, "addresses", fails)
    names = DnsNames(socket.AF_INET, dns.asyncresolver.Resolver(configure=False))
    assert await names.addresses("a") == [()]
    assert names.failed is failed
