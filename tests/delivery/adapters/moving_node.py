"""A node as far as desks come to it and leave it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.outputs import Keep, keep
from tests.delivery import examples as ex
from tests.delivery.adapters.hooked import Hooked
from tests.delivery.adapters.outboxes import close_unclean, opened


class Node:
    """A store, and desks that are at home nowhere until they are gained."""

    def __init__(self, folder: Path, outbox: Outbox, hooks: Hooked | None = None) -> None:
        self.folder = folder
        self.outbox = outbox
        self.desks = Desks("/ctibridge/one", lambda: "e1", outbox.desks)
        self.desks.residents.join(lambda _: True)
        self.moves = HandOver(self.desks, outbox, self.deliver, lambda: None if hooks is None else hooks.webhooks)

    def deliver(self) -> None:
        for output in self.desks.drain():
            if isinstance(output, Keep):
                keep(self.outbox, output)

    def ring(self, *numbers: int) -> None:
        for number in numbers:
            at = datetime.now(UTC)
            self.desks.ringing("ana", ex.pop(of=ex.call(number, at)), at)
        self.deliver()

    async def give(self) -> bytes:
        self.moves.freeze(["ana", "nobody"])
        return (await self.moves.export(["ana", "nobody"]))["ana"]

    def epoch(self) -> str:
        return self.standing().epoch

    def calls(self) -> tuple[KeptCall, ...]:
        return self.standing().calls

    def standing(self) -> KeptDesk:
        standing = self.desks.residents.standing("ana")
        assert standing is not None
        return standing


@asynccontextmanager
async def node(folder: Path, *, unclean: bool = False) -> AsyncIterator[Node]:
    folder.mkdir(exist_ok=True)
    outbox = await opened(folder, datetime.now(UTC))
    yield Node(folder, outbox)
    await (close_unclean(outbox) if unclean else outbox.close())
