"""What DNS answers, and where our requests go then (RFC 3263)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.locate import MOST, Naptr, Srv, in_order, locate
from ctibridge.sip.settings import HostPort, registrar_address

UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS
HOST = "example.net"


def naptr(order: int, preference: int, service: str, replacement: str, flags: str = "s", regexp: str = "") -> Naptr:
    return Naptr(order, preference, flags, service, regexp, replacement)


D2U = naptr(50, 50, "SIP+D2U", "_sip._udp.example.net")
D2T = naptr(90, 50, "SIP+D2T", "_sip._tcp.example.net")
SIPS = naptr(10, 50, "SIPS+D2T", "_sips._tcp.example.net")


@dataclass
class Table:
    """DNS as a table that remembers what it was asked."""

    naptrs: dict[str, tuple[Naptr, ...]] = field(default_factory=dict)
    srvs: dict[str, tuple[Srv, ...]] = field(default_factory=dict)
    hosts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def naptr(self, name: str) -> tuple[Naptr, ...]:
        self.asked.append(f"NAPTR {name}")
        return self.naptrs.get(name, ())

    async def srv(self, *names: str) -> list[tuple[Srv, ...]]:
        self.asked += [f"SRV {name}" for name in names]
        return [self.srvs.get(name, ()) for name in names]

    async def addresses(self, *names: str) -> list[tuple[str, ...]]:
        self.asked += [f"A {name}" for name in names]
        return [self.hosts.get(name, ()) for name in names]


def table(*naptrs: Naptr) -> Table:
    return Table(
        {HOST: naptrs},
        {
            "_sip._udp.example.net": (Srv(20, 0, 5060, "b.example.net"), Srv(10, 0, 5070, "a.example.net")),
            "_sip._tcp.example.net": (Srv(10, 0, 5060, "a.example.net"),),
            "_sips._tcp.example.net": (Srv(10, 0, 5061, "a.example.net"),),
        },
        {HOST: ("192.0.2.1",), "a.example.net": ("192.0.2.9", "192.0.2.10"), "b.example.net": ("192.0.2.20",)},
    )


async def found(written: str, names: Table) -> list[tuple[Transport, str, int, str]]:
    hops = await locate(registrar_address(written), names, lambda: 0)
    return [(hop.transport, hop.host, hop.port, hop.name) for hop in hops]


A_UDP = [(UDP, "192.0.2.9", 5070, ""), (UDP, "192.0.2.10", 5070, ""), (UDP, "192.0.2.20", 5060, "")]
A_TCP = [(TCP, "192.0.2.9", 5060, ""), (TCP, "192.0.2.10", 5060, "")]
A_TLS = [(TLS, "192.0.2.9", 5061, HOST), (TLS, "192.0.2.10", 5061, HOST)]


@pytest.mark.parametrize(
    ("written", "hops"),
    [
        ("sip:192.0.2.5", [(UDP, "192.0.2.5", 5060, "")]),
        ("sip:192.0.2.5;transport=tcp", [(TCP, "192.0.2.5", 5060, "")]),
        ("sip:192.0.2.5;transport=tls", [(TLS, "192.0.2.5", 5061, "192.0.2.5")]),
        ("sip:[2001:db8::5]:5070;transport=tls", [(TLS, "2001:db8::5", 5070, "2001:db8::5")]),
    ],
)
async def test_nobody_is_asked_about_a_number(written: str, hops: list[object]) -> None:
    names = table(D2U)
    assert await found(written, names) == hops
    assert names.asked == []


@pytest.mark.parametrize(
    ("written", "hops"),
    [
        ("sip:example.net:5070", [(UDP, "192.0.2.1", 5070, "")]),
        ("sip:example.net:5070;transport=tcp", [(TCP, "192.0.2.1", 5070, "")]),
        ("sip:example.net:5070;transport=tls", [(TLS, "192.0.2.1", 5070, HOST)]),
    ],
)
async def test_a_written_port_is_that_of_the_name_itself(written: str, hops: list[object]) -> None:
    names = table(D2U)
    assert await found(written, names) == hops
    assert names.asked == ["A example.net"]


@pytest.mark.parametrize(("transport", "hops"), [("udp", A_UDP), ("tcp", A_TCP), ("tls", A_TLS)])
async def test_a_written_transport_asks_for_its_servers(transport: str, hops: list[object]) -> None:
    names = table(D2U, D2T, SIPS)
    assert await found(f"sip:example.net;transport={transport}", names) == hops
    assert [question for question in names.asked if question.startswith(("NAPTR", "SRV"))] == [
        {"udp": "SRV _sip._udp.example.net", "tcp": "SRV _sip._tcp.example.net", "tls": "SRV _sips._tcp.example.net"}[
            transport
        ]
    ]


@pytest.mark.parametrize(("transport", "port"), [("udp", 5060), ("tcp", 5060), ("tls", 5061)])
async def test_without_servers_the_name_itself_at_the_default_port(transport: str, port: int) -> None:
    names = Table(hosts={HOST: ("192.0.2.1",)})
    ((kind, host, used, _),) = await found(f"sip:example.net;transport={transport}", names)
    assert (kind.lower(), host, used) == (transport, "192.0.2.1", port)


async def test_without_naptr_udp_comes_before_tcp() -> None:
    assert await found("sip:example.net", table()) == A_UDP + A_TCP


async def test_naptr_orders_by_order_and_then_by_preference() -> None:
    names = table(naptr(50, 60, "SIP+D2U", "_sip._udp.example.net"), naptr(50, 10, "sip+d2t", "_sip._tcp.example.net"))
    assert await found("sip:example.net", names) == A_TCP + A_UDP


async def test_naptr_names_the_servers_of_somebody_else_but_the_certificate_shows_our_name() -> None:
    names = Table(
        {HOST: (naptr(1, 1, "SIPS+D2T", "_sips._tcp.host.example"),)},
        {"_sips._tcp.host.example": (Srv(1, 1, 5061, "edge.host.example"),)},
        {"edge.host.example": ("192.0.2.77",)},
    )
    assert await found("sip:example.net", names) == [(TLS, "192.0.2.77", 5061, HOST)]


async def test_where_the_domain_wants_tls_first_nothing_else_comes_behind_it() -> None:
    assert await found("sip:example.net", table(D2U, D2T, SIPS)) == A_TLS


async def test_tls_that_is_not_the_domains_first_wish_stands_where_it_says() -> None:
    late = naptr(99, 1, "SIPS+D2T", "_sips._tcp.example.net")
    assert await found("sip:example.net", table(D2U, late)) == A_UDP + A_TLS


@pytest.mark.parametrize(
    "odd",
    [
        naptr(1, 1, "SIP+D2S", "_sip._sctp.example.net"),
        naptr(1, 1, "SIPS+D2U", "_sips._udp.example.net"),
        naptr(1, 1, "E2U+sip", "", "u", "!^.*$!sip:evil@example.com!"),
        naptr(1, 1, "SIP+D2T", "_sip._tcp.example.net", "a"),
        naptr(1, 1, "SIP+D2T", "_sip._tcp.example.net", "s", "!a!b!"),
        naptr(1, 1, "SIP+D2T", ""),
        naptr(1, 1, "", ""),
    ],
)
async def test_a_naptr_that_is_not_for_us_is_left_out(odd: Naptr) -> None:
    assert await found("sip:example.net", table(odd, D2U)) == A_UDP
    assert await found("sip:example.net", table(odd)) == A_UDP + A_TCP


@given(st.lists(st.sampled_from([D2U, D2T, SIPS, naptr(1, 1, "SIP+D2U", "x.example")]), max_size=4))
async def test_written_tls_is_never_lowered(answers: list[Naptr]) -> None:
    names = table(*answers)
    for port in ("", ":5060"):
        for host in (HOST, "192.0.2.5", "unknown.example"):
            assert {hop[0] for hop in await found(f"sip:{host}{port};transport=tls", names)} <= {TLS}


async def test_tls_of_naptr_whose_servers_are_unknown_stays_tls() -> None:
    names = Table({HOST: (SIPS, D2U)}, {}, {HOST: ("192.0.2.1",)})
    assert await found("sip:example.net", names) == [(TLS, "192.0.2.1", 5061, HOST)]


async def test_a_domain_that_says_there_is_no_such_service_has_none() -> None:
    names = Table({}, {"_sip._udp.example.net": (Srv(0, 0, 0, ""),)}, {HOST: ("192.0.2.1",)})
    assert await found("sip:example.net", names) == []


async def test_a_server_without_an_address_is_left_out() -> None:
    names = table()
    del names.hosts["a.example.net"]
    assert await found("sip:example.net;transport=udp", names) == [(UDP, "192.0.2.20", 5060, "")]


async def test_nobody_makes_us_ask_for_ever() -> None:
    servers = tuple(Srv(i, 0, 5060, f"{i}.example.net") for i in range(200))
    hosts = {f"{i}.example.net": tuple(f"192.0.2.{i}" for i in range(40)) for i in range(200)}
    names = Table({}, {"_sip._udp.example.net": servers}, hosts)
    assert len(await found("sip:example.net;transport=udp", names)) == MOST
    assert len(names.asked) == 1 + MOST
    assert len(in_order(servers, lambda: 0)) < len(servers)


async def test_one_way_is_one_hop() -> None:
    names = Table({}, {}, {HOST: ("192.0.2.1", "192.0.2.1")})
    assert await locate(HostPort(HOST, 5060), names, lambda: 0) == (Hop(UDP, "192.0.2.1", 5060),)


# -- priorities and weights (RFC 2782) ---------------------------------------------------------------------------------

RECORDS = st.lists(st.builds(Srv, st.integers(0, 3), st.integers(0, 65_535), st.just(5060), st.text("ab")), max_size=12)


@given(RECORDS, st.randoms(use_true_random=False))
def test_each_server_once_and_by_priority(records: list[Srv], random: Random) -> None:
    ordered = in_order(records, random.random)
    assert Counter(ordered) == Counter(records)
    assert [srv.priority for srv in ordered] == sorted(srv.priority for srv in records)


@pytest.mark.parametrize(("fraction", "first"), [(0.0, "a"), (0.2, "b"), (0.49, "b"), (0.55, "c"), (1.0, "c")])
def test_weight_decides_among_equals(fraction: float, first: str) -> None:
    records = [Srv(1, 5, 5060, "b"), Srv(1, 0, 5060, "a"), Srv(1, 5, 5060, "c")]
    assert in_order(records, lambda: fraction)[0].target == first


def test_the_shares_are_those_of_the_weights() -> None:
    fraction: Callable[[], float] = Random(5).random
    records = [Srv(1, 60, 5060, "big"), Srv(1, 20, 5060, "one"), Srv(1, 20, 5060, "two")]
    firsts = Counter(in_order(records, fraction)[0].target for _ in range(10_000))
    assert 5_700 < firsts["big"] < 6_300
    assert 1_800 < firsts["one"] < 2_200
