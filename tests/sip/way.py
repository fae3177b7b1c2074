"""An uplink with one asker, driven by hand on virtual time."""

from ctibridge.sip import message
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.transaction import reply
from ctibridge.sip.uplink import Uplink
from tests.sip.scripts import HERE, counted


class Line:
    """Asks once at each turn, and keeps what it hears."""

    def __init__(self, uplink: Uplink) -> None:
        self.heard: list[str] = []
        self._uplink = uplink
        self._cseq = 0
        uplink.join(self)

    def turn(self, line: str, now: float) -> None:
        self._cseq += 1
        lines = (("from", "<sip:a@x>;tag=a"), ("to", "<sip:a@x>"), ("call-id", "c"), ("cseq", f"{self._cseq} REGISTER"))
        self.heard.append(f"turn {line}")
        self._uplink.ask(self, line, Request("REGISTER", "sip:x", Headers(lines)), now)

    def answered(self, line: str, cseq: int, response: Response, now: float) -> None:
        self.heard.append(f"{response.status} {line}")
        self._uplink.accepted(self, line)

    def silent(self, line: str, cseq: int, now: float) -> None:
        self.heard.append(f"silent {line}")
        self._uplink.failed(self, line, now, password=False)

    def moved(self, now: float) -> None:
        self.heard.append("moved")

    def down(self, why: str, now: float) -> None:
        self.heard.append(why)

    def up(self, now: float) -> None:
        self.heard.append("up")


class Way:
    """An uplink that starts at second 0, and its line; `to` says where each message went."""

    def __init__(self, *hops: Hop) -> None:
        self.uplink = Uplink(HERE, counted(), ("sip:6001@pbx", "sip:pbx"))
        self.line = Line(self.uplink)
        self.uplink.reach(hops)
        self.uplink.start(0.0)
        self.now = 0.0

    def sent(self) -> list[Datagram]:
        self.uplink.pump(self.now)
        return self.uplink.drain()

    def ask(self, line: str = "a") -> Datagram:
        self.uplink.wait(self.line, line)
        (sent,) = self.sent()
        return sent

    def answer(self, sent: Datagram, status: int = 200, seen: tuple[str, int] = HERE) -> None:
        request = message.parse(sent.data)
        assert isinstance(request, Request)
        self.uplink.receive(reply(request, status, datagram(*seen), "pbx"), self.now)

    def run(self, until: float) -> list[Datagram]:
        sent: list[Datagram] = self.sent()
        while (deadline := self.uplink.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.uplink.wake(self.now)
            sent += self.sent()
        self.now = until
        return sent

    def heard(self) -> list[str]:
        said, self.line.heard = self.line.heard, []
        return said


def methods(sent: list[Datagram]) -> list[str]:
    return [each.data.split(b" ")[0].decode() for each in sent]
