"""Each test here runs on both loops that the daemon may have."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from tests.sip.adapters.running import Make, Running


@pytest.hookimpl
def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def make(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    # What a test replaced is put back behind the end of what it runs.
    made: list[Running] = []

    def make(host: str = "127.0.0.1", transport: str = "udp", ca_file: Path | None = None) -> Running:
        made.append(Running(host, transport, ca_file))
        return made[-1]

    yield make
    for each in made:
        await each.end()
