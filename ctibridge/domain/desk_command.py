"""What a desk asks for. `app.py` carries each to its room."""

from dataclasses import dataclass

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


DeskCommand = Shown | Sit | WriteNote
