"""Questions to the generation that counts: whoever asks gets answers of a whole directory, or none."""

from collections.abc import Callable, Sequence

from ctibridge.lookup.adapters.shared.asking import Ask, Command, PeopleMissing, Reply
from ctibridge.lookup.adapters.shared.layout import Layout, tag_of
from ctibridge.lookup.adapters.shared.state import head

TRIES = 3
"""A build that ends while we ask names another generation; two in one look-up would be very many."""


class Looking:
    def __init__(self, people: Ask, prefix: str) -> None:
        self._people, self._prefix = people, prefix
        self._layout: Layout | None = None

    async def layout(self) -> Layout:
        """The one that counted when it was needed last. Raises OSError."""
        if self._layout is None:
            ((generation, bits),) = await self._people.ask([("HMGET", head(self._prefix), "generation", "bits")])
            if generation is None or bits is None:
                raise PeopleMissing
            self._layout = Layout(self._prefix, generation.decode(), int(bits))
        return self._layout

    async def ask(self, make: Callable[[Layout], Sequence[Command]]) -> list[Reply]:
        """The replies to these commands, if all that they ask was whole when it was read: each shard is looked at
        behind them. Raises OSError; PeopleMissing where there is no whole directory."""
        for _ in range(TRIES):
            layout = await self.layout()
            commands = make(layout)
            shards = dict.fromkeys(tag_of(command[1]) for command in commands)
            looks = [("EXISTS", f"{shard}:{layout.generation}:here") for shard in shards]
            replies = await self._people.ask([*commands, *looks])
            if all(replies[len(commands) :]):
                return replies[: len(commands)]
            self._layout = None
        raise PeopleMissing
