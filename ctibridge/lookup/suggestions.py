"""What the agent may do about the service that the caller speaks of, best first.

Comes in: what belongs to that service. Goes out: a few of each, as somebody on the telephone reads no more.
"""

from collections.abc import Iterable

from ctibridge.domain.context import StandardRequest, Suggestions
from ctibridge.lookup.context import Article, fit

MOST = 10


def suggest(
    call: str,
    standard_requests: Iterable[StandardRequest] = (),
    articles: Iterable[Article] = (),
    language: str | None = None,
    default: str | None = None,
) -> Suggestions:
    """Articles in the caller's language (BCP 47) first, then in the account's default one, then all others; each kind
    by subject."""
    requests = sorted(standard_requests, key=lambda one: (one.subject.casefold(), one.id))
    fitting = [fit(one, language, default) for one in articles]
    fitting.sort(key=lambda one: (one[0], one[1].subject.casefold(), one[1].id))
    return Suggestions(call, tuple(requests[:MOST]), tuple(article for _, article in fitting[:MOST]))
