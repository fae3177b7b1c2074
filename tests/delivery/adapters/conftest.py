from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.delivery.adapters.desk_server import DeskServer
from tests.delivery.adapters.page_desk import Desk
from tests.peers.chromium import Chromium


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DeskServer]:
    """A running port with the desks of Ana and Ben."""
    async with DeskServer.running(tmp_path) as running:
        yield running


@pytest.fixture
async def desk(server: DeskServer, chromium: Chromium) -> Desk:
    return Desk(server, chromium)
