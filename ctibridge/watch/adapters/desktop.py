"""The desktop's notification service: `org.freedesktop.Notifications`, Desktop Notifications Specification 1.3.

Over the bus no process gets what is shown in its command line, which every user of the machine can read.
"""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus

from ctibridge.watch.adapters.session_bus import BusError, NoAnswer, Refused, SessionBus
from ctibridge.watch.notification import Note, markup
from ctibridge.watch.plain import plain

_NAME = "org.freedesktop.Notifications"
_SERVICE = DBusAddress("/org/freedesktop/Notifications", bus_name=_NAME, interface=_NAME)
_BUS = "org.freedesktop.DBus"
_MILLISECONDS = 60_000
_NORMAL = 1
_HINTS = {
    "category": ("s", "call.incoming"),
    # Not critical: an agent who wants not to be disturbed is not.
    "urgency": ("y", _NORMAL),
    # Not to be kept: a desktop's list or log of what was shown would be one of callers.
    "transient": ("b", True),
}
_WATCHED = (
    MatchRule(type="signal", sender=_NAME, interface=_NAME, member="NotificationClosed", path=_SERVICE.object_path),
    MatchRule(type="signal", sender=_BUS, interface=_BUS, member="NameOwnerChanged", path="/org/freedesktop/DBus"),
)
_WATCHED[1].add_arg_condition(0, _NAME)
_BUS_ERROR = "org.freedesktop.DBus.Error."
_NOBODY = tuple(_BUS_ERROR + kind for kind in ("ServiceUnknown", "NameHasNoOwner", "Spawn."))


class Desktop:
    """`await open()`, then show and close. gone: gets the number of a notification that is taken away. anew: called
    when the service has started anew or the bus is lost, so that nothing of ours stands any more.

    All raise BusError, with a line for a person.
    """

    def __init__(self, path: str, gone: Callable[[int], None], anew: Callable[[], None]) -> None:
        self._path = path
        self._gone = gone
        self._anew = anew
        self._bus: SessionBus | None = None
        self._reads_markup: bool | None = None

    async def open(self) -> None:
        """Until it may be used, also after it was lost; does nothing where it is open."""
        if self._bus is None or self._bus.lost:
            self._bus = await SessionBus.open(self._path, self._signal, self._lost)
            for rule in _WATCHED:
                await self._bus.call(message_bus.AddMatch(rule))
        if self._reads_markup is None:
            self._reads_markup = "body-markup" in await self._ask(new_method_call(_SERVICE, "GetCapabilities"), list)

    async def leave(self) -> None:
        if self._bus is not None:
            await self._bus.close()

    async def show(self, note: Note, replaces: int) -> int:
        """Its number. One that is shown after all, when it was given up, is closed."""
        body = markup(note.body) if self._reads_markup else note.body
        said: tuple[Any, ...] = ("ctibridge", replaces, "", note.title, body, [], _HINTS, _MILLISECONDS)
        call = new_method_call(_SERVICE, "Notify", "susssasa{sv}i", said)
        number: int = await self._ask(call, int, partial(self._too_late, replaces))
        return number

    async def close(self, number: int) -> None:
        with contextlib.suppress(Refused):  # it is closed already
            await self._bus_now.call(_closing(number))

    @property
    def _bus_now(self) -> SessionBus:
        assert self._bus is not None, "open it first"
        return self._bus

    async def _ask(self, call: Message, kind: type, late: Callable[[Message], None] | None = None) -> Any:
        try:
            answer = await self._bus_now.call(call, late)
        except NoAnswer:
            raise BusError("the notification service does not answer") from None
        except Refused as refused:
            raise _why(refused) from None
        if not (len(answer) == 1 and type(answer[0]) is kind):
            raise BusError("what answers for the notification service is none")
        return answer[0]

    def _too_late(self, replaces: int, answer: Message) -> None:
        """It stands there by now, and is shown again under a number that is known."""
        match answer.body:
            case (int(number),) if answer.header.message_type is MessageType.method_return and number != replaces:
                self._bus_now.tell(_closing(number))

    def _signal(self, signal: Message) -> None:
        fields = signal.header.fields
        match fields.get(HeaderFields.member), signal.body:
            case "NotificationClosed", (int(number), int()) if fields.get(HeaderFields.interface) == _NAME:
                self._gone(number)
            case "NameOwnerChanged", (name, str(), str()) if name == _NAME and fields.get(HeaderFields.sender) == _BUS:
                self._lost()

    def _lost(self) -> None:
        self._reads_markup = None
        self._anew()


def _closing(number: int) -> Message:
    return new_method_call(_SERVICE, "CloseNotification", "u", (number,))


def _why(refused: Refused) -> BusError:
    if refused.name.startswith(_NOBODY):
        return BusError("this desktop has no notification service; start its own, or one like dunst or mako")
    if refused.name == f"{_BUS_ERROR}NoReply":
        return BusError("the notification service ended without an answer")
    return BusError(f"the notification service refuses: {plain(refused.name, 80)}")
