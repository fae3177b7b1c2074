"""Many sessions due at once, and an output that fails among others."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import uvloop

from ctibridge.delivery import session
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Command
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.desk_command import Shown
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import Desk, DeskServer

pytestmark = pytest.mark.e2e  # real sockets and real time

STRANGERS = 100


def test_all_who_never_sign_in_are_closed_when_they_are_due_together_under_uvloop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop's timer for what is due now is a handle that knows no time."""
    monkeypatch.setattr(session, "AUTH_WITHIN", 1.0)
    unhandled: list[dict[str, Any]] = []

    async def story() -> list[int | None]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
        async with DeskServer.running(tmp_path) as server:
            clients = await asyncio.gather(*(server.open() for _ in range(STRANGERS)))
            codes = await asyncio.gather(*(Desk(client).closed() for client in clients))
            assert server.web._connections == {}
            return codes

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(story()) == [4408] * STRANGERS
    assert unhandled == []


def ring(server: DeskServer, number: int = 1) -> None:
    server.desks.ringing("ana", ex.pop(of=ex.call(number)), datetime.now(UTC))
    server.web.deliver()


async def test_an_output_that_fails_ends_its_connection_and_no_other(
    server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = [await server.desk() for _ in range(3)]
    number = sorted(server.web._connections)[1]

    def broken(_: bytes) -> bool:
        raise AttributeError("when")

    monkeypatch.setattr(server.web._connections[number], "put", broken)
    ring(server, 1)
    ring(server, 2)
    assert await desks[1].closed() == 1006
    for desk in (desks[0], desks[2]):
        assert [(await desk.receive())["subject"] for _ in range(2)] == ["01JDX001", "01JDX002"]
        await desk.client.close()
    again = await server.desk(resume={"epoch": desks[1].welcome["epoch"], "sequence": 0})
    assert [(await again.receive())["subject"] for _ in range(2)] == ["01JDX001", "01JDX002"]
    await again.client.close()


async def test_a_command_that_fails_leaves_every_connection_alone(
    server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await server.desk()

    def broken(_: object) -> None:
        raise ValueError("nobody takes this")

    monkeypatch.setattr(server.web, "_on_command", broken)
    server.desks._outputs.append(Command(Shown("ana", "01JDX001", 1)))
    ring(server)
    assert (await desk.receive())["subject"] == "01JDX001"
    await desk.client.close()


async def test_the_timer_moves_once_for_all_that_is_delivered(
    server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = [await server.desk() for _ in range(5)]
    asked = Mock(wraps=server.web._due)
    monkeypatch.setattr(server.web, "_due", asked)
    for number in list(server.web._connections):
        server.desks.refuse(number, Refusal(CloseCode.TOKEN_REFUSED, "revoked"))
    server.web.deliver()
    asked.assert_called_once_with()
    for desk in desks:
        assert await desk.closed() == 4401
