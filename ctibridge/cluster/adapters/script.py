"""A Lua script of ours: its text stands in a file beside this one and is loaded with the package."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha1
from importlib.resources import files

from redis.exceptions import NoScriptError

from ctibridge.cluster.adapters.wire import Argument, Command, Reply

Calls = Callable[[Sequence[Command]], Awaitable[list[Reply]]]


class Script:
    """name: of the file, without `.lua`. Redis runs it as one step, and knows it by the SHA-1 of its text."""

    def __init__(self, name: str) -> None:
        self.text = files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, calls: Calls, keys: Sequence[str], *arguments: Argument) -> Reply:
        """By its hash; its text goes along once, where Redis has not got it. calls: as those of `Link`. Returns what
        comes back, an error reply too. Raises RedisFault."""
        tail = (len(keys), *keys, *arguments)
        (reply,) = await calls([("EVALSHA", self.sha, *tail)])
        if isinstance(reply, NoScriptError):
            (reply,) = await calls([("EVAL", self.text, *tail)])
        return reply
