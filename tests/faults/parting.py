"""What is owed of a node that cannot reach the others, by what the world saw of it. Pure.

It serves its own lines and the screens that are connected to it, under its own epochs; after a lease another node has
its desks as well, under new ones. Nobody can know both sides before the way is mended, so:

* what it rings is owed at the desks that have a screen connected to it. At a desk whose screens are all elsewhere
  nobody can be told; a call that another node rings, too, is owed by that one as ever;
* what it told, and was acknowledged there, is not owed by the snapshot of another epoch: neither what it told in the
  moment before, which was on its way;
* each side pops a call once. For one screen that is one pop still: only two that were connected at the same time may
  have heard one each. What a screen was shown in a snapshot it may ask for from before that snapshot: that is no pop.
"""

from collections.abc import Iterable

from tests.faults.record import Event, Record, Welcome

MOMENT = 0.05
"""Seconds that what was said at one end is on its way to the other, on a busy machine; else it takes 1 ms."""
REJOINS = 3.0
"""Seconds behind the mend in which it learns, and leaves what others took over."""


class Parting:
    """record: of all nodes."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._links = {link.link: link for link in record.links}
        self._ends = {gone.link: gone.at for gone in record.gone}
        self._spans = [
            (life.node, life.web, begins, ends + REJOINS) for life in record.lives for begins, ends in life.apart
        ]

    def is_parted(self, node: str, at: float) -> bool:
        return any(node == one and begins <= at < ends for one, _, begins, ends in self._spans)

    def is_open(self, desk: str, node: str, at: float) -> bool:
        """Is one of its screens connected to this node?"""
        webs = {web for one, web, _, _ in self._spans if one == node}
        links = (link for link in self._record.links if link.desk == desk and link.web in webs)
        return any(link.at <= at < self._end(link.link) for link in links)

    def known(self, events: Iterable[Event], snapshot: Welcome) -> list[Event]:
        """Without those that a node parted from the others told: another epoch knows nothing of them."""
        return [one for one in events if one.epoch == snapshot.epoch or not self._is_of_parted(one)]

    def once(self, events: list[Event]) -> list[Event]:
        """Different events that say the same of one call at one desk, by when they were seen: those that some screen
        heard more than once. Of one epoch all count."""
        kept = [one for at, one in enumerate(events) if at == 0 or not self._is_listed(one, events[:at])]
        apart = [one for one in kept if self._is_of_parted(one)]
        return [one for one in kept if one not in apart or not self._has_twin(one, kept)] or kept[:1]

    def _is_listed(self, event: Event, before: list[Event]) -> bool:
        """Seen first behind a snapshot that has it, which began its epoch for this desk."""
        if any(one.epoch == event.epoch or not self._is_of_parted(one) for one in before):
            return False
        return any(
            not link.resumed and link.at <= event.at and event.sequence <= link.sequence and event.subject in link.calls
            for link in self._record.links
            if (link.desk, link.epoch) == (event.desk, event.epoch)
        )

    def _has_twin(self, event: Event, others: list[Event]) -> bool:
        """Another screen, connected at the same time, heard it from the other side."""
        return any(
            one.epoch != event.epoch
            and one.link in self._links
            and self._links[one.link].at < self._end(event.link)
            and self._links[event.link].at < self._end(one.link)
            for one in others
        )

    def _is_of_parted(self, event: Event) -> bool:
        link = self._links.get(event.link)
        return link is not None and any(
            web == link.web and begins - MOMENT <= event.at < ends for _, web, begins, ends in self._spans
        )

    def _end(self, link: int) -> float:
        return self._ends.get(link, float("inf"))
