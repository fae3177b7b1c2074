"""When the desk last spoke with somebody: it orders those whom the proof leaves equal, and proves nothing itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import final

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.holders import Guarded


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact with one person. at: aware UTC."""

    account: str
    person: str
    at: datetime


@final
class Contacts(Guarded[ContactRow]):
    """Contacts with the people of one number, over several accounts."""

    __slots__ = ()


NO_CONTACTS = Contacts()
NEVER: Mapping[PersonKey, datetime] = MappingProxyType({})


def last(rows: Iterable[ContactRow]) -> dict[PersonKey, datetime]:
    """The newest contact with each."""
    found: dict[PersonKey, datetime] = {}
    for row in rows:
        person = PersonKey(row.account, row.person)
        found[person] = max(found.get(person, row.at), row.at)
    return found
