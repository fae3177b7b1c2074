"""The way to a registrar and its answer, as rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ctibridge.cli.checks import trunks
from ctibridge.domain.finding import Finding, Kind
from ctibridge.sip.adapters.pilot import Word
from ctibridge.sip.adapters.way import Seen, Way
from ctibridge.sip.authorization import refused_by
from ctibridge.sip.events import Hearing, LineChanged, View
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.lines import ALONE_WHY
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
UDP = datagram("10.0.0.5", 5060)
TLS = Hop(Transport.TLS, "10.0.0.5", 5061, name="pbx.example.net")


def trunk(registrar: str = "sip:pbx.example.net", **keys: Any) -> TrunkSettings:
    return TrunkSettings(name="pbx", registrar=registrar, **keys)


def rows(found: Way, of: TrunkSettings | None = None) -> dict[str, Finding]:
    return {row.what: row for row in trunks.way(of or trunk(), found, AT)}


def test_names_and_route() -> None:
    found = rows(Way((UDP,), ("NAPTR", "SRV"), local="10.0.0.9"))
    assert found["DNS"] == Finding(
        "DNS", "trunk pbx: pbx.example.net is 10.0.0.5:5060 (UDP), by NAPTR and SRV"
    )  # fmt: skip
    assert found["route"] == Finding("route", "trunk pbx: from 10.0.0.9 to 10.0.0.5:5060 (UDP)")


def test_an_address_needs_no_name() -> None:
    assert list(rows(Way((UDP,), local="10.0.0.9"), trunk("sip:10.0.0.5"))) == ["route"]


@pytest.mark.parametrize(("unanswered", "why"), [(False, "it has no address"), (True, "no name server answers for it")])
def test_a_name_that_leads_nowhere(unanswered: bool, why: str) -> None:
    found = Way(unanswered=unanswered)
    (row,) = rows(found, trunk(outbound_proxy="sip:edge.example.net")).values()
    assert row.text == f"trunk pbx: edge.example.net: {why}"
    assert row.kind is Kind.MEND
    assert not trunks.leads_there(found)


def test_questions_that_nobody_answered_can_wait() -> None:
    assert rows(Way((UDP,), unanswered=True, local="10.0.0.9"))["DNS"].kind is Kind.NOTE


def test_no_route() -> None:
    found = Way((UDP,), no_route="Network is unreachable")
    row = rows(found)["route"]
    assert (row.text, row.mend) == ("trunk pbx: none to 10.0.0.5: Network is unreachable",
                                    "look at: ip route get 10.0.0.5")  # fmt: skip
    assert not trunks.leads_there(found)


@pytest.mark.parametrize(
    ("left", "kind", "said"),
    [
        (timedelta(days=90), Kind.GOOD, "in 90 days"),
        (timedelta(days=21), Kind.GOOD, "in 21 days"),
        (timedelta(days=20, hours=23), Kind.NOTE, "in 20 days"),
        (timedelta(days=2), Kind.MEND, "in 2 days"),
        (timedelta(hours=5), Kind.MEND, "today"),
    ],
)
def test_a_certificate_is_renewed_in_time(left: timedelta, kind: Kind, said: str) -> None:
    found = Way((TLS,), local="10.0.0.9", seen=(Seen(TLS, ends=AT + left),))
    row = rows(found)["TLS"]
    assert row.text == f"trunk pbx: certificate of pbx.example.net is trusted and ends {said}"
    assert row.kind is kind
    assert trunks.leads_there(found)


def test_a_fault_brings_its_mend_or_gets_one() -> None:
    expired = Seen(TLS, "certificate of pbx.example.net has expired; renew it")
    found = Way((TLS,), local="10.0.0.9", seen=(expired,))
    row = rows(found)["TLS"]
    assert (row.text, row.mend) == (
        "trunk pbx: 10.0.0.5:5061 (TLS): certificate of pbx.example.net has expired",
        "renew it",
    )
    assert not trunks.leads_there(found)
    tcp = Hop(Transport.TCP, "::1", 5060)
    row = rows(Way((tcp,), local="::1", seen=(Seen(tcp, "::1 does not listen at port 5060 (TCP)"),)))["TCP"]
    assert row.text == "trunk pbx: [::1]:5060 (TCP): ::1 does not listen at port 5060 (TCP)"
    assert row.mend == trunks.REACHABLE


def test_one_of_two_servers_is_enough_to_ask() -> None:
    tcp = Hop(Transport.TCP, "10.0.0.5", 5060)
    assert trunks.leads_there(Way((tcp, tcp), local="10.0.0.9", seen=(Seen(tcp, "dead"), Seen(tcp))))
    assert rows(Way((tcp,), local="10.0.0.9", seen=(Seen(tcp),)))["TCP"].good


def word(
    hearing: Hearing | None, why: str = "", others: int | None = None, view: View = View.CONTACT, **keys: Any
) -> Finding:
    change = None if hearing is None else LineChanged("pbx", "6001", hearing, why, others)
    return trunks.word(trunk("sip:10.0.0.5", **keys), Word("6001", view, change))


def test_what_the_registrar_says() -> None:
    good = word(Hearing.REGISTERED, "registered", 1)
    assert good == Finding("registration", "trunk pbx: line 6001 registers, beside 1 other device")
    assert word(Hearing.REGISTERED, "registered", 0).kind is Kind.NOTE
    test = SelftestSettings("6099", "+493023125199", phone="6001")
    assert word(Hearing.REGISTERED, "registered", 0, selftest=test).good
    watched = word(Hearing.REGISTERED, "its dialog state is told to us", view=View.DIALOG_INFO)
    assert watched == Finding("subscription", "trunk pbx: line 6001: its dialog state is told to us")


def test_what_it_refuses() -> None:
    silent = word(None)
    assert (silent.text, silent.mend) == ("trunk pbx: line 6001: the registrar does not answer", trunks.REACHABLE)
    alone = word(Hearing.ALONE, ALONE_WHY, 0)
    assert (alone.kind, "; " in alone.text) == (Kind.MEND, False)
    refused = word(Hearing.DEAF, f"registrar {refused_by('pbx.example.net')}")
    assert refused.text == 'trunk pbx: line 6001: registrar refuses the password (realm "pbx.example.net")'
    assert 'set domain = "pbx.example.net"' in str(refused.mend)


def test_where_the_daemon_would_not_start() -> None:
    row = trunks.cannot_begin("listen", "trunk pbx listen: 0.0.0.0:5066 is in use by another program; stop it")
    assert (row.text, row.mend) == ("trunk pbx listen: 0.0.0.0:5066 is in use by another program", "stop it")
