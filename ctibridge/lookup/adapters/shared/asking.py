"""What this room needs of Redis, and what it says where the people are not to be had."""

from collections.abc import Sequence
from typing import Any, Protocol

Command = Sequence[bytes | str | int]
Reply = Any


class Ask(Protocol):
    """Redis. The cluster's room has it (`cluster/adapters/spread.py`)."""

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies in order; each command goes to the server of its key, those of one server at once and in order.
        A command's key stands behind its name, a script's behind the count of its keys. Cancelled, nobody else gets
        what comes. Raises OSError with one line: Redis cannot be reached, or refuses one of them."""


class PeopleMissing(OSError):
    """Redis answers, and has no whole directory: one line with the mend."""

    def __init__(self) -> None:
        super().__init__(
            "the people of the directory are not in Redis; start ctibridge on a node whose store has them, or run "
            "ctibridge import"
        )
