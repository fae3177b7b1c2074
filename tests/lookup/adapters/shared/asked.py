"""Redis as a script: what is asked is kept, and what was put there is answered."""

from collections.abc import Callable, Sequence
from typing import Any

from ctibridge.lookup.adapters.shared.asking import Command


class Told:
    """answer: to one command."""

    def __init__(self, answer: Callable[[Command], Any]) -> None:
        self._answer = answer
        self.rows: list[list[Command]] = []

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        self.rows.append(list(commands))
        return [self._answer(command) for command in commands]
