"""Writing under a turn: whoever writes people takes it in each shard, and what another one, who was stopped meanwhile,
sends later is not carried out. No clock decides it: Redis compares words."""

from collections.abc import Iterable
from importlib.resources import files

from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.layout import tag_of, tags

_SCRIPT = files(__package__).joinpath("turn.lua").read_text(encoding="utf-8")
AT_ONCE = 500
"""Values of one command: Lua has room for some thousand arguments."""


class Passed(Exception):
    """Somebody else writes people now; nothing of this was written in the shard that said so."""


class Turn:
    """word: chance, ours."""

    def __init__(self, people: Ask, prefix: str, word: str) -> None:
        self._people, self._word = people, word
        self._alone = f"{{{prefix}}}"
        self._shards = tags(prefix)

    async def take(self) -> None:
        """Raises OSError."""
        await self._people.ask([("SET", self._key(one), self._word) for one in (self._alone, *self._shards)])

    async def write(self, commands: Iterable[Command]) -> None:
        """All of one shard in one step; the shards one beside the other. Raises OSError; Passed."""
        by_shard: dict[str, list[Command]] = {}
        for command in commands:
            by_shard.setdefault(tag_of(command[1]), []).append(command)
        asked = [self._step(shard, some) for shard, some in by_shard.items()]
        if not all(await self._people.ask(asked) if asked else ()):
            raise Passed

    def _step(self, shard: str, commands: Iterable[Command]) -> Command:
        words = [word for command in commands for word in (len(command), *command)]
        return ("EVAL", _SCRIPT, 1, self._key(shard), self._word, *words)

    def _key(self, shard: str) -> str:
        return f"{shard}:directory:turn" if shard == self._alone else f"{shard}:turn"


def added(members: Iterable[tuple[str, bytes]]) -> list[Command]:
    return [("ZADD", key, *(word for one in some for word in (0, one))) for key, some in _by_key(members)]


def removed(members: Iterable[tuple[str, bytes]]) -> list[Command]:
    return [("ZREM", key, *some) for key, some in _by_key(members)]


def _by_key(members: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, list[bytes]]]:
    by_key: dict[str, list[bytes]] = {}
    for key, member in members:
        by_key.setdefault(key, []).append(member)
    return ((key, some[at : at + AT_ONCE]) for key, some in by_key.items() for at in range(0, len(some), AT_ONCE))
