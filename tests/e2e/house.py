"""A desk service on the sample directory: the PBX, phones, the daemon, who calls, and who listens."""

from collections.abc import Awaitable, Callable, Sequence
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
OBSERVER = ("cti", "watches-and-no-more")
"""Account and password of who may watch all lines."""
WATCH = ["dialog-info"]
BOTH = ["contact", "dialog-info"]
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

    @property
    def ben(self) -> Desk:
        return self.desks["ben"]


MakeHouse = Callable[..., Awaitable[House]]


def trunk_of(
    pbx: Kamailio,
    lines: tuple[str, ...],
    registrar: str | None = None,
    observer: tuple[str, str] | None = OBSERVER,
    **more: Any,
) -> TrunkOf:
    """observer: who watches the lines where they are watched; None: each line by its own account."""
    agents = {line: LINES[line] for line in lines}
    observer = observer if "dialog-info" in more.get("observe", ()) else None
    return TrunkOf(registrar or pbx.registrar, agents, more={"domain": pbx.host} | more, observer=observer)


def pbx_keys(observe: Sequence[str]) -> dict[str, Any]:
    """What a PBX has to have for that."""
    return {"presence": True, "observers": dict([OBSERVER])} if "dialog-info" in observe else {}


def kinds(desk: Desk) -> list[str]:
    """What the desk heard of calls, in order."""
    return [event["type"] for event in desk.events if event["type"].startswith("call.")]
