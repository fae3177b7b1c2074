"""`ctibridge check` beside a running daemon, as monitoring runs it every few minutes."""

import asyncio
import json
import urllib.request
from typing import Any

import pytest

from tests.e2e.conftest import MakeDaemon, MakeDesk

pytestmark = pytest.mark.e2e


async def test_it_reads_beside_the_daemon_which_notices_nothing(daemon: MakeDaemon, desk: MakeDesk) -> None:
    running = await daemon()
    await desk(running, "ana")
    checking = asyncio.create_task(asyncio.to_thread(running.command, "check", "--json"))
    asked = 0
    while not checking.done():
        assert await asyncio.to_thread(_ready, running.web)
        asked += 1
        await asyncio.wait({checking}, timeout=0.05)
    assert asked
    rows: dict[str, dict[str, Any]] = {row["what"]: row for row in json.loads(await checking)}
    assert {what for what, row in rows.items() if row["kind"] == "mend"} == set()
    assert rows["ready"]["text"] == running.web
    assert rows["desks file"]["text"].startswith("desks.db is sound")
    # A desk's token ends with the shift.
    assert rows["tokens"]["text"].startswith("0 tokens beyond a shift")
    assert rows["open files"]["subject"] == "limits"
    assert not [line for line in running.log if line["level"] in ("warning", "error")]
    # The daemon writes on as before: a token that is issued now is known at once.
    await desk(running, "ben")


def _ready(web: str) -> bool:
    with urllib.request.urlopen(f"http://{web}/readyz", timeout=5) as answer:
        return bool(answer.status == 200)
