import asyncio
from pathlib import Path

import pytest

from ctibridge.metrics import exposition
from ctibridge.metrics.measuring import measure
from tests.metrics.rooms import measured


async def test_it_can_be_scraped_and_looks_at_loop_and_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "FRESH", 0.0)
    async with measured(tmp_path) as of:
        measuring = asyncio.create_task(measure(of.rooms, tmp_path, tmp_path / "ctibridge.db"))
        await asyncio.sleep(0)
        scrape = of.rooms.web.http.scrape
        assert scrape is not None
        for wanted in (b"ctibridge_directory_people 0.0", b"ctibridge_loop_lag_seconds_count 1.0"):
            async with asyncio.timeout(10):
                while wanted not in (await scrape(""))[0]:  # noqa: ASYNC110 - it has nobody to tell
                    await asyncio.sleep(0.01)
        measuring.cancel()
        await asyncio.wait({measuring})
        assert measuring.cancelled()
