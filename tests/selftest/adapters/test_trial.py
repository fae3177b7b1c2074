"""A whole test call against scripts: the real one is in tests/e2e/test_selftest.py."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_keys
from websockets.asyncio.server import ServerConnection, serve

from ctibridge.config import Settings
from ctibridge.domain.last_call import LastCall
from ctibridge.selftest.adapters import trial
from ctibridge.selftest.adapters.other_phone import OtherPhone
from ctibridge.selftest.adapters.trial import Trial
from ctibridge.sip.outgoing import CallEnd
from tests.selftest.adapters.sample import TEST
from tests.selftest.adapters.scripted_pbx import ScriptedPbx, over_udp

POP = {
    "caller": {"number": "+41790000017"},
    "called": {"account": {"id": "acme"}},
    "resolution": {"status": "identified", "candidates": [{"person": {"account": "acme", "id": "p17"}}]},
    "language": {"tag": "de-CH"},
}
CALL = {"id": "call-1", "trunk": "pbx", "line": "6001", "rang_at": "2026-03-02T06:30:00Z"}


@asynccontextmanager
async def daemon(pbx: ScriptedPbx, *, pops: bool) -> AsyncIterator[int]:
    """A desk that pops with the INVITE, and ends when the caller is done. Its port."""

    async def desk(socket: ServerConnection) -> None:
        async def event(kind: str, data: dict[str, Any]) -> None:
            await socket.send(json.dumps({"specversion": "1.0", "type": kind, "data": data}))

        async def invite(request: str) -> None:
            if pops and request == "INVITE":
                await event("call.ringing", {"call": CALL} | POP)
            elif pops and request in ("CANCEL", "BYE"):
                word = "abandoned" if request == "CANCEL" else "answered_elsewhere"
                await event("call.ended", {"call": CALL | {"outcome": word}})

        pbx.tell = invite
        async for text in socket:
            if json.loads(text)["type"] == "auth":
                lines = [{"line": "6001", "state": "registered", "trunk": "pbx"}]
                await socket.send(json.dumps({"type": "welcome", "data": {"lines": lines}}))

    async with serve(desk, "127.0.0.1", 0, subprotocols=["ctibridge.v1"]) as server:  # type: ignore[list-item]
        yield next(iter(server.sockets)).getsockname()[1]


def tried(settings: Settings, pbx: ScriptedPbx | None = None, port: int | None = None, **keys: Any) -> Trial:
    trunk = settings.trunk[0] if pbx is None else with_keys(settings.trunk[0], registrar=f"sip:127.0.0.1:{pbx.port}")
    web = settings.web if port is None else with_keys(settings.web, listen=f"127.0.0.1:{port}")
    made = Trial(with_keys(settings, trunk=(trunk,), web=web), trunk, TEST, None, "ana", "6001")
    return replace(made, **keys)


def phone(name: str | None, why: str = "", *, answers: bool = True) -> AbstractAsyncContextManager[OtherPhone]:
    async def picked_up() -> bool:
        return answers

    @asynccontextmanager
    async def there() -> AsyncIterator[OtherPhone]:
        yield OtherPhone(name, why, picked_up)

    return there()


async def test_another_phone_of_ours_picks_up(sampled: Settings) -> None:
    async with (
        over_udp("127.0.0.1", INVITE=[100, 180, 200], BYE=[200]) as pbx,
        daemon(pbx, pops=True) as port,
    ):
        result = await trial.run(tried(sampled, pbx, port, phone=lambda: phone("pyVoIP 1.6.8")))
    assert result.verdict.good, result.verdict.rows
    assert result.timeline.cast.phone == "pyVoIP 1.6.8"
    assert [request for request in pbx.methods() if request != "ACK"] == ["INVITE", "BYE"]
    assert result.kept("pbx") == LastCall("pbx", "acme", result.at, None, result.timeline.pop_ms)


async def test_another_phone_of_ours_was_there_and_somebody_else_picked_up(sampled: Settings) -> None:
    async with over_udp("127.0.0.1", INVITE=[100, 180, 200], BYE=[200]) as pbx, daemon(pbx, pops=True) as port:
        result = await trial.run(tried(sampled, pbx, port, phone=lambda: phone("pyVoIP 1.6.8", answers=False)))
    assert result.verdict.word == "answer"


async def test_nobody_picks_up(sampled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "OWN_PHONE", 0.05)
    async with over_udp("127.0.0.1", INVITE=[180], CANCEL=[200]) as pbx, daemon(pbx, pops=True) as port:
        result = await trial.run(tried(sampled, pbx, port, phone=lambda: phone(None, "pyVoIP is not installed")))
    assert result.verdict.good, result.verdict.rows
    assert "pyVoIP is not installed" in result.verdict.rows[-2].text
    assert result.timeline.ended is CallEnd.CANCELLED


async def test_a_pop_that_does_not_come_is_waited_for_no_longer_than_asked(sampled: Settings) -> None:
    test = with_keys(TEST, patience=0.1)
    async with over_udp("127.0.0.1", INVITE=[180], CANCEL=[200]) as pbx, daemon(pbx, pops=False) as port:
        result = await trial.run(tried(sampled, pbx, port, test=test))
    assert result.verdict.word == "pop"
    assert "CANCEL" in pbx.methods()
    assert result.kept("pbx").failed == "pop"


async def test_a_mute_pbx(sampled: Settings) -> None:
    test = with_keys(TEST, patience=0.1)
    async with over_udp("127.0.0.1") as pbx, daemon(pbx, pops=False) as port:
        result = await trial.run(tried(sampled, pbx, port, test=test))
    assert result.timeline.ended is CallEnd.SILENT
    assert "nothing came back" in result.verdict.rows[0].text


def test_no_password_stands_where_a_trial_is_shown(sampled: Settings) -> None:
    assert "geheim" not in repr(tried(sampled, password="geheim"))


async def test_without_a_daemon_nothing_is_dialled(sampled: Settings) -> None:
    result = await trial.run(tried(sampled))
    assert (result.verdict.word, result.timeline.began) == ("daemon", None)
    assert result.kept("pbx") == LastCall("pbx", "acme", result.at, "daemon", None)
