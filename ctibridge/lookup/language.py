"""In which language to say hello: the first step of the ladder that has a value, and why."""

from dataclasses import dataclass

from ctibridge.domain.account import Account
from ctibridge.lookup import tags

PERSON = "person"
SITE = "site"
CALLED_NUMBER = "called_number"
ACCOUNT = "account"
CALLING_COUNTRY = "calling_country"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What each step says, as a language tag or nothing.

    person and site are set only when the caller is identified. calling_country: ISO 3166 alpha-2 of his number.
    """

    default: str
    person: str | None = None
    site: str | None = None
    called_number: str | None = None
    account: str | None = None
    calling_country: str | None = None


def choose(ladder: Ladder) -> tuple[str, str]:
    """(tag, source). A tag that is none is passed over: a typing error in one record costs one step, not the call."""
    steps = (
        (PERSON, ladder.person),
        (SITE, ladder.site),
        (CALLED_NUMBER, ladder.called_number),
        (ACCOUNT, ladder.account),
        (CALLING_COUNTRY, _of_country(ladder.calling_country)),
    )
    for source, tag in steps:
        if (known := tags.known(tag)) is not None:
            return known, source
    return tags.canonical(ladder.default), DEFAULT


def of_account(account: Account | None) -> str | None:
    """What a company says for its people: its default language, or the only one that it has."""
    if account is None or account.default_language is not None:
        return None if account is None else account.default_language
    return account.languages[0] if len(account.languages) == 1 else None


def _of_country(country: str | None) -> str | None:
    return None if country is None else tags.of_country(country)
