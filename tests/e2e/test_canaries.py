"""Invented callers, notes, passwords and tokens, looked for where they must not be: one daemon, a whole life long."""

import asyncio
import gzip
import json
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.schema import FILE
from tests import leaks
from tests.delivery.adapters.hooked import KEY, taken
from tests.e2e.daemon import PASSWORD, ROOT, Daemon
from tests.e2e.house import ACME, REGULA, House, MakeHouse, trunk_of
from tests.e2e.test_webhooks import hook
from tests.peers.notify_socket import NotifySocket
from tests.peers.process import until
from tests.peers.receiver import Receiver, receiver
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]

STRANGER = "+4915207788990"
HOME = "+41440000217"
"""Regula's, with the label `home`."""
NAME, NOTE, SEARCHED = "Zyzzyva Quetzalcoatl", "Frau Xylander hat gekuendigt", "Wojciechowska"
CALLS = (*(word.split()[-1] for word in (NAME, NOTE)), "zyzzyva", "xylander", STRANGER, "1520 7788990")
AGED = {"desk_event": ["at"], "desk_call": ["rang_at", "ended_at"], "desk_fact": ["at"], "desk_sight": ["at"]}
DAY = 86_400.0
NARROW = '[[privacy.account]]\nid = "acme"\nphone_labels = ["Work", "mobile"]\n'
ASKED = (["check"], ["audit"], ["grants"], ["token", "list"])


def forms(word: str) -> list[bytes]:
    """A number as it may stand in a file: with its digits, without its country, packed."""
    if not word.startswith("+"):
        return [word.lower().encode()]
    packed = number_key.pack(word)
    return [word[1:].encode(), word[3:].encode(), packed.to_bytes(6, "big"), packed.to_bytes(8, "little")]


def found_in(content: bytes, words: Iterable[str]) -> set[str]:
    low = content.lower()
    return {word for word in words if any(form in low or form in content for form in forms(word))}


def in_files(folder: Path, words: Iterable[str]) -> dict[str, set[str]]:
    words = tuple(words)
    return {path.name: found for path in folder.iterdir() if (found := found_in(path.read_bytes(), words))}


def processes(pid: int) -> list[int]:
    """It and what it has started, and so on."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in processes(int(child)))]


def shown_of(pid: int) -> bytes:
    """What whoever may look sees of a process: other users its command line, root the rest."""
    folder = Path(f"/proc/{pid}")
    return b"\n".join((folder / name).read_bytes() for name in ("cmdline", "environ", "comm", "status"))


def told_over_http(daemon: Daemon) -> bytes:
    bodies = []
    for path in ("metrics", "readyz", "healthz", "v1/schema/events.json", "v1/lookup?caller=%2B4915207788990"):
        with suppress(HTTPError), urllib.request.urlopen(f"http://{daemon.web}/{path}", timeout=5) as answer:
            bodies.append(answer.read())
    assert len(bodies) == 4, "the look-up is for tokens of its own"
    return b"\n".join(bodies)


async def run(daemon: Daemon, *words: str) -> tuple[int, bytes]:
    """Another command, while this loop goes on: its code, and all that it said."""
    command = [sys.executable, "-m", "ctibridge", *words, "--config", str(daemon.config)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


async def a_day_at_the_desk(of: House, tool: Receiver) -> list[str]:
    """A stranger calls, and somebody who is known; a note, a search, a choice. Returns the secrets that it took."""
    ana, token = of.ana, of.daemon.token("ana")
    calls = of.sipp.start(Invite(ACME, number=STRANGER, display=NAME), patience=20)
    call = (await ana.ringing())["call"]["id"]
    await ana.send(type="note", call=call, text=NOTE)
    await ana.event("call.worked", call__id=call)
    await ana.send(type="search", call=call, account=None, text=SEARCHED)
    await until(lambda: any(frame["type"] == "people" for frame in ana.controls), "the answer to the search")
    await ana.send(type="choose", call=call, person={"account": "acme", "id": "p17"})
    await ana.stored()
    secrets = [PASSWORD, token, KEY.decode(errors="ignore"), token.partition("_")[2] or token]
    assert_nothing_is_shown(of.daemon, secrets)
    calls.end()
    await ana.ended(call__id=call)
    of.sipp.start(Invite(ACME, number=REGULA), patience=0.3)
    await until(lambda: ana.count("call.ended") == 2, "the end of the second call")
    await ana.stored()
    await until(lambda: NAME.encode() in b"".join(tool.bodies), "that the receiver has heard of it")
    return secrets


def assert_nothing_is_shown(daemon: Daemon, secrets: list[str]) -> None:
    """While he rings."""
    words = [*CALLS, SEARCHED, REGULA, HOME, "Regula", *secrets]
    for pid in processes(daemon.process.pid):
        assert found_in(shown_of(pid), words) == set()
    assert found_in(told_over_http(daemon), words) == set()
    assert found_in(daemon.process.output().encode(), words) == set()


def age(state: Path, days: int) -> None:
    """As if all of it had happened so long ago."""
    with closing(sqlite3.connect(state / outbox_tables.FILE)) as desks, desks:
        for table, columns in AGED.items():
            for column in columns:
                desks.execute(f"UPDATE {table} SET {column} = {column} - ?", (days * DAY,))  # noqa: S608 - our own names
    with closing(sqlite3.connect(state / FILE)) as directory, directory:
        for table in ("directory_choice", "directory_contact"):
            directory.execute(f"UPDATE {table} SET at = at - ?", (int(days * DAY),))  # noqa: S608 - our own names


async def test_nobody_stands_where_he_must_not(house: MakeHouse, tmp_path: Path) -> None:
    for word in (NAME, NOTE, SEARCHED, STRANGER[-8:]):
        leaks.canary(word)
    async with receiver() as tool:
        service = await house("6001")
        daemon = service.daemon
        hooks = hook(daemon.folder, "tool", tool)
        daemon.configure(trunk_of(service.pbx, ("6001",)), more=hooks)
        await daemon.reload()
        secrets = await a_day_at_the_desk(service, tool)
        assert_only_the_store_knows(daemon.folder / "state", secrets)
        await until(lambda: taken(tool)[-1]["id"] == service.ana.events[-1]["id"], "the newest event at the receiver")
        await daemon.stop()

        with NotifySocket(tmp_path / "notify") as systemd:
            daemon.environment = systemd.environment
            said = await a_quarter_of_a_year_later(service, hooks, systemd)
        assert found_in(said.encode(), [*CALLS, "Regula", *secrets]) == set()

        await no_command_tells(daemon, tmp_path / "backup.tar.gz", secrets)
        await daemon.stop()
    assert found_in(daemon.process.output().encode(), [*CALLS, SEARCHED, "Regula", *secrets]) == set()


def assert_only_the_store_knows(state: Path, secrets: list[str]) -> None:
    """Of the calls and of the people; of secrets and searches not even the store."""
    assert in_files(state, secrets) == {}, "a token is kept as its hash, a password not at all"
    there = set().union(*in_files(state, (*CALLS, HOME)).values())
    assert there >= {NAME.split()[1], "xylander", STRANGER, HOME}, "there is something to be lost"
    assert in_files(state, [SEARCHED]) == {}, "what somebody searched for is nobody's business"


async def a_quarter_of_a_year_later(of: House, hooks: str, systemd: NotifySocket) -> str:
    """A customer does not want numbers at home to be kept any more, and old calls leave. Returns what systemd heard."""
    daemon, state = of.daemon, of.daemon.folder / "state"
    age(state, 91)
    daemon.configure(trunk_of(of.pbx, ("6001",)), more=hooks + NARROW)
    await daemon.restart()
    await until(lambda: in_files(state, [HOME]) == {}, "that the number at home leaves", 20)
    daemon.configure(trunk_of(of.pbx, ("6001",)), more=hooks + NARROW + "call_log_days = 60\n")
    await daemon.reload()
    await until(lambda: in_files(state, CALLS) == {}, "that the old calls leave", 30)
    await systemd.hears("READY=1")
    await systemd.says("ready")
    return "\n".join(systemd.said)


async def no_command_tells(daemon: Daemon, backup: Path, secrets: list[str]) -> None:
    commands = (*ASKED, ["backup", str(backup)], ["lookup", HOME, "--json"])
    *told, (code, found) = await asyncio.gather(*(run(daemon, *words) for words in commands))
    for words, (_, printed) in zip(commands[:-1], told, strict=True):
        assert found_in(printed, [*CALLS, HOME, REGULA, "Regula", *secrets]) == set(), words
    assert_is_a_backup_without_them(backup, secrets)
    assert (code, json.loads(found)["resolution"]["candidates"]) == (0, [])


def assert_is_a_backup_without_them(backup: Path, secrets: list[str]) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    held = gzip.decompress(backup.read_bytes())
    assert found_in(held, [*CALLS, HOME, SEARCHED, *secrets]) == set()
    assert found_in(held, ["Regula"]), "it is a backup"
