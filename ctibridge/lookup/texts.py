"""Which of a customer's texts serves: the first language that is wanted and that there is.

A text for the agent is better read in a foreign language than not at all, so the last resort is whatever there is.
"""

from collections.abc import Iterable, Mapping

from ctibridge.domain.account import Account, Text
from ctibridge.lookup import tags


def best(texts: Mapping[str, str], wanted: Iterable[str | None]) -> Text | None:
    """texts: by BCP 47 tag. For each wanted tag in turn: itself, what it is part of, the same language of another
    region or script. Else the first by tag; None where there is no text."""
    if not texts:
        return None
    found = next(filter(None, (_under(texts, tag) for tag in wanted)), None) or min(texts)
    return Text(found, texts[found])


def _under(texts: Mapping[str, str], wanted: str | None) -> str | None:
    tag = tags.known(wanted)
    if tag is None:
        return None
    found = next((one for one in tags.forms(tag) if one in texts), None)
    return found or min((one for one in texts if tags.primary(one) == tags.primary(tag)), default=None)


def briefing(account: Account, languages: Iterable[str]) -> Text | None:
    """What the agent reads of this customer. languages: the agent's, best first."""
    return best(account.briefing, (*languages, account.default_language))


def verification(account: Account, caller: str, languages: Iterable[str]) -> Text | None:
    """What to go through with the caller, in his language (BCP 47), else one that the agent (languages) can put into
    it."""
    return best(account.verification, (caller, *languages, account.default_language))


def out_of_hours(account: Account, caller: str | None) -> Text | None:
    """What to tell who calls when nobody should be there. caller: his language, as far as it is known."""
    return best(account.out_of_hours, (caller, account.default_language))
