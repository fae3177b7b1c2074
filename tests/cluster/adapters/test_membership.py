"""`membership.py`: a node's machine, its clock and its registry together. The registry is the value that Redis is held
to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from structlog.testing import capture_logs

from ctibridge.cluster.adapters.faults import Unreachable
from ctibridge.cluster.adapters.membership import Membership, clock
from ctibridge.cluster.beat import Beat, Refused
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.member import Member
from ctibridge.cluster.outputs import Alone, Gained, Lines, NodeGone, Output, Together
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import View
from tests.peers.process import until

LEASE = 0.25


class Kept:
    """The registry of a test. answers: no longer, where it is cleared; gone: it says so at once."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.answers = asyncio.Event()
        self.answers.set()
        self.gone = False
        self.nonsense = False

    async def ask(self, beat: Beat) -> View | Refused:
        if self.gone:
            raise Unreachable("127.0.0.1:1: nobody listens there")
        if self.nonsense:
            raise IndexError("a reply of no words")
        await self.answers.wait()
        return self.registry.ask(beat, clock())


class Node:
    """Does at once what is said to it, as an application without a line or desk."""

    def __init__(self, kept: Kept, name: str) -> None:
        self.kept = kept
        self.said: list[Output] = []
        self.views = 0
        self.breaks_at: type[Output] | None = None
        self.membership = Membership(Member(name, f"{name}-1", clock(), LEASE), kept, self._carry, self._viewed)

    def _carry(self, output: Output) -> None:
        self.said.append(output)
        if isinstance(output, Gained):
            self.membership.member.settled(output.lots, clock())
            self.membership.said()
        if self.breaks_at is not None and isinstance(output, self.breaks_at):
            raise ValueError("a fault of ours")

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
        await node.membership.leave(5, lambda: False)
        assert node.membership.member.left
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


async def test_it_leaves_within_its_time_when_nobody_answers() -> None:
    kept = Kept()
    async with running(Node(kept, "one")) as node:
        await until(node.has_all, "all lots", 10)
        kept.answers.clear()
        began = clock()
        await node.membership.leave(0.3, lambda: False)
        assert 0.2 < clock() - began < 5
    async with running(Node(Kept(), "one")) as alone:
        await until(alone.has_all, "all lots", 10)
        alone.kept.gone = True
        await until(alone.heard(Alone), "it goes on alone", 10)
        began = clock()
        await alone.membership.leave(60, lambda: False)
        assert clock() - began < 30
        assert alone.membership.member.left


async def test_what_fails_at_the_application_costs_itself_alone() -> None:
    kept = Kept()
    node = Node(kept, "one")
    node.breaks_at = Gained
    async with running(node):
        await until(node.has_all, "all lots", 10)
        seen = node.views
        await until(lambda: node.views > seen + 2, "it goes on asking", 10)
    assert node.heard(Lines)()


async def test_an_answer_that_nobody_can_read_is_none() -> None:
    kept = Kept()
    async with running(Node(kept, "one")) as node:
        await until(node.has_all, "all lots", 10)
        # A traceback for people takes longer to write than half a beat of this lease lasts: it would pass for stopped.
        with capture_logs() as logs:
            kept.nonsense = True
            await until(node.heard(Alone), "it goes on alone", 10)
            kept.nonsense = False
        assert ("cluster_step_failed", "Ask") in {(line["event"], line.get("step")) for line in logs}
        node.said.clear()
        await until(node.heard(Together), "it is back", 10)


async def test_what_comes_of_an_output_waits_for_those_before_it() -> None:
    """A node whose lines are ready at once says so from within `Prepare`."""
    said: list[str] = []

    class Scripted:
        deadline = None
        left: list[Output] = [Alone(), Together()]  # noqa: RUF012 - of one test

        def outputs(self) -> list[Output]:
            found, self.left = self.left, []
            return found

    def carry(output: Output) -> None:
        said.append(type(output).__name__)
        if isinstance(output, Alone):
            member.left = [NodeGone("b", "b-1")]
            membership.said()

    member = Scripted()
    membership = Membership(cast("Member", member), Kept(), carry, lambda: None)
    membership.said()
    assert said == ["Alone", "Together", "NodeGone"]
