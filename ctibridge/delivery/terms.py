"""For how long what was told of calls is kept, where customers differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Terms:
    """usual: days; of_account: those of customers who have their own."""

    usual: int
    of_account: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def differ(self) -> bool:
        return any(days != self.usual for days in self.of_account.values())

    @property
    def longest(self) -> int:
        return max((self.usual, *self.of_account.values()))

    @property
    def shortest(self) -> int:
        return min((self.usual, *self.of_account.values()))

    def of(self, account: str) -> int:
        return self.of_account.get(account, self.usual)

    def of_call(self, told: Iterable[frozenset[str] | None]) -> int:
        """told: the accounts of which desks were told with a call; None: of some that left since, and nobody knows
        which. Of several the shortest counts; a call of none is the provider's own."""
        accounts: set[str] = set()
        for some in told:
            if some is None:
                return self.shortest
            accounts |= some
        return min((self.of(account) for account in accounts), default=self.usual)
