"""A and AAAA by the system's own resolver, so that the hosts file and nsswitch count; it blocks, and may hang.

Two threads at most wait in it for one trunk, daemons of their own: a name that hangs takes neither the loop's default
executor from others nor the end of the process.
"""

import asyncio
import socket
import threading
from collections import deque
from contextlib import suppress

THREADS = 2
LIMIT = 5.0
"""Seconds for one name, waiting for a thread included."""
WAITING = 64
"""Questions in the queue; behind two that hang, more would only age."""

_Question = tuple[str, socket.AddressFamily, asyncio.AbstractEventLoop, "asyncio.Future[tuple[str, ...]]"]


class AddressLookup:
    """Asks for one name at a time in each thread; the threads end when nothing waits."""

    def __init__(self) -> None:
        self._waiting: deque[_Question] = deque()
        self._running = 0
        self._lock = threading.Lock()

    async def addresses(self, name: str, family: socket.AddressFamily) -> tuple[str, ...]:
        """Each address once, in the system's order. Raises OSError (also TimeoutError), UnicodeError for a name that
        cannot be one."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[str, ...]] = loop.create_future()
        self._submit((name, family, loop, answer))
        async with asyncio.timeout(LIMIT):
            return await answer

    def _submit(self, question: _Question) -> None:
        with self._lock:
            if len(self._waiting) >= WAITING:
                raise TimeoutError("too many names are asked for already")
            self._waiting.append(question)
            if self._running == THREADS:
                return
            self._running += 1
        threading.Thread(target=self._work, name="ctibridge-addresses", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                name, family, loop, answer = self._waiting.popleft()
            if not answer.cancelled():
                _answer(name, family, loop, answer)


def _answer(
    name: str, family: socket.AddressFamily, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[tuple[str, ...]]"
) -> None:
    found: tuple[str, ...] | Exception
    try:
        rows = socket.getaddrinfo(name, None, family=family, type=socket.SOCK_DGRAM)
        found = tuple(dict.fromkeys(str(address[0]) for *_, address in rows))
    except (OSError, UnicodeError) as error:
        found = error
    with suppress(RuntimeError):  # the loop is closed: nobody waits
        loop.call_soon_threadsafe(_settle, answer, found)


def _settle(answer: "asyncio.Future[tuple[str, ...]]", found: tuple[str, ...] | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
