"""What a desk asks for. `flow/obeying.py` carries each to whoever does it."""

from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private


@dataclass(frozen=True, slots=True)
class Shown:
    """The pop stood on the agent's screen."""

    agent: str
    call: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Sit:
    """The agent sits at these lines now; none: he has left."""

    agent: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteNote:
    """The agent writes this for a call that his desk has. text: as `note.plain` leaves it, never empty."""

    agent: str
    call: str
    text: Private


@dataclass(frozen=True, slots=True)
class Choose:
    """The agent says who is calling. session: who hears of it where that cannot be."""

    agent: str
    session: int
    call: str
    person: PersonKey


@dataclass(frozen=True, slots=True)
class Select:
    """The agent says what the call is about: one of both is set."""

    agent: str
    session: int
    call: str
    service: str | None
    configuration_item: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """The agent looks for a person by name, e-mail or id. account: in this one only, or None."""

    agent: str
    session: int
    call: str
    text: Private
    account: str | None


@dataclass(frozen=True, slots=True)
class Take:
    """The agent calls this missed caller back."""

    agent: str
    session: int
    call: str


@dataclass(frozen=True, slots=True)
class Done:
    """Nobody need call this missed caller back any more."""

    agent: str
    session: int
    call: str


@dataclass(frozen=True, slots=True)
class ListCalls:
    """The agent wants his calls that rang since then. text: as he wrote it."""

    agent: str
    session: int
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ListColleagues:
    """The agent wants to know who else is there."""

    agent: str
    session: int


DeskCommand = Shown | Sit | WriteNote | Choose | Select | Search | Take | Done | ListCalls | ListColleagues
