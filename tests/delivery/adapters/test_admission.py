"""Who may open a desk, looked up in a store that may fail."""

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ctibridge.delivery.adapters import admission as module
from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.outputs import CatchUp, Close, KeepHeard, Output
from ctibridge.delivery.seats import Seats
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room


class Gate:
    def __init__(self, tokens: TokenStore) -> None:
        self.room = Room()
        self.tokens = tokens
        self.agents: dict[str, Agent] = {"ana": ex.ANA, "ben": Agent("ben", "Ben Okafor")}
        self.admission = Admission(self.room.desks, tokens, self._agents, lambda: self.room.now)

    async def _agents(self) -> dict[str, Agent]:
        return self.agents

    async def token(self, agent: str | None = "ana", kind: Kind = Kind.DESK, seconds: float = 3600) -> Private:
        text, _ = await self.tokens.issue(kind, agent, self.room.now.at + timedelta(seconds=seconds), self.room.now.at)
        return text

    async def verdict(self, text: Private) -> list[Output]:
        await self.admission.verdict(self.room.check(), text)
        return self.room.desks.drain()

    async def check_live(self) -> list[Output]:
        """One round of those that are made every two seconds."""
        await self.admission.check()
        return self.room.desks.drain()


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    tokens = await TokenStore.open(tmp_path / "ctibridge.db")
    yield Gate(tokens)
    await tokens.close()


def codes(outputs: list[Output]) -> list[int]:
    return [int(output.code) for output in outputs if isinstance(output, Close)]


async def test_a_good_token_opens_the_desk_of_its_agent(gate: Gate) -> None:
    heard, catch_up = await gate.verdict(await gate.token("ben"))
    assert heard == KeepHeard("ben", "e1", 0)
    assert isinstance(catch_up, CatchUp)
    assert (catch_up.agent, [agent for _, _, agent in gate.room.desks.live()]) == ("ben", ["ben"])


async def test_no_other_token_opens_one(gate: Gate) -> None:
    assert codes(await gate.verdict(Private("nonsense"))) == [4401]
    assert codes(await gate.verdict(await gate.token(seconds=-1))) == [4401]
    assert codes(await gate.verdict(await gate.token(None, Kind.IVR))) == [4403]
    assert codes(await gate.verdict(await gate.token("nobody"))) == [4403]
    gate.agents["ana"] = Agent("ana", "Ana", disabled=True)
    assert codes(await gate.verdict(await gate.token("ana"))) == [4403]
    assert list(gate.room.desks.live()) == []


async def test_a_store_that_fails_sends_nobody_back_at_the_same_time(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them were told to come back in ten seconds, and came."""

    async def broken(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(gate.tokens, "find", broken)
    closes = [close for _ in range(3) for close in await gate.verdict(Private("t")) if isinstance(close, Close)]
    assert [int(close.code) for close in closes] == [1013] * 3
    assert len({close.reason for close in closes}) == 3
    assert all(close.reason.startswith("tokens cannot be checked now; retry in ") for close in closes)


async def test_a_revoked_token_is_found_and_nobody_else_is_cut(gate: Gate) -> None:
    await gate.verdict(await gate.token("ana"))
    await gate.verdict(await gate.token("ben"))
    token = next(one for one in await gate.tokens.all() if one.agent == "ana")
    await gate.tokens.revoke(token.id, gate.room.now.at)
    assert codes(await gate.check_live()) == [4401]
    assert [agent for _, _, agent in gate.room.desks.live()] == ["ben"]


async def test_to_look_who_still_may_not_all_tokens_are_read(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ten tokens of each of a thousand agents the loop stood still for a tenth of a second at each change."""

    async def read(_: Any) -> None:
        raise AssertionError("all of them")

    monkeypatch.setattr(gate.tokens, "all", read)
    at = gate.room.now.at
    first, second = [(await gate.tokens.sign_in("ana", at + timedelta(hours=1), at, 2))[0] for _ in range(2)]
    by_hand = await gate.token("ben")
    for text in (first, second, by_hand):
        await gate.verdict(text)
    await gate.tokens.sign_in("ana", at + timedelta(hours=1), at, 2)
    found = await gate.tokens.find(by_hand)
    assert found is not None
    await gate.tokens.revoke(found.id, at)
    assert codes(await gate.check_live()) == [4401] * 2
    assert [agent for _, _, agent in gate.room.desks.live()] == ["ana"], "her first one had to go, and Ben's"


async def test_who_leaves_the_directory_leaves_his_seat_though_no_token_changed(gate: Gate) -> None:
    gate.room.desks.set_agents(gate.agents)
    number, _ = gate.room.sign_in("ben")
    gate.room.desks.receive(number, json.dumps({"type": "sit", "lines": ["6004"]}), gate.room.now)
    assert gate.room.desks.hearers("pbx", "6004") == {"ben"}
    gate.agents = {"ana": ex.ANA}
    await gate.check_live()
    assert gate.room.desks.hearers("pbx", "6004") == frozenset()


def test_revocations_are_found_within_five_seconds() -> None:
    assert module.RECHECK_EVERY < 5


async def test_ten_thousand_who_come_back_do_not_look_at_ten_thousand_agents_each(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thirds of what a restart cost with ten thousand desks (`python -m bench.desks --only return`)."""
    looks: list[list[str]] = []
    look = Seats.set_agents

    def counted(seats: Seats, agents: dict[str, Agent]) -> frozenset[str]:
        looks.append(sorted(agents))
        return look(seats, agents)

    monkeypatch.setattr(Seats, "set_agents", counted)
    for agent in ("ana", "ben", "ana"):
        await gate.verdict(await gate.token(agent))
    gate.agents = {"ana": ex.ANA}
    await gate.verdict(await gate.token("ana"))
    assert looks == [["ana", "ben"], ["ana"]]


async def test_a_look_that_fails_as_nobody_thought_of_is_not_the_last_one(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked tokens went on for ever, without a word."""
    await gate.verdict(await gate.token("ana"))
    (token,) = await gate.tokens.all()
    await gate.tokens.revoke(token.id, gate.room.now.at)
    agents, fails = gate.agents, [ValueError("no active connection"), RuntimeError("boom")]

    async def broken() -> dict[str, Agent]:
        if fails:
            raise fails.pop()
        return agents

    monkeypatch.setattr(gate.admission, "_agents", broken)
    with capture_logs() as logged:
        assert [codes(await gate.check_live()) for _ in range(3)] == [[], [], [4401]]
    assert [one["event"] for one in logged if one.get("exc_info")] == ["token_check_failed"] * 2
