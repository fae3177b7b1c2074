"""The lots at one node: held, on the way here, on the way out. It reads views, and says what to ask for.

It believes the view alone: what became of a request is read there, never guessed. A lot whose record the registry
forgot (flushed; a fail-over that lost writes) stays held, and is asked back.
"""

from collections.abc import Iterable, Mapping

from ctibridge.cluster.beat import Change
from ctibridge.cluster.outputs import Gained, Lost, Output, Prepare, Yield
from ctibridge.cluster.ranks import Ranks
from ctibridge.cluster.view import How, Record, View

MOST_MOVING = 32
"""Lots on the way from one node to another at a time: their lines are registered, and desks of the rest are not held
up."""


class Holding:
    """node, incarnation: ours. lots: how many there are. held: token by lot."""

    def __init__(self, node: str, incarnation: str, lots: int, last_held: Mapping[int, int]) -> None:
        self.held: dict[int, int] = {}
        self.draining = False
        self.standby: frozenset[int] = frozenset()
        self._me = (node, incarnation)
        self._node = node
        self._lots = range(lots)
        self._last_held = dict(last_held)
        self._ranks = Ranks(lots)
        self._tokens: dict[int, int] = {}  # the highest we know of
        self._had: dict[int, int] = {}  # the highest we held: under it nothing is handed to us twice
        self._unsure: set[int] = set()  # forgotten while our lease was over: somebody may have claimed them
        self._settled: set[int] = set()
        self._turns: dict[int, set[int]] = {}  # said Yield, the application writes
        self._turn = 0
        self._to_give: set[int] = set()  # written
        self._giving: set[int] = set()  # asked, once and never again: somebody may have read what was written
        self._preparing: set[int] = set()
        self._prepared: set[int] = set()
        self._nobodys_since: dict[int, float] = {}

    def acts_on(self, lot: int) -> bool:
        """Ours, and not on its way out."""
        return lot in self.held and lot not in self._leaving and lot not in self._unsure

    @property
    def lines(self) -> frozenset[int]:
        return frozenset(self.held) | self._preparing | self.standby

    @property
    def coming(self) -> bool:
        """Something may still be given to us."""
        return bool(self._preparing)

    @property
    def _leaving(self) -> set[int]:
        return self._to_give.union(self._giving, *self._turns.values())

    # what the application says

    def prepared(self, lots: Iterable[int]) -> None:
        self._prepared |= self._preparing.intersection(lots)

    def given(self, turn: int) -> None:
        self._to_give |= self._turns.pop(turn, set())

    def kept(self, turn: int) -> list[Output]:
        return self._back(self._turns.pop(turn, set()))

    def settled(self, lots: Mapping[int, int]) -> None:
        self._settled |= {lot for lot, token in lots.items() if self.held.get(lot) == token}

    # what happens around

    def alone(self, ever: bool) -> list[Output]:
        """Redis is away: what was on its way out stays. ever: it answered once; else we begin with what we had."""
        if not ever and self._last_held:
            self.held, self._last_held = self._last_held, {}
            self._had = dict(self.held)
            return [Gained(dict(self.held), "fresh")]
        return self._back(self._leaving) + self._sure(set(self._unsure))

    def lose_all(self) -> list[Output]:
        self._preparing.clear()
        self._prepared.clear()
        return self._lose(set(self.held))

    def learn(self, view: View, lapsed: bool) -> list[Output]:
        """Of lots that come and go. lapsed: our lease was over in between."""
        self._last_held = {}
        for lot, record in view.lots.items():
            self._tokens[lot] = max(record.token, self._tokens.get(lot, 0))
        mine = {lot: view.record(lot) for lot in self._lots if self._is_mine(view.record(lot))}
        lost = {lot for lot in self.held if not self._still(lot, view)}
        said = self._lose(lost)
        if lapsed:
            self._unsure |= self.held.keys() - mine.keys()
        said += self._back({lot for lot in self._giving if lot in mine})
        said += self._sure(self._unsure & mine.keys())
        return said + self._gain({lot: record for lot, record in mine.items() if lot not in self.held})

    def move(self, view: View) -> list[Output]:
        """Of lots that are on their way."""
        coming = {lot for lot in self._lots if self._next_here(view.record(lot)) and lot not in self.held}
        new = frozenset[int]() if self.draining else frozenset(coming - self._preparing)
        self._preparing = (coming & self._preparing) | new  # who drains keeps the lines until it is next no longer
        self._prepared &= self._preparing
        said: list[Output] = [Prepare(new)] if new else []
        out = {lot for lot in self.held if view.record(lot).ready and view.next(lot) not in (None, self._node)}
        out = {lot for lot in out - self._leaving if self._is_mine(view.record(lot))}
        if out:
            self._turn += 1
            self._turns[self._turn] = out
            said.append(Yield(self._turn, {lot: self.held[lot] + 1 for lot in sorted(out)}))
        return said

    def changes(self, view: View, now: float, since: float, wait: float, over: bool) -> tuple[Change, ...]:
        """What to ask for. since: from then on views are whole, before it nothing of others is touched; wait: seconds
        after which anybody claims what the first one in rank does not; over: the time to drain is."""
        self._ranks.weigh(view.weights())
        asked = self._of_mine(view, over)
        if not view.quiet:
            asked += self._claims(view, now, since, wait)
        if self.draining:
            asked += [Change("unwant", lot) for lot in self._lots if self._next_here(view.record(lot))]
        elif now >= since and not view.quiet:
            asked += self._wants(view)
        return tuple(asked)

    def asked(self, changes: Iterable[Change]) -> None:
        """These are on their way."""
        giving = {change.lot for change in changes if change.op in ("give", "release")}
        self._to_give -= giving
        self._giving |= giving
        for turn in self._turns.values():
            turn.difference_update(giving)

    def stand_by(self, view: View) -> None:
        """The lots whose lines are registered here as well."""
        self._ranks.weigh(view.weights())
        owners = ((lot, view.owner(lot)) for lot in self._lots if lot not in self.held)
        self.standby = frozenset(lot for lot, owner in owners if self._ranks.first(lot, owner) == self._node)

    # in detail

    def _is_mine(self, record: Record) -> bool:
        return (record.node, record.incarnation) == self._me

    def _next_here(self, record: Record) -> bool:
        return (record.next, record.next_incarnation) == self._me

    def _still(self, lot: int, view: View) -> bool:
        record, token = view.record(lot), self.held[lot]
        return record.token == token if self._is_mine(record) else self._forgotten(lot, view)

    def _forgotten(self, lot: int, view: View) -> bool:
        """The registry is behind us: nobody has had this lot since, as far as it knows."""
        record, token = view.record(lot), self.held[lot]
        behind = token >= record.token + (record.node != self._node)
        return behind and view.owner(lot) is None and lot not in self._leaving

    def _lose(self, lots: set[int]) -> list[Output]:
        self._forget_ways(lots)
        for lot in lots:
            del self.held[lot]
        return [Lost(frozenset(lots))] if lots else []

    def _back(self, lots: set[int]) -> list[Output]:
        """The desks of these got new epochs with `Yield`."""
        self._forget_ways(lots)
        return [Gained({lot: self.held[lot] for lot in sorted(lots)}, "fresh")] if lots else []

    def _sure(self, lots: set[int]) -> list[Output]:
        """Ours all the time, as it turned out; what was heard meanwhile has to be told."""
        self._unsure -= lots
        return [Gained({lot: self.held[lot] for lot in sorted(lots)}, "own")] if lots else []

    def _forget_ways(self, lots: set[int]) -> None:
        for some in (self._unsure, self._settled, self._to_give, self._giving, *self._turns.values()):
            some.difference_update(lots)

    def _gain(self, mine: Mapping[int, Record]) -> list[Output]:
        ways: dict[How, dict[int, int]] = {}
        for lot, record in mine.items():
            again = record.token <= self._had.get(lot, -1)
            ways.setdefault("fresh" if again else record.desks, {})[lot] = record.token
            self.held[lot] = record.token
            self._had[lot] = max(record.token, self._had.get(lot, 0))
        return [Gained(lots, how) for how, lots in sorted(ways.items())]

    def _of_mine(self, view: View, over: bool) -> list[Change]:
        asked = []
        leaving = self._leaving
        alone = self.draining and (over or self._ranks.nobody)
        for lot, token in sorted(self.held.items()):
            record = view.record(lot)
            if not self._is_mine(record):
                asked.append(Change("reclaim", lot, token))
            if lot in self._to_give:
                asked.append(Change("give", lot, token))
            elif alone and lot not in self._giving:
                asked.append(Change("release", lot, token))
            elif lot in self._settled and lot not in leaving and record.desks != "own":
                asked.append(Change("settle", lot, token))
        return asked

    def _claims(self, view: View, now: float, since: float, wait: float) -> list[Change]:
        nobodys = {lot for lot in self._lots if view.owner(lot) is None and lot not in self.held}
        self._nobodys_since = {lot: max(since, self._nobodys_since.get(lot, now)) for lot in nobodys}
        if self.draining:
            return []
        mine = {lot for lot in nobodys if view.record(lot).node == self._node}
        if now >= since:
            mine |= {lot for lot in nobodys if self._ranks.first(lot) == self._node or lot in self._preparing}
            mine |= {lot for lot in nobodys if now >= self._nobodys_since[lot] + wait}
        return [Change("claim", lot, self._tokens.get(lot, 0)) for lot in sorted(mine)]

    def _wants(self, view: View) -> list[Change]:
        moving: dict[str, int] = {}
        wanted = []
        for lot in self._lots:
            owner = view.owner(lot)
            if owner in (None, self._node):
                continue
            if self._next_here(view.record(lot)):
                moving[owner] = moving.get(owner, 0) + 1
                if lot in self._prepared and not view.record(lot).ready:
                    wanted.append(Change("ready", lot))
            elif self._ranks.first(lot) == self._node and view.next(lot) is None:
                wanted.append(Change("want", lot))
        return self._in_portions(wanted, view, moving)

    def _in_portions(self, wanted: list[Change], view: View, moving: dict[str, int]) -> list[Change]:
        asked = []
        for change in wanted:
            owner = view.owner(change.lot) or ""
            if change.op == "want":
                moving[owner] = moving.get(owner, 0) + 1
                if moving[owner] > MOST_MOVING:
                    continue
            asked.append(change)
        return asked
