"""Whose people and texts a message to a desk speaks of: by these accounts it is known later whether the agent may still
see it."""

from ctibridge.domain.note import Note
from ctibridge.domain.screen_pop import Answer

_NOBODY: frozenset[str] = frozenset()


def mentions(answer: Answer) -> frozenset[str]:
    """The accounts of which it says more than everybody may know who is called: that company's name and greeting are
    for whoever rings, its hours, texts and people are for its agents."""
    resolution = answer.resolution
    found = {candidate.person.key.account for candidate in resolution.candidates}
    for account in (resolution.account, answer.called.account if answer.called.granted else None):
        if account is not None:
            found.add(account.id)
    if answer.customer is not None:
        found.add(answer.customer.account.id)
    return frozenset(found)


def of_note(note: Note, agent: str, of_call: frozenset[str] | None) -> frozenset[str] | None:
    """What an agent wrote himself stays his own; what a colleague wrote who saw the company is for those who see it.
    of_call: what the agent was told of the call."""
    return of_call if note.of_granted_account and note.by != agent else _NOBODY
