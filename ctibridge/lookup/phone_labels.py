"""Which of its people's numbers an account lets us keep, by their label (`[privacy] account`, `phone_labels`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from ctibridge.lookup.stored_numbers import label_of


@dataclass(frozen=True, slots=True)
class AllowedLabels:
    """by_account: labels as import reads them; an account that is not in it allows all."""

    by_account: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Mapping[str, Iterable[str]]) -> Self:
        """told: labels as people write them: `Zentrale` is `general`, `Mobile` is `mobile`."""
        return cls({account: frozenset(map(label_of, labels)) for account, labels in told.items()})

    def allows(self, account: str, label: str) -> bool:
        """label: as import reads it."""
        allowed = self.by_account.get(account)
        return allowed is None or label in allowed


EVERY_LABEL = AllowedLabels()
