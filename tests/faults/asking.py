"""What the tests of one fault ask of a bridge: calls now, and how the daemon says that it is."""

import asyncio
import json
import urllib.error
import urllib.request

from tests.faults.harness import Bridge
from tests.faults.record import ABANDONED
from tests.peers.process import until


async def starts_or_refuses(bridge: Bridge) -> str | None:
    """The next process, which is ended; and what it said where it refused to start: one line with file and mend."""
    bridge.launch()
    process = bridge.daemon.process
    ready = asyncio.create_task(bridge.notify.hears("READY=1", 60))
    await until(lambda: ready.done() or not process.running, "it is ready, or ends", 60)
    is_ready = ready.done()
    ready.cancel()
    await asyncio.gather(ready, return_exceptions=True)
    bridge.kill()
    if is_ready:
        return None
    assert process.returncode == 1
    said = [line for line in process.output().splitlines() if not line.startswith("{")]
    assert len(said) == 1, said
    assert "/state/" in said[0]
    assert "; " in said[0], "a mend"
    return said[0]


async def calls(bridge: Bridge, *, stored: bool = True) -> None:
    """Each line is rung, pops, and is hung up. stored: and all of it outlives the process."""
    numbers = [bridge.call(line, patient=True) for line in bridge.lines]
    await until(lambda: {event.call for event in bridge.record.events} >= set(numbers), "each call pops", 30)
    for number in numbers:
        bridge.pbx.hang_up(number, ABANDONED)
    names = {event.subject for event in bridge.record.events if event.call in numbers}
    await until(lambda: not any(seat.rings & names for seat in bridge.seats.values()), "each call ends", 30)
    if stored:
        await stores_again(bridge)


async def stores_again(bridge: Bridge) -> None:
    """All that a desk has heard until now."""
    heard = {seat.agent: seat.place for seat in bridge.seats.values()}

    def is_stored() -> bool:
        return all(
            (place := heard[seat.agent]) is None or place[0] != (seat.place or place)[0] or seat.stored >= place[1]
            for seat in bridge.seats.values()
        )

    await until(is_stored, "what was heard is stored", 60)


async def says(bridge: Bridge, reason: str) -> None:
    """readyz, with this reason; "": it is ready."""

    async def is_so() -> bool:
        reasons = await asyncio.to_thread(_reasons, bridge.daemon.web)
        return any(reason in one for one in reasons or ()) if reason else reasons == []

    await until(is_so, f"readyz says {reason or 'ready'!r}", 60, poll=0.05)


def _reasons(web: str) -> list[str] | None:
    """None: nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{web}/readyz", timeout=5) as answer:
            body = answer.read()
    except urllib.error.HTTPError as answer:
        body = answer.read()
    except OSError:
        return None
    found: list[str] = json.loads(body)["reasons"]
    return found
