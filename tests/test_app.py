"""Opening is all or nothing, in the test's own process; a whole life of the daemon is tests/e2e/test_service.py."""

import asyncio
import errno
import json
import socket
import sqlite3
import threading
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import structlog

from ctibridge.app import App
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.adapters import kept_evidence
from ctibridge.delivery.settings import SignInSettings, WebSettings
from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.line import LineState
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Private
from ctibridge.flow import announcing, upkeep
from ctibridge.installation import LOCK, StartError
from ctibridge.lookup.settings import LanguageSettings
from ctibridge.sd_notify import Notifier
from ctibridge.sip.adapters import trunk
from ctibridge.sip.events import Identity, RingStarted, Withheld
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from tests.delivery import examples as ex
from tests.leaks import canary
from tests.peers.notify_socket import NotifySocket

ACCESSES = {"pbx": TrunkAccess((LineAccess("6001", "6001", "secret", ("ana",)),))}


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registrar is not there; how long it has for an answer to our leaving is tested in tests/sip/adapters."""
    monkeypatch.setattr(trunk, "SIGN_OFF", 0.0)


def app(
    state_dir: Path, *, web: str = "127.0.0.1:0", sip: str = "127.0.0.1:0", notifier: Notifier | None = None
) -> App:
    trunk = TrunkSettings(name="pbx", registrar="sip:127.0.0.9:5099", listen=sip)
    return App(Settings(node=NodeSettings("test", state_dir), web=WebSettings(web), trunk=(trunk,)), ACCESSES, notifier)


async def test_it_serves_and_drains(tmp_path: Path) -> None:
    running, stop = app(tmp_path), asyncio.Event()
    await running.open()
    host, port = running.web_address
    serving = asyncio.create_task(running.run(stop))
    answer = await asyncio.to_thread(get, f"http://{host}:{port}/readyz")
    stop.set()
    await asyncio.wait_for(serving, 10)
    remarks = ["trunk pbx: 0 of 1 lines heard: asks the registrar"]
    assert answer == {"ready": True, "reasons": [], "remarks": remarks}
    with socket.socket() as nobody:
        assert nobody.connect_ex((host, port)) == errno.ECONNREFUSED


async def test_what_a_desk_notes_reaches_the_flow_and_no_log(tmp_path: Path) -> None:
    running, stop = app(tmp_path), asyncio.Event()
    await running.open()
    running._desks.ringing("ana", ex.pop(), datetime.now(UTC))
    text = canary("her laptop fell into the lake")
    running._obey(WriteNote("ana", ex.call().id, Private(text)))
    desk = running._desks._desk("ana")
    stop.set()
    await asyncio.wait_for(running.run(stop), 10)
    assert (desk.sequence, desk.notes(ex.call().id)) == (2, 1)


async def test_what_rang_is_known_after_a_restart_and_by_who_reads_the_store(tmp_path: Path) -> None:
    who = Identity("030111", None, Withheld.NO, "From")
    stop = asyncio.Event()
    stop.set()
    first = app(tmp_path)
    await first.open()
    first._hear(RingStarted("pbx", "6001", "leg", ("c", "t"), None, who, ("1",)))
    await asyncio.wait_for(first.run(stop), 10)
    second = app(tmp_path)
    await second.open()
    (known,) = second.evidence.all()
    await asyncio.wait_for(second.run(stop), 10)
    assert known.last_rang is not None
    assert known.state is LineState.REGISTERING
    found = kept_evidence.read(tmp_path)
    assert [one.last_rang for one in found.lines] == [known.last_rang]
    assert found.seen is not None
    assert found.seen > known.last_rang


async def test_open_pops_are_reviewed_also_while_the_store_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grant ends by its time. The review is awaited, and the next one comes after it."""
    running, stop = app(tmp_path), asyncio.Event()
    await running.open()
    began: list[str] = []

    async def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def review() -> None:
        began.append("began")
        await asyncio.sleep(0)
        began.append("done")
        if len(began) == 4:
            stop.set()

    monkeypatch.setattr(upkeep, "REVIEW_EVERY", 0.0)
    monkeypatch.setattr(running._lookup, "refresh", fail)
    monkeypatch.setattr(running._flow, "review", review)
    await asyncio.wait_for(running.run(stop), 10)
    assert began[:4] == ["began", "done"] * 2


async def test_who_hears_that_events_are_stored_again_does_not_hear_afterwards_that_they_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desks are told in pieces, and the disk may work again before all of them are."""
    running, stop, told = app(tmp_path), asyncio.Event(), list[tuple[str, str, bool]]()
    await running.open()

    def notice(agent: str, notice: Notice, at: datetime) -> None:
        told.append((agent, notice.kind, running._desks.live_only))

    monkeypatch.setattr(announcing, "TOLD_AT_ONCE", 1)
    monkeypatch.setattr(running._desks, "here", lambda: ["ana", "ben"])
    monkeypatch.setattr(running._desks, "notice", notice)
    running._storing.heard(True, "the disk is full")
    await asyncio.sleep(0)
    running._storing.heard(False, "")
    for _ in range(5):
        await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running.run(stop), 10)
    assert told == [("ana", "live_only", True), ("ana", "stored_again", False), ("ben", "stored_again", False)]


async def test_the_watchdog_is_fed_only_while_the_writer_and_the_sip_sockets_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Played over a real socket: READY=1 comes without the PBX, of which the status tells."""
    with (
        NotifySocket(tmp_path / "notify", watchdog=0.2) as systemd,
        closing(Notifier(systemd.environment["NOTIFY_SOCKET"], 0.02)) as notifier,
    ):
        running, stop = app(tmp_path, notifier=notifier), asyncio.Event()
        await running.open()
        serving = asyncio.create_task(running.run(stop))
        await systemd.hears("READY=1")
        await systemd.says("ready; trunk pbx: 0 of 1 lines heard: asks the registrar")
        await systemd.fed(times=2)

        write, answers = running._outbox.file.write, threading.Event()
        monkeypatch.setattr(running._outbox.file, "write", lambda rows: answers.wait(30) and write(rows))
        monkeypatch.setattr(running._outbox, "_settings", replace(running._outbox._settings, stuck_after=0.05))
        running._outbox.keep_fact("test", "one", b"fact")
        await systemd.says("the store's writer waits for the disk")
        await systemd.bites()
        answers.set()
        await systemd.fed()

        driver = running._trunks._services["pbx"]._driver
        assert driver is not None
        assert driver._transport is not None
        driver._transport.abort()
        await systemd.says("trunk pbx: the UDP socket is closed")
        await systemd.bites()
        stop.set()
        await asyncio.wait_for(serving, 10)
        await systemd.hears("STOPPING=1")


def get(url: str) -> object:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
        return json.load(answer)


async def test_a_refused_start_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        free.bind(("127.0.0.1", 0))
        web = free.getsockname()[1]
        free.close()
        sip = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"trunk pbx listen: 127.0.0.1:{sip} is in use"):
            await app(tmp_path, web=f"127.0.0.1:{web}", sip=f"127.0.0.1:{sip}").open()
    second, stop = app(tmp_path, web=f"127.0.0.1:{web}"), asyncio.Event()
    await second.open()
    stop.set()
    await asyncio.wait_for(second.run(stop), 10)


async def test_one_store_has_one_daemon(tmp_path: Path) -> None:
    first, stop = app(tmp_path), asyncio.Event()
    await first.open()
    with pytest.raises(StartError, match="in use by another ctibridge"):
        await app(tmp_path).open()
    stop.set()
    await asyncio.wait_for(first.run(stop), 10)
    assert (tmp_path / LOCK).exists()


async def test_a_trusted_proxy_signs_agents_in_only_where_it_is_configured(tmp_path: Path) -> None:
    settings = Settings(
        node=NodeSettings("test", tmp_path), web=WebSettings("127.0.0.1:0", sign_in=SignInSettings()), trunk=()
    )
    running, stop = App(settings, {}, proxy_secret=Private("shared by two")), asyncio.Event()
    await running.open()
    host, port = running.web_address
    serving = asyncio.create_task(running.run(stop))
    told = {"Origin": f"http://{host}:{port}", "Content-Type": "application/json", "X-Forwarded-User": "nobody"}
    without = await asyncio.to_thread(refused, f"http://{host}:{port}/v1/sign-in", told)
    told |= {"X-Ctibridge-Proxy": "shared by two"}
    with_it = await asyncio.to_thread(refused, f"http://{host}:{port}/v1/sign-in", told)
    stop.set()
    await asyncio.wait_for(serving, 10)
    assert (without, with_it) == ({"reason": "untrusted"}, {"reason": "unknown"})


def refused(url: str, headers: dict[str, str]) -> object:
    asked = urllib.request.Request(url, b"", headers)  # noqa: S310 - our own address
    with pytest.raises(urllib.error.HTTPError, match="403") as answer:
        urllib.request.urlopen(asked, timeout=5)  # noqa: S310
    with answer.value as body:
        return json.load(body)


async def test_a_trunk_that_loses_its_port_in_a_reload_takes_nothing_else_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status said that the old configuration counted, and half of the new one did."""
    running, stop = app(tmp_path), asyncio.Event()
    await running.open()
    serving = asyncio.create_task(running.run(stop))
    await asyncio.sleep(0)

    def lost(*_: object) -> None:
        raise StartError("trunk pbx listen: 127.0.0.1:5060 is in use")

    known = running.settings
    changed = msgspec.structs.replace(
        known, web=WebSettings("127.0.0.1:1"), language=LanguageSettings("nl"),
        trunk=(msgspec.structs.replace(known.trunk[0], ring="decline"),),
    )  # fmt: skip
    with monkeypatch.context() as elsewhere, structlog.testing.capture_logs() as logs:
        elsewhere.setattr(running._trunks, "_take_over", lost)
        await running.reload(changed, ACCESSES)
    assert running.health.reasons() == ["trunk pbx listen: 127.0.0.1:5060 is in use"]
    assert "a restart has to take web.listen" in running.health.remarks()
    assert running._lookup._directory.language.default == "nl"
    assert "trunk_lost_its_port" in [each["event"] for each in logs]
    await running.reload(changed, ACCESSES)
    assert running.health.reasons() == []
    stop.set()
    await asyncio.wait_for(serving, 10)
