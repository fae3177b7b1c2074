"""What the tests of the calling side share: counted tokens, a call, and the answers of a peer."""

from itertools import count

from ctibridge.sip import message
from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import datagram
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import HeaderList, Request, Response
from ctibridge.sip.outgoing import Outgoing, Say
from ctibridge.sip.sdp import offer
from ctibridge.sip.transaction import reply

HERE = ("192.0.2.1", 5066)
PEER = datagram("192.0.2.9", 5060)
CHALLENGE = ("www-authenticate", 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"')


def counted(prefix: str = "t") -> Fresh:
    """Tokens t1, t2, …"""
    numbers = count(1)
    return Fresh(lambda: f"{prefix}{next(numbers)}", lambda: 0.0)


def outgoing(credentials: Credentials | None = None, headers: HeaderList = ()) -> Outgoing:
    return Outgoing(
        uri="sip:6001@192.0.2.9", caller="<sip:test@192.0.2.1>", called="<sip:6001@192.0.2.9>",
        contact="sip:test@192.0.2.1:5066", call_id="call-1", from_tag="from-1", headers=headers,
        body=offer("192.0.2.1", 4000, 1), credentials=credentials,
    )  # fmt: skip


def dialled(credentials: Credentials | None = None, headers: HeaderList = ()) -> tuple[InviteClient, Request]:
    """A call whose INVITE went out at second 0, and that INVITE."""
    client = InviteClient(outgoing(credentials, headers), HERE, PEER, counted())
    (invite,) = requests(client.start(0.0))
    return client, invite


def requests(said: list[Say]) -> list[Request]:
    """The requests among what was said; everything sent must be one."""
    parsed = [message.parse(word.data) for word in said if isinstance(word, Datagram)]
    return [each for each in parsed if isinstance(each, Request)]


def methods(said: list[Say]) -> list[str]:
    return [request.method for request in requests(said)]


def facts(said: list[Say]) -> list[Say]:
    return [word for word in said if not isinstance(word, Datagram)]


def answers(request: Request, status: int, tag: str = "peer", extra: HeaderList = (), body: bytes = b"") -> Response:
    """As the peer says it; from 180 on with its Contact."""
    contact = (("contact", "<sip:6001@192.0.2.50:5070>"),) if status >= 180 else ()
    response = reply(request, status, datagram(*HERE), tag, (*contact, *extra))
    return Response(response.status, response.reason, response.headers, body)
