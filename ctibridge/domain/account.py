"""Accounts: one customer company's own directory, its sites, its texts and the numbers of its desk."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as an event names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """One customer company. country: ISO 3166 alpha-2; languages and default_language: BCP 47; time_zone: IANA.

    links: (title, URL template) pairs. Texts (briefing, verification, out_of_hours) are by language tag. holidays: as
    in `lookup.holidays`.
    """

    id: str
    name: str
    country: str | None = None
    languages: tuple[str, ...] = ()
    default_language: str | None = None
    time_zone: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    briefing: dict[str, str] = field(default_factory=dict)
    verification: dict[str, str] = field(default_factory=dict)
    out_of_hours: dict[str, str] = field(default_factory=dict)
    holidays: str | None = None

    @property
    def ref(self) -> AccountRef:
        return AccountRef(self.id, self.name)


@dataclass(frozen=True, slots=True)
class Text:
    """A customer's text in one language (BCP 47; `und` where nobody said which)."""

    language: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line on each pop of one customer, from `starts_at` until before `ends_at` (aware UTC). texts: by BCP 47 tag.

    site: for callers of that site alone; None: for all.
    """

    account: str
    id: str
    texts: dict[str, str] = field(repr=False)
    site: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A place of one account; name is its key within the account. extensions as written: `4000-4999;70`."""

    account: str
    name: str
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    extensions: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceNumber:
    """A called number of one customer's desk. number: E.164, or short and then matched literally.

    greetings: text by BCP 47 tag, with `{agent}`, `{account}` and `{salutation}`. support_hours: as in `hours`.
    """

    number: str
    account: str
    name: str
    greetings: dict[str, str] = field(default_factory=dict)
    support_hours: str | None = None
    default_language: str | None = None
    caller_name_prefix: str | None = None
