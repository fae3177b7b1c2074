import ipaddress
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery.settings import SignInSettings
from ctibridge.delivery.sign_in import (
    LONGEST,
    SIGN_INS,
    WITHIN,
    Logins,
    Pace,
    Reason,
    Refused,
    is_trusted,
    key_of,
    named,
)
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private

ANA = Agent("ana", "Ana Lindqvist", login="Ana.Lindqvist@desk.example")
BEN = Agent("ben", "Ben Okafor", login="ben@desk.example")
NETWORKS = SignInSettings(trusted_proxies=("127.0.0.2", "10.0.0.0/28", "fd00::/64")).networks()


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("127.0.0.2", True),
        ("127.0.0.1", False),
        ("::ffff:127.0.0.2", True),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.2", False),
        ("10.0.0.15", True),
        ("10.0.0.16", False),
        ("fd00::1", True),
        ("fd00::1%eth0", True),
        ("fd01::1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_which_addresses_are_the_proxys(host: str, trusted: bool) -> None:
    assert is_trusted(host, NETWORKS) is trusted


@given(st.ip_addresses())
def test_an_address_in_no_network_is_nobodys(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inside = any(address.version == one.version and address in one for one in NETWORKS)
    assert is_trusted(str(address), NETWORKS) == inside or getattr(address, "ipv4_mapped", None) is not None


def test_a_login_as_it_stands_in_the_header() -> None:
    assert named([b"ana@desk.example"]) == Private("ana@desk.example")
    assert named([b" \tana \t"]) == Private("ana")
    assert named(["Jörg Müller".encode()]) == Private("Jörg Müller")
    assert named([b"CN=Ana,OU=Desk"]) == Private("CN=Ana,OU=Desk")
    assert named([b"a" * LONGEST]) == Private("a" * LONGEST)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b""],
        [b" \t "],
        [b"ana", b"ana"],
        [b"ana", b""],
        [b"a" * (LONGEST + 1)],
        [b"ana\x00"],
        [b"ana\r\nX-Other: 1"],
        [b"ana\x7f"],
        [b"an\xe4"],
        ["ana\u202e".encode()],
        ["an\u200ba".encode()],
    ],
)
def test_headers_that_name_nobody(values: list[bytes]) -> None:
    with pytest.raises(Refused) as refused:
        named(values)
    assert refused.value.reason is Reason.NO_USER


@given(st.lists(st.binary(max_size=300), max_size=3))
def test_whatever_a_header_holds_it_is_a_bounded_plain_text_or_refused(values: list[bytes]) -> None:
    try:
        text = named(values).value
    except Refused:
        return
    assert len(values) == 1
    assert text
    assert text.isprintable()
    assert len(text) <= LONGEST


@given(st.text())
def test_case_and_encoding_of_a_login_do_not_matter(login: str) -> None:
    assert key_of(unicodedata.normalize("NFD", login)) == key_of(unicodedata.normalize("NFC", login)) == key_of(login)
    assert key_of(key_of(login)) == key_of(login)


def test_what_is_one_login_and_what_are_two() -> None:
    assert key_of("ANA@Desk.Example") == key_of("ana@desk.example")
    assert key_of("JÖRG") == key_of("jo\u0308rg")
    assert key_of("strasse") != key_of("straße")
    assert key_of("\u0131ris") != key_of("iris"), "the Turkish i without a dot"


def refusal(login: str, *agents: Agent) -> Reason:
    with pytest.raises(Refused) as refused:
        Logins().agent(Private(login), {one.id: one for one in agents})
    assert not login or login not in str(refused.value) + repr(refused.value)
    return refused.value.reason


def test_the_agent_of_a_login() -> None:
    logins, agents = Logins(), {"ana": ANA, "ben": BEN}
    assert logins.agent(Private("ana.lindqvist@DESK.example"), agents) is ANA
    assert logins.agent(Private("ben@desk.example"), agents) is BEN
    assert refusal("ana", ANA, BEN) is Reason.UNKNOWN, "an id is no login"
    assert refusal("", ANA, replace(BEN, login="")) is Reason.UNKNOWN
    assert refusal("ben@desk.example", ANA, replace(BEN, disabled=True)) is Reason.DISABLED


def test_a_login_of_two_agents_is_nobodys() -> None:
    other = replace(BEN, login="ANA.LINDQVIST@desk.example", disabled=True)
    assert refusal("ana.lindqvist@desk.example", ANA, other) is Reason.AMBIGUOUS


def test_a_new_directory_is_read_anew() -> None:
    logins = Logins()
    logins.agent(Private("ben@desk.example"), {"ben": BEN})
    with pytest.raises(Refused):
        logins.agent(Private("ben@desk.example"), {"ben": replace(BEN, disabled=True)})


def test_so_many_a_minute_and_another_agent_is_not_kept_waiting() -> None:
    pace = Pace()
    for second in range(SIGN_INS):
        pace.take("ana", float(second))
    with pytest.raises(Refused) as refused:
        pace.take("ana", WITHIN - 0.1)
    assert refused.value.reason is Reason.TOO_OFTEN
    pace.take("ben", WITHIN - 0.1)
    pace.take("ana", WITHIN)
    with pytest.raises(Refused):
        pace.take("ana", WITHIN + 0.9)
    pace.take("ana", WITHIN + 1)
