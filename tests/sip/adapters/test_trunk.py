"""A trunk as it runs, on loopback, against the virtual registrar behind a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
import structlog

from ctibridge.sip.adapters import trunk as adapter
from ctibridge.sip.adapters.resolve import Reach
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.adapters.udp import UdpDriver, bind
from ctibridge.sip.events import Event, Hearing, LineChanged
from ctibridge.sip.settings import LineAccess, TrunkSettings
from tests.sip.registrar import Registrar


class Running:
    """The service, the registrar it registers at, and what it said."""

    def __init__(self, host: str) -> None:
        self.registrar = Registrar({"6001": "secret"})
        self.socket = bind((host, 0))
        self.facts: list[Event] = []
        bracketed = f"[{host}]" if ":" in host else host
        settings = TrunkSettings(
            name="pbx",
            registrar=f"sip:{bracketed}:{self.socket.getsockname()[1]}",
            alone="stay",
            listen=f"{bracketed}:0",
        )
        self.service = TrunkService(settings, (LineAccess("6001", "6001", "secret"),), self.facts.append)

    def hearing(self) -> list[Hearing]:
        return [fact.hearing for fact in self.facts if isinstance(fact, LineChanged)]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110 - the registrar is a machine without waiters
                await asyncio.sleep(0.005)


@pytest.fixture(params=["127.0.0.1", "::1"])
async def running(request: pytest.FixtureRequest) -> AsyncIterator[Running]:
    running = Running(request.param)
    driver: UdpDriver[object] = await UdpDriver.open(running.socket, running.registrar, print)
    running.service.bind()
    task = asyncio.create_task(running.service.run())
    yield running
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    running.service.close()
    driver.close()
    await asyncio.sleep(0)


async def test_it_registers_and_signs_off(running: Running) -> None:
    await running.until(lambda: Hearing.REGISTERED in running.hearing())
    await running.service.stop()
    assert [expires for _, _, expires in running.registrar.asked] == [120, 120, 0]
    assert running.service.settings.name == "pbx"


async def test_a_registrar_that_is_gone_does_not_hold_the_stop_for_ever(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "SIGN_OFF", 0.05)
    await running.until(lambda: Hearing.REGISTERED in running.hearing())
    running.registrar.mute = True
    async with asyncio.timeout(1):
        await running.service.stop()


async def test_a_second_look_at_the_name_disturbs_nobody(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "RESOLVE_AGAIN", 0.01)
    await running.until(lambda: Hearing.REGISTERED in running.hearing())
    await asyncio.sleep(0.05)
    assert running.hearing() == [Hearing.REGISTERING, Hearing.REGISTERED]


@pytest.mark.parametrize("error", [socket.gaierror("no name"), UnicodeError("label too long")])
async def test_a_name_that_nobody_knows_makes_the_lines_deaf_and_is_asked_for_again(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def unknown(_: TrunkSettings) -> Reach:
        nonlocal asked
        asked += 1
        raise error

    monkeypatch.setattr(adapter, "reach_of", unknown)
    monkeypatch.setattr(adapter, "RESOLVE_RETRY", 0.005)
    running = Running("127.0.0.1")
    running.service.bind()
    with structlog.testing.capture_logs() as logs, suppress(TimeoutError):
        await asyncio.wait_for(running.service.run(), 0.05)
    assert set(running.hearing()) == {Hearing.DEAF}
    assert asked > 1
    assert logs[0]["event"] == "registrar_unresolved"
    await running.service.stop()
    running.socket.close()


async def test_what_arrived_before_we_knew_whom_to_trust_is_too_old_to_pop() -> None:
    running = Running("127.0.0.1")
    running.service.bind()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as early:
        early.sendto(b"x" * 100, running.service.address)
        adapter._discard_waiting(running.service._socket or early)
    with pytest.raises(BlockingIOError):
        (running.service._socket or early).recv(1)
    running.service.close()
    running.socket.close()


async def test_a_small_buffer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "granted_buffer", lambda _: 1)
    running = Running("127.0.0.1")
    with structlog.testing.capture_logs() as logs:
        running.service.bind()
    assert logs[0]["event"] == "udp_buffer_small"
    running.service.close()
    running.socket.close()


async def test_an_address_in_use_is_an_os_error() -> None:
    running = Running("127.0.0.1")
    running.service.bind()
    taken = f"127.0.0.1:{running.service.address[1]}"
    second = TrunkService(TrunkSettings(name="b", registrar="sip:127.0.0.1", listen=taken), (), running.facts.append)
    with pytest.raises(OSError, match="in use"):
        second.bind()
    running.service.close()
    running.socket.close()
