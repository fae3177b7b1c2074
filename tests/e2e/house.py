"""A desk service on the sample directory: the PBX, phones, the daemon, who calls, and who listens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.daemon import Daemon, TrunkOf
from tests.e2e.desk import Desk
from tests.peers.baresip import Baresip
from tests.peers.kamailio import Kamailio
from tests.peers.sipp import Sipp

ACME, FLEURON, KHALIJ = "+493023125100", "+33199001000", "+97140000100"
REGULA = "+41790000017"
ELODIE = "+33639980101"
NIKOS = "+306900000190"
LINES = {"6001": ["ana"], "6002": ["ben"], "6003": ["chloe"]}


@dataclass
class House:
    """Each line has its phone and its agent's desk."""

    pbx: Kamailio
    daemon: Daemon
    sipp: Sipp
    phones: dict[str, Baresip]
    desks: dict[str, Desk] = field(default_factory=dict)

    @property
    def ana(self) -> Desk:
        return self.desks["ana"]


MakeHouse = Callable[..., Awaitable[House]]


def trunk_of(pbx: Kamailio, lines: tuple[str, ...], registrar: str | None = None, **more: Any) -> TrunkOf:
    return TrunkOf(registrar or pbx.registrar, {line: LINES[line] for line in lines}, more={"domain": pbx.host} | more)
