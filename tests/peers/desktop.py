"""A desktop's session: a real dbus-daemon on a socket of its own, and a notification service on it.

Comes in: a folder. Goes out: the environment of a program that runs in that session; what stands on the screen, and
what was asked for. The service is ours, as every desktop has another; the bus is the one that they have.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import DBusConnection, DBusRouter, open_dbus_connection

from tests.peers.process import Process, until

_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
NAME = "org.freedesktop.Notifications"
SERVICE = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)


class SessionBus:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "session-bus"
        config = folder / "session-bus.conf"
        config.write_text(_CONFIG.format(path=self._path))
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"]
        self.process = Process(command, log=folder / "session-bus.log")

    @property
    def address(self) -> str:
        return f"unix:path={self._path}"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"DBUS_SESSION_BUS_ADDRESS": self.address}

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(self._listens, "the session's bus listens")

    def _listens(self) -> bool:
        """The path is there a moment before."""
        with socket.socket(socket.AF_UNIX) as trying:
            return trying.connect_ex(str(self._path)) == 0

    async def stop(self) -> None:
        await self.process.stop()
        self._path.unlink(missing_ok=True)


class Notify(NamedTuple):
    """The arguments of Notify that a desktop looks at. hints: without their types."""

    replaces: int
    title: str
    body: str
    hints: Mapping[str, Any]
    milliseconds: int


class Desktop:
    """`async with` it while it runs. notified, closed: all that was asked for, in order; shown: what stands there now.

    Set `hangs` and it takes calls without an answer until `answer_all`; `refuses`: an error's name for each Notify;
    answers: by method, a signature and a body that it has instead."""

    def __init__(self, bus: SessionBus, capabilities: tuple[str, ...] = ("body", "body-markup")) -> None:
        self.bus = bus
        self.notified: list[Notify] = []
        self.closed: list[int] = []
        self.shown: dict[int, Notify] = {}
        self.hangs = False
        self.refuses = ""
        self.answers: dict[str, tuple[str, tuple[Any, ...]]] = {}
        self._capabilities = capabilities
        self._held: list[Message] = []
        self._last = 6
        self._connection: DBusConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._connection = await open_dbus_connection(self.bus.address)
        async with DBusRouter(self._connection) as router:
            await router.send_and_get_reply(message_bus.RequestName(NAME))
        self._task = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self._open.close()

    async def until(self, *titles: str) -> None:
        """These stand on the screen, in any order."""
        await until(lambda: sorted(one.title for one in self.shown.values()) == sorted(titles), f"{titles} are shown")

    async def dismiss(self, number: int, signature: str = "uu", reason: Any = 2) -> None:
        """As if who reads it had pushed it away."""
        self.shown.pop(number, None)
        await self._open.send(new_signal(SERVICE, "NotificationClosed", signature, (number, reason)))

    async def answer_all(self) -> None:
        self.hangs = False
        held, self._held = self._held, []
        for call in held:
            await self._open.send(self._answer(call))

    @property
    def held(self) -> int:
        return len(self._held)

    @property
    def _open(self) -> DBusConnection:
        assert self._connection is not None
        return self._connection

    async def _serve(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                call = await self._open.receive()
                if call.header.message_type is not MessageType.method_call:
                    continue
                if self.hangs:
                    self._held.append(call)
                else:
                    await self._open.send(self._answer(call))

    def _answer(self, call: Message) -> Message:
        member = call.header.fields[HeaderFields.member]
        if member in self.answers:
            signature, body = self.answers[member]
            return new_method_return(call, signature or None, body)
        match member:
            case "GetCapabilities":
                return new_method_return(call, "as", (list(self._capabilities),))
            case "Notify":
                return self._notify(call)
            case "CloseNotification":
                self.closed.append(call.body[0])
                self.shown.pop(call.body[0], None)
                return new_method_return(call)
        return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")

    def _notify(self, call: Message) -> Message:
        if self.refuses:
            return new_error(call, self.refuses)
        _, replaces, _, title, body, _, hints, milliseconds = call.body
        hints = {key: value for key, (_, value) in hints.items()}
        self.notified.append(Notify(replaces, title, body, hints, milliseconds))
        self._last += not replaces
        number = replaces or self._last
        self.shown[number] = self.notified[-1]
        return new_method_return(call, "u", (number,))
