"""One node in the cluster: its lease, its lots, and how it goes on when Redis is away. docs/cluster-protocol.md says
why.

In: time, what the registry answers, what the application has done. Out: `outputs`, drained after each input. One
request is on its way at a time. Times are seconds of the clock that `Lease` speaks of.
"""

from collections.abc import Iterable, Mapping

from ctibridge.cluster.beat import Beat, Change, Refused
from ctibridge.cluster.holding import Holding
from ctibridge.cluster.lease import BEATS, Lease
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.outputs import (
    Alone,
    Ask,
    Left,
    Lines,
    NameTaken,
    NodeGone,
    Nudge,
    Output,
    Together,
)
from ctibridge.cluster.reach import Reach
from ctibridge.cluster.view import Info, View

WAIT = 2
"""Beats. Anybody claims what the first in rank leaves alone for so long; and so long a newcomer looks before it
claims."""


def nobody_for(lease: float) -> float:
    """The longest that a lot is nobody's after one node dies, in seconds, with a Redis that answers within a beat: the
    lease, a beat until it is looked at, a beat for the claim."""
    return lease + 2 * lease / BEATS


class Member:
    """node: our name; incarnation: a fresh token of this process; replaces: the incarnation before it, when its process
    is certainly gone, and only then; lease: seconds, equal at all nodes; info: what others shall know of us; last_held:
    token by lot as `held` was when this node stopped, for a start without Redis; lots: how many there are."""

    def __init__(
        self,
        node: str,
        incarnation: str,
        now: float,
        lease: float = 5.0,
        *,
        replaces: str = "",
        info: Info | None = None,
        last_held: Mapping[int, int] | None = None,
        lots: int = LOTS,
    ) -> None:
        self.node = node
        self.incarnation = incarnation
        self.view: View | None = None
        self.left = False
        self._replaces = replaces
        self._info = info or Info()
        self._lease = Lease(lease)
        self._beat = lease / BEATS
        self._reach = Reach(self._lease, now, self._beat / 2, lease)
        self._holding = Holding(node, incarnation, lots, last_held or {})
        self._said: list[Output] = []
        self._lines: frozenset[int] = frozenset()
        self._nodes: dict[str, str] = {}
        self._count = 0
        self._asked: Ask | None = None
        self._asked_at = now
        self._changes: tuple[Change, ...] = ()
        self._due = now
        self._look = False
        self._seen_at = now
        self._whole_at = now  # from then on a view shows everybody
        self._stumbled = False  # a try failed since the last answer
        self._drained_by: float | None = None
        self._silent = False  # nothing more is heard here that only we could tell the others
        self._taken = False

    # what to know

    def outputs(self) -> list[Output]:
        """What there is to do since the last call, in order."""
        said, self._said = self._said, []
        return said

    @property
    def deadline(self) -> float | None:
        """`wake` is wanted by then; None: never again."""
        if self.left:
            return None
        times = [self._seen_at + self._beat]
        if self._asked is None:
            times.append(self._due)
        if self._lease.stands(self._seen_at):
            times.append(self._lease.until)
        return max(self._seen_at, min(times))

    @property
    def held(self) -> dict[int, int]:
        """Our lots, token by lot; also while we may not act. To be kept for `last_held`."""
        return dict(self._holding.held)

    def token(self, lot: int) -> int:
        """Under which we have it; 0: we have it not."""
        return self._holding.held.get(lot, 0)

    @property
    def alone(self) -> bool:
        """Redis is away, and we go on without it."""
        return self._reach.alone

    @property
    def draining(self) -> bool:
        """All lots are to go: this node takes none any more."""
        return self._holding.draining

    @property
    def lines(self) -> frozenset[int]:
        """The lots whose lines are registered here."""
        return self._lines

    def standby(self, lot: int) -> bool:
        """Are the lot's lines registered here, although another node has it (or nobody, as far as we know)?"""
        return lot in self._lines and lot not in self._holding.held

    def acts(self, now: float) -> bool:
        """May we do what counts? False: nobody knows whether our lots are still ours; facts wait until this is true or
        `Lost` is said. A woken process has its answer within a beat."""
        return not self.left and self._reach.acts(now)

    def holds(self, lot: int, now: float) -> bool:
        """May we act for this lot: tell its desks, number their events?"""
        return self._holding.acts_on(lot) and self.acts(now)

    def home(self, lot: int) -> str | None:
        """The node that has this lot, as far as we know; None: nobody."""
        if lot in self._holding.held:
            return self.node
        owner = self.view.owner(lot) if self.view else None
        return None if owner == self.node else owner

    def others(self) -> dict[str, str]:
        """Of each other node that lives, as far as we know, its incarnation."""
        return self.view.others(self.node) if self.view else {}

    # what happens

    def wake(self, now: float) -> None:
        """It is `deadline`, or any other time."""
        self._seen(now)
        self._end(now)

    def answered(self, beat: Beat, answer: View | Refused, now: float) -> None:
        """The registry's answer to the request that is on its way; to another one: nothing happens."""
        self._seen(now)
        if self._asked is None or beat is not self._asked.beat:
            return
        self._asked = None
        self._due = self._asked_at + self._beat
        if isinstance(answer, Refused):
            self._refused(answer, now)
        elif not self._lease.covers(self._asked_at, now):
            self._due = now  # it was written before we were stopped, and proves nothing
        elif beat.leaves:
            self._leave()
        else:
            self._learn(beat, answer, now)
        self._end(now)

    def failed(self, beat: Beat, now: float) -> None:
        """No answer, for whatever reason: no connection, an error, no time left."""
        self._seen(now)
        if self._asked is None or beat is not self._asked.beat:
            return
        self._asked = None
        self._stumbled = True
        self._reach.failed(self._asked_at)
        self._due = max(now, self._asked_at + self._beat / 2)
        if beat.leaves:
            self._leave()
        self._end(now)

    def look(self, now: float) -> None:
        """Another node says that something changed (`Nudge`)."""
        self._seen(now)
        self._look = True
        self._end(now)

    # what the application has done

    def prepared(self, lots: Iterable[int], now: float) -> None:
        """The lines of these lots, of a `Prepare`, are registered here."""
        self._seen(now)
        self._holding.prepared(lots)
        self._end(now)

    def given(self, turn: int, now: float) -> None:
        """The state of the desks of this `Yield` lies in Redis, all of it."""
        self._seen(now)
        self._holding.given(turn)
        self._end(now)

    def kept(self, turn: int, now: float) -> None:
        """It could not be written: the lots stay here for now, `Gained` says so."""
        self._seen(now)
        self._said += self._holding.kept(turn)
        self._end(now)

    def settled(self, lots: Mapping[int, int], now: float) -> None:
        """The epochs of the desks of these lots, token by lot as of `Gained`, are on disk here."""
        self._seen(now)
        self._holding.settled(lots)
        self._end(now)

    def tell(self, info: Info, now: float) -> None:
        """Others shall know this of us, with the next request; another weight moves lots. draining is ours to say."""
        self._seen(now)
        self._info = info
        self._end(now)

    def drain(self, now: float, patience: float) -> None:
        """Give all lots away, for `patience` seconds at most, and leave once `silent` was said: `Left`. What nobody
        took by then is released."""
        self._seen(now)
        if self._drained_by is None:
            self._holding.draining = self._look = True
            self._drained_by = now + patience
        self._drained_by = min(self._drained_by, now + patience)
        self._end(now)

    def silent(self, now: float) -> None:
        """Of who drains: no call rings here any more, so the others need not hear how it ends."""
        self._seen(now)
        self._silent = True
        self._end(now)

    # in detail

    def _seen(self, now: float) -> None:
        self._reach.seen(now)
        self._seen_at = now

    def _learn(self, beat: Beat, view: View, now: float) -> None:
        stood, alone, first = self._lease.stands(now), self._reach.alone, not self._reach.ever
        self._whole_at = max(self._whole_at, self._whole_from(view, now, stood))
        self._reach.answered(self._asked_at)
        self.view = view
        if alone or first or self._taken:
            self._said.append(Together())
        self._stumbled = self._taken = False
        self._who_is_gone(view, now)
        self._said += self._holding.learn(view, lapsed=not stood)
        moved = self._holding.move(view)
        if self._info.redundancy == "both" and now >= self._whole_at:
            self._holding.stand_by(view)
        self._say_lines()
        self._said += moved
        self._nudge(beat, view)

    def _whole_from(self, view: View, now: float, stood: bool) -> float:
        """After the registry forgot, or was away from all, others are not back yet: they have a lease to come."""
        forgot = self.view is not None and (view.birth != self.view.birth or (stood and not view.known))
        if forgot or (not stood and self._stumbled):
            return now + self._lease.seconds
        return self._whole_at if stood else now + WAIT * self._beat

    def _who_is_gone(self, view: View, now: float) -> None:
        live = view.others(self.node)
        if now >= self._whole_at and not view.quiet:
            gone = {name: old for name, old in self._nodes.items() if live.get(name) != old}
            self._said += [NodeGone(name, old) for name, old in sorted(gone.items())]
            self._nodes = live
        else:
            self._nodes |= {name: old for name, old in live.items() if name not in self._nodes}

    def _refused(self, answer: Refused, now: float) -> None:
        if answer.why == "overtaken":
            self._due = now
            return
        self._reach.refused()
        self._said += self._holding.lose_all()
        self._say_lines()
        if not self._taken:
            self._taken = True
            self._said.append(NameTaken())
        if self._holding.draining:
            self._leave()  # nothing is ours to give back

    def _end(self, now: float) -> None:
        """Of every input: go on alone if it is time, ask if there is something to ask."""
        ever = self._reach.ever
        if not self.left and self._reach.gives_up(now):
            self._said += [Alone(), *self._holding.alone(ever)]
            self._say_lines()
        if self._asked is None and not self.left:
            self._ask(now)
        self._reach.awaits(self._seen_at if self.deadline is None else self.deadline)

    def _ask(self, now: float) -> None:
        over = self._drained_by is not None and now >= self._drained_by
        if over and not self._lease.stands(now) and self._stumbled:
            self._leave()  # no Redis to give anything back to
            return
        changes = self._changes_now(now, over)
        leaves = self.draining and not self._holding.held and (over or (self._silent and not self._holding.coming))
        if not (now >= self._due or self._look or leaves or (changes and changes != self._changes)):
            return
        self._count += 1
        info = Info(
            self._info.weight, self._holding.draining, self._info.version, self._info.redundancy, self._info.figures
        )
        beat = Beat(
            self.node, self.incarnation, self._replaces, self._count, self._lease.seconds, info, changes, leaves
        )
        self._holding.asked(changes)
        self._asked, self._asked_at, self._changes, self._look = Ask(beat, self._beat), now, changes, False
        self._said.append(self._asked)

    def _changes_now(self, now: float, over: bool) -> tuple[Change, ...]:
        if self.view is None:
            return ()
        return self._holding.changes(self.view, now, self._whole_at, WAIT * self._beat, over)

    def _leave(self) -> None:
        self.left = True
        self._asked = None
        self._said += self._holding.lose_all()
        self._say_lines()
        self._said.append(Left())

    def _nudge(self, beat: Beat, view: View) -> None:
        moved = {view.owner(change.lot) for change in beat.changes if change.op in ("want", "ready", "give")}
        self._said += [Nudge(node) for node in sorted(node for node in moved if node not in (None, self.node))]

    def _say_lines(self) -> None:
        if self._holding.lines != self._lines:
            self._lines = self._holding.lines
            self._said.append(Lines(self._lines))
