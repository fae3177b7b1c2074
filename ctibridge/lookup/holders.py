"""Who holds a number, over all accounts, and what of it decides the status. Opened only by what an agent may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, final

from ctibridge.domain.resolution import Grade
from ctibridge.lookup.visibility import Visible


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One stored number of one person, and how it was found.

    disabled: the person has left; imported: an HR or AD import wrote it, nobody typed it; matched: the stored number,
    E.164 or short; grade: how near it is to the number that calls.
    """

    account: str
    person: str
    label: str
    disabled: bool
    imported: bool
    matched: str = field(repr=False)
    grade: Grade = Grade.EXACT


class _OfAccount(Protocol):
    @property
    def account(self) -> str: ...


R = TypeVar("R", bound=_OfAccount)


class Guarded(Generic[R]):
    """Rows about people. There is no way to them but `seen_by`: ranking cannot come before visibility."""

    __slots__ = ("__by_account",)

    def __init__(self, rows: Iterable[R] = ()) -> None:
        by_account: dict[str, list[R]] = {}
        for row in rows:
            by_account.setdefault(row.account, []).append(row)
        self.__by_account = by_account

    def seen_by(self, visible: Visible) -> tuple[R, ...]:
        """The rows of the accounts that may be seen, and nothing of the others, not even how many they are."""
        return tuple(row for account, rows in self.__by_account.items() if account in visible.accounts for row in rows)

    def hidden_accounts(self, visible: Visible) -> tuple[str, ...]:
        """For the administrator's `lookup`, which says why not; no desk ever hears it."""
        return tuple(sorted(self.__by_account.keys() - visible.accounts))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(•••)"


@final
class Holders(Guarded[NumberRow]):
    """The rows of one number."""

    __slots__ = ()


NOBODY = Holders()
