"""What the demo's terminal says of an event: one line for a person. The names are the sample directory's inventions."""

import msgspec

from ctibridge.delivery import wire
from ctibridge.delivery.wire import CandidateBody, PopData
from ctibridge.demo.desk import Heard

_ENDED = {
    "answered_here": "the agent's own phone hung up",
    "declined": "the phone refused it",
    "failed": "the call broke",
    "answered_elsewhere": "answered by another phone",
    "abandoned": "the caller hung up",
    "timed_out": "rang for too long",
    "unknown": "ended, nobody saw how",
}


def line(event: Heard) -> str | None:
    """None for events that say nothing new to somebody who looks on."""
    at = event.time[11:19]
    if event.type == "call.ringing":
        return f"{at}  rings  {_pop(msgspec.json.decode(event.data, type=PopData))}"
    if event.type == "call.ended":
        outcome = msgspec.json.decode(event.data, type=wire.CallData).call.outcome
        return f"{at}  ended  {_ENDED.get(str(outcome), str(outcome))}"
    if event.type == "notice":
        return f"{at}  note   {msgspec.json.decode(event.data, type=wire.NoticeData).text}"
    return None


def _pop(pop: PopData) -> str:
    desk = pop.called.name or pop.called.number or "?"
    return f"{desk} · {pop.language.endonym} · {_who(pop)}"


def _who(pop: PopData) -> str:
    names = [_name(candidate) for candidate in pop.resolution.candidates]
    match pop.resolution.status:
        case "identified" | "ambiguous" if names:
            return " or ".join(names)
        case "shared" if pop.resolution.account is not None:
            return f"a shared number of {pop.resolution.account.name}"
        case "withheld":
            return "number withheld"
    if pop.called.account is not None and not pop.called.granted:
        return f"somebody of whom {pop.called.account.name} shows this agent nothing"
    known = f", known as {', '.join(names)}" if names else ""
    return f"unknown caller {pop.caller.number or ''}{known}".rstrip()


def _name(candidate: CandidateBody) -> str:
    person = candidate.person
    name = person.name or person.id
    return f"{name} (no longer there)" if person.disabled else f"{name}, {candidate.account.name}"
