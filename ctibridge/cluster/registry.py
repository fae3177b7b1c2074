"""The registry as a value: exactly what the script in Redis does. The protocol is proved with it, and one behaviour
suite holds both to the same cases.

In: a `Beat` and the registry's own time. Out: the `View` after it, or `Refused`. Each request is atomic, and doing it
twice does nothing more.

| change | checks | does |
|---|---|---|
| any request | nobody has the name, or this incarnation with a smaller count, or the replaced one | the lease stands |
| claim | not quiet; no live owner | owner, higher token; desks "own" if this name had it so, else "fresh" |
| reclaim | no live owner; token higher, or equal and this name had it | owner with this very token, desks "fresh" |
| want | a live owner that is another; no live next | next, not ready |
| unwant | next | nobody is next |
| ready | next | ready |
| give | owner with this token; a live next that is ready | next is owner, token + 1, desks "handed" |
| settle | owner with this token | desks "own" |
| release | owner with this token | nobody's, token + 1; who had it stays written |

Who becomes owner is no longer next.
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from ctibridge.cluster.beat import Beat, Change, Refused
from ctibridge.cluster.view import NOBODYS, Info, Node, Record, View


@dataclass(frozen=True, slots=True)
class _Lease:
    """until: by the registry's clock, seconds."""

    incarnation: str
    count: int
    until: float
    info: Info


@dataclass(slots=True)
class Registry:
    """birth, quiet_until: "" while nobody has asked since it was emptied."""

    birth: str = ""
    quiet_until: float = 0.0
    _leases: dict[str, _Lease] = field(default_factory=dict)
    _lots: dict[int, Record] = field(default_factory=dict)

    def ask(self, beat: Beat, now: float) -> View | Refused:
        """now: seconds of the registry's own clock."""
        self._leases = {node: lease for node, lease in self._leases.items() if now < lease.until}
        lease = self._leases.get(beat.node)
        known = lease is not None and lease.incarnation == beat.incarnation
        if lease is not None and lease.incarnation not in (beat.incarnation, beat.replaces):
            return Refused("taken")
        if lease is not None and known and beat.count <= lease.count:
            return Refused("overtaken")
        if not self.birth:
            self.birth, self.quiet_until = beat.birth, now + beat.lease
        self._leases[beat.node] = _Lease(beat.incarnation, beat.count, now + beat.lease, beat.info)
        for change in beat.changes:
            changed = self._changed(self.record(change.lot), beat, change, now)
            if changed is not None:
                self._lots[change.lot] = changed
        if beat.leaves:
            del self._leases[beat.node]
        return self._view(known, now)

    def look(self, now: float) -> View:
        """How all stands, for who is no node; nothing changes."""
        return self._view(known=False, now=now)

    def record(self, lot: int) -> Record:
        return self._lots.get(lot, NOBODYS)

    def copy(self) -> "Registry":
        """As a replica that stays behind has it."""
        return Registry(self.birth, self.quiet_until, dict(self._leases), dict(self._lots))

    def _view(self, known: bool, now: float) -> View:
        nodes = {name: Node(lease.incarnation, lease.info) for name, lease in self._leases.items() if now < lease.until}
        return View(self.birth, now < self.quiet_until, known, nodes, dict(self._lots))

    def _lives(self, node: str, incarnation: str) -> bool:
        lease = self._leases.get(node)
        return lease is not None and lease.incarnation == incarnation

    def _changed(self, lot: Record, beat: Beat, change: Change, now: float) -> Record | None:
        """None: it is not as the change expects it."""
        owned = self._lives(lot.node, lot.incarnation)
        mine = (lot.node, lot.incarnation) == (beat.node, beat.incarnation)
        meant = mine and lot.token == change.token
        i_am_next = (lot.next, lot.next_incarnation) == (beat.node, beat.incarnation)
        somebody_is_next = self._lives(lot.next, lot.next_incarnation)
        changed: Record | None = None
        match change.op:
            case "claim" if not owned and now >= self.quiet_until:
                changed = _claimed(lot, beat, max(lot.token, change.token) + 1)
            case "reclaim" if not owned and change.token >= lot.token + (lot.node != beat.node):
                changed = replace(_claimed(lot, beat, change.token), desks="fresh")
            case "want" if owned and not mine and not somebody_is_next:
                changed = replace(lot, next=beat.node, next_incarnation=beat.incarnation, ready=False)
            case "unwant" if i_am_next:
                changed = _nobody_next(lot)
            case "ready" if i_am_next:
                changed = replace(lot, ready=True)
            case "give" if meant and somebody_is_next and lot.ready:
                changed = Record(lot.next, lot.next_incarnation, lot.token + 1, "handed")
            case "settle" if meant:
                changed = replace(lot, desks="own")
            case "release" if meant:
                changed = replace(lot, incarnation="", token=lot.token + 1)
        return changed


def _claimed(lot: Record, beat: Beat, token: int) -> Record:
    own = lot.node == beat.node and lot.desks == "own"
    lot = _nobody_next(lot) if lot.next == beat.node else lot
    return replace(lot, node=beat.node, incarnation=beat.incarnation, token=token, desks="own" if own else "fresh")


def _nobody_next(lot: Record) -> Record:
    return replace(lot, next="", next_incarnation="", ready=False)
