"""What the PBX said instead of ringing, and what an administrator does about it. Pure."""

from types import MappingProxyType

from ctibridge.domain.finding import Finding
from ctibridge.selftest.comparison import ending
from ctibridge.selftest.expected import Expected
from ctibridge.selftest.timeline import Timeline

FORKS = "let the PBX call all contacts of the line, not its phone alone (docs/pbx); see `ctibridge check`"
RESTARTED = "did somebody restart it? Then try again; else see its log: journalctl -u ctibridge"
LINE = MappingProxyType({
    "alone": 'sign its phone on before; for a test line without a phone, a trunk of its own with alone = "stay"',
    "deaf": "run `ctibridge check`: it says why the line is not heard",
    "registering": "try again when it is registered; `ctibridge check` says what keeps it",
})  # fmt: skip

_UNKNOWN = "write selftest.dial as this PBX dials it, and see whether {user} may dial it"
_BUSY = "test while the line is free; a line that takes one call at a time needs call waiting"
_NOBODY = "sign a phone on there, and run `ctibridge check`: the line has to ring where the daemon listens"
_CODECS = "let the account call with G.711 (PCMU, PCMA), without SRTP"
_LOG = "see the PBX's log for the call"

_NOBODY_RANG = (408, 480)
_TEXTS = MappingProxyType({
    400: ("does not understand the call", _LOG),
    403: ("forbids the call", "allow {user} to call this number there (context, class of service), from this address"),
    404: ("does not know the number", _UNKNOWN),
    408: ("says that nobody answered in time", _NOBODY),
    410: ("says that the number is gone", _UNKNOWN),
    415: ("takes no such media", _CODECS),
    480: ("says that nobody is there", _NOBODY),
    484: ("wants more digits", _UNKNOWN),
    486: ("says busy", _BUSY),
    487: ("gave the call up by itself", _LOG),
    488: ("takes no such media", _CODECS),
    600: ("says busy everywhere", _BUSY),
    603: ("says that it was declined", "see who declines: a phone of the line, or a rule of the PBX"),
    604: ("does not know the number", _UNKNOWN),
    606: ("takes no such media", _CODECS),
})  # fmt: skip


def refused(status: int, expected: Expected, timeline: Timeline) -> Finding:
    """status: the last final response to our INVITE, 300 or more."""
    if status in (401, 407):
        return _password(status, expected, timeline)
    if status == 403 and timeline.challenged:
        text = f"the PBX forbids the call (403) of {ending(expected.user)}, whose password it had asked for"
        mend = "compare username and password of selftest with the PBX's, then see whether it may call this number"
        return Finding("call", text, mend)
    if status < 400:
        return Finding("call", f"the PBX sends us elsewhere ({status})", "write registrar as it says, or let it proxy")
    unheard = next((line for line in timeline.lines if not line.is_heard), None)
    if status in _NOBODY_RANG and unheard is not None:
        return Finding("call", f"the PBX {_TEXTS[status][0]} ({status}), and {unheard}", LINE[unheard.state])
    other = ("has a fault of its own" if 500 <= status < 600 else "refuses the call", _LOG)
    text, mend = _TEXTS.get(status, other)
    return Finding("call", f"the PBX {text} ({status})", mend.format(user=ending(expected.user)))


def silent(timeline: Timeline) -> Finding:
    """Not even 100."""
    text = f"nothing came back from {timeline.to}"
    return Finding("call", text, "see that the PBX runs, and that registrar, port and firewall let us reach it")


def _password(status: int, expected: Expected, timeline: Timeline) -> Finding:
    if "there is none" in timeline.why:
        return Finding("call", f"the PBX asks for a password ({status})", "give [trunk.selftest] its password")
    text = f"the PBX {timeline.why or 'refuses the password'} of {ending(expected.user)} ({status})"
    mend = "compare username and password of selftest with the PBX's; an unknown username is answered in the same way"
    if "digest" in timeline.why or "asks" in timeline.why:
        mend = "let the PBX offer a stronger digest, or lower digest_minimum"
    return Finding("call", text, mend)
