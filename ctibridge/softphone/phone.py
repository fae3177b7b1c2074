"""A phone by pyVoIP 1.6.8: what it needs around it to ring in parallel with others, at any PBX that speaks UDP.

It is a phone that nobody here wrote, under GPLv3: run (`python -m ctibridge.softphone`), never imported by anything
else. Each part says which fault it cures. Goes out: SIP and RTP, UDP over IPv4.
"""

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Callable

import pyVoIP.VoIP  # before pyVoIP.SIP, which it imports in a circle
from pyVoIP.SIP import SIPClient, SIPMessage, SIPMessageType
from pyVoIP.VoIP import CallState, VoIPCall, VoIPPhone

from ctibridge.softphone.orders import ANY, Handset, Order, PickedUp, Roster

RINGS_FOR = 1.0
"""Seconds that pyVoIP lets pass between the INVITE and its callback."""
SETTLE = 0.05
"""Seconds for what the PBX still has to say about the last call."""

pyVoIP.SIPCompatibleMethods.append("OPTIONS")
# A wrong password is shown once: its own three times without a pause are an attack to fail2ban.
pyVoIP.REGISTER_FAILURE_THRESHOLD = 1


class Client(SIPClient):  # type: ignore[misc] # pyVoIP has no types
    """pyVoIP's SIP side, mended. domain: of the address-of-record; account: digest name."""

    domain: str
    account: str
    username: str

    def gen_call_id(self) -> str:
        # Its own are the same in every process, and a new one for each refresh.
        return f"{self.urnUUID}@{self.myIP}"

    def gen_first_response(self, deregister: bool = False) -> str:
        return self._of_domain(super().gen_first_response(deregister))

    def gen_register(self, request: SIPMessage, deregister: bool = False) -> str:
        mine, its = (f'Digest username="{name}"' for name in (self.username, self.account))
        return self._of_domain(super().gen_register(request, deregister)).replace(mine, its, 1)

    def gen_authorization(self, request: SIPMessage) -> bytes:
        # Its own knows one name for line and digest.
        line: str = self.username
        self.username = self.account
        try:
            return bytes(super().gen_authorization(request))
        finally:
            self.username = line

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

    def _of_domain(self, register: str) -> str:
        """Its own registers at the PBX's address, which a PBX of several domains takes for a stranger's."""
        mine, its = (f"<sip:{self.username}@{host}>" for host in (self.server, self.domain))
        return _with_start(register.replace(mine, its), f"REGISTER sip:{self.domain} SIP/2.0")

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
    """One line of the roster. say: told of what an order wants to know."""

    def __init__(self, handset: Handset, roster: Roster, say: Callable[[PickedUp], None]) -> None:
        pbx = roster.pbx_host, roster.pbx_port
        host = _towards(pbx)
        port = _free_port(host)
        line, password = handset.line, handset.password
        super().__init__(*pbx, line, password, myIP=host, callCallback=self._rang, sipPort=port)
        self.sip = Client(
            *pbx, line, password, phone=self, myIP=host, myPort=port, callCallback=self.callback, fatalCallback=_no_more
        )
        self.sip.default_expires = roster.expires
        self.sip.domain = roster.domain or roster.pbx_host
        self.sip.account = handset.username or line
        self._orders: dict[str, Order] = {}
        self._say = say

    def expect(self, order: Order) -> None:
        self._orders[order.call_id] = order

    def callback(self, request: SIPMessage) -> None:
        if request.type == SIPMessageType.MESSAGE and request.method == "CANCEL":
            self._cancelled(request.headers["Call-ID"])
        else:
            super().callback(request)

    def request_port(self, blocking: bool = True) -> int:
        return _free_port(self.myIP)

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
        order = self._orders.get(call.call_id) or self._orders.get(ANY)
        if order is None:
            return
        time.sleep(max(0.0, order.after - RINGS_FOR))
        if call.state != CallState.RINGING:
            return
        call.answer()
        if order.tell:
            self._say(PickedUp(order.line))
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


def _with_start(message: str, start: str) -> str:
    return "\r\n".join([start, message.partition("\r\n")[2]])


def _towards(pbx: tuple[str, int]) -> str:
    """Our address on the way there; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(pbx)
        return str(probe.getsockname()[0])


def _free_port(host: str) -> int:
    """Other programs may run on this machine; pyVoIP would take ports without asking."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _no_more() -> None:
    os._exit(1)
