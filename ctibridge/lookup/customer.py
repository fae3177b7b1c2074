"""What a customer has the agent told beside the call: briefing, verification, announcements."""

from collections.abc import Iterable
from datetime import datetime

from ctibridge.domain.account import Account, Announcement
from ctibridge.domain.person import Person
from ctibridge.domain.screen_pop import Customer
from ctibridge.lookup import announcements, texts
from ctibridge.lookup.visibility import Visible


def customer(
    accounts: Iterable[Account | None],
    visible: Visible,
    told: Iterable[Announcement],
    person: Person | None,
    caller: str,
    languages: tuple[str, ...],
    at: datetime,
) -> Customer | None:
    """Of the first of these accounts that the agent may see; None where there is none.

    accounts: the called one, then the caller's own. told: their announcements, or all. person: the identified caller.
    caller: the language to speak to him; languages: the agent's, best first.
    """
    account = next((one for one in accounts if one is not None and one.id in visible.accounts), None)
    if account is None:
        return None
    site = person.site if person is not None and person.key.account == account.id else None
    wanted = (*languages, *filter(None, (account.default_language,)))
    return Customer(
        account.ref,
        texts.briefing(account, languages),
        texts.verification(account, caller, languages),
        announcements.current(told, account.id, site, at, wanted),
    )
