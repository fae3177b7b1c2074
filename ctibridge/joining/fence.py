"""While nobody knows whether this node may act, facts wait: a process that was stopped says nothing of its calls before
Redis has said what is still its own.

Comes in: each fact's coming, lots that were lost, the registry's answers. Goes out: the crossing held, and let go.
"""

from collections.abc import Callable
from typing import Protocol


class Crossing(Protocol):
    def hold(self) -> None: ...

    def release(self, *, lost: bool = False) -> None: ...

    def gap(self) -> None: ...


class Fence:
    """acts: may this node do what counts now?"""

    def __init__(self, crossing: Crossing, acts: Callable[[], bool]) -> None:
        self._crossing = crossing
        self._acts = acts
        self._is_shut = False
        self._lost = False

    def look(self) -> None:
        """Before each fact."""
        if not self._is_shut and not self._acts():
            self._is_shut, self._lost = True, False
            self._crossing.hold()

    def lost(self) -> None:
        """Some lots are others' now."""
        self._lost = True

    def looked(self) -> None:
        """All that an answer led to is done."""
        if not self._is_shut or not self._acts():
            return
        self._is_shut = False
        self._crossing.release(lost=self._lost)
        self._crossing.gap()  # whoever took us for gone hears us again when we say how we stand
