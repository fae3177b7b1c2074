"""From names to addresses, with a resolver that answers from a table."""

import asyncio
import socket
from typing import Any

import pytest

from ctibridge.sip.adapters.resolve import Reach, reach_of
from ctibridge.sip.settings import TrunkSettings

TABLE = {
    "pbx.example.net": ["192.0.2.9", "192.0.2.10", "192.0.2.9"],
    "proxy.example.net": ["192.0.2.20"],
    "six.example.net": ["2001:db8::9"],
    "nothing.example.net": [],
}


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(_loop: object, host: str, port: int, *, family: int, **_: Any) -> list[tuple[object, ...]]:
        if host not in TABLE:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = [each for each in TABLE[host] if (":" in each) == (family == socket.AF_INET6)]
        return [(family, socket.SOCK_DGRAM, 17, "", (each, port)) for each in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


def trunk(registrar: str, proxy: str | None = None, listen: str = "127.0.0.1:0") -> TrunkSettings:
    return TrunkSettings(name="pbx", registrar=registrar, outbound_proxy=proxy, listen=listen)


async def test_each_address_of_the_registrar_once_in_order() -> None:
    assert await reach_of(trunk("sip:pbx.example.net")) == Reach(
        (("192.0.2.9", 5060), ("192.0.2.10", 5060)), frozenset({"192.0.2.9", "192.0.2.10"})
    )


async def test_the_port_that_was_written() -> None:
    assert (await reach_of(trunk("sip:proxy.example.net:5070"))).targets == (("192.0.2.20", 5070),)


async def test_ipv6_where_we_listen_at_ipv6() -> None:
    reach = await reach_of(trunk("sip:six.example.net", listen="[::1]:0"))
    assert reach.targets == (("2001:db8::9", 5060),)


async def test_requests_go_to_the_proxy_and_both_are_trusted() -> None:
    reach = await reach_of(trunk("sip:pbx.example.net", "sip:proxy.example.net"))
    assert reach == Reach((("192.0.2.20", 5060),), frozenset({"192.0.2.20", "192.0.2.9", "192.0.2.10"}))


async def test_a_registrar_that_only_the_proxy_knows() -> None:
    reach = await reach_of(trunk("sip:inside.example.net", "sip:proxy.example.net"))
    assert reach.trusted == frozenset({"192.0.2.20"})


@pytest.mark.parametrize("name", ["unknown.example.net", "nothing.example.net", "six.example.net"])
async def test_a_name_without_an_address_of_our_family(name: str) -> None:
    with pytest.raises(OSError, match=r"not known|no address"):
        await reach_of(trunk(f"sip:{name}"))
