"""A phone on our own core: registers on a line, rings, and answers the calls that it is told to answer.

In: datagrams, time, `expect`. Out: datagrams and `LineChanged`. It is the second device beside the daemon on lines
whose owner never picks up in the story, and the one who answers where pyVoIP is absent.
"""

from ctibridge.demo.phone_call import PhoneCall, State
from ctibridge.sip import dialog, message, sdp, transaction
from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, LineChanged
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.lines import Lines
from ctibridge.sip.message import Request, Response
from ctibridge.sip.registration import Account, Registration
from ctibridge.sip.transaction import TransactionHeaders
from ctibridge.sip.uplink import Uplink
from ctibridge.sip.via import Address
from ctibridge.softphone.orders import Order

EXPIRES = 600
"""Seconds asked for; the demo's PBX grants what one asks."""

_ALLOW = (("allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"),)


class OwnPhone:
    """line: user part and digest name. audio: where audio would be taken; nobody ever sends any."""

    def __init__(
        self, line: str, password: str, local: Address, pbx: Address, audio: Address, fresh: Fresh
    ) -> None:  # fmt: skip
        self._contact = f"sip:{line}@{local[0]}:{local[1]}"
        account = Account(
            line, f"sip:{line}@{pbx[0]}", f"sip:{pbx[0]}", self._contact, Credentials(line, password), EXPIRES
        )
        self._uplink = Uplink(local, fresh, None)
        self._uplink.reach((datagram(*pbx),))
        registrations = {line: Registration(account, fresh)}
        self._lines = Lines("phone", registrations, self._uplink, lambda _: self._contact, leave_alone=False)
        self._local = local
        self._audio = audio
        self._fresh = fresh
        self._calls: list[PhoneCall] = []
        self._orders: dict[str, Order] = {}
        self._hand: dict[PhoneCall, float] = {}
        """When a hand moves: picks up a call that rings, puts down one that talks."""
        self._out: list[Datagram | LineChanged] = []

    @property
    def deadline(self) -> float | None:
        times = [
            self._uplink.deadline,
            self._lines.deadline,
            *(call.deadline for call in self._calls),
            *self._hand.values(),
        ]
        return min((time for time in times if time is not None), default=None)

    @property
    def in_flight(self) -> int:
        """Requests to the registrar without a final response."""
        return self._uplink.in_flight

    def drain(self) -> list[Datagram | LineChanged]:
        out, self._out = [*self._out, *self._lines.drain(), *self._uplink.drain()], []
        return out

    def start(self, now: float) -> None:
        self._lines.start()
        self._uplink.start(now)

    def stop(self, now: float) -> None:
        """Signs off, and hangs up what it talks to."""
        for call in self._calls:
            self._out += call.hang_up(now)
        self._hand.clear()
        asked = self._uplink.stop()
        self._lines.stop({line for _, line in asked})
        self._uplink.pump(now)

    def expect(self, order: Order) -> None:
        """Answer that call when it rings."""
        self._orders[order.call_id] = order

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        try:
            parsed = message.parse(data)
            if isinstance(parsed, Response):
                self._response(parsed, now)
            else:
                self._request(parsed, transaction.read(parsed), source, now)
        except RemoteFault:
            return

    def wake(self, now: float) -> None:
        self._uplink.wake(now)
        self._lines.wake(now)
        self._uplink.pump(now)
        for call in list(self._calls):
            if self._hand.get(call, now + 1) <= now:
                self._move_hand(call, now)
            self._out += call.wake(now)
        self._calls = [call for call in self._calls if not call.over]

    def _response(self, response: Response, now: float) -> None:
        self._uplink.receive(response, now)
        self._uplink.pump(now)
        for call in self._calls:
            call.receive(response)

    def _request(self, request: Request, headers: TransactionHeaders, source: Hop, now: float) -> None:
        match request.method:
            case "INVITE" if headers.to_tag is None:
                self._invite(request, headers, source, now)
            case "CANCEL":
                call = self._by_key(headers)
                self._out += call.cancel(request, source, now) if call else self._reply(request, 481, source)
            case "ACK":
                for call in self._calls:
                    if call.key == headers.key or call.dialog.id == dialog.named_by(request):
                        self._out += call.ack(now)
            case "BYE":
                talking = self._by_dialog(request)
                self._out += talking.bye(request, source) if talking else self._reply(request, 481, source)
            case "OPTIONS":
                self._out += self._reply(request, 200, source)
            case _:
                self._out += self._reply(request, 405, source)

    def _invite(self, request: Request, headers: TransactionHeaders, source: Hop, now: float) -> None:
        again = self._by_key(headers)
        if again is not None:
            self._out += again.invite()
            return
        call = PhoneCall(request, headers, source, self._contact, self._local, self._fresh)
        self._calls.append(call)
        self._out += call.ring(now)
        if call.call_id in self._orders:
            self._hand[call] = now + self._orders[call.call_id].after

    def _move_hand(self, call: PhoneCall, now: float) -> None:
        del self._hand[call]
        order = self._orders[call.call_id]
        if call.state is State.RINGING:
            body = sdp.answer(call.offer, *self._audio, session=1)
            self._out += call.answer(body or b"", now)
            if order.talk is not None:
                self._hand[call] = now + order.talk
        else:
            self._out += call.hang_up(now)

    def _by_key(self, headers: TransactionHeaders) -> PhoneCall | None:
        return next((call for call in self._calls if call.key == headers.key), None)

    def _by_dialog(self, request: Request) -> PhoneCall | None:
        named = dialog.named_by(request)
        return next((call for call in self._calls if call.dialog.id == named), None)

    def _reply(self, request: Request, status: int, source: Hop) -> list[Datagram]:
        response = transaction.reply(request, status, source, self._fresh.token(), _ALLOW)
        return [Datagram(bytes(response), transaction.reply_hop(request, source))]
