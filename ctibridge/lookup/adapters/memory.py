"""What a running look-up remembers of people and numbers, and how they leave it."""

from collections.abc import Iterable
from typing import NamedTuple

from ctibridge.domain.erasure import Leaving
from ctibridge.lookup import folding, numbers, search
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.recent import Recent
from ctibridge.lookup.adapters.second_stage import SecondStage
from ctibridge.lookup.meant import Meant


class Memory(NamedTuple):
    """learned: None where nothing is to be remembered. The number index follows the store by itself."""

    recent: Recent
    behind: SecondStage
    meant: Meant
    learned: Learned | None

    def forget(self, accounts: Iterable[str]) -> None:
        """Their people left the store for good: also what calls and desks taught us of them."""
        gone = frozenset(accounts)
        if gone:
            self.recent.clear()
            self.behind.forget(gone)
            self.meant.forget(gone)
            if self.learned is not None:
                self.learned.forget(gone)

    async def erase(self, leaving: Leaving) -> None:
        """The same of one person, or one number. Raises sqlite3.Error."""
        self.recent.clear()
        self.behind.erase(leaving)
        self.meant.erase(leaving.people)
        for room in (numbers, folding, search):
            room.forget()
        if self.learned is not None:
            await self.learned.erase(leaving)
