"""The other phones: on every line of the demo one device beside the daemon, or it would leave (*never harm a line*).

pyVoIP plays those who answer; where it is absent, or does not sign on in time, phones on our own core do. Those who
only ring are always our own.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from ctibridge.demo.own_phone import OwnPhone
from ctibridge.sip.adapters.udp import UdpDriver, bind, fresh
from ctibridge.sip.events import LineChanged
from ctibridge.sip.via import Address
from ctibridge.softphone import process
from ctibridge.softphone.orders import Handset, Order, Roster
from ctibridge.softphone.process import Softphone

SIGN_ON = 10.0
"""Seconds within which a phone has to be at the PBX."""
SIGN_OFF = 1.5


class NoPhone(Exception):
    """A phone of the demo cannot sign on at the demo's own PBX."""


class Phones:
    """`async with`: signed on inside, signed off behind. signed_on: does the PBX list a device of that line?

    answering: handsets of those who pick up; ringing: of all others. audio: where our own phones would take audio.
    """

    def __init__(
        self,
        pbx: Address,
        audio: Address,
        answering: Iterable[Handset],
        ringing: Iterable[Handset],
        signed_on: Callable[[str], bool],
    ) -> None:
        self._pbx = pbx
        self._audio = audio
        self._answering = tuple(answering)
        self._ringing = tuple(ringing)
        self._signed_on = signed_on
        self._softphone: Softphone | None = None
        self._own: dict[str, tuple[OwnPhone, UdpDriver[LineChanged]]] = {}

    @property
    def kind(self) -> str:
        """Who answers."""
        return "our own" if self._softphone is None else "pyVoIP"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    def expect(self, order: Order) -> None:
        """Tell this before the call rings."""
        if order.line in self._own:
            self._own[order.line][0].expect(order)
        elif self._softphone is not None:
            self._softphone.expect(order)

    async def _start(self) -> None:
        for handset in self._ringing:
            await self._start_own(handset)
        if not process.is_here() or not await self._start_softphone():
            for handset in self._answering:
                await self._start_own(handset)
        if not await self._all_signed_on((*self._answering, *self._ringing)):
            raise NoPhone("a phone of the demo does not reach the demo's PBX; is UDP on 127.0.0.1 blocked?")

    async def _start_softphone(self) -> bool:
        self._softphone = await Softphone.start(Roster(*self._pbx, self._answering))
        if await self._all_signed_on(self._answering):
            return True
        await self._stop_softphone()
        return False

    async def _start_own(self, handset: Handset) -> None:
        sock = bind(("127.0.0.1", 0))
        local = ("127.0.0.1", sock.getsockname()[1])
        phone = OwnPhone(handset.line, handset.password, local, self._pbx, self._audio, fresh())
        driver = await UdpDriver.open(sock, phone, _ignore)
        self._own[handset.line] = phone, driver
        phone.start(time.monotonic())
        driver.pump()

    async def _all_signed_on(self, handsets: tuple[Handset, ...]) -> bool:
        def there() -> bool:
            return all(self._signed_on(handset.line) for handset in handsets)

        def hopeless() -> bool:
            return self._softphone is not None and self._softphone.ended

        await _until(lambda: there() or hopeless(), SIGN_ON)
        return there()

    async def _stop(self) -> None:
        for phone, driver in self._own.values():
            phone.stop(time.monotonic())
            driver.pump()
        await self._stop_softphone()
        await _until(lambda: not any(phone.in_flight for phone, _ in self._own.values()), SIGN_OFF)
        for _, driver in self._own.values():
            driver.close()
        self._own.clear()

    async def _stop_softphone(self) -> None:
        softphone, self._softphone = self._softphone, None
        if softphone is not None:
            await softphone.stop()


def _ignore(_: LineChanged) -> None:
    """Whether a phone is signed on, the PBX says."""


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    """At most so long: what is waited for happens in other processes, which tell nobody."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():
            return
        await asyncio.sleep(0.02)
