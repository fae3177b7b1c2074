"""Both databases deleted, torn, and from a newer version: who calls is shown, or one line says what to mend."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.asking import calls, says, starts_or_refuses
from tests.faults.harness import Bridge
from tests.peers.ports import Loopback

pytestmark = pytest.mark.e2e

Harm = Callable[[Path], None]


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def tear(path: Path) -> None:
    """Pages in the middle, as a disk leaves them that wrote some and not others."""
    whole = path.read_bytes()
    third = len(whole) // 3
    path.write_bytes(whole[:third] + b"\xa5" * third + whole[2 * third :])


def make_newer(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("UPDATE schema_version SET version = 99")
    database.commit()
    database.close()


async def test_desks_db_is_lost_and_pops_go_on(loopback: Loopback) -> None:
    """What the desks had heard is lost with it, and nothing else: each is told so, and no id is given twice."""
    async with Bridge.open(loopback) as bridge:
        state = bridge.daemon.folder / "state"
        await calls(bridge)
        (state / "desks.db").unlink()
        await calls(bridge)
        assert any(line["event"] == "outbox.file_replaced" for line in bridge.daemon.log)
        for harm in (halve, tear):
            await bridge.stop()
            harm(state / "desks.db")
            bridge.record.stored.clear()  # what was acknowledged stood in it
            await bridge.start()
            await bridge.up()
            await calls(bridge)
            assert any(line["event"] == "outbox.set_aside" for line in bridge.daemon.log)
            assert (state / "desks.db.damaged").exists()
        bridge.kill()
        (state / "desks.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\xa5" * 50_000)
        bridge.record.stored.clear()
        await bridge.start()
        await bridge.up()
        await calls(bridge)
        await bridge.finish()
    assert bridge.complaints() == []


async def test_a_database_that_it_must_not_touch_stops_it_and_is_left_alone(loopback: Loopback) -> None:
    async with Bridge.open(loopback) as bridge:
        state = bridge.daemon.folder / "state"
        await calls(bridge)
        await bridge.stop()
        refused: list[tuple[str, Harm, str]] = [
            ("ctibridge.db", make_newer, "version 99, this ctibridge knows"),
            ("desks.db", make_newer, "version 99, this ctibridge knows"),
            ("ctibridge.db", tear, "restore it from a backup"),
        ]
        for name, harm, says_so in refused:
            whole = (state / name).read_bytes()
            harm(state / name)
            hurt = (state / name).read_bytes()
            said = await starts_or_refuses(bridge)
            assert f"/state/{name}: " in str(said)
            assert says_so in str(said)
            assert (state / name).read_bytes() == hurt
            (state / name).write_bytes(whole)
        await bridge.start()
        await bridge.up()
        await calls(bridge)
        (state / "ctibridge.db").rename(state / "away")
        await says(bridge, "ctibridge.db was removed; restore it from a backup and restart")
        await calls(bridge)
        assert not (state / "ctibridge.db").exists()
        (state / "away").rename(state / "ctibridge.db")
        await says(bridge, "")
        await bridge.finish()
    assert bridge.complaints() == []
