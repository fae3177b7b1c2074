"""Which of a customer's announcements hold for a call."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ctibridge.domain.account import Announcement
from ctibridge.domain.agent import holds
from ctibridge.domain.screen_pop import Announced
from ctibridge.lookup import texts

MOST = 10
"""On one pop: what is more is read by nobody while a phone rings."""

_EVER = datetime.min.replace(tzinfo=UTC)


def current(
    announcements: Iterable[Announcement], account: str, site: str | None, at: datetime, languages: Sequence[str]
) -> tuple[Announced, ...]:
    """Those of this account that hold at `at` (aware) for this site, then those for all; each kind newest first.

    site: of the identified caller; None: not known, and what is meant for one site is not told. languages: wanted, best
    first (BCP 47).
    """
    mine = (one for one in announcements if one.account == account and one.site in {None, site})
    # By id: called company and caller's own are often one, and what both were asked for is told once.
    holding = {one.id: one for one in mine if holds(one.starts_at, one.ends_at, at)}
    here = sorted(holding.values(), key=lambda one: one.id)
    here.sort(key=lambda one: one.starts_at or _EVER, reverse=True)
    here.sort(key=lambda one: one.site is None)
    told = ((one, texts.best(one.texts, languages)) for one in here)
    return tuple(Announced(one.id, text, one.site) for one, text in told if text is not None)[:MOST]
