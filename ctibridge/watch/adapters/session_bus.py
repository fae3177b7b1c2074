"""A connection to the bus of the desktop's session (D-Bus Specification 0.43). jeepney knows the messages; here are the
socket, the patience and the limits. What else runs in the session is the agent's own, and may yet be broken.
"""

import asyncio
import contextlib
import struct
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Self

from jeepney import HeaderFields, Message, MessageFlag, MessageType, Parser
from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_connectable_addresses
from jeepney.bus_messages import message_bus

from ctibridge.watch.plain import plain

PATIENCE = 5.0
"""Seconds for one answer."""

_LARGEST = 1 << 16  # bytes of a message; the bus itself would pass 128 MiB on
_MOST_WAITING = 32
_LOST = "the session's bus was lost"
_ADDRESS, _RUNTIME = "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"
# What jeepney's parser raises over a message that is none, and its sign-in over a server that is none.
_MALFORMED = (ValueError, TypeError, LookupError, AssertionError, RecursionError, struct.error)


class NoBus(Exception):
    """There is no session here whose bus could be spoken to: one line, with the mend."""


class BusError(Exception):
    """A call came to nothing: why, in a few words for a person, who reads nothing there of what the call said."""


class NoAnswer(BusError):
    """Nobody said a word within five seconds."""

    def __init__(self) -> None:
        super().__init__("the session's bus does not answer")


class Refused(BusError):
    """It was answered, with an error. name: the error's, like `org.freedesktop.DBus.Error.ServiceUnknown`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the session's bus refuses: {plain(name, 80)}")
        self.name = name


def socket_of(environment: Mapping[str, str]) -> str:
    """The path of the session bus's socket (with a NUL in front: its abstract name). As for other programs, that is
    what DBUS_SESSION_BUS_ADDRESS says, else `bus` in XDG_RUNTIME_DIR (sd_bus_open_user(3)). Raises NoBus."""
    if address := environment.get(_ADDRESS):
        try:
            return str(next(get_connectable_addresses(address)))
        except (ValueError, RuntimeError):
            raise NoBus(
                f"{_ADDRESS} names no socket of this machine; it is written unix:path=/run/user/1000/bus"
            ) from None
    if (runtime := environment.get(_RUNTIME)) and (usual := Path(runtime) / "bus").is_socket():
        return str(usual)
    raise NoBus(f"this is no desktop session: {_ADDRESS} is not set; start it in one, or leave --notify out")


class SessionBus(asyncio.Protocol):
    """`await SessionBus.open(…)`, then `call`, then `close`. It may be lost at any time: `lost` says so, `on_lost` is
    called, what waits for an answer gets BusError, and another has to be opened."""

    def __init__(self, on_signal: Callable[[Message], None], on_lost: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self._on_lost = on_lost
        self._sign_in = Authenticator()
        self._parser = Parser()
        self._serials = count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._signed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._over = asyncio.Event()

    @classmethod
    async def open(cls, path: str, on_signal: Callable[[Message], None], on_lost: Callable[[], None]) -> Self:
        """path: as `socket_of` says it. Raises BusError, also where nobody answers there within five seconds."""
        with contextlib.ExitStack() as unless_it_is_open:
            bus = cls(on_signal, on_lost)
            unless_it_is_open.callback(bus._end)
            try:
                async with asyncio.timeout(PATIENCE):
                    await asyncio.get_running_loop().create_unix_connection(lambda: bus, path)
                    await bus._signed_in
            except TimeoutError:
                raise NoAnswer from None
            except OSError as error:
                raise BusError(f"the session's bus is not there ({error.strerror or 'no connection'})") from None
            await bus.call(message_bus.Hello())
            unless_it_is_open.pop_all()
        return bus

    async def call(self, message: Message, late: Callable[[Message], None] | None = None) -> Any:
        """What is answered. late: gets an answer that comes after all, behind NoAnswer.

        Raises BusError: it was lost; NoAnswer; Refused.
        """
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[self._send(message)] = answer
        answer.add_done_callback(asyncio.Future.exception)  # also where nobody waits for it any more
        if not (await asyncio.wait({answer}, timeout=PATIENCE))[0]:
            if late is not None:
                answer.add_done_callback(lambda came: None if came.exception() else late(came.result()))
            raise NoAnswer
        said = answer.result()
        if said.header.message_type is MessageType.error:
            raise Refused(str(said.header.fields.get(HeaderFields.error_name)))
        return said.body

    def tell(self, message: Message) -> None:
        """A call whose answer nobody wants."""
        message.header.flags |= MessageFlag.no_reply_expected
        with contextlib.suppress(BusError):
            self._send(message)

    async def close(self) -> None:
        self._end()
        await self._over.wait()

    @property
    def lost(self) -> bool:
        return self._over.is_set()

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self, message: Message) -> int:
        if self.lost or self._transport is None or len(self._waiting) >= _MOST_WAITING:
            self._end()
            raise BusError(_LOST)
        serial = next(self._serials)
        self._transport.write(message.serialise(serial))
        return serial

    # -- what asyncio calls ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._sign_in.data_to_send())

    def data_received(self, data: bytes) -> None:
        try:
            if self._sign_in.authenticated:
                self._read(data)
            else:
                self._answer_sign_in(data)
        except _MALFORMED:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set()
        if not self._signed_in.done():
            self._signed_in.set_exception(BusError("the session's bus lets us not in; is it another user's?"))
        for answer in self._waiting.values():
            answer.set_exception(BusError(_LOST))
        self._waiting.clear()
        self._on_lost()

    def _answer_sign_in(self, data: bytes) -> None:
        self._sign_in.feed(data)
        if self._sign_in.authenticated and self._transport is not None:
            self._transport.write(BEGIN)
            self._signed_in.set_result(None)

    def _read(self, data: bytes) -> None:
        self._parser.add_data(data)
        while (message := self._parser.get_next_message()) is not None:
            self._take(message)
        if self._parser.bytes_desired() > _LARGEST:
            self._end()

    def _take(self, message: Message) -> None:
        """Calls from others are not answered: nobody has anything to ask here."""
        if message.header.message_type is MessageType.signal:
            self._on_signal(message)
            return
        answer = self._waiting.pop(message.header.fields.get(HeaderFields.reply_serial, 0), None)
        if answer is not None and not answer.done():
            answer.set_result(message)
