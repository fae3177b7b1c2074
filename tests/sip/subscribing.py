"""What the tests of a subscription share: a line that asks, and what a PBX says to it."""

from ctibridge.sip.digest import Credentials
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.subscriber import Failed, Say, Send, Subscriber
from ctibridge.sip.subscription import Subscription
from tests.sip.documents import AOR, element, notify, xml
from tests.sip.scripts import counted

WHO = Subscriber("6001", AOR, "sip:cti@pbx", "sip:token@192.0.2.1:5066", Credentials("cti", "secret"), 300)
RINGING = xml(element("1", "early"))


def new() -> Subscription:
    return Subscription(WHO, counted())


def active(now: float = 0.0) -> Subscription:
    """Subscribed for 300 s, with one document."""
    line = new()
    line.start(now)
    line.receive(ok(), now)
    assert line.notify(notify(1, body=xml()), now)[0] == 200
    return line


def sent(said: list[Say]) -> Request:
    (only,) = said
    assert isinstance(only, Send)
    return only.request


def failed(said: list[Say]) -> Failed:
    first = said[0]
    assert isinstance(first, Failed)
    return first


def answer(status: int, *lines: tuple[str, str]) -> Response:
    return Response(status, "", Headers(lines))


def ok(expires: int | None = 300) -> Response:
    lines = [("from", "<sip:cti@pbx>;tag=t4"), ("to", f"<{AOR}>;tag=p1"), ("call-id", "t3")]
    return answer(200, *lines, *([("expires", str(expires))] if expires is not None else []))


def challenge(nonce: str, status: int = 401, more: str = ', qop="auth"') -> Response:
    name = "www-authenticate" if status == 401 else "proxy-authenticate"
    return answer(status, (name, f'Digest realm="pbx", nonce="{nonce}"{more}'))


def kinds(said: list[Say]) -> list[type]:
    return [type(word) for word in said]
