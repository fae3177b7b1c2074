"""What a desk asks for. `app.py` carries each to its room."""

from dataclasses import dataclass


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


DeskCommand = Shown | Sit
