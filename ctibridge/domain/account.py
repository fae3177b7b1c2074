"""Accounts: one customer company's own directory, its sites and the numbers of its desk."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as an event names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """One customer company. country: ISO 3166 alpha-2; languages and default_language: BCP 47; time_zone: IANA.

    links: (title, URL template) pairs. Texts (briefing, verification, out_of_hours) are by language tag.
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

    @property
    def ref(self) -> AccountRef:
        return AccountRef(self.id, self.name)


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
