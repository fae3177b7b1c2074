"""What one node counts of its cluster, for people: the others' `cluster status`, and its metrics. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """alone: Redis does not answer, and it goes on without. nodes: that live, as far as it knows; lots, lines: that it
    has. desks: agents whose desk is here, signed in at any node; relayed: screens here whose desk is at another node.
    lag: seconds that it reads or writes later what is said among the nodes; dropped: that it could not say, gaps: that
    it did not hear, since it began. lean: it goes without people, who are in Redis; None: each node has them."""

    alone: bool
    nodes: int
    lots: int
    lines: int
    desks: int
    relayed: int
    lag: float
    dropped: int
    gaps: int
    lean: bool | None = None

    def told(self) -> dict[str, float]:
        """To the others."""
        told: dict[str, float] = {"lots": self.lots, "lines": self.lines, "desks": self.desks, "lag": self.lag}
        return told if self.lean is None else {**told, "lean": float(self.lean)}
