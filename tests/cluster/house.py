"""Several nodes on one Redis with one PBX, and agents at any of them: what the faults of a cluster are played on.

::

    async with House.open(loopback, redis, nodes=3) as house:   # every line registered by one of them, desks connected
        async with house.callers(rate=50):
            await asyncio.sleep(0.5)                            # any moment of the load
            house.kill("n1")                                    # SIGKILL; the callers go on
            await house.up(within=TAKES_OVER)                   # the others have its lines
            await house.start("n1")
        await house.finish()
    assert house.complaints() == []

Each node has a directory of its own, filled alike, and a cable of its own to Redis (`house.nodes["n1"].cable`).
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from tests.e2e.daemon import PLAIN, SAMPLE, Daemon, TrunkOf
from tests.faults.daylight import Daylight
from tests.faults.harness import processors
from tests.faults.pbx import Pbx
from tests.faults.record import Life
from tests.faults.seat import Seat
from tests.faults.world import World
from tests.peers.cable import Cable
from tests.peers.notify_socket import NotifySocket
from tests.peers.ports import Loopback, host_port
from tests.peers.process import PeerTimeout, until
from tests.peers.redis import RedisServer
from tests.peers.space import Strand

MORE = ("dan", "eva", "finn", "gro", "hal")
"""Agents besides those of the sample, without a grant: so many desks are at home at every node."""
LINES: dict[str, list[str]] = {
    **{f"60{number:02}": [agent] for number, agent in enumerate(("ana", "ben", "chloe", *MORE), 1)},
    "6020": ["ana"],
}
OFTEN = {"CTIBRIDGE_NODE_FAULTS", "CTIBRIDGE_REDIS_FAULTS"} & os.environ.keys()
LEASE = os.environ.get("CTIBRIDGE_LEASE") or ("3s" if OFTEN else "2s")
"""Longer where many calls keep the machine busy for long; else what is soon over. The product's own is 5s."""
TAKES_OVER = 10.0
"""Seconds until the lines of a node that died are another one's (issue 9)."""
STARTS_WITHIN = 60.0
STOPS_WITHIN = 30.0
"""Seconds: it gives its lots away, and stays as long as a call rings there."""

Way = Cable | Strand | str
"""From a node to Redis: one that can be cut, or keys of [redis] as TOML that say where it is."""


def straight(redis: RedisServer, nodes: int = 2) -> list[str]:
    """The way of each of so many nodes to Redis, past this process: it has enough to do, and would be late."""
    return [f'url = "redis://{redis.address}:{redis.port}/0"'] * nodes


@dataclass
class Node:
    """One node with all that is its own. life: the number of its process's entry in the record. calendar: what its
    process has in its environment for it."""

    daemon: Daemon
    way: Way
    notify: NotifySocket
    life: int = -1
    calendar: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.daemon.sip_host


class House(World):
    """nodes: by name. rings_for: so long that every node has answered, also on a busy machine."""

    rings_for = (0.3, 1.0)

    def __init__(self, folder: Path, loopback: Loopback, lines: Mapping[str, Sequence[str]], chance: int) -> None:
        super().__init__(lines, chance)
        self.nodes: dict[str, Node] = {}
        self.folder = folder
        self._loopback = loopback
        self._lease = LEASE
        self._calendars: Mapping[str, int] = {}
        self._closing = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        loopback: Loopback,
        redis: tuple[str, int] | list[str] | list[Strand],
        nodes: int = 2,
        lines: Mapping[str, Sequence[str]] = LINES,
        *,
        chance: int = 1,
        more: str = "",
        alike: bool = True,
        lease: str = LEASE,
        calendars: Mapping[str, int] | None = None,
    ) -> AsyncIterator[Self]:
        """redis: its address, to which each node has a cable; or each node's way (`straight`). more: further keys of
        [redis] as TOML. alike: each node begins with a copy of the first one's state; else they hear all from it.
        lease: a longer one, where nobody shall lose his on a busy machine. calendars: by how many seconds these nodes'
        are ahead."""
        with tempfile.TemporaryDirectory(prefix="cti-") as folder:
            house = cls(Path(folder), loopback, lines, chance)
            house._lease, house._calendars = lease, calendars or {}
            try:
                await house._begin(redis, [f"n{number}" for number in range(1, nodes + 1)], more, alike=alike)
                yield house
            except BaseException:
                house._write_story()
                raise
            finally:
                await house._close()

    async def _begin(
        self, redis: tuple[str, int] | list[str] | list[Strand], names: Sequence[str], more: str, *, alike: bool
    ) -> None:
        host = self._loopback.address()
        self.pbx = await Pbx.listen(self.record, self.lines, host, self._loopback.port(host))
        trunk = TrunkOf(f"sip:{host_port(*self.pbx.address)}", self.lines)
        for place, name in enumerate(names):
            way = redis[place] if isinstance(redis, list) else await self._cable(redis)
            daemon = Daemon(self.folder / name, self._loopback, trunk, name=name)
            daemon.configure(trunk, more=self._joins(way) + more)
            self.nodes[name] = Node(daemon, way, NotifySocket(self.folder / f"{name}.0"))
            self.pbx.lives[daemon.sip_host] = 0
            if name in self._calendars:
                self.nodes[name].calendar = Daylight.set(daemon.folder, self._calendars[name]).environment
        await self._fill()
        await self._seat(alike=alike)
        await asyncio.gather(*(self.start(name) for name in names))
        self.sit()
        await self.up()

    async def _cable(self, redis: tuple[str, int]) -> Cable:
        return await self._closing.enter_async_context(Cable.to(redis, self._loopback))

    def _joins(self, way: Way) -> str:
        """What joins a node with the others, as TOML."""
        where = way if isinstance(way, str) else f'url = "redis://{way}/0"'
        return f'\n[redis]\n{where}\nlease = "{self._lease}"\n'

    async def _fill(self) -> None:
        """The sample's directory, with more agents."""
        agents = self.folder / "agents.csv"
        sample = (SAMPLE / "agents.csv").read_text(encoding="utf-8")
        agents.write_text(sample + "".join(f"{name},{name.title()},,en,\n" for name in MORE), encoding="utf-8")
        files = [agents if file.name == agents.name else file for file in PLAIN]
        await asyncio.to_thread(next(iter(self.nodes.values())).daemon.fill, *files)

    async def _seat(self, *, alike: bool) -> None:
        """Every agent at a node, and at the next one where that does not answer; the first agent at two at once. The
        tokens are copied to the other nodes with the directory, or come to them with it."""
        webs = [node.daemon.web for node in self.nodes.values()]
        agents = dict.fromkeys(agent for some in self.lines.values() for agent in some)
        first, *others = self.nodes.values()
        tokens = {agent: await asyncio.to_thread(first.daemon.token, agent) for agent in agents}
        for node in others if alike else ():
            shutil.copytree(first.daemon.folder / "state", node.daemon.folder / "state")
        for place, agent in enumerate([*agents, next(iter(agents))]):
            turned = webs[place % len(webs) :] + webs[: place % len(webs)]
            name = agent if agent not in self.seats else f"{agent}@2"
            self.seats[name] = Seat(agent, turned[0], tokens[agent], self.record, self._links, turned[1:])

    async def _close(self) -> None:
        await self.leave()
        if hasattr(self, "pbx"):
            await self.pbx.close()
        for node in self.nodes.values():
            node.daemon.close()
            node.notify.close()
        await self._closing.aclose()

    # -- nodes ---------------------------------------------------------------------------------------------------------

    async def start(self, name: str) -> None:
        """The node's next process; returns when it has said READY=1."""
        node = self.nodes[name]
        self.pbx.next_process_of(node.host)
        node.notify.close()
        node.life = len(self.record.lives)
        node.notify = NotifySocket(self.folder / f"{name}.{node.life + 1}")
        node.daemon.environment = {**node.notify.environment, **node.calendar}
        self.record.lives.append(Life(time.monotonic(), node=node.host, web=node.daemon.web))
        node.daemon.launch()
        try:
            await node.notify.hears("READY=1", STARTS_WITHIN)
        except PeerTimeout:
            raise AssertionError(node.daemon.process.output()) from None
        ready = time.monotonic()
        ran, waited = processors(node.daemon.process.pid)
        self._note(name, ready=ready, queued=max(0.0, min(waited, ready - self.record.lives[node.life].began - ran)))

    def kill(self, name: str) -> None:
        """SIGKILL; the process is gone when this returns."""
        self._note(name, ended=time.monotonic())
        self.nodes[name].daemon.close()
        self.pbx.next_process_of(self.nodes[name].host)

    async def stop(self, name: str) -> None:
        """SIGTERM: it hands over what it has, and says goodbye."""
        process = self.nodes[name].daemon.process
        os.kill(process.pid, signal.SIGTERM)
        assert await process.wait(STOPS_WITHIN) == 0, process.output()
        self._note(name, ended=time.monotonic())
        self.nodes[name].daemon.close()

    async def restart(self, name: str) -> None:
        """It stops, the others have all that it had, it starts, and has its share again."""
        await self.stop(name)
        await self.up(TAKES_OVER)
        await self.start(name)
        await self.shared()

    @contextlib.contextmanager
    def standing_still(self, name: str) -> Iterator[None]:
        """SIGSTOP, and SIGCONT behind it. Calls that come to this node meanwhile are owed only what they are told."""
        node, began = self.nodes[name], time.monotonic()
        os.kill(node.daemon.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(node.daemon.process.pid, signal.SIGCONT)
            pauses = self.record.lives[node.life].pauses
            self._note(name, pauses=(*pauses, (began, time.monotonic())))

    @contextlib.asynccontextmanager
    async def apart(self, name: str, *, stalled: bool = False) -> AsyncIterator[None]:
        """The node cannot reach Redis, all others can. stalled: nobody tells it so. It lives on, and serves what it
        has."""
        node, way, began = self.nodes[name], self.nodes[name].way, time.monotonic()
        assert not isinstance(way, str), "it has a way that can be cut"
        (way.stall if stalled else way.cut)()
        try:
            yield
        finally:
            await way.mend()
            spans = self.record.lives[node.life].apart
            self._note(name, apart=(*spans, (began, time.monotonic())))

    async def taken_over(self, name: str, within: float = TAKES_OVER) -> None:
        """Each line is registered by another node than this one."""
        away = {self.nodes[name].host}
        await until(lambda: all(self._places(line) - away for line in self.lines), "every line taken over", within)

    async def doubled(self, within: float = STARTS_WITHIN) -> None:
        """Each line is registered by two nodes."""
        await until(lambda: all(len(self._places(line)) == 2 for line in self.lines), "two nodes for a line", within)
        await self.up(within)

    async def up(self, within: float = STARTS_WITHIN, without: str = "") -> None:
        """Every line is registered by a node that runs, another one than `without`, and every desk is connected and
        caught up."""
        away = {self.nodes[without].host} if without else set()
        await until(lambda: all(self._places(line) - away for line in self.lines), "every line registered", within)
        await until(lambda: all(seat.live for seat in self.seats.values()), "every desk back", within)

    async def shared(self, within: float = STARTS_WITHIN) -> None:
        """Each node that runs has lines of its own, and each line one node."""
        await until(self._is_shared, "every node has its lines", within)
        await self.up(within)

    def _is_shared(self) -> bool:
        places = list(map(self._places, self.lines))
        running = {node.host for node in self.nodes.values() if self.record.lives[node.life].ended is None}
        return all(len(one) == 1 for one in places) and running == {host for one in places for host in one}

    def _places(self, line: str) -> set[str]:
        return set(self.pbx.places_now(line))

    def judged(self) -> str:
        """What is wrong, a line each; nothing is. How long a start takes is not this house's business."""
        found = "\n".join(self.complaints(STARTS_WITHIN))
        if found:
            self._write_story()
        return found

    def _write_story(self) -> None:
        """All that was seen and said, into the file that CTIBRIDGE_STORY names, or the next one that is not there, for
        who looks for a fault."""
        if name := os.environ.get("CTIBRIDGE_STORY"):
            names = itertools.chain([name], (f"{name}.{number}" for number in itertools.count(2)))
            file = next(one for one in names if not Path(one).exists())
            record = self.record
            seen = (record.lives, record.sent, record.rang, record.over, record.links, record.gone, record.events)
            lines = map(repr, itertools.chain(*seen, record.stored))
            logs = [
                f"{name} {line}"
                for name, node in self.nodes.items()
                for log in sorted(node.daemon.folder.glob("daemon*.log"))
                for line in log.read_text(encoding="utf-8").splitlines()
            ]
            Path(file).write_text("\n".join([*lines, *logs]), encoding="utf-8")

    def _note(self, name: str, **now: object) -> None:
        number = self.nodes[name].life
        self.record.lives[number] = replace(self.record.lives[number], **now)  # type: ignore[arg-type]
