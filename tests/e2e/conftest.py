"""Fixtures of the whole ways."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import PASSWORD, Daemon, TrunkOf
from tests.e2e.desk import Desk
from tests.e2e.ear import Ear, MakeEar
from tests.e2e.house import ACME, FLEURON, KHALIJ, LINES, House, MakeHouse, pbx_keys, trunk_of
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeSipp
from tests.peers.ports import Loopback, host_port
from tests.peers.process import Process

MakeDaemon = Callable[..., Awaitable[Daemon]]
MakeDesk = Callable[..., Awaitable[Desk]]
MakeProgram = Callable[..., Process]


@pytest.fixture
async def daemon(tmp_path: Path, loopback: Loopback, peer_processes: list[Process]) -> AsyncIterator[MakeDaemon]:
    """`await daemon(TrunkOf(...))`: filled with the sample directory and running."""
    running: list[Daemon] = []

    async def make(*trunks: TrunkOf, fill: bool = True) -> Daemon:
        made = Daemon(tmp_path / f"ctibridge{len(running) + 1}", loopback, *trunks)
        running.append(made)
        peer_processes.append(made.process)
        if fill:
            made.fill()
        await made.start()
        return made

    yield make
    for each in running:
        each.close()


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """`await desk(daemon, "ana")`: that agent's desk, signed in."""
    async with AsyncExitStack() as open_desks:

        async def make(of: Daemon, agent: str) -> Desk:
            return await open_desks.enter_async_context(Desk(of.web, of.token(agent)))

        yield make


@pytest.fixture
def house(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, daemon: MakeDaemon, desk: MakeDesk
) -> MakeHouse:
    """`await house("6001")`: those lines, each with its phone and its agent's desk, all registered.

    `pbx`: more of PbxSettings, `others`: telephones at that PBX that are no lines of ours. `observe=["dialog-info"]`,
    or with "contact", as every other keyword is a key of the trunk; then the PBX tells it to an observer.
    """

    async def make(
        *lines: str,
        numbers: dict[str, Any] | None = None,
        pbx_is: Kamailio | None = None,
        pbx: dict[str, Any] | None = None,
        others: Sequence[str] = (),
        **trunk: Any,
    ) -> House:
        rung = {ACME: lines, FLEURON: lines, KHALIJ: lines} | (numbers or {})
        keys = pbx_keys(trunk.get("observe", ())) | (pbx or {})
        keys.setdefault("users", dict.fromkeys((*lines, *others), PASSWORD))
        kam = pbx_is or await kamailio(numbers=rung, **keys)
        phones = {line: await baresip(kam, line) for line in (*lines, *others)}
        made = House(kam, await daemon(trunk_of(kam, lines, **trunk)), sipp(kam), phones)
        for line in lines:
            for agent in LINES[line]:
                made.desks[agent] = await desk(made.daemon, agent)
                await made.desks[agent].lines({line: "registered"})
        return made

    return make


@pytest.fixture
async def ear(loopback: Loopback) -> AsyncIterator[MakeEar]:
    """`await ear(pbx.registrar, {"6001": "secret"})`: a trunk of ours in the test's own loop; keys of [[trunk]]."""
    ears: list[Ear] = []

    async def make(registrar: str, lines: dict[str, str], *, host: str = "", **keys: object) -> Ear:
        address = host or loopback.address()
        made = Ear(registrar, lines, host_port(address, loopback.port(address)), **keys)
        ears.append(made)
        await made.start()
        return made

    yield make
    for each in ears:
        await each.stop()


@pytest.fixture
def program(tmp_path: Path, peer_processes: list[Process]) -> Iterator[MakeProgram]:
    """`program("-m", "http.server")`: a Python that runs these words; it ends with the test."""

    def make(*words: str, **environment: str) -> Process:
        log = tmp_path / f"program{len(peer_processes)}.log"
        started = Process([sys.executable, "-u", *words], log=log, cwd=tmp_path, env=environment)
        peer_processes.append(started)
        mine.append(started)
        started.start()
        return started

    mine: list[Process] = []
    yield make
    for each in mine:
        each.kill()
