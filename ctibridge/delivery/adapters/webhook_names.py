"""The names of receivers, asked for in threads of their own.

aiohttp would ask in the loop's default executor: where a name server never answers, its few threads are taken from all
others, and the end of the process waits for them (8 s with a `getaddrinfo` that hangs for 8 s; systemd kills after 10).
"""

import socket
from collections.abc import Awaitable, Callable

from aiohttp.abc import AbstractResolver, ResolveResult

Names = Callable[[str, socket.AddressFamily], Awaitable[tuple[str, ...]]]
"""The addresses of a name. Raises OSError (also TimeoutError), UnicodeError for what cannot be one."""


class Resolver(AbstractResolver):
    def __init__(self, names: Names) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError."""
        try:
            found = await self._names(host, family)
        except UnicodeError:
            raise OSError("no name of a host") from None
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
