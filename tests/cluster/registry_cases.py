"""What a registry does, case by case: the pure one and the script in Redis are held to the same."""

from typing import Protocol

from ctibridge.cluster.beat import Beat, Change, Op, Refused
from ctibridge.cluster.view import Info, Record, View

LEASE = 0.4


class Table(Protocol):
    """A registry that is empty at first, and its clock."""

    async def ask(self, beat: Beat) -> View | Refused: ...

    async def wait(self, seconds: float) -> None: ...


class Asker:
    """One node; `do` asks and expects a view."""

    def __init__(self, table: Table, name: str, incarnation: str = "", replaces: str = "") -> None:
        self.table, self.name, self.replaces = table, name, replaces
        self.incarnation = incarnation or f"{name}-first"
        self.count = 0

    def beat(self, *changes: Change, leaves: bool = False, info: Info | None = None) -> Beat:
        self.count += 1
        return Beat(self.name, self.incarnation, self.replaces, self.count, LEASE, info or Info(), changes, leaves)

    async def do(self, op: Op | None = None, lot: int = 7, token: int = 0) -> View:
        answer = await self.table.ask(self.beat(*([Change(op, lot, token)] if op else [])))
        assert isinstance(answer, View)
        return answer

    async def see(self, op: Op, token: int = 0) -> Record:
        """What the record of lot 7 is afterwards."""
        return (await self.do(op, token=token)).record(7)


class RegistryCases:
    """A test class: `table` is a fixture."""

    async def two(self, table: Table) -> tuple[Asker, Asker]:
        """The registry is no longer quiet; a has lot 7."""
        a, b = Asker(table, "a"), Asker(table, "b")
        await a.do()
        await table.wait(LEASE * 1.1)
        assert (await a.see("claim")).node == "a"
        await b.do()
        return a, b

    async def test_the_first_one_finds_it_empty_and_quiet(self, table: Table) -> None:
        a = Asker(table, "a")
        first = await a.do("claim")
        assert (first.quiet, first.known, first.birth, first.lots) == (True, False, "a-first-1", {})
        second = await a.do()
        assert (second.quiet, second.known, second.birth) == (True, True, "a-first-1")
        await table.wait(LEASE * 1.1)
        assert not (await a.do()).quiet

    async def test_others_are_seen_until_their_lease_ends(self, table: Table) -> None:
        a, b = await self.two(table)
        answer = await table.ask(b.beat(info=Info(2.5, draining=True, version="1", figures={"lines": 3})))
        assert isinstance(answer, View)
        node = (await a.do()).nodes["b"]
        assert (node.incarnation, node.info) == ("b-first", Info(2.5, True, "1", "one", {"lines": 3}))
        await table.wait(LEASE * 0.6)
        assert set((await a.do()).nodes) == {"a", "b"}
        await table.wait(LEASE * 0.6)
        assert set((await a.do()).nodes) == {"a"}

    async def test_a_name_is_had_once(self, table: Table) -> None:
        a, _ = await self.two(table)
        other = Asker(table, "a", "a-second")
        assert await table.ask(other.beat()) == Refused("taken")
        after = Asker(table, "a", "a-third", replaces="a-first")
        assert (await after.do()).nodes["a"].incarnation == "a-third"
        assert await table.ask(a.beat()) == Refused("taken")
        await table.wait(LEASE * 1.1)
        assert not (await other.do()).known

    async def test_a_request_that_was_overtaken_does_nothing(self, table: Table) -> None:
        a, b = await self.two(table)
        late = a.beat(Change("release", 7, 1))
        await a.do()
        assert await table.ask(late) == Refused("overtaken")
        assert (await b.do()).owner(7) == "a"

    async def test_a_lot_is_claimed_from_nobody_only(self, table: Table) -> None:
        a, b = await self.two(table)
        assert await b.see("claim") == Record("a", "a-first", 1, "fresh")
        await table.ask(a.beat(leaves=True))
        assert await b.see("claim") == Record("b", "b-first", 2, "fresh")

    async def test_a_token_that_the_claimer_knows_of_is_passed(self, table: Table) -> None:
        a, b = await self.two(table)
        await table.ask(a.beat(leaves=True))
        assert (await b.see("claim", token=9)).token == 10

    async def test_who_had_it_settled_goes_on_with_its_own(self, table: Table) -> None:
        a, _ = await self.two(table)
        assert (await a.see("settle", token=2)).desks == "fresh"
        assert (await a.see("settle", token=1)).desks == "own"
        again = Asker(table, "a", "a-second", replaces="a-first")
        assert await again.see("claim") == Record("a", "a-second", 2, "own")

    async def test_who_had_it_unsettled_begins_anew(self, table: Table) -> None:
        await self.two(table)
        again = Asker(table, "a", "a-second", replaces="a-first")
        assert (await again.see("claim")).desks == "fresh"

    async def test_a_lot_goes_over_when_the_next_one_is_ready(self, table: Table) -> None:
        a, b = await self.two(table)
        c = Asker(table, "c")
        assert await b.see("want") == Record("a", "a-first", 1, "fresh", "b", "b-first")
        assert (await c.see("want")).next == "b"
        assert (await a.see("give", token=1)).node == "a"
        assert not (await c.see("ready")).ready
        assert (await b.see("ready")).ready
        assert (await a.see("give", token=2)).node == "a"
        assert (await c.see("give", token=1)).node == "a"
        assert await a.see("give", token=1) == Record("b", "b-first", 2, "handed")

    async def test_nobody_wants_what_is_its_own_or_nobodys(self, table: Table) -> None:
        a, b = await self.two(table)
        assert (await a.see("want")).next == ""
        assert (await b.do("want", 8)).record(8) == Record()

    async def test_the_next_one_may_change_its_mind_or_die(self, table: Table) -> None:
        a, b = await self.two(table)
        c = Asker(table, "c")
        await b.see("want")
        assert (await b.see("unwant")).next == ""
        await b.see("want")
        await b.see("ready")
        await table.ask(b.beat(leaves=True))
        assert (await a.see("give", token=1)).node == "a"
        assert await c.see("want") == Record("a", "a-first", 1, "fresh", "c", "c-first")

    async def test_the_next_one_claims_when_the_owner_dies(self, table: Table) -> None:
        a, b = await self.two(table)
        await b.see("want")
        await table.ask(a.beat(leaves=True))
        assert await b.see("claim") == Record("b", "b-first", 2, "fresh")

    async def test_what_is_released_is_anybodys_and_remembers_whose_it_was(self, table: Table) -> None:
        a, b = await self.two(table)
        await a.see("settle", token=1)
        assert (await a.see("release", token=3)).incarnation == "a-first"
        assert await a.see("release", token=1) == Record("a", "", 2, "own")
        assert (await b.do()).owner(7) is None
        assert await b.see("reclaim", token=1) == Record("a", "", 2, "own")
        assert await a.see("claim") == Record("a", "a-first", 3, "own")

    async def test_a_forgotten_lot_is_asked_back_while_all_is_quiet(self, table: Table) -> None:
        a, b = Asker(table, "a"), Asker(table, "b")
        assert await a.see("reclaim", token=4) == Record("a", "a-first", 4, "fresh")
        assert await b.see("reclaim", token=5) == Record("a", "a-first", 4, "fresh")
        again = Asker(table, "a", "a-second", replaces="a-first")
        assert await again.see("reclaim", token=4) == Record("a", "a-second", 4, "fresh")

    async def test_a_lot_that_somebody_had_since_is_not_given_back(self, table: Table) -> None:
        a, b = await self.two(table)
        await table.ask(a.beat(leaves=True))
        assert (await b.see("reclaim", token=1)).node == "a"
        assert (await b.see("reclaim", token=2)) == Record("b", "b-first", 2, "fresh")
