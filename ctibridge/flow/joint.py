"""What all nodes of a cluster carry out alike, because desks on other nodes hear of it: what agents said, and who calls
in a call, as the node knows it that asked."""

from dataclasses import dataclass, field

from ctibridge.domain.desk_command import Done, Sit, Take
from ctibridge.domain.note import Note
from ctibridge.lookup.question import Pick

NO_SESSION = -1
"""Of a command that came from another node: nobody here waits for its errors."""


@dataclass(frozen=True, slots=True)
class Written:
    """An agent wrote this note for a call."""

    call: str
    note: Note


@dataclass(frozen=True, slots=True)
class Chosen:
    """An agent said who is calling. of_first: in the call that this one continues."""

    call: str
    pick: Pick
    of_first: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """By what the caller of a call is known again, the account that he called, and whether his number is many
    people's: it was asked for where the desks are that the call rings at."""

    call: str
    caller: str | None = field(repr=False)
    account: str | None
    shared: bool


Joint = Sit | Written | Chosen | Take | Done | Known
