"""pytest fixtures that start real peers and end them with the test.

A test says which programs it needs by `@pytest.mark.peer("kamailio", …)`; what happens where one is missing is decided
by the project's conftest. When a test fails, the end of each peer's log stands in its report.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.peers.baresip import Baresip
from tests.peers.chromium import Chromium
from tests.peers.kamailio import Kamailio
from tests.peers.kamailio_config import PbxSettings
from tests.peers.loss import LossyWire, Quality
from tests.peers.ports import Loopback
from tests.peers.process import TAIL, Process
from tests.peers.sipp import Sipp

MakeKamailio = Callable[..., Awaitable[Kamailio]]
MakeBaresip = Callable[..., Awaitable[Baresip]]
MakeSipp = Callable[..., Sipp]
MakeWire = Callable[..., Awaitable[LossyWire]]

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


@pytest.fixture
async def kamailio(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> AsyncIterator[MakeKamailio]:
    """`await kamailio(users={...}, numbers={...}, …)`: a running PBX; the keywords are those of PbxSettings."""
    running: list[Kamailio] = []

    async def make(**settings: Any) -> Kamailio:
        pbx = Kamailio(tmp_path / f"kamailio{len(running) + 1}", loopback, PbxSettings(**settings))
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
    """`await lossy_wire(pbx, loss=0.15, seed=7)`: a bad wire to that PBX; register at `wire.host`."""
    wires: list[LossyWire] = []

    async def make(pbx: Kamailio, *, seed: int = 1, **quality: Any) -> LossyWire:
        wire = LossyWire(loopback, (pbx.address, pbx.port), Quality(**quality), seed=seed)
        wires.append(wire)
        await wire.start()
        return wire

    yield make
    for wire in wires:
        await wire.close()


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Chromium]:
    """A browser; `await chromium.page()` for each agent, `await chromium.picture(page, name)` for a screenshot."""
    async with Chromium(Path(os.environ.get(PICTURES) or tmp_path / "pictures")) as browser:
        yield browser


@pytest.fixture
async def page(chromium: Chromium) -> Page:
    """One page of one agent."""
    return await chromium.page()
