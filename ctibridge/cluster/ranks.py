"""Which node should have which lot, for the nodes of one view. Counted again only when nodes or weights change."""

from collections.abc import Mapping

from ctibridge.cluster.lots import ranked


class Ranks:
    """lots: how many there are."""

    def __init__(self, lots: int) -> None:
        self._lots = lots
        self._weights: dict[str, float] = {}
        self._ranks: tuple[tuple[str, ...], ...] = ((),) * lots

    def weigh(self, weights: Mapping[str, float]) -> None:
        """weights: by node, of those that take lots."""
        if weights != self._weights:
            self._weights = dict(weights)
            self._ranks = tuple(ranked(lot, weights) for lot in range(self._lots))

    def first(self, lot: int, but: str | None = None) -> str | None:
        """The node that should have it. but: leave this one out."""
        return next((node for node in self._ranks[lot] if node != but), None)

    @property
    def nobody(self) -> bool:
        """No node takes lots."""
        return not self._weights
