"""What waits for the store at one desk of a call waits there, and nowhere else."""

import asyncio

from structlog.testing import capture_logs

from ctibridge.flow.tails import Tails
from tests.flow.house import settle

ANA, CLEO = frozenset({"ana"}), frozenset({"cleo"})


class Steps:
    """Each waits until it is let go, and says its name then."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}

    def step(self, name: str) -> "Step":
        self.gates[name] = asyncio.Event()
        return Step(self, name)

    async def let_go(self, *names: str) -> None:
        for name in names:
            self.gates[name].set()
        await settle()


class Step:
    def __init__(self, steps: Steps, name: str) -> None:
        self._steps, self._name = steps, name

    async def __call__(self) -> None:
        await self._steps.gates[self._name].wait()
        self._steps.done.append(self._name)


async def test_in_order_at_each_desk_and_apart_from_the_others() -> None:
    steps, tails = Steps(), Tails(lambda: None)
    assert tails.free("a", ANA)
    tails.behind("a", ANA, steps.step("ana 1"))
    tails.behind("a", CLEO, steps.step("cleo 1"))
    tails.behind("a", ANA, steps.step("ana 2"))
    tails.behind("b", ANA, steps.step("b"))
    assert ("a" in tails, tails.free("a", ANA), tails.free("a", {"ben"}), tails.free("c", ANA)) == (
        True,
        False,
        True,
        True,
    )
    await steps.let_go("ana 2", "cleo 1", "b")
    assert steps.done == ["cleo 1", "b"]
    assert (tails.free("a", CLEO), tails.free("a", ANA), "b" in tails) == (True, False, False)
    await steps.let_go("ana 1")
    assert steps.done == ["cleo 1", "b", "ana 1", "ana 2"]
    assert "a" not in tails


async def test_what_is_for_several_desks_waits_for_all_of_them() -> None:
    steps, tails = Steps(), Tails(lambda: None)
    tails.behind("a", ANA, steps.step("ana"))
    tails.behind("a", CLEO, steps.step("cleo"))
    tails.behind("a", ANA | CLEO, steps.step("both"))
    tails.behind("a", CLEO, steps.step("cleo again"))
    await steps.let_go("cleo again", "both", "ana")
    assert steps.done == ["ana"]
    await steps.let_go("cleo")
    assert steps.done == ["ana", "cleo", "both", "cleo again"]


async def test_a_step_that_fails_costs_itself_alone_and_what_was_said_before_is_delivered() -> None:
    delivered: list[bool] = []
    steps, tails = Steps(), Tails(lambda: delivered.append(True))

    async def fails() -> None:
        raise RuntimeError("boom")

    with capture_logs() as logs:
        tails.behind("a", ANA, fails)
        tails.behind("a", ANA, steps.step("next"))
        await steps.let_go("next")
    assert steps.done == ["next"]
    assert len(delivered) == 2
    assert [entry["event"] for entry in logs] == ["step_failed"]


async def test_who_stops_waits_for_all() -> None:
    steps, tails = Steps(), Tails(lambda: None)
    tails.behind("a", ANA, steps.step("a"))
    tails.behind("b", CLEO, steps.step("b"))
    draining = asyncio.ensure_future(tails.drain())
    await settle()
    assert not draining.done()
    await steps.let_go("a", "b")
    await draining
