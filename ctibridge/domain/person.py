"""A person: an employee record in exactly one account."""

from dataclasses import dataclass, field

from ctibridge.domain.private import Name, Private


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Names a person without saying anything of him."""

    account: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """language: BCP 47; time_zone: IANA; name None: the record has not been read yet (contract: *First pop*)."""

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
