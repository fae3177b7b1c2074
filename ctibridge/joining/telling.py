"""What a node tells the others of itself, for people: `ctibridge cluster status` on any of them, and metrics."""

import asyncio
from collections.abc import Callable, Mapping

from ctibridge import __version__
from ctibridge.cluster.adapters.membership import Membership, clock
from ctibridge.cluster.adapters.post import Post
from ctibridge.cluster.figures import Figures
from ctibridge.cluster.settings import RedisSettings
from ctibridge.cluster.view import Info
from ctibridge.delivery.adapters.relay import Relay
from ctibridge.delivery.desks import Desks
from ctibridge.joining.own_lines import OwnLines

TELLS_EVERY = 2.0
"""Seconds between two tellings."""


def info(settings: RedisSettings, figures: Mapping[str, float]) -> Info:
    return Info(settings.weight, version=__version__, redundancy=settings.redundancy, figures=dict(figures))


class Telling:
    """Reads all of them, and changes none. lean: as in `Figures`."""

    def __init__(
        self,
        settings: RedisSettings,
        membership: Membership,
        post: Post,
        desks: Desks,
        lines: OwnLines,
        relay: Relay,
        lean: Callable[[], bool | None],
    ) -> None:
        self._settings = settings
        self._membership = membership
        self._post = post
        self._desks = desks
        self._lines = lines
        self._relay = relay
        self._lean = lean

    def figures(self) -> Figures:
        member, traffic = self._membership.member, self._post.traffic
        nodes = 1 if member.alone or member.view is None else len(member.view.nodes)
        lag, desks = max(traffic.lag, traffic.behind), self._desks.connections[2]
        here = len(member.held), len(self._lines), desks, len(self._relay.edge)
        return Figures(member.alone, nodes, *here, lag, traffic.dropped, traffic.gaps, self._lean())

    async def run(self) -> None:
        """Until it is cancelled. With the next request to the registry it reaches the others."""
        while True:
            self._membership.member.tell(info(self._settings, self.figures().told()), clock())
            self._membership.said()
            await asyncio.sleep(TELLS_EVERY)
