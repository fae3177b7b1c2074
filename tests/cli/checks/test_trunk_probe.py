"""Trunks as `check` finds them: at a real PBX without a daemon, by the daemon's own evidence where one runs."""

import asyncio
import re
import socket
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctibridge.cli.checks.trunk_probe import findings
from ctibridge.config import Settings
from ctibridge.delivery.adapters import outbox_tables
from ctibridge.domain import line_evidence
from ctibridge.domain.finding import Finding, Kind
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.sip.adapters import dns as dns_adapter
from ctibridge.sip.adapters import pilot, way
from ctibridge.sip.adapters import trunk as trunk_adapter
from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from tests.peers.authority import Authority
from tests.peers.plugin import MakeKamailio
from tests.peers.ports import Loopback, host_port

PHONE = "sip:phone@127.0.0.9:5999"
USERS = {"6001": "secret", "6002": "secret", "6003": "secret"}


class Configured:
    """Trunks of one line each, by name; each listens at an address of its own."""

    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback
        self.trunks: dict[str, TrunkSettings] = {}
        self.accesses: dict[str, TrunkAccess] = {}
        self.seats: dict[str, dict[str, tuple[str, ...]]] = {}

    def add(self, name: str, registrar: str, line: str = "6001", password: str = "secret", **keys: Any) -> str:
        """The address where it listens."""
        host = self._loopback.address()
        listen = host_port(host, self._loopback.port(host))
        self.trunks[name] = TrunkSettings(name=name, registrar=registrar, **{"listen": listen} | keys)
        self.seats[name] = {line: ("ana",)}
        self.accesses[name] = TrunkAccess((LineAccess(line, line, password),))
        return host

    async def rows(self, folder: Path, *, running: bool) -> Mapping[str, dict[str, Finding]]:
        """By trunk and by what."""
        settings = Settings(trunk=tuple(self.trunks.values()))
        found = await findings(settings, self.seats, self.accesses, folder, running=running)
        assert not [row for row in found if "\n" in f"{row.text}{row.mend}"]
        return {
            name: {row.what: row for row in found if re.match(rf"trunk {name}\b", row.text)}
            for name in self.trunks
        }  # fmt: skip


@pytest.fixture
def configured(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Configured:
    """No name is asked for outside of this process."""

    async def addresses(_: AddressLookup, name: str, __: object) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(AddressLookup, "addresses", addresses)
    monkeypatch.setattr(dns_adapter, "_of_the_system", lambda: None)
    return Configured(loopback)


@pytest.mark.peer("kamailio", "kamailio/tls.so", "openssl")
async def test_without_a_daemon_one_line_of_each_trunk_asks(
    kamailio: MakeKamailio, authority: Authority, configured: Configured, loopback: Loopback, tmp_path: Path
) -> None:
    pbx = await kamailio(users=USERS, tls=True)
    await pbx.add_contact("6001", PHONE)
    dead = loopback.address()
    configured.add("good", pbx.registrar)
    configured.add("tls", pbx.registrar_tls, ca_file=str(authority.ca_file))
    configured.add("stranger", pbx.registrar_tls)
    configured.add("alone", pbx.registrar, "6002")
    wrong = configured.add("wrong", pbx.registrar, "6003", "wrong")
    configured.add("unknown", pbx.registrar, "6009", domain="pbx.test")
    configured.add("closed", f"sip:{host_port(dead, loopback.port(dead))};transport=tcp")
    configured.add("unnamed", "sip:pbx.nowhere.test")
    configured.add("taken", pbx.registrar)
    configured.add("bare", pbx.registrar)
    del configured.accesses["bare"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        ours = configured.trunks["taken"].our_side
        other.bind((ours.host, ours.port or 0))
        found = await configured.rows(tmp_path, running=False)

    assert found["good"]["registration"].text == "trunk good: line 6001 registers, beside 1 other device"
    assert found["good"]["registration"].good
    assert found["tls"]["TLS"].text.endswith("is trusted and ends today")
    assert found["tls"]["TLS"].kind is Kind.MEND
    assert found["tls"]["registration"].good
    assert found["stranger"]["TLS"].mend == "give ca_file"
    assert "registration" not in found["stranger"], "one cause, one row"
    assert "no other device is on the line" in found["alone"]["registration"].text
    assert found["wrong"]["registration"].text.endswith('registrar refuses the password (realm "pbx.test")')
    assert 'set domain = "pbx.test"' in str(found["wrong"]["registration"].mend)
    assert "compare username and password" in str(found["unknown"]["registration"].mend)
    assert "does not listen at port" in found["closed"]["TCP"].text
    assert found["unnamed"]["DNS"].text == "trunk unnamed: pbx.nowhere.test: it has no address"
    assert "is in use by another program" in found["taken"]["listen"].text
    assert list(found["bare"]) == ["route"], "a trunk whose secrets cannot be read"

    assert [contact.uri for contact in await pbx.contacts("6001")] == [PHONE], "all signed off"
    assert not await pbx.contacts("6002")
    asked = re.findall(rf"REGISTER \S+ from {re.escape(wrong)}:", pbx.process.output())
    assert len(asked) == 2, "the question, and the password once"


def kept(folder: Path, seen: datetime, *lines: LineEvidence) -> None:
    """As the daemon writes it."""
    db, _ = outbox_tables.connect(folder / outbox_tables.FILE)
    with closing(db):
        rows = [(line_evidence.KIND, line_evidence.key(one.trunk, one.line), line_evidence.write(one)) for one in lines]
        for row in (*rows, (line_evidence.SEEN, "", line_evidence.write_moment(seen))):
            db.execute("INSERT INTO desk_fact VALUES (?, ?, ?, ?)", (*row, seen.timestamp()))


async def test_with_a_daemon_its_evidence_speaks_and_nobody_registers(
    configured: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object) -> None:
        raise AssertionError("the daemon's contacts are there")

    monkeypatch.setattr(pilot, "ask", nobody)
    now = datetime.now(UTC)
    since = now - timedelta(days=5)
    configured.add("pbx", "sip:127.0.0.9:5060")
    configured.add("unnamed", "sip:pbx.nowhere.test")
    deaf = LineEvidence("unnamed", "6001", LineState.DEAF, "the registrar's name cannot be resolved", since)
    configured.accesses.clear()  # as outside of the unit, where LoadCredential= gives nothing
    kept(tmp_path, now, LineEvidence("pbx", "6001", LineState.REGISTERED, "registered", since, since, others=1), deaf)
    found = await configured.rows(tmp_path, running=True)
    assert list(found["pbx"]) == ["route", "lines heard", "calls"]
    assert found["pbx"]["lines heard"].good
    assert found["pbx"]["calls"].text.endswith("line 6001 has registered for 5 days and never rang")
    assert list(found["unnamed"]) == ["DNS", "lines heard"]


async def test_a_daemon_that_wrote_long_ago_or_whose_file_is_none(configured: Configured, tmp_path: Path) -> None:
    configured.add("pbx", "sip:127.0.0.9:5060")
    settings = Settings(trunk=tuple(configured.trunks.values()))
    kept(tmp_path, datetime.now(UTC) - timedelta(hours=2))
    first, *_ = await findings(settings, {}, configured.accesses, tmp_path, running=True)
    assert "2 hours ago" in first.text
    (tmp_path / outbox_tables.FILE).write_bytes(b"x" * 4096)
    first, *rest = await findings(settings, {}, configured.accesses, tmp_path, running=True)
    assert first.text.startswith("what the daemon knows of its lines cannot be read")
    assert [row.what for row in rest] == ["route"]


async def test_name_servers_that_never_answer_are_told_as_such(
    configured: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def addresses(_: AddressLookup, name: str, __: object) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(AddressLookup, "addresses", addresses)
    monkeypatch.setattr(way, "NAMES", 0.05)
    configured.add("mute", "sip:pbx.example.test")
    found = await configured.rows(tmp_path, running=False)
    assert list(found["mute"]) == ["DNS"]
    assert found["mute"]["DNS"].text.endswith("no name server answers for it")


async def test_names_are_asked_for_once_and_the_registrar_has_its_time_to_itself(
    configured: Configured, loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where NAPTR and SRV are never answered, each look takes as long as the registrar is given."""
    asked, host = list[str](), loopback.address()

    async def addresses(_: AddressLookup, name: str, __: object) -> tuple[str, ...]:
        asked.append(name)
        return (host,)

    monkeypatch.setattr(AddressLookup, "addresses", addresses)
    monkeypatch.setattr(pilot, "PATIENCE", 0.2)
    monkeypatch.setattr(trunk_adapter, "SIGN_OFF", 0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as registrar:
        registrar.bind((host, 0))
        configured.add("slow", f"sip:pbx.example.test:{registrar.getsockname()[1]}")
        found = await configured.rows(tmp_path, running=False)
        assert registrar.recv(4096, socket.MSG_DONTWAIT).startswith(b"REGISTER ")
    assert "the registrar does not answer" in found["slow"]["registration"].text
    assert asked == ["pbx.example.test"]
