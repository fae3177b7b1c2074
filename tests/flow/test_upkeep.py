"""What is done again and again goes on after a failure."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.settings import PrivacySettings
from ctibridge.flow import upkeep
from ctibridge.health import Health
from ctibridge.lookup.adapters.presence import Presence
from ctibridge.lookup.adapters.schema import StoreFault
from tests.peers.process import until

AT = datetime(2026, 11, 22, tzinfo=UTC)


class Rooms:
    """Lookup, flow and outbox in one; each thing asked of it fails the first time."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.purged: dict[str, int] = {}
        self.kept: dict[str, dict[str, bytes]] = {}
        self.withdrawn: frozenset[str] = frozenset()
        self.enough = asyncio.Event()
        self.path = Path("x.db")
        self.version = 1
        self.why_not: str | None = None

    async def catch_up(self) -> None:
        self._note("catch_up", RuntimeError("boom"))

    async def review(self) -> None:
        self._note("review", RuntimeError("boom"))

    async def purge(self, accounts: frozenset[str]) -> None:
        self._note(("outbox", *sorted(accounts)), OutboxFault("boom"))

    def withdraw(self, accounts: frozenset[str]) -> None:
        self.withdrawn |= accounts

    def snapshot(self) -> Any:
        return self

    async def facts(self, kind: str) -> dict[str, bytes]:
        return dict(self.kept.get(kind, {}))

    def keep_fact(self, kind: str, key: str, body: bytes) -> None:
        self.kept.setdefault(kind, {})[key] = body

    async def purge_store(self, *_: Any, **__: Any) -> dict[str, int]:
        """Each account leaves once."""
        self._note("store", StoreFault("boom"))
        return {"acme": 3} if self.asked.count("store") == 2 else {}

    def _note(self, what: Any, fault: Exception) -> None:
        self.asked.append(what)
        if len(self.asked) >= 12:
            self.enough.set()
        if self.asked.count(what) == 1:
            raise fault


async def run(work: Awaitable[None], rooms: Rooms) -> None:
    task = asyncio.ensure_future(work)
    async with asyncio.timeout(5):
        await rooms.enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_review_that_fails_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "REVIEW_EVERY", 0.0)
    rooms: Any = Rooms()
    await run(upkeep.keep_reviewing(rooms, rooms), rooms)
    assert rooms.asked[:5] == ["catch_up", "catch_up", "review", "catch_up", "review"]


async def test_who_left_the_store_leaves_the_outbox_also_where_that_fails_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms: Any = Rooms()
    rooms.purged = {"acme": 7}
    monkeypatch.setattr(upkeep, "PURGE_EVERY", 0.0)
    monkeypatch.setattr(upkeep, "purge", rooms.purge_store)
    await run(upkeep.keep_purging(rooms, rooms, rooms, rooms, PrivacySettings, lambda: AT), rooms)
    assert rooms.asked.count(("outbox", "acme")) == 2, "it failed once, and is not done again once it is done"
    assert rooms.withdrawn == {"acme"}


async def test_of_a_store_that_was_removed_nothing_is_purged_as_that_would_make_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms: Any = Rooms()
    rooms.why_not = "x.db was removed"
    monkeypatch.setattr(upkeep, "PURGE_EVERY", 0.0)
    monkeypatch.setattr(upkeep, "purge", rooms.purge_store)
    await run(upkeep.keep_purging(rooms, rooms, rooms, rooms, PrivacySettings, lambda: AT), rooms)
    assert "store" not in rooms.asked
    assert "catch_up" in rooms.asked


async def test_while_another_node_changes_the_directory_nothing_is_purged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: Any = Rooms()
    monkeypatch.setattr(upkeep, "PURGE_EVERY", 0.0)
    monkeypatch.setattr(upkeep, "purge", rooms.purge_store)

    def elsewhere() -> AbstractAsyncContextManager[bool]:
        return nullcontext(False)

    await run(upkeep.keep_purging(rooms, rooms, rooms, rooms, PrivacySettings, lambda: AT, elsewhere), rooms)
    assert "store" not in rooms.asked
    assert "catch_up" in rooms.asked, "what the other one purges leaves the desks here"


async def test_a_store_that_is_not_there_any_more_is_said_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LOOK_EVERY", 0.0)
    rooms, health = Rooms(), Health()
    health.started()
    looking = asyncio.create_task(upkeep.keep_looking(cast("Presence", rooms), health))
    for why in ("x.db was removed", None, "x.db was replaced"):
        rooms.why_not = why
        wanted = [why] if why else []
        await until(lambda wanted=wanted: health.reasons() == wanted, f"it says {why}", poll=0)  # type: ignore[misc]
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def test_whom_another_process_removed_leaves_the_outbox_too_and_again_only_when_he_leaves_again() -> None:
    """`share --revoke` purges in its own process: the daemon's purge then removed nobody, and its desks kept them."""
    rooms: Any = Rooms()
    rooms.asked = [("outbox", "acme")]  # what fails the first time has failed
    await upkeep.withdraw({"acme": 7}, rooms, rooms)
    await upkeep.withdraw({"acme": 7}, rooms, rooms)
    assert rooms.asked.count(("outbox", "acme")) == 2
    await upkeep.withdraw({"acme": 9}, rooms, rooms)
    assert rooms.asked.count(("outbox", "acme")) == 3
