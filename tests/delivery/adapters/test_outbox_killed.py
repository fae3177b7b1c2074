"""`kill -9` under load: nothing that was said to be stored is missing, and no event id names two events."""

import random
import subprocess
import sys
from pathlib import Path

from tests.delivery.adapters.outboxes import close_unclean, desk, opened
from tests.delivery.kept_examples import event

ROOT = Path(__file__).parents[3]
KILLS = 4
DESKS = 3

Place = tuple[str, str]
"""An agent and his epoch."""


def killed(folder: Path, lines: int) -> dict[str, dict[Place, int]]:
    """The newest that was `sent` and `stored`, so many lines after each desk had stored something."""
    program = [sys.executable, "-m", "tests.delivery.adapters.outbox_victim", str(folder)]
    found: dict[str, dict[Place, int]] = {"sent": {}, "stored": {}}
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        while len(found["stored"]) < DESKS:
            note(found, victim.stdout.readline())
        for _ in range(lines):
            note(found, victim.stdout.readline())
        victim.kill()
        for line in victim.stdout:
            note(found, line)
    return found


def note(found: dict[str, dict[Place, int]], line: str) -> None:
    """The last line may be half of one."""
    if not line.endswith("\n"):
        return
    what, agent, epoch, sequence = line.split()
    found[what][agent, epoch] = int(sequence)


async def test_whenever_it_is_killed(tmp_path: Path) -> None:
    chance = random.Random(5)
    heard: dict[Place, int] = {}
    for _ in range(KILLS):
        found = killed(tmp_path, chance.randrange(400))
        for place, sequence in found["sent"].items():
            heard[place] = max(heard.get(place, 0), sequence)
        outbox = await opened(tmp_path)
        for (agent, epoch), stored in found["stored"].items():
            now = desk(outbox, agent)
            if now.epoch == epoch:
                assert now.sequence >= stored
                assert now.acked <= now.sequence
                assert now.calls[0].rang_in <= now.sequence
                after = max(now.floor - 1, stored - 50)
                assert await outbox.tail(agent, after, stored) == [
                    event(sequence, agent, epoch) for sequence in range(after + 1, stored + 1)
                ]
        for one in outbox.desks:
            assert heard.get((one.agent, one.epoch), 0) <= one.sequence, "or a number would be given twice"
        cleo = desk(outbox, "cleo")
        assert cleo.epoch == "first-cleo", "whoever was told nothing unstored goes on"
        await close_unclean(outbox)
