"""The lines of a trunk as the registrar knows them."""

from dataclasses import replace

import pytest

from ctibridge.sip.accounts import Accounts, Changes
from ctibridge.sip.hop import Transport
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from tests.sip.scripts import HERE, counted

LINES = (LineAccess("6001", "one", "secret-1"), LineAccess("a b@c", "two", "secret-2"))


def accounts(observer: ObserverAccess | None = None, instance: str | None = None) -> Accounts:
    settings = TrunkSettings(name="pbx", registrar="sip:192.0.2.9", domain="pbx.example.net")
    return Accounts(settings, TrunkAccess(LINES, observer), HERE, counted(), instance)


def test_each_line_has_a_contact_of_its_own_that_follows_our_address() -> None:
    found = accounts()
    assert found.contact("6001", ("203.0.113.7", 40000), Transport.UDP) == "sip:t1@203.0.113.7:40000"
    assert found.contact("a b@c", ("2001:db8::1", 5066), Transport.TLS) == "sip:t2@[2001:db8::1]:5066;transport=tls"
    assert (found.line_of("t2"), found.line_of("t3"), found.line_of(None)) == ("a b@c", None, None)


def test_odd_users_are_escaped_in_their_address() -> None:
    assert [account.aor for account in accounts().lines] == [
        "sip:6001@pbx.example.net", "sip:a%20b%40c@pbx.example.net"
    ]  # fmt: skip


def test_without_an_observer_each_line_asks_for_itself() -> None:
    first, second = accounts().subscribers
    assert (first.aor, first.watcher, first.credentials.username) == (first.aor, first.aor, "one")
    assert second.credentials.password == "secret-2"


def test_the_observer_asks_for_all_lines_and_hands_over_nobody_elses_secret() -> None:
    found = accounts(ObserverAccess("cti", "cti-login", "observed"))
    assert {each.watcher for each in found.subscribers} == {"sip:cti@pbx.example.net"}
    assert {each.credentials.username for each in found.subscribers} == {"cti-login"}
    assert [each.aor for each in found.subscribers] == [account.aor for account in found.lines]
    assert found.pulse == ("sip:cti@pbx.example.net", "sip:pbx.example.net")


def test_an_instance_is_the_same_after_a_restart_and_another_for_each_line_and_installation() -> None:
    one, again, other = accounts(instance="x"), accounts(instance="x"), accounts(instance="y")
    assert [each.instance for each in one.lines] == [each.instance for each in again.lines]
    everything = {each.instance for each in (*one.lines, *other.lines)}
    assert len(everything) == 4
    assert all(each is not None and each.startswith("urn:uuid:") and len(each) == 45 for each in everything)
    assert accounts().lines[0].instance is None


def test_with_other_nodes_each_contact_has_the_mark_of_its_line() -> None:
    settings = TrunkSettings(name="pbx", registrar="sip:192.0.2.9", domain="pbx.example.net")
    one, other = (Accounts(settings, TrunkAccess(LINES), HERE, counted(*words), None, b"key") for words in ("ab", "cd"))
    for mine, theirs in zip(one.lines, other.lines, strict=True):
        assert mine.mark is not None
        assert mine.contact != theirs.contact
        assert mine.mark.is_on(theirs.contact.removeprefix("sip:").partition("@")[0])
        assert one.line_of(mine.contact.removeprefix("sip:").partition("@")[0]) == mine.line


@pytest.mark.parametrize(
    ("domain", "aor"),
    [
        ("pbx.example.net:5070", "sip:6001@pbx.example.net:5070"),
        ("2001:db8::9", "sip:6001@[2001:db8::9]"),
        ("[2001:db8::9]", "sip:6001@[2001:db8::9]"),
    ],
)
def test_a_domain_with_a_port_is_no_ipv6_address(domain: str, aor: str) -> None:
    settings = TrunkSettings(name="pbx", registrar="sip:pbx.example.net", domain=domain)
    assert Accounts(settings, TrunkAccess(LINES), HERE, counted(), None).lines[0].aor == aor


def test_who_stays_keeps_his_contact_who_goes_has_none_and_who_comes_back_has_another() -> None:
    found = accounts()
    third = LineAccess("6003", "three", "secret-3")
    assert found.change(TrunkAccess((third, LINES[0]))) == Changes(("a b@c",), ("6003",), ())
    assert [found.line_of(token) for token in ("t1", "t2", "t3")] == ["6001", None, "6003"]
    assert {account.line for account in found.lines} == {each.line for each in found.subscribers} == {"6001", "6003"}
    assert found.change(TrunkAccess(LINES)) == Changes(("6003",), ("a b@c",), ())
    assert found.line_of("t4") == "a b@c"
    assert found.change(TrunkAccess(())) == Changes(("6001", "a b@c"), (), ())
    assert (found.pulse, found.lines, found.subscribers) == (None, (), ())


def test_another_password_or_observer_is_a_change_and_another_agent_is_none() -> None:
    found = accounts()
    assert found.change(TrunkAccess((replace(LINES[0], agents=("ana",)), LINES[1]))) == Changes((), (), ())
    mended = replace(LINES[0], password="mended")
    assert found.change(TrunkAccess((mended, LINES[1]))) == Changes((), (), ("6001",))
    assert found.account("6001").credentials.password == "mended"
    assert found.subscriber("6001").credentials.password == "mended"
    watched = TrunkAccess((mended, LINES[1]), ObserverAccess("cti", "cti", "observed"))
    assert found.change(watched) == Changes((), (), ("6001", "a b@c"))
    assert found.subscriber("a b@c").watcher == "sip:cti@pbx.example.net"
