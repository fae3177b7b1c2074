"""pytest fixtures that start real peers and end them with the test.

A test says which programs it needs by `@pytest.mark.peer("kamailio", …)`; what happens where one is missing is decided
by the project's conftest. When a test fails, the end of each peer's log stands in its report.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.peers.authority import Authority
from tests.peers.baresip import Baresip
from tests.peers.chromium import Chromium
from tests.peers.chromium_server import ChromiumServer
from tests.peers.desktop import Desktop, SessionBus
from tests.peers.flood import Flood
from tests.peers.kamailio import Kamailio
from tests.peers.kamailio_config import PbxSettings
from tests.peers.loss import LossyWire, Quality
from tests.peers.nginx import Nginx
from tests.peers.ports import IPV6_LOOPBACK, Loopback
from tests.peers.process import TAIL, PeerError, Process
from tests.peers.sipp import Sipp
from tests.peers.sipvicious import Sipvicious
from tests.peers.space import Space
from tests.peers.stream_wire import StreamWire
from tests.peers.tmux import Tmux
from tests.peers.watcher import Watcher

MakeKamailio = Callable[..., Awaitable[Kamailio]]
MakeBaresip = Callable[..., Awaitable[Baresip]]
MakeNginx = Callable[..., Awaitable[Nginx]]
MakeSipp = Callable[..., Sipp]
MakeWire = Callable[..., Awaitable[LossyWire]]
MakeStreamWire = Callable[..., Awaitable[StreamWire]]
MakeWatcher = Callable[..., Awaitable[Watcher]]
MakeFlood = Callable[..., Awaitable[Flood]]
MakeTmux = Callable[..., Awaitable[Tmux]]

PICTURES = "CTIBRIDGE_PICTURES"  # environment: a folder in which screenshots are kept after the run
_PROCESSES = pytest.StashKey[list[Process]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "peer(*programs): needs these real programs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for process in item.stash.get(_PROCESSES, []):
            report.sections.append((f"{process.name} {process.log}", process.output()[-TAIL:]))
    return report


@pytest.fixture
def space() -> Iterator[Space]:
    """Skipped where a person's machine does not allow it."""
    try:
        made = Space()
    except PeerError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with made:
        yield made


@pytest.fixture
def peer_processes(request: pytest.FixtureRequest) -> list[Process]:
    """The processes of this test whose logs a failure shows; add your own."""
    processes: list[Process] = []
    request.node.stash[_PROCESSES] = processes
    return processes


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """Addresses and ports that belong to this test alone. Every peer's fixture needs it, so it outlives them."""
    with Loopback() as addresses:
        yield addresses


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The run's own certificate authority: `authority.ca_file` is what a trunk has to trust, and
    `authority.certificate("127.0.0.1", "pbx.test")` makes a PEM pair for a server of a test's own."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def kamailio(
    tmp_path: Path, loopback: Loopback, peer_processes: list[Process], request: pytest.FixtureRequest
) -> AsyncIterator[MakeKamailio]:
    """`await kamailio(users={...}, numbers={...}, …)`: a running PBX; the keywords are those of PbxSettings.

    With `tcp=True` and `tls=True` it serves these as well (`pbx.registrar_tcp`, `pbx.registrar_tls`); a client trusts
    it by `authority.ca_file`. With `presence=True` it speaks dialog-info of all lines.
    """
    running: list[Kamailio] = []

    async def make(**settings: Any) -> Kamailio:
        asked = PbxSettings(**settings)
        signer = request.getfixturevalue("authority") if asked.tls else None
        pbx = Kamailio(tmp_path / f"kamailio{len(running) + 1}", loopback, asked, signer)
        running.append(pbx)
        peer_processes.append(pbx.process)
        await pbx.start()
        return pbx

    yield make
    for pbx in running:
        pbx.close()


@pytest.fixture
async def baresip(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> AsyncIterator[MakeBaresip]:
    """`await baresip(pbx, "6001")`: a telephone that is registered on that line; see Baresip.register for the rest."""
    running: list[Baresip] = []

    async def make(pbx: Kamailio, user: str, password: str | None = None, **account: Any) -> Baresip:
        phone = Baresip(tmp_path / f"baresip{len(running) + 1}", loopback)
        running.append(phone)
        peer_processes.append(phone.process)
        await phone.start()
        known = pbx.settings.users.get(user, "") if password is None else password
        registrar = account.pop("registrar", pbx.host)  # a bad wire, perhaps
        account.setdefault("username", pbx.settings.usernames.get(user))
        await phone.register(user, known, registrar, **account)
        return phone

    yield make
    for phone in running:
        await phone.stop()


@pytest.fixture
def sipp(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> Iterator[MakeSipp]:
    """`sipp(pbx)` or `sipp("host:port")`: a caller with an address of its own; `ipv6=True` calls over [::1]."""
    callers: list[Sipp] = []

    def make(pbx: Kamailio | str, *, ipv6: bool = False) -> Sipp:
        host = pbx if isinstance(pbx, str) else pbx.host_v6 if ipv6 else pbx.host
        caller = Sipp(tmp_path / f"sipp{len(callers) + 1}", loopback, host, ipv6=ipv6, started=peer_processes.append)
        callers.append(caller)
        return caller

    yield make
    for caller in callers:
        caller.close()


@pytest.fixture
async def lossy_wire(loopback: Loopback) -> AsyncIterator[MakeWire]:
    """`await lossy_wire(pbx, loss=0.15, seed=7)`: a bad wire to that PBX; register at `wire.host`.

    The keywords are those of Quality; `down=Quality(late=1.0, late_by=(2, 2))` is how the PBX's own words fare where
    that differs. `wire.cut()` and `wire.join()` are the cable pulled and put back.
    """
    wires: list[LossyWire] = []

    async def make(pbx: Kamailio, *, seed: int = 1, down: Quality | None = None, **quality: Any) -> LossyWire:
        wire = LossyWire(loopback, (pbx.address, pbx.port), Quality(**quality), seed=seed, down=down)
        wires.append(wire)
        await wire.start()
        return wire

    yield make
    for wire in wires:
        await wire.close()


@pytest.fixture
async def stream_wire(loopback: Loopback) -> AsyncIterator[MakeStreamWire]:
    """`await stream_wire(pbx.host_tcp)`: a wire for TCP or TLS that can be cut and jammed; register at `wire.host`.

    Over TLS the PBX's certificate has to name it: `address = loopback.address()`, `kamailio(names=[address], …)`, and
    `stream_wire(pbx.host_tls, address=address)`.
    """
    wires: list[StreamWire] = []

    async def make(pbx: str, *, address: str | None = None) -> StreamWire:
        host, _, port = pbx.rpartition(":")
        wire = StreamWire(loopback, (host.strip("[]"), int(port)), address=address)
        wires.append(wire)
        await wire.start()
        return wire

    yield make
    for wire in wires:
        await wire.close()


@pytest.fixture
async def watcher(loopback: Loopback) -> AsyncIterator[MakeWatcher]:
    """`await watcher(pbx, "6001", "cti")`: somebody who watches that line by that account (default: the line's own),
    and has its first NOTIFY; see Watcher.says."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(pbx: Kamailio, line: str, account: str | None = None) -> Watcher:
            watching = await stack.enter_async_context(Watcher(loopback, pbx, line))
            name = account or line
            answers = await watching.subscribe(name, {**pbx.settings.users, **pbx.settings.observers}[name])
            if answers[0].status != 200:
                raise PeerError(f"{name} may not watch {line}: {answers[0].first}")
            await watching.notify(1)
            return watching

        yield make


@pytest.fixture
def sipvicious(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> Iterator[Sipvicious]:
    """`await sipvicious.svmap(host, port)` and `.svwar(host, port, "6000-6010")`: a scan to its end, about 3 s each,
    from an address that is nobody's else. Mark the test `peer("svmap")`."""
    scanner = Sipvicious(tmp_path / "sipvicious", loopback, peer_processes.append)
    yield scanner
    scanner.close()


@pytest.fixture
async def flood(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> AsyncIterator[MakeFlood]:
    """`running = await flood(host, port, rate=5000, seconds=1.0)`: a stranger's INVITEs, which flow when it returns;
    `(await running.done()).sent`, `.answers`."""
    floods: list[Flood] = []

    async def make(host: str, port: int, *, rate: int, seconds: float, called: str = "6001") -> Flood:
        own = IPV6_LOOPBACK if ":" in host else loopback.address()
        log = tmp_path / f"flood{len(floods) + 1}.log"
        source = (own, loopback.port(own))
        running = Flood(log, source, (host, port), rate=rate, seconds=seconds, called=called)
        floods.append(running)
        peer_processes.append(running.process)
        await running.start()
        return running

    yield make
    for running in floods:
        running.kill()


@pytest.fixture
async def nginx(
    tmp_path: Path, loopback: Loopback, authority: Authority, peer_processes: list[Process]
) -> AsyncIterator[MakeNginx]:
    """`await nginx("127.0.0.1:8137", {"ana@desk.example": "password"})`: a proxy over TLS that knows these users."""
    running: list[Nginx] = []

    async def make(target: str, users: Mapping[str, str], port: int) -> Nginx:
        proxy = Nginx(tmp_path / "nginx", authority.certificate("127.0.0.1"), target, users, port)
        running.append(proxy)
        peer_processes.append(proxy.process)
        await proxy.start()
        return proxy

    yield make
    for proxy in running:
        proxy.process.kill()


@pytest.fixture
def tmux(tmp_path: Path, peer_processes: list[Process]) -> Iterator[MakeTmux]:
    """`await tmux(["ctibridge", "watch"], {"HOME": …})`: that program in a terminal; see Tmux.start for the rest."""
    running: list[Tmux] = []

    async def make(command: Sequence[str], environment: Mapping[str, str], **more: Any) -> Tmux:
        terminal = Tmux(tmp_path / f"tmux{len(running) + 1}")
        running.append(terminal)
        peer_processes.append(terminal.process)
        await terminal.start(command, environment, **more)
        return terminal

    yield make
    for terminal in running:
        terminal.close()


@pytest.fixture(scope="session")
def chromium_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromiumServer]:
    """The browser of all tests of this worker."""
    server = ChromiumServer(tmp_path_factory.mktemp("chromium"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def session_bus(tmp_path: Path, peer_processes: list[Process]) -> Iterator[SessionBus]:
    """The bus of a desktop's session, which is not up yet: `await session_bus.start()`. Mark the test
    `peer("dbus-daemon")`."""
    bus = SessionBus(tmp_path)
    peer_processes.append(bus.process)
    yield bus
    bus.process.kill()


@pytest.fixture
async def desktop(session_bus: SessionBus) -> AsyncIterator[Desktop]:
    """That bus, with a desktop that shows notifications."""
    await session_bus.start()
    async with Desktop(session_bus) as shown:
        yield shown


@pytest.fixture
async def chromium(tmp_path: Path, chromium_server: ChromiumServer) -> AsyncIterator[Chromium]:
    """A browser; `await chromium.page()` for each agent, `await chromium.picture(page, name)` for a screenshot."""
    pictures = Path(os.environ.get(PICTURES) or tmp_path / "pictures")
    async with Chromium(pictures, chromium_server.endpoint) as browser:
        yield browser


@pytest.fixture
async def page(chromium: Chromium) -> Page:
    """One page of one agent."""
    return await chromium.page()
