"""The screen pop: a call, who it may be, and the context, as *one* agent may see it."""

from dataclasses import dataclass, field

from ctibridge.domain.call import Call
from ctibridge.domain.caller import Called, Caller
from ctibridge.domain.resolution import Resolution


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """tag: BCP 47; name: in English; endonym: in its own name; source: the step of the ladder that had a value."""

    tag: str
    name: str
    endonym: str
    source: str
    spoken_by_agent: bool
    greeting: str | None


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
    """What the lookup says of one call to one agent. complete: nothing more is to come for this call."""

    caller: Caller
    called: Called
    language: LanguageChoice
    resolution: Resolution
    signals: tuple[Signal, ...] = ()
    links: tuple[Link, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class ScreenPop:
    call: Call
    answer: Answer
