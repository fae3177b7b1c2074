"""What is measured: two processes with the same door, INVITEs in and frames out."""

import asyncio
import json
import os
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from bench.pbx import Pbx

_INDEX = re.compile(r'"display_name": ?"call (\d+)"')
_TICKS = os.sysconf("SC_CLK_TCK")
LINE = "6001"
SERVICE_NUMBER = "+4930100000"


@dataclass(slots=True)
class Subject:
    """One process under load. seen: when the frame of each call arrived (time.perf_counter seconds)."""

    name: str
    process: asyncio.subprocess.Process
    pbx: Pbx
    desk: ClientConnection
    seen: dict[int, float] = field(default_factory=dict)

    def cpu(self) -> float:
        """Seconds of processor time so far, user and system."""
        return cpu(self.process.pid)

    async def watch(self) -> None:
        """Notes the arrival of each pop until the desk closes."""
        async for frame in self.desk:
            arrived = time.perf_counter()
            text = frame if isinstance(frame, str) else frame.decode()
            found = _INDEX.search(text)
            if found is not None:
                self.seen.setdefault(int(found[1]), arrived)


@asynccontextmanager
async def floor(pbx: Pbx) -> AsyncIterator[Subject]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with _ending(process):
        assert process.stdout is not None
        udp, port = map(int, (await process.stdout.readline()).split())
        pbx.contacts[LINE] = (f"sip:floor@127.0.0.1:{udp}", ("127.0.0.1", udp))
        async with connect(f"ws://127.0.0.1:{port}", compression=None) as desk:
            yield Subject("floor", process, pbx, desk)


@asynccontextmanager
async def product(pbx: Pbx, folder: Path, people: int) -> AsyncIterator[Subject]:
    """The daemon as its users start it: configuration, import, token, `ctibridge run`."""
    config = configure(folder, pbx, people)
    await _command("import", "--config", str(config), str(folder / "directory"))
    token = (await _command("token", "issue", "--agent", "ana", "--config", str(config))).strip()
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ctibridge", "run", "--config", str(config), stderr=log
        )
    async with _ending(process), await _connected(f"ws://127.0.0.1:{_port_of(config)}/v1/desk") as desk:
        await desk.send(json.dumps({"type": "auth", "token": token}))
        await desk.recv()
        await pbx.registered.wait()
        yield Subject("product", process, pbx, desk)


def callers(people: int) -> list[str]:
    """One number for each person of the bench's directory."""
    return [f"+4930{20_000_000 + number}" for number in range(people)]


def write_directory(folder: Path, agents: Mapping[str, str], people: int) -> None:
    """As CSV, into a new folder: one account, which all may see. agents: names by id."""
    folder.mkdir(parents=True)
    tables = {
        "accounts": "id,name,country,default_language,time_zone\ncust,Customer AG,DE,de,Europe/Berlin\n",
        "role_shares": "account,role\ncust,service_desk_analyst\n",
        "agents": "id,name,languages\n" + "".join(f"{agent},{name},de;en\n" for agent, name in agents.items()),
        "grants": "agent,account\n" + "".join(f"{agent},cust\n" for agent in agents),
        "service_numbers": "number,account,name,greeting_de,default_language\n"
        f'{SERVICE_NUMBER},cust,Customer Service Desk,"{{salutation}}, hier ist {{agent}}.",de\n',
        "people": "account,id,name,job_title,organization,language,time_zone,phones\n"
        + "".join(
            f"cust,p{index},Person {index},Controller,Finance,de-CH,Europe/Zurich,mobile:{number}\n"
            for index, number in enumerate(callers(people))
        ),
    }
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def configure(folder: Path, pbx: Pbx, people: int, lines: int = 1) -> Path:
    """A directory, and a configuration with so many lines; returns its path."""
    directory = folder / "directory"
    write_directory(directory, {"ana": "Ana"}, people)
    host, port = pbx.address
    secret = folder / "secret"
    secret.write_text("bench", encoding="ascii")
    secret.chmod(0o600)
    rows = [f"{int(LINE) + number},secret,ana" for number in range(lines)]
    (folder / "lines.csv").write_text("\n".join(["user,password_file,agents", *rows, ""]), encoding="utf-8")
    config = folder / "ctibridge.toml"
    config.write_text(
        f"""[node]
state_dir = "state"
[web]
listen = "127.0.0.1:{_free_port()}"
[[trunk]]
name = "bench"
registrar = "sip:{host}:{port}"
listen = "127.0.0.1:0"
country = "DE"
lines_file = "lines.csv"
""",
        encoding="utf-8",
    )
    return config


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _port_of(config: Path) -> int:
    found = re.search(r"127\.0\.0\.1:(\d+)\"\n\[\[trunk", config.read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1])


def cpu(pid: int) -> float:
    """Seconds of processor time of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _command(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ctibridge", *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"ctibridge {words[0]} failed with {process.returncode}")
    return out.decode()


async def _connected(url: str) -> ClientConnection:
    for _ in range(500):
        try:
            return await connect(url, compression=None, max_queue=None)
        except OSError:
            await asyncio.sleep(0.02)
    raise SystemExit("the daemon does not listen")


@asynccontextmanager
async def _ending(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
