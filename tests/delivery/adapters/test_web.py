"""Real websockets on loopback."""

import asyncio
import socket
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ctibridge.delivery import backlog, session
from ctibridge.delivery.settings import WebSettings
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.desk_command import Shown, Sit
from ctibridge.domain.notice import Notice
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import Desk, DeskServer, signed_in

pytestmark = pytest.mark.e2e  # real sockets and real time


def ring(server: DeskServer, number: int = 1, agent: str = "ana") -> None:
    server.desks.ringing(agent, ex.pop(of=ex.call(number)), datetime.now(UTC))
    server.web.deliver()


async def test_a_call_reaches_every_screen_of_its_agent(server: DeskServer) -> None:
    one, other, ben = [await server.desk(agent) for agent in ("ana", "ana", "ben")]
    ring(server)
    frames = [await one.receive(), await other.receive()]
    assert [frame["type"] for frame in frames] == ["call.ringing"] * 2
    assert frames[0] == frames[1]
    assert frames[0]["data"]["resolution"]["candidates"][0]["person"]["name"] == "Regula Frei"
    await ben.send({"type": "ping"})
    assert (await ben.receive())["type"] == "pong"
    for desk in (one, other, ben):
        await desk.client.close()


async def test_commands_come_out(server: DeskServer) -> None:
    desk = await server.desk()
    ring(server)
    await desk.receive()
    await desk.send({"type": "shown", "call": "01JDX001", "sequence": 1})
    await desk.send({"type": "sit", "lines": ["6004"]})
    await desk.send({"type": "ping"})
    await desk.receive()
    assert server.commands == [Shown("ana", "01JDX001", 1), Sit("ana", ("6004",))]
    await desk.client.close()


async def test_a_desk_that_comes_back_hears_what_it_missed(server: DeskServer) -> None:
    desk = await server.desk()
    ring(server, 1)
    await desk.receive()
    await desk.client.close()
    ring(server, 2)
    ring(server, 3)
    again = await server.desk(resume={"epoch": desk.welcome["epoch"], "sequence": 1})
    assert (again.welcome["resumed"], again.welcome["sequence"]) == (True, 3)
    assert [(await again.receive())["subject"] for _ in range(2)] == ["01JDX002", "01JDX003"]
    await again.client.close()


# -- who is let in ----------------------------------------------------------------------------------------------------


async def test_tokens(server: DeskServer) -> None:
    assert await signed_in(server, await server.token()) is None
    assert await signed_in(server, "nonsense") == 4401
    assert await signed_in(server, "ctb_" + "A" * 43) == 4401
    assert await signed_in(server, await server.token(seconds=-1)) == 4401
    assert await signed_in(server, await server.token(None, Kind.IVR)) == 4403
    assert await signed_in(server, await server.token("nobody")) == 4403
    server.disable("ana")
    assert await signed_in(server, await server.token()) == 4403


async def test_origins(tmp_path: Path) -> None:
    running = DeskServer.running(
        tmp_path, allowed_origins=("https://other.example",), public_url="https://desk.example/cti"
    )
    async with running as server:
        for origin in (None, server.url, "https://other.example", "https://desk.example"):
            await (await server.open(origin)).close()
        wrong = [
            "http://evil.example",
            "null",
            "http://127.0.0.1",
            f"https://127.0.0.1:{server.port}",
            f"http://localhost:{server.port}",
            "https://desk.example.evil.example",
            "https://desk.example:444",
        ]
        for origin in wrong:
            with pytest.raises(InvalidStatus) as refused:
                await server.open(origin, additional_headers={"X-Forwarded-Host": "desk.example"})
            assert refused.value.response.status_code == 403


async def test_other_pages_may_open_a_desk_from_one_moment_to_the_next(server: DeskServer) -> None:
    with pytest.raises(InvalidStatus):
        await server.open("https://desk.example")
    server.web.retune(WebSettings("127.0.0.1:0", public_url="https://desk.example"))
    await (await server.open("https://desk.example")).close()
    await (await server.open(server.url)).close()


async def test_the_subprotocol_is_chosen_where_offered(server: DeskServer) -> None:
    for offered, chosen in ((None, None), (["ctibridge.v1"], "ctibridge.v1"), (["x", "ctibridge.v1"], "ctibridge.v1")):
        client = await server.open(subprotocols=[Subprotocol(one) for one in offered] if offered else None)
        assert client.subprotocol == chosen
        await client.close()


async def test_who_says_nothing_is_closed(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "AUTH_WITHIN", 0.2)
    assert await Desk(await server.open()).closed() == 4408


async def test_a_store_that_fails_lets_nobody_in_for_now(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await server.token()

    async def broken(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(server.tokens, "find", broken)
    assert await signed_in(server, token) == 1013


# -- what clients send ------------------------------------------------------------------------------------------------


async def test_wrong_frames(server: DeskServer) -> None:
    desk = await server.desk()
    await desk.send({"type": "nonsense"})
    assert (await desk.receive())["data"]["code"] == "bad_message"
    await desk.send({"type": "shown", "call": "nothing", "sequence": 1})
    assert (await desk.receive())["data"]["code"] == "unknown_call"
    await desk.send({"type": "take"})
    assert await desk.closed() == 4400


@pytest.mark.parametrize(("raw", "code"), [("[]", 4400), ("{", 4400), (b"\xff\xff", 4400), ("x" * 65537, 1009)])
async def test_what_ends_it_at_once(server: DeskServer, raw: str | bytes, code: int) -> None:
    desk = await server.desk()
    await desk.send(raw)
    assert await desk.closed() == code


async def test_deep_nesting_is_one_wrong_frame(server: DeskServer) -> None:
    desk = await server.desk()
    await desk.send('{"type": "ping", "x": ' + "[" * 30_000 + "]" * 30_000 + "}")
    assert (await desk.receive())["data"]["code"] == "bad_message"
    await desk.client.close()


async def test_binary_json_is_json(server: DeskServer) -> None:
    desk = await server.desk()
    await desk.send(b'{"type": "ping"}')
    assert (await desk.receive())["type"] == "pong"
    await desk.client.close()


# -- slow -------------------------------------------------------------------------------------------------------------


async def sleeper(server: DeskServer) -> Desk:
    """A signed-in desk that reads nothing from now on."""
    small = socket.create_connection(server.listening.getsockname()[:2])
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    desk = Desk(await server.open(sock=small, max_queue=1))
    await desk.send({"type": "auth", "token": await server.token("ana")})
    await desk.receive()
    desk.client.transport.pause_reading()
    return desk


async def read_on(desk: Desk) -> list[int]:
    """The sequences of what still comes."""
    desk.client.transport.resume_reading()
    return [int(frame["sequence"]) for frame in await desk.rest()]


def flood(server: DeskServer, events: int) -> None:
    for _ in range(events):
        server.desks.notice("ana", Notice("test", "x" * 2000), ex.AT)
    server.web.deliver()


async def test_who_reads_nothing_is_closed_and_may_resume(server: DeskServer) -> None:
    asleep, awake = await sleeper(server), await server.desk("ben")
    for _ in range(15):
        flood(server, 100)
        await asyncio.sleep(0)
    ring(server, agent="ben")
    assert (await awake.receive())["type"] == "call.ringing", "the others do not notice"
    heard = await read_on(asleep)
    assert asleep.client.close_code == 4008
    assert server.web.closed == {4008: 1}
    assert heard == list(range(1, len(heard) + 1)), "gapless up to the end"
    assert len(heard) < 1500
    again = await server.desk(resume={"epoch": server.desks._desks["ana"].epoch, "sequence": 1000})
    assert again.welcome["resumed"] is True
    assert [(await again.receive())["sequence"] for _ in range(500)] == [str(number) for number in range(1001, 1501)]
    await again.client.close()
    await awake.client.close()


async def test_who_wakes_up_in_time_has_missed_nothing(server: DeskServer) -> None:
    asleep = await sleeper(server)
    flood(server, 900)
    await asyncio.sleep(0.2)
    asleep.client.transport.resume_reading()
    assert [(await asleep.receive())["sequence"] for _ in range(900)] == [str(number) for number in range(1, 901)]
    await asleep.client.close()


async def test_who_takes_nothing_for_long_is_closed_and_then_cut(
    server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "STALLED", 0.3)
    monkeypatch.setattr(backlog, "LINGER", 0.3)
    asleep = await sleeper(server)
    flood(server, 500)
    await asyncio.sleep(1.0)
    assert server.web._connections == {}
    heard = await read_on(asleep)
    assert asleep.client.close_code == 1006
    assert len(heard) < 500


async def test_a_stalled_desk_that_reads_on_hears_why(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "STALLED", 0.3)
    asleep = await sleeper(server)
    flood(server, 500)
    await asyncio.sleep(0.6)
    heard = await read_on(asleep)
    assert asleep.client.close_code == 4008
    assert heard == list(range(1, len(heard) + 1))


async def test_a_long_replay_is_no_reason_to_close(server: DeskServer) -> None:
    flood(server, 1000)
    epoch = server.desks._desks["ana"].epoch
    desk = Desk(await server.open(max_queue=1))
    await desk.send({"type": "auth", "token": await server.token(), "resume": {"epoch": epoch, "sequence": 0}})
    await asyncio.sleep(0.3)
    flood(server, 500)
    assert (await desk.receive())["type"] == "welcome"
    assert [int((await desk.receive())["sequence"]) for _ in range(1500)] == list(range(1, 1501))
    await desk.client.close()


# -- the end ----------------------------------------------------------------------------------------------------------


async def test_desks_hear_that_we_restart(server: DeskServer) -> None:
    desks = [await server.desk() for _ in range(20)] + [await sleeper(server)]
    flood(server, 500)
    for desk in desks[:-1]:
        while (await desk.receive())["sequence"] != "500":
            pass
    start = time.monotonic()
    await server.web.stop()
    assert time.monotonic() - start < 3
    for desk in desks[:-1]:
        assert await desk.closed() == 1012
        assert desk.client.close_reason == "restart; retry in 1 s"
    with pytest.raises(OSError, match="Connect call failed"):
        await server.open()
    await read_on(desks[-1])


async def test_pings_find_out_who_is_gone(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "PING_EVERY", 0.1)
    monkeypatch.setattr(session, "SILENCE", 0.5)
    alive, asleep = await server.desk(), await sleeper(server)
    await asyncio.sleep(1.0)
    await alive.send({"type": "ping"})
    assert (await alive.receive())["type"] == "pong"
    await read_on(asleep)
    assert asleep.client.close_code == 4008
    await alive.client.close()


async def test_nothing_is_left_of_those_who_went(server: DeskServer) -> None:
    for _ in range(5):
        desk = await server.desk()
        await desk.client.close()
    desk = await server.desk()
    desk.client.transport.abort()
    await asyncio.sleep(0.1)
    assert server.web._connections == {}
    assert len(server.web._waiting) == 0
    assert server.desks._sessions._sessions == {}
    assert server.desks._sessions._listening == {}
    assert server.web._greeting == set()
