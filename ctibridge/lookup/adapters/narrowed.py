"""A call as an agent would see it now who is granted some of his accounts alone.

Asked for nobody's desk: nothing is noticed of it, and nobody is known to have been told.
"""

from datetime import datetime

from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.found import Viewers, viewer
from ctibridge.lookup.question import Question
from ctibridge.lookup.snapshot import Snapshot


async def narrowed(
    lookup: Lookup, question: Question, agent: str, accounts: frozenset[str], now: datetime
) -> tuple[str | None, Answer] | None:
    """The called account, whoever may see it, and the whole answer. None where the store has failed. now: aware; when
    he looks, which is later than the question's time."""

    def watch(snapshot: Snapshot, _: datetime) -> Viewers:
        visible = visibility.only(visibility.visible_to(agent, snapshot, now), accounts)
        return {agent: viewer(agent, snapshot, visible)}

    found = await lookup.find(question, watch)
    hit = None if found is None else await lookup.records(found)
    if hit is None:
        return None
    answers = lookup.behind.answers(hit)
    answer = answers.first[agent]
    if answers.rest is not None:
        async for later in answers.rest:
            answer = later.get(agent, answer)
    return hit.heard.called.account_id, answer
