"""Two nodes on one Redis, with a real registrar and a real caller: a desk at one, its line at the other, which dies."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ctibridge.cluster.lots import LOTS, of_agent, ranked
from tests.e2e.conftest import MakeDaemon
from tests.e2e.daemon import PASSWORD, Daemon, TrunkOf
from tests.e2e.desk import Desk
from tests.e2e.ear import beside_a_phone
from tests.e2e.house import ACME, ELODIE, REGULA
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeKamailio, MakeSipp
from tests.peers.ports import Loopback
from tests.peers.process import Process, until
from tests.peers.redis import RedisServer
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e]

HOME, *OTHERS = ranked(of_agent("ana"), {"n1": 1.0, "n2": 1.0})
"""Whose ana's desk and line are while both live."""


@pytest.fixture
async def pbx(kamailio: MakeKamailio) -> Kamailio:
    started = await kamailio(numbers={ACME: ["6001"]}, users={"6001": PASSWORD})
    await beside_a_phone(started, "6001")
    return started


@pytest.fixture
async def nodes(
    tmp_path: Path, loopback: Loopback, peer_processes: list[Process], pbx: Kamailio
) -> AsyncIterator[dict[str, Daemon]]:
    """With one directory, and one token of ana's."""
    redis = RedisServer(tmp_path / "redis", loopback)
    await redis.start()
    made: dict[str, Daemon] = {}
    for name in ("n1", "n2"):
        trunk = TrunkOf(pbx.registrar, {"6001": ["ana"]}, more={"domain": pbx.host})
        node = made[name] = Daemon(tmp_path / name, loopback, trunk, name=name)
        node.configure(trunk, more=f'\n[redis]\nurl = "{redis.url}"\nlease = "2s"\n')
    made["n1"].fill()
    token = made["n1"].token("ana")
    (tmp_path / "token").write_text(token)
    shutil.copytree(tmp_path / "n1" / "state", tmp_path / "n2" / "state")
    peer_processes += [node.process for node in made.values()]
    await asyncio.gather(*(node.start() for node in made.values()))
    yield made
    for node in made.values():
        node.close()
    redis.kill()


async def status(node: Daemon, lines: dict[str, int]) -> Any:
    """`ctibridge cluster status` there, as soon as the nodes have told of so many lines: they do so every 2 s."""
    found: Any = None

    async def told() -> bool:
        nonlocal found
        found = json.loads(await asyncio.to_thread(node.command, "cluster", "status", "--json"))
        return {one["name"]: one["lines"] for one in found["nodes"]} == lines

    await until(told, f"lines {lines}", 6)
    return found


@asynccontextmanager
async def seated(web: str, token: str) -> AsyncIterator[Desk]:
    """As a page does: while its desk is between two nodes, it comes again."""
    async with AsyncExitStack() as stack:
        found: list[Desk] = []

        async def sits() -> bool:
            with suppress(ConnectionRefusedError):
                found.append(await stack.enter_async_context(Desk(web, token)))
            return bool(found)

        await until(sits, "ana's desk", 10)
        yield found[0]


async def rows(node: Daemon) -> set[tuple[str, str, str]]:
    """Of `ctibridge check` there, whatever else it finds."""
    command = [sys.executable, "-m", "ctibridge", "check", "--json", "--config", str(node.config)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=30)
    return {(row["subject"], row["what"], row["text"]) for row in json.loads(done.stdout)}


@pytest.mark.peer("kamailio", "sipp", "redis-server")
async def test_the_node_of_a_line_dies_and_the_next_call_pops_again(
    pbx: Kamailio, nodes: dict[str, Daemon], sipp: MakeSipp, tmp_path: Path
) -> None:
    caller, home, other, token = sipp(pbx), nodes[HOME], nodes[OTHERS[0]], (tmp_path / "token").read_text()
    async with seated(other.web, token) as ana:
        await ana.lines({"6001": "registered"})
        assert any(home.sip_host in contact.uri for contact in await pbx.contacts("6001"))
        assert not any(other.sip_host in contact.uri for contact in await pbx.contacts("6001"))
        caller.start(Invite(ACME, number=REGULA), patience=0.5)
        pop = await ana.ringing(call__line="6001")
        assert pop["caller"]["number"] == REGULA
        assert (await ana.ended())["call"]["id"] == pop["call"]["id"]
        both = await status(other, {HOME: 1, OTHERS[0]: 0})
        assert [(node["name"], node["state"]) for node in both["nodes"]] == [("n1", "member"), ("n2", "member")]
        assert sum(node["lots"] for node in both["nodes"]) == LOTS
        assert await rows(other) >= {
            ("trunks", "lines heard", "trunk pbx: 1 of 1 line heard"),
            ("cluster", "nodes", "2 nodes: n1, n2"),
            ("cluster", "lots", f"each of {LOTS} has an owner"),
        }, "also of a line that the other one registers"
        home.close()
        died = time.monotonic()
        assert await ana.closed() == 1012
    async with seated(other.web, token) as ana:
        await ana.lines({"6001": "registered"})
        caller.start(Invite(ACME, number=ELODIE), patience=0.5)
        assert (await ana.ringing(caller__number=ELODIE))["call"]["line"] == "6001"
        assert time.monotonic() - died < 10
        await ana.ended()
    one = await status(other, {OTHERS[0]: 1})
    assert [node["lots"] for node in one["nodes"]] == [LOTS]
    assert (one["without_owner"], one["wrong"]) == (0, [])


async def test_a_daemon_without_redis_loads_nothing_of_it(daemon: MakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python itself says what is imported, also later on."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    made = await daemon(fill=False)
    imported = {line.rpartition("|")[2].strip() for line in made.process.output().splitlines() if "|" in line}
    assert "ctibridge.cluster.settings" in imported, "it says so"
    rooms = "redis", "ctibridge.cluster.adapters", "ctibridge.joining"
    assert {name for name in imported if name.startswith(rooms)} == set()
