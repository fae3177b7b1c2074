"""Replays a call written down as events of the SIP room, and tells in short sentences what came of each.

A recording is a TOML file: `title`, `source` (where the order of events comes from), `views` (a word of `VIEWS`),
`agents` of each line, and steps. A step has a time, one event, and what the calls room `says`.
"""

import tomllib
from itertools import count
from pathlib import Path
from typing import Any

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Continues, Ended, Fact, Learned, Rang
from ctibridge.calls.views import Views
from ctibridge.sip import events
from ctibridge.sip.events import HandOver, Identity, PickedUp, RingEnd, RingEnded, RingStarted, View, Withheld
from tests.calls.legs import at

RECORDINGS = Path(__file__).with_name("recordings")
VIEWS = {
    "contact": Views(),
    "dialog-info": Views(watched=True),
    "both": Views(watched=True),
    "decline": Views(contact_hears_end=False),
    "decline-both": Views(watched=True, contact_hears_end=False),
}


class Replay:
    def __init__(self, recording: dict[str, Any]) -> None:
        self.calls = Calls({"pbx": VIEWS[recording["views"]]})
        self.agents = {line: frozenset(agents) for line, agents in recording["agents"].items()}
        self._ids = count(1)
        self.said: list[str] = []

    def play(self, step: dict[str, Any]) -> list[str]:
        """Time passes first, as the driver's timer would let it."""
        now = at(step["at"])
        facts: list[Fact] = []
        while (due := self.calls.deadline) is not None and due <= now.clock:
            facts += self.calls.wake(at(due))
        agents = self.agents.get(step.get("line", ""), frozenset())
        match step["event"]:
            case "ring":
                facts += self.calls.ring(intake.rang(_ring(step)), agents, f"c{next(self._ids)}", now)
            case "answer":
                facts += self.calls.answer(intake.answered(events.Answered(step["leg"])), now)
            case "pick":
                facts += self.calls.pick(intake.picked(_pick(step)), agents, now)
            case "end":
                facts += self.calls.end(intake.ended(RingEnded(step["leg"], RingEnd(step["how"]))), now)
            case "stop":
                facts += self.calls.stop(now)
            case "wait":
                pass
        return [told(fact) for fact in facts]


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


def told(fact: Fact) -> str:
    """`c1 rings at ana, ben` or `c1 ends at ana: answered_elsewhere by 6002 ben`."""
    call = fact.call
    match fact:
        case Rang():
            verb = "rings" if call.round == 1 else f"rings in round {call.round}"
            return f"{call.id} {verb} at {_names(fact.agents)}{_continues(fact.continues)}"
        case Learned():
            return f"{call.id} is known better at {_names(fact.agents)}{_continues(fact.continues)}"
        case Answered():
            return f"{call.id} is answered at {fact.agent} on {call.line}"
        case Ended():
            by = call.answered_by
            taker = "" if by is None else f" by {by.line} {by.agent or '?'}"
            return f"{call.id} ends at {fact.agent}: {call.outcome}{taker}"


def _names(agents: frozenset[str]) -> str:
    return ", ".join(sorted(agents))


def _continues(continues: Continues | None) -> str:
    return "" if continues is None else f" ({continues.kind} from {continues.line}, first {continues.call})"


def _identity(step: dict[str, Any]) -> Identity:
    caller = step.get("caller")
    withheld = Withheld.NO if caller else Withheld.RESTRICTED if step.get("withheld") else Withheld.UNAVAILABLE
    return Identity(caller, None, withheld, "From")


def _hand_over(step: dict[str, Any]) -> HandOver:
    replaces = step.get("replaces")
    return HandOver(step.get("referred_by"), (replaces, "to", "from") if replaces else None)


def _ring(step: dict[str, Any]) -> RingStarted:
    view = View(step.get("view", "contact"))
    call_id = step.get("call_id", "")
    tag = step.get("tag", "tag" if view is View.CONTACT else "")
    return RingStarted(
        "pbx", step["line"], step["leg"], (call_id, tag if call_id else ""), step.get("key"), _identity(step),
        tuple(step.get("called", ())), view, _hand_over(step),
    )  # fmt: skip


def _pick(step: dict[str, Any]) -> PickedUp:
    dialog = (step.get("call_id", ""), "")
    return PickedUp("pbx", step["line"], step["leg"], dialog, _identity(step), _hand_over(step))
