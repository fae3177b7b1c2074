"""One machine of the `world`: its clock, its network, its disk, and the process that runs there or does not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from ctibridge.cluster.beat import Beat
from ctibridge.cluster.member import Member

Epoch = tuple[int, int]
"""Its name, the last number given."""


@dataclass
class Node:
    """A machine and what is on its disk; member: its process, None while there is none. Delays in seconds, NEVER:
    lost."""

    name: str
    clock: tuple[float, float]  # offset in seconds, rate
    there: float = 0.01
    back: float = 0.01
    late: float = 0.0
    work: float = 0.1
    member: Member | None = None
    process: int = 0
    stopped_at: float | None = None
    ran_since: float = 0.0
    disk: dict[int, Epoch] = field(default_factory=dict)
    desks: dict[int, Epoch] = field(default_factory=dict)
    last_held: dict[int, int] = field(default_factory=dict)
    lines: dict[int, float] = field(default_factory=dict)  # registered from then on
    asked: tuple[Beat, float] | None = None
    unanswered: float = -inf  # when the newest request without an answer was sent
    mailbox: list[Callable[[], None]] = field(default_factory=list)

    def local(self, t: float) -> float:
        return self.clock[0] + t * self.clock[1]

    def real(self, now: float) -> float:
        return (now - self.clock[0]) / self.clock[1]

    @property
    def runs(self) -> bool:
        return self.member is not None and self.stopped_at is None
