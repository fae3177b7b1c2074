"""What a page takes for granted that is not in every house: files that it shows, something to mend, an empty store."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.beat import Beat, Change
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.cluster.view import Info
from tests.cli.backups.stores import store
from tests.docs.fences import fences
from tests.docs.house import ETC, ROOT
from tests.peers.process import until

CONFIG = ETC / "ctibridge.toml"


@contextmanager
def prepared(page: Path, folder: Path) -> Iterator[Path]:
    """Where its commands are typed: the project's folder, unless the page brings files of its own. The next page finds
    the configuration as it was."""
    config = CONFIG.read_text(encoding="utf-8")
    make = _OF.get(str(page.relative_to(ROOT)), _nothing)
    yield make(page, folder)
    CONFIG.write_text(config, encoding="utf-8")


def _nothing(_page: Path, _folder: Path) -> Path:
    return ROOT


def _check(_page: Path, _folder: Path) -> Path:
    """A line of somebody whom the directory does not know."""
    CONFIG.write_text(CONFIG.read_text(encoding="utf-8").replace('["ana"]', '["zoe"]'), encoding="utf-8")
    return ROOT


def _import(page: Path, folder: Path) -> Path:
    """The export and the map that it shows, for a store that knows nobody yet."""
    there = folder / "there"
    there.mkdir()
    shown = fences(page.read_text(encoding="utf-8"))
    (export,) = (fence.text for fence in shown if fence.kind == "text" and fence.text.startswith("Personalnummer"))
    (hr,) = (fence.text for fence in shown if fence.kind == "toml" and fence.text.startswith("[[file]]"))
    (there / "hr.toml").write_text(hr, encoding="utf-8")
    (there / "files").mkdir()
    (there / "files" / "HR_Export_2026-11.txt").write_bytes(export.encode("windows-1250"))
    (there / "files" / "accounts.csv").write_text("id,name,country\nacme,ACME AG,CH\n", encoding="utf-8")
    other = CONFIG.read_text(encoding="utf-8").replace("[node]", f'[node]\nstate_dir = "{there / "state"}"')
    CONFIG.write_text(other, encoding="utf-8")
    return there


def _backup(_page: Path, folder: Path) -> Path:
    """A store on which no daemon runs, and a folder for the file."""
    there = folder / "there"
    there.mkdir()
    with ThreadPoolExecutor(1) as beside:  # this one has a loop that runs
        beside.submit(store, there / "state").result()
    other = CONFIG.read_text(encoding="utf-8").replace("[node]", f'[node]\nstate_dir = "{there / "state"}"')
    CONFIG.write_text(other, encoding="utf-8")
    return there


def _cluster(_page: Path, folder: Path) -> Path:
    """A Redis in which two nodes have asked for their lots. It ends with the house."""
    there = ["--bind", "127.0.0.1", "--port", "6379", "--save", "", "--dir", str(folder)]
    subprocess.run(["redis-server", *there, "--daemonize", "yes"], check=True, capture_output=True)
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, _two_nodes()).result()
    more = '\n[redis]\nurl = "redis://127.0.0.1:6379"\n'
    CONFIG.write_text(CONFIG.read_text(encoding="utf-8") + more, encoding="utf-8")
    return ROOT


async def _two_nodes() -> None:
    registry = RedisRegistry(Redis(RedisAccess(RedisSettings("redis://127.0.0.1:6379")), "test"))
    await until(lambda: _answers(registry), "Redis answers")
    for name, lots in (("berlin", range(LOTS // 2)), ("zurich", range(LOTS // 2, LOTS))):
        info = Info(version="1.0.0", figures={"lines": 1200.0, "desks": 30.0, "lag": 0.001})
        await registry.ask(Beat(name, name, "", 1, 60.0, info, tuple(Change("reclaim", lot, 1) for lot in lots)))
    await registry.close()


async def _answers(registry: RedisRegistry) -> bool:
    with suppress(RedisFault):
        return (await registry.look()).birth == ""
    return False


_OF: dict[str, Callable[[Path, Path], Path]] = {
    "docs/check.md": _check,
    "docs/import.md": _import,
    "docs/backup.md": _backup,
    "docs/cluster.md": _cluster,
}
