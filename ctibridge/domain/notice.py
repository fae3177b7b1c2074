"""Something a desk should know that is no call: a deaf line, a line where nobody sits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """kind: a fixed word for programs; text: one English sentence for people; ids: what it is about. accounts: the
    customers of which it says something."""

    kind: str
    text: str
    ids: tuple[tuple[str, str], ...] = ()
    accounts: frozenset[str] = frozenset()
