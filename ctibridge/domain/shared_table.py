"""A table of `ctibridge.db` that all nodes of a cluster have alike, as the room says it whose table it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharedTable:
    """key: the columns that name a row; where there are none, all columns but `without` do, and rows only come and go.

    act: it is changed by one node at a time, which holds the cluster's lease for it; else nodes change it as they like,
    and of two who change one row the later one counts. gone: what is removed here is removed everywhere.
    person: a row of it is taken only where its account (column) has this person (column).
    """

    name: str
    key: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    act: bool = True
    gone: bool = True
    person: tuple[str, str] | None = None
