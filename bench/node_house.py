"""Real nodes of the bench as processes: one alone, or several joined by a Redis, and the PBX that rings their lines."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import node_desks
from bench.node_desks import Seat
from bench.pbx import Pbx, listen
from bench.subject import cpu, write_directory
from ctibridge.lookup.adapters.schema import FILE
from tests.peers.ports import Loopback, host_port
from tests.peers.process import Process, until

STARTS_WITHIN = 40.0


@dataclass(frozen=True, slots=True)
class Floor:
    """What every house begins with. state: a state directory with the directory in it; tokens: by agent."""

    seats: Sequence[Seat]
    tokens: Mapping[str, str]
    state: Path


@dataclass(slots=True)
class Node:
    """host, port: of its web server; its trunk is at the same host."""

    name: str
    host: str
    port: int
    process: Process

    def cpu(self) -> float:
        """Seconds of processor time so far, user and system."""
        return cpu(self.process.pid)


@dataclass(slots=True)
class House:
    """Nodes that serve one floor of desks, each with a directory of its own. redis: what joins them; empty: they know
    nothing of each other, and each has its own lines."""

    name: str
    pbx: Pbx
    floor: Floor
    redis: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)

    def home(self, seat: Seat) -> Node:
        return self.nodes.get(seat.home) or next(iter(self.nodes.values()))

    def away(self, seat: Seat) -> Node:
        """Another node than his desk's; the same where no other could serve him."""
        home = self.home(seat)
        return next((node for node in self.nodes.values() if node is not home and self.redis), home)

    def is_settled(self) -> bool:
        """Each line is registered by its desk's home, and by nobody else."""
        for node in self.nodes.values():
            if not node.process.running:
                raise SystemExit(f"{node.name} has ended: {node.process.output()[-2000:]}")
        places = {line: [host for host, _ in at] for line, at in self.pbx.places.items()}
        return places == {seat.line: [self.home(seat).host] for seat in self.floor.seats}


async def furnish(folder: Path, desks: int, people: int, loopback: Loopback) -> Floor:
    """Imports the directory, once for all houses."""
    seats = node_desks.seats(desks)
    write_directory(folder / "directory", {seat.agent: seat.agent for seat in seats}, people)
    config = _configured(folder, "import", (loopback.address(), 8137), (loopback.address(), 5060), seats)
    importing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ctibridge", "import", "--config", str(config), str(folder / "directory"),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await importing.wait():
        raise SystemExit("the import failed")
    state = folder / "import" / "state"
    return Floor(seats, await node_desks.issue(state / FILE, seats), state)


@asynccontextmanager
async def house(
    name: str, folder: Path, floor: Floor, nodes: Sequence[str], loopback: Loopback, redis: str = ""
) -> AsyncIterator[House]:
    """Until every line is registered where it belongs. redis: a URL; empty: the node is alone."""
    pbx = await listen(loopback.address())
    found = House(name, pbx, floor, redis)
    try:
        for node in nodes:
            found.nodes[node] = _started(folder / name, node, found, loopback, alone=len(nodes) == 1)
        await until(found.is_settled, f"{name}: every line is where it belongs", STARTS_WITHIN)
        yield found
    finally:
        for one in found.nodes.values():
            one.process.kill()
        pbx.close()


def _started(folder: Path, name: str, of: House, loopback: Loopback, *, alone: bool) -> Node:
    host = loopback.address()
    port = loopback.port(host)
    joins = f'[redis]\nurl = "{of.redis}"\nprefix = "{of.name.replace(" ", "-")}"\n' if of.redis else ""
    seats = [seat for seat in of.floor.seats if alone or of.redis or seat.home == name]
    config = _configured(folder, name, (host, port), of.pbx.address, seats, joins)
    shutil.copytree(of.floor.state, config.parent / "state")
    command = [sys.executable, "-m", "ctibridge", "run", "--config", str(config)]
    process = Process(command, log=config.parent / "log", env=dict(os.environ))
    process.start()
    return Node(name, host, port, process)


def _configured(
    folder: Path, name: str, web: tuple[str, int], pbx: tuple[str, int], seats: Sequence[Seat], more: str = ""
) -> Path:
    """Returns the configuration's path, in a folder of its own."""
    own = folder / name
    own.mkdir(parents=True)
    secret = own / "secret"
    secret.write_text("bench", encoding="ascii")
    secret.chmod(0o600)
    rows = [f"{seat.line},secret,{seat.agent}" for seat in seats]
    (own / "lines.csv").write_text("\n".join(["user,password_file,agents", *rows, ""]), encoding="utf-8")
    config = own / "ctibridge.toml"
    config.write_text(
        f"""[node]
name = "{name}"
state_dir = "state"
[web]
listen = "{host_port(*web)}"
[[trunk]]
name = "bench"
registrar = "sip:{host_port(*pbx)}"
listen = "{web[0]}:0"
country = "DE"
lines_file = "lines.csv"
{more}""",
        encoding="utf-8",
    )
    return config
