"""pyVoIP as the other phone of the demo, in a process of its own: `python -m ctibridge.demo.softphone`.

Comes in on standard input: one `Roster`, then `Order`s, one JSON object a line; the end of input ends the phones, also
when the demo was killed. Goes out: SIP and RTP, UDP over IPv4. pyVoIP is a phone that nobody here wrote; what stands
below is what 1.6.8 needs around it to ring in parallel with others; each part says which fault it cures.
"""

import contextlib
import os
import socket
import sys
import threading
import time
import uuid

import msgspec
import pyVoIP.VoIP  # before pyVoIP.SIP, which it imports in a circle
from pyVoIP.SIP import SIPClient, SIPMessage, SIPMessageType
from pyVoIP.VoIP import CallState, VoIPCall, VoIPPhone

from ctibridge.demo.orders import Order, Roster

HOST = "127.0.0.1"
EXPIRES = 3600
"""Seconds: while pyVoIP registers again, it takes an INVITE for the registrar's answer. A demo is over before that."""
RINGS_FOR = 1.0
"""Seconds that pyVoIP lets pass between the INVITE and its callback."""
SIGN_OFF = 1.0
SETTLE = 0.05
"""Seconds for what the PBX still has to say about the last call."""


class Client(SIPClient):  # type: ignore[misc] # pyVoIP has no types
    """pyVoIP's SIP side, mended."""

    def gen_call_id(self) -> str:
        # Its own are the same in every process, and a new one for each refresh.
        return f"{self.urnUUID}@{HOST}"

    def gen_ringing(self, request: SIPMessage) -> str:
        return _with_lines(super().gen_ringing(request), _routes(request, "Record-Route"))

    def gen_answer(self, request: SIPMessage, *more: object) -> str:
        # Without Record-Route in the 200 the caller's ACK and BYE go past the proxy.
        return _with_lines(super().gen_answer(request, *more), _routes(request, "Record-Route"))

    def gen_bye(self, request: SIPMessage) -> str:
        # Its own carries the caller's Via, so that the answer would go to the caller.
        via = f"Via: SIP/2.0/UDP {self.myIP}:{self.myPort};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
        bye: str = super().gen_bye(request).replace(self._gen_response_via_header(request), via)
        return _with_lines(bye, _routes(request, "Route"))

    def gen_terminated(self, request: SIPMessage) -> str:
        busy: str = self.gen_busy(request).replace("486 Busy Here", "487 Request Terminated")
        head, _, tail = busy.partition("\r\nTo: ")
        return (
            f"{head}\r\nTo: {request.headers['To']['raw']};tag={self.tagLibrary[request.headers['Call-ID']]}\r\n"
            + (tail.partition("\r\n")[2])
        )

    def deregister(self) -> bool:
        # Its own takes whatever lies in the socket for the registrar's answer: the ACK of a refusal, say.
        time.sleep(SETTLE)
        with self.recvLock, contextlib.suppress(BlockingIOError):
            self.s.setblocking(False)
            while True:
                self.s.recv(65535)
        return bool(super().deregister())

    def parse_message(self, message: SIPMessage) -> None:
        if message.type != SIPMessageType.MESSAGE:
            return  # it would acknowledge the 200 of a BYE
        if message.method == "OPTIONS":
            self.out.sendto(self.gen_ok(message).encode(), (self.server, self.port))
        else:
            super().parse_message(message)


class Phone(VoIPPhone):  # type: ignore[misc]
    """A line of the demo. pbx: where it signs on."""

    def __init__(self, line: str, password: str, pbx: tuple[str, int]) -> None:
        port = _free_port()
        super().__init__(*pbx, line, password, myIP=HOST, callCallback=self._rang, sipPort=port)
        self.sip = Client(
            *pbx, line, password, phone=self, myIP=HOST, myPort=port, callCallback=self.callback, fatalCallback=_no_more
        )
        self.sip.default_expires = EXPIRES
        self._orders: dict[str, Order] = {}

    def expect(self, order: Order) -> None:
        self._orders[order.call_id] = order

    def callback(self, request: SIPMessage) -> None:
        if request.type == SIPMessageType.MESSAGE and request.method == "CANCEL":
            self._cancelled(request.headers["Call-ID"])
        else:
            super().callback(request)

    def request_port(self, blocking: bool = True) -> int:
        return _free_port()

    def release_ports(self, call: VoIPCall | None = None) -> None:
        """Its own takes a lock, deletes calls, and is called again by their `__del__`: it waits for itself."""

    def _cancelled(self, call_id: str) -> None:
        """Without a 487 the caller waits for 32 s, and a later `answer()` makes a call with nobody."""
        call = self.calls.pop(call_id, None)
        if call is not None and call.state == CallState.RINGING:
            call.state = CallState.ENDED
            self.sip.out.sendto(self.sip.gen_terminated(call.request).encode(), (self.server, self.port))

    def _rang(self, call: VoIPCall) -> None:
        """In a thread of its own."""
        order = self._orders.get(call.call_id)
        if order is None:
            return
        time.sleep(max(0.0, order.after - RINGS_FOR))
        if call.state != CallState.RINGING:
            return
        call.answer()
        if order.talk is not None:
            time.sleep(order.talk)
            if call.state == CallState.ANSWERED:
                call.hangup()


def _routes(request: SIPMessage, name: str) -> list[str]:
    """The Record-Route lines as they came: pyVoIP keeps only the first of a name."""
    head = request.raw.decode("utf-8", "replace").partition("\r\n\r\n")[0]
    values = [line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("record-route:")]
    return [f"{name}: {value}" for value in values]


def _with_lines(message: str, lines: list[str]) -> str:
    start, _, rest = message.partition("\r\n")
    return "\r\n".join([start, *lines, rest])


def _free_port() -> int:
    """Other programs may run on this machine; pyVoIP would take ports without asking."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _no_more() -> None:
    os._exit(1)


def main() -> None:
    """Ends the process itself: pyVoIP's threads would keep it alive."""
    pyVoIP.SIPCompatibleMethods.append("OPTIONS")
    roster = msgspec.json.decode(sys.stdin.readline(), type=Roster)
    phones = [Phone(one.line, one.password, (roster.pbx_host, roster.pbx_port)) for one in roster.handsets]
    for phone in phones:
        phone.start()
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        for phone in phones:
            if phone.username == order.line:
                phone.expect(order)
    leaving = [threading.Thread(target=phone.stop, daemon=True) for phone in phones]
    for thread in leaving:
        thread.start()
    give_up = time.monotonic() + SIGN_OFF
    for thread in leaving:
        thread.join(max(0.0, give_up - time.monotonic()))
    os._exit(0)


if __name__ == "__main__":
    main()
