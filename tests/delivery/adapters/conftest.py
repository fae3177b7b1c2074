from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import webhook
from ctibridge.delivery.webhooks import pace
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


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """For `pytestmark`."""
    monkeypatch.setattr(pace, "FIRST", 0.02)
    monkeypatch.setattr(pace, "LONGEST", 0.1)
    monkeypatch.setattr(webhook, "LAST_WORD", 0.05)
