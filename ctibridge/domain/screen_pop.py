"""The screen pop: a call, who it may be, and the context, as *one* agent may see it."""

from dataclasses import dataclass, field, replace

from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.call import Call
from ctibridge.domain.caller import Called, Caller
from ctibridge.domain.context import Context
from ctibridge.domain.hand_over import HandOver, HandOverKind, Internal
from ctibridge.domain.note import Note
from ctibridge.domain.resolution import Resolution


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """tag: BCP 47; name: in English; endonym: in its own name; source: the step of the ladder that had a value.

    spoken_by: the ids of the agents at whose desks this call rings who speak it, best first.
    """

    tag: str
    name: str
    endonym: str
    source: str
    spoken_by_agent: bool
    greeting: str | None
    spoken_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement that holds for this call. site: the one that it is for; None: all."""

    id: str
    text: Text
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """What a customer has its agents told: an account that this agent may see, the called one before the caller's own.

    briefing: to the agent, in his language. verification: to go through with the caller, in the caller's.
    """

    account: AccountRef
    briefing: Text | None = None
    verification: Text | None = None
    announcements: tuple[Announced, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """Something to be careful about. days: whole days, where the kind counts them."""

    kind: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """url holds the caller's number as often as not, so it is not printed."""

    title: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the lookup says of one call to one agent. complete: nothing more is to come for this call.

    internal and hand_over are known behind the lookup: by who sits where, and by the calls before this one. context:
    None until something is known; customer: None where the call is of no granted account.
    """

    caller: Caller
    called: Called
    language: LanguageChoice
    resolution: Resolution
    signals: tuple[Signal, ...] = ()
    links: tuple[Link, ...] = ()
    complete: bool = True
    internal: Internal | None = None
    hand_over: HandOver | None = None
    context: Context | None = None
    customer: Customer | None = None

    @property
    def of_granted_account(self) -> bool:
        """Does it speak of an account that this agent may see, be it the called one or the caller's own?"""
        return self.called.granted or self.resolution.account is not None or bool(self.resolution.candidates)

    def continuing(
        self, first: "Answer", kind: HandOverKind, by: Internal, call: str, notes: tuple[Note, ...] = ()
    ) -> "Answer":
        """This call's pop with what is known of the call that it continues. first: what the lookup says of that one to
        this same agent; without a granted account in it nothing of it shows, not even that there was one. notes: that
        were written for it, and show under the same rule."""
        if not first.of_granted_account:
            return self
        hand_over = HandOver(kind, by.line, by.agent, call, first.caller, notes)
        complete = self.complete and first.complete
        return replace(first, caller=self.caller, complete=complete, internal=self.internal, hand_over=hand_over)


@dataclass(frozen=True, slots=True)
class ScreenPop:
    call: Call
    answer: Answer
