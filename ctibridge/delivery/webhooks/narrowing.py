"""What a receiver may hear that is told of some accounts only: a customer's own tool.

It hears of the calls to these accounts what an agent would see who is granted nothing else, and of all others nothing:
no person, no text, no count. So what says the same as before is not said again (a change that it cannot see was another
customer's), revisions count what it was told, and a note goes out only where no desk was told of anybody else with that
call: an agent writes of whom he saw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from ctibridge.delivery import encode, wire
from ctibridge.delivery.caught_up import POPS, hides
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.mentions import mentions
from ctibridge.delivery.webhooks.cursor import Told
from ctibridge.domain.screen_pop import Answer

Accounts = frozenset[str]
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as an agent would see it now who is granted these accounts alone. called: the accounts that were called:
    by it, and by the one that it is shown to continue; whoever may see them."""

    called: Accounts
    answer: Answer


@dataclass(frozen=True, slots=True)
class Shown:
    """told: as the receiver knows the call from now on; None: as before."""

    event: KeptEvent
    told: Told | None = None


class _Call(msgspec.Struct):
    call: wire.CallBody


class _Note(msgspec.Struct):
    note: str | None = None


_call = msgspec.json.Decoder(_Call)
_note = msgspec.json.Decoder(_Note)


def must_ask(event: KeptEvent, known: Mapping[str, Told]) -> bool:
    """Is `Seen` needed? known: the calls that the receiver was told of."""
    return event.call is not None and (event.kind in POPS or event.call not in known)


def shown(
    event: KeptEvent,
    seen: Seen | None,
    before: Told | None,
    accounts: Accounts,
    visible: Accounts,
    told: Accounts | None,
) -> Shown | None:
    """None: it is not for this receiver. seen: where it must be asked. before: what the receiver was told of this call.
    visible: what the agent may see now. told: the accounts of which any desk was told with this call; None: nobody
    knows."""
    if seen is not None and not (before is not None or is_of(event, seen, accounts)):
        return None
    if event.kind in POPS:
        return None if seen is None or not is_of(event, seen, accounts) else _pop(event, seen.answer, before)
    return Shown(event) if _says_nothing_else(event, accounts, visible, told) else None


def is_of(event: KeptEvent, seen: Seen, accounts: Accounts) -> bool:
    """Is this a call to one of these accounts? To a number that is nobody's: where it is known as theirs, and as nobody
    else's. A call that is both ours and another's is not."""
    if seen.called:
        return seen.called <= accounts
    return bool(event.accounts) and not hides(event.accounts, accounts) and bool(mentions(seen.answer))


def _says_nothing_else(event: KeptEvent, accounts: Accounts, visible: Accounts, told: Accounts | None) -> bool:
    both = visible & accounts
    if event.kind == "suggestions":
        return not hides(event.accounts, both)
    if event.kind == "call.worked" and _note.decode(event.data).note is not None:
        return not hides(event.accounts, both) and not hides(told, both)
    return True


def _pop(event: KeptEvent, answer: Answer, before: Told | None) -> Shown | None:
    """Notes of the call before this one were written by who may have seen others."""
    if answer.hand_over is not None:
        answer = replace(answer, hand_over=replace(answer.hand_over, notes=()))
    mark = _mark(answer)
    same = before is not None and before.mark == mark
    if same and event.kind == "call.updated":
        return None
    revision = 1 if before is None else before.revision + (not same)
    answer = replace(answer, resolution=replace(answer.resolution, revision=revision))
    data = _json.encode(encode.pop_body(answer, _call.decode(event.data).call))
    return Shown(replace(event, data=data), Told(revision, mark))


def _mark(answer: Answer) -> str:
    counted = replace(answer, resolution=replace(answer.resolution, revision=0))
    return sha256(_json.encode(encode.pop_body(counted, None))).hexdigest()[:16]
