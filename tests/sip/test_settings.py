"""What an administrator may write about a trunk, and what he is told otherwise."""

from typing import Any, Literal

import pytest

from ctibridge.fields import Duration, Secret
from ctibridge.sip.settings import (
    HostPort,
    LineAccess,
    ObserverSettings,
    SelftestSettings,
    TrunkSettings,
    listen_address,
    registrar_address,
)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip:pbx.example.net", "pbx.example.net", None),
        ("sip:10.0.0.5:5060", "10.0.0.5", 5060),
        ("pbx.example.net:5070", "pbx.example.net", 5070),
        ("sip:[2001:db8::9]:5060", "2001:db8::9", 5060),
    ],
)
def test_a_registrar(text: str, host: str, port: int | None) -> None:
    assert registrar_address(text) == HostPort(host, port)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_registrar_over_one_transport(transport: Literal["udp", "tcp", "tls"]) -> None:
    assert registrar_address(f"sip:pbx;transport={transport}") == HostPort("pbx", None, transport)
    assert registrar_address(f"sip:[::1]:5061;transport={transport}") == HostPort("::1", 5061, transport)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no registrar"),
        ("sip:", "is no registrar"),
        ("sip:a b", "is no registrar"),
        ("sip:6001@pbx", "is no registrar"),
        ("sip:pbx:70000", "above 65535"),
        ("sip:pbx;transport=sctp", "is unknown"),
        ("sip:pbx;lr=on", "is unknown"),
        ("sip:pbx;transport=tls;transport=udp", "is unknown"),
        ("sips:pbx", "is no registrar"),
    ],
)
def test_what_is_no_registrar(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        registrar_address(text)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("192.0.2.1:5066", "192.0.2.1", 5066), ("[::]:5066", "::", 5066), ("127.0.0.1:0", "127.0.0.1", 0)],
)
def test_where_to_listen(text: str, host: str, port: int) -> None:
    assert listen_address(text) == HostPort(host, port)


@pytest.mark.parametrize("text", ["", "5066", ":5066", "localhost:5066", "192.0.2.1", "::1:5066", "192.0.2.1:99999"])
def test_where_nobody_can_listen(text: str) -> None:
    with pytest.raises(ValueError, match=r"address to listen|above 65535"):
        listen_address(text)


def made(**keys: Any) -> TrunkSettings:
    return TrunkSettings(**({"name": "pbx", "registrar": "sip:pbx.example.net"} | keys))


def test_the_defaults_are_those_of_the_contract() -> None:
    trunk = made()
    assert (trunk.ring, trunk.alone, trunk.observe) == ("hold", "leave", ("contact",))
    assert (str(trunk.expires), str(trunk.ring_expiry)) == ("2m", "90s")
    assert trunk.identity_order == ("P-Asserted-Identity", "Remote-Party-ID", "From")
    assert trunk.called_number_from == ("X-Called-Number", "Diversion", "To")


@pytest.mark.parametrize(("domain", "expected"), [(None, "pbx.example.net"), ("example.net", "example.net")])
def test_the_domain_is_the_registrars_host_unless_said(domain: str | None, expected: str) -> None:
    assert made(domain=domain).aor_domain == expected


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"registrar": "nonsense nonsense"}, "no registrar"),
        ({"outbound_proxy": "sip:a b"}, "no registrar"),
        ({"listen": "here"}, "address to listen"),
        ({"country": "de"}, "two capital letters"),
        ({"observe": ()}, "at least one"),
        ({"observer": ObserverSettings("cti", Secret("x"))}, "dialog-info"),
        ({"headers": {"X Bad": "request"}}, "X-Employee-Number"),
        ({"headers": {"X-Good": " "}}, "X-Employee-Number"),
        ({"observe": ("dialog-info",), "observer": None, "headers": {"X-Long": "x" * 65}}, "X-Employee-Number"),
        ({"outside_line_prefix": "0 "}, "digits"),
        ({"expires": Duration(5)}, "at least 10s"),
        ({"ring_expiry": Duration(0)}, "at least 1s"),
    ],
)
def test_what_is_refused_says_why(keys: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        made(**keys)


def test_print_shows_no_password() -> None:
    assert "secret" not in repr(LineAccess("6001", "6001", "secret"))


def test_a_test_call_rings_where_it_dials_and_shows_who_calls_unless_it_says_otherwise() -> None:
    plain = SelftestSettings("6099", "6001")
    assert (plain.line, plain.shown_number, plain.answer, float(plain.patience)) == ("6001", "6099", True, 10.0)
    written = SelftestSettings("6099", "+4930", number="+4931", phone="6098")
    assert (written.line, written.shown_number) == ("6098", "+4931")


@pytest.mark.parametrize(
    "keys", [{"user": "60 99"}, {"dial": ""}, {"patience": Duration(61)}, {"patience": Duration(0)}]
)
def test_a_test_call_that_cannot_be_made_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"patience|user part"):
        SelftestSettings(**({"user": "6099", "dial": "6001"} | keys))
