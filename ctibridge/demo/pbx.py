"""The demo's PBX: a registrar, and callers who ring all devices of some lines at once. A machine for one UDP socket.

In: datagrams, `dial`, time. Out: datagrams, `Taken`, `Over`. It is made for loopback: everybody who reaches the socket
is let in as far as his password goes.
"""

from collections.abc import Mapping

from ctibridge.demo.group_call import GroupCall, Over, Taken
from ctibridge.demo.incoming import Incoming
from ctibridge.demo.registrar import Binding, Registrar
from ctibridge.sip import message, sdp, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import HeaderList, Request, Response
from ctibridge.sip.outgoing import Outgoing
from ctibridge.sip.via import Address

REALM = "ctibridge demo"

Fact = Taken | Over


class Pbx:
    """passwords: by line. local: our address. audio: where audio would be taken."""

    def __init__(self, passwords: Mapping[str, str], local: Address, audio: Address, fresh: Fresh) -> None:
        self._registrar = Registrar(REALM, passwords, fresh)
        self._local = local
        self._audio = audio
        self._fresh = fresh
        self._calls: list[GroupCall] = []
        self._out: list[Datagram | Fact] = []

    @property
    def deadline(self) -> float | None:
        times = (call.deadline for call in self._calls)
        return min((time for time in times if time is not None), default=None)

    @property
    def quiet(self) -> bool:
        """Nobody rings and nobody talks."""
        return all(call.ended for call in self._calls)

    def drain(self) -> list[Datagram | Fact]:
        out, self._out = self._out, []
        return out

    def devices(self, line: str, now: float) -> int:
        """How many devices are signed on there."""
        return len(self._registrar.contacts(line, now))

    def dial(self, incoming: Incoming, now: float) -> None:
        """Somebody calls. Without a device on any of the lines the call is over at once."""
        contacts = [contact for line in incoming.lines for contact in self._registrar.contacts(line, now)]
        tag = self._fresh.token()
        call = GroupCall(incoming, tuple(self._branch(incoming, tag, contact) for contact in contacts))
        self._calls.append(call)
        self._out += call.start(now)

    def hang_up(self, now: float) -> None:
        """All callers put the phone down."""
        for call in self._calls:
            self._out += call.hang_up(now)

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """One datagram. Whatever is in it, nothing is raised."""
        try:
            parsed = message.parse(data)
            if isinstance(parsed, Response):
                for call in self._calls:
                    self._out += call.receive(parsed, now)
            else:
                self._request(parsed, source, now)
        except RemoteFault:
            return  # the demo's own devices say what can be read; whoever else is here gets no answer

    def wake(self, now: float) -> None:
        for call in self._calls:
            self._out += call.wake(now)
        self._calls = [call for call in self._calls if not call.over]

    def _branch(self, incoming: Incoming, tag: str, contact: Binding) -> InviteClient:
        host, port = self._local
        outgoing = Outgoing(
            uri=contact.uri,
            caller=incoming.caller(host),
            called=f"<sip:{incoming.called}@{host}>",
            contact=f"sip:pbx@{host}:{port}",
            call_id=incoming.call_id,
            from_tag=tag,
            headers=incoming.headers(host),
            body=sdp.offer(*self._audio, session=1),
        )
        return InviteClient(outgoing, self._local, contact.hop, self._fresh)

    def _request(self, request: Request, source: Hop, now: float) -> None:
        headers = transaction.read(request)
        for call in self._calls:
            said = call.request(request, source, now)
            if said is not None:
                self._out += said
                return
        match request.method:
            case "REGISTER":
                self._reply(request, source, *self._registrar.register(request, source, now))
            case "OPTIONS":
                self._reply(request, source, 200)
            case "ACK":
                return
            case _:
                # The phones of the demo are rung and ring nobody.
                self._reply(request, source, 405 if headers.to_tag is None else 481)

    def _reply(self, request: Request, source: Hop, status: int, extra: HeaderList = ()) -> None:
        response = transaction.reply(request, status, source, self._fresh.token(), extra)
        self._out.append(Datagram(bytes(response), transaction.reply_hop(request, source)))
