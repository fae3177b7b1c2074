"""What agents may see, known for as long as it cannot change: at a ring group each call asks for twenty agents with
fifty grants each, and between two grants' ends the answer is the same.

Pure: the time comes in. What is kept is `visibility.visible_to`'s own answer, and the span in which it holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ctibridge.domain.agent import Grant, RoleShare
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.visibility import Visible, visible_to

_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sight:
    """since: included; until: not."""

    visible: Visible
    since: datetime
    until: datetime


class Sights:
    """Of one snapshot at a time; another one begins anew."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._known: dict[str, Sight] = {}

    def visible_to(self, agent: str, snapshot: Snapshot, at: datetime) -> Visible:
        """As `visibility.visible_to`, at any time (aware) in any order."""
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._known.clear()
        known = self._known.get(agent)
        if known is not None and known.since <= at < known.until:
            return known.visible
        visible = visible_to(agent, snapshot, at)
        if agent in snapshot.agents:
            self._known[agent] = Sight(visible, *_span(agent, snapshot, at))
        return visible


def _span(agent: str, snapshot: Snapshot, at: datetime) -> tuple[datetime, datetime]:
    grants = snapshot.grants.get(agent, ())
    if any(grant.hours is not None for grant in grants):
        return at, at  # a clock on the wall somewhere decides: it is asked each time
    shares = (share for grant in grants for share in snapshot.shares.get(grant.account, ()))
    turns = [*_turns(grants), *_turns(shares)]
    since = max((turn for turn in turns if turn <= at), default=_BEGINNING)
    return since, min((turn for turn in turns if turn > at), default=_END)


def _turns(spans: Iterable[Grant | RoleShare]) -> list[datetime]:
    return [turn for span in spans for turn in (span.starts_at, span.ends_at) if turn is not None]
