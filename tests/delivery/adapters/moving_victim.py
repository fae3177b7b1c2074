"""A process that gives a desk away and is killed before, or right after, it has begun another life of it.

Its argument: the folder, and whether the kill comes `before` or `behind` the store's write.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptDesk
from tests.delivery.adapters.outboxes import opened, told


async def main(folder: Path, when: str) -> None:
    outbox = await opened(folder)
    told(outbox, 1, 5)
    await outbox.flush()
    flush = outbox.flush

    async def killed() -> bool:
        if when == "behind":
            await flush()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    outbox.flush = killed  # type: ignore[method-assign]
    desks = Desks("/ctibridge/one", lambda: "unused", outbox.desks)
    desks.residents.adopt(_as_told(5))
    desks.residents.freeze(["ana"])
    await HandOver(desks, outbox, lambda: None, lambda: None).export(["ana"])


def _as_told(sequence: int) -> KeptDesk:
    return KeptDesk("ana", "e1", sequence, 1, 0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
