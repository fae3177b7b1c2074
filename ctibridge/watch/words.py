"""What the screen says of a call, in the words of the agent's page: how it stands, for whom, in which language.

Comes in: a pop as it was heard. Goes out: plain text, which no terminal obeys; what others wrote is cut to a
bounded width. `whose` says whose number it is.
"""

from collections.abc import Iterator

from ctibridge.watch.heard import Data, Work
from ctibridge.watch.plain import plain
from ctibridge.watch.pop import Call, Language

NAME, LINE, GREETING = 60, 200, 400
"""Columns: of a name, of a sentence, of what the agent says first."""
_OUTCOMES = {
    "answered_here": "answered here",
    "abandoned": "caller hung up",
    "declined": "declined",
    "timed_out": "rang out",
    "failed": "failed",
}
_SOURCES = {
    "person": "from the person’s record",
    "site": "from the person’s site",
    "called_number": "from the number called",
    "account": "the company’s usual language",
    "calling_country": "from the calling country",
    "default": "your default",
}
_ATTESTED = {
    "A": "A: caller and number known to the network",
    "B": "B: caller known to the network, number not",
    "C": "C: origin unknown to the network",
    "passed": "verified by the network",
    "failed": "the network could not verify it",
    "none": "not verified by the network",
}
_HANDED = {
    "attended": "Transferred by",
    "blind": "Transferred by",
    "pickup": "Picked up from",
    "internal": "Has spoken to this caller:",
}


def standing(call: Call, agent: str = "") -> str:
    """How the call stands. *Elsewhere* may be this agent's own phone: nothing more is claimed."""
    if call.state == "ringing":
        return f"ringing, round {call.round}" if call.round > 1 else "ringing"
    if call.state == "answered":
        return "answered here"
    if call.outcome == "answered_elsewhere":
        by = call.answered_by
        if by is None:
            return "answered on another device"
        whom = "you" if by.agent == agent and agent else plain(by.agent or "", NAME)
        return f"answered by {whom} on {plain(by.line, NAME)}" if whom else f"answered by line {plain(by.line, NAME)}"
    return _OUTCOMES.get(call.outcome or "", "ended, outcome unknown")


def work(of: Work | None, agent: str) -> str:
    """What became of a missed call: `ben calls back`."""
    if of is None:
        return ""
    who = "you" if of.by == agent and agent else plain(of.by or "", NAME)
    if of.state == "taken":
        return "you call back" if who == "you" else f"{who or 'somebody'} calls back"
    return f"settled by {who}" if who else "settled"


def is_missed(call: Call) -> bool:
    """Nobody took it, as far as anybody knows."""
    return call.state == "ended" and call.outcome in {"abandoned", "timed_out", "failed", "declined"}


def company(call: Call, pop: Data | None) -> str:
    """For whom the agent answers."""
    if pop is None:
        return f"Line {plain(call.line, NAME)}"
    named = pop.called.name or (pop.called.account and pop.called.account.name)
    return plain(named or "", NAME) or "No service number"


def account(pop: Data) -> str:
    """The customer's name, where the service number has another."""
    of = pop.called.account
    return plain(of.name, NAME) if of is not None and of.name != pop.called.name else ""


def hours(pop: Data) -> str:
    if pop.called.holiday:
        return f"closed: {plain(pop.called.holiday, NAME)}"
    return "outside support hours" if pop.called.support_hours == "closed" else ""


def language(of: Language) -> str:
    """`Deutsch (Schweiz) · German (Switzerland) · from the person’s record`."""
    endonym, name = plain(of.endonym, NAME), plain(of.name, NAME)
    parts = [endonym or plain(of.tag, NAME), name if name != endonym else "", _SOURCES.get(of.source, "")]
    return " · ".join(filter(None, parts))


def not_spoken(of: Language, agent: str) -> str:
    """Empty where the agent speaks it; else whom to ask, of those at whose desks it rings."""
    if of.spoken_by_agent:
        return ""
    others = [plain(one, NAME) for one in of.spoken_by if one != agent][:3]
    ask = f". Ask {' or '.join(others)}." if others else ""
    return f"You do not speak {plain(of.name or of.tag, NAME)}{ask}"


def caller(pop: Data) -> str:
    """Number, the name that was sent along, and what else the signalling says."""
    of = pop.caller
    if of is None:
        return ""
    number = plain(of.number or of.extension or of.raw or "", NAME)
    parts = [number, f"sent along: {plain(of.display_name, NAME)}" if of.display_name else ""]
    if of.diverted_by:
        parts.append(f"diverted by {plain(of.diverted_by, NAME)}")
    if of.internal is not None:
        parts.append(f"line of {plain(of.internal.agent, NAME)}" if of.internal.agent else "a line of ours")
    parts.append(_ATTESTED.get(of.attestation, ""))
    return " · ".join(filter(None, parts))


def handed(pop: Data) -> str:
    of = pop.hand_over
    if of is None:
        return ""
    how = _HANDED.get(of.kind, "Handed over by")
    line = plain(of.line, NAME)
    return f"{how} {plain(of.agent, NAME)} (line {line})" if of.agent else f"{how} line {line}"


def context(pop: Data) -> Iterator[str]:
    """What happens at the customer now, and what the caller waits for."""
    for incident in pop.context.major_incidents[:3]:
        yield f"Happening now: {plain(incident.subject, LINE)}"
    repeat = pop.context.repeat
    if repeat is not None and repeat.calls:
        yield f"Called {repeat.calls} {'time' if repeat.calls == 1 else 'times'} before"
    for request in [one for one in pop.context.requests if one.open][:3]:
        status = f" ({plain(request.status, NAME).replace('_', ' ')})" if request.status else ""
        yield f"Open: {plain(request.subject or f'request {request.id}', LINE)}{status}"
    if pop.context.failed:
        yield f"Not everything could be looked up: {plain(', '.join(pop.context.failed[:6]), LINE)}"


def announcements(pop: Data) -> list[str]:
    of = pop.customer
    return [] if of is None else [plain(one.text.text, LINE) for one in of.announcements[:3]]


def tongue(pop: Data | None) -> str:
    """The language in its own words, for a list."""
    return "" if pop is None else plain(pop.language.endonym or pop.language.tag, NAME)
