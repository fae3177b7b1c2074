"""What was asked for a call, over a restart: so that a desk that comes back is shown it as it may see it then, and an
agent can go on with a call from before.

`text` and `read` are a pair. The text names the caller: it goes into the store and nowhere else.
"""

from dataclasses import dataclass, replace

import msgspec

from ctibridge.calls.facts import Continues, Learned, Rang
from ctibridge.domain.call import Call
from ctibridge.domain.caller import Presentation, Signalled

KIND = "asked"
NOBODY = Signalled(None, None, Presentation.UNAVAILABLE, "", None, ())
"""Who called in a call of which that was erased."""

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class _Asked:
    call: Call
    signalled: Signalled
    continues: Continues | None


_asked = msgspec.json.Decoder(_Asked)


def erased(fact: Rang | Learned, agents: frozenset[str], *, his: bool) -> Learned:
    """What is to be asked for a call when who called has to leave for good; else when somebody who may have has."""
    if not his:
        return Learned(fact.call, agents, fact.signalled, fact.continues)
    return Learned(fact.call, agents, replace(NOBODY, called=fact.signalled.called, source=fact.signalled.source), None)


def text(fact: Rang | Learned) -> bytes:
    return _json.encode(_Asked(fact.call, fact.signalled, fact.continues))


def read(body: bytes, agents: frozenset[str] = frozenset()) -> Learned | None:
    """None for what is no such text: an older or newer program wrote it."""
    try:
        asked = _asked.decode(body)
    except (ValueError, RecursionError):  # also bytes that are no UTF-8, and deep nesting under an unknown key
        return None
    return Learned(asked.call, agents, asked.signalled, asked.continues)
