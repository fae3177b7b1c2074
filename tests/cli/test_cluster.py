"""`ctibridge cluster status`, asked of a real Redis in which nodes have asked for lots as they do."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from ctibridge.cli import main
from ctibridge.cli.checks import redis_probe
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.beat import Beat, Change, Op
from ctibridge.cluster.keys import acl_rule
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.view import Info
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer, redis_running

pytestmark = pytest.mark.peer("redis-server")

Run = Callable[..., tuple[int, str, str]]
LONG = 60.0
MEND = "see how busy these machines are, and their way to Redis"
FIGURES = {"lines": 1200.0, "desks": 31.0, "lag": 0.0042}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_running(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def server(started: RedisServer) -> RedisServer:
    started.say("FLUSHALL")
    return started


@pytest.fixture
def run(
    tmp_path: Path, server: RedisServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Of a user who may do what docs/cluster.md says, and nothing else; nobody waits for a take-over."""
    monkeypatch.setattr(redis_probe, "nobody_for", lambda _: 0.0)
    server.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "hush").split())
    (tmp_path / "hush").write_text("hush\n")
    (tmp_path / "hush").chmod(0o600)
    config = tmp_path / "ctibridge.toml"
    config.write_text(
        f'[node]\nstate_dir = "state"\n[redis]\nurl = "{server.url}"\nusername = "desk"\n'
        'password = { file = "hush" }\nlease = "2s"\n'
    )

    def typed(*arguments: str) -> tuple[int, str, str]:
        code = main(["cluster", "status", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        assert not (tmp_path / "state").exists(), "who only looks makes nothing"
        return code, said.out, said.err

    return typed


def ask(
    server: RedisServer, node: str, op: Op, lots: Iterable[int], info: Info | None = None, *, dies: bool = False
) -> None:
    async def asking() -> None:
        registry = RedisRegistry(reach(server.url))
        changes = tuple(Change(op, lot, 1) for lot in lots)
        await registry.ask(Beat(node, f"{node}-1", "", 1, LONG, info or Info(version="1"), changes, leaves=dies))
        await registry.close()

    asyncio.run(asking())


def test_two_nodes_in_one_table(server: RedisServer, run: Run) -> None:
    ask(server, "zurich", "reclaim", range(100), info=Info(2.0, version="1", redundancy="both", figures=FIGURES))
    ask(server, "bern", "reclaim", range(100, LOTS), info=Info(draining=True, version="1", redundancy="both"))
    ask(server, "zug", "want", range(10), info=Info(version="1", redundancy="both", figures={"lag": 2.5}))
    code, said, wrong = run()
    assert (code, wrong) == (0, "")
    assert said.splitlines() == [
        "NODE    STATE   LOTS  LINES  DESKS      LAG  WEIGHT  REDUNDANCY  VERSION",
        "bern    drains   156                              1  both        1",
        "zug     behind  0+10                2500 ms       1  both        1",
        "zurich  member   100  1,200     31     4 ms       2  both        1",
        f"behind what the others say by more than 1 s: zug (2.5 s) - {MEND}",
    ]
    keys = sorted(server.say("KEYS", "*"))
    assert keys == ["{ctibridge}:leases", "{ctibridge}:lots", "{ctibridge}:registry"], "it left nothing"
    assert sorted(server.say("HKEYS", "{ctibridge}:leases")) == ["bern", "zug", "zurich"]


def test_for_programs(server: RedisServer, run: Run) -> None:
    ask(server, "zurich", "reclaim", range(LOTS), info=Info(version="1", figures=FIGURES))
    code, said, _ = run("--json")
    assert code == 0
    (node,) = (found := json.loads(said)).pop("nodes")
    assert found == {"without_owner": 0, "wrong": []}
    assert (node["name"], node["state"], node["lots"], node["lines"], node["lag"]) == (
        "zurich",
        "member",
        256,
        1200,
        0.0042,
    )


def test_lines_of_a_dead_node_that_nobody_takes(server: RedisServer, run: Run) -> None:
    ask(server, "bern", "reclaim", range(100), dies=True)
    server.say("HSET", "{ctibridge}:registry", "quiet", 0)
    ask(server, "zurich", "claim", range(100, LOTS))
    code, said, _ = run()
    assert code == 1
    assert said.splitlines()[1].split() == ["bern", "gone", "100"]
    assert "100 of 256 have no owner, nobody registers their lines; bern had some last - " in said
    assert json.loads(run("--json")[1])["wrong"][0]["kind"] == "mend"


def test_no_node_and_a_redis_that_throws_away(server: RedisServer, run: Run) -> None:
    server.say("CONFIG SET", "maxmemory-policy", "allkeys-lru")
    code, said, _ = run()
    server.say("CONFIG SET", "maxmemory-policy", "noeviction")
    assert code == 1
    assert [line.partition(" - ")[0] for line in said.splitlines()] == [
        "maxmemory-policy is allkeys-lru: when it is full, lines lose their owner",
        "no node is there",
    ]


def test_no_redis(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "ctibridge.toml"
    config.write_text('[redis]\nurl = "redis://127.0.0.1:1"\n')
    assert main(["cluster", "status", "--config", str(config)]) == 1
    assert "nobody listens there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "this configuration has no [redis]: there is one node"),
        ('[redis]\nurl = "redis://127.0.0.1:1"\npassword = { file = "gone" }\n', "gone"),
    ],
)
def test_a_configuration_without_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str) -> None:
    config = tmp_path / "ctibridge.toml"
    config.write_text(text)
    assert main(["cluster", "status", "--config", str(config)]) == 2
    assert why in capsys.readouterr().err
