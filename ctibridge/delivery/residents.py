"""Which desks are numbered at this node, and how one comes and goes while it runs.

Comes in: what the cluster decided about desks. Goes out: closed sessions, desks as they stand, desks in their place. A
desk that is not at home here numbers nothing: an event id would name two events. Without a cluster all are at home.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desk import Desk, Told
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.sessions import Sessions

_NOBODY: frozenset[str] = frozenset()


class Residents:
    """desks: all that this node knows anything of; told: at whose desks a call rang. tell: says and keeps an event."""

    def __init__(
        self,
        source: str,
        desks: dict[str, Desk],
        told: dict[str, set[str]],
        sessions: Sessions,
        tell: Callable[[str, Told | None], None],
    ) -> None:
        self._source = source
        self._desks = desks
        self._told = told
        self._sessions = sessions
        self._tell = tell
        self._may: Callable[[str], bool] | None = None
        self._away: set[str] = set()
        """What this node has of these desks is not how they stand."""

    def join(self, may: Callable[[str], bool]) -> None:
        """This node is one of several from now on, and no desk's home until `gained`. may: can desks of this agent be
        at home here, of whom it has heard nothing yet?"""
        self._may = may
        self._away.update(self._desks)

    def has(self, agent: str) -> bool:
        """Is his desk at home here?"""
        return agent not in self._away and (self._may is None or self._may(agent))

    def freeze(self, agents: Iterable[str], why: str = "the desk moves") -> None:
        """From now on these desks number nothing, and their screens come back elsewhere. What they were sent stands."""
        leaving = frozenset(agents)
        self._away |= leaving
        for hearers in self._told.values():
            hearers.difference_update(leaving)
        self._sessions.close_of(leaving, CloseCode.RESTART, why)

    def standing(self, agent: str) -> KeptDesk | None:
        """As it stands; None where this node never had one."""
        desk = self._desks.get(agent)
        if desk is None:
            return None
        return KeptDesk(agent, desk.epoch, desk.sequence, desk.floor, desk.acked, desk.kept())

    def adopt(self, kept: KeptDesk) -> None:
        """It comes with all it has, in the place of what was here of it. It is not at home here before `gained`."""
        self._away.add(kept.agent)
        desk = self._desks[kept.agent] = Desk(self._source, kept)
        desk.stored = 0 if kept.floor <= kept.sequence else kept.sequence

    def renew(self, agent: str, epoch: str) -> tuple[KeptCall, ...]:
        """Another life of this desk begins, as numbers of the one before may have been given elsewhere. Returns the
        calls that were in progress: nobody here knows what became of them, and the desk forgets them."""
        desk = self._desks.get(agent)
        known = () if desk is None else desk.kept()
        over = tuple(one for one in known if one.call.is_over)
        self._desks[agent] = renewed = Desk(self._source, KeptDesk(agent, epoch, 0, 1, 0, over))
        renewed.unheard = set() if desk is None else desk.unheard & {one.call.id for one in over}
        return tuple(one for one in known if not one.call.is_over)

    def gained(self, agents: Iterable[str], at: datetime, going_on: Collection[str] = _NOBODY) -> list[str]:
        """These desks are at home here from now on. going_on: calls that ring or are spoken on; all others that were in
        progress at these desks end as unknown. Returns the calls that they know."""
        calls: dict[str, None] = {}
        for agent in agents:
            self._away.discard(agent)
            desk = self._desks.get(agent)
            if desk is None:
                continue
            for told in list(desk.restarted(at, going_on)):
                self._tell(agent, told)
            for known in desk.calls(at):
                self._told.setdefault(known.call.id, set()).add(agent)
                calls[known.call.id] = None
        return list(calls)

    def stored(self, agent: str, sequence: int) -> None:
        """See `Desks.stored`; also of a desk that is not at home here yet, or is no longer."""
        if (desk := self._desks.get(agent)) is not None:
            desk.stored = min(sequence, desk.sequence)

    def lost(self, agent: str, floor: int) -> None:
        if (desk := self._desks.get(agent)) is not None:
            desk.lost(min(floor, desk.sequence + 1))

    def nobody(self, agent: str) -> Desk:
        """In the place of a desk that is not at home here: what it says nobody hears."""
        return Desk(self._source, KeptDesk(agent, "", 0, 1, 0))
