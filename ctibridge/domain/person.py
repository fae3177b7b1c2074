"""A person: an employee record in exactly one account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ctibridge.domain.private import Name, Private


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Names a person without saying anything of him."""

    account: str
    id: str


def _none() -> Mapping[str, datetime]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Person:
    """language: BCP 47; time_zone: IANA; name None: the record has not been read yet (contract: *First pop*).

    numbers_changed: when a number (E.164 or short) came to him (aware UTC), of those of which it is known.
    """

    key: PersonKey
    name: Name | None
    disabled: bool = False
    vip: bool = False
    pronunciation: Name | None = None
    email: Private | None = None
    employee_id: Private | None = None
    support_id: Private | None = None
    source_id: str | None = field(default=None, repr=False)
    job_title: str | None = field(default=None, repr=False)
    organization: str | None = field(default=None, repr=False)
    site: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)
    language: str | None = field(default=None, repr=False)
    time_zone: str | None = field(default=None, repr=False)
    numbers_changed: Mapping[str, datetime] = field(default_factory=_none, hash=False, repr=False)
