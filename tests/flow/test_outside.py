"""What it needs of the other rooms; what receivers are told is in tests/flow/test_narrowed.py and tests/e2e."""

import asyncio
import subprocess
import sys

import pytest

from ctibridge.flow.outside import Outside
from tests.flow.tenants import Tenants


def outside(of: Tenants) -> Outside:
    return Outside("/ctibridge/test", of.outbox, of.desks, of.real, of.flow, lambda *_: None, lambda: of.now.at)  # type: ignore[arg-type]


async def test_without_a_webhook_nothing_is_made_and_the_desks_hear_what_is_stored() -> None:
    one = await Tenants.open()
    out = outside(one)
    out.retune((), {})
    one.ring("a")
    await one.flow.told()
    out.stored("ana", 1)
    assert (out.webhooks, one.desks._desk("ana").stored) == (None, 1)
    running = asyncio.create_task(out.run())
    await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_the_client_is_not_loaded_before_a_receiver_is_begun() -> None:
    """It costs a quarter of a second and some MB: without a webhook nobody pays, with one a thread does."""
    code = "import sys, ctibridge.app, ctibridge.delivery.adapters.webhooks; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
