"""What happened to a test call, in seconds since its first INVITE left us, and who played which part. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from ctibridge.domain.finding import Finding
from ctibridge.sip.outgoing import CallEnd

MOST_REPLIES = 30
"""Answers that are written down; of provisional ones behind them none, of final ones each."""


class Stopped(Exception):
    """Nothing can be dialled. The finding is the whole verdict."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


@dataclass(slots=True)
class Cast:
    """Each as a person reads it, None while it is not known. phone: the other phone, which we started and which has to
    pick up; phone_answered: by its own word, it did; no_phone: why there is none, as the end of a sentence; answers_as:
    what whoever picked up calls himself."""

    caller: str
    desk: str
    pbx: str | None = None
    phone: str | None = None
    phone_answered: bool = False
    no_phone: str = ""
    answers_as: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The PBX's answer to an INVITE of ours."""

    at: float
    status: int


@dataclass(frozen=True, slots=True)
class Pop:
    """A revision of the pop as the desk saw it. trunk, line: where it rang; number: the caller's, E.164 or an
    extension; account: that was called; people: `account/id`, best first; language: BCP 47."""

    at: float
    trunk: str
    line: str
    rang_at: datetime
    number: str | None = field(repr=False)
    account: str | None
    status: str
    people: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the call ended for the desk, in the stream's word."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line of the desk as the daemon told it before we called. sits: it pops at this desk. why: one line, where it is
    not heard."""

    line: str
    state: str
    sits: bool = True
    why: str = ""

    @property
    def is_heard(self) -> bool:
        return self.state == "registered"

    def __str__(self) -> str:
        return f"line {self.line} is {self.state}" + (f": {self.why}" if self.why else "")


@dataclass(slots=True)
class Timeline:
    """began: monotonic seconds of the first INVITE. stopped: why nothing was dialled. replies: without those that were
    sent again. why: what was wrong with the password, as the end of a sentence. first, newest: the call's first pop and
    what it became; others: calls beside ours that popped at this desk; desk_lost:
    the daemon closed it before the end. picked_up: somebody answered; gave_up: we took
    it back, or hung up; ended: how the call ended for the caller."""

    cast: Cast
    to: str = ""
    """Where the INVITE went: `10.0.0.5:5060 over UDP`."""
    began: float | None = None
    stopped: Finding | None = None
    lines: tuple[LineSeen, ...] = ()
    replies: list[Reply] = field(default_factory=list)
    why: str = ""
    first: Pop | None = None
    newest: Pop | None = None
    others: int = 0
    desk_lost: bool = False
    picked_up: float | None = None
    gave_up: float | None = None
    ended: CallEnd | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None

    def since(self, now: float) -> float:
        """0 before the INVITE."""
        return 0.0 if self.began is None else now - self.began

    def replied(self, status: int, at: float) -> None:
        """A PBX repeats a provisional answer as often as it likes; behind the end all is repetition."""
        repeated = self.replies and self.replies[-1].status == status
        too_many = status < 200 and len(self.replies) >= MOST_REPLIES
        if not repeated and not too_many and self.ended is None:
            self.replies.append(Reply(at, status))

    def popped(self, pop: Pop) -> None:
        self.first = self.first or pop
        self.newest = pop

    @property
    def pop_ms(self) -> int | None:
        """Milliseconds from our INVITE to the desk's first frame."""
        return None if self.first is None else round(self.first.at * 1000)

    @property
    def settled(self) -> bool:
        """Nothing more will come of it: the call is over, or nobody would see."""
        return self.ended is not None or self.desk_lost

    @property
    def ringing(self) -> Reply | None:
        """The PBX's word that it rings somewhere."""
        return next((reply for reply in self.replies if 180 <= reply.status < 200), None)

    @property
    def challenged(self) -> bool:
        return any(reply.status in (401, 407) for reply in self.replies)

    @property
    def refused(self) -> int | None:
        """The final answer that ended it, unless we had taken it back."""
        if self.ended is not CallEnd.REFUSED or not self.replies:
            return None
        return self.replies[-1].status
