"""Lots: the pieces in which lines and desks are shared out among nodes, and which node a lot belongs to.

A desk belongs to one lot by its agent, a line to the lot of its first agent: so a pop is made where it is numbered.
Weighted rendezvous hashing: when a node comes or goes, only the lots move that it gains or leaves behind.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from math import inf, log

LOTS = 256
"""Enough to share out evenly (a node of twenty has a dozen), few enough to be read whole each second."""


@lru_cache(100_000)
def of_agent(agent: str) -> int:
    """The lot of this agent's desk."""
    return _hash(agent) % LOTS


def of_line(trunk: str, user: str, agents: Iterable[str]) -> int:
    """The lot of a line. agents: who may sit there; of several the first in alphabetical order, whatever the file's."""
    first = min(agents, default=None)
    return _hash(f"{trunk}/{user}") % LOTS if first is None else of_agent(first)


def ranked(lot: int, weights: Mapping[str, float]) -> tuple[str, ...]:
    """The nodes for this lot, the one that should have it first. weights: by node, greater than zero: a node of weight
    2 gets twice as many lots as one of weight 1."""
    return tuple(sorted(weights, key=lambda node: (-_score(lot, node, weights[node]), node)))


def _score(lot: int, node: str, weight: float) -> float:
    """-weight / ln(u), u in (0, 1): Thaler and Ravishankar's highest random weight, with weights as in the Internet
    draft draft-mohanty-bess-weighted-hrw."""
    share = (_hash(f"{lot} {node}") + 0.5) / 2**64
    return -weight / log(share) if share < 1 else inf  # the largest hash rounds up to one


def _hash(text: str) -> int:
    """Equal on every machine and in every process, as `hash` is not."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
