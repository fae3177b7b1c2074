"""A process that keeps events, acks and calls, and says what it was told, until it is killed.

A line each: `sent AGENT EPOCH SEQUENCE`, once the event may have been heard; `stored AGENT EPOCH SEQUENCE`.
"""

import asyncio
import sys
from pathlib import Path

from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from tests.delivery.adapters.outboxes import opened, told
from tests.delivery.kept_examples import kept, pop


async def keep_for_ever(outbox: Outbox, agent: str, epoch: str, sequence: int, pause: float) -> None:
    while True:
        sequence += 1
        told(outbox, sequence, sequence, agent, epoch)
        say("sent", agent, epoch, sequence)
        outbox.keep_ack(agent, sequence)
        outbox.keep_call(kept(1, agent, rang_in=sequence, pop=pop(1)))
        await asyncio.sleep(pause)


async def main(folder: Path) -> None:
    outbox = await opened(folder, settings=OutboxSettings(gather=0.001))
    stood = {one.agent: (one.epoch, one.sequence) for one in outbox.desks}
    epochs = {agent: epoch for agent, (epoch, _) in stood.items()}
    outbox.on_stored = lambda agent, sequence: say("stored", agent, epochs[agent], sequence)
    async with asyncio.TaskGroup() as group:
        group.create_task(outbox.run())
        for agent, pause in (("ana", 0.001), ("ben", 0.05), ("cleo", 60.0)):
            epoch, sequence = stood.get(agent, (f"first-{agent}", 0))
            epochs[agent] = epoch
            group.create_task(keep_for_ever(outbox, agent, epoch, sequence, pause))


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
