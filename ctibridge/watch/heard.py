"""What a desk in the terminal reads of the stream; docs/desk.md and `ctibridge schema events` say what all of it means.

Meant to outlive the daemon's version: what is not known is left out, what is missing has a default, and a frame that
does not fit at all is nothing. So this room repeats the few names it reads and knows nothing of the daemon's rooms.
Texts are as they came, and anybody may have written them: show them through `plain`.
"""

import msgspec

from ctibridge.watch.pop import Call, Called, Caller, Context, Customer, HandOver, Language, Link, Resolution, Trust


class Data(msgspec.Struct, frozen=True):
    """`data` of any event. call: None in some notices only. caller to customer: of a pop (`call.ringing`,
    `call.updated`), caller is None in the others. by, state, note: of `call.worked`. kind, text, line, trunk: of a
    notice."""

    call: Call | None = None
    caller: Caller | None = None
    called: Called = Called()
    language: Language = Language()
    resolution: Resolution = Resolution()
    context: Context = Context()
    trust: Trust = Trust()
    links: tuple[Link, ...] = ()
    hand_over: HandOver | None = None
    customer: Customer | None = None
    by: str | None = None
    state: str | None = None
    note: str | None = None
    kind: str | None = None
    text: str | None = None
    line: str | None = None
    trunk: str | None = None

    def __repr__(self) -> str:
        return "Data(•••)"


class Heard(msgspec.Struct, frozen=True):
    """One event. id: EPOCH.SEQUENCE. time: RFC 3339. data: empty where it is of a shape that is not known here."""

    type: str
    id: str
    sequence: int
    time: str = ""
    data: Data = Data()


class Line(msgspec.Struct, frozen=True):
    """state: `registering`, `registered`, `alone` or `deaf`; sitting: it pops at this desk."""

    line: str = ""
    state: str = ""
    trunk: str = ""
    shared: bool = False
    sitting: bool = True


class Work(msgspec.Struct, frozen=True):
    """What became of a missed call. state: `taken`, `settled`; by: the agent, None where it is not known who."""

    state: str = ""
    by: str | None = None


class Detail(msgspec.Struct, frozen=True):
    """Beside one of `calls`. call: its id; pop: the data of its newest pop, None where that stands in `calls`, and
    where the connection resumed."""

    call: str = ""
    pop: Data | None = None
    work: Work | None = None


class Welcome(msgspec.Struct, frozen=True):
    """sequence: the newest event of this desk; what comes up to there is a replay. resumed: all that was missed
    follows; else calls (the data of each call's newest event) is the whole state. notification: `company`, `full` or
    `none`. expires_in: seconds until the token ends; None: never."""

    agent: str = ""
    epoch: str = ""
    sequence: int = 0
    resumed: bool = False
    lines: tuple[Line, ...] = ()
    calls: tuple[Data, ...] = ()
    details: tuple[Detail, ...] = ()
    notification: str = "company"
    live_only: bool = False
    name: str | None = None
    expires_in: int | None = None
    node_alone: bool = False


class Pong(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...] = ()
    stored: int = 0


class Refused(msgspec.Struct, frozen=True):
    """`error`: what we sent was wrong."""

    code: str = ""
    message: str = ""


class _Frame(msgspec.Struct, frozen=True):
    """An event carries `specversion`, control frames do not."""

    type: str
    specversion: str | None = None
    id: str = ""
    time: str = ""
    sequence: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


_CONTROL: dict[str, type[Welcome | Pong | Refused]] = {"welcome": Welcome, "pong": Pong, "error": Refused}
_LONGEST = 19  # digits: what fits into the 64 bits that a sequence may have


def read(text: str | bytes) -> Heard | Welcome | Pong | Refused | None:
    """None: a frame that is not known here, or none at all. Raises nothing."""
    try:
        frame = msgspec.json.decode(text, type=_Frame)
        if frame.specversion is not None:
            return _event(frame)
        kind = _CONTROL.get(frame.type)
        return None if kind is None else msgspec.json.decode(frame.data, type=kind)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _event(frame: _Frame) -> Heard | None:
    digits = frame.sequence
    if not (digits.isascii() and digits.isdigit() and len(digits) < _LONGEST):
        return None
    return Heard(frame.type, frame.id, int(digits), frame.time, _data(frame.data))


def _data(raw: msgspec.Raw) -> Data:
    """An event that cannot be read still counts: its number is acknowledged."""
    try:
        return msgspec.json.decode(raw, type=Data)
    except (msgspec.MsgspecError, RecursionError):
        return Data()
