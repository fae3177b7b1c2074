"""A socket that is closed under a trunk is said: nothing would be heard there any more, and nobody would know."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.adapters.udp import UdpDriver
from ctibridge.sip.events import Event
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from tests.sip.adapters.stream_peers import until

ACCESS = TrunkAccess((LineAccess("6001", "6001", "secret"),))
SETTINGS = TrunkSettings(name="pbx", registrar="sip:127.0.0.9:5099", listen="127.0.0.1:0")


@pytest.fixture
async def service() -> AsyncIterator[TrunkService]:
    """Its registrar is not there; its sockets are open."""
    made = TrunkService(SETTINGS, ACCESS, lambda _: None)
    made.bind()
    assert made.broken() is None, "bound, and not yet used"
    running = asyncio.create_task(made.run())
    await until(lambda: made._driver is not None)
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    made.close()
    await asyncio.sleep(0)


def driver_of(service: TrunkService) -> UdpDriver[Event]:
    assert service._driver is not None
    return service._driver


@pytest.mark.parametrize("kind", ["UDP", "TCP"])
async def test_another_file_under_its_descriptor_is_said(service: TrunkService, kind: str) -> None:
    assert service.broken() is None
    sock = service._socket if kind == "UDP" else service._listener
    assert sock is not None
    with Path(os.devnull).open("rb") as other:
        os.dup2(other.fileno(), sock.fileno())
    assert service.broken() == f"trunk pbx: the {kind} socket is closed, and not by us"
    service.close()
    assert service.broken() is None


async def test_a_transport_that_gives_up_is_said_and_one_that_we_close_is_not(service: TrunkService) -> None:
    transport = driver_of(service)._transport
    assert transport is not None
    transport.abort()
    await until(lambda: service.broken() == "trunk pbx: the UDP socket is closed, and not by us")
    service.close()
    assert service.broken() is None


async def test_we_may_close_them(service: TrunkService) -> None:
    service.close()
    await asyncio.sleep(0)
    assert service.broken() is None
    assert not driver_of(service).is_lost
