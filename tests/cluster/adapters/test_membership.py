"""`membership.py`: a node's machine, its clock and its registry together. The registry is the value that Redis is held
to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ctibridge.cluster.adapters.faults import Unreachable
from ctibridge.cluster.adapters.membership import Membership, clock
from ctibridge.cluster.beat import Beat, Refused
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.member import Member
from ctibridge.cluster.outputs import Alone, Gained, NodeGone, Output, Together
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import View
from tests.peers.process import until

LEASE = 0.5


class Kept:
    """The registry of a test. answers: no longer, where it is cleared; gone: it says so at once."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.answers = asyncio.Event()
        self.answers.set()
        self.gone = False

    async def ask(self, beat: Beat) -> View | Refused:
        if self.gone:
            raise Unreachable("127.0.0.1:1: nobody listens there")
        await self.answers.wait()
        return self.registry.ask(beat, clock())


class Node:
    """Does at once what is said to it, as an application without a line or desk."""

    def __init__(self, kept: Kept, name: str) -> None:
        self.said: list[Output] = []
        self.views = 0
        self.membership = Membership(Member(name, f"{name}-1", clock(), LEASE), kept, self._carry, self._viewed)

    def _carry(self, output: Output) -> None:
        self.said.append(output)
        if isinstance(output, Gained):
            self.membership.member.settled(output.lots, clock())

    def _viewed(self) -> None:
        self.views += 1

    def heard(self, kind: type) -> Callable[[], bool]:
        return lambda: any(isinstance(one, kind) for one in self.said)

    def has_all(self) -> bool:
        return len(self.membership.member.held) == LOTS


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[Node]:
    task = asyncio.create_task(node.membership.run())
    try:
        yield node
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_one_node_gets_every_lot_and_gives_them_back_when_it_leaves() -> None:
    kept = Kept()
    async with running(Node(kept, "one")) as node:
        await until(node.has_all, "all lots", 10)
        assert node.views
        await asyncio.wait_for(node.membership.leave(5, lambda: False), 5)
        assert node.membership.member.held == {}
        assert all(not kept.registry.record(lot).incarnation for lot in range(LOTS))


async def test_a_node_that_dies_is_told_of_and_replaced() -> None:
    kept = Kept()
    async with running(Node(kept, "two")) as left:
        async with running(Node(kept, "one")) as node:
            await until(lambda: bool(node.membership.member.held) and bool(left.membership.member.held), "both", 10)
        await until(left.heard(NodeGone), "it is gone", 10)
        await until(left.has_all, "all lots", 10)


async def test_a_registry_that_is_gone_leaves_the_node_what_it_had() -> None:
    kept = Kept()
    async with running(Node(kept, "one")) as node:
        await until(node.has_all, "all lots", 10)
        kept.gone = True
        await until(node.heard(Alone), "it goes on alone", 10)
        assert node.has_all()
        assert node.membership.member.acts(clock())
        assert "nobody listens" in node.membership.fault
        kept.gone = False
        node.said.clear()
        await until(node.heard(Together), "it is back", 10)
        assert node.has_all()
        assert node.membership.fault == ""


async def test_a_registry_that_hangs_is_not_waited_for() -> None:
    kept = Kept()
    async with running(Node(kept, "one")) as node:
        await until(node.has_all, "all lots", 10)
        kept.answers.clear()
        await until(node.heard(Alone), "it goes on alone", 10)
        assert node.membership.fault.startswith("no answer within")
        kept.answers.set()
        node.said.clear()
        await until(node.heard(Together), "it is back", 10)
