"""Context by account and person as it was given; each part can be held back or made to fail."""

import asyncio
from collections.abc import Mapping, Sequence

from ctibridge.domain.context import StandardRequest
from ctibridge.lookup.context import Article, Part, Rows
from ctibridge.lookup.visibility import Visible


class FakeContextSource:
    """rows: by part, account and person. asked: what was asked for, in order. hold keeps a part back until release.

    failing: the parts that raise.
    """

    def __init__(self, rows: Mapping[tuple[Part, str, str | None], Rows] | None = None) -> None:
        self.rows = dict(rows or {})
        self.services: dict[tuple[str, str], tuple[Sequence[StandardRequest], Sequence[Article]]] = {}
        self.items: dict[tuple[str, str], str] = {}
        self.asked: list[tuple[Part, str, str | None]] = []
        self.failing: set[Part] = set()
        self.cancelled: list[Part] = []
        self.all_asked = asyncio.Event()
        """Set when every part was asked for."""
        self.closed = False
        self._gates: dict[Part, asyncio.Event] = {}

    def hold(self, *parts: Part) -> None:
        for part in parts:
            self._gates[part] = asyncio.Event()

    def release(self, *parts: Part) -> None:
        for part in parts:
            self._gates.pop(part).set()

    async def part(self, kind: Part, person: str | None, account: str, visible: Visible) -> Rows:
        self.asked.append((kind, account, person))
        if {part for part, *_ in self.asked} == set(Part):
            self.all_asked.set()
        if kind in self._gates:
            try:
                await self._gates[kind].wait()
            except asyncio.CancelledError:
                self.cancelled.append(kind)
                raise
        if kind in self.failing:
            raise RuntimeError("no such customer: Regula Frei")
        return self.rows.get((kind, account, person), ()) if account in visible.accounts else ()

    async def service_of(self, item: str, account: str, visible: Visible) -> str | None:
        return self.items.get((account, item)) if account in visible.accounts else None

    async def of_service(
        self, service: str, account: str, visible: Visible
    ) -> tuple[Sequence[StandardRequest], Sequence[Article]]:
        found = self.services.get((account, service), ((), ()))
        return found if account in visible.accounts else ((), ())

    async def close(self) -> None:
        self.closed = True
